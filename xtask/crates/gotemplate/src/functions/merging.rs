//! Merging of maps as dario.cat/mergo does it, without options or with `WithOverride`.

use crate::collections::{Element, Map};
use crate::function::Failure;
use crate::text::Text;
use crate::value::{Kind, MAX_DEPTH, Value};

/// Why a merge ended early.
pub(super) enum Stop {
    /// An error, which `merge` swallows and `mustMerge` returns.
    #[expect(dead_code, reason = "maps of any values cannot fail; pointers and structs could")]
    Error(String),
    Panic(Failure),
}

/// Merges `source` into `target`: its maps are changed in place, a nil one is made.
///
/// Without `overwrite` only what is missing or empty is taken. With it also "" and 0 of the source win.
pub(super) fn merge(target: &mut Map, source: &Map, overwrite: bool) -> Result<(), Stop> {
    if target.is_nil() && !source.is_nil() {
        *target = Map::new(target.element(), []);
    }
    within(target, source, overwrite, MAX_DEPTH)
}

fn within(target: &Map, source: &Map, overwrite: bool, depth: usize) -> Result<(), Stop> {
    let below = depth
        .checked_sub(1)
        .ok_or_else(|| Stop::Panic(Failure::Unverifiable(format!("a merge of maps nested more than {MAX_DEPTH} deep"))))?;
    for (key, value) in source.entries() {
        let old = target.get(key.as_bytes());
        if value.is_nil() {
            if overwrite {
                insert(target, key, value, source)?;
            }
            continue;
        }
        let is_list = matches!(value, Value::Slice(_));
        if let (Value::Map(source), Some(Value::Map(target))) = (&value, &old)
            && !target.is_nil()
        {
            within(target, source, overwrite, below)?;
        }
        if is_list && old.as_ref().is_some_and(|old| !is_empty(old)) {
            // A list takes the place of anything.
            if overwrite {
                insert(target, key, value, source)?;
            }
            continue;
        }
        if let (Value::Map(_), Some(Value::Map(old))) = (&value, &old)
            && !old.is_empty()
        {
            continue;
        }
        if overwrite || old.as_ref().is_none_or(is_empty) {
            insert(target, key, value, source)?;
        }
    }
    Ok(())
}

fn insert(target: &Map, key: Text, value: Value, source: &Map) -> Result<(), Stop> {
    if target.element() == Element::String && source.element() != Element::String {
        let is = if value.kind() == Kind::Slice { value.type_name() } else { "interface {}" };
        let text = format!("reflect.Value.SetMapIndex: value of type {is} is not assignable to type string");
        return Err(Stop::Panic(Failure::Error(text)));
    }
    if !target.insert(key, value) {
        return Err(Stop::Panic(Failure::error("assignment to entry in nil map")));
    }
    Ok(())
}

/// mergo's `isEmptyValue`: a struct never is.
fn is_empty(value: &Value) -> bool {
    value.kind() != Kind::Struct && !value.is_true()
}
