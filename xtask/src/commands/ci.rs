//! `cargo xtask ci`: every check of this repository, the same here and in CI.

use crate::checks::{Report, analysis, cluster, k3d, sources};
use crate::cluster::Kwok;
use crate::context::Context;
use crate::error::{Error, Exit, Result};

/// Run every check of this repository, as CI does
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d, kwok\n\nThe cluster that it brings up is on kwok; of k3d it checks the configuration. It works in a throw-away clone and leaves this one and its cluster alone.\n\nExamples:\n  cargo xtask ci\n  cargo xtask ci --only cluster"
)]
pub struct Args {
    /// Only this part
    #[arg(long, value_enum)]
    only: Option<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Format, lints, tests, the configuration of k3d
    Sources,
    /// The development cluster, for real
    Cluster,
    /// Promotions under the analysis templates, with a stand-in for Prometheus
    Analysis,
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("ci")?;
    if cx.plan {
        return Err(Error::usage("`ci` has no plan: its checks are what it does").hint("see what it checks: cargo xtask help ci"));
    }
    let mut report = Report::new(cx);
    let only = "--only asks for another part";
    let wants = |part| args.only.is_none_or(|only| only == part);
    // First, and once: the tests of the charts need them as well as the cluster.
    report.check("tools", || {
        // The cluster that is tried is on kwok, whatever this machine could carry.
        let mut wanted = crate::steps::programs(&Kwok);
        wanted.extend(["k3d", "promtool"]);
        let brought = cx.provision.ensure(&wanted)?.iter().filter(|(_, _, new)| *new).count();
        cx.provision.artifact("argocd-install")?;
        Ok(crate::checks::Verdict::Passed(format!(
            "{} ready, {brought} of them brought just now",
            crate::ui::count(wanted.len(), "program")
        )))
    })?;
    if wants(Part::Sources) {
        sources::run(cx, &mut report)?;
        k3d::run(cx, &mut report)?;
    } else {
        report.skip("format, lints, tests, k3d", only);
    }
    if wants(Part::Cluster) {
        cluster::run(cx, &mut report)?;
    } else {
        report.skip("cluster", only);
    }
    if wants(Part::Analysis) {
        analysis::run(cx, &mut report)?;
    } else {
        report.skip("analysis", only);
    }
    report.skip("prod", "its values and commands are not built yet");
    Ok(report.finish())
}
