//! A CustomResourceDefinition leaves the desired state, and Argo CD deletes it.
//!
//! ## What
//! A definition is rendered no more by an Application that prunes.
//! ## Why
//! The API server deletes every object of that kind with it, in all namespaces, whoever made it.
//! ## Bad
//! ```yaml before
//! apiVersion: apiextensions.k8s.io/v1
//! kind: CustomResourceDefinition
//! metadata: {name: carts.example.com}
//! spec: {group: example.com, names: {kind: Cart}}
//! ```
//! ```yaml after
//! # nothing is left
//! ```
//! ## Good
//! ```yaml before
//! apiVersion: apiextensions.k8s.io/v1
//! kind: CustomResourceDefinition
//! metadata: {name: carts.example.com, annotations: {argocd.argoproj.io/sync-options: Prune=false}}
//! spec: {group: example.com, names: {kind: Cart}}
//! ```
//! ```yaml after
//! # it stays on the cluster
//! ```
//! ## Trap
//! Another Application has it now. (And an Application that is deleted as a whole leaves its definitions alone.)
//! ```yaml before
//! apiVersion: apiextensions.k8s.io/v1
//! kind: CustomResourceDefinition
//! metadata: {name: carts.example.com}
//! spec: {group: example.com, names: {kind: Cart}}
//! ```
//! ```yaml after
//! kind: Application
//! metadata: {name: shop}
//! spec: {destination: {server: "https://kubernetes.default.svc", namespace: shop}}
//! ---
//! kind: Application
//! metadata: {name: definitions}
//! spec: {destination: {server: "https://kubernetes.default.svc", namespace: argocd}}
//! ---
//! apiVersion: apiextensions.k8s.io/v1
//! kind: CustomResourceDefinition
//! metadata: {name: carts.example.com}
//! spec: {group: example.com, names: {kind: Cart}}
//! ```
//! ## Fix
//! Keep it rendered until no object of the kind is left, or mark it with `argocd.argoproj.io/sync-options: Prune=false`.

use gitops::comparison::{Change, Fate, text};

use super::{Findings, Meta, Severity};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "removed-crd", severity: Severity::Error }
    }

    fn change(&self, change: &Change<'_>, out: &mut Findings) {
        for delta in change.deltas.iter().filter(|delta| delta.key.kind == "CustomResourceDefinition") {
            if !change.fate(delta).as_ref().is_some_and(Fate::is_deletion) {
                continue;
            }
            let kind = delta.value().map_or("", |value| text(value, "/spec/names/kind"));
            let (group, name) = (delta.value().map_or("", |value| text(value, "/spec/group")), delta.key.name);
            let used = change.new.keys().filter(|key| key.is_beside(&delta.key) && key.kind == kind && key.group == group).count();
            let all = if used > 0 { format!(" ({used} of them still rendered)") } else { String::new() };
            out.delta(change, delta, format!("the definition {name} is removed, and every {kind} of the cluster goes along{all}"))
                .help("keep it until no object of the kind is left, or mark it with `argocd.argoproj.io/sync-options: Prune=false`");
        }
    }
}
