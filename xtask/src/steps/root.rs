//! The root Application: from here on, Argo CD brings everything by itself.

use super::Difference;
use crate::argocd::{NAMESPACE, ROOT, applications, settings};
use crate::context::Context;
use crate::engine::State;
use crate::error::Result;
use crate::proc::Invocation;
use crate::tools::Reference;
use crate::ui::Task;

pub struct Step;

impl crate::engine::Step for Step {
    fn id(&self) -> &'static str {
        "root"
    }

    fn needs(&self) -> &'static [&'static str] {
        &["processes", "install", "secrets", "simulation", "istio"]
    }

    fn probe(&self, cx: &Context) -> Result<State> {
        let wanted = [settings::root(cx, &super::argocd::source(cx)?)?];
        let kubectl = super::kubectl(cx)?;
        let live = kubectl.find(&Reference { kind: applications::KIND, name: ROOT, namespace: NAMESPACE })?;
        if live.is_some_and(|root| root.pointer("/metadata/deletionTimestamp").is_some()) {
            // What it still takes with it would be missing afterwards, the Secrets of the shop among it.
            return Ok(State::Blocked {
                why: "an interrupted argocd-uninstall still deletes what was deployed".into(),
                hint: "let it finish, then begin anew: cargo xtask argocd-uninstall".into(),
            });
        }
        Ok(Difference::of(&kubectl, &wanted)?.state(1, "root-application follows the snapshot".into()))
    }

    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        Ok(vec![super::planned_kubectl(cx)?.apply_call(&[settings::root(cx, &super::argocd::followed(cx)?)?])?])
    }

    fn apply(&self, cx: &Context, _: &Task) -> Result<()> {
        super::kubectl(cx)?.apply(&[settings::root(cx, &super::argocd::source(cx)?)?])
    }
}
