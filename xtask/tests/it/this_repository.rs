//! The repository that these tests belong to.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Its root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Every file that is tracked, or new and not ignored: what a commit would hold. Relative to the root, sorted.
pub fn files() -> Vec<String> {
    let git = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    // In a hook of git, its variables would name another repository or another index.
    let variables = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"];
    let mut command = Command::new("git");
    for variable in variables {
        command.env_remove(variable);
    }
    let listed = command.args(git).current_dir(root()).output().unwrap();
    assert!(listed.status.success(), "these tests need a git checkout: {}", String::from_utf8_lossy(&listed.stderr));
    let text = String::from_utf8(listed.stdout).unwrap();
    let mut files: Vec<String> = text.split('\0').filter(|f| root().join(f).is_file()).map(str::to_string).collect();
    files.sort();
    files.dedup();
    files
}

/// A copy of the files below `folders`, as a commit would hold them.
pub fn copy(folders: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    copy_to(dir.path(), folders);
    dir
}

/// The same into a folder that is there.
pub fn copy_to(dir: &Path, folders: &[&str]) {
    for file in files().iter().filter(|f| folders.iter().any(|folder| Path::new(f).starts_with(folder))) {
        let target = dir.join(file);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(root().join(file), target).unwrap();
    }
}

pub fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
}
