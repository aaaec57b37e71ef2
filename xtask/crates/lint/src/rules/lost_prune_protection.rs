//! A mark that keeps an object, or its data, from being deleted is dropped.
//!
//! ## What
//! `Prune=false`, `Delete=false`, `helm.sh/resource-policy: keep`, a policy `Retain`, `preserveResourcesOnDeletion` or the lack of a
//! finalizer is there before the change and not after it.
//! ## Why
//! Nothing happens now. The next removal, perhaps by somebody else, deletes what was safe until then.
//! ## Bad
//! ```yaml before
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: uploads, annotations: {argocd.argoproj.io/sync-options: "Prune=false,Delete=false"}}
//! ---
//! apiVersion: storage.k8s.io/v1
//! kind: StorageClass
//! metadata: {name: fast, annotations: {argocd.argoproj.io/sync-options: Replace=true}}
//! reclaimPolicy: Retain
//! ```
//! ```yaml after
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: uploads}
//! ---
//! apiVersion: storage.k8s.io/v1
//! kind: StorageClass
//! metadata: {name: fast, annotations: {argocd.argoproj.io/sync-options: Replace=true}}
//! reclaimPolicy: Delete
//! ```
//! ## Good
//! ```yaml before
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: uploads, annotations: {argocd.argoproj.io/sync-options: Prune=false}}
//! ```
//! ```yaml after
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: uploads, annotations: {argocd.argoproj.io/sync-options: "Prune=confirm, ServerSideApply=true"}}
//! ```
//! ## Trap
//! The mark moves from the object to its Application, where it holds for every object.
//! ```yaml before
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: shop, annotations: {argocd.argoproj.io/sync-options: Prune=false}}
//! ```
//! ```yaml after
//! kind: Application
//! metadata: {name: shop, finalizers: [resources-finalizer.argocd.argoproj.io]}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: shop}
//!   syncPolicy: {automated: {prune: true}, syncOptions: [Prune=false]}
//! ---
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: shop}
//! ```
//! ## Fix
//! Put the mark back, or say in the change why it may go.

use std::collections::BTreeSet;

use serde_json::Value;
use gitops::comparison::{Change, Delta, cascades, option, text};

use super::{Findings, Meta, Severity};

pub struct Rule;

/// A policy by its place; `Retain` keeps the data.
const POLICIES: &[(&str, &str)] = &[
    ("PersistentVolume", "/spec/persistentVolumeReclaimPolicy"),
    ("StorageClass", "/reclaimPolicy"),
    ("StatefulSet", "/spec/persistentVolumeClaimRetentionPolicy/whenDeleted"),
    ("StatefulSet", "/spec/persistentVolumeClaimRetentionPolicy/whenScaled"),
    ("VolumeSnapshotClass", "/deletionPolicy"),
];

const HELP: &str = "put it back, or say in the change why it may go";

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "lost-prune-protection", severity: Severity::Error }
    }

    fn change(&self, change: &Change<'_>, out: &mut Findings) {
        for delta in &change.deltas {
            let lost = lost(change, delta);
            if !lost.is_empty() {
                out.delta(change, delta, format!("{} loses {}", delta.key.shown(), lost.join(", "))).help(HELP);
            }
        }
        let sets = lost_sets(change);
        for pair in &change.pairs {
            let (Some(before), Some(after)) = (pair.before, pair.after) else { continue };
            let own = before.application.set.as_deref().filter(|set| sets.contains(set));
            let (old, new) = (&before.application.value, &after.application.value);
            if own.is_none() && !cascades(old) && cascades(new) {
                let message = format!("{} gets a finalizer: when it goes, everything that it deploys goes along", pair.name());
                out.pair(pair, message).help(HELP);
            }
        }
        for set in sets {
            let pairs: Vec<_> =
                change.pairs.iter().filter(|p| p.after.is_some_and(|d| d.application.set.as_deref() == Some(set))).collect();
            if let Some(first) = pairs.first() {
                let all = gitops::words::count(pairs.len(), "Application");
                out.pair(first, format!("the ApplicationSet {set} loses preserveResourcesOnDeletion, for {all}")).help(HELP);
            }
        }
    }
}

/// The marks that an object has before the change and not after it.
fn lost(change: &Change<'_>, delta: &Delta<'_>) -> Vec<String> {
    let Some((old, new)) = delta.both() else { return Vec::new() };
    let Some(pair) = change.pair(delta) else { return Vec::new() };
    let (was, is) = (pair.before.map(|d| &d.application.value), pair.after.map(|d| &d.application.value));
    let keeps =
        |object: &Value, application: Option<&Value>, name: &str| matches!(option(object, application, name), Some("false" | "confirm"));
    let mut lost = Vec::new();
    for name in ["Prune", "Delete"] {
        if keeps(old, was, name) && !keeps(new, is, name) {
            lost.push(format!("`{name}=false`"));
        }
    }
    let annotation = |object: &Value| text(object, "/metadata/annotations/helm.sh~1resource-policy") == "keep";
    // Argo CD takes this one for `Delete=false`.
    if annotation(old) && !annotation(new) && !keeps(new, is, "Delete") {
        lost.push("`helm.sh/resource-policy: keep`".into());
    }
    for (kind, pointer) in POLICIES {
        let value = text(new, pointer);
        if delta.key.kind == *kind && text(old, pointer) == "Retain" && value != "Retain" && !(*kind == "StatefulSet" && value.is_empty()) {
            lost.push(format!("the policy Retain at `{}`", pointer.trim_start_matches('/').replace('/', ".")));
        }
    }
    let claim =
        |object: &Value| ["/spec/storage", "/spec/kafka/storage"].iter().find_map(|at| object.pointer(at)?.get("deleteClaim")?.as_bool());
    if matches!(delta.key.kind, "Kafka" | "KafkaNodePool") && claim(old) != Some(true) && claim(new) == Some(true) {
        lost.push("its claims: `deleteClaim` is true".into());
    }
    lost
}

/// ApplicationSets that preserve resources before the change and not after it.
fn lost_sets<'a>(change: &Change<'a>) -> BTreeSet<&'a str> {
    let preserves = |set: &Value| set.pointer("/spec/syncPolicy/preserveResourcesOnDeletion") == Some(&Value::Bool(true));
    let old = change.before.sets.iter().filter(|set| preserves(set));
    old.map(|set| text(set, "/metadata/name")).filter(|name| change.set_after(name).is_some_and(|set| !preserves(set))).collect()
}
