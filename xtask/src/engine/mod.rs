//! Runs steps in the order of their needs: probe, apply, probe again; keeps the lock and the journal.
//!
//! A static list and Kahn's algorithm, on purpose: steps are few and known, so a scheduler for arbitrary work would
//! only hide what happens.

mod journal;
mod lock;
mod plan;
mod run;

use crate::context::Context;
use crate::error::Result;
use crate::proc::Invocation;
use crate::ui::Task;

pub use journal::Journal;
pub use lock::{Lock, calls_dir};
pub use plan::print_plan;
pub use run::run;

/// What a probe found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be; the text is the fact that people read.
    UpToDate(String),
    /// Not there.
    Missing,
    /// There, but not as wanted.
    Drifted { want: String, have: String },
    /// Half-done by an interrupted run, or damaged.
    NeedsRepair(String),
    /// Cannot be done here until somebody does something.
    Blocked { why: String, hint: String },
}

impl State {
    /// One or two words and the reason, for a plan.
    pub fn describe(&self) -> String {
        match self {
            State::UpToDate(fact) => format!("up to date: {fact}"),
            State::Missing => "missing".into(),
            State::Drifted { want, have } => format!("drifted: want {want}, have {have}"),
            State::NeedsRepair(why) => format!("needs repair: {why}"),
            State::Blocked { why, .. } => format!("blocked: {why}"),
        }
    }
}

/// Something that should exist. Probing never writes; applying starts from whatever is found.
pub trait Step: Sync {
    /// The name of its file.
    fn id(&self) -> &'static str;
    /// Ids of the steps that must be up to date before this one can be looked at.
    fn needs(&self) -> &'static [&'static str] {
        &[]
    }
    /// Looks. Errors only when looking itself failed: an API that does not answer is not "missing".
    fn probe(&self, cx: &Context) -> Result<State>;
    /// The calls that `apply` makes, as far as they can be known beforehand.
    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>>;
    fn apply(&self, cx: &Context, task: &Task) -> Result<()>;
}
