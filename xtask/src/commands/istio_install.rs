//! `cargo xtask istio-install`: the kinds and the control plane of the mesh, on a cluster that is there.

use crate::cluster;
use crate::context::Context;
use crate::engine;
use crate::error::{Exit, Result};
use crate::steps;

/// Bring Istio's control plane and the kinds of the Gateway API to the cluster
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d\n\nThe same steps as in dev-init: what is installed is left alone. Versions stand in xtask/tools.toml, settings in\nbootstrap/istio.yaml. It waits 300 s at most. Gateways, routes and policies are brought by Argo CD.\n\nExamples:\n  cargo xtask istio-install\n  cargo xtask istio-install --plan"
)]
pub struct Args {}

const STEPS: [&str; 4] = ["tools", "artifacts", "crds", "istio"];

/// What helps where no container runs.
pub const INSTEAD: &str = "the kinds are served, and what istiod would report is simulated: cargo xtask istio-status";

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("istio-install")?;
    super::require_containers(cx, "istio-install", INSTEAD)?;
    super::require_running(cx)?;
    let steps: Vec<_> = steps::all(cluster::of(cx)?.engine()).iter().copied().filter(|s| STEPS.contains(&s.id())).collect();
    if cx.plan {
        engine::print_plan(cx, &steps)?;
        return Ok(Exit::Done);
    }
    super::exclusively(cx, "istio-install", |journal| {
        engine::run(cx, &steps, journal)?;
        cx.ui.note("next: cargo xtask istio-status");
        Ok(Exit::Done)
    })
}
