//! Parameter sets merged as the library mergo does it.

use crate::params::{Param, Set};
use crate::replace::Fault;

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
