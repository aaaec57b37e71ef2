//! The shop's namespaces, before Argo CD brings them itself: the dev Secrets have to stand somewhere.

use serde_json::Value;

use super::Difference;
use crate::context::Context;
use crate::engine::State;
use crate::error::Result;
use crate::proc::Invocation;
use crate::repo::yaml;
use crate::ui::{Task, count};

pub struct Step;

impl crate::engine::Step for Step {
    fn id(&self) -> &'static str {
        "namespaces"
    }

    fn needs(&self) -> &'static [&'static str] {
        &["cluster"]
    }

    fn probe(&self, cx: &Context) -> Result<State> {
        let wanted = wanted(cx)?;
        Ok(Difference::of(&super::kubectl(cx)?, &wanted)?.state(wanted.len(), count(wanted.len(), "namespace")))
    }

    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        Ok(vec![super::planned_kubectl(cx)?.apply_call(&wanted(cx)?)?])
    }

    fn apply(&self, cx: &Context, _: &Task) -> Result<()> {
        super::kubectl(cx)?.apply(&wanted(cx)?)
    }
}

/// The same file that wave −1 brings, so that the two never disagree.
fn wanted(cx: &Context) -> Result<Vec<Value>> {
    yaml::read_all(&cx.repo.argocd_dir().join("manifest/namespaces.yaml"))
}
