//! A dashboard asks a datasource that is not there.
//!
//! ## What
//! A panel, a query or a link of a provisioned dashboard, or a link of a datasource, names a datasource by a uid or name that no
//! provisioned file has.
//! ## Why
//! The panels stay empty.
//! ## Bad
//! ```yaml objects
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: grafana-datasources, labels: {grafana_datasource: "1"}}
//! data:
//!   datasources.yaml: |
//!     apiVersion: 1
//!     datasources:
//!       - {name: Prometheus, uid: prometheus, type: prometheus, url: "http://metrics.example.org"}
//! ---
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: web-dashboard, labels: {grafana_dashboard: "1"}}
//! data:
//!   web.json: | # bad
//!     {"title": "Web", "panels": [{"type": "timeseries", "datasource": {"type": "prometheus", "uid": "prometheus-main"}}]}
//! ```
//! ## Good
//! ```yaml objects
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: grafana-datasources, labels: {grafana_datasource: "1"}}
//! data:
//!   datasources.yaml: |
//!     apiVersion: 1
//!     datasources:
//!       - {name: Prometheus, uid: prometheus, type: prometheus, url: "http://metrics.example.org"}
//! ---
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: web-dashboard, labels: {grafana_dashboard: "1"}}
//! data:
//!   web.json: |
//!     {"title": "Web", "panels": [{"type": "timeseries", "datasource": {"type": "prometheus", "uid": "prometheus"}}]}
//! ```
//! ## Trap
//! Variables choose a datasource, Grafana has some of its own, and where none is provisioned nobody can tell.
//! ```yaml objects
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: grafana-datasources, labels: {grafana_datasource: "1"}}
//! data:
//!   datasources.yaml: |
//!     apiVersion: 1
//!     datasources: [{name: Prometheus, uid: prometheus, type: prometheus, url: "http://metrics.example.org"}]
//! ---
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: web-dashboard, labels: {grafana_dashboard: "1"}}
//! data:
//!   web.json: |
//!     {"templating": {"list": [{"name": "ds", "type": "datasource", "query": "prometheus"}]},
//!      "annotations": {"list": [{"datasource": {"type": "grafana", "uid": "-- Grafana --"}}]},
//!      "panels": [{"datasource": {"uid": "${ds}"}}, {"datasource": "-- Mixed --"}, {"datasource": null}]}
//! ```
//! ## Fix
//! Use the uid of a provisioned datasource, or a variable of type `datasource`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::of_index::{listed, meant};
use super::{Findings, Meta, Severity};
use crate::index::object::{Obj, text};
use crate::index::{Index, Scope};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "unknown-datasource", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for scope in &index.scopes {
            let known = provisioned(scope);
            for map in scope.all("", "ConfigMap") {
                for (key, body) in map.at("/data").and_then(Value::as_object).into_iter().flatten() {
                    let Some(body) = body.as_str().filter(|body| key.ends_with(".json") && body.contains("\"panels\"")) else { continue };
                    let Ok(dashboard) = documents::json::parse(body.as_bytes()) else { continue };
                    dashboard_of(index, scope, map, key, &dashboard, &known, out);
                }
            }
        }
    }
}

/// Uids and names of the datasources that ConfigMaps and Secrets provision.
fn provisioned<'a>(scope: &Scope<'a>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let maps = scope.objects.iter().filter(|object| object.group.is_empty() && matches!(object.kind, "ConfigMap" | "Secret"));
    for body in maps.flat_map(|map| ["/data", "/stringData"].map(|pointer| map.at(pointer))).flatten().filter_map(Value::as_object) {
        for text_of in body.values().filter_map(Value::as_str).filter(|body| body.contains("datasources:")) {
            let documents = documents::parse_all(text_of).unwrap_or_default();
            let list = documents.iter().filter_map(|document| document.value.get("datasources")?.as_array()).flatten();
            for source in list {
                found.extend([text(source, "uid"), text(source, "name")].iter().filter(|name| !name.is_empty()).map(|name| name.to_string()));
            }
        }
    }
    found
}

fn dashboard_of(
    index: &Index<'_>,
    scope: &Scope<'_>,
    map: &Obj<'_>,
    key: &str,
    dashboard: &Value,
    known: &BTreeSet<String>,
    out: &mut Findings,
) {
    let mut asked = BTreeSet::new();
    datasources(dashboard, &mut asked);
    asked.retain(|name| !is_built_in(name) && !known.contains(*name));
    if asked.is_empty() {
        return;
    }
    let pointer = format!("/data/{}", crate::index::object::escaped(key));
    if known.is_empty() {
        return out.unsure(map, format!("whether datasource {} exists: none is provisioned in files", listed(asked)));
    }
    if let Some(gap) = scope.gap() {
        return out.unsure(map, format!("whether datasource {} exists: {gap}", listed(asked)));
    }
    for name in asked {
        let near = meant(name, known.iter().map(String::as_str));
        out.on(index, map, &pointer, format!("dashboard {key} asks datasource `{name}`, which is not provisioned{near}"))
            .help(format!("use the uid of a provisioned one: {}", listed(known)));
    }
}

fn is_built_in(name: &str) -> bool {
    name.starts_with("-- ") || name.starts_with('$') && !name.starts_with("${DS_") || matches!(name, "grafana" | "default" | "__expr__" | "mixed")
}

/// The names by which a dashboard asks for datasources.
fn datasources<'a>(value: &'a Value, into: &mut BTreeSet<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| datasources(item, into)),
        Value::Object(map) => {
            for (key, item) in map {
                match item {
                    Value::String(name) if key == "datasource" => drop(into.insert(name)),
                    Value::Object(_) if key == "datasource" => {
                        let uid = text(item, "uid");
                        if !uid.is_empty() && text(item, "type") != "datasource" {
                            into.insert(uid);
                        }
                    }
                    _ => datasources(item, into),
                }
            }
        }
        _ => {}
    }
}
