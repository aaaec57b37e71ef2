//! YAML and JSON documents as Kubernetes programs read them: sigs.k8s.io/yaml on go-yaml v2, which is YAML 1.1 for scalars.
//!
//! `yes` is a boolean, `0755` is 493, `<<` merges, a key that is no string becomes one, and a number is what Go prints as JSON.
//! What differs from the Go library, on purpose: a key written twice is refused (`parse_all_last_wins` does as Go does), and
//! a file may have several documents.

mod characters;
mod decode;
pub mod emit;
pub mod json;
mod number;
mod positions;
mod scalar;
mod timestamp;
mod tree;
mod twice;

use std::fmt;

use serde_json::Value;

pub use positions::{Mark, Position, Positions, positions};
pub use twice::{Twice, twice};

/// Levels of maps and lists, as many as serde_json reads: what was read from YAML can be written as JSON and read again.
pub const MAX_DEPTH: usize = 127;

/// A document that is not empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Where its first key or value stands, from 1.
    pub line: usize,
    pub value: Value,
}

/// Why a text cannot be read, and where. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub line: usize,
    pub column: usize,
    /// Without the place. Of a key written twice: its name and the second line; `line` is the first one's.
    pub message: String,
    /// Keys down to the value it is about, as `spec.list[0]`; empty for what is wrong with the text as such.
    pub path: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {} column {}", self.about(), self.line, self.column)
    }
}

impl std::error::Error for Error {}

impl Error {
    /// The message with the path before it.
    pub fn about(&self) -> String {
        if self.path.is_empty() { self.message.clone() } else { format!("{}: {}", self.path, self.message) }
    }
}

/// Reads every document that is not empty. A key written twice in a map is an error.
pub fn parse_all(text: &str) -> Result<Vec<Document>, Error> {
    decode::all(text, false)
}

/// The same, but of a key written twice the last counts: what Helm and kubectl do.
pub fn parse_all_last_wins(text: &str) -> Result<Vec<Document>, Error> {
    decode::all(text, true)
}

#[cfg(test)]
mod tests;
