//! One Application renders an object twice.
//!
//! ## What
//! The same kind, namespace and name comes out of one Application more than once: from two templates, or from a chart and a dependency
//! of it. Versions of one kind are one.
//! ## Why
//! The last one wins, and what the other one says is lost without a message.
//! ## Bad
//! ```yaml objects
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: cart, labels: {reload: "true"}}
//! data: {level: info}
//! ---
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: cart, labels: {reload: "true"}} # bad
//! data: {level: debug}
//! ```
//! ## Good
//! ```yaml objects
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: cart, labels: {reload: "true"}}
//! data: {level: info}
//! ---
//! apiVersion: v1
//! kind: Service
//! metadata: {name: cart}
//! ```
//! ## Trap
//! The same name in another namespace, and names that the API server makes up.
//! ```yaml objects
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: cart, namespace: a, labels: {reload: "true"}}
//! data: {level: info}
//! ---
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: cart, namespace: b, labels: {reload: "true"}}
//! data: {level: debug}
//! ---
//! apiVersion: batch/v1
//! kind: Job
//! metadata: {generateName: migrate-, annotations: {argocd.argoproj.io/hook: Sync}}
//! spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: "a:1.0.0"}]}}}
//! ---
//! apiVersion: batch/v1
//! kind: Job
//! metadata: {generateName: migrate-, annotations: {argocd.argoproj.io/hook: Sync}}
//! spec: {template: {spec: {restartPolicy: Never, containers: [{name: b, image: "b:1.0.0"}]}}}
//! ```
//! ## Fix
//! Remove one of them, or give it another name.

use std::collections::BTreeMap;

use super::{Findings, Meta, Severity};
use crate::index::{Index, Obj};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "duplicate-object", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for scope in &index.scopes {
            let mut known: BTreeMap<(&str, &str, &str, &str, &str), &Obj<'_>> = BTreeMap::new();
            for object in scope.objects.iter().filter(|object| !object.name.is_empty()) {
                let key = (object.application(), object.group, object.kind, object.namespace, object.name);
                let Some(first) = known.get(&key).filter(|first| std::ptr::eq(first.deployed, object.deployed)) else {
                    known.insert(key, object);
                    continue;
                };
                let is_equal = first.value == object.value;
                let message = match is_equal {
                    true => format!("{object} is rendered twice, alike"),
                    false => format!("{object} is rendered twice, and the two differ"),
                };
                let site = index.site(object, "/metadata/name");
                let other = index.site(first, "/metadata/name");
                let finding = out.on(index, object, "/metadata/name", message).help("remove one of them, or give it another name");
                if site != other {
                    finding.related(other.path, other.line, other.column, "the other one");
                }
                if is_equal {
                    finding.severity(Severity::Warning);
                }
            }
        }
    }
}
