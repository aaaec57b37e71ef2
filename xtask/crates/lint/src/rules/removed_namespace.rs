//! A Namespace leaves the desired state, and Argo CD deletes it.
//!
//! ## What
//! A Namespace is rendered no more, by itself or with its Application, and nothing keeps it.
//! ## Why
//! It takes everything in it along: claims, Secrets, what other Applications and people put there.
//! ## Bad
//! ```yaml before
//! apiVersion: v1
//! kind: Namespace
//! metadata: {name: shop}
//! ```
//! ```yaml after
//! # nothing is left
//! ```
//! ## Good
//! ```yaml before
//! apiVersion: v1
//! kind: Namespace
//! metadata: {name: shop, annotations: {argocd.argoproj.io/sync-options: Prune=false}}
//! ```
//! ```yaml after
//! # it stays on the cluster
//! ```
//! ## Trap
//! Another Application of the same cluster has it now.
//! ```yaml before
//! apiVersion: v1
//! kind: Namespace
//! metadata: {name: shop}
//! ```
//! ```yaml after
//! kind: Application
//! metadata: {name: shop}
//! spec: {destination: {server: "https://kubernetes.default.svc", namespace: shop}}
//! ---
//! kind: Application
//! metadata: {name: namespaces}
//! spec: {destination: {server: "https://kubernetes.default.svc", namespace: argocd}}
//! ---
//! apiVersion: v1
//! kind: Namespace
//! metadata: {name: shop}
//! ```
//! ## Fix
//! Keep it rendered, or mark it with `argocd.argoproj.io/sync-options: Prune=false,Delete=false` in a change before this one.

use gitops::comparison::{Change, Fate};

use super::{Findings, Meta, Severity};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "removed-namespace", severity: Severity::Error }
    }

    fn change(&self, change: &Change<'_>, out: &mut Findings) {
        for delta in change.deltas.iter().filter(|delta| delta.key.kind == "Namespace" && delta.key.group.is_empty()) {
            if change.fate(delta).as_ref().is_some_and(Fate::is_deletion) {
                let name = delta.key.name;
                out.delta(change, delta, format!("the Namespace {name} is removed, and everything in it goes along"))
                    .help("keep it with `argocd.argoproj.io/sync-options: Prune=false,Delete=false` in a change before this one");
            }
        }
    }
}
