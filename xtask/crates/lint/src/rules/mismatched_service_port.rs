//! A client meets a port that the Service does not have.
//!
//! ## What
//! A URL, a `host:port`, a route or a mesh destination names a Service of the cluster with a port that the Service does not list.
//! What counts is the port of the Service, not that of the container behind it.
//! ## Why
//! The connection is refused or times out, while client and server both look healthy.
//! ## Bad
//! ```yaml objects
//! apiVersion: v1
//! kind: Service
//! metadata: {name: cart}
//! spec: {selector: {app: cart}, ports: [{port: 80, targetPort: 3000}]}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec:
//!   containers:
//!     - name: web
//!       image: web:1.0.0
//!       env:
//!         - {name: CART_URL, value: "http://cart:3000"} # bad
//! ```
//! ## Good
//! ```yaml objects
//! apiVersion: v1
//! kind: Service
//! metadata: {name: cart}
//! spec: {selector: {app: cart}, ports: [{port: 80, targetPort: 3000}]}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec:
//!   containers: [{name: web, image: "web:1.0.0", env: [{name: CART_URL, value: "http://cart"}]}]
//! ```
//! ## Trap
//! An alias without ports translates none; clients of a headless Service meet the port of the pod; a port of this machine is none of
//! the cluster's.
//! ```yaml objects
//! apiVersion: v1
//! kind: Service
//! metadata: {name: db}
//! spec: {type: ExternalName, externalName: db.example.org}
//! ---
//! apiVersion: v1
//! kind: Service
//! metadata: {name: events}
//! spec: {clusterIP: None, selector: {app: events}, ports: [{port: 80, targetPort: http}]}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: events-0, labels: {app: events}}
//! spec:
//!   containers:
//!     - name: events
//!       image: events:1.0.0
//!       ports: [{name: http, containerPort: 8080}]
//!       env:
//!         - {name: DB, value: "postgresql://db:6432/shop"}
//!         - {name: SELF, value: "http://localhost:9999"}
//!         - {name: PEERS, value: "http://events:8080"}
//! ```
//! ## Fix
//! Name the port that the Service lists, or leave it out where it is the default of the scheme; or add the port to the Service.

use std::collections::BTreeSet;

use super::of_index::{each, listed};
use super::{Findings, Meta, Severity};
use crate::index::routes::{Backend, PortOf, Target};
use crate::index::services::{Ports, Service};
use crate::index::{Index, Resolved, Scope, hosts};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "mismatched-service-port", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for (scope, mention) in each(index, |scope| &scope.mentions) {
            let Resolved::Service(service) = scope.resolve(&mention.host, mention.object.namespace) else { continue };
            // A port that only the scheme implies is no port that somebody wrote: the scheme may stand for something else.
            let is_implied = mention.host.port.is_none();
            let Some(port) = mention.host.met_port().map(i64::from) else { continue };
            if is_implied && !matches!(mention.host.scheme, Some("http" | "https")) || is_met(scope, service, port) {
                continue;
            }
            let told = if is_implied { format!("port {port} by its scheme") } else { format!("port {port}") };
            let message = format!("{} meets {told} of Service {}, which has {}", named(&mention.key), shown(service), ports(service));
            let help = help(scope, service, port);
            out.on_mention(index, mention, message).help(help).related_to(index, &service.object, "/spec/ports", "its ports");
        }
        for (scope, backend) in each(index, |scope| &scope.backends) {
            route(index, scope, backend, out);
        }
    }
}

fn route(index: &Index<'_>, scope: &Scope<'_>, backend: &Backend<'_>, out: &mut Findings) {
    let Some(service) = service_of(scope, backend) else { return };
    let (pointer, is_there, wanted) = match &backend.port {
        PortOf::None => return,
        PortOf::Number(number, pointer) => (pointer, service.port(*number).is_some(), number.to_string()),
        PortOf::Name(name, pointer) => (pointer, service.known_ports().any(|port| port.name == *name), format!("`{name}`")),
    };
    if is_there || matches!(service.ports, Ports::Unknown) || service.external.is_some() && service.known_ports().next().is_none() {
        return;
    }
    let message = format!("the route sends traffic to port {wanted} of Service {}, which has {}", shown(service), ports(service));
    let help = match &backend.port {
        PortOf::Number(number, _) => help(scope, service, *number),
        _ => format!("name one of its ports: {}", listed(service.known_ports().map(|port| port.name).filter(|name| !name.is_empty()))),
    };
    out.on(index, &backend.object, pointer, message).help(help).related_to(index, &service.object, "/spec/ports", "its ports");
}

/// The Service that a route sends traffic to, if it is there.
pub(super) fn service_of<'s, 'a>(scope: &'s Scope<'a>, backend: &Backend<'a>) -> Option<&'s Service<'a>> {
    match &backend.host {
        Target::Service { namespace, name } => scope.service(namespace, name),
        Target::Host(name) => {
            let host = hosts::Host { name, port: None, scheme: None, is_bare: true };
            match scope.resolve(&host, backend.object.namespace) {
                Resolved::Service(service) => Some(service),
                _ => None,
            }
        }
        Target::Other(_) => None,
    }
}

/// Does a client that names this port reach something?
fn is_met(scope: &Scope<'_>, service: &Service<'_>, port: i64) -> bool {
    let is_open = service.known_ports().next().is_none();
    if is_open || service.port(port).is_some() {
        return true;
    }
    // Without an address, names lead to the pods themselves.
    service.is_headless && (of_pods(scope, service).contains(&port) || service.selector.is_none())
}

/// The ports that the pods behind a Service listen on, as far as they say.
fn of_pods(scope: &Scope<'_>, service: &Service<'_>) -> BTreeSet<i64> {
    let targets = service.known_ports().filter_map(|port| port.target?.as_i64());
    let listed = scope.selected(service).flat_map(|workload| workload.ports()).filter_map(|(_, number, _)| number);
    targets.chain(listed).collect()
}

fn help(scope: &Scope<'_>, service: &Service<'_>, port: i64) -> String {
    let behind = service.known_ports().find(|known| {
        known.target.and_then(|target| target.as_i64()) == Some(port)
            || known.target.and_then(|target| target.as_str()).is_some_and(|name| {
                scope.selected(service).flat_map(|workload| workload.ports()).any(|(own, number, _)| own == name && number == Some(port))
            })
    });
    match behind {
        Some(known) => format!("use port {}: {port} is that of the container behind it", known.number),
        None => format!("use one of {}, or add port {port} to the Service", listed(service.known_ports().map(|port| port.number))),
    }
}

fn named(key: &str) -> String {
    if key.is_empty() || key.bytes().all(|b| b.is_ascii_digit()) { "an address".into() } else { format!("`{key}`") }
}

fn shown(service: &Service<'_>) -> String {
    format!("{}/{}", service.namespace, service.name)
}

fn ports(service: &Service<'_>) -> String {
    let all: Vec<i64> = service.known_ports().map(|port| port.number).collect();
    match all.as_slice() {
        [one] => format!("only {one}"),
        many => listed(many),
    }
}
