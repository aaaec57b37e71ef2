//! The Strimzi operator, from the manifest of its release. Only for engines that run containers; kwok simulates it.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::Difference;
use crate::argocd::workloads;
use crate::context::Context;
use crate::engine::State;
use crate::error::{Error, Result};
use crate::proc::Invocation;
use crate::provision::record_hint;
use crate::repo::yaml;
use crate::tools::Kubectl;
use crate::ui::{Task, count};

pub struct Step;

/// The manifest arrives as programs do: one file of a release, with a checksum.
pub const MANIFEST: &str = "strimzi-operator";

/// Where it runs, and the only namespace that it watches.
const NAMESPACE: &str = super::kafka::NAMESPACE;

/// Kinds of its manifest that are in no namespace.
const CLUSTER_WIDE: [&str; 2] = ["ClusterRole", "ClusterRoleBinding"];

/// How long the operator may take; most of it is the download of its image.
const UP_WITHIN: Duration = Duration::from_secs(300);

impl crate::engine::Step for Step {
    fn id(&self) -> &'static str {
        "strimzi"
    }

    fn needs(&self) -> &'static [&'static str] {
        &["crds", "namespaces"]
    }

    fn probe(&self, cx: &Context) -> Result<State> {
        if let Some(why) = cx.provision.obstacle(MANIFEST)? {
            return Ok(State::Blocked { why, hint: record_hint(MANIFEST) });
        }
        let Some(wanted) = wanted(cx)? else { return Ok(State::Missing) };
        look(&super::kubectl(cx)?, &wanted)
    }

    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        match wanted(cx)? {
            Some(objects) => Ok(vec![super::planned_kubectl(cx)?.apply_call(&objects)?]),
            None => cx.provision.plan(&[MANIFEST]),
        }
    }

    fn apply(&self, cx: &Context, task: &Task) -> Result<()> {
        cx.provision.tool(MANIFEST)?;
        let wanted = wanted(cx)?.ok_or_else(|| Error::failed("the operator's manifest is gone again"))?;
        let kubectl = super::kubectl(cx)?;
        kubectl.apply(&Difference::of(&kubectl, &wanted)?.objects)?;
        workloads::wait(cx, &kubectl, &deployments(&wanted), NAMESPACE, UP_WITHIN, task)
    }
}

/// Refuses to begin what could not be ended. Errors: prerequisite, when nobody can give the manifest, with what helps.
pub fn require(cx: &Context) -> Result<()> {
    match cx.provision.obstacle(MANIFEST)? {
        Some(why) => Err(Error::prerequisite(why).hint(record_hint(MANIFEST))),
        None => Ok(()),
    }
}

/// The objects of the operator, without its kinds; `None` when the manifest is not here.
pub fn wanted(cx: &Context) -> Result<Option<Vec<Value>>> {
    cx.provision.look(MANIFEST)?.map(|found| read(&found.path)).transpose()
}

fn read(manifest: &Path) -> Result<Vec<Value>> {
    Ok(yaml::read_all(manifest)?.into_iter().filter(|o| o["kind"] != "CustomResourceDefinition").map(settled).collect())
}

/// The object in our namespace: the manifest names one that everybody is told to replace.
fn settled(mut object: Value) -> Value {
    let cluster_wide = object["kind"].as_str().is_some_and(|kind| CLUSTER_WIDE.contains(&kind));
    if let Some(metadata) = object["metadata"].as_object_mut().filter(|_| !cluster_wide) {
        metadata.insert("namespace".into(), NAMESPACE.into());
    }
    for subject in object.get_mut("subjects").and_then(Value::as_array_mut).into_iter().flatten() {
        subject["namespace"] = NAMESPACE.into();
    }
    object
}

fn deployments(objects: &[Value]) -> Vec<Value> {
    objects.iter().filter(|o| o["kind"] == "Deployment").cloned().collect()
}

fn look(kubectl: &Kubectl, wanted: &[Value]) -> Result<State> {
    let state = Difference::of(kubectl, wanted)?.state(wanted.len(), count(wanted.len(), "object"));
    if !matches!(state, State::UpToDate(_)) {
        return Ok(state);
    }
    let late = workloads::look(kubectl, &deployments(wanted), NAMESPACE)?;
    Ok(late.first().map_or(state, |why| State::NeedsRepair(why.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_operator_is_moved_into_its_namespace_with_whoever_its_rights_are_for() {
        let binding = json!({
            "kind": "RoleBinding", "metadata": { "name": "a", "namespace": "myproject" },
            "subjects": [{ "kind": "ServiceAccount", "name": "strimzi-cluster-operator", "namespace": "myproject" }],
        });
        let moved = settled(binding);
        assert_eq!((&moved["metadata"]["namespace"], &moved["subjects"][0]["namespace"]), (&json!("kafka"), &json!("kafka")));
        let cluster_wide = settled(json!({ "kind": "ClusterRoleBinding", "metadata": { "name": "a" }, "subjects": [{}] }));
        assert_eq!(cluster_wide["metadata"].get("namespace"), None);
        assert_eq!(cluster_wide["subjects"][0]["namespace"], "kafka");
    }

    #[test]
    fn its_kinds_come_by_another_step() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("manifest.yaml");
        std::fs::write(&file, "kind: CustomResourceDefinition\nmetadata: {name: k}\n---\nkind: Deployment\nmetadata: {name: d}\n").unwrap();
        let objects = read(&file).unwrap();
        assert_eq!(objects.len(), 1);
        assert_eq!(deployments(&objects), objects);
    }
}
