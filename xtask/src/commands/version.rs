//! `cargo xtask version`: this program, and every program that it pins.

use crate::context::Context;
use crate::error::{Exit, Result};
use crate::provision::Origin;
use crate::ui::Table;

/// Show the versions of this program and of every pinned tool
#[derive(clap::Args)]
#[command(after_long_help = "Engines: all\n\nExamples:\n  cargo xtask version\n  cargo xtask version --verbose")]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.ui.out(format!("xtask {}\n", crate::VERSION));
    cx.ui.out(table(cx)?.0);
    Ok(Exit::Done)
}

/// A row per pinned tool, and the names of those that are not there.
pub fn table(cx: &Context) -> Result<(Table, Vec<String>)> {
    let mut table = Table::new(&["TOOL", "VERSION", "FROM"]);
    let mut missing = Vec::new();
    for tool in cx.provision.tools() {
        let from = match cx.provision.look(&tool.name)? {
            Some(found) => match found.origin {
                Origin::Cache { built: true } => "cache, built from source".to_string(),
                Origin::Cache { built: false } => "cache, downloaded".to_string(),
                Origin::Path => format!("PATH, {}", found.path.display()),
            },
            None => {
                missing.push(tool.name.to_string());
                cx.provision.obstacle(&tool.name)?.map_or("not here yet", |_| "not here, and its release is not recorded").to_string()
            }
        };
        table.row([tool.name.clone(), tool.version.clone(), from]);
    }
    Ok((table, missing))
}
