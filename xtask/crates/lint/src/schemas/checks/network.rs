//! Services, Ingresses, NetworkPolicies.

use serde_json::Value;

use super::super::ViolationKind as Kind;
use super::super::walk::Walk;
use super::super::{formats, names};
use super::{Fields, entries, given, meta, no_doubles, number, object, port, port_or_name, text};

/// `validateService` and `validateServicePort` of pkg/apis/core/validation.
pub(super) fn service<'v>(spec: &'v Fields, walk: &mut Walk<'v>) {
    let kind = text(spec, "type");
    let ports = entries(spec, "ports");
    let headless = text(spec, "clusterIP") == "None";
    if kind == "ExternalName" {
        let name = text(spec, "externalName");
        let bare = name.strip_suffix('.').unwrap_or(name);
        if bare.is_empty() {
            walk.say_at("externalName", Kind::Missing, "is required with the type `ExternalName`");
        } else if let Some(why) = names::dns_subdomain(bare) {
            walk.say_at("externalName", Kind::Format, format!("is `{name}`, no DNS name: {why}"));
        }
        if !text(spec, "clusterIP").is_empty() {
            walk.say_at("clusterIP", Kind::Inconsistent, "must not be given with the type `ExternalName`");
        }
    } else if ports.is_empty() && !headless {
        walk.say_at("ports", Kind::Missing, "is required: at least one port");
    }
    if headless && matches!(kind, "NodePort" | "LoadBalancer") {
        walk.say_at("clusterIP", Kind::Inconsistent, format!("must not be `None` with the type `{kind}`"));
    }
    let cluster_ip = text(spec, "clusterIP");
    if !matches!(cluster_ip, "" | "None") && !formats::is_ip(cluster_ip) {
        walk.say_at("clusterIP", Kind::Format, format!("is `{cluster_ip}`, neither an IP address nor `None`"));
    }
    let nodes = matches!(kind, "NodePort" | "LoadBalancer");
    let mut seen: Vec<(String, String)> = Vec::new();
    walk.each(spec, "ports", |walk, entry| {
        let Some(entry) = entry.as_object() else { return };
        let name = text(entry, "name");
        if ports.len() > 1 && name.is_empty() {
            walk.say_at("name", Kind::Missing, "is required where there is more than one port");
        }
        if let Some(why) = (!name.is_empty()).then(|| names::dns_label(name)).flatten() {
            walk.say_at("name", Kind::PortName, format!("is `{name}`, no name of a port: {why}"));
        }
        port(entry, "port", walk);
        port_or_zero_or_name(entry, walk);
        if number(entry, "nodePort").is_some_and(|n| n != 0.0) {
            if matches!(kind, "" | "ClusterIP") {
                walk.say_at("nodePort", Kind::Inconsistent, "must not be given with the type `ClusterIP`");
            } else if nodes {
                port(entry, "nodePort", walk);
            }
        }
        let protocol = Some(text(entry, "protocol")).filter(|protocol| !protocol.is_empty()).unwrap_or("TCP");
        let key = (protocol.to_string(), entry.get("port").map(Value::to_string).unwrap_or_default());
        if seen.contains(&key) {
            walk.say(Kind::Duplicate, format!("is {protocol} {}, which is in the list already", key.1));
        } else {
            seen.push(key);
        }
    });
    no_doubles(spec, "ports", "name", Kind::Duplicate, walk);
    meta::labels(spec, "selector", walk);
    walk.each(spec, "externalIPs", |walk, ip| address(ip, walk));
    if !entries(spec, "loadBalancerSourceRanges").is_empty() && kind != "LoadBalancer" {
        walk.say_at("loadBalancerSourceRanges", Kind::Inconsistent, "must not be given but with the type `LoadBalancer`");
    }
    walk.each(spec, "loadBalancerSourceRanges", |walk, range| {
        if let Some(text) = range.as_str().filter(|text| !formats::is_cidr(text.trim())) {
            walk.say(Kind::Format, format!("is `{text}`, no CIDR"));
        }
    });
    for key in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] {
        if given(spec, key) && kind != "LoadBalancer" {
            walk.say_at(key, Kind::Inconsistent, "must not be given but with the type `LoadBalancer`");
        }
    }
    let external = nodes || !entries(spec, "externalIPs").is_empty();
    if !text(spec, "externalTrafficPolicy").is_empty() && !external {
        walk.say_at("externalTrafficPolicy", Kind::Inconsistent, "must not be given but with the types `NodePort` and `LoadBalancer`");
    }
}

/// A target that is 0 or empty is filled in.
fn port_or_zero_or_name<'v>(entry: &'v Fields, walk: &mut Walk<'v>) {
    let unset = entry.get("targetPort").is_some_and(|target| target.as_f64() == Some(0.0) || target.as_str() == Some(""));
    if !unset {
        port_or_name(entry, "targetPort", walk);
    }
}

fn address<'v>(ip: &'v Value, walk: &mut Walk<'v>) {
    if let Some(text) = ip.as_str().filter(|text| !formats::is_ip(text)) {
        walk.say(Kind::Format, format!("is `{text}`, no IP address"));
    }
}

/// `ValidateIngressSpec` of pkg/apis/networking/validation.
pub(super) fn ingress<'v>(spec: &'v Fields, walk: &mut Walk<'v>) {
    if entries(spec, "rules").is_empty() && !given(spec, "defaultBackend") {
        walk.say_at("rules", Kind::Missing, "is required where there is no defaultBackend");
    }
    if let Some(default) = object(spec, "defaultBackend") {
        walk.key("defaultBackend", |walk| backend(default, walk));
    }
    walk.each(spec, "rules", |walk, rule| {
        let Some(rule) = rule.as_object() else { return };
        let host = text(rule, "host");
        if formats::is_ip(host) {
            walk.say_at("host", Kind::Format, format!("is `{host}`: a DNS name is wanted, no IP address"));
        } else if !host.is_empty() {
            walk.key("host", |walk| host_name(host, walk));
        }
        let Some(http) = object(rule, "http") else { return };
        walk.key("http", |walk| {
            if http.contains_key("paths") && entries(http, "paths").is_empty() {
                walk.say_at("paths", Kind::Empty, "must have an entry");
            }
            walk.each(http, "paths", |walk, path| {
                let Some(path) = path.as_object() else { return };
                let (at, kind) = (text(path, "path"), text(path, "pathType"));
                let absolute = at.starts_with('/') || (kind == "ImplementationSpecific" && at.is_empty());
                if !absolute && !kind.is_empty() {
                    walk.say_at("path", Kind::Format, format!("is `{at}`, and must begin with `/`"));
                }
                if kind != "ImplementationSpecific" {
                    for wrong in ["//", "/./", "/../", "%2f", "%2F"].iter().filter(|wrong| at.contains(**wrong)) {
                        walk.say_at("path", Kind::Format, format!("is `{at}`: `{wrong}` must not stand in it"));
                    }
                }
                if let Some(to) = object(path, "backend") {
                    walk.key("backend", |walk| backend(to, walk));
                }
            });
        });
    });
    walk.each(spec, "tls", |walk, tls| {
        let Some(tls) = tls.as_object() else { return };
        walk.each(tls, "hosts", |walk, host| {
            if let Some(host) = host.as_str() {
                host_name(host, walk);
            }
        });
        let secret = text(tls, "secretName");
        if let Some(why) = (!secret.is_empty()).then(|| names::dns_subdomain(secret)).flatten() {
            walk.say_at("secretName", Kind::Name, format!("is `{secret}`, no name of a Secret: {why}"));
        }
    });
}

/// The first label may be `*`.
fn host_name<'v>(host: &'v str, walk: &mut Walk<'v>) {
    let bare = host.strip_prefix("*.").unwrap_or(host);
    if let Some(why) = names::dns_subdomain(bare) {
        walk.say(Kind::Format, format!("is `{host}`, no DNS name: {why}"));
    }
}

/// `validateIngressBackend` of pkg/apis/networking/validation.
fn backend<'v>(backend: &'v Fields, walk: &mut Walk<'v>) {
    let Some(service) = object(backend, "service") else {
        if !given(backend, "resource") {
            walk.say(Kind::Missing, "needs a service or a resource");
        }
        return;
    };
    if given(backend, "resource") {
        return walk.say(Kind::Inconsistent, "has both a service and a resource; only one is allowed");
    }
    let to = object(service, "port");
    let named = to.map(|to| text(to, "name")).unwrap_or_default();
    let numbered = to.and_then(|to| number(to, "number")).is_some_and(|n| n != 0.0);
    walk.key("service", |walk| {
        let name = text(service, "name");
        if let Some(why) = (!name.is_empty()).then(|| names::dns_label(name)).flatten() {
            walk.say_at("name", Kind::Name, format!("is `{name}`, no name of a Service: {why}"));
        }
        super::not_empty(service, "name", walk);
        match to.filter(|_| !named.is_empty() || numbered) {
            None => walk.say_at("port", Kind::Missing, "is required: a name or a number"),
            Some(_) if !named.is_empty() && numbered => walk.say_at("port", Kind::Inconsistent, "has both a name and a number"),
            Some(to) => walk.key("port", |walk| {
                if numbered {
                    port(to, "number", walk);
                } else {
                    port_or_name(to, "name", walk);
                }
            }),
        }
    });
}

/// `ValidateNetworkPolicySpec` of pkg/apis/networking/validation.
pub(super) fn policy<'v>(spec: &'v Fields, walk: &mut Walk<'v>) {
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
        walk.each(spec, direction, |walk, rule| {
            let Some(rule) = rule.as_object() else { return };
            walk.each(rule, "ports", |walk, entry| {
                let Some(entry) = entry.as_object() else { return };
                port_or_name(entry, "port", walk);
                let Some(end) = number(entry, "endPort") else { return };
                match number(entry, "port") {
                    Some(start) if end < start => walk.say_at("endPort", Kind::Inconsistent, format!("is {end}, less than port, {start}")),
                    Some(_) => port(entry, "endPort", walk),
                    None => walk.say_at("endPort", Kind::Inconsistent, "needs a port number beside it"),
                }
            });
            walk.each(rule, peers, |walk, peer| {
                let Some(peer) = peer.as_object() else { return };
                let selected = given(peer, "podSelector") || given(peer, "namespaceSelector");
                match object(peer, "ipBlock") {
                    None if !selected => walk.say(Kind::Missing, "needs a podSelector, a namespaceSelector or an ipBlock"),
                    None => {}
                    Some(_) if selected => walk.say(Kind::Inconsistent, "has an ipBlock beside a selector; only one is allowed"),
                    Some(block) => walk.key("ipBlock", |walk| {
                        let cidr = text(block, "cidr");
                        if !formats::is_cidr(cidr) && block.contains_key("cidr") {
                            walk.say_at("cidr", Kind::Format, format!("is `{cidr}`, no CIDR"));
                        }
                        walk.each(block, "except", |walk, range| {
                            if let Some(text) = range.as_str().filter(|text| !formats::is_cidr(text)) {
                                walk.say(Kind::Format, format!("is `{text}`, no CIDR"));
                            }
                        });
                    }),
                }
            });
        });
    }
}
