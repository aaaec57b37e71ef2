//! The files of a tree as one run sees them: each is read and hashed once, however many Applications read it.
//!
//! Links are followed as Argo CD allows: never to an absolute path, never out of the tree.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use sha2::{Digest as _, Sha256};

use crate::error::{Context as _, Error, Result};
use crate::proc::{Invocation, Runner};

/// Folders below folders that are followed; a link to its own parent would go on for ever.
const DEPTH: usize = 64;

/// A sum that stands for content.
pub type Sum = [u8; 32];

/// Values that are computed once for each key, also when several threads ask at the same time.
pub struct Memo<K, V>(Mutex<HashMap<K, Arc<OnceLock<V>>>>);

impl<K: Hash + Eq, V: Clone> Memo<K, V> {
    pub fn new() -> Self {
        Memo(Mutex::new(HashMap::new()))
    }

    pub fn get(&self, key: K, make: impl FnOnce() -> V) -> V {
        let cell = self.0.lock().unwrap_or_else(|e| e.into_inner()).entry(key).or_default().clone();
        cell.get_or_init(make).clone()
    }
}

/// The files below one folder.
pub struct Folder {
    /// Paths from the folder, sorted.
    pub files: Vec<PathBuf>,
    /// Of all paths and bytes.
    pub sum: Sum,
}

pub struct Files {
    root: PathBuf,
    runner: Runner,
    sums: Memo<PathBuf, Result<Sum>>,
    folders: Memo<PathBuf, Result<Arc<Folder>>>,
    ignored: OnceLock<BTreeSet<PathBuf>>,
}

impl Files {
    pub fn new(root: &Path, runner: &Runner) -> Result<Self> {
        let root = root.canonicalize().with_context(|| format!("could not read {}", root.display()))?;
        Ok(Files { root, runner: runner.clone(), sums: Memo::new(), folders: Memo::new(), ignored: OnceLock::new() })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn is_file(&self, path: &Path) -> bool {
        self.root.join(path).is_file()
    }

    /// The bytes of a file. Errors: it is not there, or a link leads out of the tree.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>> {
        self.inside(path)?;
        std::fs::read(self.root.join(path)).with_context(|| format!("could not read {}", path.display()))
    }

    /// The same as text. Errors: it is not UTF-8.
    pub fn text(&self, path: &Path) -> Result<String> {
        let not_text = |e: std::string::FromUtf8Error| {
            let good = e.as_bytes().get(..e.utf8_error().valid_up_to()).unwrap_or_default();
            let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
            Error::failed(format!("{}:{line}: it is not UTF-8", path.display()))
        };
        String::from_utf8(self.read(path)?).map_err(not_text)
    }

    /// The sum of a file's bytes.
    pub fn sum(&self, path: &Path) -> Result<Sum> {
        self.sums.get(path.to_path_buf(), || self.read(path).map(|bytes| sum_of(&bytes)))
    }

    /// Everything below a folder that Argo CD would find there.
    pub fn folder(&self, path: &Path) -> Result<Arc<Folder>> {
        let look = || {
            let mut found = Vec::new();
            self.below(path, Path::new(""), 0, &mut found)?;
            found.sort();
            let mut hasher = Sha256::new();
            for file in &found {
                feed(&mut hasher, file.as_os_str().as_encoded_bytes());
                feed(&mut hasher, &self.sum(&path.join(file))?);
            }
            Ok(Arc::new(Folder { files: found, sum: hasher.finalize().into() }))
        };
        self.folders.get(path.to_path_buf(), look)
    }

    fn below(&self, top: &Path, from: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<()> {
        let folder = top.join(from);
        if depth > DEPTH {
            return Err(Error::failed(format!("{}: folders are nested too deeply", folder.display())));
        }
        let entries = std::fs::read_dir(self.root.join(&folder)).with_context(|| format!("could not read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let path = from.join(entry.file_name());
            let mut kind = entry.file_type()?;
            // Packed dependencies: git often ignores them, and Argo CD then never sees them.
            let packed = folder.ends_with("charts") && depth > 0 || path.extension().is_some_and(|e| e == "tgz");
            if packed && self.is_ignored(&top.join(&path)) {
                continue;
            }
            if kind.is_symlink() {
                self.inside(&top.join(&path))?;
                kind =
                    std::fs::metadata(entry.path()).with_context(|| format!("could not follow {}", top.join(&path).display()))?.file_type();
            }
            if kind.is_dir() {
                self.below(top, &path, depth + 1, found)?;
            } else {
                found.push(path);
            }
        }
        Ok(())
    }

    /// Refuses what a link leads to beyond the tree, as Argo CD does (`CheckOutOfBoundsSymlinks`).
    pub fn inside(&self, path: &Path) -> Result<()> {
        let refused = |link: &Path| {
            let what = format!("{}: the link leads out of the repository, which Argo CD refuses", link.display());
            Err(Error::failed(what))
        };
        let mut so_far = PathBuf::new();
        for part in path.components() {
            so_far.push(part);
            let Ok(target) = std::fs::read_link(self.root.join(&so_far)) else { continue };
            let mut depth = so_far.components().count() - 1;
            for part in target.components() {
                match part {
                    Component::ParentDir if depth == 0 => return refused(&so_far),
                    Component::ParentDir => depth -= 1,
                    Component::Normal(_) => depth += 1,
                    Component::CurDir => {}
                    _ => return refused(&so_far),
                }
            }
            // By way of further links.
            if std::fs::canonicalize(self.root.join(&so_far)).is_ok_and(|real| !real.starts_with(&self.root)) {
                return refused(&so_far);
            }
        }
        Ok(())
    }

    /// Is it left out of commits? Asked for the few paths that often are; the answer costs one call of git in a run.
    fn is_ignored(&self, path: &Path) -> bool {
        let ignored = self.ignored.get_or_init(|| {
            // A copy of a commit has nothing else in it.
            if !self.root.join(".git").exists() {
                return BTreeSet::new();
            }
            let call = Invocation::reads("git").cwd(&self.root).env("LC_ALL", "C");
            let call = call.args(["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"]);
            let listed = self.runner.run(&call).map(|out| out.stdout).unwrap_or_default();
            listed.split(|byte| *byte == 0).map(|name| PathBuf::from(String::from_utf8_lossy(name).trim_end_matches('/'))).collect()
        });
        !ignored.is_empty() && path.ancestors().any(|above| !above.as_os_str().is_empty() && ignored.contains(above))
    }
}

pub fn sum_of(bytes: &[u8]) -> Sum {
    Sha256::digest(bytes).into()
}

/// Adds a part, so that ("a", "b") and ("ab") differ.
pub fn feed(hasher: &mut Sha256, part: &[u8]) {
    hasher.update((part.len() as u64).to_le_bytes());
    hasher.update(part);
}

pub fn hex(sum: &Sum) -> String {
    sum.iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"))
}

/// The path without `.` and `..`. `None`: it leaves the tree.
pub fn normal(path: &Path) -> Option<PathBuf> {
    path.components().try_fold(PathBuf::new(), |mut so_far, part| match part {
        Component::ParentDir => so_far.pop().then_some(so_far),
        Component::Normal(name) => {
            so_far.push(name);
            Some(so_far)
        }
        _ => Some(so_far),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::Interrupt;

    fn files(dir: &Path) -> Files {
        Files::new(dir, &Runner::new(Interrupt::default())).unwrap()
    }

    #[test]
    fn a_folder_is_known_by_names_and_bytes_and_read_once_in_a_run() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            std::fs::create_dir_all(dir.path().join(name).parent().unwrap()).unwrap();
            std::fs::write(dir.path().join(name), text).unwrap();
        };
        write("c/b/x", "1");
        write("c/a", "2");
        let run = files(dir.path());
        let first = run.folder(Path::new("c")).unwrap();
        assert_eq!(first.files, [Path::new("a"), Path::new("b/x")]);
        write("c/a", "3");
        assert_eq!(run.folder(Path::new("c")).unwrap().sum, first.sum);
        assert_ne!(files(dir.path()).folder(Path::new("c")).unwrap().sum, first.sum);
        write("c/a", "2");
        assert_eq!(files(dir.path()).folder(Path::new("c")).unwrap().sum, first.sum);
        std::fs::rename(dir.path().join("c/a"), dir.path().join("c/z")).unwrap();
        assert_ne!(files(dir.path()).folder(Path::new("c")).unwrap().sum, first.sum);
    }

    #[test]
    fn links_stay_in_the_tree() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("a/b")).unwrap();
        std::fs::write(dir.path().join("a/x"), "x").unwrap();
        let link = |target: &str, name: &str| std::os::unix::fs::symlink(target, dir.path().join(name)).unwrap();
        link("../x", "a/b/in");
        link("../../../etc/hosts", "a/out");
        link(dir.path().join("a/x").to_str().unwrap(), "a/absolute");
        link("b", "a/folder");
        let run = files(dir.path());
        assert_eq!(run.read(Path::new("a/b/in")).unwrap(), b"x");
        assert_eq!(run.read(Path::new("a/folder/in")).unwrap(), b"x");
        for path in ["a/out", "a/absolute"] {
            let e = run.read(Path::new(path)).unwrap_err();
            assert!(e.what().starts_with(&format!("{path}: the link leads out")), "{e}");
        }
        assert!(run.folder(Path::new("a")).is_err());
        link("..", "a/b/up");
        assert!(run.folder(Path::new("a/b")).map(|_| ()).unwrap_err().what().contains("nested too deeply"));
    }

    #[test]
    fn what_is_no_text_is_named_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("v.yaml"), b"a: 1\nb: \xff\n").unwrap();
        assert_eq!(files(dir.path()).text(Path::new("v.yaml")).unwrap_err().what(), "v.yaml:2: it is not UTF-8");
    }

    #[test]
    fn a_path_that_leaves_the_tree_is_none() {
        assert_eq!(normal(Path::new("a/../b/./c")), Some(PathBuf::from("b/c")));
        assert_eq!(normal(Path::new("a/../../b")), None);
    }
}
