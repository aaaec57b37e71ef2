//! A Secret that nothing consumes.
//!
//! ## What
//! A Secret that is rendered, or made for an ExternalSecret or SealedSecret, is named by no pod, ServiceAccount, Ingress, Gateway or
//! any other text of an object of its cluster.
//! ## Why
//! A credential is kept alive for nothing, or the consumer that it was meant for was forgotten.
//! ## Bad
//! ```yaml objects
//! apiVersion: external-secrets.io/v1
//! kind: ExternalSecret
//! metadata:
//!   name: order-cache # bad
//! spec: {secretStoreRef: {name: aws}, data: [{secretKey: password, remoteRef: {key: cache}}]}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: order}
//! spec: {containers: [{name: order, image: "order:1.0.0"}]}
//! ```
//! ## Good
//! ```yaml objects
//! apiVersion: external-secrets.io/v1
//! kind: ExternalSecret
//! metadata: {name: order-cache}
//! spec: {secretStoreRef: {name: aws}, data: [{secretKey: password, remoteRef: {key: cache}}]}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: order}
//! spec:
//!   containers: [{name: order, image: "order:1.0.0", envFrom: [{secretRef: {name: order-cache}}]}]
//! ```
//! ## Trap
//! Secrets are also found by their labels and types, and by their names in whatever text.
//! ```yaml objects
//! apiVersion: v1
//! kind: Secret
//! metadata: {name: repository, labels: {argocd.argoproj.io/secret-type: repository}}
//! stringData: {url: "https://git.shop.example/infra.git"}
//! ---
//! apiVersion: v1
//! kind: Secret
//! metadata: {name: registry}
//! type: kubernetes.io/dockerconfigjson
//! data: {.dockerconfigjson: e30K}
//! ---
//! apiVersion: external-secrets.io/v1
//! kind: ExternalSecret
//! metadata: {name: connect-db}
//! spec: {secretStoreRef: {name: aws}, data: [{secretKey: user, remoteRef: {key: connect}}]}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: connector}
//! spec: {containers: [{name: connector, image: "connector:1.0.0", args: ["user=${secrets:shop/connect-db:user}"]}]}
//! ```
//! ## Fix
//! Remove the Secret, or refer to it where it is needed.

use std::collections::BTreeSet;

use serde_json::Value;

use super::dangling_secret::dangling;
use super::{Findings, Meta, Severity};
use crate::index::configuration::Kind;
use crate::index::object::texts;
use crate::index::{Index, Obj, Scope};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "unread-secret", severity: Severity::Info }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for scope in &index.scopes {
            let unread = unread(scope);
            if unread.is_empty() {
                continue;
            }
            let spoken = spoken(scope, &unread);
            for (name, object) in unread.into_iter().filter(|(name, _)| !spoken.contains(name)) {
                if let Some(gap) = scope.gap() {
                    out.unsure(object, format!("whether something reads Secret {}/{name}: {gap}", object.namespace));
                    continue;
                }
                let message = format!("nothing reads Secret {}/{name}", object.namespace);
                out.on(index, object, "/metadata/name", message).help("remove it, or refer to it where it is needed");
            }
        }
    }
}

/// Secrets that no reference names, with the object that they come of.
fn unread<'s, 'a>(scope: &'s Scope<'a>) -> Vec<(&'s str, &'s Obj<'a>)> {
    let read: BTreeSet<(&str, &str)> =
        scope.references.iter().filter(|r| r.kind == Kind::Secret).map(|reference| (reference.namespace, reference.name)).collect();
    // Where a reference dangles, that one is told: its name was meant to be this one. Where nothing runs, others come to read.
    let dangling: BTreeSet<&str> = dangling(scope, Kind::Secret).into_keys().map(|(namespace, _)| namespace).collect();
    let has_pods = |namespace: &str| scope.workloads.iter().any(|workload| workload.object.namespace == namespace);
    let mut found = Vec::new();
    for ((kind, namespace, name), producers) in scope.produced() {
        let [producer] = producers.as_slice() else { continue };
        let Some(object) = &producer.object else { continue };
        let is_meant = matches!((object.group, object.kind), ("", "Secret") | ("external-secrets.io", "ExternalSecret") | ("bitnami.com", "SealedSecret"));
        let is_told = dangling.contains(namespace.as_str()) || !has_pods(namespace);
        if *kind == Kind::Secret && is_meant && !is_told && !read.contains(&(namespace.as_str(), name.as_str())) && !is_found_otherwise(object, name) {
            found.push((name.as_str(), object));
        }
    }
    found
}

/// Is it found by a label or its type, or by a name that a controller knows?
fn is_found_otherwise(object: &Obj<'_>, name: &str) -> bool {
    let label_pointers = ["/metadata/labels", "/spec/target/template/metadata/labels", "/spec/template/metadata/labels"];
    let is_own = |key: &str| {
        let known = ["app.kubernetes.io/", "helm.sh/", "kubernetes.io/", "argocd.argoproj.io/instance"];
        known.iter().any(|prefix| key.starts_with(prefix)) || !key.contains('/') && !key.contains('_')
    };
    let labelled = label_pointers.iter().filter_map(|pointer| object.at(pointer)?.as_object()).flatten().any(|(key, _)| !is_own(key));
    let types = ["/type", "/spec/target/template/type", "/spec/template/type"];
    let typed = types.iter().any(|pointer| !matches!(object.text(pointer), "" | "Opaque"));
    let annotated = object.at("/metadata/annotations").and_then(Value::as_object).into_iter().flatten().any(|(key, _)| {
        ["reflector.", "replicator.", "kubed.", "sealedsecrets.", "helm.sh/hook", "argocd.argoproj.io/hook"].iter().any(|part| key.contains(part))
    });
    // Argo CD, the Prometheus operator and SOPS operators read Secrets of names of their own; a policy merges into one that is there.
    let conventional = ["argocd-", "argo-", "alertmanager-", "prometheus-", "sops-", "sh.helm."].iter().any(|prefix| name.starts_with(prefix));
    let merges = matches!(object.text("/spec/target/creationPolicy"), "Merge" | "None");
    labelled || typed || annotated || conventional || merges
}

/// Those names that stand as words in a text of another object.
fn spoken<'s>(scope: &Scope<'_>, unread: &[(&'s str, &Obj<'_>)]) -> BTreeSet<&'s str> {
    let mut found = BTreeSet::new();
    for object in &scope.objects {
        texts(object.value, &mut String::new(), &mut |pointer, text| {
            for (name, own) in unread.iter().filter(|(name, _)| text.len() >= name.len()) {
                let is_own = own.kind == object.kind && own.name == object.name && own.namespace == object.namespace;
                if !is_own && !pointer.starts_with("/metadata") && is_word(text, name) {
                    found.insert(*name);
                }
            }
        });
    }
    found
}

fn is_word(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let behind = text.get(at + name.len()..).and_then(|behind| behind.chars().next());
        !before.is_some_and(is_part) && !behind.is_some_and(is_part)
    })
}
