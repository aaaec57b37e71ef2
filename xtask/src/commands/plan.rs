//! `cargo xtask plan COMMAND [ARGUMENTS…]`: `COMMAND --plan`, for those who think of the plan first.

use std::ffi::OsString;

use clap::{ArgMatches, CommandFactory, FromArgMatches};

use super::cache;
use crate::cli::{Cli, Command};
use crate::error::{Exit, Result};
use crate::ui::Ui;

/// Print what a command would do; change nothing
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: all\n\nThe same as COMMAND --plan: steps, their states, exact command lines.\n\nExamples:\n  cargo xtask plan dev-init\n  cargo xtask plan dev-up --timeout 60\n  cargo xtask plan cache clean"
)]
pub struct Args {
    /// A command with its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_names = ["COMMAND", "ARGUMENTS"])]
    command: Vec<OsString>,
}

/// Puts the command behind `plan` in its place, with `--plan`. One that only looks has no plan and stays behind it.
/// Errors: the command line behind `plan` is wrong.
pub fn unfold(cli: Cli, matches: &ArgMatches) -> Result<Cli, clap::Error> {
    let Some(Command::Plan(args)) = &cli.command else { return Ok(cli) };
    let words = given(matches).into_iter().chain(["--plan".into()]).chain(args.command.iter().cloned());
    let planned = Cli::from_arg_matches(&Cli::command().try_get_matches_from(std::iter::once("cargo xtask".into()).chain(words))?)?;
    Ok(if planned.command.as_ref().is_none_or(only_looks) { cli } else { planned })
}

/// The global options of a command line, as they could be typed again.
fn given(matches: &ArgMatches) -> Vec<OsString> {
    let mut words = Vec::new();
    for option in Cli::command().get_arguments().filter(|a| a.is_global_set()) {
        let (id, Some(long)) = (option.get_id().as_str(), option.get_long()) else { continue };
        if matches.value_source(id) != Some(clap::parser::ValueSource::CommandLine) {
            continue;
        }
        words.push(OsString::from(format!("--{long}")));
        if option.get_action().takes_values() {
            words.extend(matches.get_raw(id).into_iter().flatten().map(OsString::from));
        }
    }
    words
}

/// Does it change nothing, with or without `--plan`?
fn only_looks(command: &Command) -> bool {
    match command {
        Command::DevStatus(_) | Command::DevLogs(_) | Command::ArgocdStatus(_) | Command::ArgocdPassword(_) => true,
        Command::KubectlConfig(_) | Command::Doctor(_) | Command::Version(_) | Command::Help(_) => true,
        Command::Plan(_) | Command::Completions(_) | Command::K3dList(_) | Command::KafkaStatus(_) | Command::Diff(_) => true,
        Command::IstioStatus(_) | Command::MonitoringStatus(_) | Command::DbStatus(_) | Command::DbLogs(_) => true,
        Command::Expand(_) | Command::Lint(_) => true,
        Command::Graph(_) | Command::Why(_) => true,
        Command::PortForward(args) => args.only_looks(),
        Command::VerifyOffline(args) => args.only_looks(),
        Command::Cache(args) => matches!(args.what, cache::What::Status),
        _ => false,
    }
}

/// What is left of `plan` after [`unfold`].
pub fn run(args: &Args, ui: &Ui) -> Result<Exit> {
    let words: Vec<_> = args.command.iter().map(|word| word.to_string_lossy()).collect();
    ui.out(format!("`{}` only looks: it changes nothing, so it has no plan", words.join(" ")));
    Ok(Exit::Done)
}
