//! How go-yaml v2 writes a text: bare, quoted, or as a block, with lines folded after 80 columns.

use super::cast::{parse_float, parse_int, parse_uint};
use super::layout;
use crate::function::Failure;

const WIDTH: usize = 80;

/// The output, and where in its last line it is.
#[derive(Default)]
pub(super) struct Line {
    out: String,
    column: usize,
}

impl Line {
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// Without the last line end.
    pub(super) fn finish(mut self) -> String {
        if self.out.ends_with('\n') {
            self.out.pop();
        }
        self.out
    }

    pub(super) fn raw(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    /// After a blank, if the line has something.
    pub(super) fn word(&mut self, text: &str) {
        if self.column > 0 && !self.out.ends_with([' ', '\n']) {
            self.raw(" ");
        }
        self.raw(text);
    }

    fn break_line(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    /// A new line that begins with `indent` blanks; the first line of all is there already.
    pub(super) fn indent(&mut self, indent: i32) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.break_line();
        }
        let blanks = usize::try_from(indent).unwrap_or_default();
        self.out.extend(std::iter::repeat_n(' ', blanks));
        self.column = blanks;
    }
}

/// What go-yaml finds in a text before it chooses a style.
struct Analysis {
    plain: bool,
    single_quoted: bool,
    block: bool,
}

/// Printable for the emitter, which counts nothing beyond U+FFFF.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

fn analyse(s: &str) -> Analysis {
    if s.is_empty() {
        return Analysis { plain: true, single_quoted: true, block: false };
    }
    let chars: Vec<char> = s.chars().collect();
    let mut indicators = s.starts_with("---") || s.starts_with("...");
    let (mut special, mut break_space, mut space_break) = (false, false, false);
    let (mut previous_space, mut previous_break, mut after_blank) = (false, false, true);
    for (at, c) in chars.iter().copied().enumerate() {
        let before_blank = chars.get(at + 1).is_none_or(|next| matches!(next, ' ' | '\t'));
        indicators |= match c {
            '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' if at == 0 => true,
            '?' | ':' | '-' if at == 0 => before_blank,
            ':' => before_blank,
            '#' => after_blank,
            _ => false,
        };
        special |= !is_printable(c);
        break_space |= c == ' ' && previous_break;
        space_break |= c == '\n' && previous_space;
        (previous_space, previous_break) = (c == ' ', c == '\n');
        after_blank = matches!(c, ' ' | '\t' | '\n' | '\r');
    }
    let edge = s.starts_with([' ', '\n']) || s.ends_with([' ', '\n']);
    let hard = special || space_break;
    Analysis {
        plain: !(hard || break_space || edge || indicators || s.contains('\n')),
        single_quoted: !(hard || break_space),
        block: !(hard || s.ends_with(' ')),
    }
}

/// Writes `s` as a value or, in one line, as a key. `indent` is that of its continuation lines.
pub(super) fn write(out: &mut Line, s: &str, indent: i32, key: bool) -> Result<(), Failure> {
    if s.contains(['\u{85}', '\u{2028}', '\u{2029}']) {
        return Err(Failure::unverifiable("YAML of text with Unicode's own line ends"));
    }
    if s.contains(|c| matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')) {
        return Err(Failure::error("yaml: control characters are not allowed"));
    }
    let indent = if key { indent } else { indent.max(0) };
    let analysis = analyse(s);
    if s.contains('\n') && analysis.block && !key {
        block(out, s, if indent == 0 && out.column == 0 { 2 } else { indent });
    } else if s.contains('\n') || !is_text(s) {
        double_quoted(out, s, indent, !key);
    } else if analysis.plain && !(key && s.is_empty()) {
        folded(out, s, indent, !key, false);
    } else if analysis.single_quoted {
        out.word("'");
        folded(out, s, indent, !key, true);
        out.raw("'");
    } else {
        double_quoted(out, s, indent, !key);
    }
    Ok(())
}

/// Bare or between single quotes: broken at single blanks beyond the width.
fn folded(out: &mut Line, s: &str, indent: i32, breaks: bool, quoted: bool) {
    if !quoted {
        out.word("");
    }
    let mut chars = s.chars().peekable();
    let (mut spaces, mut first) = (false, true);
    while let Some(c) = chars.next() {
        if c == ' ' {
            let inner = !quoted || !first && chars.peek().is_some();
            if breaks && !spaces && out.column > WIDTH && inner && chars.peek() != Some(&' ') {
                out.indent(indent);
            } else {
                out.raw(" ");
            }
        } else {
            if quoted && c == '\'' {
                out.raw("'");
            }
            out.raw(c.encode_utf8(&mut [0; 4]));
        }
        spaces = c == ' ';
        first = false;
    }
}

fn double_quoted(out: &mut Line, s: &str, indent: i32, breaks: bool) {
    out.word("\"");
    let mut chars = s.chars().peekable();
    let (mut spaces, mut first) = (false, true);
    while let Some(c) = chars.next() {
        if c == ' ' {
            if breaks && !spaces && out.column > WIDTH && !first && chars.peek().is_some() {
                out.indent(indent);
                if chars.peek() == Some(&' ') {
                    out.raw("\\");
                }
            } else {
                out.raw(" ");
            }
        } else if is_printable(c) && !matches!(c, '"' | '\\' | '\n') {
            out.raw(c.encode_utf8(&mut [0; 4]));
        } else {
            out.raw(&escape(c));
        }
        spaces = c == ' ';
        first = false;
    }
    out.raw("\"");
}

fn escape(c: char) -> String {
    let n = u32::from(c);
    match c {
        '\0' => "\\0".into(),
        '\u{7}' => "\\a".into(),
        '\u{8}' => "\\b".into(),
        '\t' => "\\t".into(),
        '\n' => "\\n".into(),
        '\u{b}' => "\\v".into(),
        '\u{c}' => "\\f".into(),
        '\r' => "\\r".into(),
        '\u{1b}' => "\\e".into(),
        '"' => "\\\"".into(),
        '\\' => "\\\\".into(),
        _ if n <= 0xFF => format!("\\x{n:02X}"),
        _ if n <= 0xFFFF => format!("\\u{n:04X}"),
        _ => format!("\\U{n:08X}"),
    }
}

/// `|` with its hints: the indent if it begins with a blank, `-` without a last line end, `+` with several.
fn block(out: &mut Line, s: &str, indent: i32) {
    let mut header = String::from("|");
    if s.starts_with([' ', '\n']) {
        header.push('2');
    }
    if !s.ends_with('\n') {
        header.push('-');
    } else if s == "\n" || s.ends_with("\n\n") {
        header.push('+');
    }
    out.word(&header);
    out.break_line();
    for line in s.split_inclusive('\n') {
        if line != "\n" {
            out.indent(indent);
        }
        out.raw(line.trim_end_matches('\n'));
        if line.ends_with('\n') {
            out.break_line();
        }
    }
}

/// Is the bare text read as text, and not as a number, a boolean, a date?
fn is_text(s: &str) -> bool {
    let Some(first) = s.bytes().next() else { return false };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => !matches!(
            s,
            "y" | "Y"
                | "yes"
                | "Yes"
                | "YES"
                | "true"
                | "True"
                | "TRUE"
                | "on"
                | "On"
                | "ON"
                | "n"
                | "N"
                | "no"
                | "No"
                | "NO"
                | "false"
                | "False"
                | "FALSE"
                | "off"
                | "Off"
                | "OFF"
                | "~"
                | "null"
                | "Null"
                | "NULL"
        ),
        b'.' => !is_special_float(s) && parse_float(s).is_none(),
        b'+' | b'-' | b'0'..=b'9' => !is_special_float(s) && !is_timestamp(s) && !is_number(s) && !is_base_60(s),
        _ => true,
    }
}

fn is_special_float(s: &str) -> bool {
    matches!(s, ".nan" | ".NaN" | ".NAN") || matches!(s.strip_prefix(['+', '-']).unwrap_or(s), ".inf" | ".Inf" | ".INF")
}

fn is_timestamp(s: &str) -> bool {
    let year = s.bytes().take_while(u8::is_ascii_digit).count();
    year == 4
        && s.as_bytes().get(4) == Some(&b'-')
        && ["2006-1-2T15:4:5.999999999Z07:00", "2006-1-2t15:4:5.999999999Z07:00", "2006-1-2 15:4:5.999999999", "2006-1-2"]
            .iter()
            .any(|format| layout::parse(format, s).is_ok())
}

fn is_number(s: &str) -> bool {
    let plain = s.replace('_', "");
    let unsigned = plain.strip_prefix(['-', '+']).unwrap_or(&plain);
    let is_float = || {
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(m, e)| (m, Some(e)));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mantissa_fits = digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
        let exponent_fits = exponent.is_none_or(|e| {
            let e = e.strip_prefix(['-', '+']).unwrap_or(e);
            !e.is_empty() && digits(e)
        });
        mantissa_fits && exponent_fits && parse_float(&plain).is_some()
    };
    parse_int(&plain, 0).is_some() || parse_uint(&plain, 0).is_some() || is_float()
}

/// `1:30`, which YAML 1.1 reads in minutes.
fn is_base_60(s: &str) -> bool {
    let unsigned = s.strip_prefix(['-', '+']).unwrap_or(s);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut parts = whole.split(':');
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    first.starts_with(|c: char| c.is_ascii_digit())
        && digits(first)
        && digits(fraction)
        && !rest.is_empty()
        && rest.iter().all(|part| match part.as_bytes() {
            [one] => one.is_ascii_digit(),
            [ten, one] => matches!(ten, b'0'..=b'5') && one.is_ascii_digit(),
            _ => false,
        })
}
