//! Merges as the library mergo does them: of parameters, where the later wins, and of templates, where the first does.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::gitops::params::{Param, Set};
use crate::gitops::replace::Fault;

/// Lets `over` win over `base`: also with "", 0, false, null and an empty list; maps merge, an empty one changes no other map.
/// Errors: a map of anything over a map of strings, on which Argo CD panics.
pub fn override_with(base: &mut Set, over: &Set) -> Result<(), Fault> {
    for (key, value) in over {
        let is_map = matches!(value, Param::Map(_) | Param::StringMap(_));
        match base.get_mut(key) {
            Some(there) if is_map => {
                merge_maps(there, value)?;
                let both = matches!(there, Param::Map(_) | Param::StringMap(_));
                if !both || is_empty(there) {
                    *there = value.clone();
                }
            }
            Some(there) => *there = value.clone(),
            None => drop(base.insert(key.clone(), value.clone())),
        }
    }
    Ok(())
}

fn merge_maps(base: &mut Param, over: &Param) -> Result<(), Fault> {
    match (base, over) {
        (Param::Map(base), Param::Map(over)) => override_with(base, over),
        (Param::Map(base), Param::StringMap(over)) => {
            base.extend(over.iter().map(|(key, value)| (key.clone(), Param::from(value.as_str()))));
            Ok(())
        }
        (Param::StringMap(base), Param::StringMap(over)) => {
            base.extend(over.iter().map(|(key, value)| (key.clone(), value.clone())));
            Ok(())
        }
        (Param::StringMap(_), Param::Map(over)) if !over.is_empty() => {
            Err("panic: reflect.Value.SetMapIndex: value of type interface {} is not assignable to type string".into())
        }
        _ => Ok(()),
    }
}

fn is_empty(value: &Param) -> bool {
    match value {
        Param::Map(set) => set.is_empty(),
        Param::StringMap(map) => map.is_empty(),
        _ => false,
    }
}

/// The template of an ApplicationSet under the one of a generator: the generator's wins unless it is "", 0, false or empty,
/// lists are taken whole, maps and structs merge.
pub fn template<'a>(base: &'a Value, own: Option<&Value>) -> Cow<'a, Value> {
    match own {
        Some(Value::Object(own)) if !own.is_empty() => Cow::Owned(Value::Object(fill(own, base))),
        _ => Cow::Borrowed(base),
    }
}

/// Fields whose content is not Argo CD's business: taken whole.
const OPAQUE: &[&str] = &["valuesObject"];

fn fill(own: &Map<String, Value>, base: &Value) -> Map<String, Value> {
    let mut out = own.clone();
    for (key, base) in base.as_object().into_iter().flatten() {
        let opaque = OPAQUE.contains(&key.as_str());
        match out.get_mut(key) {
            Some(Value::Object(own)) if base.is_object() && !opaque => *own = fill(own, base),
            Some(own) if !is_zero(own) || is_zero(base) => {}
            _ => drop(out.insert(key.clone(), base.clone())),
        }
    }
    out
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(yes) => !yes,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        // A struct that is there, though with nothing in it.
        Value::Object(_) => false,
    }
}
