//! How a comparison is told: to people on a terminal, in a pull request, and to programs.

mod blocks;
mod json;
mod markdown;
mod plain;

use gitops::comparison::{Change, Reach, reach};
use lint::Findings;

pub use json::json;
pub use markdown::markdown;
pub use plain::plain;

/// Everything that is told.
pub struct Report<'a> {
    /// The revisions, as people know them.
    pub base: String,
    pub head: String,
    pub change: Change<'a>,
    pub findings: Findings,
    pub reach: Vec<Reach>,
}

impl<'a> Report<'a> {
    pub fn new(base: String, head: String, change: Change<'a>, findings: Findings) -> Self {
        let reach = reach(&change);
        Report { base, head, change, findings, reach }
    }

    /// Is anything not the same, or not known to be?
    pub fn differs(&self) -> bool {
        self.reach.iter().any(|reach| reach.applications > 0)
    }
}
