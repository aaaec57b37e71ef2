//! `cargo xtask k3d-start`: starts the containers of the cluster in Docker.

use super::k3d_create::{bring_up, require_k3d, require_ours};
use crate::context::Context;
use crate::error::{Exit, Result};

/// Start the stopped cluster in Docker
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d\n\ndev-up does this too, and waits until everything on it is healthy.\n\nExamples:\n  cargo xtask k3d-start\n  cargo xtask k3d-start --plan"
)]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("k3d-start")?;
    require_k3d(cx, "k3d-start", "dev-up")?;
    require_ours(cx)?;
    bring_up(cx, "k3d-start", None)
}
