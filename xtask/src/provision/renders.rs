//! What Helm printed, kept by what it was printed from: the same chart, values and Helm give the same text.
//!
//! Only whole files of text: a run that reads one is not disturbed when another one removes it.

use std::time::SystemTime;

use super::{Provision, cache};
use crate::error::{Context as _, Result};
use crate::repo::files;

/// Texts kept for one Application; more than clones and branches that are worked on at once.
const KEPT: usize = 12;

impl Provision {
    /// Returns what `make` returned when it was last asked with these `parts`, which name everything that its result depends on.
    ///
    /// Errors: those of `make`, which are not kept; the file system refuses.
    pub fn rendered(&self, application: &str, parts: &[&[u8]], make: impl FnOnce() -> Result<String>) -> Result<String> {
        let helm = self.0.lock.tool("helm")?;
        let dir = self.0.cache.renders_dir(application);
        let path = dir.join(format!("{}-{}", helm.version, cache::key_of(parts.iter().copied())));
        // A crash of the machine may leave a name without content.
        if let Some(text) = std::fs::read_to_string(&path).ok().filter(|text| !text.is_empty()) {
            return Ok(text);
        }
        let text = make()?;
        // Once more: `cache clean` may remove the folder between its making and its use.
        let write = || files::write_if_changed(&path, text.as_bytes(), 0o644);
        write().or_else(|_| write())?;
        let mut all = cache::entries(&dir);
        if all.len() > KEPT {
            let age = |path: &std::path::PathBuf| std::fs::metadata(path).and_then(|m| m.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
            all.sort_by_cached_key(|path| std::cmp::Reverse(age(path)));
            all.iter().skip(KEPT).try_for_each(|old| cache::remove(old)).with_context(|| "could not keep the cache small")?;
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Sandbox;
    use super::*;
    use crate::error::Error;

    #[test]
    fn the_same_parts_are_made_once_and_others_anew() {
        let sandbox = Sandbox::new();
        let provision = sandbox.committed();
        let text = |part: &str, made: &str| provision.rendered("a-dev", &[part.as_bytes()], || Ok(made.to_string())).unwrap();
        assert_eq!(text("one", "first"), "first");
        assert_eq!(text("one", "second"), "first");
        assert_eq!(text("two", "second"), "second");
        assert!(provision.rendered("a-dev", &[b"three"], || Err(Error::failed("no"))).is_err());
        assert_eq!(text("three", "third"), "third", "a failure is not kept");
    }

    #[test]
    fn no_more_than_the_newest_are_kept() {
        let sandbox = Sandbox::new();
        let provision = sandbox.committed();
        for n in 0..KEPT + 5 {
            provision.rendered("a-dev", &[n.to_string().as_bytes()], || Ok("text".into())).unwrap();
        }
        assert_eq!(provision.inventory().len(), KEPT);
        assert!(provision.inventory().iter().all(|entry| entry.pinned == super::super::Pinned::Current));
    }
}
