//! A throw-away simulated cluster that brings the working tree up as any environment, beside whatever else runs.

mod pools;
mod report;
mod sizes;

use std::collections::BTreeSet;

use crate::argocd::timeline::Recorder;
use crate::argocd::wait::{Goal, Lines, wait};
use crate::cluster;
use crate::commands::dev_clean;
use crate::context::Context;
use crate::engine::{self, Journal, Lock};
use crate::error::{Error, Exit, Result};
use crate::expansion;
use crate::steps;
use crate::tools::Kubectl;

/// What a rehearsal came to.
pub struct Outcome {
    /// The report for people.
    pub report: String,
    /// Why it is not as it should be; `None` when every Application is Synced and Healthy and every pod has a node.
    pub problem: Option<Error>,
}

/// What is left of an earlier one, ended and removed. Returns whether there was anything.
pub fn end(cx: &Context) -> Result<bool> {
    let gone = cx.state_dir().with_extension("deleted");
    if !cx.state_dir().exists() && !gone.exists() {
        return Ok(false);
    }
    let _lock = Lock::take(cx, "rehearse")?;
    dev_clean::forget(cx, &gone)?;
    Ok(true)
}

/// Brings the working tree up on a new cluster. `cx` is a rehearsal.
/// Errors: the cluster could not be brought up, or Ctrl-C. What Argo CD or the cluster refuse is a problem in the outcome.
pub fn run(cx: &Context) -> Result<Outcome> {
    let _lock = Lock::take(cx, "rehearse")?;
    let cluster = cluster::of(cx)?;
    engine::run(cx, steps::all(cluster.engine()), &Journal::new("rehearse"))?;
    let kubectl = Kubectl::new(cx, cluster.context_name(cx))?;
    let recorder = Recorder::start(cx, &kubectl);
    let result = bring(cx, &kubectl);
    let timeline = recorder.finish();
    let failure = match result {
        Err(e) if e.exit() == Exit::Interrupted => return Err(e),
        other => other.err(),
    };
    let pods = sizes::pods(&kubectl)?;
    let problem = match failure {
        Some(e) => Some(sizes::homeless(&pods).into_iter().fold(e, Error::cause)),
        None => timeline.order().err().or_else(|| warnings(&timeline.ways())),
    };
    let report = report::text(cx, &timeline, &pools::loads(&cx.environment, &pods));
    Ok(Outcome { report, problem })
}

fn bring(cx: &Context, kubectl: &Kubectl) -> Result<()> {
    let waves = expansion::expected(cx)?;
    let revision = cx.git().current().map(|s| s.revision).unwrap_or_default();
    let goal = Goal { waves: &waves, revision: &revision, first: &BTreeSet::new(), lines: Lines::PerWave, command: "rehearse" };
    wait(cx, kubectl, &goal)?;
    sizes::scale_to_minimum(cx, kubectl)
}

/// Argo CD is content and still has something to say, such as an object that two Applications claim.
fn warnings(ways: &[crate::argocd::timeline::Way<'_>]) -> Option<Error> {
    let said =
        ways.iter().flat_map(|way| way.last.conditions.iter().map(|(kind, message)| format!("{}: {kind}: {message}", way.last.name)));
    let mut said = said.peekable();
    said.peek()?;
    Some(said.fold(Error::failed("Argo CD warns"), |e, line| e.cause(line)))
}
