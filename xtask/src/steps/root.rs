//! The root Application: from here on, Argo CD brings everything by itself.

use super::Difference;
use crate::argocd::settings;
use crate::context::Context;
use crate::engine::State;
use crate::error::Result;
use crate::proc::Invocation;
use crate::ui::Task;

pub struct Step;

impl crate::engine::Step for Step {
    fn id(&self) -> &'static str {
        "root"
    }

    fn needs(&self) -> &'static [&'static str] {
        &["processes", "secrets", "simulation"]
    }

    fn probe(&self, cx: &Context) -> Result<State> {
        let wanted = [settings::root(cx, &super::argocd::source(cx)?)?];
        Ok(Difference::of(&super::kubectl(cx)?, &wanted)?.state(1, "root-application follows the snapshot".into()))
    }

    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        Ok(vec![super::planned_kubectl(cx)?.apply_call(&[settings::root(cx, &super::argocd::followed(cx)?)?])?])
    }

    fn apply(&self, cx: &Context, _: &Task) -> Result<()> {
        super::kubectl(cx)?.apply(&[settings::root(cx, &super::argocd::source(cx)?)?])
    }
}
