//! The files of a tree, as git would have them: what is ignored is left out without starting git.

use std::collections::BTreeSet;
use std::path::Path;

use super::model::Tree;

/// Every file of a tree.
#[derive(Debug, Default)]
pub struct Listing {
    /// From the root, with `/`, sorted. Links are files, and not followed.
    pub files: Vec<String>,
    /// What could not be listed: the path from the root, and why.
    pub problems: Vec<(String, String)>,
}

/// Never part of a tree, whatever its `.gitignore` says.
const NEVER: &[&str] = &[".git", "node_modules", ".xtask"];

/// Deeper folders are not entered: a file system without links has no such thing.
const DEPTH: usize = 64;

impl Listing {
    pub fn of(tree: &Tree) -> Self {
        let mut listing = Listing::default();
        let ignored = Ignored::read(&tree.root, ".gitignore");
        let mut folders = vec![(String::new(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            let entries = match std::fs::read_dir(tree.root.join(&folder)) {
                Ok(entries) => entries,
                Err(e) => {
                    listing.problems.push((folder, format!("could not list it: {e}")));
                    continue;
                }
            };
            for entry in entries {
                let Ok(entry) = entry else { continue };
                let name = entry.file_name();
                let Some(name) = name.to_str() else {
                    let shown = join(&folder, &name.to_string_lossy());
                    listing.problems.push((shown, "its name is not UTF-8".to_string()));
                    continue;
                };
                let path = join(&folder, name);
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                if ignored.has(&path, name, is_folder) {
                    continue;
                }
                match is_folder {
                    true if depth < DEPTH => folders.push((path, depth + 1)),
                    true => listing.problems.push((path, format!("it is more than {DEPTH} folders deep"))),
                    false => listing.files.push(path),
                }
            }
        }
        listing.files.sort_unstable();
        listing.problems.sort_unstable();
        listing
    }

    /// Folders with a file somewhere below, none of whose names begins with a dot.
    pub fn folders(&self) -> Vec<&str> {
        let mut found = BTreeSet::new();
        for file in &self.files {
            for (at, _) in file.match_indices('/') {
                let folder = file.get(..at).unwrap_or_default();
                if folder.rsplit('/').next().unwrap_or_default().starts_with('.') {
                    break;
                }
                found.insert(folder);
            }
        }
        found.into_iter().collect()
    }
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") }
}

/// What a file like `.gitignore`, in the root, names: names anywhere, paths from the root, and ends such as `*.tgz`.
/// Other patterns are left to git: a file too many is seen, none is lost.
#[derive(Default)]
pub struct Ignored {
    names: BTreeSet<String>,
    paths: BTreeSet<String>,
    ends: Vec<String>,
    /// Those of folders only, as named above.
    folders: BTreeSet<String>,
}

impl Ignored {
    /// Without the file, nothing is ignored.
    pub fn read(root: &Path, file: &str) -> Self {
        let mut ignored = Ignored::default();
        let text = std::fs::read_to_string(root.join(file)).unwrap_or_default();
        // A file that takes something back needs all of git's rules.
        if text.lines().any(|line| line.starts_with('!')) {
            return ignored;
        }
        for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let folder = line.ends_with('/');
            let plain = line.trim_end_matches('/');
            if let Some(end) = plain.strip_prefix('*').filter(|end| !folder && !end.contains(['*', '?', '[', '/', '\\'])) {
                ignored.ends.push(end.to_string());
            } else if !plain.contains(['*', '?', '[', '\\']) {
                let key = if plain.contains('/') { format!("/{}", plain.trim_start_matches('/')) } else { plain.to_string() };
                match (folder, key.strip_prefix('/')) {
                    (true, _) => drop(ignored.folders.insert(key)),
                    (false, Some(path)) => drop(ignored.paths.insert(path.to_string())),
                    (false, None) => drop(ignored.names.insert(key)),
                }
            }
        }
        ignored
    }

    /// Is this file, or a folder that it lies in, ignored?
    pub fn covers(&self, file: &str) -> bool {
        let folders = file.match_indices('/').filter_map(|(at, _)| file.get(..at));
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_string();
        self.has(file, &name(file), false) || folders.into_iter().any(|folder| self.has(folder, &name(folder), true))
    }

    fn has(&self, path: &str, name: &str, is_folder: bool) -> bool {
        if NEVER.contains(&name) || self.names.contains(name) || self.paths.contains(path) {
            return true;
        }
        if is_folder {
            return self.folders.contains(name) || self.folders.contains(&format!("/{path}"));
        }
        self.ends.iter().any(|end| name.ends_with(end.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_ignores_is_left_out_and_hidden_folders_are_no_folders() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(".gitignore", "# c\n/out/\nbuild/\n*.tgz\nsecret.yaml\na/only/\n");
        for path in ["out/x", "a/out/x", "a/build/x", "a/b.tgz", "a/secret.yaml", "a/only/x", ".git/x", "a/.h/x/y", "b/c/d", "build"] {
            write(path, "");
        }
        let listing = Listing::of(&Tree { root: dir.path().to_path_buf(), urls: Vec::new() });
        assert_eq!(listing.files, [".gitignore", "a/.h/x/y", "a/out/x", "b/c/d", "build"]);
        assert_eq!(listing.folders(), ["a", "a/out", "b", "b/c"]);
    }

    #[test]
    fn a_file_is_covered_by_its_folders() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(".xtaskignore"), "# why\n/tests/\nexamples/\n").unwrap();
        let ignored = Ignored::read(dir.path(), ".xtaskignore");
        let covered = |file: &str| ignored.covers(file);
        assert!(covered("tests/a/b.yaml") && covered("a/examples/b.yaml"));
        assert!(!covered("a/tests/b.yaml") && !covered("tests.yaml") && !covered("examples"));
    }

    #[test]
    fn a_gitignore_that_takes_something_back_hides_nothing() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(".gitignore"), "a\n!a\n").unwrap();
        std::fs::write(dir.path().join("a"), "").unwrap();
        let listing = Listing::of(&Tree { root: dir.path().to_path_buf(), urls: Vec::new() });
        assert_eq!(listing.files, [".gitignore", "a"]);
    }
}
