//! Choosing between values.

use super::support::{Answer, any, empty, fixed, rest, variadic};
use crate::function::Function;
use crate::function::Type::{Any, Bool};
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    variadic("default", &[Any], Any, |a| Ok(rest(a, 1).first().filter(|given| !empty(given)).unwrap_or(any(a, 0)).clone())),
    fixed("empty", &[Any], |a| Ok(empty(any(a, 0)).into())),
    variadic("coalesce", &[], Any, |a| Ok(a.iter().find(|value| !empty(value)).cloned().unwrap_or_default())),
    variadic("all", &[], Any, |a| Ok((!a.iter().any(empty)).into())),
    variadic("any", &[], Any, |a| Ok((!a.iter().all(empty)).into())),
    fixed("ternary", &[Any, Any, Bool], ternary),
];

fn ternary(args: &[Value]) -> Answer {
    Ok(any(args, usize::from(!any(args, 2).is_true())).clone())
}
