//! The Secrets that charts refer to, made once and kept.

use serde_json::Value;

use crate::context::Context;
use crate::engine::State;
use crate::error::Result;
use crate::proc::Invocation;
use crate::secrets::{self, Wanted};
use crate::tools::Kubectl;
use crate::ui::{Task, count};

pub struct Step;

impl crate::engine::Step for Step {
    fn id(&self) -> &'static str {
        "secrets"
    }

    fn needs(&self) -> &'static [&'static str] {
        &["namespaces"]
    }

    fn probe(&self, cx: &Context) -> Result<State> {
        let (wanted, live) = look(cx, &super::kubectl(cx)?)?;
        let incomplete: Vec<&str> =
            wanted.iter().zip(&live).filter(|(w, l)| !w.is_complete(l.as_ref())).map(|(w, _)| w.name.as_str()).collect();
        Ok(if wanted.is_empty() {
            State::UpToDate("none to make: this environment has them from elsewhere".into())
        } else if incomplete.is_empty() {
            State::UpToDate(format!("{}, made once and kept", count(wanted.len(), "Secret")))
        } else if incomplete.len() == wanted.len() {
            State::Missing
        } else {
            State::Drifted { want: count(wanted.len(), "Secret"), have: format!("without {}", incomplete.join(", ")) }
        })
    }

    /// The values are made while applying and never shown; the call is the same with any values.
    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        let references: Vec<Value> = secrets::wanted(cx)?.iter().map(Wanted::reference).collect();
        Ok(vec![super::planned_kubectl(cx)?.apply_call(&references)?])
    }

    fn apply(&self, cx: &Context, _: &Task) -> Result<()> {
        let kubectl = super::kubectl(cx)?;
        let (wanted, live) = look(cx, &kubectl)?;
        kubectl.apply(&secrets::complete(cx, &wanted, &live)?)
    }
}

fn look(cx: &Context, kubectl: &Kubectl) -> Result<(Vec<Wanted>, Vec<Option<Value>>)> {
    let wanted = secrets::wanted(cx)?;
    let references: Vec<Value> = wanted.iter().map(Wanted::reference).collect();
    let live = kubectl.find_all(&references)?;
    Ok((wanted, live))
}
