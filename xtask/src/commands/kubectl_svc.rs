//! `cargo xtask kubectl-svc`: the Services, as kubectl shows them.

use crate::context::Context;
use crate::error::{Exit, Result};

/// Show the shop's Services
#[derive(clap::Args)]
#[command(after_long_help = "Engines: k3d, kwok\n\nExamples:\n  cargo xtask kubectl-svc\n  cargo xtask kubectl-svc --plan")]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    super::show(cx, "kubectl-svc", &["get", "services", "--namespace", "ecommerce"])
}
