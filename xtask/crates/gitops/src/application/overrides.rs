//! A generator's own template over that of its ApplicationSet, as mergo merges them: what is empty in the first is taken from the second.

use serde_json::{Map, Value};

use super::decode::is_empty;
use super::schema::{Kind, Struct};

/// Fills what is empty in `own` from `base`. Both have been read into `of`.
///
/// `false`, 0 and "" count as empty behind a pointer too, so `selfHeal: false` loses; lists are never mixed.
pub fn merge(of: &Struct, own: &mut Map<String, Value>, base: &Map<String, Value>) {
    for field in of.fields {
        let Some(theirs) = base.get(field.name) else { continue };
        match own.get_mut(field.name) {
            Some(ours) => value(&field.kind, ours, theirs),
            None => drop(own.insert(field.name.to_string(), theirs.clone())),
        }
    }
}

fn value(kind: &Kind, ours: &mut Value, theirs: &Value) {
    match (kind, ours, theirs) {
        (Kind::Pointer(to), ours, theirs) if !ours.is_null() && !theirs.is_null() => value(to, ours, theirs),
        (Kind::Nested(of), Value::Object(ours), Value::Object(theirs)) => merge(of, ours, theirs),
        (Kind::Map(..), Value::Object(ours), Value::Object(theirs)) => {
            for (key, theirs) in theirs {
                if ours.get(key).is_none_or(is_empty) {
                    ours.insert(key.clone(), theirs.clone());
                }
            }
        }
        // It is kept as the bytes it was written with, and those of `{}` are not empty.
        (Kind::Raw, ours, theirs) if ours.is_null() => *ours = theirs.clone(),
        (Kind::Raw, ..) => {}
        (_, ours, theirs) if is_empty(ours) && !is_empty(theirs) => *ours = theirs.clone(),
        _ => {}
    }
}
