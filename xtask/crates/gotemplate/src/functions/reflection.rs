//! Types, kinds, and equality all the way down.

use super::support::{Answer, any, bytes, fixed};
use crate::function::Type::{Any, String as Str};
use crate::function::{Failure, Function};
use crate::value::{MAX_DEPTH, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    fixed("typeOf", &[Any], |a| Ok(Value::from(any(a, 0).type_name()))),
    fixed("typeIs", &[Str, Any], |a| Ok((any(a, 1).type_name().as_bytes() == bytes(a, 0)).into())),
    fixed("typeIsLike", &[Str, Any], |a| {
        let name = any(a, 1).type_name();
        Ok((name.as_bytes() == bytes(a, 0) || name.strip_prefix('*').map(str::as_bytes) == Some(bytes(a, 0))).into())
    }),
    fixed("kindOf", &[Any], |a| Ok(Value::from(any(a, 0).kind().name()))),
    fixed("kindIs", &[Str, Any], |a| Ok((any(a, 1).kind().name().as_bytes() == bytes(a, 0)).into())),
    fixed("deepEqual", &[Any, Any], deep_equal_of),
];

fn deep_equal_of(args: &[Value]) -> Answer {
    deep_equal(any(args, 0), any(args, 1)).map(Value::Bool)
}

/// `reflect.DeepEqual`: types must be the same, and a nil list is not an empty one.
pub(super) fn deep_equal(one: &Value, two: &Value) -> Result<bool, Failure> {
    equal_within(one, two, MAX_DEPTH)
}

fn equal_within(one: &Value, two: &Value, depth: usize) -> Result<bool, Failure> {
    let Some(below) = depth.checked_sub(1) else {
        return Err(Failure::Unverifiable(format!("a comparison of values nested more than {MAX_DEPTH} deep")));
    };
    if one.type_name() != two.type_name() {
        return Ok(false);
    }
    match (one, two) {
        (Value::Slice(one), Value::Slice(two)) => {
            if one.is_nil() != two.is_nil() || one.len() != two.len() {
                return Ok(false);
            }
            if one.same(two) {
                return Ok(true);
            }
            for (one, two) in one.items().iter().zip(two.items().iter()) {
                if !equal_within(one, two, below)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Map(one), Value::Map(two)) => {
            if one.is_nil() != two.is_nil() || one.len() != two.len() {
                return Ok(false);
            }
            if one.same(two) {
                return Ok(true);
            }
            for ((key, one), (other, two)) in one.entries().iter().zip(two.entries().iter()) {
                if key != other || !equal_within(one, two, below)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Object(one), Value::Object(two)) => Ok(one.equal(two.as_ref())),
        (Value::String(one), Value::String(two)) => Ok(one == two),
        (Value::Bool(one), Value::Bool(two)) => Ok(one == two),
        (Value::Complex128(a, b), Value::Complex128(c, d)) => Ok(a == c && b == d),
        (Value::Nil, Value::Nil) => Ok(true),
        (one, two) => Ok(one.as_int() == two.as_int() && one.as_uint() == two.as_uint() && one.as_float() == two.as_float()),
    }
}
