//! `cargo xtask rehearse`: the working tree, as any environment, on a throw-away simulated cluster.

use crate::cluster;
use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::rehearsal;
use crate::repo::environment::Engine;
use crate::steps;
use crate::ui::{self, seconds};

/// Bring the working tree up as an environment, prod included, on a throw-away simulated cluster
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: kwok\n\nThe real Argo CD deploys everything onto simulated nodes of the environment's node pools, beside whatever else runs. Every object passes the real API server; what is simulated, and so not proved, is printed. Exit code 1 when an Application is not Synced and Healthy, or a pod finds no node.\n\nExamples:\n  cargo xtask rehearse --env prod\n  cargo xtask rehearse --env prod --keep"
)]
pub struct Args {
    /// Leave the cluster up, to look at it
    #[arg(long)]
    keep: bool,
    /// Only end and remove what `--keep`, or a run that was killed, left behind
    #[arg(long, conflicts_with = "keep")]
    end: bool,
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    if cx.engine_wish().is_some_and(|engine| engine != Engine::Kwok) {
        return Err(Error::usage("a rehearsal is on the engine `kwok` only").hint("leave --engine out: cargo xtask rehearse"));
    }
    let cx = &cx.rehearsal();
    let kept = cx.state_dir().exists();
    if cx.plan {
        if kept {
            cx.ui.out("would end and remove what an earlier rehearsal left behind; then:");
        }
        if !args.end {
            // What is left behind goes first, so it says nothing about the steps.
            let ids: Vec<&str> = steps::all(Engine::Kwok).iter().map(|step| step.id()).collect();
            cx.ui.out(format!("would bring `{}` up on a simulated cluster of its own: {}", cx.env(), ids.join(", ")));
            cx.ui.out("would delete that cluster again");
        }
        return Ok(Exit::Done);
    }
    if rehearsal::end(cx)? {
        cx.ui.note("what an earlier rehearsal left behind is gone");
    } else if args.end {
        cx.ui.note("nothing to end: no rehearsal of this environment left anything behind");
    }
    if args.end {
        return Ok(Exit::Done);
    }
    cx.ui.note(format!("rehearsal of `{}`: {}", cx.env(), cluster::introduction(cx)?));
    let result = rehearsal::run(cx);
    // Also after Ctrl-C, and after a failure: nothing stays that nobody asked for.
    let kept = args.keep && result.is_ok();
    if !kept {
        rehearsal::end(cx)?;
    }
    let outcome = result?;
    cx.ui.out(outcome.report);
    if kept {
        cx.ui.note(format!("it stays up; kubeconfig {}", cx.repo.shown(&cx.kubeconfig())));
        cx.ui.note(format!("end it: cargo xtask rehearse --env {} --end", cx.env()));
    }
    Ok(match outcome.problem {
        None => {
            cx.ui.note(format!("`{}` comes up: every Application Synced and Healthy, in {}", cx.env(), seconds(cx.ui.elapsed())));
            Exit::Done
        }
        Some(problem) => {
            ui::print_error(&cx.ui, &problem);
            Exit::Problems
        }
    })
}
