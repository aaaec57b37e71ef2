//! `cargo xtask dev-down`: stops everything, keeps the data.

use crate::cluster::{self, Seen};
use crate::context::Context;
use crate::engine::Journal;
use crate::error::{Exit, Result};
use crate::forwards;
use crate::supervisor::{self, Files};
use crate::ui::count;

/// Stop the cluster and everything beside it; data is kept
#[derive(clap::Args)]
#[command(after_long_help = "Engines: k3d, kwok\n\nExamples:\n  cargo xtask dev-down\n  cargo xtask dev-down --plan")]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("dev-down")?;
    if cx.plan {
        print_plan(cx)?;
        return Ok(Exit::Done);
    }
    if !cx.state_dir().is_dir() {
        cx.ui.note("nothing to stop: there is no cluster for this environment in this clone");
        return Ok(Exit::Done);
    }
    super::exclusively(cx, "dev-down", |journal| {
        stop(cx, journal)?;
        let seen = cluster::present(cx)?.map(|cluster| cluster.look(cx)).transpose()?;
        if seen.is_some_and(|seen| !matches!(seen, Seen::Nothing)) {
            cx.ui.note("next: cargo xtask dev-up        start it again");
            cx.ui.note("      cargo xtask dev-clean     forget it");
        }
        Ok(Exit::Done)
    })
}

/// Ends the supervisor first: it would start again what ends before it.
pub fn stop(cx: &Context, journal: &Journal) -> Result<()> {
    let task = cx.ui.task("stop");
    let started = std::time::Instant::now();
    let before = running(cx).len();
    let stop = || cluster::present(cx)?.map_or(Ok(false), |cluster| cluster.stop(cx));
    let result = supervisor::stop(&Files::new(&cx.state_dir())).and_then(|()| forwards::stop(cx)).and_then(|_| stop());
    journal.step("stop", started.elapsed(), result.as_ref().map(|ran| *ran || before > 0).map_err(|e| e.one_line()));
    task.done(&match (before, result?) {
        (0, false) => "nothing was running".to_string(),
        (0, true) => "the cluster is stopped".to_string(),
        (processes, _) => format!("{} ended", count(processes, "process")),
    });
    Ok(())
}

/// What `stop` would do.
fn print_plan(cx: &Context) -> Result<()> {
    for (name, who) in running(cx) {
        cx.ui.out(format!("would end {name} (pid {})", who.pid));
    }
    for call in cluster::present(cx)?.map_or(Ok(Vec::new()), |cluster| cluster.plan_stop(cx))? {
        cx.ui.out(format!("$ {}", call.command_line()));
    }
    Ok(())
}

/// Everything of this environment that runs, by name.
pub fn running(cx: &Context) -> Vec<(String, crate::proc::Identity)> {
    let files = Files::new(&cx.state_dir());
    let supervisor = files.supervisor().map(|who| ("supervisor".to_string(), who));
    let cluster = cluster::present(cx).ok().flatten().map(|cluster| cluster.processes(cx)).unwrap_or_default();
    supervisor.into_iter().chain(files.processes()).chain(forwards::processes(cx)).chain(cluster).collect()
}
