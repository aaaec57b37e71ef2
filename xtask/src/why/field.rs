//! Which value a field comes from: found by comparing, so it is said how sure it is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gitops::affected::{Reads, normal};
use gitops::model::Object;
use serde_json::Value;

use crate::context::Context;
use crate::error::Result;
use crate::promote::shown;
use crate::render::Target;
use crate::repo::yaml;

/// A value in a file of values.
struct Found {
    key: Vec<String>,
    value: Value,
    place: String,
}

/// Lines about a field of an object.
pub fn explain(cx: &Context, target: &Target, object: &Object, field: &[String]) -> Result<Vec<String>> {
    let Some(value) = reach(&object.value, field) else {
        let (last, above) = field.split_last().map_or(("", &[][..]), |(last, above)| (last.as_str(), above));
        let known: Vec<String> =
            reach(&object.value, above).and_then(Value::as_object).map(|map| map.keys().cloned().collect()).unwrap_or_default();
        let near = crate::repo::nearest(last, known.iter().map(String::as_str)).map(|near| format!("; did you mean `{near}`?"));
        return Ok(vec![format!("  field           {}: it has no such field{}", named(field), near.unwrap_or_default())]);
    };
    let mut lines = vec![format!("  field           {} = {}", named(field), short(value))];
    if !target.is_chart() {
        lines.push(format!("  value           written in {}", object.source));
        return Ok(lines);
    }
    let layers = layers(cx, target);
    let read = keys_read(cx, target, &object.source);
    let name = field.iter().rev().find(|step| !step.bytes().all(|b| b.is_ascii_digit())).map_or("", String::as_str);
    let mut candidates: Vec<(u8, &Found)> =
        layers.iter().filter_map(|found| rank(found, value, name, &read).map(|rank| (rank, found))).collect();
    // A later layer wins over an earlier one that has the same key.
    candidates.retain(|(_, found)| layers.iter().rev().find(|other| other.key == found.key).is_some_and(|last| last.place == found.place));
    candidates.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.key.cmp(&b.1.key)));
    let best = candidates.first().map_or(0, |(rank, _)| *rank);
    let first: Vec<&Found> = candidates.iter().filter(|(rank, _)| *rank == best).map(|(_, found)| *found).collect();
    match first.as_slice() {
        [] if !parts(&layers, value, &read).is_empty() => {
            lines.push("  value           likely made of".to_string());
            lines.extend(
                parts(&layers, value, &read)
                    .iter()
                    .map(|found| format!("                    {} = {}  {}", shown(&found.key), short(&found.value), found.place)),
            );
        }
        [] => {
            lines.push("  value           unknown: no value of the files equals it; the template or Argo CD's settings make it".to_string())
        }
        [one] if best >= 3 => lines.extend(told("likely", one, &layers)),
        some => {
            lines.push(format!("  value           unknown: {} equal it, as", crate::ui::count(candidates.len(), "value")));
            lines.extend(some.iter().take(5).map(|found| format!("                    {} in {}", shown(&found.key), found.place)));
        }
    }
    Ok(lines)
}

/// The texts that templates read and that a longer text has in it; of one key the last.
fn parts<'a>(layers: &'a [Found], value: &Value, read: &Keys) -> Vec<&'a Found> {
    const SHORTEST: usize = 3;
    let Some(whole) = value.as_str() else { return Vec::new() };
    let is_part = |found: &&Found| {
        let part = text(&found.value).filter(|part| part.len() >= SHORTEST && found.value.is_string());
        part.is_some_and(|part| whole.contains(&part)) && is_read(&read.all, &found.key)
    };
    let wins = |found: &&Found| layers.iter().rev().find(|other| other.key == found.key).is_some_and(|last| last.place == found.place);
    layers.iter().filter(is_part).filter(wins).collect()
}

/// Does a template name the key, or a map that it is in?
fn is_read(keys: &BTreeSet<String>, key: &[String]) -> bool {
    (1..=key.len()).any(|n| key.get(..n).is_some_and(|above| keys.contains(&above.join("."))))
}

/// The winning value, and those it wins over.
fn told(how: &str, found: &Found, layers: &[Found]) -> Vec<String> {
    let mut lines = vec![format!("  value           {how} {} = {}  {}", shown(&found.key), short(&found.value), found.place)];
    let others = layers.iter().rev().filter(|other| other.key == found.key && other.place != found.place);
    lines.extend(others.map(|other| format!("                    wins over {}  {}", short(&other.value), other.place)));
    lines
}

/// 1: equal. 2: and the key is read by a template. 3: and it is called like the field. 4: both and the template is the object's own.
fn rank(found: &Found, value: &Value, name: &str, read: &Keys) -> Option<u8> {
    let same = found.value == *value || text(&found.value).is_some_and(|own| Some(own) == text(value) && value.as_str() != Some(""));
    if !same {
        return None;
    }
    let last = found.key.last().map_or("", String::as_str);
    let alike =
        last.eq_ignore_ascii_case(name) || name.len() > 3 && last.to_lowercase().starts_with(name.to_lowercase().trim_end_matches('s'));
    Some(match (is_read(&read.own, &found.key), is_read(&read.all, &found.key), alike) {
        (true, _, true) => 4,
        (_, true, true) => 3,
        (_, true, false) | (true, ..) => 2,
        _ => 1,
    })
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Keys that templates name after `.Values.`: those of the object's own template, and those of all.
struct Keys {
    own: BTreeSet<String>,
    all: BTreeSet<String>,
}

fn keys_read(cx: &Context, target: &Target, source: &str) -> Keys {
    let mut keys = Keys { own: BTreeSet::new(), all: BTreeSet::new() };
    let source = cx.repo.root().join(source);
    for chart in super::charts(cx, target) {
        let folder = cx.repo.root().join(chart).join("templates");
        for file in crate::repo::files::below(&folder, Path::new("")) {
            let file = folder.join(file);
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            let found: BTreeSet<String> = text.split(".Values.").skip(1).map(key_of).filter(|key| !key.is_empty()).collect();
            if file == source {
                keys.own.extend(found.iter().cloned());
            }
            keys.all.extend(found);
        }
    }
    keys
}

fn key_of(rest: &str) -> String {
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !['.', '_'].contains(&c)).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default().trim_end_matches('.').to_string()
}

/// Every value of the layers that Helm merges, weakest first: library charts, the chart, the files in their order.
fn layers(cx: &Context, target: &Target) -> Vec<Found> {
    let reads = Reads::of(cx.repo.root(), &target.application.value);
    let mut files: Vec<PathBuf> = super::charts(cx, target).iter().rev().map(|chart| chart.join("values.yaml")).collect();
    for source in target.application.sources() {
        let named = source.pointer("/helm/valueFiles").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for name in named {
            let file = match (name.strip_prefix('$'), name.strip_prefix('/')) {
                (Some(of_source), _) => normal(of_source.split_once('/').map_or("", |(_, path)| path)),
                (None, Some(of_root)) => normal(of_root),
                (None, None) => normal(target.path().join(name)),
            };
            files.retain(|known| *known != file);
            files.push(file);
        }
    }
    files.retain(|file| reads.has(&file.display().to_string()));
    files.iter().flat_map(|file| values(cx, file)).collect()
}

fn values(cx: &Context, file: &Path) -> Vec<Found> {
    let Ok(text) = std::fs::read_to_string(cx.repo.root().join(file)) else { return Vec::new() };
    let Ok(value) = yaml::parse::<Value>(&text) else { return Vec::new() };
    let places = documents::positions(&text);
    let all = places.all(0).into_iter().filter(|(pointer, _)| !pointer.is_empty());
    let one = |(pointer, place): (&str, documents::Position)| {
        let value = value.pointer(pointer)?.clone();
        let key = pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
        let line = place.key.unwrap_or(place.value).line;
        Some(Found { key, value, place: format!("{}:{line}", file.display()) })
    };
    all.filter_map(one).collect()
}

fn reach<'a>(value: &'a Value, steps: &[String]) -> Option<&'a Value> {
    steps.iter().try_fold(value, |value, step| match value {
        Value::Array(list) => match step.parse::<usize>() {
            Ok(index) => list.get(index),
            Err(_) => list.iter().find(|item| item.get("name").and_then(Value::as_str) == Some(step)),
        },
        value => value.get(step),
    })
}

fn short(value: &Value) -> String {
    const WIDTH: usize = 80;
    let text = value.to_string();
    if text.chars().count() <= WIDTH { text } else { text.chars().take(WIDTH).collect::<String>() + "…" }
}

/// Steps as they are typed.
fn named(field: &[String]) -> String {
    let mut text = String::new();
    for step in field {
        if step.bytes().all(|b| b.is_ascii_digit()) || step.contains(['.', '/']) {
            text.push_str(&format!("[{step}]"));
        } else {
            text.push_str(if text.is_empty() { "" } else { "." });
            text.push_str(step);
        }
    }
    text
}
