//! `cargo xtask k3d-list`: the clusters in Docker, as k3d lists them.

use std::path::PathBuf;

use super::k3d_create::{print, require_k3d};
use crate::cluster::K3d;
use crate::context::Context;
use crate::error::{Exit, Result};

/// List the k3d clusters of this machine
#[derive(clap::Args)]
#[command(after_long_help = "Engines: k3d\n\nExamples:\n  cargo xtask k3d-list\n  cargo xtask k3d-list --plan")]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("k3d-list")?;
    require_k3d(cx, "k3d-list", "dev-status")?;
    if cx.plan {
        print(cx, &[K3d::list_call(cx, &PathBuf::from("k3d"))]);
        return Ok(Exit::Done);
    }
    Ok(Exit::Program(cx.runner.interactive(&K3d::list_call(cx, &cx.provision.tool("k3d")?))?))
}
