//! YAML files as Kubernetes' programs read them. Programs are fed JSON, so nothing here writes YAML.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::typed;
use crate::error::{Context as _, Error, Result};

/// Reads the first document of a file into `T`. Errors name the file, line and column; a key written twice is one.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    parse(&text).with_context(|| format!("{} is not valid", path.display()))
}

/// Reads every document of a file; empty ones are left out.
pub fn read_all(path: &Path) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    parse_all(&text).with_context(|| format!("{} is not valid", path.display()))
}

/// The one document of a text; null if it is empty.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T> {
    let value = only(text)?;
    typed::read(&value).map_err(|(e, pointer)| Error::failed(located(text, &e.to_string(), &pointer)))
}

pub fn parse_all(text: &str) -> Result<Vec<Value>> {
    Ok(documents::parse_all(text).map_err(|e| explain(&e))?.into_iter().map(|document| document.value).collect())
}

/// The same as Kubernetes' programs do it: of a key that is written twice the last one counts. Returns what was wrong with it too.
pub fn parse_all_last_wins(text: &str) -> Result<(Vec<Value>, Option<String>)> {
    match documents::parse_all(text) {
        Ok(all) => Ok((all.into_iter().map(|document| document.value).collect(), None)),
        Err(strict) => {
            let all = documents::parse_all_last_wins(text).map_err(|e| explain(&e))?;
            Ok((all.into_iter().map(|document| document.value).collect(), Some(explain(&strict).what().to_string())))
        }
    }
}

fn only(text: &str) -> Result<Value> {
    let mut all = parse_all(text)?;
    match all.len() {
        0 => Ok(Value::Null),
        1 => Ok(all.remove(0)),
        n => Err(Error::failed(format!("{n} documents where one is expected"))),
    }
}

/// With the place, but for a key that is written twice: its message names the line.
fn explain(e: &documents::Error) -> Error {
    let words = if e.message.starts_with("duplicate entry") { e.about() } else { e.to_string() };
    Error::failed(words)
}

/// A type's complaint with the path and place of what it is about.
fn located(text: &str, words: &str, pointer: &str) -> String {
    let Some(position) = documents::positions(text).nearest(0, pointer) else { return words.to_string() };
    let about_key = words.starts_with("unknown field");
    let mark = position.key.filter(|_| about_key).unwrap_or(position.value);
    let above = if about_key { pointer.rsplit_once('/').map_or("", |(above, _)| above) } else { pointer };
    let path = path(above);
    let colon = if path.is_empty() { "" } else { ": " };
    format!("{path}{colon}{words} at line {} column {}", mark.line, mark.column)
}

/// `/spec/list/0` as `spec.list[0]`.
fn path(pointer: &str) -> String {
    let mut path = String::new();
    for step in pointer.split('/').skip(1) {
        if step.bytes().all(|b| b.is_ascii_digit()) {
            path.push_str(&format!("[{step}]"));
        } else {
            let dot = if path.is_empty() { "" } else { "." };
            path.push_str(&format!("{dot}{}", step.replace("~1", "/").replace("~0", "~")));
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_written_twice_is_an_error() {
        let e = parse::<serde_json::Value>("a: 1\nb: 2\na: 3\n").unwrap_err();
        assert_eq!(e.what(), "duplicate entry with key \"a\", again at line 3");
    }

    #[test]
    fn a_key_written_twice_is_found_where_it_stands_again() {
        let cases = [
            (
                "# c\nx:\n  - n: 1\n    a:\n      a: 1\n\n    # a: 2\n    \"a\": 2\n",
                "x[0]: duplicate entry with key \"a\", again at line 8",
            ),
            ("---\nb: 1\n---\nx:\n  b: 1\n  c: |\n    b: 3\n  b: 2\n", "duplicate entry with key \"b\", again at line 8"),
            ("x: {a: 1, a: 2}\n", "x: duplicate entry with key \"a\""),
        ];
        for (text, what) in cases {
            let e = parse_all(text).unwrap_err();
            assert!(e.what().ends_with(what), "{e}");
        }
    }

    #[test]
    fn what_a_type_refuses_has_its_place() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "only its shape counts")]
        struct Shape {
            a: u32,
            b: Option<bool>,
        }
        let refused = |text: &str| parse::<Shape>(text).unwrap_err().what().to_string();
        assert!(refused("b: yes\na: x1\n").ends_with("at line 2 column 4"));
        assert!(refused("a: 1\nc: 2\n").ends_with("at line 2 column 1"));
        assert_eq!(refused("b: true\n"), "missing field `a` at line 1 column 1");
        assert_eq!(refused("a: 1\n---\na: 2\n"), "2 documents where one is expected");
    }

    #[test]
    fn every_document_is_read_and_empty_ones_are_not() {
        assert_eq!(parse_all("a: 1\n---\n# nothing\n---\nb: 2\n").unwrap().len(), 2);
    }
}
