//! `cargo xtask db-reset DOMAIN|all`: an empty database: the claim is deleted, and the StatefulSet makes a new one.

use std::time::Instant;

use crate::context::Context;
use crate::error::{Exit, Result};
use crate::stores;
use crate::ui::count;

/// Delete the data of a data store and start it again, empty
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d, kwok (objects only: no server runs)\n\nA store is named by its domain (order) or by its own name (order-db, cache-redis, kafka); `all` are all databases. Its claim\nand its pod are deleted and made anew by the StatefulSet; Argo CD changes nothing of that. A service makes its tables when it\nstarts, so start it again afterwards.\n\nExamples:\n  cargo xtask db-reset order\n  cargo xtask db-reset all --yes"
)]
pub struct Args {
    /// Domain or name of the store, or `all` databases
    domain: String,
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("db-reset")?;
    let kubectl = super::running_kubectl(cx)?;
    let chosen = stores::choose(&stores::list(&kubectl)?, &args.domain)?;
    if cx.plan {
        stores::plan(&kubectl, &chosen).iter().for_each(|call| cx.ui.out(call.command_line()));
        return Ok(Exit::Done);
    }
    let names = chosen.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(", ");
    let command = format!("db-reset {}", args.domain);
    if !cx.confirm(&command, &format!("Delete all data of {names} in `{}`?", cx.env()))? {
        cx.ui.note("nothing was deleted");
        return Ok(Exit::Done);
    }
    super::exclusively_as(cx, "db-reset", &command, |journal| {
        let task = cx.ui.task("reset");
        let started = Instant::now();
        let result = stores::reset(cx, &kubectl, &chosen, cx.timeout(), &task);
        journal.step("reset", started.elapsed(), result.as_ref().map(|()| true).map_err(|e| e.one_line()));
        result?;
        task.done(&format!("{names}: {}, empty", count(chosen.iter().map(|s| s.claims.len()).sum(), "new claim")));
        let apps: Vec<String> = chosen.iter().filter(|s| s.kind == "database").map(|s| app(&s.name)).collect();
        if !apps.is_empty() {
            let selector = format!("app in ({})", apps.join(","));
            cx.ui.note(format!("next: cargo xtask kubectl -- delete pods --namespace {} --selector '{selector}'", stores::NAMESPACE));
        }
        Ok(Exit::Done)
    })
}

/// The label of the pods that keep their tables in a database.
fn app(store: &str) -> String {
    match store.strip_suffix("-db").unwrap_or(store) {
        "saga" => "saga-tracker-api".into(),
        domain => format!("{domain}-api"),
    }
}
