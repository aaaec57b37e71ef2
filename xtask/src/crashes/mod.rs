//! The crash campaign of `cargo xtask bench crashes`: everything that can end is ended, at moments nobody chose, and must
//! work again. A failure is counted with its evidence, and the next round begins anew.

mod ended;
mod machine;
mod processes;
mod tally;

use std::time::Duration;

use crate::checks::cluster::{all_ready, clean};
use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::proc;
use crate::trial::{Moments, Run, Trial};
use crate::ui::count;

/// A part of the campaign.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Part {
    /// kill -9 of dev-init at random moments, from nothing
    DevInit,
    /// kill -9 of dev-up at random moments
    DevUp,
    /// kill -9 of dev-sync at random moments, after a change
    DevSync,
    /// kill -9 of dev-clean at random moments
    DevClean,
    /// Ctrl-C, once and twice, at random moments of dev-init
    Interrupts,
    /// kill -9 of every process of the cluster
    Processes,
    /// Everything ended at once, as a reboot does
    Reboot,
    /// Pid files that hold the numbers of strangers
    StalePids,
    /// Two clones side by side
    TwoClones,
}

/// What to do, and how often.
pub struct Plan<'a> {
    /// Empty means all.
    pub parts: &'a [Part],
    /// Instead of what each part does by itself.
    pub runs: Option<usize>,
    pub seed: u64,
}

/// Runs the campaign and prints a row for each part. Errors: Ctrl-C; a clone cannot be made.
pub fn run(cx: &Context, plan: &Plan<'_>) -> Result<Exit> {
    cx.ui.note(format!("seed {}", plan.seed));
    let wants = |part: Part| plan.parts.is_empty() || plan.parts.contains(&part);
    let runs = |by_itself: usize| plan.runs.unwrap_or(by_itself);
    let mut moments = Moments::new(plan.seed);
    let mut tallies = Vec::new();
    for command in ended::COMMANDS.iter().filter(|c| wants(c.part)) {
        tallies.push(ended::campaign(cx, command, runs(command.runs), &mut moments)?);
    }
    if wants(Part::Processes) {
        tallies.extend(processes::campaign(cx, runs(5))?);
    }
    if wants(Part::Reboot) {
        tallies.push(machine::reboot(cx, runs(3))?);
    }
    if wants(Part::StalePids) {
        tallies.push(machine::stale_pids(cx, runs(2))?);
    }
    if wants(Part::TwoClones) {
        tallies.push(machine::two_clones(cx)?);
    }
    cx.ui.out(format!("seed {}", plan.seed));
    cx.ui.out(tally::table(&tallies));
    let failures: Vec<&String> = tallies.iter().flat_map(|t| &t.failures).collect();
    for failure in &failures {
        cx.ui.out(format!("\nFAILED   {failure}"));
    }
    Ok(if failures.is_empty() { Exit::Done } else { Exit::Problems })
}

/// All Applications Synced and Healthy, every process exactly once, nothing left over.
pub fn as_if_nothing_happened(trial: &Trial) -> Result<()> {
    all_ready(trial)?;
    trial.exactly_once()
}

/// A run that must succeed; how long it took.
fn good(trial: &Trial, args: &[&str]) -> Result<Duration> {
    let run: Run = trial.run(args)?.succeeded().map_err(|e| e.context(format!("`{}` failed", args.join(" "))))?;
    Ok(run.took)
}

/// Back to nothing after a failed round, whatever it takes.
fn begin_anew(trial: &Trial) -> Result<()> {
    let cleaned = trial.run(&["dev-clean", "--yes"]).and_then(|_| clean(trial));
    if matches!(&cleaned, Err(e) if e.exit() == Exit::Interrupted) {
        return cleaned.map(drop);
    }
    for row in trial.process_table().unwrap_or_default() {
        proc::kill(&row.who);
    }
    Ok(())
}

/// The error with everything that it says, for the list of failures.
fn evidence(e: &Error) -> String {
    std::iter::once(e.what()).chain(e.causes().iter().map(String::as_str)).collect::<Vec<_>>().join("\n    ")
}

/// `round 3 of 10`.
fn round(number: usize, runs: usize) -> String {
    format!("round {} of {}", number + 1, count(runs, "round").split(' ').next().unwrap_or_default())
}
