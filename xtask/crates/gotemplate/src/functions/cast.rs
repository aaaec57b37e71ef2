//! Conversions as github.com/spf13/cast does them: what cannot be converted is zero, without an error.

use crate::function::Failure;
use crate::text::Text;
use crate::value::Value;

/// `cast.ToInt64`, and `cast.ToInt` on a 64-bit machine.
pub(super) fn to_int64(value: &Value) -> i64 {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::Float32(n) => truncate((*n).into()),
        Value::Float64(n) => truncate(*n),
        Value::String(text) => text.as_str().and_then(|text| parse_int(trim_zero_decimal(text), 0)).unwrap_or_default(),
        Value::Object(object) if matches!(object.type_name(), "time.Month" | "time.Weekday") => object.integer().unwrap_or_default(),
        Value::Object(_) => 0,
        other => other.as_int().or_else(|| other.as_uint().map(|n| n as i64)).unwrap_or_default(),
    }
}

/// `cast.ToFloat64`.
pub(super) fn to_float64(value: &Value) -> f64 {
    match value {
        Value::Bool(value) => f64::from(u8::from(*value)),
        Value::String(text) => text.as_str().and_then(parse_float).unwrap_or_default(),
        Value::Object(object) if matches!(object.type_name(), "time.Month" | "time.Weekday") => object.integer().unwrap_or_default() as f64,
        Value::Object(_) => 0.0,
        other => {
            let whole = other.as_int().map(|n| n as f64).or_else(|| other.as_uint().map(|n| n as f64));
            whole.or_else(|| other.as_float()).unwrap_or_default()
        }
    }
}

/// `int64(f)` on amd64: what does not fit is the smallest number.
fn truncate(n: f64) -> i64 {
    if n >= -9_223_372_036_854_775_808.0 && n < 9_223_372_036_854_775_808.0 { n as i64 } else { i64::MIN }
}

fn trim_zero_decimal(s: &str) -> &str {
    match s.rsplit_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
        _ => s,
    }
}

/// `strconv.ParseInt(s, base, 64)`; base 0 takes it from the prefix and allows underscores. `None` for every error.
pub(super) fn parse_int(s: &str, base: u32) -> Option<i64> {
    let (negative, digits) = match s.as_bytes().first()? {
        b'-' => (true, s.get(1..)?),
        b'+' => (false, s.get(1..)?),
        _ => (false, s),
    };
    let n = i128::from(parse_uint(digits, base)?);
    i64::try_from(if negative { -n } else { n }).ok()
}

pub(super) fn parse_uint(s: &str, base: u32) -> Option<u64> {
    if base != 0 {
        return plain_digits(s, base);
    }
    let lower = s.get(..2).map(str::to_ascii_lowercase);
    let (base, digits) = match lower.as_deref() {
        Some("0x") => (16, s.get(2..)?),
        Some("0b") => (2, s.get(2..)?),
        Some("0o") => (8, s.get(2..)?),
        _ if s.len() > 1 && s.starts_with('0') => (8, s.get(1..)?),
        _ => (10, s),
    };
    if digits.contains('_') {
        return underscores_separate_digits(s).then(|| plain_digits(&digits.replace('_', ""), base)).flatten();
    }
    plain_digits(digits, base)
}

fn plain_digits(s: &str, base: u32) -> Option<u64> {
    if s.is_empty() || !s.chars().all(|c| c.is_digit(base)) {
        return None;
    }
    u64::from_str_radix(s, base).ok()
}

/// Go's rule for literals: an underscore stands between digits, or between the prefix and a digit.
fn underscores_separate_digits(s: &str) -> bool {
    let bytes = s.strip_prefix(['-', '+']).unwrap_or(s).as_bytes();
    let prefixed = bytes.first() == Some(&b'0') && bytes.get(1).is_some_and(|b| b"bBoOxX".contains(b));
    let hex = prefixed && bytes.get(1).is_some_and(|b| b"xX".contains(b));
    let mut last = if prefixed { '0' } else { '^' };
    for b in bytes.iter().skip(if prefixed { 2 } else { 0 }) {
        last = match b {
            b'0'..=b'9' => '0',
            b if hex && b.is_ascii_hexdigit() => '0',
            b'_' if last != '0' => return false,
            b'_' => '_',
            _ if last == '_' => return false,
            _ => '!',
        };
    }
    last != '_'
}

/// `strconv.ParseFloat(s, 64)`; `None` for every error, out of range too.
pub(super) fn parse_float(s: &str) -> Option<f64> {
    let unsigned = s.strip_prefix(['-', '+']).unwrap_or(s);
    let signed = unsigned.len() < s.len();
    if unsigned.get(..2).is_some_and(|p| p.eq_ignore_ascii_case("0x")) {
        return hex_float(s, unsigned.get(2..)?);
    }
    if unsigned.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return match unsigned.to_ascii_lowercase().as_str() {
            "nan" if !signed => Some(f64::NAN),
            "inf" | "infinity" => Some(if s.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }),
            _ => None,
        };
    }
    if unsigned.starts_with(['-', '+']) || s.contains('_') && !underscores_separate_digits(s) {
        return None;
    }
    s.replace('_', "").parse::<f64>().ok().filter(|n| n.is_finite())
}

/// `0x1.8p3`: the exponent is required.
fn hex_float(whole: &str, digits: &str) -> Option<f64> {
    if whole.contains('_') && !underscores_separate_digits(whole) {
        return None;
    }
    let digits = digits.replace('_', "");
    let (mantissa, exponent) = digits.split_once(['p', 'P'])?;
    let exponent: i32 = exponent.parse().ok()?;
    let (left, right) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{left}{right}");
    if all.is_empty() || !all.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let n = u64::from_str_radix(&all, 16).ok()? as f64;
    let n = n * 2f64.powi(exponent.checked_sub(4 * i32::try_from(right.len()).ok()?)?);
    n.is_finite().then_some(if whole.starts_with('-') { -n } else { n })
}

/// sprig's `strval`: how `toString`, `quote`, `join` and the keys of `dict` see a value.
pub(super) fn to_text(value: &Value) -> Result<Text, Failure> {
    if let Value::Slice(slice) = value
        && slice.element() == crate::collections::Element::Byte
    {
        let bytes: Vec<u8> = slice.items().iter().filter_map(|item| item.as_uint()?.try_into().ok()).collect();
        return Ok(bytes.into());
    }
    match value {
        Value::String(text) => Ok(text.clone()),
        other => super::print::plain(other),
    }
}
