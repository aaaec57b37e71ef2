//! git: which commit a revision means, where two lines of commits parted, and what a commit holds.
//!
//! What files of `.git` say plainly is read there, because a process costs more than all the rest of a warm comparison.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::proc::{Failure, Invocation, Runner};

/// Branches that changes are merged into, in the order in which they are looked for.
const TRUNKS: [&str; 5] =
    ["refs/heads/main", "refs/heads/master", "refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master"];

/// The commits of the repository around a folder.
pub struct History<'a> {
    runner: &'a Runner,
    root: &'a Path,
    /// Of this working tree: HEAD.
    own: PathBuf,
    /// Of all working trees: branches, objects.
    common: PathBuf,
    /// The folder, seen from the top of the working tree; empty at the top, else with a slash at the end.
    prefix: String,
}

impl<'a> History<'a> {
    /// Errors: prerequisite, when the folder is in no git repository.
    pub fn of(runner: &'a Runner, root: &'a Path) -> Result<Self> {
        let found = root.ancestors().find_map(|top| Some((top, git_dir(top)?)));
        let Some((top, own)) = found else {
            return Err(Error::prerequisite("there is nothing to compare with: this is no git repository")
                .cause(format!("neither {} nor a folder above it has a .git", root.display()))
                .hint("run it in a clone of the repository, or begin one: git init"));
        };
        let common = std::fs::read_to_string(own.join("commondir")).ok().map(|text| own.join(text.trim()));
        let below = root.strip_prefix(top).unwrap_or(Path::new(""));
        let prefix = if below.as_os_str().is_empty() { String::new() } else { format!("{}/", below.display()) };
        Ok(History { runner, root, common: common.unwrap_or_else(|| own.clone()), own, prefix })
    }

    /// The folder, seen from the top of the working tree.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    fn git(&self, call: Invocation) -> Invocation {
        // The variables that git sets for its hooks would point all of this somewhere else.
        let vars = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"];
        let call = vars.into_iter().fold(call, Invocation::unset).env("LC_ALL", "C").timeout(Duration::from_secs(120));
        call.arg("-C").arg(self.root)
    }

    fn ask(&self, args: &[&str]) -> Result<Option<String>> {
        match self.runner.run(&self.git(Invocation::reads("git")).args(args)) {
            Ok(out) => Ok(Some(out.text())),
            Err(Failure::Failed { .. }) => Ok(None),
            Err(f @ Failure::NotFound { .. }) => Err(Error::from(f).hint("install git with the package manager of your system")),
            Err(f) => Err(f.into()),
        }
    }

    /// The commit that a revision means. Errors: usage, when there is no such revision here.
    pub fn commit(&self, revision: &str) -> Result<String> {
        let plain = revision.len() == 40 && revision.bytes().all(|b| b.is_ascii_hexdigit());
        if let Some(commit) = self.read(revision).filter(|_| !plain) {
            return Ok(commit);
        }
        let found = self.ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")])?;
        // git echoes this option in old versions.
        let found = found.as_deref().and_then(|text| text.lines().find(|line| !line.starts_with("--"))).map(str::to_string);
        found.ok_or_else(|| {
            let error = Error::usage(format!("there is no revision `{revision}` here"));
            let error = if self.is_shallow() { error.cause("this clone is shallow: most commits are not in it") } else { error };
            error.hint("see what there is: git log --oneline --all")
        })
    }

    /// The commit where the current branch left the trunk: of `main`, else `master`, else the remote's default branch.
    /// Errors: usage, when there is none, or no commit that both have.
    pub fn fork_point(&self) -> Result<(String, &'static str)> {
        let Some(head) = self.read("HEAD").map_or_else(|| self.commit("HEAD").ok(), Some) else {
            return Err(Error::usage("there is nothing to compare with: this repository has no commit yet")
                .hint("commit once, or name two revisions: cargo xtask diff --base REV --head REV"));
        };
        let Some(trunk) = self.trunk()? else {
            return Err(Error::usage(
                "there is nothing to compare with: this repository has no branch `main` or `master`, and its remote no default branch",
            )
            .hint("name a revision: cargo xtask diff --base REV")
            .hint("or let git find the remote's default branch: git remote set-head origin --auto"));
        };
        let shown = trunk.trim_start_matches("refs/heads/").trim_start_matches("refs/remotes/");
        if self.read(trunk).as_ref() == Some(&head) {
            return Ok((head, shown));
        }
        let base = self.ask(&["merge-base", trunk, &head])?.and_then(|text| text.lines().next().map(str::to_string));
        let base = base.filter(|commit| !commit.is_empty()).ok_or_else(|| {
            let error = Error::usage(format!("HEAD and {shown} have no commit in common here"));
            if self.is_shallow() {
                error.cause("this clone is shallow: the commit may be there and not in it").hint("fetch the rest: git fetch --unshallow")
            } else {
                error.hint("name a revision: cargo xtask diff --base REV")
            }
        })?;
        Ok((base, shown))
    }

    /// The tree of a commit, of this folder only.
    pub fn tree(&self, commit: &str) -> Result<String> {
        let name = format!("{commit}:{}", self.prefix);
        self.ask(&["rev-parse", "--verify", "--quiet", name.trim_end_matches('/')])?
            .ok_or_else(|| Error::usage(format!("the commit {} has no folder {}", short(commit), self.prefix.trim_end_matches('/'))))
    }

    /// Writes everything in a tree into `dir`, links as links, other repositories in it as empty folders. Touches no index.
    pub fn check_out(&self, tree: &str, dir: &Path) -> Result<()> {
        let mut index = dir.as_os_str().to_os_string();
        index.push(".index");
        // Without -C: git wants the top of its working tree, and that is `dir`.
        let vars = ["GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"];
        let call = vars.into_iter().fold(Invocation::writes("git"), Invocation::unset);
        let call = call.cwd(dir).env("LC_ALL", "C").env("GIT_DIR", &self.own).env("GIT_WORK_TREE", dir).env("GIT_INDEX_FILE", &index);
        let settings = ["core.sparseCheckout=false", "core.fsmonitor=false", "submodule.recurse=false", "core.bare=false"];
        let call = settings.into_iter().fold(call, |call, setting| call.args(["-c", setting]));
        let done = self.runner.run(&call.args(["read-tree", "--reset", "-u", tree]).timeout(Duration::from_secs(120)));
        let _ = std::fs::remove_file(&index);
        index.push(".lock");
        let _ = std::fs::remove_file(&index);
        done.map_err(|failure| Error::from(failure).context(format!("could not write the files of {}", short(tree)))).map(drop)
    }

    /// Files of the folder that differ between a commit and the working tree, with those that git does not know and does not ignore;
    /// also those that are gone. From the folder, sorted.
    pub fn changed_since(&self, commit: &str) -> Result<Vec<String>> {
        let calls: [&[&str]; 2] = [
            &["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--relative", commit],
            &["ls-files", "-z", "--others", "--exclude-standard"],
        ];
        let mut files = Vec::new();
        for call in calls {
            let said = self.ask(call)?.ok_or_else(|| Error::failed(format!("git could not say what changed since {}", short(commit))))?;
            files.extend(said.split('\0').filter(|file| !file.is_empty()).map(str::to_string));
        }
        files.sort_unstable();
        files.dedup();
        Ok(files)
    }

    pub fn is_shallow(&self) -> bool {
        self.common.join("shallow").is_file()
    }

    /// The first of the trunks that is there.
    fn trunk(&self) -> Result<Option<&'static str>> {
        if let Some(trunk) = TRUNKS.iter().find(|name| self.read(name).is_some()) {
            return Ok(Some(trunk));
        }
        // In another format than files, perhaps.
        let Some(listed) = self.ask(&["for-each-ref", "--format=%(refname)"])? else { return Ok(None) };
        Ok(TRUNKS.into_iter().find(|name| listed.lines().any(|line| line == *name)))
    }

    /// What a reference points to, as far as files say: HEAD, or a name that begins with `refs/`.
    fn read(&self, name: &str) -> Option<String> {
        let mut name = name.to_string();
        // A chain of names is two long; a ring has no end.
        for _ in 0..5 {
            if name != "HEAD" && (!name.starts_with("refs/") || name.contains("..")) {
                return None;
            }
            let dir = if name == "HEAD" { &self.own } else { &self.common };
            let text = std::fs::read_to_string(dir.join(&name)).ok().or_else(|| self.packed(&name))?;
            let text = text.trim();
            match text.strip_prefix("ref:") {
                Some(next) => name = next.trim().to_string(),
                None => return (text.len() >= 40 && text.bytes().all(|b| b.is_ascii_hexdigit())).then(|| text.to_string()),
            }
        }
        None
    }

    fn packed(&self, name: &str) -> Option<String> {
        let packed = std::fs::read_to_string(self.common.join("packed-refs")).ok()?;
        packed.lines().find_map(|line| line.split_once(' ').filter(|(_, have)| *have == name).map(|(id, _)| id.to_string()))
    }
}

/// The repository of a working tree: a folder `.git`, or a file that names it.
fn git_dir(top: &Path) -> Option<PathBuf> {
    let path = top.join(".git");
    if path.is_dir() {
        return path.join("HEAD").exists().then_some(path);
    }
    let text = std::fs::read_to_string(&path).ok()?;
    Some(top.join(text.strip_prefix("gitdir:")?.trim()))
}

/// As many digits as people read.
pub fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::Interrupt;

    fn repository(script: &str) -> (tempfile::TempDir, Runner) {
        let runner = Runner::new(Interrupt::default());
        let dir = tempfile::tempdir().unwrap();
        let script = format!("git init -q -b main . && git config user.name n && git config user.email e@example.com\n{script}");
        runner.run(&Invocation::writes("sh").args(["-ec", &script]).cwd(dir.path())).unwrap();
        (dir, runner)
    }

    const COMMIT: &str = "echo one > a; mkdir -p sub; echo in > sub/b; ln -s a link; git add -A; git commit -qm 1\n";

    #[test]
    fn a_clean_trunk_is_its_own_base_without_any_process() {
        let (dir, runner) = repository(COMMIT);
        let history = History::of(&runner, dir.path()).unwrap();
        runner.take_observed();
        let (base, trunk) = history.fork_point().unwrap();
        assert_eq!((base.len(), trunk, runner.take_observed().len()), (40, "main", 0));
    }

    #[test]
    fn the_base_of_a_branch_is_where_it_left_the_trunk_in_packed_refs_and_detached_too() {
        let (dir, runner) = repository(&format!(
            "{COMMIT}git rev-parse HEAD > .git/base; git checkout -qb topic; echo 2 > a; git commit -qam 2
            git checkout -q main; echo 3 > c; git add c; git commit -qm 3; git pack-refs --all; git checkout -q --detach topic"
        ));
        let history = History::of(&runner, dir.path()).unwrap();
        let base = std::fs::read_to_string(dir.path().join(".git/base")).unwrap();
        assert_eq!(history.fork_point().unwrap(), (base.trim().to_string(), "main"));
    }

    #[test]
    fn a_tree_is_written_as_it_is_and_the_index_is_left_alone() {
        let (dir, runner) = repository(&format!(
            "{COMMIT}echo 'sub export-ignore' > .gitattributes; git add -A; git commit -qm 2; echo dirty > a; rm sub/b"
        ));
        let history = History::of(&runner, dir.path()).unwrap();
        let index = std::fs::read(dir.path().join(".git/index")).unwrap();
        let out = tempfile::tempdir().unwrap();
        let into = out.path().join("tree");
        std::fs::create_dir(&into).unwrap();
        let commit = history.commit("HEAD").unwrap();
        history.check_out(&history.tree(&commit).unwrap(), &into).unwrap();
        assert_eq!(std::fs::read_to_string(into.join("a")).unwrap(), "one\n");
        assert_eq!(std::fs::read_to_string(into.join("sub/b")).unwrap(), "in\n");
        assert!(into.join("link").is_symlink() && !into.join(".git").exists());
        assert_eq!(std::fs::read(dir.path().join(".git/index")).unwrap(), index);
        assert_eq!(std::fs::read_dir(out.path()).unwrap().count(), 1, "nothing is left beside it");

        let below = dir.path().join("sub");
        let history = History::of(&runner, &below).unwrap();
        assert_eq!(history.prefix(), "sub/");
        let into = out.path().join("sub");
        std::fs::create_dir(&into).unwrap();
        history.check_out(&history.tree(&commit).unwrap(), &into).unwrap();
        assert!(into.join("b").is_file() && !into.join("a").exists());
    }

    #[test]
    fn what_is_not_there_is_said() {
        let (dir, runner) = repository("git checkout -qb other");
        let history = History::of(&runner, dir.path()).unwrap();
        assert!(history.fork_point().unwrap_err().what().contains("no commit yet"));
        assert_eq!(history.commit("nothing").unwrap_err().what(), "there is no revision `nothing` here");
        assert!(history.commit("--help").is_err());
        let nowhere = tempfile::tempdir().unwrap();
        let error = History::of(&runner, nowhere.path()).err().unwrap();
        assert_eq!(error.what(), "there is nothing to compare with: this is no git repository");
    }
}
