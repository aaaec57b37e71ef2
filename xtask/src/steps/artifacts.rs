//! The definitions of the kinds that the charts use: files of other projects, fetched and checked.

use crate::context::Context;
use crate::engine::State;
use crate::error::Result;
use crate::proc::Invocation;
use crate::ui::{Task, count};

pub struct Step;

/// Sets of definitions that this environment uses, in the order in which they are registered.
pub fn sets(cx: &Context) -> Vec<&str> {
    cx.environment.provides.definitions.iter().map(String::as_str).collect()
}

impl crate::engine::Step for Step {
    fn id(&self) -> &'static str {
        "artifacts"
    }

    fn probe(&self, cx: &Context) -> Result<State> {
        let sets = sets(cx);
        let missing: Vec<&str> = sets.iter().copied().filter(|s| cx.provision.look_artifact(s).is_none()).collect();
        if missing.is_empty() {
            return Ok(State::UpToDate(format!("{} of definitions ready", count(sets.len(), "set"))));
        }
        if missing.len() == sets.len() {
            return Ok(State::Missing);
        }
        Ok(State::Drifted { want: count(sets.len(), "set"), have: format!("no {}", missing.join(", ")) })
    }

    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        cx.provision.plan_artifacts(&sets(cx))
    }

    fn apply(&self, cx: &Context, task: &Task) -> Result<()> {
        for set in sets(cx) {
            task.update(set);
            cx.provision.artifact(set)?;
        }
        Ok(())
    }
}
