//! `cargo xtask ci`: every check of this repository, the same here and in CI.

use crate::checks::{Report, Verdict, analysis, canary, charts, cluster, k3d, lint, metrics, prod, sources};
use crate::cluster::Kwok;
use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::ui::count;

/// Run every check of this repository, as CI does
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d, kwok\n\nThe clusters that it brings up are on kwok; of k3d it checks the configuration. It works in throw-away clones and leaves this one and its cluster alone.\n\nExamples:\n  cargo xtask ci\n  cargo xtask ci --only cluster"
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
    /// Every chart with the values of every environment: keys, Helm's lint, the golden renders, the generated documentation, the linter
    Charts,
    /// Alerts, dashboards and analysis queries, against what is scraped
    Metrics,
    /// The development cluster, for real
    Cluster,
    /// Prod with its node groups, on simulated nodes
    Prod,
    /// Promotions under the analysis templates, with a stand-in for Prometheus
    Analysis,
    /// A release in steps beside Argo CD's self-heal, and a service more
    Canary,
}

impl Part {
    /// Does it need the programs of a cluster?
    fn needs_cluster(self) -> bool {
        !matches!(self, Part::Charts | Part::Metrics)
    }
}

type Run = fn(&Context, &mut Report<'_>) -> Result<()>;

/// In this order: what is quick first.
const PARTS: [(Part, &str, Run); 7] = [
    (Part::Sources, "format, lints, tests, k3d", |cx, report| sources::run(cx, report).and_then(|()| k3d::run(cx, report))),
    (Part::Charts, "keys, helm lint, golden renders, lint", |cx, report| charts::run(cx, report).and_then(|()| lint::run(cx, report))),
    (Part::Metrics, "metrics", metrics::run),
    (Part::Cluster, "cluster", cluster::run),
    (Part::Prod, "prod", prod::run),
    (Part::Analysis, "analysis", analysis::run),
    (Part::Canary, "canary, new service", canary::run),
];

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("ci")?;
    if cx.plan {
        return Err(Error::usage("`ci` has no plan: its checks are what it does").hint("see what it checks: cargo xtask help ci"));
    }
    let mut report = Report::new(cx);
    // First, and once: the tests of the charts need them as well as the cluster.
    report.check("tools", || {
        let mut wanted = crate::metrics::TOOLS.to_vec();
        if args.only.is_none_or(Part::needs_cluster) {
            // The clusters that are tried are on kwok, whatever this machine could carry.
            wanted.extend(crate::steps::programs(&Kwok));
            wanted.push("k3d");
            wanted.sort_unstable();
            wanted.dedup();
            cx.provision.artifact("argocd-install")?;
        }
        let brought = cx.provision.ensure(&wanted)?.iter().filter(|(_, _, new)| *new).count();
        Ok(Verdict::Passed(format!("{} ready, {brought} of them brought just now", count(wanted.len(), "program"))))
    })?;
    for (part, names, run) in PARTS {
        if args.only.is_none_or(|only| only == part) {
            run(cx, &mut report)?;
        } else {
            report.skip(names, "--only asks for another part");
        }
    }
    Ok(report.finish())
}
