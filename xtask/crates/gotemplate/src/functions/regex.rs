//! Regular expressions in Go's syntax. What matches comes from `regex-lite`, which gets every pattern translated.

use regex_lite::Captures;

use super::print;
use super::regex_syntax::{self, Stop};
use super::support::{Answer, any, bytes, chars, fixed, int};
use crate::collections::{Element, Slice};
use crate::function::Type::{Int, String as Str};
use crate::function::{Failure, Function};
use crate::text::Text;
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    fixed("regexMatch", &[Str, Str], |a| match compile(a, 1) {
        Err(Stop::Syntax(_)) => Ok(Value::Bool(false)),
        regex => matches(a, regex.map_err(|stop| stop.failure(|text| text))?),
    }),
    fixed("mustRegexMatch", &[Str, Str], |a| matches(a, compile(a, 1).map_err(|stop| stop.failure(|text| text))?)),
    fixed("regexFindAll", &[Str, Str, Int], |a| find_all(a, &panicking(a, 1)?)),
    fixed("mustRegexFindAll", &[Str, Str, Int], |a| find_all(a, &returning(a, 1)?)),
    fixed("regexFind", &[Str, Str], |a| find(a, &panicking(a, 1)?)),
    fixed("mustRegexFind", &[Str, Str], |a| find(a, &returning(a, 1)?)),
    fixed("regexReplaceAll", &[Str, Str, Str], |a| replace(a, &panicking(a, 1)?, true)),
    fixed("mustRegexReplaceAll", &[Str, Str, Str], |a| replace(a, &returning(a, 1)?, true)),
    fixed("regexReplaceAllLiteral", &[Str, Str, Str], |a| replace(a, &panicking(a, 1)?, false)),
    fixed("mustRegexReplaceAllLiteral", &[Str, Str, Str], |a| replace(a, &returning(a, 1)?, false)),
    fixed("regexSplit", &[Str, Str, Int], |a| split(a, &panicking(a, 1)?)),
    fixed("mustRegexSplit", &[Str, Str, Int], |a| split(a, &returning(a, 1)?)),
    fixed("regexQuoteMeta", &[Str], quote_meta),
];

/// A compiled pattern, with the names of its groups.
struct Regex {
    compiled: regex_lite::Regex,
    names: Vec<Option<String>>,
}

/// The pattern is argument 0, the text argument `subject`.
fn compile(args: &[Value], subject: usize) -> Result<Regex, Stop> {
    let pattern = chars(args, 0).map_err(Stop::Unverifiable)?;
    let translated = regex_syntax::translate(pattern)?;
    let text = chars(args, subject).map_err(Stop::Unverifiable)?;
    if translated.folds_case && !(pattern.is_ascii() && text.is_ascii()) {
        return Err(Stop::Unverifiable(Failure::unverifiable("a regular expression that ignores case, on letters beyond ASCII")));
    }
    regex_lite::Regex::new(&translated.pattern).map(|compiled| Regex { compiled, names: translated.names }).map_err(|_| {
        Stop::Unverifiable(Failure::unverifiable("a regular expression that is too large or nested too deep for this program"))
    })
}

fn returning(args: &[Value], subject: usize) -> Result<Regex, Failure> {
    compile(args, subject).map_err(|stop| stop.failure(|text| text))
}

/// As `regexp.MustCompile` says it.
fn panicking(args: &[Value], subject: usize) -> Result<Regex, Failure> {
    compile(args, subject).map_err(|stop| {
        stop.failure(|text| {
            let pattern = bytes(args, 0);
            let plain = crate::quote::can_backquote(pattern);
            let quoted = match any(args, 0).as_text() {
                Some(pattern) if !plain => print::quoted(pattern).lossy().into_owned(),
                _ => format!("`{}`", crate::text::lossy(pattern)),
            };
            format!("regexp: Compile({quoted}): {text}")
        })
    })
}

fn matches(args: &[Value], regex: Regex) -> Answer {
    Ok(regex.compiled.is_match(chars(args, 1)?).into())
}

fn find(args: &[Value], regex: &Regex) -> Answer {
    let text = chars(args, 1)?;
    Ok(Value::from(regex.compiled.find(text).map_or("", |found| found.as_str())))
}

/// Where the first `count` matches are; all if it is negative.
fn positions(regex: &Regex, text: &str, count: i64) -> Vec<(usize, usize)> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    regex.compiled.find_iter(text).take(count).map(|found| (found.start(), found.end())).collect()
}

fn find_all(args: &[Value], regex: &Regex) -> Answer {
    let text = chars(args, 1)?;
    let found = positions(regex, text, int(args, 2));
    if found.is_empty() {
        return Ok(Value::Slice(Slice::nil(Element::String)));
    }
    Ok(Value::strings(found.into_iter().filter_map(|(start, end)| text.get(start..end))))
}

fn split(args: &[Value], regex: &Regex) -> Answer {
    let (text, count) = (chars(args, 1)?, int(args, 2));
    if count == 0 {
        return Ok(Value::Slice(Slice::nil(Element::String)));
    }
    if !bytes(args, 0).is_empty() && text.is_empty() {
        return Ok(Value::strings([""]));
    }
    let (mut out, mut start, mut end) = (Vec::new(), 0, 0);
    for (from, to) in positions(regex, text, count) {
        if count > 0 && out.len() as i64 == count - 1 {
            break;
        }
        end = from;
        if to != 0 {
            out.push(text.get(start..end).unwrap_or_default());
        }
        start = to;
    }
    if end != text.len() {
        out.push(text.get(start..).unwrap_or_default());
    }
    if out.is_empty() {
        return Ok(Value::Slice(Slice::new(Element::String, Vec::new())));
    }
    Ok(Value::strings(out))
}

fn replace(args: &[Value], regex: &Regex, expands: bool) -> Answer {
    let text = chars(args, 1)?;
    let replacement = any(args, 2).as_text().cloned().unwrap_or_else(|| Text::from(""));
    let (mut out, mut copied) = (Vec::new(), 0);
    for captures in regex.compiled.captures_iter(text) {
        let Some(whole) = captures.get(0) else { continue };
        out.extend_from_slice(text.as_bytes().get(copied..whole.start()).unwrap_or_default());
        if expands {
            expand(&mut out, replacement.to_str()?, regex, &captures);
        } else {
            out.extend_from_slice(replacement.as_bytes());
        }
        copied = whole.end();
        if out.len() > super::support::MAX_BYTES {
            return Err(super::support::too_long());
        }
    }
    out.extend_from_slice(text.as_bytes().get(copied..).unwrap_or_default());
    super::support::string(&out)
}

/// `Regexp.Expand`: `$1`, `${1}x`, `$name`; `$1x` is the group named `1x`, which is nothing.
fn expand(out: &mut Vec<u8>, template: &str, regex: &Regex, captures: &Captures<'_>) {
    let mut left = template;
    while let Some(at) = left.find('$') {
        let (before, after) = left.split_at(at);
        out.extend_from_slice(before.as_bytes());
        let after = after.get(1..).unwrap_or_default();
        if let Some(rest) = after.strip_prefix('$') {
            out.push(b'$');
            left = rest;
            continue;
        }
        let Some((name, rest)) = reference(after) else {
            out.push(b'$');
            left = after;
            continue;
        };
        left = rest;
        let digits = name.bytes().all(|b| b.is_ascii_digit()) && (name.len() == 1 || !name.starts_with('0')) && name.len() < 9;
        let group = match name.parse::<usize>() {
            Ok(number) if digits => captures.get(number),
            _ => {
                let mut named = regex.names.iter().enumerate().filter(|(_, known)| known.as_deref() == Some(name));
                named.find_map(|(number, _)| captures.get(number + 1))
            }
        };
        out.extend_from_slice(group.map_or("", |group| group.as_str()).as_bytes());
    }
    out.extend_from_slice(left.as_bytes());
}

/// The name after `$` and what follows it; `None` if there is no well-formed one.
fn reference(after: &str) -> Option<(&str, &str)> {
    let braced = after.starts_with('{');
    let start = after.get(usize::from(braced)..)?;
    let end = start.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(start.len());
    let (name, rest) = start.split_at(end);
    if name.is_empty() {
        return None;
    }
    Some((name, if braced { rest.strip_prefix('}')? } else { rest }))
}

fn quote_meta(args: &[Value]) -> Answer {
    let mut out = Vec::new();
    for b in bytes(args, 0) {
        if br"\.+*?()|[]{}^$".contains(b) {
            out.push(b'\\');
        }
        out.push(*b);
    }
    super::support::string(&out)
}
