//! `cargo xtask kubectl-pods`: the pods, as kubectl shows them.

use crate::context::Context;
use crate::error::{Exit, Result};

/// Show the shop's pods
#[derive(clap::Args)]
#[command(after_long_help = "Engines: k3d, kwok\n\nExamples:\n  cargo xtask kubectl-pods\n  cargo xtask kubectl-pods --plan")]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    super::show(cx, "kubectl-pods", &["get", "pods", "--namespace", "ecommerce", "--output", "wide"])
}
