//! The programs that the cluster and Argo CD are made of.

use crate::context::Context;
use crate::engine::State;
use crate::error::Result;
use crate::proc::Invocation;
use crate::ui::{Task, count};

pub struct Step;

/// Programs of this environment's cluster and of the steps that bring it up.
pub fn wanted(cx: &Context) -> Result<Vec<&'static str>> {
    Ok(super::programs(crate::cluster::of(cx)?))
}

impl crate::engine::Step for Step {
    fn id(&self) -> &'static str {
        "tools"
    }

    fn probe(&self, cx: &Context) -> Result<State> {
        let wanted = wanted(cx)?;
        let mut missing = Vec::new();
        for name in &wanted {
            if cx.provision.look(name)?.is_none() {
                missing.push(*name);
            }
        }
        if missing.is_empty() {
            return Ok(State::UpToDate(format!("{} ready", count(wanted.len(), "program"))));
        }
        if missing.len() == wanted.len() {
            return Ok(State::Missing);
        }
        Ok(State::Drifted { want: count(wanted.len(), "program"), have: format!("no {}", missing.join(", ")) })
    }

    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        cx.provision.plan(&wanted(cx)?)
    }

    fn apply(&self, cx: &Context, _: &Task) -> Result<()> {
        cx.provision.ensure(&wanted(cx)?).map(drop)
    }
}
