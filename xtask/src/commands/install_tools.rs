//! `cargo xtask install-tools [--check] [TOOL…]`: brings the pinned programs to this machine.

use super::version;
use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::provision::record_hint;
use crate::steps;
use crate::ui::{count, seconds};

/// Bring the pinned programs to this machine, verified, once for all clones
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: all\n\nEach comes from the cache, else from PATH if the version fits, else as a verified download, else built from source.\n\nExamples:\n  cargo xtask install-tools\n  cargo xtask install-tools --check\n  cargo xtask install-tools kubectl helm"
)]
pub struct Args {
    /// Only look; exit code 1 when one is missing
    #[arg(long)]
    check: bool,
    /// These [default: what the cluster of the environment needs]
    #[arg(value_name = "TOOL")]
    tools: Vec<String>,
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    let known: Vec<&str> = cx.provision.tools().iter().map(|t| t.name.as_str()).collect();
    if let Some(unknown) = args.tools.iter().find(|t| !known.contains(&t.as_str())) {
        return Err(
            Error::usage(format!("`{unknown}` is not a tool of this repository")).cause(format!("known ones: {}", known.join(", ")))
        );
    }
    let named: Vec<&str> = match args.tools.is_empty() {
        true => steps::wanted_tools(cx).map_err(|e| e.hint("name the tools that you want: cargo xtask install-tools kubectl helm"))?,
        false => args.tools.iter().map(String::as_str).collect(),
    };
    let wanted: Vec<&str> = known.into_iter().filter(|k| named.contains(k)).collect();
    if cx.plan {
        for call in cx.provision.plan(&wanted)? {
            cx.ui.out(format!("$ {}", call.command_line()));
        }
        return Ok(Exit::Done);
    }
    if !args.check {
        cx.provision.ensure(&wanted)?;
        cx.ui.note(format!("{} ready after {}", count(wanted.len(), "program"), seconds(cx.ui.elapsed())));
    }
    let (table, missing) = version::table(cx)?;
    cx.ui.out(table);
    let missing: Vec<&String> = missing.iter().filter(|m| wanted.contains(&m.as_str())).collect();
    if missing.is_empty() {
        return Ok(Exit::Done);
    }
    for name in &missing {
        if let Some(why) = cx.provision.obstacle(name)? {
            cx.ui.note(format!("{why}; {}", record_hint(name)));
        }
    }
    cx.ui.note(format!("{} missing; bring them: cargo xtask install-tools", count(missing.len(), "program")));
    Ok(Exit::Problems)
}
