//! The comparisons. Source: text/template/funcs.go, also for their errors.

use crate::function::Failure;
use crate::print::with_verb;
use crate::slot::Slot;
use crate::value::{Kind, Value};

#[derive(Clone, Copy, PartialEq)]
enum Basic {
    Bool,
    Complex,
    Int,
    Float,
    String,
    Uint,
}

fn basic(value: &Value) -> Option<Basic> {
    match value {
        Value::Bool(_) => Some(Basic::Bool),
        Value::Complex128(..) => Some(Basic::Complex),
        Value::Float32(_) | Value::Float64(_) => Some(Basic::Float),
        Value::String(_) => Some(Basic::String),
        other if other.as_int().is_some() => Some(Basic::Int),
        other if other.as_uint().is_some() => Some(Basic::Uint),
        _ => None,
    }
}

/// `one == other` for any of the others.
pub fn equal(one: &Value, others: &[Slot]) -> Result<bool, Failure> {
    if others.is_empty() {
        return Err(Failure::error("missing argument for comparison"));
    }
    for other in others {
        if equal_to(one, &other.value)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal_to(one: &Value, other: &Value) -> Result<bool, Failure> {
    let kinds = (basic(one), basic(other));
    if kinds.0 != kinds.1 {
        return match (one.as_int(), one.as_uint(), other.as_int(), other.as_uint()) {
            (Some(one), _, _, Some(other)) => Ok(u64::try_from(one) == Ok(other)),
            (_, Some(one), Some(other), _) => Ok(u64::try_from(other) == Ok(one)),
            _ if one.is_nil() || other.is_nil() => Ok(false),
            _ => Err(incompatible(one, other)),
        };
    }
    Ok(match (one, other) {
        (Value::Bool(one), Value::Bool(other)) => one == other,
        (Value::Complex128(re, im), Value::Complex128(other_re, other_im)) => re == other_re && im == other_im,
        (Value::String(one), Value::String(other)) => one == other,
        _ if kinds.0 == Some(Basic::Float) => one.as_float() == other.as_float(),
        _ if kinds.0 == Some(Basic::Int) => one.as_int() == other.as_int(),
        _ if kinds.0 == Some(Basic::Uint) => one.as_uint() == other.as_uint(),
        _ => return equal_references(one, other),
    })
}

/// Nil, maps, slices and structs.
fn equal_references(one: &Value, other: &Value) -> Result<bool, Failure> {
    let (kind, other_kind) = (one.kind(), other.kind());
    if kind != other_kind && kind != Kind::Invalid && other_kind != Kind::Invalid {
        let (shown, other_shown) = (with_verb(one, 's')?, with_verb(other, 'v')?);
        let (types, other_types) = (one.type_name(), other.type_name());
        let text = format!("non-comparable types {}: {types}, {other_types}: {}", shown.lossy(), other_shown.lossy());
        return Err(Failure::Error(text));
    }
    if is_nil(one) || is_nil(other) {
        return Ok(is_nil(one) == is_nil(other));
    }
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => Ok(one.type_name() == other.type_name() && one.equal(&**other)),
        _ => Err(Failure::Error(format!("non-comparable type {}: {}", with_verb(other, 's')?.lossy(), other.type_name()))),
    }
}

fn is_nil(value: &Value) -> bool {
    match value {
        Value::Nil => true,
        Value::Map(map) => map.is_nil(),
        Value::Slice(slice) => slice.is_nil(),
        _ => false,
    }
}

/// `one < other`
pub fn less(one: &Value, other: &Value) -> Result<bool, Failure> {
    let invalid = || Failure::error("invalid type for comparison");
    let kind = basic(one).ok_or_else(invalid)?;
    let other_kind = basic(other).ok_or_else(invalid)?;
    match (one.as_int(), one.as_uint(), other.as_int(), other.as_uint()) {
        (Some(one), _, Some(other), _) => Ok(one < other),
        (_, Some(one), _, Some(other)) => Ok(one < other),
        (Some(one), _, _, Some(other)) => Ok(u64::try_from(one).is_ok_and(|one| one < other) || one < 0),
        (_, Some(one), Some(other), _) => Ok(u64::try_from(other).is_ok_and(|other| one < other)),
        _ if kind != other_kind => Err(incompatible(one, other)),
        _ => match (one, other) {
            (Value::String(one), Value::String(other)) => Ok(one < other),
            _ if kind == Basic::Float => Ok(one.as_float() < other.as_float()),
            _ => Err(invalid()),
        },
    }
}

/// `one <= other`
pub fn less_or_equal(one: &Value, other: &Slot) -> Result<bool, Failure> {
    Ok(less(one, &other.value)? || equal_to(one, &other.value)?)
}

fn incompatible(one: &Value, other: &Value) -> Failure {
    Failure::Error(format!("incompatible types for comparison: {} and {}", one.type_name(), other.type_name()))
}
