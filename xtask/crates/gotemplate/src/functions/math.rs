//! Whole numbers: everything is turned into an int64 first.

use super::cast::to_int64;
use super::support::{Answer, any, fixed, rest, variadic};
use crate::function::Type::{Any, Int};
use crate::function::{Failure, Function};
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    fixed("add1", &[Any], |a| Ok(Value::Int64(to_int64(any(a, 0)).wrapping_add(1)))),
    variadic("add", &[], Any, |a| fold(0, a, i64::wrapping_add)),
    fixed("sub", &[Any, Any], |a| Ok(Value::Int64(to_int64(any(a, 0)).wrapping_sub(to_int64(any(a, 1)))))),
    fixed("div", &[Any, Any], |a| divide(a, i64::wrapping_div)),
    fixed("mod", &[Any, Any], |a| divide(a, i64::wrapping_rem)),
    variadic("mul", &[Any], Any, |a| fold(to_int64(any(a, 0)), rest(a, 1), i64::wrapping_mul)),
    variadic("max", &[Any], Any, |a| fold(to_int64(any(a, 0)), rest(a, 1), i64::max)),
    variadic("biggest", &[Any], Any, |a| fold(to_int64(any(a, 0)), rest(a, 1), i64::max)),
    variadic("min", &[Any], Any, |a| fold(to_int64(any(a, 0)), rest(a, 1), i64::min)),
    fixed("randInt", &[Int, Int], rand_int),
];

fn fold(start: i64, args: &[Value], apply: fn(i64, i64) -> i64) -> Answer {
    Ok(Value::Int64(args.iter().map(to_int64).fold(start, apply)))
}

fn divide(args: &[Value], apply: fn(i64, i64) -> i64) -> Answer {
    match (to_int64(any(args, 0)), to_int64(any(args, 1))) {
        (_, 0) => Err(Failure::error("runtime error: integer divide by zero")),
        (one, two) => Ok(Value::Int64(apply(one, two))),
    }
}

fn rand_int(args: &[Value]) -> Answer {
    let (low, high) = (super::support::int(args, 0), super::support::int(args, 1));
    if high.wrapping_sub(low) <= 0 {
        return Err(Failure::error("invalid argument to Intn"));
    }
    if high.wrapping_sub(low) == 1 {
        return Ok(Value::Int(low));
    }
    Err(Failure::unverifiable("`randInt` gives another number each time"))
}
