//! Counting: lists of whole numbers.

use super::support::{self, Answer, any, fixed, int, variadic};
use crate::collections::{Element, Slice};
use crate::function::Type::Int;
use crate::function::{Failure, Function};
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    fixed("until", &[Int], |a| list(0, int(a, 0), if int(a, 0) < 0 { -1 } else { 1 })),
    fixed("untilStep", &[Int, Int, Int], |a| list(int(a, 0), int(a, 1), int(a, 2))),
    variadic("seq", &[], Int, seq),
];

fn list(start: i64, stop: i64, step: i64) -> Answer {
    let items = numbers(start, stop, step)?.into_iter().map(Value::Int).collect();
    Ok(Value::Slice(Slice::new(Element::Int, items)))
}

/// sprig's `untilStep`. Errors: `Unverifiable` for more than a million numbers.
fn numbers(start: i64, stop: i64, step: i64) -> Result<Vec<i64>, Failure> {
    let towards = if stop < start { step < 0 } else { step > 0 };
    if !towards {
        return Ok(Vec::new());
    }
    if start.abs_diff(stop) / step.unsigned_abs() > support::MAX_ITEMS {
        return Err(support::too_long());
    }
    let mut out = Vec::new();
    let mut at = start;
    while if step < 0 { at > stop } else { at < stop } {
        out.push(at);
        let Some(next) = at.checked_add(step) else { return Err(support::too_long()) };
        at = next;
    }
    Ok(out)
}

fn seq(args: &[Value]) -> Answer {
    let get = |at| any(args, at).as_int().unwrap_or_default();
    let (start, step, end) = match args.len() {
        1 => (1, if get(0) < 1 { -1 } else { 1 }, get(0)),
        2 => (get(0), if get(1) < get(0) { -1 } else { 1 }, get(1)),
        3 => (get(0), get(1), get(2)),
        _ => return Ok(Value::from("")),
    };
    let down = end < start;
    if args.len() == 3 && down && step > 0 {
        return Ok(Value::from(""));
    }
    let stop = end.wrapping_add(if down { -1 } else { 1 });
    Ok(numbers(start, stop, step)?.iter().map(i64::to_string).collect::<Vec<_>>().join(" ").into())
}
