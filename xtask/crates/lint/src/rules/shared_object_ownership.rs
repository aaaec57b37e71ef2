//! Two Applications deploy one object.
//!
//! ## What
//! On one cluster, the same kind, namespace and name is rendered by two Applications.
//! ## Why
//! Each sync takes the object from the other, and deleting one Application deletes the object of both.
//! ## Bad
//! ```yaml objects of cart
//! apiVersion: v1
//! kind: Namespace
//! metadata: {name: shop}
//! ---
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: settings, namespace: shop, labels: {reload: "true"}}
//! data: {level: info}
//! ```
//! ```yaml objects of order
//! apiVersion: v1
//! kind: ConfigMap
//! metadata:
//!   name: settings # bad
//!   namespace: shop
//!   labels: {reload: "true"}
//! data: {level: debug}
//! ```
//! ## Good
//! ```yaml objects of cart
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: settings, namespace: cart, labels: {reload: "true"}}
//! data: {level: info}
//! ```
//! ```yaml objects of order
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: settings, namespace: order, labels: {reload: "true"}}
//! data: {level: debug}
//! ```
//! ## Trap
//! A namespace that both make by an option is no object of either; hooks come and go; environments have clusters of their own.
//! ```yaml objects of cart in dev
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: settings, namespace: shop, labels: {reload: "true"}}
//! data: {level: info}
//! ---
//! apiVersion: batch/v1
//! kind: Job
//! metadata: {generateName: migrate-, namespace: shop, annotations: {argocd.argoproj.io/hook: Sync}}
//! spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: "a:1.0.0"}]}}}
//! ```
//! ```yaml objects of order in prod
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: settings, namespace: shop, labels: {reload: "true"}}
//! data: {level: info}
//! ```
//! ## Fix
//! Leave the object to one of the Applications, or give it a name of its own in each.

use std::collections::BTreeMap;

use super::{Findings, Meta, Severity};
use crate::index::{Index, Obj};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "shared-object-ownership", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for scope in &index.scopes {
            let mut owners: BTreeMap<(&str, &str, &str, &str), &Obj<'_>> = BTreeMap::new();
            for object in scope.objects.iter().filter(|object| !object.name.is_empty() && !is_hook(object)) {
                let key = (object.group, object.kind, object.namespace, object.name);
                let Some(first) = owners.get(&key) else {
                    owners.insert(key, object);
                    continue;
                };
                // One Application that renders an object twice, or two of one name, is another rule's.
                if first.application() == object.application() {
                    continue;
                }
                let message = format!("{object} is deployed by Applications {} and {}", first.application(), object.application());
                out.on(index, object, "/metadata/name", message)
                    .help("leave it to one of them, or give it a name of its own in each")
                    .related_to(index, first, "/metadata/name", "the other one");
            }
        }
    }
}

fn is_hook(object: &Obj<'_>) -> bool {
    object.annotation("argocd.argoproj.io/hook").is_some() || object.annotation("helm.sh/hook").is_some()
}
