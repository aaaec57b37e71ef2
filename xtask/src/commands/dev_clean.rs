//! `cargo xtask dev-clean`: forgets the cluster and everything that belongs to it. The cache of tools stays.

use std::io::ErrorKind;
use std::path::Path;

use super::dev_down::running;
use crate::cluster;
use crate::context::Context;
use crate::engine::Lock;
use crate::error::{Context as _, Exit, Result};
use crate::forwards;
use crate::repo::files;
use crate::supervisor::{self, Files};

/// Delete the cluster, its data and its kubeconfig; tools stay in the cache
#[derive(clap::Args)]
#[command(after_long_help = "Engines: k3d, kwok\n\nExamples:\n  cargo xtask dev-clean\n  cargo xtask dev-clean --yes")]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("dev-clean")?;
    let state = cx.state_dir();
    let kubeconfig = cx.kubeconfig();
    // Where an interrupted deletion was.
    let gone = state.with_extension("deleted");
    if !state.exists() && !kubeconfig.exists() && !gone.exists() {
        cx.ui.note("nothing to delete: there is no cluster for this environment in this clone");
        return Ok(Exit::Done);
    }
    if cx.plan {
        for (name, who) in running(cx) {
            cx.ui.out(format!("would end {name} (pid {})", who.pid));
        }
        for call in cluster::present(cx)?.map_or(Ok(Vec::new()), |cluster| cluster.plan_delete(cx))? {
            cx.ui.out(format!("$ {}", call.command_line()));
        }
        for path in [&state, &kubeconfig].into_iter().filter(|p| p.exists()) {
            cx.ui.out(format!("would delete {}", cx.repo.shown(path)));
        }
        return Ok(Exit::Done);
    }
    if !cx.confirm("dev-clean", &format!("Delete the cluster of `{}` in this clone, with its data?", cx.env()))? {
        cx.ui.note("nothing was deleted");
        return Ok(Exit::Done);
    }
    let hint = "what is left goes with the next run: cargo xtask dev-clean --yes";
    delete(cx, &gone).map_err(|e| if e.exit() == Exit::Interrupted { e.hint(hint) } else { e })
}

/// Ends and removes everything; the state goes by way of `gone`.
fn delete(cx: &Context, gone: &Path) -> Result<Exit> {
    let _lock = Lock::take(cx, "dev-clean")?;
    forget(cx, gone)?;
    Ok(Exit::Done)
}

/// The same, for whoever holds the lock.
pub fn forget(cx: &Context, gone: &Path) -> Result<()> {
    let task = cx.ui.task("delete");
    // The supervisor first: it would start again what ends before it.
    supervisor::stop(&Files::new(&cx.state_dir()))?;
    forwards::stop(cx)?;
    cluster::present(cx)?.map_or(Ok(()), |cluster| cluster.delete(cx))?;
    if let Some(dir) = cx.kubeconfig().parent() {
        files::remove_dir(dir)?;
    }
    // At once: half a folder of snapshots would be taken for a whole one.
    let state = cx.state_dir();
    files::remove_dir(gone)?;
    std::fs::rename(&state, gone).with_context(|| format!("could not remove {}", cx.repo.shown(&state)))?;
    files::remove_dir(gone)?;
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
    Ok(())
}
