//! A field changes that the API server refuses to change.
//!
//! ## What
//! The selector of a workload, most of a StatefulSet, the spec of a claim, the template of a Job, the role of a binding, the address
//! of a Service, the parameters of a storage class and what else is written once.
//! ## Why
//! The sync fails, again and again, until somebody deletes the object by hand.
//! ## Bad
//! ```yaml before
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata: {name: order-db}
//! spec: {serviceName: order-db, replicas: 1}
//! ```
//! ```yaml after
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata: {name: order-db}
//! spec: {serviceName: order-db-headless, replicas: 1}
//! ```
//! ## Good
//! What may change: replicas, the template, the update strategy, how long claims are kept.
//! ```yaml before
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata: {name: order-db}
//! spec: {serviceName: order-db, replicas: 1, volumeClaimTemplates: [{metadata: {name: data}, spec: {resources: {requests: {storage: 1Gi}}}}]}
//! ```
//! ```yaml after
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata: {name: order-db}
//! spec:
//!   serviceName: order-db
//!   replicas: 2
//!   minReadySeconds: 10
//!   podManagementPolicy: OrderedReady
//!   volumeClaimTemplates:
//!     - {metadata: {name: data}, spec: {volumeMode: Filesystem, resources: {requests: {storage: 1024Mi}}}}
//! ```
//! ## Trap
//! Hooks are deleted before they are made again, `Replace=true` replaces, and a claim may grow.
//! ```yaml before
//! apiVersion: batch/v1
//! kind: Job
//! metadata: {name: migrate, annotations: {argocd.argoproj.io/hook: PreSync}}
//! spec: {template: {spec: {containers: [{name: app, image: "shop/app:1.0"}]}}}
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: app, annotations: {argocd.argoproj.io/sync-options: "Force=true,Replace=true"}}
//! spec: {selector: {matchLabels: {app: app}}, template: {metadata: {labels: {app: app, tier: web}}}}
//! ---
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: uploads}
//! spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
//! ```
//! ```yaml after
//! apiVersion: batch/v1
//! kind: Job
//! metadata: {name: migrate, annotations: {argocd.argoproj.io/hook: PreSync}}
//! spec: {template: {spec: {containers: [{name: app, image: "shop/app:1.1"}]}}}
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: app, annotations: {argocd.argoproj.io/sync-options: "Force=true,Replace=true"}}
//! spec: {selector: {matchLabels: {app: app, tier: web}}, template: {metadata: {labels: {app: app, tier: web}}}}
//! ---
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: uploads}
//! spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
//! ```
//! ## Fix
//! Give the object another name, or delete it by hand before the sync: without its pods and claims where they shall stay.

use serde_json::{Value, json};
use gitops::comparison::{Change, Delta, is_hook, option, text};

use super::pods::in_namespace;
use super::shrunk_volume::claims_without_size;
use super::{Findings, Meta, Severity};

pub struct Rule;

/// Where fields stand, with what they mean when they are not written.
type Fields = &'static [(&'static str, &'static str)];

/// Fields that are written once, by group and kind, with the value that a field which is not written has.
///
/// Source: the validation of updates in k8s.io/kubernetes 1.36.
const FIELDS: &[(&str, &str, Fields)] = &[
    ("apps", "Deployment", &[("/spec/selector", "")]),
    ("apps", "DaemonSet", &[("/spec/selector", "")]),
    ("apps", "ReplicaSet", &[("/spec/selector", "")]),
    ("apps", "StatefulSet", &[("/spec/selector", ""), ("/spec/serviceName", ""), ("/spec/podManagementPolicy", "OrderedReady")]),
    (
        "",
        "PersistentVolumeClaim",
        &[
            ("/spec/accessModes", ""),
            ("/spec/volumeMode", "Filesystem"),
            ("/spec/volumeName", ""),
            ("/spec/selector", ""),
            ("/spec/dataSource", ""),
        ],
    ),
    ("batch", "Job", &[("/spec/template", ""), ("/spec/selector", ""), ("/spec/completionMode", "NonIndexed")]),
    ("rbac.authorization.k8s.io", "RoleBinding", &[("/roleRef", "")]),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", &[("/roleRef", "")]),
    (
        "storage.k8s.io",
        "StorageClass",
        &[("/provisioner", ""), ("/parameters", ""), ("/reclaimPolicy", "Delete"), ("/volumeBindingMode", "Immediate")],
    ),
    ("scheduling.k8s.io", "PriorityClass", &[("/value", ""), ("/preemptionPolicy", "PreemptLowerPriority")]),
    ("node.k8s.io", "RuntimeClass", &[("/handler", "")]),
    ("networking.k8s.io", "IngressClass", &[("/spec/controller", "")]),
    ("apiextensions.k8s.io", "CustomResourceDefinition", &[("/spec/scope", ""), ("/spec/group", "")]),
];

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "immutable-field-change", severity: Severity::Error }
    }

    fn change(&self, change: &Change<'_>, out: &mut Findings) {
        for delta in &change.deltas {
            let (Some((old, new)), Some(pair)) = (delta.both(), change.pair(delta)) else { continue };
            let application = pair.after.map(|d| &d.application.value);
            let replaced = ["Replace", "Force"].iter().any(|name| option(new, application, name) == Some("true"));
            // A finished Job with a time to live is gone by itself.
            if replaced || is_hook(new) || old.pointer("/spec/ttlSecondsAfterFinished").is_some() && delta.key.kind == "Job" {
                continue;
            }
            let changed = changed(delta, old, new);
            if !changed.is_empty() {
                out.delta(change, delta, format!("{} of {} cannot be changed", changed.join(", "), delta.key.shown()))
                    .help(procedure(delta));
            }
            if delta.key.kind == "PersistentVolumeClaim" {
                class(delta, old, new, out);
            }
        }
    }
}

fn changed(delta: &Delta<'_>, old: &Value, new: &Value) -> Vec<String> {
    let is_its = |entry: &&(&str, &str, _)| (entry.0, entry.1) == (delta.key.group, delta.key.kind);
    let fields = FIELDS.iter().find(is_its).map_or(&[][..], |entry| entry.2);
    let differs = |(pointer, default): &&(&str, &str)| written(old, pointer, default) != written(new, pointer, default);
    let mut changed: Vec<String> = fields.iter().filter(differs).map(|(pointer, _)| name(pointer)).collect();
    let (was, is) = (|at: &str| text(old, at), |at: &str| text(new, at));
    match delta.key.kind {
        // A smaller size is said by a rule of its own.
        "StatefulSet" if delta.key.group == "apps" && claims_differ(old, new) => changed.push(name("/spec/volumeClaimTemplates")),
        "PersistentVolumeClaim"
            if !was("/spec/storageClassName").is_empty() && was("/spec/storageClassName") != is("/spec/storageClassName") =>
        {
            changed.push(name("/spec/storageClassName"));
        }
        "Service"
            if delta.key.group.is_empty()
                && [old, new].iter().all(|o| text(o, "/spec/type") != "ExternalName")
                && was("/spec/clusterIP") != is("/spec/clusterIP") =>
        {
            changed.push(name("/spec/clusterIP"));
        }
        "ConfigMap" | "Secret" if old["immutable"] == Value::Bool(true) => {
            let parts = ["data", "binaryData", "stringData", "immutable"];
            changed.extend(parts.iter().filter(|part| old.get(**part) != new.get(**part)).map(|part| format!("`{part}`")));
        }
        _ => {}
    }
    changed
}

/// Do templates of claims differ by more than their sizes, or by a size that grows?
fn claims_differ(old: &Value, new: &Value) -> bool {
    let templates = |object: &Value| object.pointer("/spec/volumeClaimTemplates").cloned().unwrap_or_else(|| json!([]));
    claims_without_size(&templates(old), &templates(new))
}

fn written(object: &Value, pointer: &str, default: &str) -> Option<Value> {
    let value = object.pointer(pointer).filter(|value| !value.is_null()).cloned();
    value.or_else(|| (!default.is_empty()).then(|| Value::String(default.to_string())))
}

/// `/spec/serviceName` as people write it.
fn name(pointer: &str) -> String {
    format!("`{}`", pointer.trim_start_matches('/').replace('/', "."))
}

/// A claim that names a class for the first time has that of the cluster by now, whichever it is.
fn class(delta: &Delta<'_>, old: &Value, new: &Value, out: &mut Findings) {
    let class = text(new, "/spec/storageClassName");
    if text(old, "/spec/storageClassName").is_empty() && !class.is_empty() {
        out.undecided(delta, format!("it has the cluster's default storage class; whether that is `{class}`, no file says"));
    }
}

fn procedure(delta: &Delta<'_>) -> String {
    let (kind, name) = (delta.key.kind.to_lowercase(), delta.key.name);
    let namespace = in_namespace(&delta.key);
    let orphan = if matches!(delta.key.kind, "StatefulSet" | "Deployment" | "DaemonSet" | "ReplicaSet") { " --cascade=orphan" } else { "" };
    match delta.key.kind {
        "PersistentVolumeClaim" => format!("make a claim of another name, copy the data, and remove {name} in a later change"),
        "CustomResourceDefinition" => "give the kind another name; deleting the definition deletes every object of it".into(),
        _ => format!("give it another name, or make it anew: kubectl delete {kind} {name}{namespace}{orphan}, then sync"),
    }
}
