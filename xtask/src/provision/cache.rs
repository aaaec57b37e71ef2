//! The cache folder: what lies where, checksums, and how a file appears in it whole or not at all.
//!
//! ```text
//! tools/<name>/<version>-<key>/<name>      programs; the key says what exactly they were made from
//! artifacts/<set>/<version>-<key>/<file>   third-party files
//! downloads/<sha256>.part                  what has arrived so far, kept so that the next run goes on from there
//! downloads/<key>.part                     the same without a sum yet, for tools-lock; the key says the URL
//! trees/<tree>/files/                     the files of a commit; `trees/commits` says which commit has which tree
//! renders/<digit>/<version>-<key>          objects by Helm of this version; the key says from which files (renders.rs)
//! schemas/<version>-<key>-<sets>           schemas of every kind, compiled (schemas.rs)
//! modules/<family>-<key>/                  go.mod and go.sum, for builds
//! locks/<name>.lock                        held while something is made
//! ```

use std::fs::{File, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256 as Hasher};

use super::lock_file::{ArtifactSet, Sha256, Tool};
use crate::error::{Context as _, Error, Result};

/// Ends the name of a file that is being written; nobody reads it.
const UNFINISHED: &str = ".tmp";

/// Where everything that was provisioned lies.
pub(super) struct Cache {
    pub root: PathBuf,
}

impl Cache {
    /// All versions of a tool.
    pub fn tool_dir(&self, name: &str) -> PathBuf {
        self.root.join("tools").join(name)
    }

    /// The program made from what `key` stands for. It keeps the tool's own name: some programs look at it.
    pub fn tool(&self, tool: &Tool, key: &str) -> PathBuf {
        self.tool_dir(&tool.name).join(format!("{}-{key}", tool.version)).join(&tool.name)
    }

    /// All versions of a set of artifacts.
    pub fn artifact_dir(&self, name: &str) -> PathBuf {
        self.root.join("artifacts").join(name)
    }

    /// The files of a set, in the order of the lock.
    pub fn artifact(&self, set: &ArtifactSet) -> Vec<PathBuf> {
        let dir = self.artifact_version(set);
        set.files.iter().map(|f| dir.join(&f.path)).collect()
    }

    /// The folder of the files of a set.
    pub fn artifact_version(&self, set: &ArtifactSet) -> PathBuf {
        let parts: Vec<&str> = set.files.iter().flat_map(|f| [f.path.as_str(), f.sha256.as_str()]).collect();
        self.artifact_dir(&set.name).join(format!("{}-{}", set.version, key(&parts)))
    }

    /// What has arrived so far of the file with this sum.
    pub fn part(&self, sum: &Sha256) -> PathBuf {
        self.root.join("downloads").join(format!("{}.part", sum.as_str()))
    }

    /// What has arrived of a file whose sum nobody knows beforehand.
    pub fn unknown_part(&self, url: &str) -> PathBuf {
        self.root.join("downloads").join(format!("{}.part", key(&[url])))
    }

    /// What was rendered.
    pub fn renders_dir(&self) -> PathBuf {
        self.root.join("renders")
    }

    /// Schemas, compiled.
    pub fn schemas_dir(&self) -> PathBuf {
        self.root.join("schemas")
    }

    /// The files of commits.
    pub fn trees_dir(&self) -> PathBuf {
        self.root.join("trees")
    }

    /// The folder a family is built in.
    pub fn module_dir(&self, name: &str) -> PathBuf {
        self.root.join("modules").join(name)
    }

    /// Held while `name` is made.
    pub fn lock(&self, name: &str) -> PathBuf {
        self.root.join("locks").join(format!("{name}.lock"))
    }
}

/// Twelve digits that stand for all of `parts`; ("a", "b") and ("ab") differ.
pub(super) fn key(parts: &[&str]) -> String {
    key_of(parts.iter().map(|part| part.as_bytes()))
}

/// [`key`] for what is no text.
pub(super) fn key_of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Hasher::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut text = hex(&hasher.finalize());
    text.truncate(12);
    text
}

/// The short form of a sum, for names and keys.
pub(super) fn short(sum: &Sha256) -> &str {
    sum.as_str().get(..12).unwrap_or_default()
}

/// Can this be run? A crash of the machine may leave a name without content.
pub(super) fn is_program(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() > 0 && m.permissions().mode() & 0o111 != 0)
}

/// Is this a file with content?
pub(super) fn is_filled(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() > 0)
}

/// The sum of a file's bytes.
pub(super) fn sum_of(path: &Path) -> Result<String> {
    let file = File::open(path).with_context(|| format!("could not read {}", path.display()))?;
    copy(file, std::io::sink()).with_context(|| format!("could not read {}", path.display()))
}

/// Copies and returns the sum of what was copied.
pub(super) fn copy(mut from: impl Read, mut to: impl Write) -> Result<String> {
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 128 * 1024];
    loop {
        let n = from.read(&mut buffer)?;
        let bytes = buffer.get(..n).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(bytes);
        to.write_all(bytes)?;
    }
}

/// Makes the folder that `path` will lie in.
pub(super) fn make_parent(path: &Path) -> Result<()> {
    let dir = path.parent().unwrap_or(path);
    std::fs::create_dir_all(dir).with_context(|| format!("could not make the folder {}", dir.display()))
}

/// The file to write first when `target` is to appear; its folder exists afterwards.
///
/// Another name in every process: after kill -9 a build may go on without its parent and still write to its own.
pub(super) fn unfinished(target: &Path) -> Result<PathBuf> {
    make_parent(target)?;
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    Ok(target.with_file_name(format!(".{name}.{}{UNFINISHED}", std::process::id())))
}

/// Turns a written file into `target`: permissions, on disk, then renamed, so that no reader ever sees half of it.
pub(super) fn publish(written: &Path, target: &Path, mode: u32) -> Result<()> {
    let publish = || -> Result<()> {
        make_parent(target)?;
        std::fs::set_permissions(written, Permissions::from_mode(mode))?;
        File::open(written)?.sync_all()?;
        std::fs::rename(written, target)?;
        File::open(target.parent().unwrap_or(target))?.sync_all()?;
        Ok(())
    };
    publish().with_context(|| format!("could not write {}", target.display()))
}

/// Removes unfinished files that a run that died left in `dir`; only those of `name`, unless it is empty.
/// Only for the holder of the lock.
pub(super) fn clean(dir: &Path, name: &str) {
    for entry in entries(dir) {
        let file = entry.file_name().unwrap_or_default().to_string_lossy();
        if file.starts_with(&format!(".{name}")) && is_unfinished(&entry) {
            // What cannot be removed is in nobody's way: the next one has another name.
            let _ = std::fs::remove_file(&entry);
        }
    }
}

/// Is this the name of a file that is being written, or was when its writer died?
pub(super) fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') && name.ends_with(UNFINISHED)
}

/// [`clean`] for all versions of a tool or set.
pub(super) fn clean_versions(dir: &Path) {
    entries(dir).iter().for_each(|version| clean(version, ""));
}

/// What a folder holds; nothing, if it cannot be read.
pub(super) fn entries(dir: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).collect()
}

/// Removes a file; one that is not there is fine.
pub(super) fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::from(e).context(format!("could not remove {}", path.display()))),
        _ => Ok(()),
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_knows_where_its_parts_end() {
        assert_eq!(key(&["a", "b"]).len(), 12);
        assert_ne!(key(&["a", "b"]), key(&["ab"]));
    }

    #[test]
    fn the_sum_is_sha256() {
        let sum = copy(&b"abc"[..], std::io::sink()).unwrap();
        assert_eq!(sum, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
