//! What the kwok cluster stands in for: nodes, storage, and the controllers that do not run here.
//!
//! A Stage for a kind that does not exist ends the kwok process, so this comes after the kinds.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Difference;
use super::artifacts::Sets;
use crate::context::Context;
use crate::engine::State;
use crate::error::{Context as _, Error, Result};
use crate::objects::{holds, items};
use crate::proc::Invocation;
use crate::repo::environment::NodePool;
use crate::repo::{Environment, yaml};
use crate::tools::{Kubectl, Reference};
use crate::ui::{Task, count};

pub struct Step(pub Sets);

/// How long a new node may take to become Ready.
const READY_WITHIN: Duration = Duration::from_secs(30);

impl crate::engine::Step for Step {
    fn id(&self) -> &'static str {
        "simulation"
    }

    fn needs(&self) -> &'static [&'static str] {
        &["crds"]
    }

    fn probe(&self, cx: &Context) -> Result<State> {
        let wanted = wanted(cx, self.0)?;
        let nodes = Some(nodes(&wanted)).filter(|n| *n > 0).map(|n| format!(", {}", count(n, "node"))).unwrap_or_default();
        let fact = format!("{} of behaviour{nodes}", count(stages(&wanted), "stage"));
        Ok(difference(&super::kubectl(cx)?, &wanted)?.state(wanted.len(), fact))
    }

    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        Ok(vec![super::planned_kubectl(cx)?.apply_call(&wanted(cx, self.0)?)?])
    }

    fn apply(&self, cx: &Context, task: &Task) -> Result<()> {
        let kubectl = super::kubectl(cx)?;
        kubectl.apply(&difference(&kubectl, &wanted(cx, self.0)?)?.objects)?;
        task.update("waiting for a probe node to become Ready");
        prove(cx, &kubectl)
    }
}

/// What is missing or differs; taints that Kubernetes itself gives a node that is not ready yet do not count.
fn difference(kubectl: &Kubectl, wanted: &[Value]) -> Result<Difference> {
    let mut live = kubectl.find_all(wanted)?;
    live.iter_mut().flatten().for_each(forget_conditions);
    Ok(Difference::between(wanted, &live))
}

fn forget_conditions(object: &mut Value) {
    if let Some(taints) = object.pointer_mut("/spec/taints").and_then(Value::as_array_mut) {
        let passing = |taint: &Value| taint["key"].as_str().is_some_and(|key| key.starts_with("node.kubernetes.io/"));
        taints.retain(|taint| !passing(taint));
    }
}

/// What the environment provides, and the stages of `bootstrap/kwok`. For an add-on: the stages of its kinds.
fn wanted(cx: &Context, which: Sets) -> Result<Vec<Value>> {
    let whole = matches!(which, Sets::OfEnvironment);
    let mut wanted = if whole { provided(&cx.environment) } else { Vec::new() };
    let stages = cx.repo.bootstrap_dir().join("kwok/stages");
    let entries = std::fs::read_dir(&stages).with_context(|| format!("could not read {}", cx.repo.shown(&stages)))?;
    let mut files: Vec<_> = entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "yaml")).collect();
    files.sort();
    for file in files {
        wanted.extend(yaml::read_all(&file)?);
    }
    let served = super::crds::kinds(cx, which)?;
    wanted
        .retain(|object| behaves_for(object).is_none_or(|(group, kind)| (whole && is_built_in(&group)) || served.contains(&(group, kind))));
    Ok(wanted)
}

/// Classes, namespaces and nodes as the environment describes them: of each pool as many nodes as it may have.
fn provided(environment: &Environment) -> Vec<Value> {
    let provides = &environment.provides;
    let storage = provides.storage_classes.iter().map(|class| {
        json!({
            "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
            "metadata": {
                "name": class.name,
                "annotations": { "storageclass.kubernetes.io/is-default-class": class.default.to_string() },
            },
            "provisioner": class.provisioner,
            "reclaimPolicy": "Delete",
            // Required: with Immediate the scheduler rejects a claim without a volume.
            "volumeBindingMode": "WaitForFirstConsumer",
        })
    });
    // On a real cluster istiod makes it.
    let gateways = provides.gateway_classes.iter().map(|name| {
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass",
            "metadata": { "name": name },
            "spec": { "controllerName": "istio.io/gateway-controller" },
        })
    });
    let namespaces =
        provides.namespaces.iter().map(|name| json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } }));
    let region = environment.cluster.region.as_deref().unwrap_or("local");
    let nodes = provides.node_pools.iter().flat_map(|pool| (0..pool.max).map(move |i| node(pool, i, region)));
    storage.chain(gateways).chain(namespaces).chain(nodes).collect()
}

/// A node as a kubelet would register it. Without the labels of Kubernetes' own, ordinary manifests stay Pending.
fn node(pool: &NodePool, i: usize, region: &str) -> Value {
    let name = format!("{}-{}", pool.name, i + 1);
    let zone = pool.zones.get(i % pool.zones.len().max(1)).map_or(region, String::as_str);
    let mut labels = json!({
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "topology.kubernetes.io/region": region,
        "topology.kubernetes.io/zone": zone,
    });
    pool.labels.iter().for_each(|(key, value)| labels[key] = json!(value));
    let size = json!({
        "cpu": pool.allocatable.cpu,
        "memory": pool.allocatable.memory,
        "pods": pool.allocatable.pods.to_string(),
        "ephemeral-storage": "100Gi",
    });
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": { "name": name, "annotations": { "kwok.x-k8s.io/node": "fake" }, "labels": labels },
        "spec": { "taints": pool.taints },
        "status": { "capacity": size, "allocatable": size },
    })
}

/// The group and kind that a Stage simulates; `None` for another object.
fn behaves_for(object: &Value) -> Option<(String, String)> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    let group = text("/spec/resourceRef/apiGroup")?.split('/').next().unwrap_or_default();
    Some((group.to_string(), text("/spec/resourceRef/kind")?.to_string()))
}

/// Kubernetes' own groups have no dot, or end in k8s.io and come with the server.
fn is_built_in(group: &str) -> bool {
    !group.contains('.') || ["networking.k8s.io", "storage.k8s.io"].contains(&group)
}

fn stages(objects: &[Value]) -> usize {
    objects.iter().filter(|o| o["kind"] == "Stage").count()
}

fn nodes(objects: &[Value]) -> usize {
    objects.iter().filter(|o| o["kind"] == "Node").count()
}

/// Shows that the simulation works: a node that did not exist before becomes Ready. The kwok process can die seconds
/// after it reported success, so nothing else would tell.
fn prove(cx: &Context, kubectl: &Kubectl) -> Result<()> {
    let probe = Reference { kind: "node", name: "xtask-probe", namespace: "" };
    kubectl.delete(&probe)?;
    kubectl.apply(&[json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": { "name": probe.name, "annotations": { "kwok.x-k8s.io/node": "fake" } },
        "spec": { "unschedulable": true },
    })])?;
    let end = Instant::now() + READY_WITHIN;
    let result = loop {
        let node = kubectl.find(&probe)?;
        if node.is_some_and(|node| holds(items(&node, "/status/conditions"), "Ready")) {
            break Ok(());
        }
        if Instant::now() > end {
            let log = crate::cluster::Kwok::log_dir(cx).join("kwok-controller.log");
            break Err(Error::failed("kwok simulates nothing: a new node did not become Ready within 30 s")
                .hint(format!("read its log: {}", cx.repo.shown(&log))));
        }
        cx.runner.interrupt().sleep(Duration::from_millis(100))?;
    };
    kubectl.delete(&probe)?;
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_is_not_ready_yet_is_no_other_node() {
        let prod: Environment = yaml::parse(include_str!("../../../environments/prod/environment.yaml")).unwrap();
        let wanted = provided(&prod);
        let nodes: Vec<&Value> = wanted.iter().filter(|o| o["kind"] == "Node").collect();
        assert_eq!(nodes.len(), 15, "of each pool as many as it may have");
        let zones: Vec<&Value> = nodes[..3].iter().map(|n| &n["metadata"]["labels"]["topology.kubernetes.io/zone"]).collect();
        assert!(zones[0] != zones[1] && zones[1] != zones[2]);
        let mut live: Vec<Option<Value>> = wanted.iter().cloned().map(Some).collect();
        for node in live.iter_mut().flatten().filter(|o| o["kind"] == "Node") {
            let fresh = json!({ "key": "node.kubernetes.io/not-ready", "effect": "NoSchedule" });
            node["spec"]["taints"].as_array_mut().unwrap().push(fresh);
        }
        assert!(!Difference::between(&wanted, &live).objects.is_empty());
        live.iter_mut().flatten().for_each(forget_conditions);
        assert!(Difference::between(&wanted, &live).objects.is_empty());
    }
}
