//! A route sends traffic to a Service that does not exist.
//!
//! ## What
//! A backend of an HTTPRoute or GRPCRoute, of an Ingress or of a VirtualService names a Service that nothing renders in that namespace.
//! ## Why
//! The gateway answers 500 or 503.
//! ## Bad
//! ```yaml objects
//! apiVersion: v1
//! kind: Service
//! metadata: {name: cart-api}
//! spec: {selector: {app: cart}, ports: [{port: 80}]}
//! ---
//! apiVersion: gateway.networking.k8s.io/v1
//! kind: HTTPRoute
//! metadata: {name: cart}
//! spec:
//!   rules:
//!     - backendRefs:
//!         - name: cart # bad
//!           port: 80
//! ```
//! ## Good
//! ```yaml objects
//! apiVersion: v1
//! kind: Service
//! metadata: {name: cart-api}
//! spec: {selector: {app: cart}, ports: [{port: 80}]}
//! ---
//! apiVersion: gateway.networking.k8s.io/v1
//! kind: HTTPRoute
//! metadata: {name: cart}
//! spec: {rules: [{backendRefs: [{name: cart-api, port: 80}]}]}
//! ```
//! ## Trap
//! A VirtualService may send traffic to a host that a ServiceEntry knows, or delegate the rule; other kinds of backends are other
//! people's.
//! ```yaml objects
//! apiVersion: networking.istio.io/v1
//! kind: ServiceEntry
//! metadata: {name: bank}
//! spec: {hosts: [bank.example.org], ports: [{number: 443, name: https, protocol: HTTPS}]}
//! ---
//! apiVersion: networking.istio.io/v1
//! kind: VirtualService
//! metadata: {name: bank}
//! spec:
//!   hosts: [bank.example.org]
//!   http: [{route: [{destination: {host: bank.example.org, port: {number: 443}}}]}, {delegate: {name: other}}]
//! ---
//! apiVersion: gateway.networking.k8s.io/v1
//! kind: HTTPRoute
//! metadata: {name: bucket}
//! spec: {rules: [{backendRefs: [{group: example.com, kind: Bucket, name: images}]}]}
//! ```
//! ## Fix
//! Name the Service as it is rendered, with its namespace if it lies in another one.

use super::mismatched_service_port::service_of;
use super::of_index::{each, meant};
use super::{Findings, Meta, Severity};
use crate::index::hosts::Host;
use crate::index::routes::Target;
use crate::index::{Index, Resolved};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "dangling-backend", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for (scope, backend) in each(index, |scope| &scope.backends) {
            if service_of(scope, backend).is_some() {
                continue;
            }
            let object = &backend.object;
            let (namespace, name) = match &backend.host {
                Target::Service { namespace, name } => (namespace.to_string(), name.to_string()),
                Target::Other(kind) => {
                    out.unsure(object, format!("whether its backend of kind {kind} exists"));
                    continue;
                }
                Target::Host(host) => {
                    let host = Host { name: host, port: None, scheme: None, is_bare: true };
                    match scope.resolve(&host, object.namespace) {
                        Resolved::Missing { namespace, name } => (namespace, name),
                        Resolved::Elsewhere { namespace, name } => {
                            out.unsure(object, format!("whether Service {namespace}/{name} exists: this repository deploys nothing there"));
                            continue;
                        }
                        _ => continue,
                    }
                }
            };
            if let Some(gap) = scope.gap() {
                out.unsure(object, format!("whether Service {namespace}/{name} exists: {gap}"));
                continue;
            }
            let names = scope.service_names(&namespace);
            let near = meant(&name, names.iter().map(String::as_str));
            out.on(index, object, &backend.pointer, format!("the route sends traffic to Service {namespace}/{name}, which does not exist{near}"))
                .help("name a Service as it is rendered");
        }
    }
}
