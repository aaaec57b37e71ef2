//! toYaml as sigs.k8s.io/yaml prints it: through JSON, then with go-yaml's emitter. fromYaml by way of the crate `documents`.

use std::cmp::Ordering;

use super::support::{self, Answer, any, fixed};
use super::yaml_scalar::{self, Line};
use crate::collections::Element;
use crate::function::Type::{Any, String as Str};
use crate::function::{Failure, Function};
use crate::value::{MAX_DEPTH, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    fixed("toYaml", &[Any], to_yaml),
    fixed("fromYaml", &[Str], |a| super::yaml_read::map(a)),
    fixed("fromYamlArray", &[Str], |a| super::yaml_read::list(a)),
];

fn to_yaml(args: &[Value]) -> Answer {
    let mut out = Line::default();
    node(&mut out, any(args, 0), -1, Place::Root, 0)?;
    Ok(out.finish().into())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    /// After `key:`.
    Value,
    /// After `- `.
    Item,
}

/// `indent` is that of the collection around it, -1 at the root.
fn node(out: &mut Line, value: &Value, indent: i32, place: Place, depth: usize) -> Result<(), Failure> {
    if depth > MAX_DEPTH {
        return Err(Failure::Unverifiable(format!("YAML nested more than {MAX_DEPTH} deep")));
    }
    if out.len() > support::MAX_BYTES {
        return Err(support::too_long());
    }
    match value {
        Value::Slice(slice) if !slice.is_nil() && slice.element() != Element::Byte => {
            let items = slice.items();
            if items.is_empty() {
                out.word("[]");
                return Ok(());
            }
            // A list under a key is not indented.
            let own = if place == Place::Value { indent } else { next(indent) };
            for (at, item) in items.iter().enumerate() {
                if at > 0 || place != Place::Item {
                    out.indent(own);
                }
                out.word("-");
                node(out, item, own, Place::Item, depth + 1)?;
            }
        }
        Value::Map(map) if !map.is_nil() => {
            let mut entries = map.entries();
            if entries.is_empty() {
                out.word("{}");
                return Ok(());
            }
            entries.sort_by(|(one, _), (two, _)| compare_keys(&one.lossy(), &two.lossy()));
            let own = next(indent);
            for (at, (key, value)) in entries.iter().enumerate() {
                if at > 0 || place != Place::Item {
                    out.indent(own);
                }
                let key = key.lossy();
                if key.contains('\n') || key.len() > 128 {
                    return Err(Failure::unverifiable("YAML with a key of several lines, or longer than 128 bytes"));
                }
                yaml_scalar::write(out, &key, own, true)?;
                out.raw(":");
                node(out, value, own, Place::Value, depth + 1)?;
            }
        }
        Value::String(text) => yaml_scalar::write(out, &text.lossy(), next(indent), false)?,
        Value::Object(object) => node(out, &Value::from(&object.json()?), indent, place, depth + 1)?,
        Value::Slice(slice) if !slice.is_nil() => yaml_scalar::write(out, &encoded(value)?, next(indent), false)?,
        other => out.word(&number(other)?),
    }
    Ok(())
}

fn next(indent: i32) -> i32 {
    if indent < 0 { 0 } else { indent + 2 }
}

fn encoded(bytes: &Value) -> Result<String, Failure> {
    use base64::Engine;
    Ok(base64::engine::general_purpose::STANDARD.encode(super::cast::to_text(bytes)?.as_bytes()))
}

/// What is neither text nor a collection. A float without a fraction is a whole number in JSON, so it is here.
fn number(value: &Value) -> Result<String, Failure> {
    Ok(match value {
        Value::Bool(value) => value.to_string(),
        Value::Float32(_) | Value::Float64(_) => {
            let json = super::json::to_string(value, super::json::Style::Compact).map_err(|failure| match failure {
                Failure::Error(text) => Failure::Error(format!("error marshaling into JSON: {text}")),
                other => other,
            })?;
            let n: f64 = json.parse().unwrap_or_default();
            match json.parse::<i128>() {
                Ok(whole) if i64::try_from(whole).is_ok() || u64::try_from(whole).is_ok() => whole.to_string(),
                _ => shortest(n),
            }
        }
        Value::Complex128(..) => return Err(Failure::error("error marshaling into JSON: json: unsupported type: complex128")),
        other => {
            let whole = other.as_int().map(|n| n.to_string()).or_else(|| other.as_uint().map(|n| n.to_string()));
            whole.unwrap_or_else(|| "null".into())
        }
    })
}

/// `strconv.FormatFloat(n, 'g', -1, 64)`.
fn shortest(n: f64) -> String {
    let text = format!("{n:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return n.to_string();
    }
    format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.unsigned_abs())
}

/// go-yaml's order: `a2` before `a10`, letters after everything else.
fn compare_keys(one: &str, two: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), two.chars().collect());
    let Some(at) = a.iter().zip(&b).position(|(one, two)| one != two) else {
        return a.len().cmp(&b.len());
    };
    let get = |chars: &[char]| chars.get(at).copied().unwrap_or_default();
    let (x, y) = (get(&a), get(&b));
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => return x.cmp(&y),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let digits_before = a.iter().take(at).rev().take_while(|c| c.is_ascii_digit());
    let start: i64 = i64::from((x == '0' || y == '0') && digits_before.into_iter().any(|c| *c != '0'));
    let number = |chars: &[char]| {
        let digits = chars.iter().skip(at).map_while(|c| c.to_digit(10));
        digits.fold((start, 0usize), |(n, count), digit| (n.wrapping_mul(10).wrapping_add(digit.into()), count + 1))
    };
    number(&a).cmp(&number(&b)).then(x.cmp(&y))
}
