//! The merge generator: the sets of the first child, changed by those of the others that agree in the merge keys.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Level, Run, child, list_of, mergo};
use crate::params::{Param, Set};
use crate::replace::Fault;

pub fn generate(run: &Run, spec: &Map<String, Value>, level: Level) -> Result<Vec<Set>, Fault> {
    let entries = list_of(spec, "generators")?;
    if entries.len() < 2 {
        return Err("found less than two generators, Merge requires two or more".into());
    }
    let mut children = Vec::new();
    for (i, entry) in entries.iter().enumerate() {
        let words =
            || format!("error getting param sets from generators: error getting params from generator {} of {}", i + 1, entries.len());
        children.push(child(run, entry, level, None).map_err(|e| e.within(words))?);
    }
    let keys = list_of(spec, "mergeKeys")?.iter().map(|key| key.as_str().ok_or_else(|| Fault::from("mergeKeys must be strings")));
    let keys = keys.collect::<Result<BTreeSet<&str>, Fault>>()?;
    let mut children = children.into_iter().map(|sets| by_key(&keys, sets));
    let mut bases = children.next().unwrap_or_else(|| Ok(BTreeMap::new()))?;
    for overrides in children {
        let overrides = overrides?;
        for (key, base) in &mut bases {
            match overrides.get(key) {
                Some(set) if run.go => mergo::override_with(base, set)?,
                Some(set) => base.extend(set.iter().map(|(key, value)| (key.clone(), value.clone()))),
                None => {}
            }
        }
    }
    Ok(bases.into_values().collect())
}

/// Sets by the JSON of their merge keys; a key that is missing is null.
fn by_key(keys: &BTreeSet<&str>, sets: Vec<Set>) -> Result<BTreeMap<String, Set>, Fault> {
    let words = |what: String| Fault::Error(format!("error getting param sets by merge key: {what}"));
    if keys.is_empty() {
        return Err(words("no merge keys were specified, Merge requires at least one".to_string()));
    }
    let mut found = BTreeMap::new();
    for set in sets {
        let values = keys.iter().map(|key| (key.to_string(), set.get(*key).map_or(Value::Null, Param::to_json)));
        let key = json(&Value::Object(values.collect()));
        if found.contains_key(&key) {
            return Err(words(format!(
                "the parameters from a generator were not unique by the given mergeKeys, Merge requires all param sets to be unique. \
                 Duplicate key was {key}"
            )));
        }
        found.insert(key, set);
    }
    Ok(found)
}

/// JSON as Go writes it: every number is a float, without a fraction if it has none, and what HTML minds is escaped.
fn json(value: &Value) -> String {
    let text = floats(value).to_string();
    let escapes = [('<', "\\u003c"), ('>', "\\u003e"), ('&', "\\u0026"), ('\u{2028}', "\\u2028"), ('\u{2029}', "\\u2029")];
    escapes.into_iter().fold(text, |text, (c, escaped)| if text.contains(c) { text.replace(c, escaped) } else { text })
}

fn floats(value: &Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(n) if n.fract() == 0.0 && n.abs() < 9e15 => Value::from(n as i64),
            Some(n) => Value::from(n),
            None => value.clone(),
        },
        Value::Array(list) => list.iter().map(floats).collect(),
        Value::Object(map) => Value::Object(map.iter().map(|(key, value)| (key.clone(), floats(value))).collect()),
        other => other.clone(),
    }
}
