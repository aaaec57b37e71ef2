//! What several rules ask about workloads: their pods, their labels, which selector takes them.

use gitops::comparison::{Key, text};
use serde_json::{Map, Value};

/// Kinds that have pods made from a template at `/spec/template`.
const WORKLOADS: &[&str] = &["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout", "Job"];

pub fn is_workload(kind: &str) -> bool {
    WORKLOADS.contains(&kind)
}

/// The template of the pods that an object makes.
pub fn pod_template(object: &Value) -> Option<&Value> {
    match text(object, "/kind") {
        kind if is_workload(kind) => object.pointer("/spec/template"),
        "CronJob" => object.pointer("/spec/jobTemplate/spec/template"),
        "Pod" => Some(object),
        _ => None,
    }
}

/// The labels of the pods that an object makes.
pub fn pod_labels(object: &Value) -> Option<&Map<String, Value>> {
    pod_template(object)?.pointer("/metadata/labels")?.as_object()
}

/// Does a selector take these labels? A plain map, or one with `matchLabels` and `matchExpressions`. An empty one takes all.
pub fn takes(selector: &Value, labels: &Map<String, Value>) -> bool {
    let Some(map) = selector.as_object() else { return true };
    let structured = map.contains_key("matchLabels") || map.contains_key("matchExpressions");
    let plain = if structured { selector.get("matchLabels").and_then(Value::as_object) } else { Some(map) };
    let expressions = selector.get("matchExpressions").and_then(Value::as_array);
    plain.into_iter().flatten().all(|(key, value)| labels.get(key) == Some(value))
        && expressions.into_iter().flatten().all(|expression| holds(expression, labels))
}

fn holds(expression: &Value, labels: &Map<String, Value>) -> bool {
    let have = labels.get(text(expression, "/key"));
    let among = || expression["values"].as_array().is_some_and(|list| have.is_some_and(|have| list.contains(have)));
    match text(expression, "/operator") {
        "In" => among(),
        "NotIn" => !among(),
        "Exists" => have.is_some(),
        "DoesNotExist" => have.is_none(),
        _ => false,
    }
}

/// Containers and init containers with their names.
pub fn containers(object: &Value) -> Vec<(&str, &Value)> {
    let Some(spec) = pod_template(object).and_then(|template| template.get("spec")) else { return Vec::new() };
    let lists = ["containers", "initContainers"].into_iter().filter_map(|list| spec.get(list)?.as_array());
    lists.flatten().map(|container| (text(container, "/name"), container)).collect()
}

/// `kubectl … --namespace x`, as far as the object has one.
pub fn in_namespace(key: &Key<'_>) -> String {
    if key.namespace.is_empty() { String::new() } else { format!(" --namespace {}", key.namespace) }
}

/// At most five of them, and how many more there are.
pub fn some<S: AsRef<str>>(names: &[S]) -> String {
    let shown: Vec<&str> = names.iter().take(5).map(AsRef::as_ref).collect();
    let more = names.len().saturating_sub(shown.len());
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}
