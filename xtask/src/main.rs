//! `cargo xtask`: parse, dispatch, exit code.

mod agreement;
mod argocd;
mod charts;
mod checks;
mod cli;
mod cluster;
mod commands;
mod comparison;
mod conformance;
mod context;
mod crashes;
mod doctor;
mod engine;
mod error;
mod expansion;
mod forwards;
mod graph;
mod logs;
mod metrics;
mod new_service;
mod objects;
mod proc;
mod promote;
mod provision;
mod registry;
mod rehearsal;
mod render;
mod repo;
mod revisions;
mod secrets;
mod steps;
mod stores;
mod supervisor;
mod tools;
mod trial;
mod ui;
mod utc;
mod why;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use crate::cli::Cli;
use crate::context::{Context, Variables};
use crate::error::{Exit, Result};
use crate::proc::{Interrupt, Runner};
use crate::ui::{Look, Ui};

/// Version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

fn main() -> ExitCode {
    let typed = Cli::command().try_get_matches();
    // The groups are made only for those who ask: most runs show no help.
    let asked = |e: &clap::Error| e.kind() == ErrorKind::DisplayHelp;
    let typed =
        if typed.as_ref().is_err_and(asked) { Cli::command().after_help(commands::help::groups()).try_get_matches() } else { typed };
    let typed = typed.and_then(|matches| commands::plan::unfold(Cli::from_arg_matches(&matches)?, &matches));
    let cli = match typed {
        Ok(cli) => cli,
        Err(e) => {
            // clap prints help and usage errors itself; only the latter are wrong usage.
            let _ = e.print();
            return ExitCode::from(if e.use_stderr() { Exit::Usage.code() } else { Exit::Done.code() });
        }
    };
    let vars = Variables::read();
    let global = &cli.global;
    let look = Look { quiet: global.quiet, verbose: global.verbose, progress: !global.no_progress, color: global.color };
    let ui = Ui::new(look, vars.no_color);
    let exit = run(&cli, &vars, &ui).unwrap_or_else(|error| {
        ui::print_error(&ui, &error);
        error.exit()
    });
    ExitCode::from(exit.code())
}

fn run(cli: &Cli, vars: &Variables, ui: &Ui) -> Result<Exit> {
    let last = ui.clone();
    let runner = Runner::new(Interrupt::install(move || {
        last.warn("left at once, its calls are ended; what is half-done is mended by running the same command again");
    })?);
    match &cli.command {
        None => commands::help::run(&commands::help::Args::default(), ui),
        Some(cli::Command::Help(args)) => commands::help::run(args, ui),
        Some(cli::Command::Completions(args)) => commands::completions::run(args, ui),
        Some(cli::Command::Plan(args)) => commands::plan::run(args, ui),
        Some(cli::Command::Supervise(args)) => commands::supervise::run(args, &runner),
        Some(command) => {
            let make = if commands::only_reads_gitops(command) { Context::looking } else { Context::new };
            let cx = make(&cli.global, vars, ui.clone(), runner)?;
            commands::run(command, &cx)
        }
    }
}
