//! The end of a file that grows: its last lines, and what comes after them, over truncation and replacement.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::error::{Context as _, Result};
use crate::repo::files;

/// A log is read backwards in pieces of this size.
const PIECE: u64 = 64 * 1024;

/// Returns the last `count` lines of a file and the place behind them. A last line without a newline counts.
/// Errors: it cannot be read.
pub fn last_lines(path: &Path, count: usize) -> Result<(String, u64)> {
    let read = || -> std::io::Result<(String, u64)> {
        let mut file = File::open(path)?;
        let end = file.metadata()?.len();
        let mut start = end;
        let mut bytes = Vec::new();
        while start > 0 && newlines(&bytes) <= count {
            let from = start.saturating_sub(PIECE);
            let mut piece = vec![0; (start - from) as usize];
            file.seek(SeekFrom::Start(from))?;
            file.read_exact(&mut piece)?;
            piece.extend_from_slice(&bytes);
            (bytes, start) = (piece, from);
        }
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        Ok((lines[lines.len().saturating_sub(count)..].join("\n"), end))
    };
    read().with_context(|| format!("could not read {}", path.display()))
}

fn newlines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| **b == b'\n').count()
}

/// Reads what is appended to a file, from a place on. A file that gets shorter or is replaced is read from its beginning.
pub struct Follower {
    path: PathBuf,
    file: Option<File>,
    place: u64,
    /// The beginning of a line whose end has not been written yet.
    rest: Vec<u8>,
}

impl Follower {
    pub fn new(path: &Path, place: u64) -> Self {
        Follower { path: path.to_path_buf(), file: File::open(path).ok(), place, rest: Vec::new() }
    }

    /// Returns the lines that were completed since the last call. A file that is gone has none; it may come back.
    /// Errors: it cannot be read.
    pub fn lines(&mut self) -> Result<Vec<String>> {
        if self.file.as_ref().is_none_or(|file| !files::is_at(file, &self.path)) {
            let Ok(file) = File::open(&self.path) else { return Ok(Vec::new()) };
            // The old one, if there was one, may have got its last lines meanwhile.
            let mut lines = self.read()?;
            let is_new = self.file.replace(file).is_some();
            if is_new {
                self.begin_anew();
            }
            lines.extend(self.read()?);
            return Ok(lines);
        }
        self.read()
    }

    fn begin_anew(&mut self) {
        self.place = 0;
        self.rest.clear();
    }

    fn read(&mut self) -> Result<Vec<String>> {
        let Some(file) = &mut self.file else { return Ok(Vec::new()) };
        let mut new = Vec::new();
        let mut read = || -> std::io::Result<bool> {
            let shorter = file.metadata()?.len() < self.place;
            file.seek(SeekFrom::Start(if shorter { 0 } else { self.place }))?;
            file.read_to_end(&mut new)?;
            Ok(shorter)
        };
        if read().with_context(|| format!("could not read {}", self.path.display()))? {
            self.begin_anew();
        }
        self.place += new.len() as u64;
        self.rest.extend(new);
        let Some(end) = self.rest.iter().rposition(|b| *b == b'\n') else { return Ok(Vec::new()) };
        let whole: Vec<u8> = self.rest.drain(..=end).collect();
        Ok(String::from_utf8_lossy(&whole).lines().map(str::to_string).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn append(path: &Path, text: &str) {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn the_last_lines_of_a_short_a_long_and_an_empty_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        append(&path, "");
        assert_eq!(last_lines(&path, 3).unwrap(), (String::new(), 0));
        append(&path, "one\ntwo\nthr");
        assert_eq!(last_lines(&path, 2).unwrap(), ("two\nthr".into(), 11));
        assert_eq!(last_lines(&path, 9).unwrap().0, "one\ntwo\nthr");
        assert_eq!(last_lines(&path, 0).unwrap().0, "");
        let many: String = (0..40_000).map(|i| format!("line {i}\n")).collect();
        append(&path, &many);
        let (text, _) = last_lines(&path, 20_000).unwrap();
        assert_eq!((text.lines().next(), text.lines().count()), (Some("line 20000"), 20_000));
    }

    #[test]
    fn what_is_appended_comes_line_by_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        append(&path, "old\n");
        let mut follower = Follower::new(&path, 4);
        assert_eq!(follower.lines().unwrap(), [""; 0]);
        append(&path, "one\ntw");
        assert_eq!(follower.lines().unwrap(), ["one"]);
        append(&path, "o\n");
        assert_eq!(follower.lines().unwrap(), ["two"]);
    }

    #[test]
    fn a_log_that_is_truncated_or_replaced_or_made_later_is_followed_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut follower = Follower::new(&path, 0);
        assert_eq!(follower.lines().unwrap(), [""; 0]);
        append(&path, "a first line\n");
        assert_eq!(follower.lines().unwrap(), ["a first line"]);
        std::fs::File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
        append(&path, "again\n");
        assert_eq!(follower.lines().unwrap(), ["again"]);
        append(&path, "before\n");
        std::fs::rename(&path, dir.path().join("old")).unwrap();
        append(&path, "after, in another file\n");
        assert_eq!(follower.lines().unwrap(), ["before", "after, in another file"]);
    }
}
