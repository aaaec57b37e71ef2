//! `cargo xtask ci`: every check of this repository, the same here and in CI.

use crate::context::Context;
use crate::error::{Exit, Result};

/// Run every check of this repository, as CI does
#[derive(clap::Args)]
#[command(after_long_help = "Engines: kwok\n\nExamples:\n  cargo xtask ci\n  cargo xtask ci --verbose")]
pub struct Args {}

pub fn run(_: &Args, _: &Context) -> Result<Exit> {
    Ok(Exit::Done)
}
