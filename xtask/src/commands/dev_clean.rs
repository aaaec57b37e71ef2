//! `cargo xtask dev-clean`: forgets the cluster and everything that belongs to it. The cache of tools stays.

use std::io::ErrorKind;

use super::dev_down;
use crate::cluster;
use crate::context::Context;
use crate::engine::{Journal, Lock};
use crate::error::{Context as _, Exit, Result};
use crate::repo::files;

/// Delete the cluster, its data and its kubeconfig; tools stay in the cache
#[derive(clap::Args)]
#[command(after_long_help = "Engines: kwok\n\nExamples:\n  cargo xtask dev-clean\n  cargo xtask dev-clean --yes")]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("dev-clean")?;
    let state = cx.state_dir();
    let kubeconfig = cx.kubeconfig();
    if !state.exists() && !kubeconfig.exists() {
        cx.ui.note("nothing to delete: there is no cluster for this environment in this clone");
        return Ok(Exit::Done);
    }
    if cx.plan {
        dev_down::run(&dev_down::Args {}, cx)?;
        for path in [&state, &kubeconfig].into_iter().filter(|p| p.exists()) {
            cx.ui.out(format!("would delete {}", cx.repo.shown(path)));
        }
        return Ok(Exit::Done);
    }
    if !cx.confirm("dev-clean", &format!("Delete the cluster of `{}` in this clone, with its data?", cx.env()))? {
        cx.ui.note("nothing was deleted");
        return Ok(Exit::Done);
    }
    let _lock = Lock::take(cx, "dev-clean")?;
    dev_down::stop(cx, &Journal::new("dev-clean"))?;
    let task = cx.ui.task("delete");
    cluster::of(cx)?.delete(cx)?;
    files::remove_dir(&state)?;
    if let Some(parent) = state.parent() {
        // Only when this was the last environment's state.
        match std::fs::remove_dir(parent) {
            Err(e) if !matches!(e.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) => {
                Err(e).with_context(|| format!("could not remove {}", parent.display()))?;
            }
            _ => {}
        }
    }
    task.done("cluster, data and kubeconfig are gone; tools stay in the cache");
    Ok(Exit::Done)
}
