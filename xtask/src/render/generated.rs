//! Files that this program writes and people read: written, or compared with what is there.

use std::path::Path;

use crate::error::{Context as _, Result};
use crate::repo::{Repo, files};

/// What is to be done about a file that is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Write,
    /// Only say so.
    Check,
}

/// Brings a file, named by its path from the root, to `text`; returns whether it was another. Line ends do not count.
pub fn generated(repo: &Repo, path: &Path, text: &str, mode: Mode) -> Result<bool> {
    let full = repo.root().join(path);
    let have = match std::fs::read_to_string(&full) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
        have => Some(have.with_context(|| format!("could not read {}", path.display()))?),
    };
    if have.is_some_and(|have| have.lines().eq(text.lines())) {
        return Ok(false);
    }
    if mode == Mode::Write {
        files::write_if_changed(&full, text.as_bytes(), 0o644)?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_writes_nothing_and_a_second_write_neither() {
        let dir = tempfile::tempdir().unwrap();
        ["environments", "argocd"].iter().for_each(|name| std::fs::create_dir(dir.path().join(name)).unwrap());
        let repo = Repo::find(Some(dir.path()), dir.path()).unwrap();
        let path = Path::new("a/b.md");
        assert!(generated(&repo, path, "x\n", Mode::Check).unwrap());
        assert!(!repo.root().join(path).exists());
        assert!(generated(&repo, path, "x\n", Mode::Write).unwrap());
        assert!(!generated(&repo, path, "x\r\n", Mode::Check).unwrap());
    }
}
