//! `cargo xtask help [COMMAND]`: the commands by group, and the settings in force.

use std::fmt::Write;

use clap::CommandFactory;

use super::GROUPS;
use crate::cli::Cli;
use crate::error::{Error, Exit, Result};
use crate::ui::Ui;

/// List the commands, or explain one
#[derive(clap::Args, Default)]
#[command(after_long_help = "Engines: all\n\nExamples:\n  cargo xtask help\n  cargo xtask help dev-init")]
pub struct Args {
    /// The command to explain
    command: Option<String>,
}

pub fn run(args: &Args, ui: &Ui) -> Result<Exit> {
    let mut cli = Cli::command();
    let Some(name) = &args.command else {
        ui.out(cli.after_help(groups()).render_help().to_string().trim_end());
        return Ok(Exit::Done);
    };
    cli.build();
    let Some(command) = cli.find_subcommand_mut(name) else {
        return Err(Error::usage(format!("there is no command `{name}`")).hint("see all of them: cargo xtask help"));
    };
    ui.out(command.render_long_help().to_string().trim_end());
    Ok(Exit::Done)
}

/// The commands with their one-line texts, group by group.
pub fn groups() -> String {
    let cli = Cli::command();
    let about = |name: &str| cli.find_subcommand(name).and_then(|c| c.get_about()).map(ToString::to_string).unwrap_or_default();
    let mut text = String::new();
    for (title, names) in GROUPS {
        let _ = writeln!(text, "{title}:");
        for name in *names {
            let _ = writeln!(text, "  {name:<17} {}", about(name));
        }
        text.push('\n');
    }
    text.trim_end().to_string()
}
