//! `cargo xtask kafka-install`: the add-on of three brokers that may fail, beside the shop's own Kafka.

use crate::cluster;
use crate::context::Context;
use crate::engine;
use crate::error::{Exit, Result};
use crate::steps;

/// Bring the Kafka cluster for failure tests: operator, three brokers, the shop's topics
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d, kwok (operator and brokers are simulated)\n\nAn add-on of dev: the shop goes on with its own broker. Topics, schema registry and web interface of that one are\ncomponents that Argo CD deploys, and not touched here. A second run writes nothing; an interrupted one is mended.\n\nExamples:\n  cargo xtask kafka-install\n  cargo xtask kafka-install --no-topics\n  cargo xtask kafka-install --plan"
)]
pub struct Args {
    /// Leave the topics out; those that are there stay
    #[arg(long)]
    no_topics: bool,
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("kafka-install")?;
    super::require_running(cx)?;
    let cluster = cluster::of(cx)?;
    let steps = steps::kafka(cluster.engine(), !args.no_topics);
    if cx.plan {
        engine::print_plan(cx, &steps)?;
        return Ok(Exit::Done);
    }
    if cluster.runs_containers() {
        steps::strimzi::require(cx)?;
    }
    super::exclusively(cx, "kafka-install", |journal| {
        engine::run(cx, &steps, journal)?;
        if !cluster.runs_containers() {
            cx.ui.note(SIMULATED);
        }
        cx.ui.note("next: cargo xtask kafka-status       brokers, and how many topics there are");
        cx.ui.note("      cargo xtask kafka-uninstall    take it away again");
        Ok(Exit::Done)
    })
}

/// What nobody should take for Kafka.
pub const SIMULATED: &str =
    "simulated on this engine: no operator and no broker runs; what is real are the objects, checked by Strimzi's own definitions";
