//! `cargo xtask argocd-install`: Argo CD with its settings and the root Application, on a cluster that is there.

use crate::cluster;
use crate::context::Context;
use crate::engine;
use crate::error::{Exit, Result};
use crate::steps;

/// Bring Argo CD and its root Application to the cluster that runs
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d (as pods), kwok (as processes)\n\nThe same steps as in dev-init, without the cluster. It waits until Argo CD itself is up, not for the waves.\n\nExamples:\n  cargo xtask argocd-install\n  cargo xtask argocd-install --plan"
)]
pub struct Args {}

/// Steps that Argo CD is made of: of `processes` and `install` each engine has one. The shop's Secrets are among them, because
/// argocd-uninstall takes them away with their namespaces, and the waves wait for them.
const STEPS: [&str; 11] =
    ["tools", "artifacts", "source", "crds", "namespaces", "secrets", "registry", "argocd", "processes", "install", "root"];

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("argocd-install")?;
    super::require_running(cx)?;
    let steps: Vec<_> = steps::all(cluster::of(cx)?.engine()).iter().copied().filter(|s| STEPS.contains(&s.id())).collect();
    if cx.plan {
        engine::print_plan(cx, &steps)?;
        return Ok(Exit::Done);
    }
    super::exclusively(cx, "argocd-install", |journal| {
        engine::run(cx, &steps, journal)?;
        cx.ui.note("Argo CD is up and brings the waves now");
        cx.ui.note("next: cargo xtask argocd-status     how far it is");
        cx.ui.note("      cargo xtask dev-init          wait for everything, and mend the rest");
        Ok(Exit::Done)
    })
}
