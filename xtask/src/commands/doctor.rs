//! `cargo xtask doctor`: what this machine has of everything that is needed, and what mends the rest.

use crate::context::Context;
use crate::doctor;
use crate::error::{Exit, Result};

/// Check that this machine has everything, and say what mends what is missing
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: kwok, k3d\n\nIt only looks: no network, nothing is written. Exit code 4 if something that the chosen engine needs is missing.\n\nExamples:\n  cargo xtask doctor\n  cargo xtask doctor --engine k3d\n  cargo xtask doctor --format json"
)]
pub struct Args {
    /// For people, or for programs
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    format: Format,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("doctor")?;
    let report = doctor::examine(cx)?;
    match args.format {
        Format::Text => cx.ui.out(doctor::text(&cx.ui, &report)),
        Format::Json => cx.ui.out(serde_json::to_string_pretty(&doctor::json(&report))?),
    }
    Ok(if report.ok() { Exit::Done } else { Exit::Prerequisite })
}
