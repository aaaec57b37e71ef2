//! A workload is scaled to nothing.
//!
//! ## What
//! Replicas, or the limits of an autoscaler, fall to zero.
//! ## Why
//! Nobody answers any more: an outage by edit, and Argo CD keeps it that way.
//! ## Bad
//! ```yaml before
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: order}
//! spec: {replicas: 2}
//! ```
//! ```yaml after
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: order}
//! spec: {replicas: 0}
//! ```
//! ## Good
//! ```yaml before
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: order}
//! spec: {replicas: 2}
//! ```
//! ```yaml after
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: order}
//! spec: {replicas: 1}
//! ```
//! ## Trap
//! Events bring it back, a Rollout runs its pods from now on, or its Application is declared to be parked.
//! ```yaml before
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: mailer}
//! spec: {replicas: 1}
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: order}
//! spec: {replicas: 2}
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: demo, annotations: {c4ang.io/parked: "false"}}
//! spec: {replicas: 2}
//! ```
//! ```yaml after
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: mailer}
//! spec: {replicas: 0}
//! ---
//! apiVersion: keda.sh/v1alpha1
//! kind: ScaledObject
//! metadata: {name: mailer}
//! spec: {scaleTargetRef: {name: mailer}, minReplicaCount: 0}
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: order}
//! spec: {replicas: 0}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Rollout
//! metadata: {name: order}
//! spec: {workloadRef: {apiVersion: apps/v1, kind: Deployment, name: order}, replicas: 2}
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: demo, annotations: {c4ang.io/parked: "true"}}
//! spec: {replicas: 0}
//! ```
//! ## Fix
//! Write the number that shall run; where nothing shall run, annotate the object or its Application with `c4ang.io/parked: "true"`.

use serde_json::Value;
use gitops::comparison::{Change, Delta, text};

use super::{Findings, Meta, Severity};

pub struct Rule;

/// Where numbers of pods stand, and what a field that is not written means. The lower limit of an autoscaler is one of its own.
const COUNTS: &[(&str, &str, i64)] = &[
    ("Deployment", "/spec/replicas", 1),
    ("StatefulSet", "/spec/replicas", 1),
    ("ReplicaSet", "/spec/replicas", 1),
    ("Rollout", "/spec/replicas", 1),
    ("KafkaNodePool", "/spec/replicas", 1),
    ("KafkaConnect", "/spec/replicas", 1),
    ("Prometheus", "/spec/replicas", 1),
    ("Alertmanager", "/spec/replicas", 1),
    ("HorizontalPodAutoscaler", "/spec/maxReplicas", 1),
    ("HorizontalPodAutoscaler", "/spec/minReplicas", 1),
    ("ScaledObject", "/spec/maxReplicaCount", 100),
];

/// The annotation that says that nothing shall run.
const PARKED: &str = "/metadata/annotations/c4ang.io~1parked";

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "zeroed-replicas", severity: Severity::Warning }
    }

    fn change(&self, change: &Change<'_>, out: &mut Findings) {
        for delta in &change.deltas {
            let Some((old, new)) = delta.both() else { continue };
            for (_, pointer, default) in COUNTS.iter().filter(|(kind, _, _)| *kind == delta.key.kind) {
                let count = |object: &Value| object.pointer(pointer).and_then(Value::as_i64).unwrap_or(*default);
                let (was, is) = (count(old), count(new));
                if was > 0 && is == 0 && !is_meant(change, delta, new) {
                    let field = pointer.rsplit('/').next().unwrap_or_default();
                    out.delta(change, delta, format!("{field} of {} falls from {was} to 0", delta.key.shown()))
                        .help("write the number that shall run, or annotate it with `c4ang.io/parked: \"true\"` if nothing shall");
                }
            }
        }
    }
}

/// Does something else bring pods, or does somebody say that there shall be none?
fn is_meant(change: &Change<'_>, delta: &Delta<'_>, new: &Value) -> bool {
    let application = change.pair(delta).and_then(|pair| pair.after).map(|d| &d.application.value);
    if [Some(new), application].into_iter().flatten().any(|value| text(value, PARKED) == "true") {
        return true;
    }
    // An autoscaler by events may begin with nothing.
    let metrics = new.pointer("/spec/metrics").and_then(Value::as_array);
    if metrics.is_some_and(|all| all.iter().any(|m| matches!(text(m, "/type"), "External" | "Object")))
        && text(new, "/kind") != "ScaledObject"
    {
        return new.pointer("/spec/maxReplicas").and_then(Value::as_i64) != Some(0);
    }
    let beside = change.new.iter().filter(|(key, _)| key.is_beside(&delta.key) && key.namespace == delta.key.namespace);
    beside.filter_map(|(key, all)| Some((key.kind, &all.first()?.1.value))).any(|(kind, other)| match kind {
        "ScaledObject" => text(other, "/spec/scaleTargetRef/name") == delta.key.name,
        "Rollout" => text(other, "/spec/workloadRef/name") == delta.key.name && text(other, "/spec/workloadRef/kind") == delta.key.kind,
        _ => false,
    })
}
