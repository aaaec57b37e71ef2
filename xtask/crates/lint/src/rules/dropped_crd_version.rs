//! A definition loses a version that objects still have.
//!
//! ## What
//! A version that was served is not any more while manifests are written in it, or the version that objects are stored in goes.
//! ## Why
//! Manifests of that version are refused. Stored objects of it could not be read, so the API server refuses the definition itself.
//! ## Bad
//! ```yaml before
//! apiVersion: apiextensions.k8s.io/v1
//! kind: CustomResourceDefinition
//! metadata: {name: carts.example.com}
//! spec: {group: example.com, names: {kind: Cart}, versions: [{name: v1, served: true, storage: true}, {name: v1beta1, served: true}]}
//! ---
//! apiVersion: example.com/v1beta1
//! kind: Cart
//! metadata: {name: mine}
//! ```
//! ```yaml after
//! apiVersion: apiextensions.k8s.io/v1
//! kind: CustomResourceDefinition
//! metadata: {name: carts.example.com}
//! spec: {group: example.com, names: {kind: Cart}, versions: [{name: v1, served: true, storage: true}]}
//! ---
//! apiVersion: example.com/v1beta1
//! kind: Cart
//! metadata: {name: mine}
//! ```
//! ## Good
//! ```yaml before
//! apiVersion: apiextensions.k8s.io/v1
//! kind: CustomResourceDefinition
//! metadata: {name: carts.example.com}
//! spec: {group: example.com, names: {kind: Cart}, versions: [{name: v1, served: true, storage: true}]}
//! ```
//! ```yaml after
//! apiVersion: apiextensions.k8s.io/v1
//! kind: CustomResourceDefinition
//! metadata: {name: carts.example.com}
//! spec: {group: example.com, names: {kind: Cart}, versions: [{name: v2, served: true, storage: true}, {name: v1, served: true}]}
//! ```
//! ## Trap
//! A version that was only served goes, and the manifests move on in the same change.
//! ```yaml before
//! apiVersion: apiextensions.k8s.io/v1
//! kind: CustomResourceDefinition
//! metadata: {name: carts.example.com}
//! spec: {group: example.com, names: {kind: Cart}, versions: [{name: v1, served: true, storage: true}, {name: v1beta1, served: true}]}
//! ---
//! apiVersion: example.com/v1beta1
//! kind: Cart
//! metadata: {name: mine}
//! ```
//! ```yaml after
//! apiVersion: apiextensions.k8s.io/v1
//! kind: CustomResourceDefinition
//! metadata: {name: carts.example.com}
//! spec: {group: example.com, names: {kind: Cart}, versions: [{name: v1, served: true, storage: true}]}
//! ---
//! apiVersion: example.com/v1
//! kind: Cart
//! metadata: {name: mine}
//! ```
//! ## Fix
//! Write the manifests in a version that stays, store every object anew, take the old one out of `status.storedVersions`, then drop it.

use std::collections::BTreeMap;

use serde_json::Value;
use gitops::comparison::{Change, text};

use super::pods::some;
use super::{Findings, Meta, Severity};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "dropped-crd-version", severity: Severity::Error }
    }

    fn change(&self, change: &Change<'_>, out: &mut Findings) {
        for delta in change.deltas.iter().filter(|delta| delta.key.kind == "CustomResourceDefinition") {
            let Some((old, new)) = delta.both() else { continue };
            let (group, kind) = (text(new, "/spec/group"), text(new, "/spec/names/kind"));
            let after = versions(new);
            for (version, was) in versions(old) {
                let is = after.get(version).copied().unwrap_or_default();
                let name = delta.key.name;
                if was.stored && !after.contains_key(version) {
                    out.delta(change, delta, format!("{name} loses {version}, the version that its objects are stored in"))
                        .help("serve both, store every object anew and take it out of status.storedVersions before you drop it");
                }
                if !was.served || is.served {
                    continue;
                }
                let of_it = change.new.iter().filter(|(key, _)| key.is_beside(&delta.key) && key.kind == kind && key.group == group);
                let of_it = of_it.filter_map(|(key, all)| Some((key, &all.first()?.1.value)));
                let users: Vec<String> = of_it
                    .filter(|(_, value)| text(value, "/apiVersion").split('/').nth(1) == Some(version))
                    .map(|(key, _)| key.shown())
                    .collect();
                if !users.is_empty() {
                    out.delta(change, delta, format!("{name} serves {version} no more, and {} uses it", some(&users)))
                        .help(format!("write them in a version that stays: {}", after.keys().copied().collect::<Vec<_>>().join(", ")));
                } else if !was.stored && !change.knows_all(&delta.key) {
                    out.undecided(delta, format!("it serves {version} no more, and not every Application is rendered here"));
                }
            }
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Version {
    served: bool,
    stored: bool,
}

fn versions(definition: &Value) -> BTreeMap<&str, Version> {
    let list = definition.pointer("/spec/versions").and_then(Value::as_array).into_iter().flatten();
    let is = |version: &Value, key: &str| version[key] == Value::Bool(true);
    list.map(|v| (text(v, "/name"), Version { served: is(v, "served"), stored: is(v, "storage") })).collect()
}
