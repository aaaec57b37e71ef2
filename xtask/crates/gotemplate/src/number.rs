//! Numbers: written as Go's `strconv.FormatFloat` does, and the constants of a template as its parser reads them.

use crate::lex::Kind;
use crate::node::Number;
use crate::quote::{Unquoted, quote, unquote_char};

/// `strconv.FormatFloat`: `format` is one of `b e E f g G x X`, precision `None` is the shortest that reads back the same.
/// `single` for a float32.
pub fn format_float(n: f64, format: u8, precision: Option<usize>, single: bool) -> String {
    if n.is_nan() {
        return "NaN".into();
    }
    if n.is_infinite() {
        return if n > 0.0 { "+Inf" } else { "-Inf" }.into();
    }
    match format {
        b'b' | b'x' | b'X' => {
            let (mantissa, exponent, bits) = parts(n, single);
            let sign = if n.is_sign_negative() { "-" } else { "" };
            if format == b'b' {
                return format!("{sign}{mantissa}p{:+}", exponent - bits);
            }
            hexadecimal(sign, mantissa << (60 - bits), exponent, precision, format == b'X')
        }
        b'f' => match precision {
            Some(precision) => format!("{n:.precision$}"),
            None if single => format!("{}", n as f32),
            None => format!("{n}"),
        },
        b'e' | b'E' => {
            let digits = Digits::of(n, precision.map(|precision| precision + 1), single);
            let precision = precision.unwrap_or_else(|| digits.digits.len().saturating_sub(1));
            digits.exponential(n.is_sign_negative(), precision, format == b'E')
        }
        _ => general(n, format == b'G', precision, single),
    }
}

/// `%g`: without an exponent where it is between -4 and the precision, 6 if none is asked for.
fn general(n: f64, upper: bool, precision: Option<usize>, single: bool) -> String {
    let precision = precision.map(|precision| precision.max(1));
    let digits = Digits::of(n, precision, single);
    let count = digits.digits.len();
    let places = digits.point.max(0) as usize;
    let wanted = precision.unwrap_or(count);
    let most = match precision {
        None => 6,
        Some(precision) if precision > count && count >= places => count,
        Some(precision) => precision,
    };
    let exponent = digits.point - 1;
    if exponent < -4 || exponent >= most as i32 {
        return digits.exponential(n.is_sign_negative(), wanted.min(count).saturating_sub(1), upper);
    }
    digits.plain(n.is_sign_negative())
}

/// Decimal digits without trailing zeros, and how many of them stand before the point.
struct Digits {
    digits: Vec<u8>,
    point: i32,
}

impl Digits {
    fn of(n: f64, count: Option<usize>, single: bool) -> Self {
        let n = n.abs();
        if n == 0.0 {
            return Self { digits: Vec::new(), point: 0 };
        }
        let text = match count {
            Some(count) => format!("{n:.*e}", count.saturating_sub(1)),
            None if single => format!("{:e}", n as f32),
            None => format!("{n:e}"),
        };
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let mut digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
        let used = digits.iter().rposition(|&digit| digit != b'0').map_or(0, |at| at + 1);
        digits.truncate(used);
        Self { digits, point: exponent.parse::<i32>().unwrap_or_default() + 1 }
    }

    fn exponential(&self, negative: bool, precision: usize, upper: bool) -> String {
        let mut out = String::with_capacity(precision + 8);
        out.extend(negative.then_some('-'));
        out.push(self.digit(0));
        if precision > 0 {
            out.push('.');
            out.extend((1..=precision).map(|at| self.digit(at)));
        }
        let exponent = if self.digits.is_empty() { 0 } else { self.point - 1 };
        out.push(if upper { 'E' } else { 'e' });
        out.push_str(&format!("{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()));
        out
    }

    fn plain(&self, negative: bool) -> String {
        let mut out = String::with_capacity(24);
        out.extend(negative.then_some('-'));
        if self.point <= 0 {
            out.push('0');
        }
        out.extend((0..self.point.max(0) as usize).map(|at| self.digit(at)));
        if (self.digits.len() as i32) > self.point {
            out.push('.');
            out.extend((self.point..0).map(|_| '0'));
            out.extend((self.point.max(0) as usize..self.digits.len()).map(|at| self.digit(at)));
        }
        out
    }

    fn digit(&self, at: usize) -> char {
        self.digits.get(at).map_or('0', |&digit| digit.into())
    }
}

/// Mantissa, exponent of its highest bit, and how many bits stand below that one.
fn parts(n: f64, single: bool) -> (u64, i32, i32) {
    let (bits, mantissa_bits, exponent_bits, bias) =
        if single { (u64::from((n as f32).to_bits()), 23, 8, -127) } else { (n.to_bits(), 52, 11, -1023) };
    let exponent = (bits >> mantissa_bits & ((1 << exponent_bits) - 1)) as i32;
    let mantissa = bits & ((1 << mantissa_bits) - 1);
    match exponent {
        0 => (mantissa, 1 + bias, mantissa_bits),
        _ => (mantissa | 1 << mantissa_bits, exponent + bias, mantissa_bits),
    }
}

fn hexadecimal(sign: &str, mut mantissa: u64, mut exponent: i32, precision: Option<usize>, upper: bool) -> String {
    if mantissa == 0 {
        exponent = 0;
    }
    while mantissa != 0 && mantissa & 1 << 60 == 0 {
        mantissa <<= 1;
        exponent -= 1;
    }
    if let Some(precision) = precision.filter(|&precision| precision < 15) {
        let shift = precision * 4;
        let extra = mantissa << shift & ((1 << 60) - 1);
        mantissa >>= 60 - shift;
        if extra | (mantissa & 1) > 1 << 59 {
            mantissa += 1;
        }
        mantissa <<= 60 - shift;
        if mantissa & 1 << 61 != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let mut out = format!("{sign}0x{}", mantissa >> 60 & 1);
    mantissa <<= 4;
    let mut places = precision.unwrap_or_else(|| (64 - mantissa.trailing_zeros() as usize).div_ceil(4));
    if places > 0 {
        out.push('.');
    }
    while places > 0 {
        out.extend(char::from_digit((mantissa >> 60) as u32, 16));
        mantissa <<= 4;
        places -= 1;
    }
    out.push_str(&format!("p{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()));
    if upper { out.to_ascii_uppercase() } else { out }
}

/// `strconv.ParseUint(text, 0, 64)`; `None` for an error of any kind.
pub fn parse_uint(text: &str) -> Option<u64> {
    let lower = text.get(..2).map(str::to_ascii_lowercase);
    let (radix, digits) = match lower.as_deref() {
        Some("0x") => (16, text.get(2..)?),
        Some("0o") => (8, text.get(2..)?),
        Some("0b") => (2, text.get(2..)?),
        _ if text.len() > 1 && text.starts_with('0') => (8, text.get(1..)?),
        _ => (10, text),
    };
    if digits.starts_with(['+', '-']) || digits.is_empty() {
        return None;
    }
    match digits.contains('_') {
        false => u64::from_str_radix(digits, radix).ok(),
        true if underscores_separate(text) => u64::from_str_radix(&digits.replace('_', ""), radix).ok(),
        true => None,
    }
}

/// `strconv.ParseInt(text, 0, 64)`; `None` for an error of any kind.
pub fn parse_int(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let n = parse_uint(digits)?;
    if negative { 0i64.checked_sub_unsigned(n) } else { n.try_into().ok() }
}

/// `strconv.ParseFloat(text, 64)`; `None` for an error of any kind, also for a number out of range.
pub fn parse_float(text: &str) -> Option<f64> {
    let cleaned;
    let mut digits = text;
    if text.contains('_') {
        if !underscores_separate(text) {
            return None;
        }
        cleaned = text.replace('_', "");
        digits = &cleaned;
    }
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    let n = if let Some(hex) = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X")) {
        let n = parse_hexadecimal(hex)?;
        if digits.starts_with('-') { -n } else { n }
    } else if text.contains('_') && !unsigned.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte)) {
        return None;
    } else {
        digits.parse().ok()?
    };
    f64::is_finite(n).then_some(n)
}

/// `1.8p3`: the exponent is wanted, and is one of two.
fn parse_hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let mut exponent: i64 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut n: u128 = 0;
    for (at, c) in whole.chars().chain(fraction.chars()).enumerate() {
        let digit = c.to_digit(16)?;
        // What does not fit any more only says that the number is not exactly half-way.
        if n >> 120 == 0 {
            n = n << 4 | u128::from(digit);
        } else {
            n |= u128::from(digit != 0);
            exponent = exponent.checked_add(4)?;
        }
        exponent = if at >= whole.chars().count() { exponent.checked_sub(4)? } else { exponent };
    }
    if n == 0 {
        return Some(0.0);
    }
    let high = i64::from(127 - n.leading_zeros());
    // A float64 has 53 bits, fewer below 2^-1022.
    let keep = 53.min(high.checked_add(exponent)?.checked_add(1_075)?);
    if keep < 0 {
        return Some(0.0);
    }
    let cut = high + 1 - keep;
    if cut > 0 {
        let (rest, half) = (n & ((1u128.checked_shl(cut as u32).unwrap_or(0)).wrapping_sub(1)), 1u128 << (cut - 1).min(127));
        n = n.checked_shr(cut as u32).unwrap_or(0);
        n += u128::from(rest > half || rest == half && n & 1 == 1);
        exponent = exponent.checked_add(cut)?;
    }
    let exponent: i32 = exponent.clamp(-5_000, 5_000) as i32;
    let half = exponent / 2;
    // Exact in two steps: n has at most 54 bits, and the rounding is done.
    Some(n as f64 * 2f64.powi(half) * 2f64.powi(exponent - half))
}

/// Underscores stand only between digits, or between the prefix of a base and a digit.
fn underscores_separate(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = text.get(..2).map(str::to_ascii_lowercase);
    let based = matches!(lower.as_deref(), Some("0b" | "0o" | "0x"));
    let hex = lower.as_deref() == Some("0x");
    let mut last = if based { b'0' } else { b'^' };
    for byte in text.bytes().skip(if based { 2 } else { 0 }) {
        last = match byte {
            _ if byte.is_ascii_digit() || hex && byte.is_ascii_hexdigit() => b'0',
            b'_' if last != b'0' => return false,
            b'_' => b'_',
            _ if last == b'_' => return false,
            _ => b'!',
        };
    }
    last != b'_'
}

/// A constant of a template under every type that can hold it. Errors: the parser's words.
pub fn constant(text: &str, kind: Kind) -> Result<Number, String> {
    let mut number = Number { literal: text.into(), ..Number::default() };
    match kind {
        Kind::CharConstant => {
            let (c, tail) = unquote_char(text.get(1..).unwrap_or_default(), '\'').ok_or("invalid syntax")?;
            if tail != "'" {
                return Err(format!("malformed character constant: {text}"));
            }
            let n = match c {
                Unquoted::Byte(byte) => byte.into(),
                Unquoted::Char(c) => u32::from(c),
            };
            number.int = Some(n.into());
            number.uint = Some(n.into());
            number.float = Some(n.into());
            return Ok(number);
        }
        Kind::Complex => {
            let sum = text.strip_suffix('i').unwrap_or(text);
            let sign = sum.char_indices().skip(1).filter(|&(at, c)| {
                let before = sum.get(at - 1..at).unwrap_or_default();
                let exponent = if text.contains(['x', 'X']) { ["p", "P"] } else { ["e", "E"] };
                matches!(c, '+' | '-') && !exponent.contains(&before)
            });
            let at = sign.last().map_or(0, |(at, _)| at);
            let part = |text: Option<&str>| text.and_then(parse_float).ok_or_else(|| format!("complex constant {text:?}"));
            simplify(&mut number, (part(sum.get(..at))?, part(sum.get(at..))?));
            return Ok(number);
        }
        _ => {}
    }
    if let Some(imaginary) = text.strip_suffix('i').and_then(parse_float) {
        simplify(&mut number, (0.0, imaginary));
        return Ok(number);
    }
    number.uint = parse_uint(text);
    number.int = parse_int(text);
    if number.int == Some(0) {
        number.uint = number.uint.or(Some(0));
    }
    number.float = number.int.map(|n| n as f64).or(number.uint.map(|n| n as f64));
    if number.float.is_none()
        && let Some(float) = parse_float(text)
    {
        if !text.contains(['.', 'e', 'E', 'p', 'P']) {
            return Err(format!("integer overflow: {}", quote(text.as_bytes())));
        }
        whole(&mut number, float);
    }
    if number.float.is_none() {
        return Err(format!("illegal number syntax: {}", quote(text.as_bytes())));
    }
    Ok(number)
}

fn simplify(number: &mut Number, complex: (f64, f64)) {
    number.complex = Some(complex);
    if complex.1 == 0.0 {
        whole(number, complex.0);
    }
}

/// A float, and the integers that it is if it is one.
fn whole(number: &mut Number, float: f64) {
    number.float = Some(float);
    // Up to 2^63 and 2^64: Go's conversion saturates nowhere, so what is above equals no integer.
    if float.fract() == 0.0 && (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&float) {
        number.int = Some(float as i64);
    }
    if float.fract() == 0.0 && (0.0..18_446_744_073_709_551_616.0).contains(&float) {
        number.uint = Some(float as u64);
    }
}
