//! `cargo xtask k3d-stop`: stops the containers of the cluster in Docker.

use super::k3d_create::{print, require_k3d, require_ours};
use crate::cluster::{Cluster, K3d};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::forwards;

/// Stop the cluster in Docker; data is kept
#[derive(clap::Args)]
#[command(after_long_help = "Engines: k3d\n\nExamples:\n  cargo xtask k3d-stop\n  cargo xtask k3d-stop --plan")]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("k3d-stop")?;
    require_k3d(cx, "k3d-stop", "dev-down")?;
    require_ours(cx)?;
    if cx.plan {
        print(cx, &K3d.plan_stop(cx)?);
        return Ok(Exit::Done);
    }
    super::exclusively(cx, "k3d-stop", |journal| {
        let task = cx.ui.task("stop");
        let started = std::time::Instant::now();
        let result = forwards::stop(cx).and_then(|_| K3d.stop(cx));
        journal.step("stop", started.elapsed(), result.as_ref().copied().map_err(|e| e.one_line()));
        task.done(if result? { "the cluster is stopped" } else { "nothing was running" });
        Ok(Exit::Done)
    })
}
