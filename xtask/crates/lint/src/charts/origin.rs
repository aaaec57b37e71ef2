//! Where a field of a rendered object comes from: the line of the template that prints it, and the value behind that line.
//!
//! Found by structure first, by comparing second. What stays unclear is not said: a wrong place costs more than none.

use std::collections::HashMap;
use std::path::Path as FilePath;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::chart::Place;
use super::facts::child;
use super::outline::{Entry, Key, Templates, documents};
use super::paths::{Path, Step};
use super::reads::How;
use super::subject::Subject;
use super::values::{Deployment, Layer, pointer};

/// Templates that are looked into for what a line prints.
const MAX_DEPTH: usize = 6;
/// A text is not looked for in a longer one if it is shorter than this.
const SHORTEST: usize = 3;

/// The line of a template that prints a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    pub place: Place,
    /// By its number in [`Family::templates`](super::Family::templates).
    pub file: usize,
    /// The line prints the field itself, or the block that it is in; otherwise it is the nearest line that could be found.
    pub exact: bool,
    /// Keys of the field below what the line prints: of a block.
    pub below: Vec<String>,
}

/// The value behind a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supplied {
    pub place: Place,
    /// In the values of the chart.
    pub keys: Vec<String>,
    /// The value is the field's; otherwise it is a part of it.
    pub whole: bool,
}

/// Looks for the origins of fields of one subject's objects. What templates print is worked out once for each file.
pub struct Origins<'s> {
    subject: &'s Subject<'s>,
    templates: Templates<'s>,
    /// By file and line: what is read there.
    reads: HashMap<(usize, usize), Vec<(usize, Path)>>,
    outlines: Mutex<HashMap<usize, Arc<Vec<Vec<Entry>>>>>,
}

impl<'s> Origins<'s> {
    pub fn new(subject: &'s Subject<'s>) -> Self {
        let templates = Templates::new(&subject.family, &subject.reads);
        let mut reads: HashMap<(usize, usize), Vec<(usize, Path)>> = HashMap::new();
        let used = |how: How| !matches!(how, How::Tested | How::Ranged | How::Keys | How::Message | How::Compared);
        for read in subject.reads.reads.iter().filter(|read| used(read.how)) {
            let line = subject.family.templates.get(read.file).map_or(0, |(_, template)| template.line_of(read.pos));
            if !subject.reads.paths.steps(read.path).contains(&Step::Deep) {
                reads.entry((read.file, line)).or_default().push((read.pos, read.path));
            }
        }
        Origins { subject, templates, reads, outlines: Mutex::default() }
    }

    fn documents(&self, file: usize) -> Arc<Vec<Vec<Entry>>> {
        // A poisoned lock only means that another thread has stopped: what is in there is whole.
        let mut known = self.outlines.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.entry(file).or_insert_with(|| Arc::new(documents(&self.templates, file))).clone()
    }

    /// The line of the template at `path` that prints the field at `field`, a JSON pointer, of `object`.
    ///
    /// Falls back to the line of the nearest field around it, then to the template's first line; `None` if the chart has no such file.
    pub fn printed(&self, path: &FilePath, object: &Value, field: &str) -> Option<Printed> {
        let file = self.subject.family.templates.iter().position(|(_, template)| template.path == path)?;
        let steps = super::values::keys(field);
        let first = Printed { place: Place { path: path.to_path_buf(), line: 1, column: None }, file, exact: false, below: Vec::new() };
        let documents = self.documents(file);
        let mut ranked: Vec<(i64, &Vec<Entry>)> = documents.iter().filter_map(|entries| Some((score(entries, object)?, entries))).collect();
        ranked.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        let best = ranked.first().map(|(score, _)| *score);
        let mut found: Option<Printed> = None;
        for (_, entries) in ranked.into_iter().filter(|(score, _)| Some(*score) == best) {
            let Some(one) = descend(self.subject, entries, object, &steps) else { continue };
            match &found {
                // Two documents of the template may be it.
                Some(other) if other.place != one.place => return Some(first),
                _ => found = Some(one),
            }
        }
        found.or(Some(first))
    }

    /// The value that a line prints, with the layer that supplies it: of several candidates only one may be it.
    ///
    /// `field` is the field's value, or the part of it that is spoken of: the tag of an image. `deployment` is the number of the
    /// deployment among the subject's; `None` for the chart's defaults alone.
    pub fn supplied(&self, deployment: Option<usize>, printed: &Printed, field: &Value) -> Option<Supplied> {
        if !printed.exact {
            return None;
        }
        let mut paths = Vec::new();
        self.read_in(printed.file, printed.place.line, None, 0, &mut paths);
        supplied(self.subject, deployment, printed, field, &paths)
    }

    /// Paths that are read in a line, or in the part of it that is a template's, and in the templates that it calls.
    fn read_in(&self, file: usize, line: usize, within: Option<(usize, usize)>, depth: usize, found: &mut Vec<Path>) {
        for (pos, path) in self.reads.get(&(file, line)).into_iter().flatten() {
            if within.is_none_or(|(from, to)| (from..to).contains(pos)) && !found.contains(path) {
                found.push(*path);
            }
        }
        for name in self.templates.called(file, line) {
            let Some((other, tree)) = self.templates.define(name).filter(|_| depth < MAX_DEPTH) else { continue };
            let Some((_, template)) = self.subject.family.templates.get(other) else { continue };
            for inner in template.line_of(tree.span.0)..=template.line_of(tree.span.1) {
                self.read_in(other, inner, Some(tree.span), depth + 1, found);
            }
        }
    }
}

/// How well entries fit an object; `None` if its kind or name is another one.
fn score(entries: &[Entry], object: &Value) -> Option<i64> {
    let mut around = 0;
    for (name, steps) in [("kind", &["kind"][..]), ("apiVersion", &["apiVersion"]), ("name", &["metadata", "name"])] {
        let of = steps.iter().try_fold((entries, None), |(entries, _), step| {
            let found = entries.iter().find(|entry| entry.key == Key::Name(step.to_string()))?;
            Some((found.children.as_slice(), Some(found)))
        });
        let literal = of.and_then(|(_, entry)| entry).and_then(Entry::literal);
        let own = steps.iter().try_fold(object, |value, step| value.get(step)).and_then(Value::as_str);
        if literal.is_some() && literal != own {
            return None;
        }
        if let Some((entry, own)) = of.and_then(|(_, entry)| entry).zip(own) {
            around += affixes(&entry.value, own)?;
        }
        // Without a kind it is no object, unless it comes as a whole from somewhere.
        if name == "kind" && of.is_none() && !entries.iter().any(|entry| entry.key == Key::Block) {
            return None;
        }
    }
    Some(agreement(entries, object, 0) + around)
}

/// How much of a text stands around the actions that print the rest; `None` if it is another text.
fn affixes(written: &str, text: &str) -> Option<i64> {
    let Some((before, rest)) = written.split_once("{{") else { return Some(0) };
    let after = rest.rsplit_once("}}").map_or("", |(_, after)| after);
    let rest = text.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    rest.map(|_| (before.len() + after.len()) as i64)
}

fn agreement(entries: &[Entry], value: &Value, depth: usize) -> i64 {
    if depth > 24 {
        return 0;
    }
    let mut score = 0;
    for entry in entries {
        if let Key::Name(name) = &entry.key {
            match value.get(name) {
                None => score -= 1,
                Some(own) => {
                    score += 1;
                    if let (Some(literal), false) = (entry.literal(), own.is_object() || own.is_array()) {
                        score += if literal == text(own) { 1 } else { -3 };
                    }
                    score += agreement(&entry.children, own, depth + 1);
                }
            }
        }
    }
    score
}

fn descend(subject: &Subject<'_>, entries: &[Entry], object: &Value, steps: &[String]) -> Option<Printed> {
    let (mut entries, mut value) = (entries, object);
    let mut last: Option<&Entry> = None;
    for (at, step) in steps.iter().enumerate() {
        let below = child(value, step);
        let Some(found) = choose(entries, step, value, below) else {
            let block = entries.iter().find(|entry| entry.key == Key::Block);
            let below = steps.get(at..).unwrap_or_default().to_vec();
            return match (block, last) {
                (Some(block), _) => Some(at_line(subject, block, true, below)),
                // A value that an action prints in the line of its key.
                (None, Some(last)) => Some(at_line(subject, last, last.value.contains("{{") || last.value.starts_with(['[', '{']), below)),
                (None, None) => None,
            };
        };
        last = Some(found);
        entries = &found.children;
        value = below.unwrap_or(&Value::Null);
    }
    last.map(|entry| at_line(subject, entry, true, Vec::new()))
}

fn at_line(subject: &Subject<'_>, entry: &Entry, exact: bool, below: Vec<String>) -> Printed {
    let path = subject.family.templates.get(entry.file).map(|(_, template)| template.path.clone()).unwrap_or_default();
    let line = subject.family.templates.get(entry.file).map_or("", |(_, template)| template.line(entry.line));
    let column = line.chars().take_while(|c| [' ', '-'].contains(c)).count() + 1;
    Printed { place: Place { path, line: entry.line, column: Some(column) }, file: entry.file, exact, below }
}

/// The entry of a step: by name; of an item, the one that fits best.
fn choose<'e>(entries: &'e [Entry], step: &str, list: &Value, value: Option<&Value>) -> Option<&'e Entry> {
    if list.is_array() {
        let items: Vec<&Entry> = entries.iter().filter(|entry| entry.key == Key::Item).collect();
        let value = value.unwrap_or(&Value::Null);
        let fit = |item: &Entry| {
            let literal = item.children.is_empty().then(|| item.literal()).flatten();
            literal.map_or_else(|| agreement(&item.children, value, 0), |literal| if literal == text(value) { 5 } else { -5 })
        };
        let best = items.iter().map(|item| fit(item)).max()?;
        let mut fitting = items.iter().filter(|item| fit(item) == best);
        let same = step.parse::<usize>().ok().and_then(|at| items.get(at)).filter(|item| fit(item) == best);
        return same.or_else(|| fitting.next()).copied();
    }
    let named = || entries.iter().filter(|entry| entry.key == Key::Name(step.to_string()));
    // Branches may each have it.
    let fits = |entry: &&Entry| entry.literal().is_none_or(|literal| value.is_none_or(|value| literal == text(value)));
    named().find(fits).or_else(|| named().next()).or_else(|| entries.iter().find(|entry| entry.key == Key::Made))
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

fn supplied(subject: &Subject<'_>, at: Option<usize>, printed: &Printed, field: &Value, paths: &[Path]) -> Option<Supplied> {
    let values = at.map_or(Some(&subject.defaults), |at| subject.effective.get(at))?;
    let deployment = at.and_then(|at| subject.deployments.get(at));
    let mut whole: Vec<Vec<String>> = Vec::new();
    let mut parts: Vec<Vec<String>> = Vec::new();
    let shown = text(field);
    for path in paths {
        for mut keys in subject.reads.matching(*path, values) {
            keys.extend(printed.below.iter().cloned());
            let Some(value) = keys.iter().try_fold(values, |value, key| child(value, key)) else { continue };
            let own = text(value);
            let list = if value == field || !value.is_null() && own == shown && !shown.is_empty() {
                &mut whole
            } else if !own.is_empty() && !value.is_object() && !value.is_array() && shown.contains(&own) {
                &mut parts
            } else {
                continue;
            };
            if !list.contains(&keys) {
                list.push(keys);
            }
        }
    }
    let is_whole = !whole.is_empty();
    // Of several parts none is it, whatever their length.
    let long = |keys: &Vec<String>| keys.iter().try_fold(values, |value, key| child(value, key)).is_some_and(|v| text(v).len() >= SHORTEST);
    let candidates = if is_whole {
        whole
    } else if parts.iter().all(long) {
        parts
    } else {
        Vec::new()
    };
    let candidates: Vec<(usize, Place, Vec<String>)> = candidates
        .into_iter()
        .filter_map(|keys| {
            let (rank, place) = layer_of(subject, deployment, &keys)?;
            Some((rank, place, keys))
        })
        .collect();
    // Where a library's default and the chart's own value are merged, `lib.image.tag` and `image.tag`, the stronger layer is it.
    // Of keys that have nothing to do with one another, nobody knows.
    let longest = candidates.iter().map(|(_, _, keys)| keys).max_by_key(|keys| keys.len())?;
    if !candidates.iter().all(|(_, _, keys)| longest.ends_with(keys)) {
        return None;
    }
    let strongest = candidates.iter().map(|(rank, ..)| *rank).min()?;
    let mut first = candidates.into_iter().filter(|(rank, ..)| *rank == strongest);
    let (_, place, keys) = first.next()?;
    first.next().is_none().then_some(Supplied { place, keys, whole: is_whole })
}

/// The strongest layer that has these keys: 0 is the last layer of the deployment.
fn layer_of(subject: &Subject<'_>, deployment: Option<&Deployment>, keys: &[String]) -> Option<(usize, Place)> {
    let layers: Vec<&Layer> = deployment.map(|deployment| deployment.layers.iter().rev().collect()).unwrap_or_default();
    let has =
        |value: &Value, keys: &[String]| keys.iter().try_fold(value, |value, key| child(value, key)).map(Value::is_null) == Some(false);
    for (rank, layer) in layers.iter().enumerate() {
        if has(&layer.value, keys) {
            let positions = layer.positions();
            return Some((rank, layer.place(positions, &pointer(keys))));
        }
    }
    for (at, member) in subject.family.members.iter().enumerate() {
        let Some((own, values)) = keys.strip_prefix(member.keys.as_slice()).zip(member.chart.values.as_ref()) else { continue };
        if !own.is_empty() && has(&values.value, own) {
            let mark = values.positions().nearest(0, &pointer(own)).map(|position| position.key.unwrap_or(position.value));
            let place = Place { path: values.path.clone(), line: mark.map_or(1, |mark| mark.line), column: mark.map(|mark| mark.column) };
            return Some((layers.len() + at.min(1), place));
        }
    }
    None
}
