//! snakecase, kebabcase and camelcase, as github.com/huandu/xstrings has them.

use super::support::{Answer, chars, fixed};
use super::unicode::{is_punct, is_upper, to_lower, to_upper};
use crate::function::Type::String as Str;
use crate::function::{Failure, Function};
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    fixed("snakecase", &[Str], |a| lower_case(chars(a, 0)?, '_')),
    fixed("kebabcase", &[Str], |a| lower_case(chars(a, 0)?, '-')),
    fixed("camelcase", &[Str], |a| Ok(pascal_case(chars(a, 0)?).into())),
];

fn is_connector(c: char) -> bool {
    c == '-' || c == '_' || c.is_whitespace()
}

/// `ToPascalCase`.
fn pascal_case(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    let mut left = s.chars();
    let Some(mut current) = left.by_ref().find(|c| {
        let connector = is_connector(*c);
        if connector {
            out.push(*c);
        }
        !connector
    }) else {
        // The last of nothing but connectors is written twice, as there.
        out.extend(s.chars().next_back());
        return out;
    };
    let mut first_is_upper = is_upper(current);
    current = to_upper(current);
    for c in left {
        let previous = std::mem::replace(&mut current, c);
        if is_connector(c) && is_connector(previous) {
            out.push(previous);
        } else if is_connector(previous) {
            first_is_upper = is_upper(c);
            current = to_upper(c);
        } else {
            if first_is_upper {
                if is_upper(c) {
                    current = to_lower(c);
                } else {
                    first_is_upper = false;
                }
            }
            out.push(previous);
        }
    }
    out.push(current);
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    None,
    Number,
    Upper,
    Letters,
    Connector,
    Punctuation,
    Other,
}

/// Letters of the languages that have no case are no `Letters` there.
fn is_alphabet(c: char) -> Result<bool, Failure> {
    if c.is_ascii() {
        return Ok(c.is_ascii_alphabetic());
    }
    if u32::from(c) < 0x3400 && (c.is_alphanumeric() || is_punct(c) == Some(false)) {
        return Ok(c.is_alphabetic());
    }
    match u32::from(c) {
        0x3400..=0x4D85 | 0x4E00..=0x9FCC => Ok(false),
        _ => Err(Failure::Unverifiable(format!("snakecase and kebabcase of the character `{c}`"))),
    }
}

fn is_number(c: char) -> bool {
    c.is_numeric()
}

fn kind_of(c: char) -> Result<Word, Failure> {
    Ok(if is_connector(c) {
        Word::Connector
    } else if is_punct(c).ok_or_else(|| Failure::Unverifiable(format!("snakecase and kebabcase of the character `{c}`")))? {
        Word::Punctuation
    } else if is_upper(c) {
        Word::Upper
    } else if is_alphabet(c)? {
        Word::Letters
    } else if is_number(c) {
        Word::Number
    } else {
        Word::Other
    })
}

/// `nextWord`: the kind of the first word of `s`, the word and what follows.
fn next_word(s: &str) -> Result<(Word, &str, &str), Failure> {
    let Some(first) = s.chars().next() else { return Ok((Word::None, "", "")) };
    let kind = kind_of(first)?;
    let mut end = first.len_utf8();
    let second = s.get(end..).and_then(|rest| rest.chars().next());
    let mut take = |from: usize, wanted: &dyn Fn(char) -> Result<bool, Failure>| -> Result<usize, Failure> {
        end = from;
        for c in s.get(from..).unwrap_or_default().chars() {
            if !wanted(c)? {
                break;
            }
            end += c.len_utf8();
        }
        Ok(end)
    };
    let start = first.len_utf8();
    let end = match kind {
        Word::Upper => match second {
            Some(c) if is_upper(c) => {
                let end = take(start, &|c| Ok(is_upper(c)))?;
                let next = s.get(end..).and_then(|rest| rest.chars().next());
                match next {
                    // In HTTPStatus the S belongs to the next word.
                    Some(c) if is_alphabet(c)? => end - s.get(..end).and_then(|word| word.chars().next_back()).map_or(0, char::len_utf8),
                    _ => end,
                }
            }
            Some(c) if is_alphabet(c)? => take(start, &|c| Ok(is_alphabet(c)? && !is_upper(c)))?,
            _ => start,
        },
        Word::Letters => take(start, &|c| Ok(is_alphabet(c)? && !is_upper(c)))?,
        Word::Other => take(start, &|c| Ok(kind_of(c)? == Word::Other))?,
        kind => take(start, &|c| Ok(kind_of(c)? == kind))?,
    };
    Ok((kind, s.get(..end).unwrap_or_default(), s.get(end..).unwrap_or_default()))
}

fn write(out: &mut String, kind: Word, word: &str, connector: char) {
    if kind != Word::Upper && kind != Word::Connector {
        out.push_str(word);
        return;
    }
    out.extend(word.chars().map(|c| if is_connector(c) { connector } else { to_lower(c) }));
}

/// `camelCaseToLowerCase`.
fn lower_case(s: &str, connector: char) -> Answer {
    let mut out = String::with_capacity(s.len() + 8);
    let (mut kind, mut word, mut left) = next_word(s)?;
    while !left.is_empty() {
        if kind != Word::Connector {
            write(&mut out, kind, word, connector);
        }
        let (previous, last) = (kind, word);
        (kind, word, left) = next_word(left)?;
        match previous {
            Word::Number => {
                while matches!(kind, Word::Letters | Word::Number) {
                    write(&mut out, kind, word, connector);
                    (kind, word, left) = next_word(left)?;
                }
                if !matches!(kind, Word::None | Word::Punctuation | Word::Connector) {
                    out.push(connector);
                }
            }
            Word::Connector => write(&mut out, previous, last, connector),
            Word::Punctuation => {}
            _ if kind != Word::Number => {
                if !matches!(kind, Word::Connector | Word::Punctuation) {
                    out.push(connector);
                }
            }
            _ if left.is_empty() => {}
            _ => {
                let last = word;
                (kind, word, left) = next_word(left)?;
                if kind != Word::Letters {
                    write(&mut out, Word::Number, last, connector);
                    if !matches!(kind, Word::Connector | Word::Punctuation) {
                        out.push(connector);
                    }
                    continue;
                }
                // Lower case letters after the number: it begins a word of its own.
                out.push(connector);
                write(&mut out, Word::Number, last, connector);
                while matches!(kind, Word::Letters | Word::Number) {
                    write(&mut out, kind, word, connector);
                    (kind, word, left) = next_word(left)?;
                }
                if !matches!(kind, Word::None | Word::Connector | Word::Punctuation) {
                    out.push(connector);
                }
            }
        }
    }
    write(&mut out, kind, word, connector);
    Ok(Value::from(out))
}
