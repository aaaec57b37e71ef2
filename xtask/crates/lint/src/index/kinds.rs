//! Kinds that a cluster has without anybody installing them, and those that objects install.

use std::collections::BTreeMap;

use super::object::{Obj, text};

/// API groups that every Kubernetes 1.2x and later serves (the group list of its OpenAPI document), or that are commonly served
/// by an aggregated API server which no manifest of an application brings.
const BUILT_IN: [&str; 24] = [
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "extensions",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "metrics.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];

/// Is this a group of Kubernetes itself?
pub fn is_built_in(group: &str) -> bool {
    BUILT_IN.contains(&group) || group == "storagemigration.k8s.io"
}

/// A kind that a CustomResourceDefinition installs.
#[derive(Clone, Debug)]
pub struct Definition<'a> {
    /// The definition, if it is an object of an Application.
    pub object: Option<Obj<'a>>,
    /// Served versions; empty if they are not known.
    pub served: Vec<&'a str>,
    pub is_namespaced: bool,
}

/// Group and kind of a definition, with what it serves.
pub fn of_definition<'a>(value: &'a serde_json::Value, object: Option<Obj<'a>>) -> Option<((&'a str, &'a str), Definition<'a>)> {
    let spec = value.get("spec")?;
    let names = spec.get("names")?;
    let versions = spec.get("versions").and_then(serde_json::Value::as_array);
    let served = versions.into_iter().flatten().filter(|version| version["served"] != false).map(|version| text(version, "name"));
    let definition = Definition { object, served: served.collect(), is_namespaced: text(spec, "scope") != "Cluster" };
    Some(((text(spec, "group"), text(names, "kind")), definition))
}

/// By group and kind.
pub type Definitions<'a> = BTreeMap<(&'a str, &'a str), Definition<'a>>;
