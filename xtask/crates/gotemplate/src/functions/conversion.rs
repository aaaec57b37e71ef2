//! Conversions between types.

use super::cast::{parse_int, to_float64, to_int64};
use super::print;
use super::support::{Answer, any, chars, fixed};
use crate::function::Function;
use crate::function::Type::{Any, String as Str};
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    fixed("atoi", &[Str], atoi),
    fixed("int", &[Any], |a| Ok(Value::Int(to_int64(any(a, 0))))),
    fixed("int64", &[Any], |a| Ok(Value::Int64(to_int64(any(a, 0))))),
    fixed("float64", &[Any], |a| Ok(to_float64(any(a, 0)).into())),
    fixed("toDecimal", &[Any], |a| {
        let text = print::plain(any(a, 0))?;
        Ok(Value::Int64(text.as_str().and_then(|text| parse_int(text, 8)).unwrap_or_default()))
    }),
];

/// Out of range gives the nearest number, anything else 0: `strconv.Atoi` with its error thrown away.
fn atoi(args: &[Value]) -> Answer {
    let s = chars(args, 0).unwrap_or_default();
    let digits = s.strip_prefix(['-', '+']).unwrap_or(s);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(Value::Int(0));
    }
    let limit = if s.starts_with('-') { i64::MIN } else { i64::MAX };
    Ok(Value::Int(parse_int(s, 10).unwrap_or(limit)))
}
