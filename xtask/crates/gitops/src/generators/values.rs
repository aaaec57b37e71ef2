//! `values` of a generator, filled in with its own parameters.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Run;
use crate::params::{Param, Set};
use crate::replace::Fault;

/// The `values` of a generator.
pub fn read(spec: &Map<String, Value>) -> Result<BTreeMap<&str, &str>, Fault> {
    let map = match spec.get("values") {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(map)) => map,
        Some(_) => return Err("values must be a map of strings".into()),
    };
    let string = |(key, value): (&'_ String, &'_ Value)| match value {
        Value::String(_) | Value::Null => Ok(()),
        _ => Err(Fault::Error(format!("values.{key} must be a string"))),
    };
    map.iter().try_for_each(string)?;
    Ok(map.iter().map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default())).collect())
}

/// Adds `values` to a set. They do not see each other, so that no value can grow without end.
pub fn append(run: &Run, values: &BTreeMap<&str, &str>, set: Set) -> Result<Set, Fault> {
    if values.is_empty() {
        return Ok(set);
    }
    let params = run.params(set);
    let renderer = run.renderer(&params);
    let mut rendered = BTreeMap::new();
    for (key, value) in values {
        let words = || "failed to replace templated string: failed to replace templated string with rendered values".to_string();
        rendered.insert(key.to_string(), renderer.replace(value, run.missing).map_err(|e| e.within(words))?);
    }
    drop(renderer);
    let mut set = params.into_set();
    if run.go {
        set.insert("values".to_string(), Param::StringMap(rendered));
    } else {
        set.extend(rendered.into_iter().map(|(key, value)| (format!("values.{key}"), Param::from(value))));
    }
    Ok(set)
}
