//! What is wrong with a template, in Go's words.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Go cannot parse it.
    Parse,
    /// Go stops while executing it.
    Exec,
    /// What Go would do cannot be known here, or would take too long; the message is ours.
    Unverifiable,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub kind: ErrorKind,
    /// From 1, in the template's text.
    pub line: Option<usize>,
    /// Bytes before it in its line, as Go counts them; the parser knows none.
    pub column: Option<usize>,
    /// Go's whole text, with the template's name and the place.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
