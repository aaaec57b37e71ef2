//! Where traffic is sent, and by which gateways it comes: HTTPRoute and its kin, Ingress, VirtualService.

use serde_json::Value;

use super::object::{Obj, text};

/// Gateway API's group.
pub const GATEWAY_API: &str = "gateway.networking.k8s.io";

/// Istio's group of the same.
pub const ISTIO: &str = "networking.istio.io";

/// A Service that a route sends traffic to.
#[derive(Clone, Debug)]
pub struct Backend<'a> {
    pub object: Obj<'a>,
    /// JSON pointer of what names it.
    pub pointer: String,
    pub host: Target<'a>,
    pub port: PortOf<'a>,
}

/// How a route names what it sends traffic to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    Service {
        namespace: &'a str,
        name: &'a str,
    },
    /// As a client would, or as the mesh knows it.
    Host(&'a str),
    /// Another kind.
    Other(&'a str),
}

/// The port of a backend, with the JSON pointer to it.
#[derive(Clone, Debug, PartialEq)]
pub enum PortOf<'a> {
    None,
    Number(i64, String),
    Name(&'a str, String),
}

/// A gateway that a route binds to.
#[derive(Clone, Debug)]
pub struct Parent<'a> {
    pub object: Obj<'a>,
    pub pointer: String,
    pub group: &'a str,
    pub kind: &'a str,
    pub namespace: &'a str,
    pub name: &'a str,
    /// The listener.
    pub section: Option<&'a str>,
    pub port: Option<i64>,
}

const ROUTES: [&str; 5] = ["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"];

/// The backends of an object.
pub fn backends<'a>(object: &Obj<'a>) -> Vec<Backend<'a>> {
    match (object.group, object.kind) {
        (GATEWAY_API, kind) if ROUTES.contains(&kind) => of_route(object),
        ("networking.k8s.io", "Ingress") => of_ingress(object),
        (ISTIO, "VirtualService") => of_virtual_service(object),
        _ => Vec::new(),
    }
}

fn of_route<'a>(object: &Obj<'a>) -> Vec<Backend<'a>> {
    let mut found = Vec::new();
    for (rule, value) in object.list("/spec/rules") {
        let mut add = |pointer: String, reference: &'a Value| found.push(of_reference(object, pointer, reference));
        for (i, reference) in value.get("backendRefs").and_then(Value::as_array).into_iter().flatten().enumerate() {
            add(format!("{rule}/backendRefs/{i}"), reference);
        }
        for (i, filter) in value.get("filters").and_then(Value::as_array).into_iter().flatten().enumerate() {
            if let Some(reference) = filter.pointer("/requestMirror/backendRef") {
                add(format!("{rule}/filters/{i}/requestMirror/backendRef"), reference);
            }
        }
    }
    found
}

fn of_reference<'a>(object: &Obj<'a>, pointer: String, reference: &'a Value) -> Backend<'a> {
    let kind = match (text(reference, "group"), text(reference, "kind")) {
        ("", "" | "Service") => "Service",
        (_, kind) => kind,
    };
    let namespace = match text(reference, "namespace") {
        "" => object.namespace,
        other => other,
    };
    let name = text(reference, "name");
    let host = if kind == "Service" { Target::Service { namespace, name } } else { Target::Other(kind) };
    let port = reference["port"].as_i64().map_or(PortOf::None, |number| PortOf::Number(number, format!("{pointer}/port")));
    Backend { object: *object, pointer: format!("{pointer}/name"), host, port }
}

fn of_ingress<'a>(object: &Obj<'a>) -> Vec<Backend<'a>> {
    let mut found = Vec::new();
    let mut add = |pointer: String, backend: &'a Value| {
        let Some(service) = backend.get("service") else { return };
        let port = match service.get("port") {
            Some(port) if !text(port, "name").is_empty() => PortOf::Name(text(port, "name"), format!("{pointer}/service/port/name")),
            Some(port) => port["number"].as_i64().map_or(PortOf::None, |n| PortOf::Number(n, format!("{pointer}/service/port/number"))),
            None => PortOf::None,
        };
        let host = Target::Service { namespace: object.namespace, name: text(service, "name") };
        found.push(Backend { object: *object, pointer: format!("{pointer}/service/name"), host, port });
    };
    if let Some(backend) = object.at("/spec/defaultBackend") {
        add("/spec/defaultBackend".to_string(), backend);
    }
    for (rule, value) in object.list("/spec/rules") {
        for (i, path) in value.pointer("/http/paths").and_then(Value::as_array).into_iter().flatten().enumerate() {
            if let Some(backend) = path.get("backend") {
                add(format!("{rule}/http/paths/{i}/backend"), backend);
            }
        }
    }
    // A name that a load balancer's controller reads from annotations is no Service.
    found.retain(|backend| !matches!(&backend.port, PortOf::Name("use-annotation", _)));
    found
}

fn of_virtual_service<'a>(object: &Obj<'a>) -> Vec<Backend<'a>> {
    let mut found = Vec::new();
    for protocol in ["http", "tcp", "tls"] {
        for (rule, value) in object.list(&format!("/spec/{protocol}")) {
            let mut add = |pointer: String, destination: &'a Value| {
                let host = text(destination, "host");
                if host.is_empty() {
                    return;
                }
                let number = destination.pointer("/port/number").and_then(Value::as_i64);
                let port = number.map_or(PortOf::None, |number| PortOf::Number(number, format!("{pointer}/port/number")));
                found.push(Backend { object: *object, pointer: format!("{pointer}/host"), host: Target::Host(host), port });
            };
            for list in ["route", "mirrors"] {
                for (i, route) in value.get(list).and_then(Value::as_array).into_iter().flatten().enumerate() {
                    if let Some(destination) = route.get("destination") {
                        add(format!("{rule}/{list}/{i}/destination"), destination);
                    }
                }
            }
            if let Some(mirror) = value.get("mirror") {
                add(format!("{rule}/mirror"), mirror);
            }
        }
    }
    found
}

/// The gateways that an object binds to. The word `mesh` is no gateway.
pub fn parents<'a>(object: &Obj<'a>) -> Vec<Parent<'a>> {
    let mut found = Vec::new();
    match (object.group, object.kind) {
        (GATEWAY_API, kind) if ROUTES.contains(&kind) => {
            for (pointer, reference) in object.list("/spec/parentRefs") {
                let or = |key: &str, default: &'a str| match text(reference, key) {
                    "" => default,
                    other => other,
                };
                found.push(Parent {
                    object: *object,
                    pointer,
                    group: if reference.get("group").is_some() { text(reference, "group") } else { GATEWAY_API },
                    kind: or("kind", "Gateway"),
                    namespace: or("namespace", object.namespace),
                    name: text(reference, "name"),
                    section: reference.get("sectionName").and_then(Value::as_str),
                    port: reference["port"].as_i64(),
                });
            }
        }
        (ISTIO, "VirtualService") => {
            for (pointer, gateway) in object.list("/spec/gateways") {
                let Some(text) = gateway.as_str().filter(|text| *text != "mesh") else { continue };
                let (namespace, name) = text.split_once('/').unwrap_or((object.namespace, text));
                // `name.namespace.svc.cluster.local` is an older way to write it.
                let (name, namespace) = match name.split_once('.') {
                    Some((name, rest)) => (name, rest.split('.').next().unwrap_or(namespace)),
                    None => (name, namespace),
                };
                let namespace = if namespace == "." { object.namespace } else { namespace };
                found.push(Parent { object: *object, pointer, group: ISTIO, kind: "Gateway", namespace, name, section: None, port: None });
            }
        }
        _ => {}
    }
    found
}
