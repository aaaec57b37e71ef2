//! `cargo xtask db-status`: the data stores of the cluster, with their databases and claims.

use crate::cluster;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::objects::{name, text};
use crate::stores;
use crate::ui::Table;

/// Show the data stores: readiness, database, claim and its size
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d, kwok (simulated: no server runs)\n\nExit code 1 when one is not ready.\n\nExamples:\n  cargo xtask db-status\n  cargo xtask db-status --env dev"
)]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("db-status")?;
    let kubectl = super::running_kubectl(cx)?;
    let stores = stores::list(&kubectl)?;
    let claims = kubectl.list(&["persistentvolumeclaims", "--namespace", stores::NAMESPACE])?;
    let mut table = Table::new(&["STORE", "KIND", "READY", "DATABASE", "CLAIM", "SIZE", "PHASE"]);
    for store in &stores {
        for claim in &store.claims {
            let live = claims.iter().find(|c| name(c) == claim);
            let field = |pointer: &str| live.map(|c| text(c, pointer)).filter(|t| !t.is_empty()).unwrap_or("-").to_string();
            table.row([
                store.name.clone(),
                store.kind.clone(),
                format!("{} of {}", store.ready, store.replicas),
                store.database.clone().unwrap_or_else(|| "-".into()),
                claim.clone(),
                field("/status/capacity/storage"),
                field("/status/phase"),
            ]);
        }
    }
    cx.ui.out(table);
    if !cluster::of(cx)?.runs_containers() {
        cx.ui.out("\npods are simulated: no server runs, and the volumes hold nothing");
    }
    Ok(if stores.iter().all(|s| s.is_ready) { Exit::Done } else { Exit::Problems })
}
