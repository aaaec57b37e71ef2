//! `cargo xtask verify-offline`: is what this program says without a cluster what the running Argo CD says?

use crate::conformance;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::ui::count;

/// Compare what expand and render say with the running Argo CD
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d, kwok\n\nEvery live Application is compared with the one that `expand` gives, and the objects that Argo CD renders from git with those of `render`, field by field. Exit code 1 on any difference.\n\nExamples:\n  cargo xtask verify-offline\n  cargo xtask verify-offline --conformance"
)]
pub struct Args {
    /// Ask the real ApplicationSet controller about the cases of xtask/tests/conformance instead, on a throw-away cluster
    #[arg(long)]
    conformance: bool,
    /// Write its answers down where they are others
    #[arg(long, requires = "conformance")]
    record: bool,
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    if args.conformance {
        return conform(cx, args.record);
    }
    Ok(Exit::Done)
}

fn conform(cx: &Context, record: bool) -> Result<Exit> {
    let outcome = conformance::run(cx, record)?;
    let cases = count(outcome.cases, "ApplicationSet");
    if outcome.different.is_empty() {
        cx.ui.note(format!("{cases}: each is answered as recorded"));
        return Ok(Exit::Done);
    }
    for name in &outcome.different {
        cx.ui.out(name);
    }
    let different = count(outcome.different.len(), "answer");
    if record {
        cx.ui.note(format!("{cases}: {different} written"));
        return Ok(Exit::Done);
    }
    cx.ui.note(format!("{cases}: {different} not as recorded; if that is meant: cargo xtask verify-offline --conformance --record"));
    Ok(Exit::Problems)
}
