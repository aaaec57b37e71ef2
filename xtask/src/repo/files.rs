//! Writing files so that a crash never leaves half of one, and an unchanged file is not touched; listing those of the repository.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::error::{Context as _, Error, Result};

/// Replaces `path` by `bytes` with permissions `mode`, atomically; returns whether anything changed.
/// Missing folders are made. Errors: what the file system says, with the path.
pub fn write_if_changed(path: &Path, bytes: &[u8], mode: u32) -> Result<bool> {
    let same = std::fs::read(path).is_ok_and(|have| have == bytes)
        && std::fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o777 == mode);
    if same {
        return Ok(false);
    }
    write(path, bytes, mode).with_context(|| format!("could not write {}", path.display()))?;
    Ok(true)
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let dir = path.parent().ok_or_else(|| Error::failed("it has no folder"))?;
    std::fs::create_dir_all(dir)?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?;
    file.persist(path).map_err(|e| Error::from(e.error))?;
    Ok(())
}

/// Makes a folder that only its owner can enter.
pub fn private_dir(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(path).with_context(|| format!("could not make the folder {}", path.display()))
}

/// Removes a folder and everything in it; one that is not there is fine.
pub fn remove_dir(path: &Path) -> Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e).with_context(|| format!("could not remove {}", path.display())),
        _ => Ok(()),
    }
}

/// Is this open file still the one of that name?
pub fn is_at(file: &File, path: &Path) -> bool {
    let id = |m: std::fs::Metadata| (m.dev(), m.ino());
    matches!((file.metadata().map(id), std::fs::metadata(path).map(id)), (Ok(a), Ok(b)) if a == b)
}

/// Bytes that this user may still write to the file system of `path`, which need not exist yet; `None` if it does not say.
pub fn free_space(path: &Path) -> Option<u64> {
    let there = path.ancestors().find(|p| p.exists())?;
    let system = nix::sys::statvfs::statvfs(there).ok()?;
    // The types of these fields differ between systems.
    #[allow(clippy::unnecessary_cast, clippy::useless_conversion, reason = "u32 on macOS")]
    Some(u64::from(system.blocks_available()) * system.fragment_size() as u64)
}

/// Bytes of a file, or of everything in a folder; links are not followed, what cannot be read counts nothing.
pub fn size(path: &Path) -> u64 {
    let Ok(metadata) = std::fs::symlink_metadata(path) else { return 0 };
    if !metadata.is_dir() {
        return metadata.len();
    }
    std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| size(&entry.path())).sum()
}

/// Every file below a folder, from the root, sorted; what is only unpacked or generated there is left out.
pub fn below(root: &Path, folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(root.join(&folder)).into_iter().flatten().flatten() {
            let path = folder.join(entry.file_name());
            let kind = entry.file_type();
            // `charts/` inside a chart holds packed copies.
            let packed = entry.file_name() == "charts" || entry.file_name() == "kubeconfig";
            if kind.as_ref().is_ok_and(std::fs::FileType::is_dir) && !packed {
                folders.push(path);
            } else if kind.is_ok_and(|k| k.is_file()) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unchanged_file_is_not_written_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/file");
        assert!(write_if_changed(&path, b"one", 0o600).unwrap());
        assert!(!write_if_changed(&path, b"one", 0o600).unwrap());
        assert!(write_if_changed(&path, b"two", 0o600).unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
