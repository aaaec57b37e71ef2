//! Classes of characters and escapes in Go's regular expressions.

use super::regex_syntax::{Stop, bad};
use crate::function::Failure;

/// Ranges of characters, and whether it is all but these.
pub(super) struct Class {
    ranges: Vec<(char, char)>,
    negated: bool,
}

impl Class {
    pub(super) fn of(c: char, fold: bool) -> Self {
        let mut class = Self { ranges: Vec::new(), negated: false };
        class.add(c, c, fold);
        class
    }

    /// Case is folded for ASCII; patterns and texts beyond it are refused elsewhere.
    fn add(&mut self, low: char, high: char, fold: bool) {
        self.ranges.push((low, high));
        if !fold {
            return;
        }
        for (from, to, shift) in [(b'a', b'z', -32i16), (b'A', b'Z', 32)] {
            let (start, end) = (low.max(from.into()), high.min(to.into()));
            if start <= end {
                let other = |c: char| u8::try_from(i16::try_from(u32::from(c)).unwrap_or_default() + shift).map_or(c, char::from);
                self.ranges.push((other(start), other(end)));
            }
        }
    }

    fn add_class(&mut self, other: Self) {
        if other.negated {
            self.ranges.extend(complement(other.ranges));
        } else {
            self.ranges.extend(other.ranges);
        }
    }

    /// As `regex-lite` reads it.
    pub(super) fn text(&self) -> String {
        let escaped = |c: char| format!("\\x{{{:X}}}", u32::from(c));
        match self.ranges.as_slice() {
            // What matches nothing, and what matches anything.
            [] if self.negated => "(?s:.)".into(),
            [] => r"[^\x{0}-\x{10FFFF}]".into(),
            [(low, high)] if low == high && !self.negated => escaped(*low),
            ranges => {
                let parts: String = ranges.iter().map(|(low, high)| format!("{}-{}", escaped(*low), escaped(*high))).collect();
                format!("[{}{parts}]", if self.negated { "^" } else { "" })
            }
        }
    }
}

fn complement(mut ranges: Vec<(char, char)>) -> Vec<(char, char)> {
    ranges.sort_unstable();
    let (mut out, mut next) = (Vec::new(), Some('\0'));
    for (low, high) in ranges {
        let Some(start) = next else { break };
        if let Some(end) = before(low).filter(|end| start <= *end) {
            out.push((start, end));
        }
        if high >= start {
            next = after(high);
        }
    }
    out.extend(next.map(|start| (start, char::MAX)));
    out
}

fn before(c: char) -> Option<char> {
    if c == '\u{E000}' { Some('\u{D7FF}') } else { u32::from(c).checked_sub(1).and_then(char::from_u32) }
}

fn after(c: char) -> Option<char> {
    if c == '\u{D7FF}' { Some('\u{E000}') } else { char::from_u32(u32::from(c) + 1) }
}

fn ascii(ranges: &[(char, char)], negated: bool) -> Class {
    Class { ranges: ranges.to_vec(), negated }
}

/// `\d` and its like at the start of `left`; `None` for other escapes. Errors: `\pL`, of which this program has no tables.
pub(super) fn perl(left: &str) -> Result<Option<(Class, &str)>, Stop> {
    let Some(c) = left.strip_prefix('\\').and_then(|rest| rest.chars().next()) else { return Ok(None) };
    let class = match c {
        'd' | 'D' => ascii(&[('0', '9')], c == 'D'),
        's' | 'S' => ascii(&[('\t', '\n'), ('\u{c}', '\r'), (' ', ' ')], c == 'S'),
        'w' | 'W' => ascii(&[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')], c == 'W'),
        'p' | 'P' => return Err(Stop::Unverifiable(Failure::Unverifiable(format!("a regular expression with the Unicode class `\\{c}`")))),
        _ => return Ok(None),
    };
    Ok(Some((class, left.get(2..).unwrap_or_default())))
}

/// `[:alpha:]` at the start of `left`.
fn named(left: &str) -> Result<Option<(Class, &str)>, Stop> {
    let Some(end) = left.get(2..).and_then(|rest| rest.find(":]")).map(|at| at + 4).filter(|_| left.starts_with("[:")) else {
        return Ok(None);
    };
    let name = left.get(..end).unwrap_or_default();
    let inside = name.get(2..name.len() - 2).unwrap_or_default();
    let (inside, negated) = inside.strip_prefix('^').map_or((inside, false), |inside| (inside, true));
    let ranges: &[(char, char)] = match inside {
        "alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
        "alpha" => &[('A', 'Z'), ('a', 'z')],
        "ascii" => &[('\0', '\u{7f}')],
        "blank" => &[('\t', '\t'), (' ', ' ')],
        "cntrl" => &[('\0', '\u{1f}'), ('\u{7f}', '\u{7f}')],
        "digit" => &[('0', '9')],
        "graph" => &[('!', '~')],
        "lower" => &[('a', 'z')],
        "print" => &[(' ', '~')],
        "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "space" => &[('\t', '\r'), (' ', ' ')],
        "upper" => &[('A', 'Z')],
        "word" => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        "xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
        _ => return Err(bad("invalid character class range", name)),
    };
    Ok(Some((ascii(ranges, negated), left.get(end..).unwrap_or_default())))
}

/// The class that `left` begins with, and the rest.
pub(super) fn parse(whole: &str, fold: bool) -> Result<(Class, &str), Stop> {
    let mut class = Class { ranges: Vec::new(), negated: false };
    let mut left = whole.get(1..).unwrap_or_default();
    if let Some(rest) = left.strip_prefix('^') {
        class.negated = true;
        left = rest;
    }
    let mut first = true;
    loop {
        if !first && let Some(rest) = left.strip_prefix(']') {
            return Ok((class, rest));
        }
        if left.is_empty() {
            return Err(bad("missing closing ]", whole));
        }
        first = false;
        if let Some((other, rest)) = named(left)? {
            class.add_folded(other, fold);
            left = rest;
            continue;
        }
        if let Some((other, rest)) = perl(left)? {
            class.add_folded(other, fold);
            left = rest;
            continue;
        }
        let start = left;
        let (low, rest) = class_char(left, whole)?;
        left = rest;
        let mut high = low;
        if left.len() >= 2 && left.starts_with('-') && !left.starts_with("-]") {
            (high, left) = class_char(left.get(1..).unwrap_or_default(), whole)?;
            if high < low {
                return Err(bad("invalid character class range", start.get(..start.len() - left.len()).unwrap_or_default()));
            }
        }
        class.add(low, high, fold);
    }
}

impl Class {
    fn add_folded(&mut self, other: Self, fold: bool) {
        let ranges = other.ranges.clone();
        if fold && !other.negated {
            for (low, high) in ranges {
                self.add(low, high, true);
            }
            return;
        }
        self.add_class(other);
    }
}

fn class_char<'a>(left: &'a str, whole: &str) -> Result<(char, &'a str), Stop> {
    let Some(c) = left.chars().next() else { return Err(bad("missing closing ]", whole)) };
    if c == '\\' { escaped_char(left) } else { Ok((c, left.get(c.len_utf8()..).unwrap_or_default())) }
}

/// The character that an escape stands for, and the rest; `left` begins with the backslash.
pub(super) fn escaped_char(left: &str) -> Result<(char, &str), Stop> {
    let after = left.strip_prefix('\\').unwrap_or_default();
    let Some(c) = after.chars().next() else { return Err(bad("trailing backslash at end of expression", "")) };
    let rest = after.get(c.len_utf8()..).unwrap_or_default();
    let invalid = |rest: &str| Err(bad("invalid escape sequence", left.get(..left.len() - rest.len()).unwrap_or_default()));
    match c {
        '1'..='7' if !rest.starts_with(|c| matches!(c, '0'..='7')) => invalid(rest),
        '0'..='7' => {
            let digits = after.bytes().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
            let n = u32::from_str_radix(after.get(..digits).unwrap_or_default(), 8).unwrap_or_default();
            Ok((char::from_u32(n).unwrap_or_default(), after.get(digits..).unwrap_or_default()))
        }
        'x' => {
            if let Some(braced) = rest.strip_prefix('{') {
                let digits = braced.bytes().take_while(u8::is_ascii_hexdigit).count();
                let c = u32::from_str_radix(braced.get(..digits).unwrap_or_default(), 16).ok().and_then(char::from_u32);
                let tail = braced.get(digits..).and_then(|tail| tail.strip_prefix('}'));
                return match (c, tail) {
                    (Some(c), Some(tail)) => Ok((c, tail)),
                    _ => {
                        let seen = braced.get(digits..).unwrap_or_default();
                        invalid(seen.get(seen.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default())
                    }
                };
            }
            match rest.get(..2).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit())) {
                Some(hex) => Ok((
                    char::from_u32(u32::from_str_radix(hex, 16).unwrap_or_default()).unwrap_or_default(),
                    rest.get(2..).unwrap_or_default(),
                )),
                None => {
                    let seen: usize =
                        rest.chars().take(if rest.starts_with(|c: char| c.is_ascii_hexdigit()) { 2 } else { 1 }).map(char::len_utf8).sum();
                    invalid(rest.get(seen..).unwrap_or_default())
                }
            }
        }
        'a' => Ok(('\u{7}', rest)),
        'f' => Ok(('\u{c}', rest)),
        'n' => Ok(('\n', rest)),
        'r' => Ok(('\r', rest)),
        't' => Ok(('\t', rest)),
        'v' => Ok(('\u{b}', rest)),
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => Ok((c, rest)),
        _ => invalid(rest),
    }
}
