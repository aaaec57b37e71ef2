//! `cargo xtask dev-restart`: `dev-down`, then `dev-up`.

use super::{dev_down, dev_up};
use crate::context::Context;
use crate::error::{Exit, Result};

/// Stop the cluster and start it again; data is kept
#[derive(clap::Args)]
#[command(after_long_help = "Engines: k3d, kwok\n\nExamples:\n  cargo xtask dev-restart\n  cargo xtask dev-restart --plan")]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("dev-restart")?;
    if cx.plan {
        dev_down::run(&dev_down::Args {}, cx)?;
    } else if cx.state_dir().is_dir() {
        super::exclusively(cx, "dev-restart", |journal| dev_down::stop(cx, journal).map(|()| Exit::Done))?;
    }
    dev_up::run(&dev_up::Args {}, cx)
}
