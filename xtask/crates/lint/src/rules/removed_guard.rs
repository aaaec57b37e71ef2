//! What protects running pods is removed or loosened.
//!
//! ## What
//! A network or authorization policy, strict mutual TLS, a disruption budget or a security setting of a container goes or gets weaker,
//! while the pods that it is for stay.
//! ## Why
//! They are exposed without any sign of it: everything goes on working.
//! ## Bad
//! ```yaml before
//! apiVersion: networking.k8s.io/v1
//! kind: NetworkPolicy
//! metadata: {name: order}
//! spec: {podSelector: {matchLabels: {app: order}}, policyTypes: [Ingress]}
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: order}
//! spec: {template: {metadata: {labels: {app: order}}, spec: {containers: [{name: app, securityContext: {runAsNonRoot: true}}]}}}
//! ```
//! ```yaml after
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: order}
//! spec: {template: {metadata: {labels: {app: order}}, spec: {containers: [{name: app, securityContext: {privileged: true}}]}}}
//! ```
//! ## Good
//! Another policy takes the same pods, and the setting moves up to the pod.
//! ```yaml before
//! apiVersion: networking.k8s.io/v1
//! kind: NetworkPolicy
//! metadata: {name: order}
//! spec: {podSelector: {matchLabels: {app: order}}, policyTypes: [Ingress]}
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: order}
//! spec: {template: {metadata: {labels: {app: order}}, spec: {containers: [{name: app, securityContext: {runAsNonRoot: true}}]}}}
//! ```
//! ```yaml after
//! apiVersion: networking.k8s.io/v1
//! kind: NetworkPolicy
//! metadata: {name: default-deny}
//! spec: {podSelector: {}, policyTypes: [Ingress]}
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: order}
//! spec: {template: {metadata: {labels: {app: order}}, spec: {securityContext: {runAsNonRoot: true}, containers: [{name: app}]}}}
//! ```
//! ## Trap
//! The policy goes together with its pods.
//! ```yaml before
//! apiVersion: policy/v1
//! kind: PodDisruptionBudget
//! metadata: {name: order}
//! spec: {minAvailable: 1, selector: {matchLabels: {app: order}}}
//! ---
//! apiVersion: security.istio.io/v1
//! kind: AuthorizationPolicy
//! metadata: {name: order}
//! spec: {selector: {matchLabels: {app: order}}, action: ALLOW, rules: [{from: [{source: {namespaces: [shop]}}]}]}
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: order}
//! spec: {template: {metadata: {labels: {app: order}}}}
//! ```
//! ```yaml after
//! # the whole component is gone
//! ```
//! ## Fix
//! Put it back, or put something as strict in its place in the same change.

use serde_json::{Map, Value};
use gitops::comparison::{Change, Delta, Fate, Key, text};

use super::guards::{is_open, loosened_pods, loosened_policy};
use super::pods::{pod_labels, some, takes};
use super::{Findings, Meta, Severity};

pub struct Rule;

/// Guards, and where their selector of pods stands.
const GUARDS: &[(&str, &str)] = &[
    ("NetworkPolicy", "/spec/podSelector"),
    ("AuthorizationPolicy", "/spec/selector"),
    ("PeerAuthentication", "/spec/selector"),
    ("PodDisruptionBudget", "/spec/selector"),
];

const HELP: &str = "put it back, or put something as strict in its place in the same change";

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "removed-guard", severity: Severity::Warning }
    }

    fn change(&self, change: &Change<'_>, out: &mut Findings) {
        for delta in &change.deltas {
            let Some((_, selector)) = GUARDS.iter().find(|(kind, _)| *kind == delta.key.kind) else {
                if let Some((old, new)) = delta.both() {
                    let lost = loosened_pods(old, new);
                    if !lost.is_empty() {
                        out.delta(change, delta, format!("{} loses {}", delta.key.shown(), some(&lost))).help(HELP);
                    }
                }
                continue;
            };
            let Some(old) = delta.before.map(|object| &object.value) else { continue };
            let new = delta.after.map(|object| &object.value);
            if new.is_none() && !change.fate(delta).as_ref().is_some_and(Fate::is_deletion) {
                continue;
            }
            // Only what a guard kept closed can be opened.
            if is_open(old) {
                continue;
            }
            let bare = bare(change, delta, old, selector);
            let what = if new.is_some() { "is loosened" } else { "is removed" };
            if !bare.is_empty() {
                out.delta(change, delta, format!("{} {what}, and nothing as strict is left for {}", delta.key.shown(), some(&bare)))
                    .help(HELP);
            } else if let Some(how) = new.and_then(|new| loosened_policy(old, new)) {
                out.delta(change, delta, format!("{} is loosened: {how}", delta.key.shown())).help(HELP);
            }
        }
    }
}

/// Workloads that the guard was for, that are there after the change, and that no guard of this kind takes then.
fn bare(change: &Change<'_>, delta: &Delta<'_>, old: &Value, pointer: &str) -> Vec<String> {
    let near = |key: &Key<'_>| key.is_beside(&delta.key) && (key.namespace == delta.key.namespace || is_mesh_wide(delta));
    let workloads = change.new.iter().filter(|(key, _)| near(key));
    let workloads = workloads.filter_map(|(key, all)| Some((key, pod_labels(&all.first()?.1.value)?)));
    let selects = |object: &Value, labels: &Map<String, Value>| object.pointer(pointer).is_none_or(|selector| takes(selector, labels));
    let guards: Vec<(&Key<'_>, &Value)> = {
        let same =
            change.new.iter().filter(|(key, _)| key.kind == delta.key.kind && key.group == delta.key.group && key.is_beside(&delta.key));
        same.filter_map(|(key, all)| Some((key, &all.first()?.1.value))).filter(|(_, guard)| !is_open(guard)).collect()
    };
    let guarded = |key: &Key<'_>, labels: &Map<String, Value>| {
        let there = guards.iter().filter(|(at, _)| at.namespace == key.namespace || at.namespace == ROOT_NAMESPACE);
        there.filter(|(_, guard)| selects(guard, labels)).any(|(_, guard)| replaces(old, guard))
    };
    let bare = workloads.filter(|(key, labels)| selects(old, labels) && !guarded(key, labels));
    bare.map(|(key, _)| key.shown()).collect()
}

/// Where policies of the mesh are for every namespace.
const ROOT_NAMESPACE: &str = "istio-system";

fn is_mesh_wide(delta: &Delta<'_>) -> bool {
    delta.key.group == "security.istio.io" && delta.key.namespace == ROOT_NAMESPACE
}

/// Does the second guard keep closed what the first one did? Policies of one direction or action add up, so that any one of them
/// denies what none allows; of those that deny, each counts by itself.
fn replaces(old: &Value, new: &Value) -> bool {
    match text(old, "/kind") {
        "NetworkPolicy" => {
            let of = directions(new);
            directions(old).iter().all(|direction| of.contains(direction))
        }
        "AuthorizationPolicy" if text(old, "/spec/action") == "DENY" => {
            text(new, "/spec/action") == "DENY" && old.pointer("/spec/rules") == new.pointer("/spec/rules")
        }
        "AuthorizationPolicy" => text(old, "/spec/action") == text(new, "/spec/action"),
        _ => true,
    }
}

/// What a network policy is for. Source: the default of `policyTypes` in k8s.io/api.
fn directions(policy: &Value) -> Vec<String> {
    let written = policy.pointer("/spec/policyTypes").and_then(Value::as_array);
    let written = written.map(|list| list.iter().filter_map(Value::as_str).map(str::to_string).collect::<Vec<_>>());
    written.filter(|list| !list.is_empty()).unwrap_or_else(|| {
        let egress = policy.pointer("/spec/egress").is_some();
        std::iter::once("Ingress".to_string()).chain(egress.then(|| "Egress".to_string())).collect()
    })
}
