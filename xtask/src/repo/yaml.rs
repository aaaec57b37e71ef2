//! The only file that names the YAML crate. Programs are fed JSON, so nothing here writes YAML.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{Context as _, Error, Result};

/// Reads the first document of a file into `T`. Errors name the file, line and column; a key written twice is one.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    parse(&text).with_context(|| format!("{} is not valid", path.display()))
}

/// Reads every document of a file; empty ones are left out.
pub fn read_all(path: &Path) -> Result<Vec<serde_json::Value>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    parse_all(&text).with_context(|| format!("{} is not valid", path.display()))
}

pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T> {
    // Into a generic value first: it refuses duplicate keys, which a map in `T` would swallow.
    serde_yaml::from_str::<serde_yaml::Value>(text).map_err(|e| explain(text, &e))?;
    serde_yaml::from_str(text).map_err(|e| explain(text, &e))
}

pub fn parse_all(text: &str) -> Result<Vec<serde_json::Value>> {
    let mut documents = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text) {
        let value = serde_yaml::Value::deserialize(document).map_err(|e| explain(text, &e))?;
        if !value.is_null() {
            documents.push(serde_json::to_value(value)?);
        }
    }
    Ok(documents)
}

/// The crate's own words. Of a key that is written twice it knows only where its map begins, so the line is looked up.
fn explain(text: &str, e: &serde_yaml::Error) -> Error {
    let words = e.to_string();
    let Some(what) = words.split(" at line ").next().filter(|t| t.contains("duplicate entry")) else { return Error::failed(words) };
    let key = what.split_once("with key \"").and_then(|(_, key)| key.strip_suffix('"'));
    let again = e.location().zip(key).and_then(|(map, key)| second(text, map.line(), map.column(), key));
    Error::failed(again.map_or_else(|| what.to_string(), |line| format!("{what}, again at line {line}")))
}

/// The line where a block map that begins at `line` and `column` (both from 1) has `key` for the second time. `None` for a map
/// in braces, and for a key written in a way that cannot be told from other text.
fn second(text: &str, line: usize, column: usize, key: &str) -> Option<usize> {
    let indent = column.checked_sub(1)?;
    let forms = [format!("{key}:"), format!("\"{key}\":"), format!("'{key}':")];
    let mut found = 0;
    for (i, text) in text.lines().enumerate().skip(line.checked_sub(1)?) {
        let words = text.trim_start();
        let begins = if i + 1 == line { indent } else { text.len() - words.len() };
        if begins < indent && !words.is_empty() && !words.starts_with('#') {
            return None; // the map has ended
        }
        let rest = text.get(indent..).filter(|_| begins == indent).unwrap_or_default();
        found += usize::from(forms.iter().any(|form| rest.starts_with(form.as_str())));
        if found == 2 {
            return Some(i + 1);
        }
    }
    None
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
    fn every_document_is_read_and_empty_ones_are_not() {
        assert_eq!(parse_all("a: 1\n---\n# nothing\n---\nb: 2\n").unwrap().len(), 2);
    }
}
