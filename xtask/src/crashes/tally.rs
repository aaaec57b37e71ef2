//! Rounds of one part: how many were good, how long the repair took, and what went wrong.

use std::time::Duration;

use crate::context::Context;
use crate::error::{Exit, Result};
use crate::trial::{Samples, exact};
use crate::ui::Table;

pub struct Tally {
    name: String,
    runs: usize,
    repair: Samples,
    pub failures: Vec<String>,
}

impl Tally {
    pub fn new(name: &str) -> Self {
        Tally { name: name.to_string(), runs: 0, repair: Samples::new(name, ""), failures: Vec::new() }
    }

    /// Notes a round, whose result is the time of its repair. Returns whether it was good. Errors: Ctrl-C.
    pub fn note(&mut self, cx: &Context, what: &str, round: Result<Duration>) -> Result<bool> {
        self.runs += 1;
        match round {
            Ok(time) => {
                cx.ui.note(format!("ok       {}, {what}: {}", self.name, exact(time)));
                self.repair.add(time);
                Ok(true)
            }
            Err(e) if e.exit() == Exit::Interrupted => Err(e),
            Err(e) => {
                let failure = format!("{}, {what}: {}", self.name, super::evidence(&e));
                cx.ui.note(format!("FAILED   {failure}"));
                self.failures.push(failure);
                Ok(false)
            }
        }
    }
}

pub fn table(tallies: &[Tally]) -> Table {
    let mut table = Table::new(&["CRASH", "RUNS", "OK", "MEDIAN", "MAX"]);
    for tally in tallies {
        let (median, max) = tally.repair.spread().map_or(("-".into(), "-".into()), |(_, median, max)| (exact(median), exact(max)));
        let ok = tally.runs - tally.failures.len();
        table.row([tally.name.clone(), tally.runs.to_string(), ok.to_string(), median, max]);
    }
    table
}
