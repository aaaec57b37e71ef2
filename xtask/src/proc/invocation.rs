//! A program call as a value, so that a plan can print it, a test can count it and the journal can time it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Whether a call changes anything outside this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Reads,
    Writes,
}

/// A program, its arguments and everything it may see. Secrets go through `stdin`, never through `args`.
#[derive(Clone, Debug)]
pub struct Invocation {
    pub(super) program: PathBuf,
    pub(super) args: Vec<OsString>,
    pub(super) env: Vec<(OsString, OsString)>,
    pub(super) unset: Vec<OsString>,
    pub(super) stdin: Option<Vec<u8>>,
    pub(super) cwd: Option<PathBuf>,
    pub(super) timeout: Duration,
    pub(super) effect: Effect,
}

impl Invocation {
    fn new(program: impl AsRef<Path>, effect: Effect) -> Self {
        Invocation {
            program: program.as_ref().to_path_buf(),
            args: Vec::new(),
            env: Vec::new(),
            unset: Vec::new(),
            stdin: None,
            cwd: None,
            timeout: Duration::from_secs(60),
            effect,
        }
    }

    /// A call that only looks.
    pub fn reads(program: impl AsRef<Path>) -> Self {
        Self::new(program, Effect::Reads)
    }

    /// A call that changes something.
    pub fn writes(program: impl AsRef<Path>) -> Self {
        Self::new(program, Effect::Writes)
    }

    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_os_string());
        self
    }

    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(|a| a.as_ref().to_os_string()));
        self
    }

    pub fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.push((key.as_ref().to_os_string(), value.as_ref().to_os_string()));
        self
    }

    /// Takes a variable of our own environment away from the program.
    pub fn unset(mut self, key: impl AsRef<OsStr>) -> Self {
        self.unset.push(key.as_ref().to_os_string());
        self
    }

    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    pub fn cwd(mut self, dir: impl AsRef<Path>) -> Self {
        self.cwd = Some(dir.as_ref().to_path_buf());
        self
    }

    /// Wall-clock limit; the default is 60 s.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// The arguments as text, for a file that another process reads.
    pub fn args_text(&self) -> Vec<String> {
        self.args.iter().map(|a| a.to_string_lossy().into_owned()).collect()
    }

    /// The added variables as text, for a file that another process reads.
    pub fn env_text(&self) -> std::collections::BTreeMap<String, String> {
        self.env.iter().map(|(k, v)| (k.to_string_lossy().into_owned(), v.to_string_lossy().into_owned())).collect()
    }

    /// The file name of the program, as people know it.
    pub fn name(&self) -> String {
        self.program.file_name().unwrap_or(self.program.as_os_str()).to_string_lossy().into_owned()
    }

    /// The call as it could be typed into a shell; what goes through stdin is only counted, never shown.
    pub fn command_line(&self) -> String {
        let mut line = self.name();
        for arg in &self.args {
            line.push(' ');
            line.push_str(&quote(&arg.to_string_lossy()));
        }
        if let Some(bytes) = &self.stdin {
            line.push_str(&format!(" < {} bytes", bytes.len()));
        }
        line
    }
}

/// Quotes a word for a POSIX shell, only where it needs it.
pub fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_string() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_line_quotes_words_and_never_shows_stdin() {
        let call = Invocation::writes("/opt/bin/kubectl").args(["apply", "-f", "-", "--note=it's"]).stdin("password");
        assert_eq!(call.command_line(), r"kubectl apply -f - '--note=it'\''s' < 8 bytes");
    }
}
