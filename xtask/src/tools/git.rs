//! git: commits a snapshot of the working tree to a bare repository of its own.
//!
//! The bare repository has its own index and objects, so the contributor's index, branch, stash and objects are never
//! touched, and it works in a linked worktree or an unpacked archive just as well.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Context as _, Error, Result};
use crate::proc::{Failure, Invocation, Runner};
use crate::repo::files;

/// The branch that snapshots go to, and that Argo CD follows.
pub const BRANCH: &str = "worktree";

/// What Argo CD reads.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Full commit id.
    pub revision: String,
    /// `file://` URL of the bare repository.
    pub url: String,
}

pub struct Git<'a> {
    runner: &'a Runner,
    root: &'a Path,
    bare: PathBuf,
}

impl<'a> Git<'a> {
    /// Snapshots of `root` go to the bare repository `bare`.
    pub fn new(runner: &'a Runner, root: &'a Path, bare: PathBuf) -> Self {
        Git { runner, root, bare }
    }

    /// The bare repository.
    pub fn folder(&self) -> &Path {
        &self.bare
    }

    pub fn url(&self) -> String {
        format!("file://{}", self.bare.display())
    }

    fn plain(&self, call: Invocation) -> Invocation {
        // The variables that git sets for its hooks would point all of this at the contributor's repository.
        let vars = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"];
        vars.into_iter().fold(call, Invocation::unset).env("LC_ALL", "C").timeout(Duration::from_secs(120))
    }

    fn bare(&self, call: Invocation) -> Invocation {
        self.plain(call).arg("--git-dir").arg(&self.bare).arg("--work-tree").arg(self.root)
    }

    /// The snapshot that Argo CD sees now; `None` before the first one.
    pub fn current(&self) -> Option<Snapshot> {
        let call = self.bare(Invocation::reads("git")).args(["rev-parse", "--verify", "--quiet"]);
        let revision = self.runner.run(&call.arg(format!("refs/heads/{BRANCH}"))).ok()?.text();
        Some(Snapshot { revision, url: self.url() })
    }

    /// Is the working tree the same as the current snapshot? Looks only.
    pub fn is_current(&self) -> Result<bool> {
        Ok(self.current().is_some() && self.pending()?.is_empty())
    }

    /// Paths that differ between the current snapshot and the working tree; none without a snapshot. Looks only: the index that
    /// it brings up to date is a copy.
    pub fn pending(&self) -> Result<Vec<String>> {
        let Some(current) = self.current() else { return Ok(Vec::new()) };
        let copy = tempfile::NamedTempFile::new_in(&self.bare)?;
        if let Ok(index) = std::fs::read(self.bare.join("index")) {
            std::fs::write(copy.path(), index)?;
        }
        let objects = tempfile::tempdir_in(&self.bare)?;
        let apart = |call: Invocation| {
            call.env("GIT_INDEX_FILE", copy.path())
                .env("GIT_OBJECT_DIRECTORY", objects.path())
                .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", self.bare.join("objects"))
        };
        let tree = self.tree(&apart)?;
        let call = apart(self.bare(Invocation::reads("git"))).args(["diff-tree", "-r", "-z", "--name-only", &current.revision, &tree]);
        self.run(&call).map(|text| paths(&text))
    }

    /// Paths that differ between two snapshots. Errors: one of them is not known.
    pub fn changed(&self, one: &str, other: &str) -> Result<Vec<String>> {
        let call = self.bare(Invocation::reads("git")).args(["diff-tree", "-r", "-z", "--name-only", one, other]);
        self.run(&call).map(|text| paths(&text))
    }

    /// Commits the working tree, new files included, ignored ones not; the same tree gives the same snapshot again.
    /// Errors: git is missing (exit code 4), or a file cannot be read.
    pub fn snapshot(&self) -> Result<Snapshot> {
        self.prepare()?;
        let tree = self.tree(&|call| call)?;
        let parent = self.current();
        if let Some(current) = &parent
            && self.tree_of(&current.revision)? == tree
        {
            return Ok(current.clone());
        }
        let mut call = self.bare(Invocation::writes("git")).args(["commit-tree", &tree, "-m", "Working tree"]);
        if let Some(parent) = &parent {
            call = call.args(["-p", &parent.revision]);
        }
        for who in ["AUTHOR", "COMMITTER"] {
            call = call.env(format!("GIT_{who}_NAME"), "cargo xtask").env(format!("GIT_{who}_EMAIL"), "xtask@localhost");
        }
        let revision = self.run(&call)?;
        let branch = format!("refs/heads/{BRANCH}");
        self.run(&self.bare(Invocation::writes("git")).args(["update-ref", &branch, &revision]))?;
        Ok(Snapshot { revision, url: self.url() })
    }

    /// Does `path` differ between two snapshots? An unknown commit differs.
    pub fn differs(&self, one: &str, other: &str, path: &str) -> bool {
        let call = self.bare(Invocation::reads("git")).args(["diff", "--quiet", one, other, "--", path]);
        self.runner.run(&call).is_err()
    }

    /// The calls of `snapshot` that write, as far as they are known beforehand.
    pub fn plan(&self) -> Vec<Invocation> {
        let init = self
            .plain(Invocation::writes("git"))
            .args(["init", "--quiet", "--bare", "--shared=0644", "--initial-branch", BRANCH])
            .arg(&self.bare);
        let add = self.bare(Invocation::writes("git")).args(["add", "--all", "--", "."]);
        let commit = self.bare(Invocation::writes("git")).args(["commit-tree", "TREE", "-m", "Working tree"]);
        let update = self.bare(Invocation::writes("git")).args(["update-ref", &format!("refs/heads/{BRANCH}"), "COMMIT"]);
        let known = self.bare.join("HEAD").is_file();
        (!known).then_some(init).into_iter().chain([add, commit, update]).collect()
    }

    fn prepare(&self) -> Result<()> {
        // An interrupted `git init` leaves no HEAD; running it again mends it. A lock is a killed run's: ours is the
        // only one, by the lock of the environment.
        if !self.bare.join("HEAD").is_file() {
            let call =
                self.plain(Invocation::writes("git")).args(["init", "--quiet", "--bare", "--shared=0644", "--initial-branch", BRANCH]);
            self.run(&call.arg(&self.bare))?;
        }
        for lock in ["index.lock".to_string(), format!("refs/heads/{BRANCH}.lock")] {
            let _ = std::fs::remove_file(self.bare.join(lock));
        }
        // State and kubeconfigs stay out whatever a .gitignore says; so does what the contributor excludes without one.
        let mut exclude = b"/.xtask/\n/environments/*/kubeconfig/\n".to_vec();
        let call = self.plain(Invocation::reads("git")).arg("-C").arg(self.root).args(["rev-parse", "--git-path", "info/exclude"]);
        if let Ok(out) = self.runner.run(&call) {
            exclude.extend(std::fs::read(self.root.join(out.text())).unwrap_or_default());
        }
        files::write_if_changed(&self.bare.join("info/exclude"), &exclude, 0o644)?;
        Ok(())
    }

    fn tree(&self, place: &dyn Fn(Invocation) -> Invocation) -> Result<String> {
        let git = || place(self.bare(Invocation::writes("git"))).cwd(self.root);
        self.run(&git().args(["add", "--all", "--", "."])).context("could not read the working tree")?;
        let tracked = self.tracked_though_ignored();
        if !tracked.is_empty() {
            let call = git().args(["add", "--force", "--pathspec-from-file=-", "--pathspec-file-nul"]);
            self.run(&call.stdin(tracked)).context("could not read the working tree")?;
        }
        self.run(&git().args(["write-tree"]))
    }

    /// Files that the contributor tracks although a pattern ignores them, separated by NUL.
    fn tracked_though_ignored(&self) -> Vec<u8> {
        let call = self.plain(Invocation::reads("git")).arg("-C").arg(self.root);
        let call = call.args(["ls-files", "-z", "--cached", "--ignored", "--exclude-standard"]);
        let listed = self.runner.run(&call).map(|out| out.stdout).unwrap_or_default();
        let still_there = |path: &&[u8]| !path.is_empty() && self.root.join(String::from_utf8_lossy(path).as_ref()).exists();
        let kept: Vec<&[u8]> = listed.split(|b| *b == 0).filter(still_there).collect();
        kept.join(&0)
    }

    /// Files below `dir` that the contributor tracks, as whole paths. Errors: git cannot tell.
    pub fn tracked(&self, dir: &Path) -> Result<BTreeSet<PathBuf>> {
        let call = self.plain(Invocation::reads("git")).arg("-C").arg(self.root).args(["ls-files", "-z", "--"]).arg(dir);
        Ok(paths(&self.run(&call)?).into_iter().map(|path| self.root.join(path)).collect())
    }

    fn tree_of(&self, revision: &str) -> Result<String> {
        self.run(&self.bare(Invocation::reads("git")).args(["rev-parse", "--verify"]).arg(format!("{revision}^{{tree}}")))
    }

    fn run(&self, call: &Invocation) -> Result<String> {
        match self.runner.run(call) {
            Ok(out) => Ok(out.text()),
            Err(f @ Failure::NotFound { .. }) => Err(Error::from(f).hint("install git with the package manager of your system")),
            Err(f) => Err(f.into()),
        }
    }

    /// The commit and the number of changed files of the contributor's own repository, for people; `None` outside one.
    pub fn describe(&self) -> Option<(String, usize)> {
        let git = || self.plain(Invocation::reads("git")).arg("-C").arg(self.root);
        let head = self.runner.run(&git().args(["rev-parse", "--short", "HEAD"])).ok()?.text();
        let status = self.runner.run(&git().args(["--no-optional-locks", "status", "--porcelain"])).ok()?;
        Some((head, status.text().lines().count()))
    }
}

/// Splits what git prints with `-z`.
fn paths(text: &str) -> Vec<String> {
    text.split('\0').filter(|path| !path.is_empty()).map(str::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::Interrupt;

    fn sh(runner: &Runner, dir: &Path, script: &str) -> String {
        runner.run(&Invocation::writes("sh").args(["-ec", script]).cwd(dir)).unwrap().text()
    }

    #[test]
    fn a_snapshot_has_changes_and_new_files_but_nothing_ignored_and_touches_nothing() {
        let runner = Runner::new(Interrupt::default());
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("clone");
        std::fs::create_dir(&root).unwrap();
        sh(
            &runner,
            &root,
            "git init -q . && git config user.name n && git config user.email e@example.com
            echo '*.secret' > .gitignore; echo one > changed; echo kept > forced.secret
            git add -A && git add -f forced.secret && git commit -qm first
            echo two > changed; echo new > new; echo s > plain.secret; echo x > excluded
            echo excluded >> .git/info/exclude",
        );
        let before = sh(&runner, &root, "git status --porcelain; git rev-parse HEAD; git stash list; cat .git/index | cksum");

        let git = Git::new(&runner, &root, dir.path().join("state/source.git"));
        std::fs::create_dir(dir.path().join("state")).unwrap();
        assert!(!git.is_current().unwrap());
        let first = git.snapshot().unwrap();
        assert!(git.is_current().unwrap());
        let listed = sh(&runner, &dir.path().join("state/source.git"), "git ls-tree -r --name-only worktree");
        assert_eq!(listed, ".gitignore\nchanged\nforced.secret\nnew");
        assert_eq!(sh(&runner, &dir.path().join("state/source.git"), "git show worktree:changed"), "two");
        let after = sh(&runner, &root, "git status --porcelain; git rev-parse HEAD; git stash list; cat .git/index | cksum");
        assert_eq!(before, after);

        assert_eq!(git.snapshot().unwrap().revision, first.revision);
        sh(&runner, &root, "rm new; mkdir 'a folder'; echo x > 'a folder/ü.yaml'");
        assert!(!git.is_current().unwrap());
        assert_eq!(git.pending().unwrap(), ["a folder/ü.yaml", "new"]);
        let second = git.snapshot().unwrap();
        assert_ne!(second.revision, first.revision);
        assert_eq!(git.changed(&first.revision, &second.revision).unwrap(), ["a folder/ü.yaml", "new"]);
        assert!(git.pending().unwrap().is_empty());
    }
}
