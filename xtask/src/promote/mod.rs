//! Values of one environment brought to another: what differs, and the file with the chosen keys in it.

mod edit;
mod lines;

use serde_json::{Map, Value};

use crate::error::{Error, Result};

pub use lines::diff;

/// A key whose value differs between two files. A list is one value.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Names from the top.
    pub path: Vec<String>,
    pub from: Option<Value>,
    pub to: Option<Value>,
}

impl Difference {
    /// `resources.limits.cpu`; a name with a dot in it is in quotes.
    pub fn key(&self) -> String {
        shown(&self.path)
    }

    /// Is it what `key` names, or below it?
    pub fn is_in(&self, key: &str) -> bool {
        let own = self.key();
        own == key || own.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'))
    }
}

pub fn shown(path: &[String]) -> String {
    let names: Vec<String> = path.iter().map(|name| if name.contains('.') { format!("\"{name}\"") } else { name.clone() }).collect();
    names.join(".")
}

/// A file of values.
pub struct Values {
    /// From the root.
    pub file: String,
    pub text: String,
    pub value: Value,
}

impl Values {
    /// Errors: it is not valid, is no map, or holds secrets.
    pub fn new(file: String, text: String) -> Result<Self> {
        let mut documents = crate::repo::yaml::parse_all(&text).map_err(|e| e.context(format!("{file} is not valid")))?;
        let value = match documents.len() {
            0 => Value::Object(Map::new()),
            1 => documents.remove(0),
            n => return Err(Error::failed(format!("{file} has {n} documents, and values are one"))),
        };
        let Some(map) = value.as_object() else { return Err(Error::failed(format!("{file} is not a map of values"))) };
        if map.contains_key("sops") {
            return Err(Error::usage(format!("{file} is encrypted: secrets are not promoted, each environment has its own")));
        }
        Ok(Values { file, text, value })
    }
}

/// Returns the keys that differ, in the order of names.
pub fn differences(from: &Value, to: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(Some(from), Some(to), &mut Vec::new(), &mut found);
    found
}

fn compare(from: Option<&Value>, to: Option<&Value>, path: &mut Vec<String>, found: &mut Vec<Difference>) {
    let filled = |value: Option<&Value>| value.and_then(Value::as_object).is_some_and(|map| !map.is_empty());
    match (from, to) {
        (from, to) if from == to => {}
        (from, to) if path.is_empty() || filled(from) && (filled(to) || to.is_none()) || filled(to) && from.is_none() => {
            let maps = [from, to].map(|value| value.and_then(Value::as_object));
            let names: std::collections::BTreeSet<&String> = maps.iter().flatten().flat_map(|map| map.keys()).collect();
            for name in names {
                let [from, to] = maps.map(|map| map.and_then(|map| map.get(name)));
                path.push(name.clone());
                compare(from, to, path, found);
                path.pop();
            }
        }
        (from, to) => found.push(Difference { path: path.clone(), from: from.cloned(), to: to.cloned() }),
    }
}

/// Returns the text of `to` with the values that `from` has for `chosen`, everything else as it was.
/// Errors: it is written in a way that cannot be edited line by line; nothing is guessed.
pub fn promoted(from: &Values, to: &Values, chosen: &[&Difference]) -> Result<String> {
    let mut text = to.text.clone();
    let mut wanted = to.value.clone();
    let places = documents::positions(&from.text);
    let mut chosen = chosen.to_vec();
    // In the order of the other file, so that new keys come out in it.
    chosen.sort_by_key(|difference| places.get(0, &edit::pointer(&difference.path)).map(|place| place.key.unwrap_or(place.value)));
    for difference in chosen {
        let Some(value) = &difference.from else { continue };
        set(&mut wanted, &difference.path, value);
        text = edit::put(&from.text, &text, &difference.path, value).unwrap_or_default();
        let read = Values::new(to.file.clone(), text.clone()).ok().map(|values| values.value);
        if read.as_ref() != Some(&wanted) {
            let what = format!("`{}` of {} is written in a way that cannot be edited line by line", difference.key(), to.file);
            return Err(Error::failed(what).hint(format!("write it there by hand: {value}")));
        }
    }
    Ok(text)
}

fn set(target: &mut Value, path: &[String], value: &Value) {
    match path.split_first() {
        None => *target = value.clone(),
        Some((name, rest)) => {
            if !target.is_object() {
                *target = Value::Object(Map::new());
            }
            if let Some(map) = target.as_object_mut() {
                set(map.entry(name.clone()).or_insert(Value::Null), rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests;
