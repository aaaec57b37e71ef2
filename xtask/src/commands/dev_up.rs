//! `cargo xtask dev-up`: starts what `dev-down` stopped, or what died with the machine.

use crate::cluster::{self, Seen};
use crate::context::Context;
use crate::engine;
use crate::error::{Error, Exit, Result};
use crate::steps;

use super::dev_init::{addresses, settle};

/// Start the stopped cluster again; its data was kept
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: kwok\n\nIt follows the snapshot of the last dev-init; a changed working tree is followed by dev-init.\n\nExamples:\n  cargo xtask dev-up\n  cargo xtask dev-up --plan"
)]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("dev-up")?;
    let cluster = cluster::of(cx)?;
    if matches!(cluster.look(cx)?, Seen::Nothing) {
        return Err(Error::prerequisite("there is no cluster for this environment in this clone").hint("make one: cargo xtask dev-init"));
    }
    cx.ui.note(cluster.introduction(cx));
    if cx.plan {
        engine::print_plan(cx, steps::UP)?;
        return Ok(Exit::Done);
    }
    super::exclusively(cx, "dev-up", |journal| {
        engine::run(cx, steps::UP, journal)?;
        settle(cx, journal)?;
        addresses(cx);
        Ok(Exit::Done)
    })
}
