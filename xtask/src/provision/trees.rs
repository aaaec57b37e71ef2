//! The files of commits, each written once: a tree's name is its content, so nothing here is ever out of date.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{Provision, cache};
use crate::error::{Context as _, Result};
use crate::repo::files;

/// Trees that are kept: a few branches and their bases.
const KEPT: usize = 8;
/// One that was used lately may be in use.
const RECENT: Duration = Duration::from_secs(600);
/// Commits whose tree is remembered.
const COMMITS: usize = 200;

impl Provision {
    /// Returns the folder with the files of the tree `id`; `make` writes them into an empty one if they are not there, or not whole.
    ///
    /// Errors: those of `make`, which leave nothing behind; the file system refuses.
    pub fn tree(&self, id: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
        let top = self.0.cache.trees_dir();
        let dir = top.join(id);
        let files = dir.join("files");
        if is_whole(&dir) {
            // Its age is that of its last use.
            let _ = std::fs::File::options().append(true).open(dir.join("whole")).and_then(|file| file.set_modified(SystemTime::now()));
            return Ok(files);
        }
        std::fs::create_dir_all(&top).with_context(|| format!("could not make the folder {}", top.display()))?;
        let made = tempfile::Builder::new().prefix(".").suffix(".tmp").tempdir_in(&top)?;
        let inner = made.path().join("files");
        std::fs::create_dir(&inner)?;
        make(&inner)?;
        std::fs::write(made.path().join("whole"), look(&inner))?;
        // Another run may have been faster: its tree is the same, and perhaps somebody reads it by now.
        if !is_whole(&dir) {
            // Somebody removed files of it, or wrote to them.
            let aside = made.path().join("aside");
            let _ = std::fs::rename(&dir, &aside);
            let whole = tempfile::Builder::new().prefix(".").suffix(".tmp").tempdir_in(&top)?.keep();
            std::fs::rename(made.path().join("files"), whole.join("files"))?;
            std::fs::rename(made.path().join("whole"), whole.join("whole"))?;
            if let Err(e) = std::fs::rename(&whole, &dir) {
                files::remove_dir(&whole)?;
                if !is_whole(&dir) {
                    return Err(e).with_context(|| format!("could not write {}", dir.display()));
                }
            }
        }
        bound(&top, &dir);
        Ok(files)
    }

    /// The tree of a commit, remembered: commits never change. `about` tells folders of one commit apart. Errors: those of `find`.
    pub fn tree_of_commit(&self, commit: &str, about: &str, find: impl FnOnce() -> Result<String>) -> Result<String> {
        let path = self.0.cache.trees_dir().join("commits");
        let key = format!("{commit}:{about} ");
        let known = std::fs::read_to_string(&path).unwrap_or_default();
        let is_id = |id: &&str| id.len() >= 40 && id.bytes().all(|b| b.is_ascii_hexdigit());
        if let Some(id) = known.lines().find_map(|line| line.strip_prefix(&key)).filter(is_id) {
            return Ok(id.to_string());
        }
        let id = find()?;
        let lines: Vec<&str> = known.lines().filter(|line| !line.starts_with(&key)).collect();
        let kept = lines.iter().skip(lines.len().saturating_sub(COMMITS));
        let text = kept.fold(String::new(), |text, line| text + line + "\n") + &key + &id + "\n";
        // Only remembered: what is lost when two runs write at once is asked for again.
        files::write_if_changed(&path, text.as_bytes(), 0o644)?;
        Ok(id)
    }
}

/// How many files there are, and how many bytes in all.
fn look(dir: &Path) -> String {
    fn add(dir: &Path, sum: &mut (u64, u64)) {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => add(&entry.path(), sum),
                _ => *sum = (sum.0 + 1, sum.1 + entry.metadata().map_or(0, |m| m.len())),
            }
        }
    }
    let mut sum = (0, 0);
    add(dir, &mut sum);
    format!("{} files, {} bytes\n", sum.0, sum.1)
}

/// Is everything there that was written?
fn is_whole(dir: &Path) -> bool {
    std::fs::read_to_string(dir.join("whole")).is_ok_and(|text| text == look(&dir.join("files")))
}

/// Removes those that were not used for the longest time. What cannot be removed is in nobody's way.
fn bound(top: &Path, own: &Path) {
    let age = |path: &Path| {
        let used = std::fs::metadata(path.join("whole")).or_else(|_| std::fs::metadata(path)).and_then(|m| m.modified());
        used.ok().and_then(|time| time.elapsed().ok()).unwrap_or_default()
    };
    let folders = cache::entries(top).into_iter().filter(|path| path.is_dir() && path != own);
    let mut all: Vec<(Duration, PathBuf)> = folders.map(|path| (age(&path), path)).collect();
    all.sort();
    let rest = all.into_iter().skip(KEPT.saturating_sub(1)).filter(|(age, _)| *age > RECENT);
    rest.for_each(|(_, path)| drop(files::remove_dir(&path)));
}

#[cfg(test)]
mod tests {
    use super::super::tests::Sandbox;
    use super::*;
    use crate::error::Error;

    fn id(n: usize) -> String {
        format!("{n:040}")
    }

    #[test]
    fn a_tree_is_made_once_and_again_when_something_of_it_is_gone() {
        let sandbox = Sandbox::new();
        let provision = sandbox.committed();
        let make = |text: &'static str| move |dir: &Path| Ok(std::fs::write(dir.join("a"), text)?);
        let files = provision.tree(&id(1), make("one")).unwrap();
        let never = |_: &Path| Err(Error::failed("it is there"));
        assert_eq!(provision.tree(&id(1), never).unwrap(), files);
        std::fs::write(files.join("a"), "").unwrap();
        assert_eq!(provision.tree(&id(1), make("two")).unwrap(), files);
        assert_eq!(std::fs::read_to_string(files.join("a")).unwrap(), "two");
        std::fs::write(files.join("b"), "foreign").unwrap();
        provision.tree(&id(1), make("three")).unwrap();
        assert!(!files.join("b").exists());
    }

    #[test]
    fn a_failure_leaves_nothing_behind() {
        let sandbox = Sandbox::new();
        let provision = sandbox.committed();
        provision.tree(&id(1), |_| Err(Error::failed("no"))).unwrap_err();
        assert!(cache::entries(&provision.0.cache.trees_dir()).is_empty());
    }

    #[test]
    fn runs_at_the_same_time_give_the_same_tree() {
        let sandbox = Sandbox::new();
        let provision = sandbox.committed();
        let make = |dir: &Path| Ok(std::fs::write(dir.join("a"), "one")?);
        let runs = [(); 4];
        let folders = crate::render::at_once(&runs, |()| provision.tree(&id(1), make).unwrap());
        assert!(folders.iter().all(|dir| std::fs::read_to_string(dir.join("a")).unwrap() == "one"));
        assert_eq!(cache::entries(&provision.0.cache.trees_dir()).len(), 1);
    }

    #[test]
    fn old_trees_go_and_those_in_use_stay() {
        let sandbox = Sandbox::new();
        let provision = sandbox.committed();
        for n in 0..KEPT + 4 {
            provision.tree(&id(n), |_| Ok(())).unwrap();
            if n < 3 {
                let marker = provision.0.cache.trees_dir().join(id(n)).join("whole");
                let file = std::fs::File::options().append(true).open(marker).unwrap();
                file.set_modified(SystemTime::now() - RECENT * 2).unwrap();
            }
        }
        let left = cache::entries(&provision.0.cache.trees_dir());
        assert!(left.len() == KEPT + 1 && !left.iter().any(|path| (0..3).any(|n| path.ends_with(id(n)))), "{left:?}");
    }

    #[test]
    fn the_tree_of_a_commit_is_asked_for_once() {
        let sandbox = Sandbox::new();
        let provision = sandbox.committed();
        let ask = |commit: &str, about: &str, answer: usize| provision.tree_of_commit(commit, about, || Ok(id(answer))).unwrap();
        assert_eq!(ask("c1", "", 1), id(1));
        assert_eq!(ask("c1", "", 2), id(1));
        assert_eq!(ask("c1", "sub/", 3), id(3));
        assert_eq!(ask("c2", "", 4), id(4));
        assert_eq!(ask("c1", "sub/", 5), id(3));
    }
}
