//! `xtask supervise DIR`: the supervisor's process. Started by steps, not by people.

use std::path::PathBuf;

use crate::error::{Exit, Result};
use crate::proc::Runner;
use crate::supervisor;

#[derive(clap::Args)]
pub struct Args {
    /// Folder with `processes.json`
    dir: PathBuf,
}

pub fn run(args: &Args, runner: &Runner) -> Result<Exit> {
    supervisor::supervise(runner, &args.dir)?;
    Ok(Exit::Done)
}
