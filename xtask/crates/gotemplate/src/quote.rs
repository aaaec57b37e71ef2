//! Go's quoted strings and characters: written as `strconv.Quote` does, read as `strconv.Unquote` does.

use crate::unicode::is_print;

/// `bytes` as a Go string literal in double quotes.
pub fn quote(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    quote_into(&mut out, bytes, false);
    out
}

/// With escapes for everything outside of ASCII if `ascii`.
pub fn quote_into(out: &mut String, bytes: &[u8], ascii: bool) {
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|c| escape(out, c, '"', ascii));
        chunk.invalid().iter().for_each(|&byte| hex(out, "\\x", byte.into(), 2));
    }
    out.push('"');
}

/// A character literal in single quotes; what is no character is U+FFFD.
pub fn quote_char_into(out: &mut String, c: char, ascii: bool) {
    out.push('\'');
    escape(out, c, '\'', ascii);
    out.push('\'');
}

fn escape(out: &mut String, c: char, quote: char, ascii: bool) {
    match c {
        _ if c == quote || c == '\\' => out.extend(['\\', c]),
        _ if is_print(c.into()) && (c.is_ascii() || !ascii) => out.push(c),
        '\x07' => out.push_str("\\a"),
        '\x08' => out.push_str("\\b"),
        '\x0c' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x0b' => out.push_str("\\v"),
        _ if c < ' ' || c == '\x7f' => hex(out, "\\x", c.into(), 2),
        _ if u32::from(c) < 0x10000 => hex(out, "\\u", c.into(), 4),
        _ => hex(out, "\\U", c.into(), 8),
    }
}

fn hex(out: &mut String, prefix: &str, n: u32, digits: u32) {
    out.push_str(prefix);
    for at in (0..digits).rev() {
        out.extend(char::from_digit(n >> (4 * at) & 0xf, 16));
    }
}

/// May it stand between backquotes unchanged?
pub fn can_backquote(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(|c| !matches!(c, '\u{feff}' | '\u{7f}' | '`') && (c >= ' ' || c == '\t')))
}

/// What a literal in double quotes or backquotes stands for; `None` for Go's "invalid syntax".
pub fn unquote(literal: &str) -> Option<Vec<u8>> {
    let quote = literal.as_bytes().first().copied()?;
    let inner = literal.get(1..literal.len().checked_sub(1)?)?;
    if literal.as_bytes().last() != Some(&quote) {
        return None;
    }
    match quote {
        b'`' => (!inner.contains('`')).then(|| inner.bytes().filter(|&byte| byte != b'\r').collect()),
        b'"' => {
            let (mut out, mut rest) = (Vec::with_capacity(inner.len()), inner);
            while !rest.is_empty() {
                if rest.starts_with('\n') {
                    return None;
                }
                let (c, tail) = unquote_char(rest, '"')?;
                match c {
                    Unquoted::Byte(byte) => out.push(byte),
                    Unquoted::Char(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                }
                rest = tail;
            }
            Some(out)
        }
        _ => None,
    }
}

/// One character of a literal, as it is or escaped.
pub enum Unquoted {
    /// Of `\x41` or `\101`: a byte, perhaps of no character.
    Byte(u8),
    Char(char),
}

/// The first character of `text` and what follows it. Source: `strconv.UnquoteChar`.
pub fn unquote_char(text: &str, quote: char) -> Option<(Unquoted, &str)> {
    let mut chars = text.chars();
    let first = chars.next()?;
    if first == quote {
        return None;
    }
    if first != '\\' {
        return Some((Unquoted::Char(first), chars.as_str()));
    }
    let kind = chars.next()?;
    let rest = chars.as_str();
    let plain = |c: char| Some((Unquoted::Char(c), rest));
    match kind {
        'a' => plain('\x07'),
        'b' => plain('\x08'),
        'f' => plain('\x0c'),
        'n' => plain('\n'),
        'r' => plain('\r'),
        't' => plain('\t'),
        'v' => plain('\x0b'),
        '\\' => plain('\\'),
        '\'' | '"' if kind == quote => plain(kind),
        'x' => {
            let (n, rest) = digits(rest, 2, 16)?;
            Some((Unquoted::Byte(n.try_into().ok()?), rest))
        }
        'u' | 'U' => {
            let (n, rest) = digits(rest, if kind == 'u' { 4 } else { 8 }, 16)?;
            Some((Unquoted::Char(char::from_u32(n)?), rest))
        }
        '0'..='7' => {
            let (n, after) = digits(rest, 2, 8)?;
            Some((Unquoted::Byte((kind.to_digit(8)? << 6 | n).try_into().ok()?), after))
        }
        _ => None,
    }
}

fn digits(text: &str, count: usize, radix: u32) -> Option<(u32, &str)> {
    let (number, rest) = text.split_at_checked(count)?;
    let mut n: u32 = 0;
    for c in number.chars() {
        n = n.checked_mul(radix)?.checked_add(c.to_digit(radix)?)?;
    }
    Some((n, rest))
}
