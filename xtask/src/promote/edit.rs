//! One key put into a text of values. Whoever calls reads the result back: what cannot be done here is found there.

use documents::{Mark, Position, Positions, positions};
use serde_json::Value;

/// Spaces of a level, where the text does not show its own.
const STEP: usize = 2;

/// A text with its lines and the places in them.
struct Text {
    lines: Vec<String>,
    places: Positions,
}

impl Text {
    fn new(text: &str) -> Self {
        Text { lines: text.lines().map(str::to_string).collect(), places: positions(text) }
    }

    fn at(&self, path: &[String]) -> Option<Position> {
        self.places.get(0, &pointer(path))
    }

    fn line(&self, number: usize) -> &str {
        number.checked_sub(1).and_then(|i| self.lines.get(i)).map_or("", String::as_str)
    }

    /// The last line of an entry whose key stands at `key`: what is deeper, and a list at the same depth.
    fn last(&self, key: Mark) -> usize {
        let indent = key.column.saturating_sub(1);
        let mut last = key.line;
        for number in key.line + 1..=self.lines.len() {
            let line = self.line(number);
            let words = line.trim_start();
            let deep = line.len() - words.len();
            let list = deep == indent && (words == "-" || words.starts_with("- "));
            if words.is_empty() || words.starts_with('#') && deep > indent {
                continue; // it belongs to the entry only if more of it follows
            }
            if deep <= indent && !list {
                break;
            }
            last = number;
        }
        last
    }

    /// The first of the comment lines right above a line.
    fn comment(&self, number: usize) -> usize {
        let mut first = number;
        while first > 1 && self.line(first - 1).trim_start().starts_with('#') {
            first -= 1;
        }
        first
    }

    fn written(&self, from: Mark, to: Mark) -> Option<String> {
        let line = self.line(from.line);
        (from.line == to.line).then(|| line.chars().skip(from.column - 1).take(to.column.saturating_sub(from.column)).collect())
    }

    /// Puts `new` in place of what stands between two columns of a line.
    fn replace(&mut self, from: Mark, to: Mark, new: &str) {
        if let Some(line) = from.line.checked_sub(1).and_then(|i| self.lines.get_mut(i)) {
            let start: String = line.chars().take(from.column - 1).collect();
            let end: String = line.chars().skip(to.column - 1).collect();
            *line = format!("{start}{new}{end}").trim_end().to_string();
        }
    }

    fn text(self) -> String {
        let mut text = self.lines.join("\n");
        text.push('\n');
        text
    }
}

pub fn pointer(path: &[String]) -> String {
    path.iter().map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))).collect()
}

/// Returns `to` with the entry that `from` has at `path`. `None`: the entry has no place of its own in one of them.
pub fn put(from: &str, to: &str, path: &[String], value: &Value) -> Option<String> {
    let (source, target) = (Text::new(from), Text::new(to));
    match target.at(path) {
        Some(there) => replace(&source, target, path, value, there),
        None => insert(&source, target, path, value),
    }
}

/// Is the value at `path` in braces or brackets of something around it?
fn in_braces(text: &Text, path: &[String]) -> bool {
    (0..path.len()).any(|n| path.get(..n).and_then(|above| text.at(above)).is_some_and(|place| place.inline))
}

fn replace(source: &Text, mut target: Text, path: &[String], value: &Value, there: Position) -> Option<String> {
    let here = source.at(path)?;
    let braces = in_braces(&target, path);
    let one_line = there.inline && there.value.line == there.end.line;
    let raw = source.written(here.value, here.end).filter(|raw| here.inline && !raw.is_empty());
    if one_line && (braces || raw.is_some()) {
        // In braces JSON is right whatever the value is.
        let new = raw.filter(|_| !braces).unwrap_or_else(|| value.to_string());
        target.replace(there.value, there.end, &new);
        return Some(target.text());
    }
    if braces {
        return None;
    }
    let (old, new) = (there.key?, here.key?);
    let mut lines = moved(source, new, new.line, old.column);
    let tail: String = if one_line { target.line(old.line).chars().skip(there.end.column - 1).collect() } else { String::new() };
    if let Some(first) = lines.first_mut().filter(|first| first.ends_with(':') && tail.trim_start().starts_with('#')) {
        first.push_str(&tail);
    }
    let last = target.last(old);
    target.lines.splice(old.line - 1..last, lines);
    Some(target.text())
}

/// The lines of an entry of `source` from line `first` on, moved so that its key begins at `column`.
fn moved(source: &Text, key: Mark, first: usize, column: usize) -> Vec<String> {
    let shift = |line: &str| {
        let words = line.trim_start();
        let indent = (line.len() - words.len() + column).saturating_sub(key.column);
        if words.is_empty() { String::new() } else { format!("{}{words}", " ".repeat(indent)) }
    };
    (first..=source.last(key)).map(|number| shift(source.line(number))).collect()
}

fn insert(source: &Text, mut target: Text, path: &[String], value: &Value) -> Option<String> {
    // The deepest map that is there already.
    let depth = (0..path.len()).rev().find(|n| path.get(..*n).is_some_and(|above| target.at(above).is_some())).unwrap_or(0);
    let above = path.get(..depth)?;
    let missing = path.get(depth..)?;
    let Some(map) = target.at(above) else {
        // Nothing but comments in the file.
        let lines = chain(source, path, value, depth, 1)?;
        target.lines.extend(lines);
        return Some(target.text());
    };
    if map.inline && map.value.line == map.end.line && map.value != map.end {
        let inside = target.written(map.value, map.end)?;
        if inside.starts_with('{') && (!inside.trim_matches(['{', '}', ' ']).is_empty() || in_braces(&target, above)) {
            let entry = missing.iter().enumerate().rev().fold(value.to_string(), |inner, (depth, name)| {
                let entry = format!("{}: {inner}", Value::from(name.as_str()));
                if depth == 0 { entry } else { format!("{{{entry}}}") }
            });
            let comma = if inside.trim_matches(['{', '}', ' ']).is_empty() { "" } else { ", " };
            let end = Mark { line: map.end.line, column: map.end.column - 1 };
            let start = target.written(map.value, end)?.trim_end().chars().count() + map.value.column;
            let place = Mark { line: end.line, column: start };
            target.replace(place, place, &format!("{comma}{entry}"));
            return Some(target.text());
        }
    }
    let key = map.key;
    if map.inline {
        // `{}`, or nothing at all.
        target.replace(map.value, map.end, "");
        let (line, column) = key.map_or((0, 1), |key| (key.line, key.column + STEP));
        let lines = chain(source, path, value, depth, column)?;
        target.lines.splice(line..line, lines);
        return Some(target.text());
    }
    let column = map.value.column;
    let mut lines = chain(source, path, value, depth, column)?;
    let name = missing.first()?;
    if let (None, Some(next)) = (beside(source, &target, above, name, true), beside(source, &target, above, name, false)) {
        // It is the first one: before the one that follows, with the same distance.
        let line = Some(target.comment(next.line)).filter(|first| *first > 1).unwrap_or(next.line) - 1;
        if line > 0 && target.line(line).trim().is_empty() {
            lines.push(String::new());
        }
        target.lines.splice(line..line, lines);
        return Some(target.text());
    }
    let behind = beside(source, &target, above, name, true).map(|key| target.last(key));
    let line = behind.unwrap_or_else(|| key.map_or_else(|| end(&target), |key| target.last(key)));
    let first = source.at(path.get(..=depth)?)?.key?.line;
    let apart = source.comment(first).checked_sub(1).is_some_and(|before| before > 0 && source.line(before).trim().is_empty());
    if apart && line > 0 && !target.line(line).trim().is_empty() {
        lines.insert(0, String::new());
    }
    target.lines.splice(line..line, lines);
    Some(target.text())
}

/// The last line that says something.
fn end(text: &Text) -> usize {
    (1..=text.lines.len()).rev().find(|number| !text.line(*number).trim().is_empty()).unwrap_or(0)
}

/// The key of `target` that is nearest to `name` before or behind it, by the order of `source`.
fn beside(source: &Text, target: &Text, above: &[String], name: &str, before: bool) -> Option<Mark> {
    let prefix = pointer(above);
    let own = pointer(&[name.to_string()]);
    let all = source.places.all(0);
    let below = |pointer| str::strip_prefix(pointer, prefix.as_str())?.strip_prefix('/').filter(|rest| !rest.contains('/'));
    let siblings: Vec<&str> = all.iter().filter_map(|(pointer, _)| below(*pointer)).collect();
    let at = siblings.iter().position(|sibling| own.strip_prefix('/') == Some(*sibling))?;
    let there = |sibling: &&str| target.places.get(0, &format!("{prefix}/{sibling}"))?.key;
    if before { siblings.iter().take(at).rev().find_map(there) } else { siblings.iter().skip(at + 1).find_map(there) }
}

/// The lines of `path` from `depth` on, with their comments: the maps that are missing, then the entry itself.
fn chain(source: &Text, path: &[String], value: &Value, depth: usize, column: usize) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    let mut column = column;
    for length in depth + 1..=path.len() {
        let place = source.at(path.get(..length)?)?;
        let key = place.key?;
        // What stands at the top of a file is about the file.
        let first = Some(source.comment(key.line)).filter(|first| *first > 1).unwrap_or(key.line);
        if length == path.len() {
            lines.extend(moved(source, key, first, column));
        } else {
            if place.inline {
                // In braces there: only what is chosen comes along, in braces too.
                let rest = path
                    .get(length..)?
                    .iter()
                    .rev()
                    .fold(value.clone(), |inner, name| Value::Object([(name.clone(), inner)].into_iter().collect()));
                let name: String = source.written(key, place.value)?.trim_end().to_string();
                lines.push(format!("{}{name} {rest}", " ".repeat(column - 1)));
                return Some(lines);
            }
            let shift = |number: usize| format!("{}{}", " ".repeat(column - 1), source.line(number).trim_start());
            lines.extend((first..=key.line).map(shift));
            column += place.value.column.saturating_sub(key.column).max(1);
        }
    }
    Some(lines)
}
