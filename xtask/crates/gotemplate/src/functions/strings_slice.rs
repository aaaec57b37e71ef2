//! Functions between texts and lists of texts.

use super::cast;
use super::support::{self, Answer, any, bytes, fixed, int};
use crate::collections::{Element, Map, Slice};
use crate::function::Function;
use crate::function::Type::{Any, Int, String as Str};
use crate::text::Text;
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    fixed("join", &[Str, Any], join),
    fixed("split", &[Str, Str], |a| Ok(numbered(&support::split(bytes(a, 1), bytes(a, 0), -1)))),
    fixed("splitn", &[Str, Int, Str], |a| Ok(numbered(&support::split(bytes(a, 2), bytes(a, 0), int(a, 1))))),
    fixed("splitList", &[Str, Str], |a| Ok(texts(&support::split(bytes(a, 1), bytes(a, 0), -1)))),
    fixed("toStrings", &[Any], |a| Ok(Value::Slice(to_strings(any(a, 0))))),
    fixed("sortAlpha", &[Any], sort_alpha),
];

pub(super) fn texts(parts: &[&[u8]]) -> Value {
    Value::strings(parts.iter().map(|part| Text::from_bytes(part)))
}

/// `map[string]string` with the keys `_0`, `_1`, …
fn numbered(parts: &[&[u8]]) -> Value {
    let entries = parts.iter().enumerate().map(|(at, part)| (Text::from(format!("_{at}")), Value::String(Text::from_bytes(part))));
    Value::Map(Map::new(Element::String, entries))
}

/// sprig's `strslice`: `[]string` as it is, without nil what is in another list, one text for the rest.
pub(super) fn to_strings(value: &Value) -> Slice {
    let items = match value {
        Value::Slice(slice) if slice.element() == Element::String => return slice.clone(),
        Value::Slice(slice) => slice.items().iter().filter(|item| !item.is_nil()).map(|item| Value::String(cast::to_text(item))).collect(),
        Value::Nil => Vec::new(),
        other => vec![Value::String(cast::to_text(other))],
    };
    Slice::new(Element::String, items)
}

fn join(args: &[Value]) -> Answer {
    let items = to_strings(any(args, 1)).items();
    let parts: Vec<&[u8]> = items.iter().filter_map(Value::as_text).map(Text::as_bytes).collect();
    support::string(&parts.join(bytes(args, 0)))
}

/// A `[]string` is sorted in place, as there.
fn sort_alpha(args: &[Value]) -> Answer {
    let list = to_strings(any(args, 0));
    if any(args, 0).is_nil() {
        return Ok(Value::strings(["<nil>"]));
    }
    list.sort_by(|one, two| one.as_text().cmp(&two.as_text()));
    Ok(Value::Slice(list))
}
