//! `cargo xtask ecr-login`: lets the cluster pull the shop's own images, for the next 12 hours.

use crate::context::Context;
use crate::engine::Step as _;
use crate::error::{Exit, Result};
use crate::registry::{Registry, SECRET, VALID, duration};
use crate::steps;

/// Log the cluster in to the registry of the shop's own images
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d\n\nIt asks the AWS command line for a password, with the login and the profile of your shell, and puts it into the\nSecret `ecr-secret`. The password is good for 12 hours. Run dev-init afterwards, and the services take their own images.\n\nExamples:\n  cargo xtask ecr-login\n  cargo xtask ecr-login --plan"
)]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("ecr-login")?;
    super::require_containers(cx, "ecr-login", super::NOTHING_IS_PULLED)?;
    let kubectl = super::running_kubectl(cx)?;
    let registry = Registry::parse(&cx.environment.registry)?;
    if cx.plan {
        steps::REGISTRY.plan(cx)?.iter().for_each(|call| cx.ui.out(call.command_line()));
        return Ok(Exit::Done);
    }
    super::exclusively(cx, "ecr-login", |journal| {
        let task = cx.ui.task("registry");
        let started = std::time::Instant::now();
        let result = steps::log_in(cx, &kubectl, &registry);
        journal.step("registry", started.elapsed(), result.as_ref().map(|()| true).map_err(|e| e.one_line()));
        result?;
        task.done(&format!("Secret {} for {}, good for {}", SECRET.name, registry.host, duration(VALID)));
        cx.ui.note("next: cargo xtask dev-init        the services take their own images");
        Ok(Exit::Done)
    })
}
