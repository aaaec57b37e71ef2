//! `cargo xtask verify-offline`: is what this program says without a cluster what the running Argo CD says?

use crate::agreement::{self, Live, Offline};
use crate::cluster;
use crate::conformance;
use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::tools::Kubectl;
use crate::ui::{Paint, count};

/// Compare what expand and render say with the running Argo CD
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d, kwok\n\nEvery live Application is compared with the one that `expand` gives, and the objects that Argo CD renders from git with those of `render`, field by field; before an arrow stands what Argo CD says. Where the environment has no cluster of its own, its rehearsal is taken. Exit code 1 on any difference.\n\nExamples:\n  cargo xtask verify-offline\n  cargo xtask verify-offline --conformance"
)]
pub struct Args {
    /// Ask the real ApplicationSet controller about the cases of xtask/tests/conformance instead, on a throw-away cluster
    #[arg(long)]
    conformance: bool,
    /// Write its answers down where they are others
    #[arg(long, requires = "conformance")]
    record: bool,
    /// Only these cases
    #[arg(value_name = "CASE", requires = "conformance")]
    cases: Vec<String>,
}

impl Args {
    /// Does it look at a cluster that is there, and change nothing?
    pub fn only_looks(&self) -> bool {
        !self.conformance
    }
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    if args.conformance {
        return conform(cx, args);
    }
    let rehearsal = cx.rehearsal();
    let cx = if !cx.state_dir().exists() && rehearsal.state_dir().exists() { &rehearsal } else { cx };
    super::require_running(cx)?;
    require_current(cx)?;
    let kubectl = Kubectl::new(cx, cluster::of(cx)?.context_name(cx))?;
    let live = Live::read(cx, &kubectl)?;
    let rows = agreement::all(&live, &Offline::read(cx, &live.applications)?);
    cx.ui.out(agreement::table(&rows));
    for row in rows.iter().filter(|row| !row.agrees()) {
        cx.ui.out(format!("\n{}", cx.ui.paint(Paint::Bold, &row.application)));
        row.spec.iter().chain(&row.objects.lines).for_each(|line| cx.ui.out(format!("  {line}")));
    }
    let looked = format!(
        "{} and {} compared with the running Argo CD",
        count(rows.len(), "Application"),
        count(rows.iter().map(|row| row.objects.total()).sum(), "object")
    );
    let different = rows.iter().filter(|row| !row.agrees()).count();
    if different == 0 {
        cx.ui.note(format!("{looked}: no difference"));
        return Ok(Exit::Done);
    }
    cx.ui.note(format!("{looked}: {} not the same", count(different, "Application")));
    Ok(Exit::Problems)
}

/// What is compared must be of the same tree. Errors: the cluster follows another one.
fn require_current(cx: &Context) -> Result<()> {
    if cx.git().is_current()? {
        return Ok(());
    }
    let hint = if cx.is_rehearsal() { "rehearse it again: cargo xtask rehearse --keep" } else { "bring it: cargo xtask dev-sync" };
    Err(Error::failed("the cluster does not follow the working tree as it is now").hint(hint))
}

fn conform(cx: &Context, args: &Args) -> Result<Exit> {
    if cx.plan {
        let written = if args.record { ", and write its answers where they are others" } else { "" };
        cx.ui.out(format!("would ask the ApplicationSet controller about every case, on a throw-away cluster{written}"));
        return Ok(Exit::Done);
    }
    let outcome = conformance::run(cx, &args.cases, args.record)?;
    let cases = count(outcome.cases, "ApplicationSet");
    if outcome.different.is_empty() {
        cx.ui.note(format!("{cases}: each is answered as recorded"));
        return Ok(Exit::Done);
    }
    for name in &outcome.different {
        cx.ui.out(name);
    }
    let different = count(outcome.different.len(), "answer");
    if args.record {
        cx.ui.note(format!("{cases}: {different} written"));
        return Ok(Exit::Done);
    }
    cx.ui.note(format!("{cases}: {different} not as recorded; if that is meant: cargo xtask verify-offline --conformance --record"));
    Ok(Exit::Problems)
}
