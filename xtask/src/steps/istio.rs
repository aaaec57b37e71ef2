//! Istio's control plane, by its own program. Only for engines that run containers.

use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Difference;
use crate::argocd::workloads;
use crate::context::Context;
use crate::engine::State;
use crate::error::{Context as _, Error, Result};
use crate::proc::Invocation;
use crate::provision::record_hint;
use crate::tools::Reference;
use crate::ui::Task;

pub struct Step;

pub const TOOL: &str = "istioctl";
pub const NAMESPACE: &str = "istio-system";
const ISTIOD: Reference<'static> = Reference { kind: "deployment", name: "istiod", namespace: NAMESPACE };

/// What was installed, on the namespace: version and checksum of the description. It is written last, so an interrupted
/// installation is begun again.
const ANNOTATION: &str = "c4ang.io/istio";

/// How long istiod may take; most of it is the download of its image.
const UP_WITHIN: Duration = Duration::from_secs(300);

impl crate::engine::Step for Step {
    fn id(&self) -> &'static str {
        "istio"
    }

    fn needs(&self) -> &'static [&'static str] {
        &["crds", "cluster"]
    }

    fn probe(&self, cx: &Context) -> Result<State> {
        let kubectl = super::kubectl(cx)?;
        let version = version(cx)?;
        let found = kubectl.find(&ISTIOD)?;
        let mark = Difference::of(&kubectl, &[mark(cx)?])?;
        let state = judge(found.as_ref(), &version, mark.objects.is_empty());
        if matches!(state, State::UpToDate(_)) {
            return Ok(state);
        }
        // Asked only where it is needed: an Istio that is there does not need its program.
        Ok(match cx.provision.obstacle(TOOL)? {
            Some(why) => State::Blocked { why, hint: record_hint(TOOL) },
            None => state,
        })
    }

    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        let mut calls = cx.provision.plan(&[TOOL])?;
        let found = cx.provision.look(TOOL)?;
        calls.push(install(cx, found.map_or_else(|| TOOL.into(), |f| f.path))?);
        calls.push(super::planned_kubectl(cx)?.apply_call(&[mark(cx)?])?);
        Ok(calls)
    }

    fn apply(&self, cx: &Context, task: &Task) -> Result<()> {
        let program = cx.provision.tool(TOOL)?;
        task.update("istioctl brings istiod and waits for it");
        cx.runner.run(&install(cx, program)?).map_err(Error::from).context("Istio's control plane did not come up")?;
        super::kubectl(cx)?.apply(&[mark(cx)?])
    }
}

fn version(cx: &Context) -> Result<String> {
    let tool = cx.provision.tools().iter().find(|t| t.name == TOOL);
    tool.map(|t| t.version.to_string()).ok_or_else(|| Error::failed(format!("tools.toml does not name {TOOL}")))
}

fn description(cx: &Context) -> std::path::PathBuf {
    cx.repo.bootstrap_dir().join("istio.yaml")
}

fn install(cx: &Context, program: std::path::PathBuf) -> Result<Invocation> {
    let context = crate::cluster::of(cx)?.context_name(cx);
    Ok(Invocation::writes(program)
        .arg("install")
        .arg("--kubeconfig")
        .arg(cx.kubeconfig())
        .args(["--context", &context, "--filename"])
        .arg(description(cx))
        .args(["--readiness-timeout", &format!("{}s", UP_WITHIN.as_secs()), "--skip-confirmation"])
        .unset("KUBECONFIG")
        .timeout(UP_WITHIN + Duration::from_secs(60)))
}

/// The call that deletes everything that istioctl installed. Its namespace stays (1.31).
pub fn purge_call(cx: &Context, program: std::path::PathBuf) -> Result<Invocation> {
    let context = crate::cluster::of(cx)?.context_name(cx);
    let call = Invocation::writes(program).args(["uninstall", "--purge", "--skip-confirmation", "--kubeconfig"]).arg(cx.kubeconfig());
    Ok(call.args(["--context", &context]).unset("KUBECONFIG").timeout(UP_WITHIN))
}

/// The namespace by itself, as far as it takes to delete it.
pub fn namespace() -> Value {
    json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } })
}

/// The namespace with what was installed into it.
fn mark(cx: &Context) -> Result<Value> {
    let path = description(cx);
    let bytes = std::fs::read(&path).with_context(|| format!("could not read {}", cx.repo.shown(&path)))?;
    let sum: String = Sha256::digest(&bytes).iter().take(6).map(|b| format!("{b:02x}")).collect();
    Ok(json!({
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": { "name": NAMESPACE, "annotations": { ANNOTATION: format!("{}-{sum}", version(cx)?) } },
    }))
}

/// The state of istiod: its image, its pods, and whether it was installed as described now.
fn judge(istiod: Option<&Value>, version: &str, as_described: bool) -> State {
    let Some(istiod) = istiod else { return State::Missing };
    let image = istiod.pointer("/spec/template/spec/containers/0/image").and_then(Value::as_str).unwrap_or_default();
    let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
    // `1.31.1-distroless` is that version too.
    if tag != version && !tag.starts_with(&format!("{version}-")) {
        return State::Drifted { want: version.into(), have: format!("istiod {tag}") };
    }
    if !as_described {
        return State::Drifted { want: "bootstrap/istio.yaml".into(), have: "another description".into() };
    }
    if !workloads::is_ready(istiod) {
        return State::NeedsRepair("istiod is not ready".into());
    }
    State::UpToDate(format!("istiod {version}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn istiod(image: &str, ready: i64) -> Value {
        json!({"spec": {"template": {"spec": {"containers": [{"image": image}]}}}, "status": {"readyReplicas": ready, "updatedReplicas": 1}})
    }

    #[test]
    fn up_to_date_means_the_version_the_description_and_the_pods() {
        let image = "docker.io/istio/pilot:1.31.1-distroless";
        assert_eq!(judge(None, "1.31.1", true), State::Missing);
        assert!(matches!(judge(Some(&istiod(image, 1)), "1.31.1", true), State::UpToDate(_)));
        assert!(matches!(judge(Some(&istiod(image, 0)), "1.31.1", true), State::NeedsRepair(_)));
        assert!(matches!(judge(Some(&istiod(image, 1)), "1.31.1", false), State::Drifted { .. }));
        assert!(matches!(judge(Some(&istiod(image, 1)), "1.31.10", true), State::Drifted { .. }));
        assert!(matches!(judge(Some(&istiod("docker.io/istio/pilot:1.31.10", 1)), "1.31.1", true), State::Drifted { .. }));
    }
}
