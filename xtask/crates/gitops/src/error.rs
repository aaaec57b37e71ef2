//! What failed, and why: the caller knows which exit code and hints it means.

use std::fmt;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One line, and the causes below it, outermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub what: String,
    pub causes: Vec<String>,
}

impl Error {
    pub fn new(what: impl Into<String>) -> Self {
        Error { what: what.into(), causes: Vec::new() }
    }

    /// Puts `what` on top: the former first line becomes the first cause.
    pub fn context(mut self, what: impl Into<String>) -> Self {
        let below = std::mem::replace(&mut self.what, what.into());
        self.causes.insert(0, below);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.causes.iter().try_for_each(|cause| write!(f, ": {cause}"))
    }
}
