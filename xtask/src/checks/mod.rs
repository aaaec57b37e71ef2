//! The checks of `cargo xtask ci`: named, timed, each with what it looked at; what did not run says why.

pub mod analysis;
pub mod argocd_pods;
pub mod canary;
pub mod charts;
pub mod cluster;
pub mod every_command;
pub mod k3d;
pub mod kafka;
pub mod lint;
pub mod metrics;
pub mod operations;
pub mod prod;
pub mod sources;
pub mod sync;
pub mod verify_offline;

use std::time::Instant;

use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::ui::{self, Paint};

/// What a check came to.
pub enum Verdict {
    /// With what was looked at.
    Passed(String),
    /// With the reason.
    Skipped(String),
}

/// The results so far. A failed check does not stop those that do not depend on it.
pub struct Report<'a> {
    cx: &'a Context,
    lines: Vec<String>,
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl<'a> Report<'a> {
    pub fn new(cx: &'a Context) -> Self {
        Report { cx, lines: Vec::new(), passed: 0, failed: 0, skipped: 0 }
    }

    /// Runs one check and notes it. Returns whether those that depend on it may run. Errors: Ctrl-C.
    pub fn check(&mut self, name: &str, check: impl FnOnce() -> Result<Verdict>) -> Result<bool> {
        let task = self.cx.ui.task(name);
        let started = Instant::now();
        let verdict = check();
        let took = ui::seconds(started.elapsed());
        match verdict {
            Ok(Verdict::Passed(fact)) => {
                task.done(&fact);
                self.passed += 1;
                self.lines.push(format!("ran      {name}: {fact} ({took})"));
                Ok(true)
            }
            Ok(Verdict::Skipped(why)) => {
                drop(task);
                self.skip(name, &why);
                Ok(false)
            }
            Err(e) if e.exit() == Exit::Interrupted => Err(e),
            Err(e) => {
                task.failed("failed");
                ui::print_error(&self.cx.ui, &e);
                self.failed += 1;
                self.lines.push(format!("FAILED   {name}: {} ({took})", e.one_line()));
                Ok(false)
            }
        }
    }

    /// Notes a check that did not run.
    pub fn skip(&mut self, name: &str, why: &str) {
        self.skipped += 1;
        self.lines.push(format!("skipped  {name}: {why}"));
    }

    /// Prints what ran and what did not, with the count on a line of its own.
    pub fn finish(self) -> Exit {
        self.cx.ui.out("");
        for line in &self.lines {
            self.cx.ui.out(line);
        }
        let counts = format!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped);
        self.cx.ui.out(format!("\nin {}", ui::seconds(self.cx.ui.elapsed())));
        self.cx.ui.out(self.cx.ui.paint(if self.failed == 0 { Paint::Green } else { Paint::Red }, &counts));
        if self.failed == 0 { Exit::Done } else { Exit::Problems }
    }
}

/// `Ok` with `fact` when `good`, else a failed check that says `bad`.
pub fn expect(good: bool, bad: impl Into<String>) -> Result<()> {
    if good { Ok(()) } else { Err(Error::failed(bad)) }
}
