//! Lists whose order Go leaves open: `keys` and `values` of a map with several entries are in another order each time.
//!
//! They may be sorted, counted and searched. What would show their order is `Unverifiable`.

use crate::function::{Failure, Function};
use crate::value::Value;

/// The result is the same in any order, or the list itself.
const BLIND: &[&str] = &[
    "sortAlpha",
    "has",
    "mustHas",
    "empty",
    "default",
    "coalesce",
    "ternary",
    "all",
    "any",
    "typeOf",
    "typeIs",
    "typeIsLike",
    "kindOf",
    "kindIs",
    "list",
    "tuple",
    "dict",
    "set",
];

/// The result has the same items whatever their order: it is open as well.
const KEEPING: &[&str] = &[
    "append",
    "mustAppend",
    "push",
    "mustPush",
    "prepend",
    "mustPrepend",
    "concat",
    "uniq",
    "mustUniq",
    "without",
    "mustWithout",
    "compact",
    "mustCompact",
    "reverse",
    "mustReverse",
    "toStrings",
];

pub(crate) fn unknown() -> Failure {
    Failure::unverifiable("the order of a map's keys or values, which is another one each time; sort it: `keys … | sortAlpha`")
}

/// Calls `function`, unless it would show an order that is open.
pub(crate) fn call(function: &Function, args: &[Value]) -> Result<Value, Failure> {
    let open = |value: &Value| matches!(value, Value::Slice(slice) if slice.has_open_order());
    if !args.iter().any(open) || BLIND.contains(&function.name) {
        return (function.call)(args);
    }
    if !KEEPING.contains(&function.name) {
        return Err(unknown());
    }
    Ok(match (function.call)(args)? {
        Value::Slice(slice) => Value::Slice(slice.in_open_order(true)),
        other => other,
    })
}
