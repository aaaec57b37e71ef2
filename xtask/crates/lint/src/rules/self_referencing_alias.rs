//! An alias that leads back to itself.
//!
//! ## What
//! A Service of type ExternalName is an alias of itself, directly or around a ring of aliases, whatever form the names have.
//! ## Why
//! The names form a loop: every lookup fails.
//! ## Bad
//! ```yaml objects
//! apiVersion: v1
//! kind: Service
//! metadata: {name: search}
//! spec:
//!   type: ExternalName
//!   externalName: search.shop.svc.cluster.local # bad
//! ```
//! ## Good
//! ```yaml objects
//! apiVersion: v1
//! kind: Service
//! metadata: {name: search}
//! spec: {type: ExternalName, externalName: search.example.org}
//! ```
//! ## Trap
//! The same first word in another namespace is another name.
//! ```yaml objects
//! apiVersion: v1
//! kind: Service
//! metadata: {name: search}
//! spec: {type: ExternalName, externalName: search.data.svc.cluster.local}
//! ---
//! apiVersion: v1
//! kind: Service
//! metadata: {name: search, namespace: data}
//! spec: {selector: {app: search}, ports: [{port: 80}]}
//! ```
//! ## Fix
//! Name what the alias stands for: a host outside, or a Service with pods.

use super::{Findings, Meta, Severity};
use crate::index::hosts::Host;
use crate::index::services::Service;
use crate::index::{Index, Resolved, Scope};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "self-referencing-alias", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for scope in &index.scopes {
            for service in scope.services.iter().filter(|service| service.external.is_some()) {
                let ring = ring(scope, service);
                if ring.is_empty() {
                    continue;
                }
                let message = match ring.len() {
                    1 => format!("{} is an alias of itself", service.object),
                    _ => format!("{} is an alias of itself, by way of {}", service.object, super::of_index::listed(ring.iter().skip(1))),
                };
                out.on(index, &service.object, "/spec/externalName", message).help("name what the alias stands for: a host outside, or a Service with pods");
            }
        }
    }
}

/// The aliases from a Service back to itself, itself first; empty if the way does not lead back.
fn ring(scope: &Scope<'_>, start: &Service<'_>) -> Vec<String> {
    let mut names = Vec::new();
    let mut at = start;
    // No way without a repetition is longer than this.
    for _ in 0..=scope.services.len() {
        names.push(format!("{}/{}", at.namespace, at.name));
        let host = Host { name: at.external.unwrap_or_default().trim_end_matches('.'), port: None, scheme: None, is_bare: true };
        // A short name has no namespace of its own: DNS looks it up from the root, and a resolver's search list from that of the client.
        let Resolved::Service(next) = scope.resolve(&host, &at.namespace) else { return Vec::new() };
        if (&next.namespace, &next.name) == (&start.namespace, &start.name) {
            return names;
        }
        if next.external.is_none() {
            return Vec::new();
        }
        at = next;
    }
    Vec::new()
}
