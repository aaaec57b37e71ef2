//! A layer of values makes something else of a map.
//!
//! ## What
//! An overlay has a text, a number or a list where the layers below it have a map, or a map where they have something else, and
//! the templates expect what was there before.
//! ## Why
//! Helm takes one side as a whole and drops the other: the defaults in the map are gone, or the template fails on the first field
//! that it looks for.
//! ## Bad
//! ```yaml charts/shop/values.yaml
//! image: {repository: shop, tag: v1}
//! hosts: [shop.example.com]
//! ```
//! ```yaml charts/shop/templates/deployment.yaml
//! image: {{ .Values.image.repository }}:{{ .Values.image.tag }}
//! hosts: {{ range .Values.hosts }}{{ . }}{{ end }}
//! ```
//! ```yaml config/prod/shop.yaml
//! image: shop:v2
//! hosts: {main: shop.example.com}
//! ```
//! ## Good
//! ```yaml charts/shop/values.yaml
//! image: {repository: shop, tag: v1}
//! ```
//! ```yaml charts/shop/templates/deployment.yaml
//! image: {{ .Values.image.repository }}:{{ .Values.image.tag }}
//! ```
//! ```yaml config/prod/shop.yaml
//! image: {tag: v2}
//! ```
//! ## Trap
//! Null deletes, an empty default is filled, and a template that asks for the type takes several.
//! ```yaml charts/shop/values.yaml
//! resources: {limits: {cpu: 1}}
//! nodeSelector: {}
//! affinity: ""
//! command: {run: shop}
//! extra: []
//! ```
//! ```yaml charts/shop/templates/deployment.yaml
//! resources: {{ toYaml .Values.resources }}
//! nodeSelector: {{ toYaml .Values.nodeSelector }}
//! affinity: {{ toYaml .Values.affinity }}
//! extra: {{ toYaml .Values.extra }}
//! {{- if kindIs "map" .Values.command }}
//! command: {{ toYaml .Values.command }}
//! {{- else }}
//! command: {{ .Values.command }}
//! {{- end }}
//! ```
//! ```yaml config/prod/shop.yaml
//! resources: null
//! nodeSelector: {disk: ssd}
//! affinity: {nodeAffinity: {}}
//! command: shop
//! extra: {a: 1}
//! ```
//! ## Fix
//! Keep the shape of the default and set single keys in it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::charts::reads::fits;
use crate::charts::{Layer, Subject, overlay, pointer};
use crate::{Findings, Severity};

pub const ID: &str = "retyped-values-key";
pub const SEVERITY: Severity = Severity::Error;

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> super::Meta {
        super::Meta { id: ID, severity: SEVERITY }
    }

    fn check(&self, index: &crate::index::Index<'_>, out: &mut Findings) {
        check(index.subjects, out);
    }
}

pub fn check(subjects: &[Subject<'_>], out: &mut Findings) {
    out.of(ID, SEVERITY);
    for subject in subjects {
        let mut seen = BTreeSet::new();
        for deployment in &subject.deployments {
            let mut below = Cow::Borrowed(&subject.defaults);
            for (at, layer) in deployment.layers.iter().enumerate() {
                let mut found = Vec::new();
                compare(&below, &layer.value, &mut Vec::new(), &mut found);
                found.retain(|retyped| matters(subject, retyped));
                if !found.is_empty() {
                    report(subject, layer, &found, deployment.environment.as_deref(), &mut seen, out);
                }
                if at + 1 < deployment.layers.len() {
                    overlay(below.to_mut(), &layer.value);
                }
            }
        }
    }
}

struct Retyped {
    keys: Vec<String>,
    was: &'static str,
    is: &'static str,
    /// There was something, not only an empty map or text.
    was_filled: bool,
}

fn compare(below: &Value, over: &Value, keys: &mut Vec<String>, found: &mut Vec<Retyped>) {
    let (Some(below), Some(over)) = (below.as_object(), over.as_object()) else { return };
    for (key, value) in over {
        let Some(was) = below.get(key) else { continue };
        keys.push(key.clone());
        if was.is_object() && value.is_object() {
            compare(was, value, keys, found);
        } else if (was.is_object() || value.is_object()) && !was.is_null() && !value.is_null() {
            let was_filled = match was {
                Value::Object(map) => !map.is_empty(),
                Value::Array(list) => !list.is_empty(),
                Value::String(text) => !text.is_empty(),
                Value::Bool(b) => *b,
                _ => true,
            };
            found.push(Retyped { keys: keys.clone(), was: kind(was), is: kind(value), was_filled });
        }
        keys.pop();
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "a map",
        Value::Array(_) => "a list",
        Value::String(_) => "a text",
        Value::Number(_) => "a number",
        Value::Bool(_) => "true or false",
        Value::Null => "nothing",
    }
}

/// Do the templates read it, and in a way that takes only what was there?
fn matters(subject: &Subject<'_>, retyped: &Retyped) -> bool {
    let keys: Vec<&str> = retyped.keys.iter().map(String::as_str).collect();
    let reads = &subject.reads;
    let exact = |path| {
        let steps = reads.paths.steps(path);
        steps.len() == keys.len() && fits(&steps, &keys)
    };
    if reads.gave_up || !reads.covers(&keys) || reads.typed.iter().chain(&reads.expanded).any(|path| exact(*path)) {
        return false;
    }
    // A field is looked for in it.
    let walked = retyped.is != "a map" && reads.walks.iter().any(|walk| walk.checked > 0 && walk.maps.iter().any(|path| exact(*path)));
    retyped.was_filled || walked
}

fn report(
    subject: &Subject<'_>,
    layer: &Layer,
    found: &[Retyped],
    environment: Option<&str>,
    seen: &mut BTreeSet<(String, String, Option<String>)>,
    out: &mut Findings,
) {
    let positions = layer.positions();
    for retyped in found {
        let name = retyped.keys.join(".");
        if !seen.insert((layer.path.display().to_string(), name.clone(), environment.map(str::to_string))) {
            continue;
        }
        let place = layer.place(positions, &pointer(&retyped.keys));
        let found = out.say(format!("`{name}` is {} here and {} below it", retyped.is, retyped.was));
        found.at(place.path, place.line, place.column).help("keep the shape and set single keys; null deletes a default");
        found.environments.extend(environment.map(str::to_string));
        if let Some(values) = subject.chart().and_then(|chart| chart.values.as_ref()) {
            let keys = pointer(&retyped.keys);
            if let Some(position) = values.positions().get(0, &keys) {
                let mark = position.key.unwrap_or(position.value);
                found.related(values.path.clone(), mark.line, Some(mark.column), format!("{} by default", retyped.was));
            }
        }
    }
}
