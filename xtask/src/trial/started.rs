//! A run of the program that is watched from outside and ended before its time.

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, Instant};

use super::{LONGEST, Run, Trial};
use crate::error::{Context as _, Error, Result};
use crate::proc::{self, Identity};

/// How a run is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    /// SIGKILL to this program alone: what it called goes on.
    Kill,
    /// SIGKILL to its whole process group.
    KillGroup,
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-C twice, faster than anything can end.
    InterruptTwice,
}

impl Blow {
    pub fn name(self) -> &'static str {
        match self {
            Blow::Kill => "kill -9",
            Blow::KillGroup => "kill -9 of its group",
            Blow::Interrupt => "Ctrl-C",
            Blow::InterruptTwice => "Ctrl-C twice",
        }
    }
}

/// A run under way. It leads a process group of its own, as under a shell.
pub struct Started {
    child: Child,
    who: Option<Identity>,
    log: PathBuf,
    begun: Instant,
}

impl Trial {
    /// Starts this program on the clone. Errors: it cannot be started.
    pub fn start(&self, args: &[&str]) -> Result<Started> {
        let log = self.dir.path().join("run.log");
        let file = File::create(&log).context("could not open the log of the run")?;
        let begun = Instant::now();
        let child = proc::spawn_supervised(&self.cx.runner, &self.call(args), file)?;
        Ok(Started { who: Identity::of(child.id()), child, log, begun })
    }
}

impl Started {
    /// Ends it `moment` after its start. Errors: as [`Started::end`].
    pub fn end_at(self, trial: &Trial, moment: Duration, blow: Blow) -> Result<Run> {
        trial.cx.runner.interrupt().sleep(moment.saturating_sub(self.begun.elapsed()))?;
        self.end(blow)
    }

    /// Ends it now, unless it ended by itself before. Errors: it does not end.
    pub fn end(self, blow: Blow) -> Result<Run> {
        if let Some(who) = &self.who {
            match blow {
                Blow::Kill => proc::kill(who),
                Blow::KillGroup => proc::kill_group(who),
                Blow::Interrupt => proc::interrupt(who),
                Blow::InterruptTwice => {
                    proc::interrupt(who);
                    // Two signals at the very same time would arrive as one.
                    std::thread::sleep(Duration::from_millis(10));
                    proc::interrupt(who);
                }
            }
        }
        self.wait().map_err(|e| e.context(format!("no end after {}", blow.name())))
    }

    /// Waits until it ends by itself. Errors: it does not.
    pub fn wait(mut self) -> Result<Run> {
        loop {
            if let Some(status) = self.child.try_wait()? {
                let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
                let stderr = std::fs::read_to_string(&self.log).unwrap_or_default();
                let code = u8::try_from(code).unwrap_or(u8::MAX);
                return Ok(Run { code, stdout: String::new(), stderr, took: self.begun.elapsed() });
            }
            if self.begun.elapsed() > LONGEST {
                self.child.kill()?;
                return Err(Error::failed(format!("the run did not end within {}", crate::ui::seconds(LONGEST))));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A run that nobody ended, for example after Ctrl-C, must not keep its clone's lock.
impl Drop for Started {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
