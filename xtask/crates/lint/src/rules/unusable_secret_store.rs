//! An ExternalSecret whose store cannot be used.
//!
//! ## What
//! An ExternalSecret names no store, or one that nothing renders; or a SecretStore, which serves its own namespace only, takes its
//! credentials from another one.
//! ## Why
//! The operator never makes the Secret, and the pods that take it wait for ever.
//! ## Bad
//! ```yaml objects
//! apiVersion: external-secrets.io/v1
//! kind: SecretStore
//! metadata: {name: aws, namespace: shop}
//! spec:
//!   provider:
//!     aws:
//!       service: SecretsManager
//!       auth:
//!         jwt:
//!           serviceAccountRef:
//!             name: external-secrets
//!             namespace: external-secrets # bad
//! ---
//! apiVersion: external-secrets.io/v1
//! kind: ExternalSecret
//! metadata: {name: order, namespace: shop}
//! spec:
//!   secretStoreRef:
//!     kind: ClusterSecretStore
//!     name: aws # bad
//!   data: [{secretKey: password, remoteRef: {key: order}}]
//! ```
//! ## Good
//! ```yaml objects
//! apiVersion: external-secrets.io/v1
//! kind: ClusterSecretStore
//! metadata: {name: aws}
//! spec: {provider: {aws: {service: SecretsManager, auth: {jwt: {serviceAccountRef: {name: eso, namespace: external-secrets}}}}}}
//! ---
//! apiVersion: external-secrets.io/v1
//! kind: ExternalSecret
//! metadata: {name: order, namespace: shop}
//! spec: {secretStoreRef: {kind: ClusterSecretStore, name: aws}, data: [{secretKey: password, remoteRef: {key: order}}]}
//! ```
//! ## Trap
//! A namespaced store may name its own namespace, every item may name a store of its own, and a generator needs none.
//! ```yaml objects
//! apiVersion: external-secrets.io/v1
//! kind: SecretStore
//! metadata: {name: vault, namespace: shop}
//! spec: {provider: {vault: {server: "https://vault.shop.example", auth: {tokenSecretRef: {name: vault, key: token, namespace: shop}}}}}
//! ---
//! apiVersion: external-secrets.io/v1
//! kind: ExternalSecret
//! metadata: {name: order, namespace: shop}
//! spec:
//!   data: [{secretKey: password, remoteRef: {key: order}, sourceRef: {storeRef: {name: vault}}}]
//!   dataFrom: [{sourceRef: {generatorRef: {apiVersion: generators.external-secrets.io/v1alpha1, kind: Password, name: random}}}]
//! ```
//! ## Fix
//! Name the store that is rendered, with its kind; let a store that reads another namespace be a ClusterSecretStore.

use serde_json::Value;

use super::of_index::meant;
use super::{Findings, Meta, Severity};
use crate::index::object::{escaped, text};
use crate::index::{Index, Obj, Scope};

pub struct Rule;

const GROUP: &str = "external-secrets.io";

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "unusable-secret-store", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for scope in &index.scopes {
            for object in scope.objects.iter().filter(|object| object.group == GROUP) {
                match object.kind {
                    "ExternalSecret" => secret(index, scope, object, out),
                    "SecretStore" => store(index, object, out),
                    _ => {}
                }
            }
        }
    }
}

/// The stores of an ExternalSecret: that of all items, and those of its own of each.
fn secret(index: &Index<'_>, scope: &Scope<'_>, object: &Obj<'_>, out: &mut Findings) {
    let mut needs_default = false;
    let mut is_empty = true;
    for list in ["data", "dataFrom"] {
        for (pointer, item) in object.list(&format!("/spec/{list}")) {
            is_empty = false;
            let source = item.get("sourceRef");
            match source.and_then(|source| source.get("storeRef")) {
                Some(reference) => named(index, scope, object, reference, &format!("{pointer}/sourceRef/storeRef"), out),
                None => needs_default |= source.and_then(|source| source.get("generatorRef")).is_none(),
            }
        }
    }
    match object.at("/spec/secretStoreRef") {
        Some(reference) if needs_default || !text(reference, "name").is_empty() => {
            named(index, scope, object, reference, "/spec/secretStoreRef", out);
        }
        _ if needs_default && !is_empty => {
            out.on(index, object, "/spec", format!("{object} names no store for its data")).help("set `spec.secretStoreRef`");
        }
        _ => {}
    }
}

fn named(index: &Index<'_>, scope: &Scope<'_>, object: &Obj<'_>, reference: &Value, pointer: &str, out: &mut Findings) {
    let name = text(reference, "name");
    let kind = match text(reference, "kind") {
        "" => "SecretStore",
        other => other,
    };
    if name.is_empty() {
        out.on(index, object, pointer, format!("{object} names no store")).help("set `name` to that of a store");
        return;
    }
    let is_its = |store: &&Obj<'_>| kind == "ClusterSecretStore" || store.namespace == object.namespace;
    let known: Vec<&str> = scope.all(GROUP, kind).filter(is_its).map(|store| store.name).collect();
    if known.contains(&name) {
        return;
    }
    let near = meant(name, known.iter().copied());
    let has_stores = ["SecretStore", "ClusterSecretStore"].iter().any(|kind| scope.all(GROUP, kind).next().is_some());
    let reason = scope.gap().or_else(|| (!has_stores).then(|| "this repository renders no store, so all of them are made elsewhere".into()));
    if let Some(reason) = reason {
        out.unsure(object, format!("whether {kind} {name} exists: {reason}"));
        return;
    }
    // The same name as the other kind is the usual mistake: `kind` is SecretStore where it is left out.
    let other = if kind == "SecretStore" { "ClusterSecretStore" } else { "SecretStore" };
    let help = match scope.all(GROUP, other).any(|store| store.name == name) {
        true => format!("`{name}` is a {other}: set `kind`"),
        false => "name a store that is rendered, or render it".to_string(),
    };
    let place = if kind == "SecretStore" { format!("{}/{name}", object.namespace) } else { name.to_string() };
    out.on(index, object, &format!("{pointer}/name"), format!("{object} takes its data from {kind} {place}, which nothing renders{near}")).help(help);
}

/// A namespaced store may only refer to its own namespace (External Secrets refuses others in `ValidateSecretSelector`,
/// `ValidateServiceAccountSelector` and for a `caProvider`).
fn store(index: &Index<'_>, object: &Obj<'_>, out: &mut Findings) {
    let Some(provider) = object.at("/spec/provider") else { return };
    let mut found = Vec::new();
    foreign(provider, object.namespace, &mut "/spec/provider".to_string(), &mut found);
    for (pointer, namespace) in found {
        let message = format!("{object} takes a credential from namespace {namespace}, but a SecretStore may only refer to its own");
        out.on(index, object, &pointer, message).help("leave the namespace out, or make it a ClusterSecretStore");
    }
}

/// Pointers to the namespaces of references that are not `own`.
fn foreign<'v>(value: &'v Value, own: &str, pointer: &mut String, found: &mut Vec<(String, &'v str)>) {
    let length = pointer.len();
    for (key, item) in value.as_object().into_iter().flatten() {
        pointer.push('/');
        pointer.push_str(&escaped(key));
        let is_reference = key.ends_with("Ref") || key == "caProvider";
        let namespace = text(item, "namespace");
        if is_reference && !namespace.is_empty() && namespace != own {
            found.push((format!("{pointer}/namespace"), namespace));
        }
        foreign(item, own, pointer, found);
        pointer.truncate(length);
    }
}
