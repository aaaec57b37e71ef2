//! The definitions of the kinds that the charts use: files of other projects, fetched and checked.

use crate::context::Context;
use crate::engine::State;
use crate::error::Result;
use crate::proc::Invocation;
use crate::ui::{Task, count};

pub struct Step(pub Sets);

/// Whose definitions a step is about.
#[derive(Clone, Copy)]
pub enum Sets {
    /// What the environment provides.
    OfEnvironment,
    /// The set of an add-on.
    Of(&'static str),
}

impl Sets {
    /// Names of the sets, in the order in which they are registered.
    pub fn names(self, cx: &Context) -> Vec<&str> {
        match self {
            Sets::OfEnvironment => cx.environment.provides.definitions.iter().map(String::as_str).collect(),
            Sets::Of(name) => vec![name],
        }
    }
}

impl crate::engine::Step for Step {
    fn id(&self) -> &'static str {
        "artifacts"
    }

    fn probe(&self, cx: &Context) -> Result<State> {
        let sets = self.0.names(cx);
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
        cx.provision.plan_artifacts(&self.0.names(cx))
    }

    fn apply(&self, cx: &Context, task: &Task) -> Result<()> {
        for set in self.0.names(cx) {
            task.update(set);
            cx.provision.artifact(set)?;
        }
        Ok(())
    }
}
