//! toJson and fromJson, byte for byte as `encoding/json` has them.

use super::json_read;
use super::support::{self, Answer, any, bytes, fixed};
use crate::collections::Element;
use crate::function::Type::{Any, String as Str};
use crate::function::{Failure, Function};
use crate::value::{MAX_DEPTH, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    fixed("toJson", &[Any], |a| quiet(write(any(a, 0), Style::Compact))),
    fixed("mustToJson", &[Any], |a| write(any(a, 0), Style::Compact)),
    fixed("toPrettyJson", &[Any], |a| quiet(write(any(a, 0), Style::Indented))),
    fixed("mustToPrettyJson", &[Any], |a| write(any(a, 0), Style::Indented)),
    fixed("toRawJson", &[Any], |a| write(any(a, 0), Style::Raw)),
    fixed("mustToRawJson", &[Any], |a| write(any(a, 0), Style::Raw)),
    fixed("fromJson", &[Str], |a| match json_read::parse(bytes(a, 0)) {
        Err(json_read::Stop::Number(_, value)) => Ok(value),
        Err(json_read::Stop::Unverifiable(failure)) => Err(failure),
        Err(json_read::Stop::Syntax(_)) => Ok(Value::Nil),
        Ok(value) => Ok(value),
    }),
    fixed("mustFromJson", &[Str], |a| {
        json_read::parse(bytes(a, 0)).map_err(|stop| match stop {
            json_read::Stop::Syntax(text) | json_read::Stop::Number(text, _) => Failure::Error(text),
            json_read::Stop::Unverifiable(failure) => failure,
        })
    }),
];

/// Errors are swallowed there, the result is empty.
fn quiet(answer: Answer) -> Answer {
    match answer {
        Err(Failure::Error(_)) => Ok(Value::from("")),
        other => other,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Compact,
    /// By two spaces.
    Indented,
    /// Without escapes for what HTML minds.
    Raw,
}

fn write(value: &Value, style: Style) -> Answer {
    Ok(to_string(value, style)?.into())
}

pub(super) fn to_string(value: &Value, style: Style) -> Result<String, Failure> {
    let mut writer = Writer { out: String::new(), style };
    writer.value(value, 0)?;
    Ok(writer.out)
}

struct Writer {
    out: String,
    style: Style,
}

impl Writer {
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), Failure> {
        if depth > MAX_DEPTH {
            return Err(Failure::Unverifiable(format!("JSON nested more than {MAX_DEPTH} deep")));
        }
        if self.out.len() > support::MAX_BYTES {
            return Err(support::too_long());
        }
        match value {
            Value::Nil => self.out.push_str("null"),
            Value::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Value::String(text) => self.string(&text.lossy()),
            Value::Float32(_) | Value::Float64(_) => {
                self.float(value.as_float().unwrap_or_default(), matches!(value, Value::Float32(_)))?
            }
            Value::Slice(slice) if slice.is_nil() => self.out.push_str("null"),
            Value::Slice(slice) if slice.element() == Element::Byte => {
                use base64::Engine;
                self.out.push('"');
                self.out.push_str(&base64::engine::general_purpose::STANDARD.encode(super::cast::to_text(value).as_bytes()));
                self.out.push('"');
            }
            Value::Slice(slice) => {
                let items = slice.items();
                self.out.push('[');
                for (at, item) in items.iter().enumerate() {
                    self.separate(at, depth + 1);
                    self.value(item, depth + 1)?;
                }
                self.close(']', items.len(), depth);
            }
            Value::Map(map) if map.is_nil() => self.out.push_str("null"),
            Value::Map(map) => {
                let entries = map.entries();
                self.out.push('{');
                for (at, (key, value)) in entries.iter().enumerate() {
                    self.separate(at, depth + 1);
                    self.string(&key.lossy());
                    self.out.push_str(if self.style == Style::Indented { ": " } else { ":" });
                    self.value(value, depth + 1)?;
                }
                self.close('}', entries.len(), depth);
            }
            Value::Object(object) => self.plain(&object.json()?, depth)?,
            Value::Complex128(..) => return Err(Failure::error("json: unsupported type: complex128")),
            other => {
                let number = other.as_int().map(|n| n.to_string()).or_else(|| other.as_uint().map(|n| n.to_string()));
                self.out.push_str(&number.unwrap_or_default());
            }
        }
        Ok(())
    }

    /// What an object says of itself. Whole numbers stay as they are.
    fn plain(&mut self, json: &serde_json::Value, depth: usize) -> Result<(), Failure> {
        match json {
            serde_json::Value::Number(number) if !number.is_f64() => self.out.push_str(&number.to_string()),
            other => self.value(&Value::from(other), depth)?,
        }
        Ok(())
    }

    fn separate(&mut self, at: usize, depth: usize) {
        if at > 0 {
            self.out.push(',');
        }
        self.line(depth);
    }

    fn line(&mut self, depth: usize) {
        if self.style == Style::Indented {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("  ", depth));
        }
    }

    fn close(&mut self, bracket: char, items: usize, depth: usize) {
        if items > 0 {
            self.line(depth);
        }
        self.out.push(bracket);
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '<' | '>' | '&' if self.style != Style::Raw => self.out.push_str(&format!("\\u{:04x}", u32::from(c))),
                '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => self.out.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }

    fn float(&mut self, n: f64, single: bool) -> Result<(), Failure> {
        if !n.is_finite() {
            let text = if n.is_nan() {
                "NaN"
            } else if n > 0.0 {
                "+Inf"
            } else {
                "-Inf"
            };
            return Err(Failure::Error(format!("json: unsupported value: {text}")));
        }
        let large = n != 0.0 && (n.abs() < 1e-6 || n.abs() >= 1e21);
        let text = match (large, single) {
            (false, false) => format!("{n}"),
            (false, true) => format!("{}", n as f32),
            (true, false) => format!("{n:e}"),
            (true, true) => format!("{:e}", n as f32),
        };
        self.out.push_str(&if large && !text.contains("e-") { text.replace('e', "e+") } else { text });
        Ok(())
    }
}
