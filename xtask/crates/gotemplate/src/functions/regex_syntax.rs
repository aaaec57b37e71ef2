//! Translates Go's regular expressions into ones that mean the same to `regex-lite`: without flags, Perl classes or names of
//! classes, which the two read differently. Errors are those of `regexp/syntax`.

use super::regex_class::{self, Class};
use crate::function::Failure;

pub(super) enum Stop {
    /// Go refuses it too: `error parsing regexp: …`.
    Syntax(String),
    Unverifiable(Failure),
}

impl Stop {
    pub(super) fn failure(self, words: impl FnOnce(String) -> String) -> Failure {
        match self {
            Self::Syntax(text) => Failure::Error(words(text)),
            Self::Unverifiable(failure) => failure,
        }
    }
}

pub(super) fn bad(code: &str, part: &str) -> Stop {
    Stop::Syntax(format!("error parsing regexp: {code}: `{part}`"))
}

pub(super) struct Translated {
    pub(super) pattern: String,
    /// `(?i)` is somewhere in it.
    pub(super) folds_case: bool,
    /// Of each group its name, the first one's first: several may have the same, which `regex-lite` does not allow.
    pub(super) names: Vec<Option<String>>,
}

#[derive(Clone, Copy, Default)]
struct Flags {
    fold: bool,
    lines: bool,
    dot_all: bool,
    lazy: bool,
}

/// An open group: the flags outside of it, where it begins in the output, the largest product of counts inside.
struct Group {
    flags: Flags,
    start: usize,
    product: u32,
}

struct Translator<'a> {
    whole: &'a str,
    out: String,
    flags: Flags,
    groups: Vec<Group>,
    names: Vec<Option<String>>,
    folds_case: bool,
    /// Where the last thing that can be repeated begins in the output, and the product of counts in it.
    atom: Option<(usize, u32)>,
    product: u32,
}

pub(super) fn translate(pattern: &str) -> Result<Translated, Stop> {
    let mut translator = Translator {
        whole: pattern,
        out: String::new(),
        flags: Flags::default(),
        groups: Vec::new(),
        names: Vec::new(),
        folds_case: false,
        atom: None,
        product: 1,
    };
    translator.run()?;
    Ok(Translated { pattern: translator.out, folds_case: translator.folds_case, names: translator.names })
}

impl<'a> Translator<'a> {
    fn run(&mut self) -> Result<(), Stop> {
        let mut left = self.whole;
        let mut last_repeat = "";
        while let Some(c) = left.chars().next() {
            let after = left.get(c.len_utf8()..).unwrap_or_default();
            let mut repeat = "";
            match c {
                '(' if after.starts_with('?') => left = self.perl_group(left)?,
                '(' => {
                    self.names.push(None);
                    self.open("(");
                    left = after;
                }
                ')' => {
                    self.close()?;
                    left = after;
                }
                '|' => {
                    self.out.push('|');
                    self.atom = None;
                    left = after;
                }
                '^' => left = self.push(if self.flags.lines { "(?m:^)" } else { r"\A" }, after),
                '$' => left = self.push(if self.flags.lines { "(?m:$)" } else { r"\z" }, after),
                '.' => left = self.push(if self.flags.dot_all { "(?s:.)" } else { r"[^\n]" }, after),
                '[' => {
                    let (class, rest) = regex_class::parse(left, self.flags.fold)?;
                    left = self.push(&class.text(), rest);
                }
                '*' | '+' | '?' => {
                    repeat = left;
                    left = self.repeat(&c.to_string(), 1, left, after, last_repeat)?;
                }
                '{' => match count(after) {
                    Some((low, high, rest)) => {
                        repeat = left;
                        let before = left.get(..left.len() - rest.len()).unwrap_or_default();
                        if low > 1000 || high.is_some_and(|high| high > 1000 || low > high) {
                            return Err(bad("invalid repeat count", before));
                        }
                        let times = high.map_or_else(|| format!("{{{low},}}"), |high| format!("{{{low},{high}}}"));
                        left = self.repeat(&times, high.unwrap_or(low).max(1), left, rest, last_repeat)?;
                    }
                    None => left = self.literal('{', after),
                },
                '\\' => left = self.escape(left)?,
                c => left = self.literal(c, after),
            }
            last_repeat = repeat;
        }
        if self.groups.is_empty() { Ok(()) } else { Err(bad("missing closing )", self.whole)) }
    }

    fn push(&mut self, translated: &str, after: &'a str) -> &'a str {
        self.atom = Some((self.out.len(), 1));
        self.out.push_str(translated);
        after
    }

    fn literal(&mut self, c: char, after: &'a str) -> &'a str {
        let text = Class::of(c, self.flags.fold).text();
        self.push(&text, after)
    }

    fn open(&mut self, translated: &str) {
        self.groups.push(Group { flags: self.flags, start: self.out.len(), product: self.product });
        self.out.push_str(translated);
        self.atom = None;
        self.product = 1;
    }

    fn close(&mut self) -> Result<(), Stop> {
        let Some(group) = self.groups.pop() else { return Err(bad("unexpected )", self.whole)) };
        self.out.push(')');
        self.flags = group.flags;
        self.atom = Some((group.start, self.product));
        self.product = self.product.max(group.product);
        Ok(())
    }

    fn repeat(&mut self, times: &str, most: u32, before: &'a str, after: &'a str, last_repeat: &'a str) -> Result<&'a str, Stop> {
        let (lazy, after) = after.strip_prefix('?').map_or((false, after), |after| (true, after));
        if !last_repeat.is_empty() {
            let part = last_repeat.get(..last_repeat.len() - after.len()).unwrap_or_default();
            return Err(bad("invalid nested repetition operator", part));
        }
        let operator = before.get(..before.len() - after.len()).unwrap_or_default();
        let Some((start, product)) = self.atom else {
            return Err(bad("missing argument to repetition operator", operator));
        };
        let product = product.saturating_mul(most);
        if most > 1 && product > 1000 {
            return Err(bad("invalid repeat count", operator));
        }
        self.out.insert_str(start, "(?:");
        self.out.push(')');
        self.out.push_str(times);
        if lazy != self.flags.lazy {
            self.out.push('?');
        }
        self.product = self.product.max(product);
        self.atom = Some((start, product));
        Ok(after)
    }

    /// `(?P<name>`, `(?<name>`, `(?i)`, `(?i-s:`; `left` begins with `(?`.
    fn perl_group(&mut self, left: &'a str) -> Result<&'a str, Stop> {
        let name_start = if left.len() > 4 && left.starts_with("(?P<") {
            Some(4)
        } else if left.len() > 3 && left.starts_with("(?<") {
            Some(3)
        } else {
            None
        };
        if let Some(start) = name_start {
            let Some(end) = left.find('>') else { return Err(bad("invalid named capture", left)) };
            let name = left.get(start..end).unwrap_or_default();
            let valid = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !valid {
                return Err(bad("invalid named capture", left.get(..=end).unwrap_or_default()));
            }
            self.names.push(Some(name.into()));
            self.open("(");
            return Ok(left.get(end + 1..).unwrap_or_default());
        }
        let (mut flags, mut on, mut saw) = (self.flags, true, false);
        for (at, c) in left.char_indices().skip(2) {
            let wrong = || Err(bad("invalid or unsupported Perl syntax", left.get(..at + c.len_utf8()).unwrap_or_default()));
            match c {
                'i' | 'm' | 's' | 'U' => {
                    *match c {
                        'i' => &mut flags.fold,
                        'm' => &mut flags.lines,
                        's' => &mut flags.dot_all,
                        _ => &mut flags.lazy,
                    } = on;
                    saw = true;
                }
                '-' if on => (on, saw) = (false, false),
                ':' | ')' if on || saw => {
                    self.folds_case |= flags.fold;
                    if c == ':' {
                        self.open("(?:");
                    }
                    self.flags = flags;
                    return Ok(left.get(at + 1..).unwrap_or_default());
                }
                _ => return wrong(),
            }
        }
        Err(bad("invalid or unsupported Perl syntax", left))
    }

    fn escape(&mut self, left: &'a str) -> Result<&'a str, Stop> {
        let c = left.chars().nth(1);
        let after = left.get(1 + c.map_or(0, char::len_utf8)..).unwrap_or_default();
        match c {
            Some('A') => Ok(self.push(r"\A", after)),
            Some('z') => Ok(self.push(r"\z", after)),
            Some('b') => Ok(self.push(r"\b", after)),
            Some('B') => Ok(self.push(r"\B", after)),
            Some('C') => Err(bad("invalid escape sequence", r"\C")),
            Some('Q') => {
                let (quoted, rest) = after.split_once(r"\E").unwrap_or((after, ""));
                for c in quoted.chars() {
                    self.literal(c, rest);
                }
                Ok(rest)
            }
            _ => {
                if let Some((class, rest)) = regex_class::perl(left)? {
                    return Ok(self.push(&class.text(), rest));
                }
                let (c, rest) = regex_class::escaped_char(left)?;
                Ok(self.literal(c, rest))
            }
        }
    }
}

/// `2,5}` after the brace: low, high and the rest; `None` if it is only text. No high means no limit.
fn count(after: &str) -> Option<(u32, Option<u32>, &str)> {
    let number = |s: &str| -> Option<u32> {
        let plain = !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit()) && (s.len() == 1 || !s.starts_with('0'));
        plain.then(|| s.parse().unwrap_or(u32::MAX))
    };
    let (inside, rest) = after.split_once('}')?;
    Some(match inside.split_once(',') {
        None => {
            let times = number(inside)?;
            (times, Some(times), rest)
        }
        Some((low, "")) => (number(low)?, None, rest),
        Some((low, high)) => (number(low)?, Some(number(high)?), rest),
    })
}
