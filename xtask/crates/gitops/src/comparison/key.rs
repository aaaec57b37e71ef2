//! What makes an object that object on a cluster.

use serde_json::Value;

use super::{Deployed, text};
use crate::model::Object;

/// Desired objects with equal keys are one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key<'a> {
    pub environment: &'a str,
    pub destination: &'a str,
    pub kind: &'a str,
    pub group: &'a str,
    /// Empty for what belongs to the whole cluster.
    pub namespace: &'a str,
    pub name: &'a str,
}

/// Kinds without a namespace that charts usually carry. One that is not here and names no namespace is taken to live in that of
/// its Application: on both sides alike, so that nothing but the name that is shown depends on it.
const CLUSTER_SCOPED: &[&str] = &[
    "APIService",
    "CSIDriver",
    "ClusterAnalysisTemplate",
    "ClusterExternalSecret",
    "ClusterIssuer",
    "ClusterPolicy",
    "ClusterRole",
    "ClusterRoleBinding",
    "ClusterSecretStore",
    "CustomResourceDefinition",
    "GatewayClass",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "RuntimeClass",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttributesClass",
    "VolumeSnapshotClass",
];

/// Does this kind belong to the whole cluster, as far as is known here?
fn has_no_namespace(kind: &str) -> bool {
    CLUSTER_SCOPED.contains(&kind)
}

/// The key of an object of an Application.
pub fn key<'a>(deployed: &'a Deployed, object: &'a Object) -> Key<'a> {
    let value = &object.value;
    let kind = text(value, "/kind");
    let namespace = match text(value, "/metadata/namespace") {
        _ if has_no_namespace(kind) => "",
        "" => deployed.application.namespace(),
        namespace => namespace,
    };
    Key {
        environment: deployed.environment(),
        destination: deployed.destination(),
        kind,
        group: group(value),
        namespace,
        name: text(value, "/metadata/name"),
    }
}

/// The group of its API: versions of one kind are one object.
fn group(value: &Value) -> &str {
    text(value, "/apiVersion").split_once('/').map_or("", |(group, _)| group)
}

impl Key<'_> {
    /// `Deployment monitoring/grafana`.
    pub fn shown(&self) -> String {
        match self.namespace {
            "" => format!("{} {}", self.kind, self.name),
            namespace => format!("{} {namespace}/{}", self.kind, self.name),
        }
    }

    /// Are both on one cluster of one environment?
    pub fn is_beside(&self, other: &Key<'_>) -> bool {
        (self.environment, self.destination) == (other.environment, other.destination)
    }
}
