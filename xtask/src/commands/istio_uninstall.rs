//! `cargo xtask istio-uninstall`: takes Istio's control plane off the cluster.

use std::time::{Duration, Instant};

use super::istio_install::INSTEAD;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::steps::istio;
use crate::tools::Reference;

/// Purge Istio's control plane and delete its namespace
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d\n\nGateways, routes and policies stay as objects, and nobody serves them; pods keep their sidecars until they are made anew.\nInterrupted, it goes on with the next run. istio-install or dev-init brings it back.\n\nExamples:\n  cargo xtask istio-uninstall\n  cargo xtask istio-uninstall --yes"
)]
pub struct Args {}

/// The namespace goes when its pods are gone.
const GONE_WITHIN: Duration = Duration::from_secs(180);

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("istio-uninstall")?;
    super::require_containers(cx, "istio-uninstall", INSTEAD)?;
    let kubectl = super::running_kubectl(cx)?;
    let namespace = Reference { kind: "namespace", name: istio::NAMESPACE, namespace: istio::NAMESPACE };
    if kubectl.find(&namespace)?.is_none() {
        cx.ui.note(format!("nothing to delete: there is no namespace {}", istio::NAMESPACE));
        return Ok(Exit::Done);
    }
    let delete = kubectl.delete_all_call(&[istio::namespace()], cx.timeout_or(GONE_WITHIN))?;
    if cx.plan {
        cx.ui.out(istio::purge_call(cx, istio::TOOL.into())?.command_line());
        cx.ui.out(delete.command_line());
        return Ok(Exit::Done);
    }
    if !cx.confirm("istio-uninstall", &format!("Delete Istio's control plane of `{}`?", cx.env()))? {
        cx.ui.note("nothing was deleted");
        return Ok(Exit::Done);
    }
    super::exclusively(cx, "istio-uninstall", |journal| {
        let task = cx.ui.task("istio");
        let started = Instant::now();
        let work = || {
            task.update("istioctl purges it");
            cx.runner.run(&istio::purge_call(cx, cx.provision.tool(istio::TOOL)?)?)?;
            task.update(format!("waiting for the namespace {} to go", istio::NAMESPACE));
            cx.runner.run(&delete)?;
            Ok(())
        };
        let result: Result<()> = work();
        journal.step("istio", started.elapsed(), result.as_ref().map(|()| true).map_err(|e| e.one_line()));
        result?;
        task.done(&format!("the control plane and the namespace {} are gone; the kinds stay", istio::NAMESPACE));
        cx.ui.note("next: cargo xtask istio-install    bring it back");
        Ok(Exit::Done)
    })
}
