//! Revisions of the repository: the working tree, and commits as folders in the cache, expanded and rendered for a comparison.

mod expanded;
mod sides;

use std::path::PathBuf;

use crate::context::Context;
use crate::error::{Context as _, Result};
use crate::tools::{History, history};

pub use sides::{Sides, Wanted, sides};

/// A revision, as a folder.
#[derive(Clone, Debug)]
pub struct Revision {
    /// As people know it: `4f2a91c6d0 (where this branch left main)`.
    pub shown: String,
    pub root: PathBuf,
}

/// The two revisions to compare. Without a base it is where the current branch left the trunk; without a head, the working tree with
/// everything in it that git does not ignore.
pub fn two(cx: &Context, base: Option<&str>, head: Option<&str>) -> Result<(Revision, Revision)> {
    let history = History::of(&cx.runner, cx.repo.root())?;
    let head = match head {
        Some(revision) => commit(cx, &history, revision)?,
        None => Revision { shown: "working tree".into(), root: cx.repo.root().to_path_buf() },
    };
    let base = match base {
        Some(revision) => commit(cx, &history, revision)?,
        None => {
            let (commit, trunk) = history.fork_point()?;
            let shown = history::short(&commit).to_string();
            let root = folder(cx, &history, &commit).with_context(|| format!("could not read {trunk}"))?;
            Revision { shown, root }
        }
    };
    Ok((base, head))
}

fn commit(cx: &Context, history: &History<'_>, revision: &str) -> Result<Revision> {
    let commit = history.commit(revision)?;
    let root = folder(cx, history, &commit).with_context(|| format!("could not read {revision}"))?;
    Ok(Revision { shown: history::short(&commit).to_string(), root })
}

/// The files of a commit, in the cache.
fn folder(cx: &Context, history: &History<'_>, commit: &str) -> Result<PathBuf> {
    let tree = cx.provision.tree_of_commit(commit, history.prefix(), || history.tree(commit))?;
    cx.provision.tree(&tree, |dir| history.check_out(&tree, dir))
}
