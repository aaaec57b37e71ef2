//! `cargo xtask bench`: measures what this repository promises.

use crate::context::Context;
use crate::error::{Exit, Result};

/// Measure what this repository promises, and print a table
#[derive(clap::Args)]
#[command(after_long_help = "Engines: kwok\n\nExamples:\n  cargo xtask bench\n  cargo xtask bench --verbose")]
pub struct Args {}

pub fn run(_: &Args, _: &Context) -> Result<Exit> {
    Ok(Exit::Done)
}
