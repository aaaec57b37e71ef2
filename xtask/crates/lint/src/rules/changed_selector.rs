//! A selector no longer takes the pods that run.
//!
//! ## What
//! The selector of a Service, monitor, policy or disruption budget changes, or the labels of the pods under it do, so that the
//! selector does not take both the old and the new pods.
//! ## Why
//! While the pods are replaced, those of one kind are outside every selector: no endpoints, no metrics, no policy.
//! ## Bad
//! ```yaml before
//! apiVersion: v1
//! kind: Service
//! metadata: {name: order}
//! spec: {selector: {app: order}}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Rollout
//! metadata: {name: order}
//! spec: {template: {metadata: {labels: {app: order}}}}
//! ```
//! ```yaml after
//! apiVersion: v1
//! kind: Service
//! metadata: {name: order}
//! spec: {selector: {app: order-api}}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Rollout
//! metadata: {name: order}
//! spec: {template: {metadata: {labels: {app: order-api}}}}
//! ```
//! ## Good
//! A label that old and new pods have.
//! ```yaml before
//! apiVersion: v1
//! kind: Service
//! metadata: {name: order}
//! spec: {selector: {app: order, tier: api}}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Rollout
//! metadata: {name: order}
//! spec: {template: {metadata: {labels: {app: order, tier: api}}}}
//! ```
//! ```yaml after
//! apiVersion: v1
//! kind: Service
//! metadata: {name: order}
//! spec: {selector: {app: order}}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Rollout
//! metadata: {name: order}
//! spec: {template: {metadata: {labels: {app: order, version: two}}}}
//! ```
//! ## Trap
//! A Service without a selector has its endpoints written by hand, and an empty selector of a policy takes all pods.
//! ```yaml before
//! apiVersion: v1
//! kind: Service
//! metadata: {name: legacy}
//! spec: {ports: [{port: 80}]}
//! ---
//! apiVersion: networking.k8s.io/v1
//! kind: NetworkPolicy
//! metadata: {name: default-deny}
//! spec: {podSelector: {}, policyTypes: [Ingress]}
//! ---
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata: {name: agent}
//! spec: {template: {metadata: {labels: {app: agent}}}}
//! ```
//! ```yaml after
//! apiVersion: v1
//! kind: Service
//! metadata: {name: legacy}
//! spec: {ports: [{port: 8080}]}
//! ---
//! apiVersion: networking.k8s.io/v1
//! kind: NetworkPolicy
//! metadata: {name: default-deny}
//! spec: {podSelector: {}, policyTypes: [Ingress]}
//! ---
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata: {name: agent}
//! spec: {template: {metadata: {labels: {app: agent, tier: system}}}}
//! ```
//! ## Fix
//! Give the pods the new label first, beside the old one; change the selector when every pod has it; drop the old label last.

use serde_json::{Map, Value};
use gitops::comparison::{Change, Delta, Key, text};

use super::pods::{pod_labels, some, takes};
use super::{Findings, Meta, Severity};

pub struct Rule;

/// Kinds with a selector, where it stands, and what it selects: pods, or Services.
const SELECTORS: &[(&str, &str, &str)] = &[
    ("Service", "/spec/selector", "Pod"),
    ("NetworkPolicy", "/spec/podSelector", "Pod"),
    ("PodDisruptionBudget", "/spec/selector", "Pod"),
    ("PodMonitor", "/spec/selector", "Pod"),
    ("ServiceMonitor", "/spec/selector", "Service"),
    ("AuthorizationPolicy", "/spec/selector", "Pod"),
    ("PeerAuthentication", "/spec/selector", "Pod"),
    ("RequestAuthentication", "/spec/selector", "Pod"),
];

/// The selector of an object, and whether it selects Services instead of pods.
pub(super) fn selector<'a>(kind: &str, object: &'a Value) -> Option<(&'a Value, bool)> {
    let (_, pointer, what) = SELECTORS.iter().find(|(known, _, _)| *known == kind)?;
    let selector = object.pointer(pointer).filter(|selector| selector.is_object())?;
    // Of a Service an empty one selects nothing.
    (kind != "Service" || selector.as_object().is_some_and(|map| !map.is_empty())).then_some((selector, *what == "Service"))
}

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "changed-selector", severity: Severity::Error }
    }

    fn change(&self, change: &Change<'_>, out: &mut Findings) {
        // Objects whose labels differ: what selects them may be unchanged itself.
        let relabelled: Vec<&Delta<'_>> = change.deltas.iter().filter(|delta| relabels(delta)).collect();
        for (key, found) in &change.new {
            let Some((_, after)) = found.first() else { continue };
            let Some((_, before)) = change.old.get(key).and_then(|all| all.first()) else { continue };
            let own = change.deltas.iter().find(|delta| delta.key == *key && delta.after.is_some());
            if own.is_none() && relabelled.is_empty() {
                continue;
            }
            let (old, new) = (selector(key.kind, &before.value), selector(key.kind, &after.value));
            let (Some((old, services)), Some((new, _))) = (old, new) else { continue };
            let lost = lost(change, key, old, new, services, &relabelled);
            // Found at the selector if it changed, else at what it selected.
            let at = own.filter(|_| old != new).or(lost.first().map(|(delta, _)| *delta)).or(own);
            if let (Some(at), false) = (at, lost.is_empty()) {
                let names: Vec<&str> = lost.iter().map(|(_, name)| name.as_str()).collect();
                out.delta(change, at, format!("the selector of {} does not take both old and new of {}", key.shown(), some(&names)))
                    .help("give the pods the new label beside the old one first, and change the selector in a later change");
            } else if let (Some(own), true, true) = (own, old != new, nothing_known(change, key, old, services)) {
                out.undecided(own, "its selector changes, and what it selects is not rendered here");
            }
        }
    }
}

/// Labels of what a selector looks at.
fn labels(object: &Value, services: bool) -> Option<&Map<String, Value>> {
    match (services, text(object, "/kind")) {
        (true, "Service") => object.pointer("/metadata/labels")?.as_object(),
        (true, _) => None,
        (false, _) => pod_labels(object),
    }
}

fn relabels(delta: &Delta<'_>) -> bool {
    let Some((old, new)) = delta.both() else { return false };
    [true, false].iter().any(|services| labels(old, *services) != labels(new, *services))
}

/// Objects that the old selector takes as they were and the new one does not take both as they were and as they are.
///
/// Objects that are the same on both sides count too where the selector is another one.
fn lost<'a, 'c>(
    change: &'c Change<'a>,
    key: &Key<'_>,
    old: &Value,
    new: &Value,
    services: bool,
    relabelled: &[&'c Delta<'a>],
) -> Vec<(&'c Delta<'a>, String)> {
    let near = |other: &Key<'_>| other.is_beside(key) && other.namespace == key.namespace;
    let mut lost: Vec<(&Delta<'a>, String)> = Vec::new();
    for delta in relabelled.iter().filter(|delta| near(&delta.key)) {
        let Some((was, is)) = delta.both().and_then(|(a, b)| Some((labels(a, services)?, labels(b, services)?))) else { continue };
        // A monitor finds Services anew at once: only what it takes in the end counts.
        if takes(old, was) && !(takes(new, is) && (services || takes(new, was))) {
            lost.push((delta, delta.key.shown()));
        }
    }
    if old != new && lost.is_empty() {
        let Some(own) = change.deltas.iter().find(|delta| delta.key == *key && delta.after.is_some()) else { return lost };
        let same = change.new.iter().filter(|(other, _)| near(other) && !relabelled.iter().any(|delta| delta.key == **other));
        for (other, found) in same {
            let Some((_, object)) = found.first().filter(|_| change.old.contains_key(other)) else { continue };
            if labels(&object.value, services).is_some_and(|labels| takes(old, labels) && !takes(new, labels)) {
                lost.push((own, other.shown()));
            }
        }
    }
    lost
}

/// Is nothing rendered that the selector took, although there may be something?
fn nothing_known(change: &Change<'_>, key: &Key<'_>, old: &Value, services: bool) -> bool {
    let near = change.old.iter().filter(|(other, _)| other.is_beside(key) && other.namespace == key.namespace);
    let taken = near.filter_map(|(_, all)| labels(&all.first()?.1.value, services)).any(|labels| takes(old, labels));
    !taken && !change.knows_all(key)
}
