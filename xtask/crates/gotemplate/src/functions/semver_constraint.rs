//! Constraints such as `>=1.2, <2 || ~3.4`, read by hand as the regular expressions there read them.

use super::semver::{Version, compare_pre};
use crate::function::Failure;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    /// Nothing or `=`.
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    Tilde,
    Caret,
}

/// In the order of the regular expression's alternatives is not needed: the longest that fits is the one that can match.
const OPERATORS: [(&str, Operator); 11] = [
    ("!=", Operator::NotEqual),
    (">=", Operator::GreaterEqual),
    ("=>", Operator::GreaterEqual),
    ("<=", Operator::LessEqual),
    ("=<", Operator::LessEqual),
    ("~>", Operator::Tilde),
    ("=", Operator::Equal),
    (">", Operator::Greater),
    ("<", Operator::Less),
    ("~", Operator::Tilde),
    ("^", Operator::Caret),
];

#[derive(Debug)]
struct Constraint {
    operator: Operator,
    version: Version,
    dirty: bool,
    minor_dirty: bool,
    patch_dirty: bool,
}

/// Alternatives, each of constraints that all must hold.
#[derive(Debug)]
pub(super) struct Constraints(Vec<Vec<Constraint>>);

/// `1.2.x-pre+meta`: the parts as the regular expression captures them, and where it ends.
struct Written<'a> {
    numbers: [&'a str; 3],
    pre: &'a str,
    end: usize,
}

fn run_of(s: &str, from: usize, wanted: impl Fn(u8) -> bool) -> usize {
    s.bytes().skip(from).take_while(|b| wanted(*b)).count() + from
}

fn is_number(b: u8) -> bool {
    b.is_ascii_digit() || matches!(b, b'x' | b'X' | b'*' | b'|')
}

fn is_blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

/// A part after `.`, with its point; nothing if there is none.
fn number_after(s: &str, at: usize) -> (&str, usize) {
    let end = if s.as_bytes().get(at) == Some(&b'.') { run_of(s, at + 1, is_number) } else { at };
    if end > at + 1 { (s.get(at + 1..end).unwrap_or_default(), end) } else { ("", at) }
}

/// Identifiers with points between them after `sign`: as many as fit.
fn suffix(s: &str, at: usize, sign: u8) -> usize {
    let identifier = |from| run_of(s, from, |b: u8| b.is_ascii_alphanumeric() || b == b'-');
    if s.as_bytes().get(at) != Some(&sign) || identifier(at + 1) == at + 1 {
        return at;
    }
    let mut end = identifier(at + 1);
    while s.as_bytes().get(end) == Some(&b'.') && identifier(end + 1) > end + 1 {
        end = identifier(end + 1);
    }
    end
}

fn version_at(s: &str, at: usize) -> Option<Written<'_>> {
    let at = if s.as_bytes().get(at) == Some(&b'v') { at + 1 } else { at };
    let first_end = run_of(s, at, is_number);
    if first_end == at {
        return None;
    }
    let (second, second_end) = number_after(s, first_end);
    let (third, third_end) = if second.is_empty() { ("", second_end) } else { number_after(s, second_end) };
    let pre_end = suffix(s, third_end, b'-');
    let end = suffix(s, pre_end, b'+');
    let pre = s.get(third_end..pre_end).unwrap_or_default();
    Some(Written { numbers: [s.get(at..first_end).unwrap_or_default(), second, third], pre, end })
}

fn operator_at(s: &str, at: usize) -> (Operator, usize) {
    let tail = s.get(at..).unwrap_or_default();
    OPERATORS.iter().find(|(sign, _)| tail.starts_with(sign)).map_or((Operator::Equal, at), |(sign, operator)| (*operator, at + sign.len()))
}

fn improper(text: &str) -> Failure {
    Failure::Error(format!("improper constraint: {text}"))
}

/// `1.2 - 1.4` becomes `>= 1.2, <= 1.4`.
fn without_ranges(s: &str) -> String {
    let (mut out, mut at, mut copied) = (String::with_capacity(s.len()), 0, 0);
    while at < s.len() {
        let start = run_of(s, at, is_blank);
        let range = version_at(s, start).and_then(|low| {
            let dash = run_of(s, low.end, is_blank);
            let after = run_of(s, dash + 1, is_blank);
            let dashed = dash > low.end && s.as_bytes().get(dash) == Some(&b'-') && after > dash + 1;
            let high = version_at(s, after).filter(|_| dashed)?;
            Some((s.get(start..low.end)?, s.get(after..high.end)?, run_of(s, high.end, is_blank)))
        });
        match range {
            Some((low, high, end)) => {
                out.push_str(s.get(copied..at).unwrap_or_default());
                out.push_str(&format!(">= {low}, <= {high} "));
                (at, copied) = (end, end);
            }
            None => at += s.get(at..).and_then(|tail| tail.chars().next()).map_or(1, char::len_utf8),
        }
    }
    out.push_str(s.get(copied..).unwrap_or_default());
    out
}

impl Constraints {
    /// Errors: `improper constraint: …` with the alternative that cannot be read.
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        without_ranges(text).split("||").map(alternative).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn check(&self, version: &Version) -> bool {
        self.0.iter().any(|all| {
            let with_pre = all.iter().any(|constraint| !constraint.version.pre.is_empty());
            all.iter().all(|constraint| (version.pre.is_empty() || with_pre) && constraint.holds(version))
        })
    }
}

/// Constraints with blanks or commas between them.
fn alternative(text: &str) -> Result<Vec<Constraint>, Failure> {
    let (mut out, mut at) = (Vec::new(), 0);
    loop {
        let start = run_of(text, at, is_blank);
        let (operator, end) = operator_at(text, start);
        let written = version_at(text, run_of(text, end, is_blank)).ok_or_else(|| improper(text))?;
        let version_end = written.end;
        out.push(constraint(operator, &written)?);
        at = run_of(text, version_end, is_blank);
        match text.as_bytes().get(at) {
            None => return Ok(out),
            Some(b',') => at += 1,
            Some(_) if at > version_end => {}
            Some(_) => return Err(improper(text)),
        }
    }
}

fn constraint(operator: Operator, written: &Written<'_>) -> Result<Constraint, Failure> {
    let [major, minor, patch] = written.numbers;
    let is_x = |number: &str| matches!(number, "" | "x" | "X" | "*");
    let (text, minor_dirty, patch_dirty) = if is_x(major) {
        (format!("0.0.0{}", written.pre), false, false)
    } else if is_x(minor) {
        (format!("{major}.0.0{}", written.pre), true, false)
    } else if is_x(patch) {
        (format!("{major}.{minor}.0{}", written.pre), false, true)
    } else {
        (format!("{major}.{minor}.{patch}{}", written.pre), false, false)
    };
    let version = Version::parse(text.as_bytes()).map_err(|_| Failure::error("constraint parser error"))?;
    Ok(Constraint { operator, version, dirty: is_x(major) || is_x(minor) || is_x(patch), minor_dirty, patch_dirty })
}

impl Constraint {
    fn holds(&self, v: &Version) -> bool {
        let c = &self.version;
        match self.operator {
            Operator::Equal if self.dirty => self.tilde(v),
            Operator::Equal => v.compare(c).is_eq(),
            Operator::NotEqual => self.not_equal(v),
            Operator::Greater => self.greater(v),
            Operator::Less => v.compare(c).is_lt(),
            Operator::GreaterEqual => v.compare(c).is_ge(),
            Operator::LessEqual if self.dirty => v.major < c.major || v.major == c.major && (v.minor <= c.minor || self.minor_dirty),
            Operator::LessEqual => v.compare(c).is_le(),
            Operator::Tilde => self.tilde(v),
            Operator::Caret => self.caret(v),
        }
    }

    fn not_equal(&self, v: &Version) -> bool {
        let c = &self.version;
        if self.dirty {
            if c.major != v.major {
                return true;
            }
            if c.minor != v.minor && !self.minor_dirty {
                return true;
            } else if self.minor_dirty {
                return false;
            } else if c.patch != v.patch && !self.patch_dirty {
                return true;
            } else if self.patch_dirty {
                return (!v.pre.is_empty() || !c.pre.is_empty()) && compare_pre(&v.pre, &c.pre).is_ne();
            }
        }
        v.compare(c).is_ne()
    }

    fn greater(&self, v: &Version) -> bool {
        let c = &self.version;
        if self.dirty {
            if v.major != c.major {
                return v.major > c.major;
            }
            if self.minor_dirty {
                return false;
            }
            if self.patch_dirty {
                return v.minor > c.minor;
            }
        }
        v.compare(c).is_gt()
    }

    fn tilde(&self, v: &Version) -> bool {
        let c = &self.version;
        if v.compare(c).is_lt() {
            return false;
        }
        let anything = c.major == 0 && c.minor == 0 && c.patch == 0 && !self.minor_dirty && !self.patch_dirty;
        anything || v.major == c.major && (v.minor == c.minor || self.minor_dirty)
    }

    fn caret(&self, v: &Version) -> bool {
        let c = &self.version;
        if v.compare(c).is_lt() {
            return false;
        }
        if c.major > 0 || self.minor_dirty {
            return v.major == c.major;
        }
        if v.major > 0 {
            return false;
        }
        if c.minor > 0 || self.patch_dirty {
            return v.minor == c.minor;
        }
        v.minor == 0 && v.patch == c.patch
    }
}
