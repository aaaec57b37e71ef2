//! `cargo xtask helm-deps`: the other name of `helm-build`.

use super::helm_build;
use crate::context::Context;
use crate::error::{Exit, Result};

/// The same as helm-build
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: all\n\nThe name of a former target; what it does: cargo xtask help helm-build\n\nExamples:\n  cargo xtask helm-deps\n  cargo xtask helm-deps --plan"
)]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    helm_build::run(&helm_build::Args {}, cx)
}
