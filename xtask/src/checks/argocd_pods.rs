//! Argo CD as pods against a real API server: what the engine k3d applies, on a kwok cluster whose pods are simulated.
//!
//! It shows that the server accepts every object, that the settings are in force in the live ones, and that a second run
//! writes nothing. It shows nothing of images and of what Argo CD does in a pod.

use std::time::Instant;

use serde_json::{Value, json};

use super::{Verdict, expect};
use crate::argocd::settings::{self, Source};
use crate::argocd::{NAMESPACE, removal};
use crate::cluster::{Cluster as _, K3d, Kwok};
use crate::engine::State;
use crate::error::{Error, Result};
use crate::steps::install;
use crate::tools::{BRANCH, Helm, Kubectl, Reference};
use crate::trial::{Trial, writes_since};
use crate::ui::{count, seconds};

/// Argo CD as processes goes, Argo CD as pods comes and goes, Argo CD as processes comes back.
pub fn run(trial: &Trial, is_healthy: fn(&Trial) -> Result<usize>) -> Result<Verdict> {
    let uninstall = trial.run(&["argocd-uninstall", "--yes"])?.succeeded()?;
    let kubectl = trial.kubectl()?;
    nothing_is_left(trial, &kubectl)?;
    let pods = pods(trial, &kubectl)?;
    let helm = Helm::new(&trial.cx, Kwok.context_name(&trial.cx))?;
    let monitoring = super::operations::without_argocd(trial, &kubectl, &helm)?;
    let install = trial.run(&["argocd-install"])?.succeeded()?;
    trial.run(&["dev-init"])?.succeeded()?;
    let total = is_healthy(trial)?;
    Ok(Verdict::Passed(format!(
        "uninstalled in {}; {pods}; {monitoring}; installed again in {}, {} back",
        seconds(uninstall.took),
        seconds(install.took),
        count(total, "Application")
    )))
}

/// Neither Argo CD nor anything that came by it.
fn nothing_is_left(trial: &Trial, kubectl: &Kubectl) -> Result<()> {
    let shop = ["argocd", "ecommerce", "monitoring", "argo-rollouts", "kafka"];
    let namespaces = kubectl.list(&["namespaces"])?;
    let left = namespaces.iter().filter_map(|n| n.pointer("/metadata/name")?.as_str()).find(|n| shop.contains(n));
    expect(left.is_none(), format!("argocd-uninstall left the namespace {left:?}"))?;
    let running: Vec<String> = trial.processes().into_iter().map(|(name, _)| name).filter(|n| n.starts_with("argocd")).collect();
    expect(running.is_empty(), format!("argocd-uninstall left processes: {}", running.join(", ")))
}

fn pods(trial: &Trial, kubectl: &Kubectl) -> Result<String> {
    let source = Source { url: K3d.source_url(&trial.cx), revision: BRANCH.to_string() };
    let settings = settings::objects(&trial.cx, &source, settings::STAND_IN)?;
    let wanted = install::wanted(&trial.cx, &settings, &source)?.ok_or_else(|| Error::failed("the install manifest is not here"))?;
    kubectl.apply(&settings)?;
    let started = Instant::now();
    let task = trial.cx.ui.task("pods");
    install::bring(&trial.cx, kubectl, &wanted, &task)?;
    drop(task);
    let took = started.elapsed();
    in_force(kubectl, &source)?;

    let log = Kwok::audit_log(&trial.cx);
    let offset = std::fs::metadata(&log)?.len();
    let state = install::look(kubectl, &wanted)?;
    expect(matches!(state, State::UpToDate(_)), format!("after it was applied: {}", state.describe()))?;
    let task = trial.cx.ui.task("pods");
    install::bring(&trial.cx, kubectl, &wanted, &task)?;
    drop(task);
    let writes = writes_since(&log, offset)?;
    expect(writes.is_empty(), format!("a second run wrote to the cluster: {writes:?}"))?;

    removal::delete(kubectl, &wanted)?;
    let left = removal::remains(kubectl, &wanted)?;
    expect(left.is_empty(), format!("left after the removal: {left:?}"))?;
    let objects = kubectl.find_all(&wanted)?.into_iter().flatten().count();
    expect(objects == 0, format!("{objects} objects are left after the removal"))?;
    Ok(format!("{} as pods in {}, a second run wrote nothing", count(wanted.len(), "object"), seconds(took)))
}

/// The settings that a pod would meet, in the live objects.
fn in_force(kubectl: &Kubectl, source: &Source) -> Result<()> {
    let find = |kind: &str, name: &str| -> Result<Value> {
        let found = kubectl.find(&Reference { kind, name, namespace: NAMESPACE })?;
        found.ok_or_else(|| Error::failed(format!("there is no {kind} {name}")))
    };
    let is = |object: &Value, pointer: &str, wanted: &Value| {
        let have = object.pointer(pointer).unwrap_or(&Value::Null);
        expect(have == wanted, format!("{} {pointer} is {have}, wanted {wanted}", object["metadata"]["name"]))
    };
    let path = source.url.trim_start_matches("file://");
    let deployment = find("deployment", "argocd-repo-server")?;
    let list = |pointer: &str| deployment.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
    let volumes = list("/spec/template/spec/volumes");
    let mounts = list("/spec/template/spec/containers/0/volumeMounts");
    let volume = volumes.iter().find(|v| v.pointer("/hostPath/path").is_some_and(|p| p == path));
    let volume = volume.ok_or_else(|| Error::failed(format!("the repo-server has no volume of {path}")))?;
    let mounted = mounts.iter().any(|m| m["name"] == volume["name"] && m["mountPath"] == path && m["readOnly"] == true);
    expect(mounted, format!("the repo-server does not mount {path} read-only"))?;
    let trusted = mounts.iter().find(|m| m["mountPath"] == "/etc/gitconfig");
    let trusted = trusted.ok_or_else(|| Error::failed("the repo-server has no /etc/gitconfig"))?;
    let config = find("configmap", trusted["name"].as_str().unwrap_or_default())?;
    is(&config, "/data/gitconfig", &json!(format!("[safe]\n\tdirectory = {path}\n")))?;

    let params = find("configmap", "argocd-cmd-params-cm")?;
    is(&params, "/data/applicationsetcontroller.enable.progressive.syncs", &json!("true"))?;
    let secret = find("secret", "cluster-dev")?;
    is(&secret, "/metadata/annotations/c4ang.io~1repo-url", &json!(source.url))?;
    is(&secret, "/metadata/labels/c4ang.io~1engine", &json!(settings::STAND_IN))?;
    // The settings' own, and not what the manifest would put there.
    let theirs = find("configmap", "argocd-cm")?;
    is(&theirs, "/data/application.resourceTrackingMethod", &json!("annotation"))
}
