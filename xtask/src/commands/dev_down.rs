//! `cargo xtask dev-down`: stops everything, keeps the data.

use crate::cluster::{self, Seen};
use crate::context::Context;
use crate::engine::Journal;
use crate::error::{Exit, Result};
use crate::supervisor::{self, Files};
use crate::ui::count;

/// Stop the cluster and everything beside it; data is kept
#[derive(clap::Args)]
#[command(after_long_help = "Engines: kwok\n\nExamples:\n  cargo xtask dev-down\n  cargo xtask dev-down --plan")]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("dev-down")?;
    if cx.plan {
        for (name, who) in running(cx) {
            cx.ui.out(format!("would end {name} (pid {})", who.pid));
        }
        return Ok(Exit::Done);
    }
    if !cx.state_dir().is_dir() {
        cx.ui.note("nothing to stop: there is no cluster for this environment in this clone");
        return Ok(Exit::Done);
    }
    super::exclusively(cx, "dev-down", |journal| {
        stop(cx, journal)?;
        if !matches!(cluster::of(cx)?.look(cx)?, Seen::Nothing) {
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
    let result = supervisor::stop(&Files::new(&cx.state_dir())).and_then(|()| cluster::of(cx)?.stop(cx));
    journal.step("stop", started.elapsed(), result.as_ref().map(|()| before > 0).map_err(|e| e.one_line()));
    result?;
    task.done(&if before == 0 { "nothing was running".to_string() } else { format!("{} ended", count(before, "process")) });
    Ok(())
}

/// Everything of this environment that runs, by name.
pub fn running(cx: &Context) -> Vec<(String, crate::proc::Identity)> {
    let files = Files::new(&cx.state_dir());
    let supervisor = files.supervisor().map(|who| ("supervisor".to_string(), who));
    let control_plane = cluster::kwok::running_with_strays(&cluster::Kwok::pid_dir(cx));
    supervisor.into_iter().chain(files.processes()).chain(control_plane).collect()
}
