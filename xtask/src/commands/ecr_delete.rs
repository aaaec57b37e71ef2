//! `cargo xtask ecr-delete`: takes the registry login off the cluster.

use crate::context::Context;
use crate::error::{Exit, Result};
use crate::registry::SECRET;

/// Delete the registry login from the cluster
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d\n\nRunning pods keep running. From the next dev-init on the services run the stand-in image, unless that finds a login to AWS.\n\nExamples:\n  cargo xtask ecr-delete\n  cargo xtask ecr-delete --yes"
)]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("ecr-delete")?;
    super::require_containers(cx, "ecr-delete", super::NOTHING_IS_PULLED)?;
    let kubectl = super::running_kubectl(cx)?;
    if kubectl.find(&SECRET)?.is_none() {
        cx.ui.note(format!("nothing to delete: there is no Secret {}", SECRET.name));
        return Ok(Exit::Done);
    }
    if cx.plan {
        cx.ui.out(kubectl.delete_later_call(SECRET.kind, &[SECRET.name], SECRET.namespace).command_line());
        return Ok(Exit::Done);
    }
    if !cx.confirm("ecr-delete", &format!("Delete the Secret {} of `{}`?", SECRET.name, cx.env()))? {
        cx.ui.note("nothing was deleted");
        return Ok(Exit::Done);
    }
    super::exclusively(cx, "ecr-delete", |_| {
        kubectl.delete(&SECRET)?;
        cx.ui.note(format!("the Secret {} is gone", SECRET.name));
        Ok(Exit::Done)
    })
}
