//! `cargo xtask dev-init`: from whatever is there to every Application Synced and Healthy.

use std::collections::BTreeSet;

use crate::argocd::wait::{Goal, Lines, wait};
use crate::cluster::{self, Cluster, Seen};
use crate::context::Context;
use crate::engine::{self, Journal};
use crate::error::{Exit, Result};
use crate::expansion;
use crate::forwards;
use crate::steps;
use crate::tools::Kubectl;
use crate::ui::{Paint, count, seconds};

/// Bring the whole shop up on this machine, from the working tree
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d, kwok\n\nIt is safe to run at any time: what is up to date is left alone, what is missing or half-done is mended.\nA changed working tree is followed at once.\n\nExamples:\n  cargo xtask dev-init\n  cargo xtask dev-init --plan"
)]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("dev-init")?;
    let cluster = cluster::of(cx)?;
    let steps = steps::all(cluster.engine());
    cx.ui.note(cluster::introduction(cx)?);
    if cx.plan {
        engine::print_plan(cx, steps)?;
        return Ok(Exit::Done);
    }
    if matches!(cluster.look(cx)?, Seen::Nothing) {
        cluster::require_programs(cx, cluster)?;
    }
    super::exclusively(cx, "dev-init", |journal| {
        engine::run(cx, steps, journal)?;
        settle(cx, journal)?;
        forward(cx, cluster)?;
        addresses(cx, cluster);
        Ok(Exit::Done)
    })
}

/// Waits until Argo CD is content with the snapshot, and says so.
pub fn settle(cx: &Context, journal: &Journal) -> Result<()> {
    let waves = expansion::expected(cx)?;
    let kubectl = Kubectl::new(cx, cluster::of(cx)?.context_name(cx))?;
    // No snapshot is an error of the step `source`, and reported by it.
    let revision = cx.git().current().map(|s| s.revision).unwrap_or_default();
    let started = std::time::Instant::now();
    let goal = Goal { waves: &waves, revision: &revision, first: &BTreeSet::new(), lines: Lines::PerWave, command: "dev-init" };
    let result = wait(cx, &kubectl, &goal);
    journal.step("waves", started.elapsed(), result.as_ref().map(|_| false).map_err(|e| e.one_line()));
    let half_done = "half-done: waiting for the Applications; Argo CD goes on with them by itself";
    result.map_err(|e| if e.exit() == Exit::Interrupted { e.cause(half_done) } else { e })?;
    let total = 1 + waves.iter().map(|w| w.components.len()).sum::<usize>();
    let fact = format!("{} Synced and Healthy in {}", count(total, "Application"), seconds(cx.ui.elapsed()));
    cx.ui.note(cx.ui.paint(Paint::Bold, &fact));
    Ok(())
}

/// Opens what people look at on ports of this machine, where there is something behind them.
pub fn forward(cx: &Context, cluster: &dyn Cluster) -> Result<()> {
    if !cluster.runs_containers() {
        return Ok(());
    }
    forwards::keep_what_can_be(cx, &Kubectl::new(cx, cluster.context_name(cx))?)
}

/// Where things answer, and what comes next.
pub fn addresses(cx: &Context, cluster: &dyn Cluster) {
    for line in cluster.addresses(cx) {
        cx.ui.note(format!("  {line}"));
    }
    for line in forwards::addresses(cx) {
        cx.ui.note(format!("  {line}"));
    }
    cx.ui.note(format!("  kubeconfig      {}", cx.repo.shown(&cx.kubeconfig())));
    cx.ui.note("next: cargo xtask dev-status            the whole picture");
    cx.ui.note("      cargo xtask argocd -- app list    Argo CD's own program");
    cx.ui.note("      cargo xtask dev-sync --watch      follow the working tree, on every save");
}
