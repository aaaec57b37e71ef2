//! A strategic merge patch, as Kubernetes' apimachinery merges it, with the merge keys of a Go type.
//!
//! Source: k8s.io/apimachinery 0.36 `util/strategicpatch`; the words of errors are its own.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::patch_list as list;
use super::schema::{Field, Kind};

pub const DIRECTIVE: &str = "$patch";
const RETAIN: &str = "$retainKeys";
const DELETE_FROM: &str = "$deleteFromPrimitiveList/";
const ORDER: &str = "$setElementOrder/";
const BAD_ORDER: &str = "invalid patch format of setElementOrder list";
const BAD_RETAIN: &str = "invalid patch format of retainKeys";

type Object = Map<String, Value>;

/// Returns `original` with `patch` merged into it; both are objects of the Go type `kind`.
pub fn merge(mut original: Object, mut patch: Object, kind: &Kind) -> Result<Object, String> {
    if let Some(directive) = patch.remove(DIRECTIVE) {
        return match directive.as_str() {
            Some("replace") => Ok(patch),
            Some("delete") => Ok(Object::new()),
            _ => Err(unknown(&directive, patch)),
        };
    }
    retain(&mut original, &mut patch)?;
    let orders: Vec<String> = patch.keys().filter(|key| key.starts_with(ORDER)).cloned().collect();
    for key in orders {
        order(&mut original, &mut patch, &key, kind)?;
    }
    for (key, value) in patch {
        // A key like `$deleteFromPrimitiveList` without a slash is refused by Kubernetes.
        let delete = key.starts_with(DELETE_FROM.trim_end_matches('/'));
        let name = match key.strip_prefix(DELETE_FROM) {
            Some(name) => name.to_string(),
            None if delete => return Err("invalid patch format of primitive list".to_string()),
            None => key,
        };
        member(&mut original, name, value, kind, delete)?;
    }
    Ok(original)
}

pub fn unknown(directive: &Value, mut patch: Object) -> String {
    patch.insert(DIRECTIVE.to_string(), directive.clone());
    // Go prints what is no string in its own way.
    let shown = match directive {
        Value::Bool(_) | Value::Number(_) => Cow::Owned(format!("%!s({}={directive})", go_type(directive))),
        Value::Null => Cow::Borrowed("%!s(<nil>)"),
        other => printed(other),
    };
    format!("unknown patch type: {shown} in map: {}", printed(&Value::Object(patch)))
}

fn member(original: &mut Object, key: String, mut value: Value, kind: &Kind, delete: bool) -> Result<(), String> {
    if value.is_null() {
        original.remove(&key);
        return Ok(());
    }
    let Some(old) = original.remove(&key) else {
        if !delete {
            drop_nulls(&mut value);
            original.extend(without_directives(value).map(|value| (key, value)));
        }
        return Ok(());
    };
    let merged = match (old, value) {
        (Value::Object(old), Value::Object(value)) => {
            let field = lookup(kind, &key)?;
            Some(Value::Object(if field.strategy == "replace" { value } else { merge(old, value, &field.kind)? }))
        }
        (Value::Array(old), Value::Array(value)) => {
            let field = lookup(kind, &key)?;
            let merges = field.strategy == "merge" || delete;
            Some(Value::Array(if merges { list::merge(old, value, item(field)?, field.key, delete)? } else { value }))
        }
        // Of another type than before: a list of what to delete cannot be meant.
        (old, value) if delete && !same_type(&old, &value) => Some(old),
        (_, value) => {
            let mut value = value;
            drop_nulls(&mut value);
            without_directives(value)
        }
    };
    original.extend(merged.map(|value| (key, value)));
    Ok(())
}

/// Go's `reflect.TypeOf` is the same.
pub fn same_type(a: &Value, b: &Value) -> bool {
    go_type(a) == go_type(b)
}

/// What Go's decoder makes of it: whole numbers are int64.
pub fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "%!s(<nil>)",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.is_i64() => "int64",
        Value::Number(_) => "float64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

/// `$retainKeys`: the keys of the original that may stay.
fn retain(original: &mut Object, patch: &mut Object) -> Result<(), String> {
    let Some(keys) = patch.remove(RETAIN) else { return Ok(()) };
    let keys = keys.as_array().ok_or(BAD_RETAIN)?;
    let has = |key: &str| keys.iter().any(|kept| kept == key);
    let directive = |key: &str| key.starts_with(ORDER.trim_end_matches('/')) || key.starts_with(DELETE_FROM.trim_end_matches('/'));
    if patch.iter().any(|(key, value)| !value.is_null() && !directive(key) && !has(key)) {
        return Err(BAD_RETAIN.to_string());
    }
    original.retain(|key, _| has(key));
    Ok(())
}

/// `$setElementOrder/name`: merges the list with that name and puts it in order.
fn order(original: &mut Object, patch: &mut Object, key: &str, kind: &Kind) -> Result<(), String> {
    let wanted = array(patch.remove(key))?.unwrap_or_default();
    let name = key.strip_prefix(ORDER).ok_or(BAD_ORDER)?;
    let old = array(original.get(name).cloned())?;
    let new = array(patch.get(name).cloned())?;
    let field = lookup(kind, name)?;
    let of = item(field)?;
    list::check_order(new.as_deref().unwrap_or_default(), &wanted, field.key)?;
    let merged = match (old.clone(), new.clone()) {
        (None, None) => return Ok(()),
        (Some(old), None) => old,
        (None, Some(new)) => new.into_iter().filter_map(without_directives).collect(),
        (Some(old), Some(new)) if field.strategy == "merge" => list::merge(old, new, of, field.key, false)?,
        (Some(_), Some(new)) => new,
    };
    let old = old.unwrap_or_default();
    list::one_type(old.iter().chain(new.iter().flatten()))?;
    original.insert(name.to_string(), Value::Array(list::arrange(merged, &wanted, &old, field.key)?));
    patch.remove(name);
    Ok(())
}

fn array(value: Option<Value>) -> Result<Option<Vec<Value>>, String> {
    match value {
        None => Ok(None),
        Some(Value::Array(list)) => Ok(Some(list)),
        Some(other) => Err(format!("expected a []interface {{}}, but received a {}", go_type(&other))),
    }
}

/// The field of a struct that a key of JSON means.
fn lookup(kind: &Kind, key: &str) -> Result<&'static Field, String> {
    let inner = if let Kind::Pointer(to) = kind { to } else { kind };
    let missing = |of: &str| format!("unable to find api field in struct {of} for the json field {key:?}");
    match inner {
        Kind::Nested(of) => of.field_of_any_case(key).ok_or_else(|| missing(of.short())),
        // Structs to Go, with no fields that JSON knows.
        Kind::Raw => Err(missing("RawExtension")),
        Kind::Time => Err(missing("Time")),
        other => Err(format!("merging an object in json but data type is not struct, instead is: {}", go_kind(other))),
    }
}

fn item(field: &Field) -> Result<&'static Kind, String> {
    match field.kind {
        Kind::List(item, _) | Kind::Pointer(&Kind::List(item, _)) => Ok(item),
        Kind::Pointer(to) => Ok(to),
        _ => Err("expected slice or array type, but got: struct".to_string()),
    }
}

pub fn go_kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::String => "string",
        Kind::Bool => "bool",
        Kind::Int(name) => name,
        Kind::Pointer(_) => "ptr",
        Kind::List(..) => "slice",
        Kind::Map(..) => "map",
        Kind::Time | Kind::Raw | Kind::IntOrString | Kind::Status | Kind::Nested(_) => "struct",
    }
}

/// A null in a patch deletes, so where there is nothing to delete it means nothing.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// The value without objects that have a directive; `None` if it is one.
fn without_directives(value: Value) -> Option<Value> {
    Some(match value {
        Value::Object(map) if map.contains_key(DIRECTIVE) => return None,
        Value::Object(map) => map.into_iter().filter_map(|(key, value)| Some((key, without_directives(value)?))).collect(),
        Value::Array(list) => list.into_iter().filter_map(without_directives).collect(),
        other => other,
    })
}

/// As Go's `%v` prints it.
pub fn printed(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(crate::params::Param::from(other.clone()).printed()),
    }
}
