//! `cargo xtask kubectl-ns`: the namespaces, as kubectl shows them.

use crate::context::Context;
use crate::error::{Exit, Result};

/// Show the namespaces of the cluster
#[derive(clap::Args)]
#[command(after_long_help = "Engines: k3d, kwok\n\nExamples:\n  cargo xtask kubectl-ns\n  cargo xtask kubectl-ns --plan")]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    super::show(cx, "kubectl-ns", &["get", "namespaces"])
}
