//! Waits until files of the working tree are saved.
//!
//! It looks at times and sizes a few times per second, some milliseconds each: that works the same on every system and file
//! system, and needs no crate. What really changed is git's business.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::Result;
use crate::proc::Interrupt;

/// How often it looks.
const TICK: Duration = Duration::from_millis(150);

/// How long nothing may change before a save counts as complete: editors and git write several files at once.
const QUIET: Duration = Duration::from_millis(150);

/// Names of folders that hold no source: git's own, and this program's state.
const SKIPPED: [&str; 2] = [".git", ".xtask"];

/// The state of all files below a folder, as one number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// Folders that cannot be read, or that are caches by their CACHEDIR.TAG (such as cargo's `target`), do not count.
    pub fn of(root: &Path) -> Self {
        let mut files: Vec<(PathBuf, u64, Option<std::time::SystemTime>)> = Vec::new();
        let mut folders = vec![root.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let Ok(metadata) = entry.metadata() else { continue };
                if !metadata.is_dir() {
                    files.push((path, metadata.len(), metadata.modified().ok()));
                } else if !SKIPPED.iter().any(|s| entry.file_name() == *s) && !path.join("CACHEDIR.TAG").exists() {
                    folders.push(path);
                }
            }
        }
        files.sort();
        let mut hasher = DefaultHasher::new();
        files.hash(&mut hasher);
        Fingerprint(hasher.finish())
    }
}

/// Returns the new fingerprint once something differs from `last` and nothing changes any more. Errors: Ctrl-C.
pub fn wait_for_change(root: &Path, last: Fingerprint, interrupt: &Interrupt) -> Result<Fingerprint> {
    let mut seen = last;
    loop {
        interrupt.sleep(TICK)?;
        let now = Fingerprint::of(root);
        if now == last {
            continue;
        }
        if now == seen {
            return Ok(now);
        }
        seen = now;
        interrupt.sleep(QUIET)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_file_counts_and_a_cache_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("charts/a.yaml", "1");
        write("target/CACHEDIR.TAG", "");
        let before = Fingerprint::of(dir.path());
        write("target/debug/x", "x");
        write(".git/index", "x");
        write(".xtask/dev/journal.jsonl", "x");
        assert!(before == Fingerprint::of(dir.path()));
        write("charts/b.yaml", "1");
        let added = Fingerprint::of(dir.path());
        assert!(before != added);
        write("charts/a.yaml", "22");
        assert!(added != Fingerprint::of(dir.path()));
    }
}
