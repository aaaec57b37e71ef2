//! The one error of this program: what failed, caused by, hint, and the exit code it means.
//!
//! One closed type instead of a chain of boxed errors: hints and exit codes survive every layer without downcasting,
//! and the printer in `ui/` needs no knowledge of who failed.

use std::fmt;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How a command ends. The numbers are a contract with scripts and CI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 1: a check found problems.
    Problems,
    /// 2: wrong usage, refused before anything was done.
    Usage,
    /// 3: a step failed or a wait timed out.
    Failed,
    /// 4: something that must be there first is missing.
    Prerequisite,
    /// 130: Ctrl-C.
    Interrupted,
    /// The exit code of a program that a pass-through command ran.
    Program(u8),
}

impl Exit {
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Problems => 1,
            Exit::Usage => 2,
            Exit::Failed => 3,
            Exit::Prerequisite => 4,
            Exit::Interrupted => 130,
            Exit::Program(code) => code,
        }
    }
}

/// What failed (first line), why (causes, outermost first), and what helps (hints, commands that can be pasted).
#[derive(Clone, Debug)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    exit: Exit,
    what: String,
    causes: Vec<String>,
    hints: Vec<String>,
}

impl Error {
    fn new(exit: Exit, what: impl Into<String>) -> Self {
        Error(Box::new(Inner { exit, what: what.into(), causes: Vec::new(), hints: Vec::new() }))
    }

    /// Exit code 3.
    pub fn failed(what: impl Into<String>) -> Self {
        Self::new(Exit::Failed, what)
    }

    /// Exit code 2.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(Exit::Usage, what)
    }

    /// Exit code 4.
    pub fn prerequisite(what: impl Into<String>) -> Self {
        Self::new(Exit::Prerequisite, what)
    }

    /// Exit code 130.
    pub fn interrupted() -> Self {
        Self::new(Exit::Interrupted, "interrupted")
    }

    /// Adds a cause below the existing ones; it may have several lines.
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.0.causes.push(cause.into());
        self
    }

    /// Adds a hint; equal hints are kept once.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        if !self.0.hints.contains(&hint) {
            self.0.hints.push(hint);
        }
        self
    }

    /// Adds what helps when the disk is full, in the one wording of this program.
    pub fn hint_full_disk(self) -> Self {
        self.hint("free some disk space, then run the same command again: it goes on from where it stopped")
            .hint("programs of older pins may be among what can go: cargo xtask cache clean --plan")
    }

    /// The same if `printed`, the words of some program, complains about a full disk.
    pub fn hint_if_full_disk(self, printed: &str) -> Self {
        if printed.contains("no space left on device") { self.hint_full_disk() } else { self }
    }

    /// Puts `what` on top: the former first line becomes the first cause.
    pub fn context(mut self, what: impl Into<String>) -> Self {
        if self.0.exit != Exit::Interrupted {
            let below = std::mem::replace(&mut self.0.what, what.into());
            self.0.causes.insert(0, below);
        }
        self
    }

    pub fn exit(&self) -> Exit {
        self.0.exit
    }

    pub fn what(&self) -> &str {
        &self.0.what
    }

    pub fn causes(&self) -> &[String] {
        &self.0.causes
    }

    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }

    /// The whole error without hints on one line, for a status column or a journal entry.
    pub fn one_line(&self) -> String {
        let mut parts = vec![self.0.what.as_str()];
        parts.extend(self.0.causes.iter().filter_map(|c| c.lines().next()));
        parts.join(": ")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.one_line())
    }
}

impl From<std::io::Error> for Error {
    fn from(e: std::io::Error) -> Self {
        let full = matches!(e.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded);
        let error = Error::failed(e.to_string());
        if full { error.hint_full_disk() } else { error }
    }
}

impl From<gitops::Error> for Error {
    fn from(e: gitops::Error) -> Self {
        e.causes.into_iter().fold(Error::failed(e.what), Error::cause)
    }
}

impl From<serde_json::Error> for Error {
    fn from(e: serde_json::Error) -> Self {
        Error::failed(format!("unexpected JSON: {e}"))
    }
}

/// `.context(…)` on every result that can become an [`Error`].
pub trait Context<T> {
    fn context(self, what: impl Into<String>) -> Result<T>;
    fn with_context<S: Into<String>>(self, what: impl FnOnce() -> S) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T> for std::result::Result<T, E> {
    fn context(self, what: impl Into<String>) -> Result<T> {
        self.map_err(|e| e.into().context(what))
    }

    fn with_context<S: Into<String>>(self, what: impl FnOnce() -> S) -> Result<T> {
        self.map_err(|e| e.into().context(what()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn context_goes_on_top_and_keeps_exit_code_and_hints() {
        let e = Error::prerequisite("no Go").hint("install Go").context("could not build etcd");
        assert_eq!(e.what(), "could not build etcd");
        assert_eq!(e.causes(), ["no Go"]);
        assert_eq!(e.hints(), ["install Go"]);
        assert_eq!(e.exit(), Exit::Prerequisite);
    }

    #[test]
    fn a_full_disk_comes_with_a_hint() {
        let e = Error::from(std::io::Error::from(std::io::ErrorKind::StorageFull));
        assert!(e.hints()[0].starts_with("free some disk space"));
        let told = |words: &str| Error::failed("it ended").hint_if_full_disk(words).hints().len();
        assert_eq!(told("write /x: no space left on device"), 2);
        assert_eq!(told("killed"), 0);
    }

    #[test]
    fn an_interruption_stays_one_line() {
        assert_eq!(Error::interrupted().context("could not do it").one_line(), "interrupted");
    }
}
