//! `cargo xtask k3d-delete`: deletes the cluster in Docker and its kubeconfig.

use super::k3d_create::{print, require_k3d, require_ours};
use crate::cluster::{Cluster, K3d, Seen};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::forwards;

/// Delete the cluster in Docker, its data and its kubeconfig
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d\n\nIt deletes what this clone made and nothing else. dev-clean forgets the snapshots of the working tree as well.\n\nExamples:\n  cargo xtask k3d-delete\n  cargo xtask k3d-delete --yes"
)]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("k3d-delete")?;
    require_k3d(cx, "k3d-delete", "dev-clean")?;
    // A create that failed leaves its traces, and no containers: those are forgotten too.
    if !K3d.is_begun(cx) || !matches!(K3d.look(cx)?, Seen::Nothing) {
        require_ours(cx)?;
    }
    if cx.plan {
        print(cx, &K3d.plan_delete(cx)?);
        return Ok(Exit::Done);
    }
    if !cx.confirm("k3d-delete", &format!("Delete the cluster `{}` in Docker, with its data?", cx.environment.cluster.name))? {
        cx.ui.note("nothing was deleted");
        return Ok(Exit::Done);
    }
    super::exclusively(cx, "k3d-delete", |journal| {
        let task = cx.ui.task("delete");
        let started = std::time::Instant::now();
        let result = forwards::stop(cx).and_then(|_| K3d.delete(cx));
        journal.step("delete", started.elapsed(), result.as_ref().map(|()| true).map_err(|e| e.one_line()));
        result?;
        task.done("cluster, data and kubeconfig are gone");
        Ok(Exit::Done)
    })
}
