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
    serde_yaml::from_str::<serde_yaml::Value>(text).map_err(explain)?;
    serde_yaml::from_str(text).map_err(explain)
}

pub fn parse_all(text: &str) -> Result<Vec<serde_json::Value>> {
    let mut documents = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text) {
        let value = serde_yaml::Value::deserialize(document).map_err(explain)?;
        if !value.is_null() {
            documents.push(serde_json::to_value(value)?);
        }
    }
    Ok(documents)
}

/// The crate's own words. Of a key that is written twice it knows only where its map begins, which would mislead.
fn explain(e: serde_yaml::Error) -> Error {
    let text = e.to_string();
    let without_place = text.split(" at line ").next().filter(|t| t.contains("duplicate entry"));
    Error::failed(without_place.unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_written_twice_is_an_error() {
        let e = parse::<serde_json::Value>("a: 1\nb: 2\na: 3\n").unwrap_err();
        assert!(e.what().contains("duplicate"), "{e}");
    }

    #[test]
    fn every_document_is_read_and_empty_ones_are_not() {
        assert_eq!(parse_all("a: 1\n---\n# nothing\n---\nb: 2\n").unwrap().len(), 2);
    }
}
