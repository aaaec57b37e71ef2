//! Numbers as Go reads and prints them.

use std::borrow::Cow;

use serde_json::Value;

use crate::scalar::Scalar;

/// The number that a plain scalar is, if it is one.
pub fn read(text: &str) -> Option<Scalar<'static>> {
    match text.as_bytes().first()? {
        b'.' => dotted(text).map(Scalar::Float),
        b'0'..=b'9' | b'+' | b'-' => {
            let plain: Cow<'_, str> = if text.contains('_') { text.replace('_', "").into() } else { text.into() };
            integer(&plain).or_else(|| is_float(&plain).then(|| float(&plain)).flatten().map(Scalar::Float))
        }
        _ => None,
    }
}

/// What begins with a dot goes to Go's ParseFloat as it is, which takes `_` between digits.
fn dotted(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let digit = |i: Option<usize>| i.and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_digit);
    let between = |(i, c): (usize, &u8)| *c != b'_' || digit(i.checked_sub(1)) && digit(Some(i + 1));
    if !bytes.iter().enumerate().all(between) {
        return None;
    }
    let plain = text.replace('_', "");
    if is_float(&plain) { float(&plain) } else { None }
}

/// Go's ParseFloat refuses what is too large; too small is 0.
fn float(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|f| f.is_finite())
}

/// Go's ParseInt and ParseUint with base 0: `0x`, `0o`, `0b`, and `0` for octal.
fn integer(text: &str) -> Option<Scalar<'static>> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let signed = digits.len() < text.len();
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    // Rust takes a sign here too, Go does not.
    if !digits.as_bytes().first()?.is_ascii_alphanumeric() {
        return None;
    }
    let n = u64::from_str_radix(digits, base).ok()?;
    match i64::try_from(n) {
        Ok(n) if negative => Some(Scalar::Int(-n)),
        Ok(n) => Some(Scalar::Int(n)),
        Err(_) if negative => (n == i64::MIN.unsigned_abs()).then_some(Scalar::Int(i64::MIN)),
        // ParseUint takes no sign.
        Err(_) => (!signed).then_some(Scalar::Uint(n)),
    }
}

/// go-yaml's `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`.
fn is_float(text: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let whole = digits(rest);
    let mut rest = rest.get(whole..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix('.') {
        let places = digits(fraction);
        if whole + places == 0 {
            return false;
        }
        rest = fraction.get(places..).unwrap_or_default();
    } else if whole == 0 {
        return false;
    }
    let Some(exponent) = rest.strip_prefix(['e', 'E']) else { return rest.is_empty() };
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    !exponent.is_empty() && digits(exponent) == exponent.len()
}

/// A float as Go's JSON has it: without a fraction it is an integer. `None` for infinities and NaN, which JSON has not.
pub fn json(f: f64) -> Option<Value> {
    if !f.is_finite() {
        return None;
    }
    // Below 1e21 Go writes all digits, so whoever reads the JSON sees an integer. -0 stays what it is.
    if f.fract() == 0.0 && f.abs() < 1e21 && !(f == 0.0 && f.is_sign_negative()) {
        let digits = f.to_string();
        if let Ok(n) = digits.parse::<i64>() {
            return Some(n.into());
        }
        if let Ok(n) = digits.parse::<u64>() {
            return Some(n.into());
        }
    }
    Some(f.into())
}

/// A float as sigs.k8s.io/yaml writes it in a key: Go's `FormatFloat(f, 'g', -1, 32)`.
pub fn key(f: f64) -> String {
    let f = f as f32;
    if f.is_nan() {
        return ".nan".to_string();
    }
    if f.is_infinite() {
        return if f > 0.0 { ".inf" } else { "-.inf" }.to_string();
    }
    let scientific = format!("{f:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    // The limits of Go for its shortest form.
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    f.to_string()
}
