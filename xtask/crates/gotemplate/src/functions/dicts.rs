//! Functions on maps. `set`, `unset` and the merges change the map they are given.

use super::support::{Answer, any, bytes, fixed, map, not_a, rest, text, variadic};
use super::{cast, merging};
use crate::collections::{Element, Map};
use crate::function::Type::{Any, Map as Dict, String as Str};
use crate::function::{Failure, Function};
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    variadic("dict", &[], Any, dict),
    fixed("get", &[Dict, Str], |a| Ok(map(a, 0).get(bytes(a, 1)).unwrap_or_else(|| Value::from("")))),
    fixed("set", &[Dict, Str, Any], set),
    fixed("unset", &[Dict, Str], |a| {
        map(a, 0).remove(bytes(a, 1));
        Ok(Value::Map(map(a, 0)))
    }),
    fixed("hasKey", &[Dict, Str], |a| Ok(map(a, 0).contains(bytes(a, 1)).into())),
    variadic("pluck", &[Str], Dict, |a| Ok(Value::list((1..a.len()).filter_map(|at| map(a, at).get(bytes(a, 0))).collect()))),
    variadic("keys", &[], Dict, keys),
    fixed("values", &[Dict], values),
    variadic("pick", &[Dict], Str, |a| {
        let (from, wanted) = (map(a, 0), rest(a, 1));
        let found = wanted.iter().filter_map(Value::as_text).filter_map(|key| Some((key.clone(), from.get(key.as_bytes())?)));
        Ok(Value::Map(Map::new(Element::Any, found)))
    }),
    variadic("omit", &[Dict], Str, |a| {
        let left = map(a, 0).entries().into_iter().filter(|(key, _)| !rest(a, 1).iter().any(|omitted| omitted.as_text() == Some(key)));
        Ok(Value::Map(Map::new(Element::Any, left)))
    }),
    variadic("merge", &[Dict], Dict, |a| merge(a, false, true)),
    variadic("mustMerge", &[Dict], Dict, |a| merge(a, false, false)),
    variadic("mergeOverwrite", &[Dict], Dict, |a| merge(a, true, true)),
    variadic("mustMergeOverwrite", &[Dict], Dict, |a| merge(a, true, false)),
    fixed("deepCopy", &[Any], deep_copy),
    fixed("mustDeepCopy", &[Any], deep_copy),
    variadic("dig", &[], Any, dig),
];

fn dict(args: &[Value]) -> Answer {
    let out = Map::new(Element::Any, []);
    for pair in args.chunks(2) {
        out.insert(cast::to_text(any(pair, 0))?, pair.get(1).cloned().unwrap_or_else(|| Value::from("")));
    }
    Ok(Value::Map(out))
}

fn set(args: &[Value]) -> Answer {
    let map = map(args, 0);
    if !map.insert(text(args, 1), any(args, 2).clone()) {
        return Err(Failure::error("assignment to entry in nil map"));
    }
    Ok(Value::Map(map))
}

/// Go's order of keys is another one each time; what does not depend on it gets them sorted.
fn keys(args: &[Value]) -> Answer {
    Ok(Value::strings((0..args.len()).flat_map(|at| map(args, at).entries()).map(|(key, _)| key)))
}

fn values(args: &[Value]) -> Answer {
    Ok(Value::list(map(args, 0).entries().into_iter().map(|(_, value)| value).collect()))
}

fn merge(args: &[Value], overwrite: bool, quiet: bool) -> Answer {
    let mut target = map(args, 0);
    for at in 1..args.len() {
        match merging::merge(&mut target, &map(args, at), overwrite) {
            Ok(()) => {}
            Err(merging::Stop::Error(_)) if quiet => return Ok(Value::from("")),
            Err(merging::Stop::Error(text)) => return Err(Failure::Error(text)),
            Err(merging::Stop::Panic(failure)) => return Err(failure),
        }
    }
    Ok(Value::Map(target))
}

fn deep_copy(args: &[Value]) -> Answer {
    any(args, 0).deep_copy()
}

fn dig(args: &[Value]) -> Answer {
    if args.len() < 3 {
        return Err(Failure::error("dig needs at least three arguments"));
    }
    let mut step = any(args, args.len() - 1).clone();
    let default = any(args, args.len() - 2);
    if !is_dict(&step) {
        return Err(not_a(&step, "map[string]interface {}"));
    }
    let keys = args.get(..args.len() - 2).unwrap_or_default();
    if let Some(key) = keys.iter().find(|key| key.as_text().is_none()) {
        return Err(not_a(key, "string"));
    }
    for key in keys.iter().filter_map(Value::as_text) {
        let Value::Map(map) = &step else { return Err(not_a(&step, "map[string]interface {}")) };
        if map.element() != Element::Any {
            return Err(not_a(&step, "map[string]interface {}"));
        }
        let Some(next) = map.get(key.as_bytes()) else { return Ok(default.clone()) };
        step = next;
    }
    Ok(step)
}

fn is_dict(value: &Value) -> bool {
    matches!(value, Value::Map(map) if map.element() == Element::Any)
}
