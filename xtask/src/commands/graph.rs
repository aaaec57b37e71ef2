//! `cargo xtask graph`: waves and what depends on what.

use crate::context::Context;
use crate::error::{Exit, Result};
use crate::graph;

/// Show what deploys what, in which order, and from which charts
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: all\n\nNo cluster is needed. The root deploys the ApplicationSets, wave by wave: one begins when those before it are healthy.\nA chart that others are made with stands behind them.\n\nExamples:\n  cargo xtask graph --env prod\n  cargo xtask graph --format mermaid\n  cargo xtask graph --format svg > target/graph.svg"
)]
pub struct Args {
    /// Form of the result
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    format: Format,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Text,
    Mermaid,
    Svg,
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    let graph = graph::read(cx)?;
    let drawn = match args.format {
        Format::Text => graph::text(&graph),
        Format::Mermaid => graph::mermaid(&graph),
        Format::Svg => graph::svg(&graph),
    };
    cx.ui.out(drawn.trim_end());
    Ok(Exit::Done)
}
