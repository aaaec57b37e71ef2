//! What every family uses: rows of the table, arguments, Go's words for what reflection and the runtime refuse.

use crate::collections::{Map, Slice};
use crate::function::{Failure, Function, Type};
use crate::text::Text;
use crate::value::{Kind, Value};

pub(super) type Answer = Result<Value, Failure>;

/// No result is longer: Go would go on until the memory ends.
pub(super) const MAX_BYTES: usize = 64 << 20;
pub(super) const MAX_ITEMS: u64 = 1_000_000;

pub(super) const fn fixed(name: &'static str, params: &'static [Type], call: fn(&[Value]) -> Answer) -> Function {
    Function { name, params, variadic: None, call }
}

pub(super) const fn variadic(name: &'static str, params: &'static [Type], rest: Type, call: fn(&[Value]) -> Answer) -> Function {
    Function { name, params, variadic: Some(rest), call }
}

pub(super) fn any(args: &[Value], at: usize) -> &Value {
    args.get(at).unwrap_or(&Value::Nil)
}

/// The arguments from `at` on.
pub(super) fn rest(args: &[Value], at: usize) -> &[Value] {
    args.get(at..).unwrap_or_default()
}

pub(super) fn bytes(args: &[Value], at: usize) -> &[u8] {
    any(args, at).as_text().map_or(&[], Text::as_bytes)
}

/// Text of a function that works on characters. Errors: `Unverifiable` if it is not UTF-8.
pub(super) fn chars(args: &[Value], at: usize) -> Result<&str, Failure> {
    any(args, at).as_text().map_or(Ok(""), Text::to_str)
}

pub(super) fn text(args: &[Value], at: usize) -> Text {
    any(args, at).as_text().cloned().unwrap_or_else(|| Text::from(""))
}

pub(super) fn int(args: &[Value], at: usize) -> i64 {
    any(args, at).as_int().unwrap_or_default()
}

pub(super) fn map(args: &[Value], at: usize) -> Map {
    match any(args, at) {
        Value::Map(map) => map.clone(),
        _ => Map::nil(crate::collections::Element::Any),
    }
}

pub(super) fn string(bytes: &[u8]) -> Answer {
    Ok(Value::String(Text::from_bytes(bytes)))
}

/// `reflect.TypeOf(list).Kind()` and the slice. Errors: Go's panic for nil, `complaint` with the kind for anything else.
pub(super) fn slice<'a>(list: &'a Value, complaint: &str) -> Result<&'a Slice, Failure> {
    match list {
        Value::Slice(slice) => Ok(slice),
        Value::Nil => Err(nil_dereference()),
        other => Err(Failure::Error(format!("{complaint} {}", other.kind().name()))),
    }
}

pub(super) fn nil_dereference() -> Failure {
    Failure::error("runtime error: invalid memory address or nil pointer dereference")
}

/// A failed type assertion from `interface{}`.
pub(super) fn not_a(value: &Value, wanted: &str) -> Failure {
    let is = if value.is_nil() { "nil" } else { value.type_name() };
    Failure::Error(format!("interface conversion: interface {{}} is {is}, not {wanted}"))
}

/// `s[low:high]` of a string of `len` bytes. Errors: Go's panics.
pub(super) fn cut(s: &[u8], low: i64, high: i64) -> Result<&[u8], Failure> {
    let len = s.len() as i64;
    if high < 0 || high > len {
        let suffix = if high < 0 { String::new() } else { format!(" with length {len}") };
        return Err(Failure::Error(format!("runtime error: slice bounds out of range [:{high}]{suffix}")));
    }
    if low < 0 {
        return Err(Failure::Error(format!("runtime error: slice bounds out of range [{low}:]")));
    }
    if low > high {
        return Err(Failure::Error(format!("runtime error: slice bounds out of range [{low}:{high}]")));
    }
    Ok(s.get(low as usize..high as usize).unwrap_or_default())
}

pub(super) fn too_long() -> Failure {
    Failure::unverifiable("a result larger than 64 MiB, or of more than a million items")
}

/// sprig's `empty`: the zero of its type. Errors: what cannot be nil is no case here, so none.
pub(super) fn empty(value: &Value) -> bool {
    value.kind() != Kind::Struct && !value.is_true() && !matches!(value, Value::Object(o) if o.kind() == Kind::Pointer)
}

/// Position of `needle` in `hay`, from `from` on.
pub(super) fn find(hay: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let tail = hay.get(from..)?;
    if needle.is_empty() {
        return Some(from);
    }
    if needle.len() == 1 {
        return tail.iter().position(|b| Some(b) == needle.first()).map(|at| at + from);
    }
    tail.windows(needle.len()).position(|window| window == needle).map(|at| at + from)
}

/// The characters of Go's `range` over a string, with U+FFFD for a bad byte, and the bytes of each.
pub(super) fn explode(s: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    for chunk in s.utf8_chunks() {
        let valid = chunk.valid();
        out.extend(valid.char_indices().filter_map(|(at, c)| valid.as_bytes().get(at..at + c.len_utf8())));
        out.extend(chunk.invalid().chunks(1));
    }
    out
}

/// `strings.SplitN`.
pub(super) fn split<'a>(s: &'a [u8], separator: &[u8], limit: i64) -> Vec<&'a [u8]> {
    let limit = if limit < 0 { usize::MAX } else { limit as usize };
    if limit == 0 {
        return Vec::new();
    }
    if separator.is_empty() {
        let mut parts = explode(s);
        if parts.len() > limit {
            let start: usize = parts.iter().take(limit - 1).map(|part| part.len()).sum();
            parts.truncate(limit - 1);
            parts.push(s.get(start..).unwrap_or_default());
        }
        return parts;
    }
    let (mut parts, mut start) = (Vec::new(), 0);
    while parts.len() + 1 < limit {
        let Some(at) = find(s, separator, start) else { break };
        parts.push(s.get(start..at).unwrap_or_default());
        start = at + separator.len();
    }
    parts.push(s.get(start..).unwrap_or_default());
    parts
}
