//! Argo CD as pods, from its pinned install manifest. Only for engines that run containers.

use std::time::Duration;

use serde_json::Value;

use super::Difference;
use crate::argocd::settings::Source;
use crate::argocd::{NAMESPACE, manifest, workloads};
use crate::context::Context;
use crate::engine::State;
use crate::error::{Error, Result};
use crate::proc::Invocation;
use crate::tools::Kubectl;
use crate::ui::{Task, count};

pub struct Step;

/// How long all pods together may take; most of it is the download of their images.
const UP_WITHIN: Duration = Duration::from_secs(300);

impl crate::engine::Step for Step {
    fn id(&self) -> &'static str {
        "install"
    }

    fn needs(&self) -> &'static [&'static str] {
        &["argocd", "cluster"]
    }

    fn probe(&self, cx: &Context) -> Result<State> {
        let Some(wanted) = wanted(cx, &super::argocd::wanted(cx)?, &super::argocd::source(cx)?)? else { return Ok(State::Missing) };
        look(&super::kubectl(cx)?, &wanted)
    }

    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        match wanted(cx, &super::argocd::wanted(cx)?, &super::argocd::followed(cx)?)? {
            Some(objects) => Ok(vec![super::planned_kubectl(cx)?.apply_call(&objects)?]),
            None => cx.provision.plan_artifacts(&[manifest::ARTIFACT]),
        }
    }

    fn apply(&self, cx: &Context, task: &Task) -> Result<()> {
        cx.provision.artifact(manifest::ARTIFACT)?;
        let wanted = wanted(cx, &super::argocd::wanted(cx)?, &super::argocd::source(cx)?)?;
        bring(cx, &super::kubectl(cx)?, &wanted.ok_or_else(|| Error::failed("the install manifest is gone again"))?, task)
    }
}

/// The objects of the manifest beside `settings`, for Argo CD that follows `source`; `None` when the manifest is not here yet.
pub fn wanted(cx: &Context, settings: &[Value], source: &Source) -> Result<Option<Vec<Value>>> {
    let Some(files) = cx.provision.look_artifact(manifest::ARTIFACT) else { return Ok(None) };
    let documents = files.iter().map(|f| manifest::read(f)).collect::<Result<Vec<_>>>()?.concat();
    manifest::objects(documents, settings, source).map(Some)
}

/// The objects that an installation of this environment consists of, for taking them away.
/// Errors: prerequisite, when the manifest is not here and nobody can give it; a plan does without.
pub fn installed(cx: &Context) -> Result<Vec<Value>> {
    if !cx.plan {
        cx.provision.artifact(manifest::ARTIFACT)?;
    }
    // The settings go with the namespace: here it does not matter whose an object is.
    Ok(wanted(cx, &[], &super::argocd::followed(cx)?)?.unwrap_or_default())
}

/// Compares, then looks whether the pods are up.
pub fn look(kubectl: &Kubectl, wanted: &[Value]) -> Result<State> {
    let pods = workloads::of(wanted);
    let fact = format!("{} of Argo CD, {} ready", count(wanted.len(), "object"), count(pods.len(), "workload"));
    Ok(match Difference::of(kubectl, wanted)?.state(wanted.len(), fact) {
        State::UpToDate(fact) => match workloads::look(kubectl, &pods, NAMESPACE)?.first() {
            Some(late) => State::NeedsRepair(late.clone()),
            None => State::UpToDate(fact),
        },
        other => other,
    })
}

/// Applies what differs and waits for the pods.
pub fn bring(cx: &Context, kubectl: &Kubectl, wanted: &[Value], task: &Task) -> Result<()> {
    task.update("applying the install manifest");
    kubectl.apply(&Difference::of(kubectl, wanted)?.objects)?;
    workloads::wait(cx, kubectl, &workloads::of(wanted), NAMESPACE, UP_WITHIN, task)
}
