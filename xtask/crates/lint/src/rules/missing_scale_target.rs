//! An autoscaler without anything to scale.
//!
//! ## What
//! The target of a HorizontalPodAutoscaler, of a ScaledObject or of a VerticalPodAutoscaler is not rendered: another kind, version or
//! name.
//! ## Why
//! Nothing is ever scaled, and only an event of the autoscaler says so.
//! ## Bad
//! ```yaml objects
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: web-api}
//! spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "web:1.0.0"}]}}}
//! ---
//! apiVersion: autoscaling/v2
//! kind: HorizontalPodAutoscaler
//! metadata: {name: web}
//! spec:
//!   maxReplicas: 3
//!   scaleTargetRef:
//!     apiVersion: apps/v1
//!     kind: Deployment
//!     name: web # bad
//! ```
//! ## Good
//! ```yaml objects
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: web}
//! spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "web:1.0.0"}]}}}
//! ---
//! apiVersion: autoscaling/v2
//! kind: HorizontalPodAutoscaler
//! metadata: {name: web}
//! spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
//! ```
//! ## Trap
//! A Rollout is as good a target as a Deployment.
//! ```yaml objects
//! apiVersion: argoproj.io/v1alpha1
//! kind: Rollout
//! metadata: {name: web}
//! spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "web:1.0.0"}]}}}
//! ---
//! apiVersion: autoscaling/v2
//! kind: HorizontalPodAutoscaler
//! metadata: {name: web}
//! spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: web}}
//! ```
//! ## Fix
//! Name the workload with its kind and version as it is rendered.

use super::of_index::meant;
use super::{Findings, Meta, Severity};
use crate::index::object::text;
use crate::index::{Index, Obj, Scope};

pub struct Rule;

/// Autoscalers: group, kind, and where they name their target.
const AUTOSCALERS: [(&str, &str, &str); 3] = [
    ("autoscaling", "HorizontalPodAutoscaler", "/spec/scaleTargetRef"),
    ("keda.sh", "ScaledObject", "/spec/scaleTargetRef"),
    ("autoscaling.k8s.io", "VerticalPodAutoscaler", "/spec/targetRef"),
];

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "missing-scale-target", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for scope in &index.scopes {
            for (group, kind, pointer) in AUTOSCALERS {
                for scaler in scope.all(group, kind) {
                    target(index, scope, scaler, pointer, out);
                }
            }
        }
    }
}

fn target(index: &Index<'_>, scope: &Scope<'_>, scaler: &Obj<'_>, pointer: &str, out: &mut Findings) {
    let Some(wanted) = scaler.at(pointer) else { return };
    // KEDA scales a Deployment if nothing else is said.
    let or = |key: &str, default: &'static str| if text(wanted, key).is_empty() { default } else { text(wanted, key) };
    let (kind, api, name) = (or("kind", "Deployment"), or("apiVersion", "apps/v1"), text(wanted, "name"));
    let (group, version) = api.split_once('/').unwrap_or(("", api));
    let found = scope.get(group, kind, scaler.namespace, name);
    if found.is_some_and(|found| found.version == version) {
        return;
    }
    if let Some(found) = found {
        // The API server serves both, if it serves both.
        return out.unsure(scaler, format!("whether version {version} of {found} is served: it is rendered as {}", found.version));
    }
    if let Some(gap) = scope.gap() {
        return out.unsure(scaler, format!("whether its target {kind} {name} exists: {gap}"));
    }
    let others = scope.objects.iter().filter(|object| object.namespace == scaler.namespace);
    let same: Vec<&Obj<'_>> = others.filter(|object| object.at("/spec/replicas").is_some() || object.kind == kind || object.name == name).collect();
    let (field, hint) = match same.iter().find(|object| object.name == name && !super::of_index::is_part(object)) {
        Some(other) => ("apiVersion", format!("; {} {name} is rendered as {}", other.kind, text(other.value, "apiVersion"))),
        None => ("name", meant(name, same.iter().filter(|object| object.kind == kind).map(|object| object.name))),
    };
    let field = if hint.contains(" is rendered as ") && !text(wanted, "kind").is_empty() { "kind" } else { field };
    let message = format!("{scaler} scales {kind} {}/{name} of {api}, which is not rendered{hint}", scaler.namespace);
    out.on(index, scaler, &format!("{pointer}/{field}"), message).help("name the workload with its kind and version as it is rendered");
}
