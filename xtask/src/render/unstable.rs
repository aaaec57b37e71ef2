//! Templates whose result is another one each time: by chance, by the clock, or by an order that nobody fixes.
//!
//! A chart that names none of the functions below is rendered once. Any other one is rendered twice, the second time with
//! another date in place of the present one; what differs is not what Argo CD would have.

use std::borrow::Cow;

use memchr::memmem;

use super::output::Made;

/// Functions of Helm's templates that give something else each time.
const CHANCE: &[&str] = &[
    "rand",
    "randAlpha",
    "randAlphaNum",
    "randAscii",
    "randBytes",
    "randInt",
    "randNumeric",
    "uuidv4",
    "shuffle",
    "genCA",
    "genCAWithKey",
    "genPrivateKey",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "htpasswd",
    "bcrypt",
    "encryptAES",
    // In no order, unless sorted.
    "keys",
    "values",
];

/// Those that look at the clock.
const TIME: &[&str] = &["now", "ago"];

/// What takes the place of `now` in a second render.
const ANOTHER_DAY: &[u8] = b"(toDate \"2006-01-02\" \"2001-02-03\")";

/// Why a chart has to be rendered twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Suspicion {
    pub chance: bool,
    pub time: bool,
}

impl Suspicion {
    pub fn any(self) -> bool {
        self.chance || self.time
    }

    pub fn and(self, other: Suspicion) -> Self {
        Suspicion { chance: self.chance || other.chance, time: self.time || other.time }
    }
}

/// Looks through a template, or a text that a template may take for one.
pub fn suspicion(text: &[u8]) -> Suspicion {
    let mut found = Suspicion::default();
    for action in actions(text) {
        for word in words(action.1) {
            found.chance |= is(CHANCE, word.1);
            found.time |= is(TIME, word.1);
        }
    }
    found
}

/// The template with another day in place of the present one.
pub fn another_day(text: &[u8]) -> Cow<'_, [u8]> {
    if !suspicion(text).time {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    for (start, action) in actions(text) {
        for (offset, word) in words(action) {
            if word == b"now" {
                out.extend_from_slice(text.get(at..start + offset).unwrap_or_default());
                out.extend_from_slice(ANOTHER_DAY);
                at = start + offset + word.len();
            }
        }
    }
    out.extend_from_slice(text.get(at..).unwrap_or_default());
    Cow::Owned(out)
}

/// The objects of the first render that the second one does not have in the same way, by their places.
pub fn differing(first: &[Made], second: &[Made]) -> Vec<usize> {
    (0..first.len().max(second.len())).filter(|i| first.get(*i) != second.get(*i)).map(|i| i.min(first.len().saturating_sub(1))).collect()
}

fn is(list: &[&str], word: &[u8]) -> bool {
    list.iter().any(|known| known.as_bytes() == word)
}

/// What stands between `{{` and `}}`, with its place; comments are left out.
fn actions(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + memmem::find(text.get(at..)?, b"{{")? + 2;
            let rest = text.get(start..)?;
            let begin = rest.trim_ascii_start();
            let comment = begin.starts_with(b"/*") || begin.strip_prefix(b"-").is_some_and(|r| r.trim_ascii_start().starts_with(b"/*"));
            let closing: &[u8] = if comment { b"*/" } else { b"}}" };
            let end = memmem::find(rest, closing).unwrap_or(rest.len());
            at = start + end;
            if !comment {
                return Some((start, rest.get(..end)?));
            }
        }
    })
}

/// Words that could be functions: not fields, variables or parts of a text in quotes.
fn words(action: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut at = 0;
    let mut quote = None;
    std::iter::from_fn(move || {
        loop {
            let byte = *action.get(at)?;
            match quote {
                Some(open) => {
                    if byte == b'\\' && open != b'`' {
                        at += 1;
                    } else if byte == open {
                        quote = None;
                    }
                    at += 1;
                }
                None if byte == b'"' || byte == b'`' => {
                    quote = Some(byte);
                    at += 1;
                }
                None if part(byte) => {
                    let rest = action.get(at..)?;
                    let end = rest.iter().position(|byte| !part(*byte)).unwrap_or(rest.len());
                    let start = at;
                    at += end;
                    if start == 0 || !matches!(action.get(start - 1), Some(b'.' | b'$')) {
                        return Some((start, rest.get(..end)?));
                    }
                }
                None => at += 1,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_functions_in_actions_are_suspicious() {
        let calm = [
            "now: {{ .Values.now }}",
            "{{/* rand */}}{{- /* now */ -}}",
            "{{ $now }} {{ \"rand\" }} {{ `now` }}",
            "now",
            "{{ known }} {{ include \"a.now\" . }}",
        ];
        calm.iter().for_each(|text| assert!(!suspicion(text.as_bytes()).any(), "{text}"));
        let suspicious = |text: &str| suspicion(text.as_bytes());
        assert!(suspicious("{{ randAlphaNum 8 | quote }}").chance && suspicious("{{- keys .Values.a }}").chance);
        assert!(suspicious("{{ \"\\\"\" }}{{ now | date \"2006\" }}").time);
        assert!(suspicious("{{ if (now) ").time, "an action that is not closed");
    }

    #[test]
    fn another_day_changes_nothing_but_the_clock() {
        let text = b"now {{ now | date \"now\" }} {{ .now }}";
        assert_eq!(another_day(text).as_ref(), &b"now {{ (toDate \"2006-01-02\" \"2001-02-03\") | date \"now\" }} {{ .now }}"[..]);
        assert!(matches!(another_day(b"{{ rand }}"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_differs_is_known_by_its_place() {
        let made = |n: i32| ("t".to_string(), json!({ "kind": "A", "n": n }));
        assert_eq!(differing(&[made(1), made(2)], &[made(1), made(3)]), [1]);
        assert!(differing(&[made(1)], &[made(1)]).is_empty());
        assert_eq!(differing(&[made(1)], &[made(1), made(2)]), [0]);
    }
}
