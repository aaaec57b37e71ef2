//! `cargo xtask k3d-create`: the bare cluster in Docker, without anything on it.

use crate::cluster::{self, Cluster as _, K3d, Seen};
use crate::context::Context;
use crate::engine;
use crate::error::{Error, Exit, Result};
use crate::proc::Invocation;
use crate::repo::environment::Engine;
use crate::steps;

/// Make the cluster in Docker and its kubeconfig, with nothing on it yet
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d\n\nA cluster that is stopped or half-done is started or mended. dev-init does this too, and goes on from there.\n\nExamples:\n  cargo xtask k3d-create\n  cargo xtask k3d-create --plan"
)]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("k3d-create")?;
    require_k3d(cx, "k3d-create", "dev-up")?;
    bring_up(cx, "k3d-create", Some("dev-init"))
}

/// Brings the cluster up, whatever is found of it, and says what comes `next`.
pub fn bring_up(cx: &Context, command: &'static str, next: Option<&str>) -> Result<Exit> {
    cx.ui.note(cluster::introduction(cx)?);
    if cx.plan {
        engine::print_plan(cx, steps::CLUSTER)?;
        return Ok(Exit::Done);
    }
    super::exclusively(cx, command, |journal| {
        engine::run(cx, steps::CLUSTER, journal)?;
        if let Some(next) = next {
            cx.ui.note(format!("next: cargo xtask {next}"));
        }
        Ok(Exit::Done)
    })
}

/// Takes k3d for this run, as if `--engine k3d` had been said. Errors: prerequisite, when Docker does not answer, or when
/// this clone's cluster is on another engine, with the command that does it there; usage, when the user insists on another.
pub fn require_k3d(cx: &Context, command: &str, elsewhere: &str) -> Result<()> {
    if let Some(wish) = cx.engine_wish().filter(|wish| *wish != Engine::K3d) {
        let what = format!("`{command}` works on the engine `k3d` only, not on `{}`", wish.name());
        return Err(Error::usage(what).hint(format!("leave --engine out: cargo xtask {command}")));
    }
    if let Some(mine) = cluster::present(cx)?.map(|c| c.engine()).filter(|mine| *mine != Engine::K3d) {
        let what = format!("this clone's cluster is on the engine `{}`, and `{command}` works on k3d", mine.name());
        return Err(Error::prerequisite(what).hint(format!("what does it there: cargo xtask {elsewhere}")));
    }
    cx.engines.insist_on_k3d(cx)
}

/// Errors: prerequisite, when there is no cluster of that name, or it is somebody else's.
pub fn require_ours(cx: &Context) -> Result<()> {
    match K3d.look(cx)? {
        Seen::Nothing => {
            Err(Error::prerequisite("there is no cluster for this environment in Docker").hint("make one: cargo xtask k3d-create"))
        }
        Seen::Blocked { why, hint } => Err(Error::prerequisite(why).hint(hint)),
        _ => Ok(()),
    }
}

/// The calls as a plan prints them.
pub fn print(cx: &Context, calls: &[Invocation]) {
    for call in calls {
        cx.ui.out(format!("$ {}", call.command_line()));
    }
}
