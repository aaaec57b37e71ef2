//! `cargo xtask istio-status`: the control plane of the mesh, Gateways and HTTPRoutes.

use crate::cluster;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::objects;
use crate::steps::istio;
use crate::ui::count;

/// Show Istio's control plane, Gateways and HTTPRoutes
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d, kwok (simulated: no control plane runs)\n\nExamples:\n  cargo xtask istio-status\n  cargo xtask istio-status --env dev"
)]
pub struct Args {}

/// Groups of the kinds that the mesh is made of.
const GROUPS: [&str; 4] = ["gateway.networking.k8s.io", "networking.istio.io", "security.istio.io", "telemetry.istio.io"];

/// Where the shop's Gateways and routes are.
const NAMESPACE: &str = "ecommerce";

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("istio-status")?;
    let kubectl = super::running_kubectl(cx)?;
    let served = kubectl.served_kinds()?;
    let in_group = |group: &str| served.iter().filter(|kind| kind.ends_with(&format!(".{group}"))).count();
    for group in GROUPS {
        cx.ui.out(format!("{group:<26} {}", count(in_group(group), "kind")));
    }
    if cluster::of(cx)?.runs_containers() {
        let pods = kubectl.list(&["pods", "--namespace", istio::NAMESPACE])?;
        if pods.is_empty() {
            cx.ui.out(format!("\nno control plane: no pod in {}\n\nnext: cargo xtask istio-install", istio::NAMESPACE));
        } else {
            cx.ui.out(format!("\n{}", objects::pods(&pods)));
        }
    } else {
        cx.ui.out("\nno control plane runs: pods are simulated, and so is what istiod would report of what follows");
    }
    let list = |kind: &str| kubectl.list(&[&format!("{kind}.gateway.networking.k8s.io"), "--namespace", NAMESPACE]);
    cx.ui.out(format!("\n{}", objects::gateways(&list("gateways")?)));
    cx.ui.out(format!("\n{}", objects::routes(&list("httproutes")?)));
    Ok(Exit::Done)
}
