//! `cargo xtask db-logs [DOMAIN]`: what a data store prints.

use std::ffi::OsString;

use crate::context::Context;
use crate::error::{Exit, Result};
use crate::stores;

/// Show what a data store prints, or list the stores
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d\n\nA store is named by its domain (order) or by its own name (order-db, cache-redis, kafka). -f goes on until Ctrl-C.\n\nExamples:\n  cargo xtask db-logs order\n  cargo xtask db-logs kafka --lines 200 -f"
)]
pub struct Args {
    /// Whose; without it, the list of stores
    domain: Option<String>,
    /// Go on with what comes
    #[arg(short, long)]
    follow: bool,
    /// How many of the last lines
    #[arg(long, default_value_t = 50, value_name = "NUMBER")]
    lines: usize,
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("db-logs")?;
    super::require_containers(cx, "db-logs", "what the API knows of the stores: cargo xtask db-status")?;
    let kubectl = super::running_kubectl(cx)?;
    let stores = stores::list(&kubectl)?;
    let Some(typed) = &args.domain else {
        stores.iter().for_each(|store| cx.ui.out(&store.name));
        cx.ui.note("\nnext: cargo xtask db-logs NAME");
        return Ok(Exit::Done);
    };
    let mut last = Exit::Done;
    for pod in stores::choose(&stores, typed)?.iter().flat_map(stores::Store::pods) {
        let lines = args.lines.to_string();
        let mut arguments = vec!["logs", "--namespace", stores::NAMESPACE, &pod, "--all-containers", "--tail", &lines];
        arguments.extend(args.follow.then_some("--follow"));
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        last = Exit::Program(cx.runner.interactive(&kubectl.pass_through(&arguments))?);
    }
    Ok(last)
}
