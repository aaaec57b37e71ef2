//! An Application is deleted and made again under another name, or by another ApplicationSet.
//!
//! ## What
//! A change of a generator, of the name of an ApplicationSet or of the template of names makes Argo CD delete one Application and
//! create another one for the same sources.
//! ## Why
//! With the finalizer everything below the old one is deleted first, claims included, and then made anew, empty. Without it the new
//! one adopts what is there.
//! ## Bad
//! ```yaml before
//! kind: Application
//! metadata:
//!   name: order
//!   finalizers: [resources-finalizer.argocd.argoproj.io]
//! spec:
//!   source: {repoURL: "https://git.example.com/shop.git", path: charts/order}
//!   destination: {server: "https://kubernetes.default.svc", namespace: shop}
//! ---
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: uploads}
//! ```
//! ```yaml after
//! kind: Application
//! metadata:
//!   name: order-prod
//!   finalizers: [resources-finalizer.argocd.argoproj.io]
//! spec:
//!   source: {repoURL: "https://git.example.com/shop.git", path: charts/order}
//!   destination: {server: "https://kubernetes.default.svc", namespace: shop}
//! ---
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: uploads}
//! ```
//! ## Good
//! The name stays, whatever else changes.
//! ```yaml before
//! kind: Application
//! metadata: {name: order, finalizers: [resources-finalizer.argocd.argoproj.io]}
//! spec:
//!   source: {repoURL: "https://git.example.com/shop.git", path: charts/order}
//!   destination: {server: "https://kubernetes.default.svc", namespace: shop}
//! ```
//! ```yaml after
//! kind: Application
//! metadata: {name: order, finalizers: [resources-finalizer.argocd.argoproj.io]}
//! spec:
//!   source: {repoURL: "https://git.example.com/shop.git", path: charts/orders}
//!   destination: {server: "https://kubernetes.default.svc", namespace: shop}
//! ```
//! ## Trap
//! One Application goes and another one comes, but they have nothing in common.
//! ```yaml before
//! kind: Application
//! metadata: {name: cart, finalizers: [resources-finalizer.argocd.argoproj.io]}
//! spec:
//!   source: {repoURL: "https://git.example.com/shop.git", path: charts/cart}
//!   destination: {server: "https://kubernetes.default.svc", namespace: shop}
//! ---
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: cart}
//! ```
//! ```yaml after
//! kind: Application
//! metadata: {name: wishlist, finalizers: [resources-finalizer.argocd.argoproj.io]}
//! spec:
//!   source: {repoURL: "https://git.example.com/shop.git", path: charts/wishlist}
//!   destination: {server: "https://kubernetes.default.svc", namespace: shop}
//! ---
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: wishlist}
//! ```
//! ## Fix
//! Keep the name, or first set `preserveResourcesOnDeletion: true`, wait until the finalizer is gone, and rename in a later change.

use std::collections::BTreeSet;

use serde_json::Value;
use gitops::comparison::{Change, Pair, cascades, key, text};

use super::pods::some;
use super::removed_stateful_object::holds_data;
use super::{Findings, Meta, Severity};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "recreated-application", severity: Severity::Error }
    }

    fn change(&self, change: &Change<'_>, out: &mut Findings) {
        for (gone, come) in recreations(change) {
            let (Some(old), Some(new)) = (change.pairs.get(gone), change.pairs.get(come)) else { continue };
            let Some(before) = old.before else { continue };
            let how = match (gone == come, &before.application.set) {
                (true, Some(set)) => format!("{} leaves the ApplicationSet {set}, is deleted and made again", old.name()),
                _ => format!("{} is deleted and made again as {}", old.name(), new.name()),
            };
            if cascades(&before.application.value) {
                let below = below(change, gone);
                out.pair(new, format!("{how}; {below}"))
                    .help("keep the name, or set preserveResourcesOnDeletion and wait until the finalizer is gone before you rename");
            } else {
                out.pair(new, format!("{how}; what it deployed stays, and the new one adopts it"))
                    .severity(Severity::Info)
                    .help("nothing to do if that is meant");
            }
        }
    }
}

/// What is deleted first, data apart.
fn below(change: &Change<'_>, gone: usize) -> String {
    let Some(before) = change.pairs.get(gone).and_then(|pair| pair.before) else { return String::new() };
    let keys: Vec<_> = before.objects().iter().map(|object| key(before, object)).collect();
    let data = change.deltas.iter().filter(|delta| delta.pair == gone && holds_data(delta)).map(|delta| delta.key.shown());
    let data: Vec<String> = data.collect();
    let all = gitops::words::count(keys.len(), "object");
    match data.as_slice() {
        [] if keys.is_empty() => "everything below it is deleted first".to_string(),
        [] => format!("{all} below it are deleted first"),
        data => format!("{all} below it are deleted first, with data: {}", some(data)),
    }
}

/// Indices of Applications that are deleted, each with that of the one made in its place; the same one twice if only its
/// ApplicationSet is another one.
pub(super) fn recreations(change: &Change<'_>) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut taken = BTreeSet::new();
    for (i, pair) in change.pairs.iter().enumerate() {
        match (pair.before, pair.after) {
            (Some(before), Some(after)) if before.application.set.is_some() && before.application.set != after.application.set => {
                found.push((i, i));
            }
            (Some(_), None) if !pair.unknown && change.application_stays(pair).is_none() => {
                let heirs = change.pairs.iter().enumerate().filter(|(_, other)| other.before.is_none() && !other.unknown);
                let heir = heirs.filter(|(j, _)| !taken.contains(j)).find(|(_, other)| is_heir(pair, other)).map(|(j, _)| j);
                if let Some(j) = heir {
                    taken.insert(j);
                    found.push((i, j));
                }
            }
            _ => {}
        }
    }
    found
}

/// Does the second one deploy, to the same place, the same sources, or most of the same objects?
fn is_heir(old: &Pair<'_>, new: &Pair<'_>) -> bool {
    let (Some(before), Some(after)) = (old.before, new.after) else { return false };
    if (before.environment(), before.destination()) != (after.environment(), after.destination()) {
        return false;
    }
    let sources = |value: &Value| -> Vec<(String, String, Value)> {
        let one = value.pointer("/spec/source").into_iter();
        let many = value.pointer("/spec/sources").and_then(Value::as_array).into_iter().flatten();
        let parts = one.chain(many).filter(|s| s.get("path").is_some() || s.get("chart").is_some());
        parts.map(|s| (text(s, "/path").to_string(), text(s, "/chart").to_string(), s["helm"]["valueFiles"].clone())).collect()
    };
    let (a, b) = (sources(&before.application.value), sources(&after.application.value));
    if !a.is_empty() && a == b && before.application.namespace() == after.application.namespace() {
        return true;
    }
    let mine: BTreeSet<_> = before.objects().iter().map(|object| key(before, object)).collect();
    let common = after.objects().iter().filter(|object| mine.contains(&key(after, object))).count();
    common > 0 && common * 2 >= mine.len()
}
