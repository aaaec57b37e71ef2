//! Functions on one text. Lengths and positions are bytes, as in Go.

use super::support::{Answer, any, bytes, chars, cut, find, fixed, int, string, text, too_long, variadic};
use super::unicode::{is_lower, is_title, is_upper, to_lower, to_title, to_upper};
use super::{cast, print, support};
use crate::function::Type::{Any, Int, String as Str};
use crate::function::{Failure, Function};
use crate::text::Text;
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    fixed("hello", &[], |_| Ok(Value::from("Hello!"))),
    fixed("abbrev", &[Int, Str], |a| abbreviate_above(int(a, 0) < 4, bytes(a, 1), 0, int(a, 0))),
    fixed("abbrevboth", &[Int, Int, Str], |a| {
        let (left, right) = (int(a, 0), int(a, 1));
        abbreviate_above(right < 4 || left > 0 && right < 7, bytes(a, 2), left, right)
    }),
    fixed("trunc", &[Int, Str], trunc),
    fixed("trim", &[Str], |a| Ok(Value::from(chars(a, 0)?.trim()))),
    fixed("upper", &[Str], |a| map_chars(a, to_upper)),
    fixed("lower", &[Str], |a| map_chars(a, to_lower)),
    fixed("title", &[Str], title),
    fixed("untitle", &[Str], untitle),
    fixed("substr", &[Int, Int, Str], substr),
    fixed("repeat", &[Int, Str], repeat),
    fixed("trimall", &[Str, Str], trim_all),
    fixed("trimAll", &[Str, Str], trim_all),
    fixed("trimSuffix", &[Str, Str], |a| string(bytes(a, 1).strip_suffix(bytes(a, 0)).unwrap_or(bytes(a, 1)))),
    fixed("trimPrefix", &[Str, Str], |a| string(bytes(a, 1).strip_prefix(bytes(a, 0)).unwrap_or(bytes(a, 1)))),
    fixed("nospace", &[Str], nospace),
    fixed("initials", &[Str], initials),
    fixed("swapcase", &[Str], swapcase),
    fixed("wrap", &[Int, Str], |a| wrap(bytes(a, 1), int(a, 0), b"\n", false)),
    fixed("wrapWith", &[Int, Str, Str], |a| wrap(bytes(a, 2), int(a, 0), bytes(a, 1), true)),
    fixed("contains", &[Str, Str], |a| Ok(find(bytes(a, 1), bytes(a, 0), 0).is_some().into())),
    fixed("hasPrefix", &[Str, Str], |a| Ok(bytes(a, 1).starts_with(bytes(a, 0)).into())),
    fixed("hasSuffix", &[Str, Str], |a| Ok(bytes(a, 1).ends_with(bytes(a, 0)).into())),
    variadic("quote", &[], Any, |a| joined(a, |value| Ok(print::quoted(&cast::to_text(value)?)))),
    variadic("squote", &[], Any, |a| {
        joined(a, |value| {
            let plain = print::plain(value)?;
            Ok(Text::from_bytes(&[b"'", plain.as_bytes(), b"'"].concat()))
        })
    }),
    variadic("cat", &[], Any, |a| joined(a, print::plain)),
    fixed("indent", &[Int, Str], |a| string(&indent(int(a, 0), bytes(a, 1))?)),
    fixed("nindent", &[Int, Str], |a| string(&[b"\n".as_slice(), &indent(int(a, 0), bytes(a, 1))?].concat())),
    fixed("replace", &[Str, Str, Str], |a| string(&replace(bytes(a, 2), bytes(a, 0), bytes(a, 1))?)),
    fixed("plural", &[Str, Str, Int], |a| Ok(Value::from(text(a, usize::from(int(a, 2) != 1))))),
    fixed("toString", &[Any], |a| cast::to_text(any(a, 0)).map(Value::from)),
    fixed("normalize", &[Str], |a| Ok(Value::from(sanitize(chars(a, 0)?)))),
    variadic("slugify", &[], Any, slugify),
];

fn trunc(args: &[Value]) -> Answer {
    let (count, s) = (int(args, 0), bytes(args, 1));
    let len = s.len() as i64;
    if count < 0 && len.saturating_add(count) > 0 {
        return string(cut(s, len + count, len)?);
    }
    string(if count >= 0 && len > count { cut(s, 0, count)? } else { s })
}

fn substr(args: &[Value]) -> Answer {
    let (start, end, s) = (int(args, 0), int(args, 1), bytes(args, 2));
    let len = s.len() as i64;
    if start < 0 {
        return string(cut(s, 0, end)?);
    }
    if end < 0 || end > len {
        if start > len {
            return Err(Failure::Error(format!("runtime error: slice bounds out of range [{start}:{len}]")));
        }
        return string(cut(s, start, len)?);
    }
    string(cut(s, start, end)?)
}

fn abbreviate_above(unchanged: bool, s: &[u8], offset: i64, width: i64) -> Answer {
    string(&if unchanged { s.to_vec() } else { abbreviate(s, offset, width)? })
}

/// goutils' `AbbreviateFull`, which gives "" where it fails.
fn abbreviate(s: &[u8], offset: i64, width: i64) -> Result<Vec<u8>, Failure> {
    let len = s.len() as i64;
    if s.is_empty() || width < 4 {
        return Ok(Vec::new());
    }
    if len <= width {
        return Ok(s.to_vec());
    }
    let mut offset = offset.min(len);
    if len.saturating_sub(offset) < width - 3 {
        offset = len - (width - 3);
    }
    if offset <= 4 {
        return Ok([cut(s, 0, width - 3)?, b"..."].concat());
    }
    if width < 7 {
        return Ok(Vec::new());
    }
    if offset + width - 3 < len {
        return Ok([b"...".as_slice(), &abbreviate(cut(s, offset, len)?, 0, width - 3)?].concat());
    }
    Ok([b"...".as_slice(), cut(s, len - (width - 3), len)?].concat())
}

fn map_chars(args: &[Value], map: fn(char) -> char) -> Answer {
    Ok(Value::from(text(args, 0).lossy().chars().map(map).collect::<String>()))
}

/// `strings.Title`.
fn title(args: &[Value]) -> Answer {
    let mut previous = ' ';
    let out: String = text(args, 0)
        .lossy()
        .chars()
        .map(|c| {
            let separated = match previous {
                p if p.is_ascii() => !p.is_ascii_alphanumeric() && p != '_',
                p => p.is_whitespace(),
            };
            previous = c;
            if separated { to_title(c) } else { c }
        })
        .collect();
    Ok(out.into())
}

fn untitle(args: &[Value]) -> Answer {
    let mut next = true;
    let out: String = text(args, 0)
        .lossy()
        .chars()
        .map(|c| {
            if c.is_whitespace() {
                next = true;
                return c;
            }
            if std::mem::take(&mut next) { to_lower(c) } else { c }
        })
        .collect();
    Ok(out.into())
}

fn repeat(args: &[Value]) -> Answer {
    let (count, s) = (int(args, 0), bytes(args, 1));
    if count < 0 {
        return Err(Failure::error("strings: negative Repeat count"));
    }
    let size = usize::try_from(count).ok().and_then(|count| count.checked_mul(s.len())).unwrap_or(usize::MAX);
    if size > support::MAX_BYTES {
        return Err(too_long());
    }
    string(&if s.is_empty() { Vec::new() } else { s.repeat(count as usize) })
}

fn trim_all(args: &[Value]) -> Answer {
    let (set, s) = (chars(args, 0)?, chars(args, 1)?);
    Ok(Value::from(s.trim_matches(|c| set.contains(c))))
}

/// Go looks at each byte as if it were a character, so letters beyond ASCII come out as two.
fn nospace(args: &[Value]) -> Answer {
    let s = bytes(args, 0);
    let kept: Vec<char> = s.iter().map(|b| char::from(*b)).filter(|c| !c.is_whitespace()).collect();
    if kept.len() == s.len() { string(s) } else { Ok(kept.into_iter().collect::<String>().into()) }
}

fn initials(args: &[Value]) -> Answer {
    let mut gap = true;
    let first = bytes(args, 0).iter().map(|b| char::from(*b)).filter(|c| {
        let space = c.is_whitespace();
        !space & std::mem::replace(&mut gap, space)
    });
    Ok(first.collect::<String>().into())
}

fn swapcase(args: &[Value]) -> Answer {
    let mut gap = true;
    let out: String = text(args, 0)
        .lossy()
        .chars()
        .map(|c| {
            if is_upper(c) || is_title(c) {
                gap = false;
                to_lower(c)
            } else if is_lower(c) {
                if std::mem::take(&mut gap) { to_title(c) } else { to_upper(c) }
            } else {
                gap = c.is_whitespace();
                c
            }
        })
        .collect();
    Ok(out.into())
}

/// goutils' `WrapCustom`.
fn wrap(s: &[u8], width: i64, line_end: &[u8], break_words: bool) -> Answer {
    let line_end = if line_end.is_empty() { b"\n" } else { line_end };
    let width = usize::try_from(width.max(1)).unwrap_or(usize::MAX);
    let (mut out, mut at) = (Vec::new(), 0);
    while s.len() - at > width {
        let line = s.get(at..at + width + 1).unwrap_or_default();
        if line.first() == Some(&b' ') {
            at += 1;
            continue;
        }
        let end = match line.iter().rposition(|b| *b == b' ') {
            Some(space) => at + space,
            None if break_words => {
                out.extend_from_slice(s.get(at..at + width).unwrap_or_default());
                out.extend_from_slice(line_end);
                at += width;
                continue;
            }
            None => match find(s, b" ", at + width) {
                Some(space) => space,
                None => break,
            },
        };
        out.extend_from_slice(s.get(at..end).unwrap_or_default());
        out.extend_from_slice(line_end);
        if out.len() > support::MAX_BYTES {
            return Err(too_long());
        }
        at = end + 1;
    }
    out.extend_from_slice(s.get(at..).unwrap_or_default());
    string(&out)
}

fn joined(args: &[Value], each: impl Fn(&Value) -> Result<Text, Failure>) -> Answer {
    let parts: Vec<Text> = args.iter().filter(|value| !value.is_nil()).map(each).collect::<Result<_, _>>()?;
    string(&parts.iter().map(Text::as_bytes).collect::<Vec<_>>().join(b" ".as_slice()))
}

fn indent(spaces: i64, s: &[u8]) -> Result<Vec<u8>, Failure> {
    let Ok(spaces) = usize::try_from(spaces) else {
        return Err(Failure::error("strings: negative Repeat count"));
    };
    let lines = s.iter().filter(|b| **b == b'\n').count() + 1;
    if spaces.checked_mul(lines).is_none_or(|size| size > support::MAX_BYTES) {
        return Err(too_long());
    }
    let pad = vec![b' '; spaces];
    let line_end = [b"\n".as_slice(), &pad].concat();
    Ok([pad.as_slice(), &replace(s, b"\n", &line_end)?].concat())
}

/// `strings.ReplaceAll`; an empty `old` matches before every character and at the end.
pub(super) fn replace(s: &[u8], old: &[u8], new: &[u8]) -> Result<Vec<u8>, Failure> {
    if old == new {
        return Ok(s.to_vec());
    }
    let mut out = Vec::with_capacity(s.len());
    let mut parts = support::split(s, old, -1);
    if old.is_empty() {
        parts.insert(0, b"");
        parts.push(b"");
    }
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(new);
        }
        out.extend_from_slice(part);
        if out.len() > support::MAX_BYTES {
            return Err(too_long());
        }
    }
    Ok(out)
}

/// Argo CD's `normalize`: a name that DNS allows.
fn sanitize(name: &str) -> String {
    let valid = |c: char| if matches!(c, '-' | '.' | 'a'..='z' | '0'..='9') { c } else { '-' };
    let mut name: String = name.chars().map(to_lower).map(valid).collect();
    name.truncate(253);
    name.trim_matches(['-', '.']).into()
}

/// Argo CD's `slugify`: size and smart cutting are optional, the name comes last.
fn slugify(args: &[Value]) -> Answer {
    let (mut size, mut smart, mut name) = (50, true, "");
    for (at, value) in args.iter().enumerate() {
        match (value, at) {
            (Value::String(text), at) if at + 1 == args.len() => name = text.to_str()?,
            (value, at) if at + 1 == args.len() => return Err(support::not_a(value, "string")),
            (Value::Int(n), 0) => size = *n,
            (value, 0) => return Err(support::not_a(value, "int")),
            (Value::Bool(value), 1) => smart = *value,
            (value, 1) => return Err(support::not_a(value, "bool")),
            _ => {}
        }
    }
    let mut slug = sanitize(name);
    let length = slug.len() as i64;
    if !smart && length >= size {
        slug = String::from_utf8_lossy(cut(slug.as_bytes(), 0, size)?).into_owned();
    }
    let mut out = String::with_capacity(slug.len());
    for c in slug.chars() {
        let c = if c == '.' { '-' } else { c };
        if c != '-' || !out.ends_with('-') {
            out.push(c);
        }
    }
    let out = out.trim_matches(['-', '_']);
    let Some(size) = usize::try_from(size).ok().filter(|size| *size > 0 && smart && *size < out.len()) else {
        return Ok(Value::from(out));
    };
    let whole_words = out.get(..=size).and_then(|start| start.rfind('-'));
    Ok(Value::from(out.get(..whole_words.unwrap_or(size)).unwrap_or_default()))
}
