//! The definitions of the kinds that the charts use: files of other projects, fetched and checked.

use crate::context::Context;
use crate::engine::State;
use crate::error::Result;
use crate::proc::Invocation;
use crate::ui::{Task, count};

pub struct Step;

/// Sets of definitions, in the order in which they are applied.
pub const SETS: [&str; 7] =
    ["argocd-crds", "rollouts-crds", "gateway-api-crds", "istio-crds", "prometheus-operator-crds", "external-secrets-crds", "strimzi-crds"];

impl crate::engine::Step for Step {
    fn id(&self) -> &'static str {
        "artifacts"
    }

    fn probe(&self, cx: &Context) -> Result<State> {
        let missing: Vec<&str> = SETS.into_iter().filter(|s| cx.provision.look_artifact(s).is_none()).collect();
        if missing.is_empty() {
            return Ok(State::UpToDate(format!("{} of definitions ready", count(SETS.len(), "set"))));
        }
        if missing.len() == SETS.len() {
            return Ok(State::Missing);
        }
        Ok(State::Drifted { want: count(SETS.len(), "set"), have: format!("no {}", missing.join(", ")) })
    }

    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        cx.provision.plan_artifacts(&SETS)
    }

    fn apply(&self, cx: &Context, task: &Task) -> Result<()> {
        for set in SETS {
            task.update(set);
            cx.provision.artifact(set)?;
        }
        Ok(())
    }
}
