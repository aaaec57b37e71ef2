//! Starts programs that go on by themselves: own log, no terminal, no pipe of ours.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use super::{Identity, Invocation, Runner};
use crate::error::{Context as _, Error, Result};

/// Starts `call` with stdout and stderr in `log` and returns who it is. It must call `setsid` itself if it wants to
/// outlive the terminal: doing so between fork and exec would need unsafe code.
///
/// Errors: the program cannot be started, or it ended before it could be looked at.
pub fn spawn_detached(runner: &Runner, call: &Invocation, log: File) -> Result<Identity> {
    let child = spawn(runner, call, log, false)?;
    Identity::of(child.id()).ok_or_else(|| Error::failed(format!("`{}` ended at once", call.command_line())))
}

/// Starts `call` in a process group of its own, as a child to be waited for.
pub fn spawn_supervised(runner: &Runner, call: &Invocation, log: File) -> Result<Child> {
    spawn(runner, call, log, true)
}

/// This program's own file. Linux names a file that a build replaced meanwhile `… (deleted)`; its successor is as good.
/// Errors: the operating system does not know.
pub fn own_program() -> Result<PathBuf> {
    let path = std::env::current_exe().context("could not find this program's own file")?;
    let text = path.to_string_lossy();
    Ok(text.strip_suffix(" (deleted)").map_or_else(|| path.clone(), PathBuf::from))
}

fn spawn(runner: &Runner, call: &Invocation, log: File, group: bool) -> Result<Child> {
    let again = log.try_clone().context("could not open the log")?;
    let mut command = runner.command(call);
    command.stdin(Stdio::null()).stdout(log).stderr(again);
    if group {
        command.process_group(0);
    }
    command.spawn().map_err(Error::from).with_context(|| format!("could not start `{}`", call.command_line()))
}
