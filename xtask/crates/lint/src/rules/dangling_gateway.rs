//! A route that binds to a gateway which is not there.
//!
//! ## What
//! A VirtualService or a route of the Gateway API names a gateway that does not exist in that namespace and API group, or a listener or
//! port that the gateway does not have.
//! ## Why
//! The route binds to nothing and is ignored.
//! ## Bad
//! ```yaml objects
//! apiVersion: gateway.networking.k8s.io/v1
//! kind: Gateway
//! metadata: {name: public}
//! spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}
//! ---
//! apiVersion: gateway.networking.k8s.io/v1
//! kind: HTTPRoute
//! metadata: {name: web}
//! spec:
//!   parentRefs:
//!     - name: public
//!       sectionName: https # bad
//! ---
//! apiVersion: networking.istio.io/v1
//! kind: VirtualService
//! metadata: {name: web}
//! spec:
//!   hosts: [web.example.org]
//!   gateways:
//!     - public # bad
//! ```
//! ## Good
//! ```yaml objects
//! apiVersion: gateway.networking.k8s.io/v1
//! kind: Gateway
//! metadata: {name: public}
//! spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}
//! ---
//! apiVersion: gateway.networking.k8s.io/v1
//! kind: HTTPRoute
//! metadata: {name: web}
//! spec: {parentRefs: [{name: public, sectionName: http}]}
//! ```
//! ## Trap
//! `mesh` is a word for every sidecar, a Service may be a parent inside the mesh, and a gateway of another team's namespace is not ours
//! to know.
//! ```yaml objects
//! apiVersion: networking.istio.io/v1
//! kind: VirtualService
//! metadata: {name: web}
//! spec: {hosts: [web], gateways: [mesh]}
//! ---
//! apiVersion: gateway.networking.k8s.io/v1
//! kind: HTTPRoute
//! metadata: {name: web}
//! spec: {parentRefs: [{group: "", kind: Service, name: web, port: 80}, {name: shared, namespace: edge}]}
//! ```
//! ## Fix
//! Name a gateway of the same API group with its namespace, and one of its listeners.

use super::of_index::{each, listed, meant};
use super::{Findings, Meta, Severity};
use crate::index::object::text;
use crate::index::routes::{GATEWAY_API, ISTIO, Parent};
use crate::index::{Index, Obj, Scope};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "dangling-gateway", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for (scope, parent) in each(index, |scope| &scope.parents) {
            if parent.kind != "Gateway" || ![GATEWAY_API, ISTIO].contains(&parent.group) {
                continue;
            }
            match scope.get(parent.group, "Gateway", parent.namespace, parent.name) {
                Some(gateway) => listener(index, parent, gateway, out),
                None => missing(index, scope, parent, out),
            }
        }
    }
}

fn missing(index: &Index<'_>, scope: &Scope<'_>, parent: &Parent<'_>, out: &mut Findings) {
    let shown = format!("{}/{}", parent.namespace, parent.name);
    let other = if parent.group == ISTIO { GATEWAY_API } else { ISTIO };
    let hint = match scope.get(other, "Gateway", parent.namespace, parent.name) {
        Some(gateway) => format!("; {} of that name is of {other}", gateway.kind),
        None => {
            let known = scope.all(parent.group, "Gateway").filter(|gateway| gateway.namespace == parent.namespace);
            meant(parent.name, known.map(|gateway| gateway.name))
        }
    };
    let is_ours = scope.owned.contains(parent.namespace) || !hint.is_empty();
    let gap = scope.gap().or_else(|| (!is_ours).then(|| format!("this repository deploys nothing to namespace {}", parent.namespace)));
    if let Some(gap) = gap.filter(|_| hint.is_empty()) {
        return out.unsure(&parent.object, format!("whether Gateway {shown} exists: {gap}"));
    }
    let pointer = if parent.group == ISTIO { parent.pointer.clone() } else { format!("{}/name", parent.pointer) };
    out.on(index, &parent.object, &pointer, format!("the route binds to Gateway {shown} of {}, which does not exist{hint}", parent.group))
        .help("name a gateway of this API group as it is rendered, with its namespace");
}

fn listener(index: &Index<'_>, parent: &Parent<'_>, gateway: &Obj<'_>, out: &mut Findings) {
    let listeners: Vec<(&str, Option<i64>)> =
        gateway.list("/spec/listeners").map(|(_, listener)| (text(listener, "name"), listener["port"].as_i64())).collect();
    if let Some(section) = parent.section
        && !listeners.iter().any(|(name, _)| *name == section)
    {
        let message = format!("the route binds to listener `{section}` of {gateway}, which has {}", listed(listeners.iter().map(|(name, _)| format!("`{name}`"))));
        out.on(index, &parent.object, &format!("{}/sectionName", parent.pointer), message)
            .help("name one of its listeners")
            .related_to(index, gateway, "/spec/listeners", "its listeners");
    }
    if let Some(port) = parent.port
        && !listeners.iter().any(|(_, own)| *own == Some(port))
    {
        let message = format!("the route binds to port {port} of {gateway}, which has {}", listed(listeners.iter().filter_map(|(_, own)| *own)));
        out.on(index, &parent.object, &format!("{}/port", parent.pointer), message)
            .help("name the port of one of its listeners")
            .related_to(index, gateway, "/spec/listeners", "its listeners");
    }
}
