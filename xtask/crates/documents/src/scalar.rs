//! What a scalar means: go-yaml v2's `resolve`.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use crate::{number, timestamp};

/// What go-yaml makes of a scalar before it becomes JSON.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// Above `i64::MAX`.
    Uint(u64),
    Float(f64),
    Text(&'a str),
    Binary(String),
    /// A plain `<<`.
    Merge,
}

const LONG: &str = "tag:yaml.org,2002:";

/// `tag` as written out in full, `!` and `!name` for the local ones. Errors are go-yaml's words.
pub fn resolve<'a>(text: &'a str, plain: bool, tag: Option<&str>) -> Result<Scalar<'a>, String> {
    let Some(tag) = tag else { return Ok(if plain { untagged(text) } else { Scalar::Text(text) }) };
    let Some(name) = tag.strip_prefix(LONG) else { return Ok(Scalar::Text(text)) };
    match name {
        "binary" => return binary(text),
        "str" => return Ok(Scalar::Text(text)),
        "bool" | "int" | "float" | "null" | "timestamp" => {}
        "merge" if text == "<<" => return Ok(Scalar::Merge),
        _ => return Ok(Scalar::Text(text)),
    }
    let found = untagged(text);
    let is = match found {
        Scalar::Null => "null",
        Scalar::Bool(_) => "bool",
        Scalar::Int(_) | Scalar::Uint(_) => "int",
        Scalar::Float(_) => "float",
        Scalar::Text(_) | Scalar::Binary(_) if name == "timestamp" && timestamp::is(text) => "timestamp",
        Scalar::Text(_) | Scalar::Binary(_) => "str",
        Scalar::Merge => "merge",
    };
    match found {
        Scalar::Int(n) if name == "float" => Ok(Scalar::Float(n as f64)),
        found if is == name => Ok(found),
        _ => Err(format!("cannot decode !!{is} `{text}` as a !!{name}")),
    }
}

/// A scalar without quotes and tag. Timestamps stay text: go-yaml does so when nobody asks for a time.
fn untagged(text: &str) -> Scalar<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Scalar::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
        "<<" => Scalar::Merge,
        _ => number::read(text).unwrap_or(Scalar::Text(text)),
    }
}

/// Go's standard encoding: padded, line breaks ignored, left-over bits not looked at.
fn binary<'a>(text: &str) -> Result<Scalar<'a>, String> {
    const LAX: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));
    let packed: String = text.chars().filter(|c| !['\n', '\r'].contains(c)).collect();
    let bytes = LAX.decode(packed).map_err(|_| "!!binary value contains invalid base64 data".to_string())?;
    // As Go's JSON writes a string that is no UTF-8: a replacement for each byte.
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Ok(Scalar::Binary(text))
}
