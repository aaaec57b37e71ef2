//! `cargo xtask dev-up`: starts what `dev-down` stopped, or what died with the machine.

use crate::argocd::applications;
use crate::cluster;
use crate::context::Context;
use crate::engine;
use crate::error::{Exit, Result};
use crate::steps;
use crate::tools::Kubectl;

use super::dev_init::{addresses, forward, settle};

/// Start the stopped cluster again; its data was kept
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d, kwok\n\nIt follows the snapshot of the last dev-init; a changed working tree is followed by dev-init.\n\nExamples:\n  cargo xtask dev-up\n  cargo xtask dev-up --plan"
)]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("dev-up")?;
    let (cluster, _) = super::existing(cx)?;
    let steps = steps::up(cluster.engine());
    cx.ui.note(cluster::introduction(cx)?);
    if cx.plan {
        engine::print_plan(cx, steps)?;
        return Ok(Exit::Done);
    }
    super::exclusively(cx, "dev-up", |journal| {
        engine::run(cx, steps, journal)?;
        let live = applications::list(&Kubectl::new(cx, cluster.context_name(cx))?)?;
        super::require_root(live.iter().map(|a| a.name.as_str()))?;
        settle(cx, journal)?;
        forward(cx, cluster)?;
        addresses(cx, cluster);
        Ok(Exit::Done)
    })
}
