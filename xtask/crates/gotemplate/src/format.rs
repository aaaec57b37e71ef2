//! One formatted item of Go's `fmt`: width, precision and flags on text and numbers.

use crate::number::format_float;
use crate::quote::{can_backquote, quote_char_into, quote_into};
use crate::unicode::is_print;

/// What stands between `%` and the verb.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flags {
    pub width: Option<usize>,
    pub precision: Option<usize>,
    pub minus: bool,
    pub plus: bool,
    pub sharp: bool,
    pub space: bool,
    pub zero: bool,
    /// `%+v` and `%#v` are verbs of their own: with them `plus` and `sharp` are off.
    pub plus_v: bool,
    pub sharp_v: bool,
}

pub struct Formatter<'a> {
    pub out: &'a mut Vec<u8>,
    pub flags: Flags,
}

impl Formatter<'_> {
    fn padding(&mut self, count: usize) {
        let with = if self.flags.zero && !self.flags.minus { b'0' } else { b' ' };
        self.out.resize(self.out.len() + count, with);
    }

    /// `bytes` in the width, which counts characters.
    pub fn pad(&mut self, bytes: &[u8]) {
        let missing = self.flags.width.map_or(0, |width| width.saturating_sub(runes(bytes)));
        if !self.flags.minus {
            self.padding(missing);
        }
        self.out.extend_from_slice(bytes);
        if self.flags.minus {
            self.padding(missing);
        }
    }

    fn pad_with_blanks(&mut self, bytes: &[u8]) {
        let zero = std::mem::take(&mut self.flags.zero);
        self.pad(bytes);
        self.flags.zero = zero;
    }

    /// The first characters of `bytes`, as many as the precision says.
    fn truncated<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        let Some(precision) = self.flags.precision else { return bytes };
        let mut at = 0;
        for _ in 0..precision {
            match bytes.get(at..) {
                Some(rest) if !rest.is_empty() => at += rune_len(rest),
                _ => break,
            }
        }
        bytes.get(..at).unwrap_or(bytes)
    }

    pub fn text(&mut self, bytes: &[u8]) {
        self.pad(self.truncated(bytes));
    }

    pub fn quoted(&mut self, bytes: &[u8]) {
        let bytes = self.truncated(bytes);
        if self.flags.sharp && can_backquote(bytes) {
            self.pad(&[b"`", bytes, b"`"].concat());
            return;
        }
        let mut quoted = String::with_capacity(bytes.len() + 2);
        quote_into(&mut quoted, bytes, self.flags.plus);
        self.pad(quoted.as_bytes());
    }

    /// Bytes as hexadecimal digits.
    pub fn hex(&mut self, bytes: &[u8], upper: bool) {
        let bytes = self.flags.precision.and_then(|precision| bytes.get(..precision)).unwrap_or(bytes);
        if bytes.is_empty() {
            return self.padding(self.flags.width.unwrap_or_default());
        }
        let digits = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
        let mut text = Vec::with_capacity(bytes.len() * 5);
        for (at, &byte) in bytes.iter().enumerate() {
            if self.flags.space && at > 0 {
                text.push(b' ');
            }
            if self.flags.sharp && (at == 0 || self.flags.space) {
                text.extend([b'0', if upper { b'X' } else { b'x' }]);
            }
            text.extend([byte >> 4, byte & 0xf].iter().filter_map(|&half| digits.get(usize::from(half))));
        }
        self.pad(&text);
    }

    /// `n` is the magnitude.
    pub fn integer(&mut self, n: u64, negative: bool, base: u32, verb: char) {
        if self.flags.precision == Some(0) && n == 0 {
            self.flags.zero = false;
            return self.padding(self.flags.width.unwrap_or_default());
        }
        let mut digits = match base {
            2 => format!("{n:b}"),
            8 => format!("{n:o}"),
            16 if verb == 'X' => format!("{n:X}"),
            16 => format!("{n:x}"),
            _ => n.to_string(),
        };
        let wanted = match (self.flags.precision, self.flags.width) {
            (Some(precision), _) => precision,
            (None, Some(width)) if self.flags.zero && !self.flags.minus => {
                width.saturating_sub(usize::from(negative || self.flags.plus || self.flags.space))
            }
            _ => 0,
        };
        if wanted > digits.len() {
            digits.insert_str(0, &"0".repeat(wanted - digits.len()));
        }
        let prefix = match base {
            2 if self.flags.sharp => "0b",
            8 if self.flags.sharp && !digits.starts_with('0') => "0",
            16 if self.flags.sharp && verb == 'X' => "0X",
            16 if self.flags.sharp => "0x",
            _ => "",
        };
        let octal = if verb == 'O' { "0o" } else { "" };
        let sign = match negative {
            true => "-",
            false if self.flags.plus => "+",
            false if self.flags.space => " ",
            false => "",
        };
        self.pad_with_blanks(format!("{sign}{octal}{prefix}{digits}").as_bytes());
    }

    pub fn character(&mut self, n: u64) {
        self.pad(rune(n).encode_utf8(&mut [0; 4]).as_bytes());
    }

    pub fn quoted_character(&mut self, n: u64) {
        let mut quoted = String::new();
        quote_char_into(&mut quoted, rune(n), self.flags.plus);
        self.pad(quoted.as_bytes());
    }

    /// `U+0078`, with `#` also the character.
    pub fn unicode(&mut self, n: u64) {
        let precision = self.flags.precision.unwrap_or_default().max(4);
        let mut text = format!("U+{n:0precision$X}");
        if self.flags.sharp
            && let Some(c) = u32::try_from(n).ok().filter(|&c| is_print(c)).and_then(char::from_u32)
        {
            text.push_str(&format!(" '{c}'"));
        }
        self.pad_with_blanks(text.as_bytes());
    }

    pub fn float(&mut self, n: f64, single: bool, verb: char) {
        let (format, default) = match verb {
            'v' => (b'g', None),
            'f' | 'F' => (b'f', Some(6)),
            'e' => (b'e', Some(6)),
            'E' => (b'E', Some(6)),
            'b' => (b'b', None),
            'G' => (b'G', None),
            'x' => (b'x', None),
            'X' => (b'X', None),
            _ => (b'g', None),
        };
        let precision = self.flags.precision.or(default);
        let text = format_float(n, format, precision, single);
        let (mut sign, mut number) = match text.strip_prefix('-') {
            Some(number) => ('-', number.to_owned()),
            None => ('+', text.strip_prefix('+').unwrap_or(&text).to_owned()),
        };
        if self.flags.space && sign == '+' && !self.flags.plus {
            sign = ' ';
        }
        let shown = self.flags.plus || sign != '+';
        if !n.is_finite() {
            let shown = shown && (!n.is_nan() || self.flags.space || self.flags.plus);
            return self.pad_with_blanks(if shown { format!("{sign}{number}") } else { number }.as_bytes());
        }
        if self.flags.sharp && format != b'b' {
            number = with_point(&number, format, precision);
        }
        if !shown {
            return self.pad(number.as_bytes());
        }
        if self.flags.zero && !self.flags.minus && self.flags.width.is_some_and(|width| width > number.len() + 1) {
            let width = self.flags.width.unwrap_or_default();
            self.out.push(sign as u8);
            self.padding(width.saturating_sub(number.len() + 1));
            return self.out.extend_from_slice(number.as_bytes());
        }
        self.pad(format!("{sign}{number}").as_bytes());
    }
}

/// `%#g`: always a decimal point, and the zeros that the precision asks for.
fn with_point(number: &str, format: u8, precision: Option<usize>) -> String {
    let mut missing = match format {
        b'g' | b'G' | b'x' => precision.map_or(6, |precision| precision as i64),
        _ => 0,
    };
    let hexadecimal = matches!(format, b'x' | b'X');
    let end = number.find(|c| matches!(c, 'p' | 'P') || !hexadecimal && matches!(c, 'e' | 'E')).unwrap_or(number.len());
    let (mantissa, tail) = number.split_at(end);
    let mut significant = false;
    for c in mantissa.chars().filter(|&c| c != '.') {
        significant |= c != '0';
        missing -= i64::from(significant);
    }
    let mut out = mantissa.to_owned();
    if !mantissa.contains('.') {
        missing -= i64::from(mantissa == "0");
        out.push('.');
    }
    out.push_str(&"0".repeat(missing.max(0) as usize));
    out + tail
}

/// The character of this number, U+FFFD if there is none.
fn rune(n: u64) -> char {
    u32::try_from(n).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// How many characters, each wrong byte counted as one.
fn runes(bytes: &[u8]) -> usize {
    bytes.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum()
}

/// The length of the first character of `bytes`, 1 for a byte of none. Not for nothing at all.
fn rune_len(bytes: &[u8]) -> usize {
    let longest = bytes.get(..4).unwrap_or(bytes);
    longest.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next()).map_or(1, char::len_utf8)
}
