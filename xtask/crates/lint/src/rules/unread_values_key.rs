//! A value that nobody reads.
//!
//! ## What
//! A key of a values file that no template reads, of no chart that the file is used for.
//! ## Why
//! People tune a setting that does nothing, or the one that they meant is spelled in another way and keeps its default.
//! ## Bad
//! ```yaml charts/shop/values.yaml
//! image: {repository: shop, tag: v1}
//! replicas: 1
//! ```
//! ```yaml charts/shop/templates/deployment.yaml
//! image: {{ .Values.image.repository }}:{{ .Values.image.tag }}
//! replicas: {{ .Values.replicas }}
//! ```
//! ```yaml config/prod/shop.yaml
//! replicaCount: 3
//! image: {tagg: v2}
//! ```
//! ## Good
//! ```yaml charts/shop/values.yaml
//! image: {repository: shop, tag: v1}
//! replicas: 1
//! ```
//! ```yaml charts/shop/templates/deployment.yaml
//! image: {{ .Values.image.repository }}:{{ .Values.image.tag }}
//! replicas: {{ .Values.replicas }}
//! ```
//! ```yaml config/prod/shop.yaml
//! replicas: 3
//! ```
//! ## Trap
//! Read as a whole, by key, in a loop, through a helper, by a text that is a template, by a dependency, or an anchor.
//! ```yaml charts/shop/Chart.yaml
//! name: shop
//! version: 1.0.0
//! dependencies:
//!   - {name: redis, version: 1.0.0, repository: "file://../redis", alias: cache, condition: cache.enabled, tags: [data]}
//!   - {name: not-vendored, version: 1.0.0, repository: "https://charts.example.com"}
//! ```
//! ```yaml charts/shop/values.yaml
//! x-limits: &limits {cpu: 1}
//! resources: {limits: *limits, requests: {cpu: 1}}
//! env: {LOG: {level: info}}
//! probes: {live: {path: /live}}
//! labels: {team: "{{ .Values.team }}"}
//! team: shop
//! cache: {enabled: true, port: 1}
//! tags: {data: true}
//! not-vendored: {anything: 1}
//! global: {zone: a}
//! ```
//! ```yaml charts/shop/templates/_helpers.tpl
//! {{- define "shop.probe" }}{{ get .of "path" }}{{ end }}
//! ```
//! ```yaml charts/shop/templates/deployment.yaml
//! resources: {{ toYaml .Values.resources | nindent 2 }}
//! env:
//! {{- range $name, $entry := .Values.env }}
//!   {{ $name }}: {{ index $entry "level" }}
//! {{- end }}
//! live: {{ include "shop.probe" (dict "of" .Values.probes.live "root" $) }}
//! labels: {{ tpl (toYaml .Values.labels) $ | nindent 2 }}
//! ```
//! ```yaml charts/redis/Chart.yaml
//! name: redis
//! version: 1.0.0
//! ```
//! ```yaml charts/redis/templates/service.yaml
//! port: {{ .Values.port }}
//! ```
//! ## Fix
//! Remove the key, or write it as the templates read it; the finding names the nearest one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use documents::Positions;
use serde_json::Value;

use super::ineffective_subchart_key::is_misnamed_block;
use crate::text::nearest;
use crate::charts::{How, Subject, Used, keys};
use crate::{Findings, Severity};

pub const ID: &str = "unread-values-key";
pub const SEVERITY: Severity = Severity::Warning;

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> super::Meta {
        super::Meta { id: ID, severity: SEVERITY }
    }

    fn check(&self, index: &crate::index::Index<'_>, out: &mut Findings) {
        check(index.subjects, &|_| true, out);
    }
}

/// A key that the analysis finds unread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// From the root of the repository.
    pub path: PathBuf,
    /// In the file.
    pub pointer: String,
    /// The keys in the values of the chart.
    pub keys: Vec<String>,
    /// Charts that use the file.
    pub charts: Vec<String>,
}

/// A file, where the values are in it, and the document.
type Source = (PathBuf, String, usize);

/// `confirm` is the second proof: do all charts that use the file render the same without the key, in every environment?
pub fn check(subjects: &[Subject<'_>], confirm: &dyn Fn(&Key) -> bool, out: &mut Findings) {
    out.of(ID, SEVERITY);
    // A file may be used by several charts: it takes all of them to leave a key unread.
    let mut files: BTreeMap<Source, Vec<(&Subject<'_>, &Used)>> = BTreeMap::new();
    for subject in subjects {
        for used in subject.layers.iter().filter(|used| !used.layer.text.is_empty()) {
            let key = (used.layer.path.clone(), used.layer.below.clone(), used.layer.document);
            files.entry(key).or_default().push((subject, used));
        }
    }
    for users in files.values() {
        let Some((first, used)) = users.first() else { continue };
        // A chart without a single template is not all there.
        if users.iter().any(|(subject, _)| subject.family.templates.is_empty()) {
            continue;
        }
        let layer = &used.layer;
        let positions = layer.positions();
        let mut reported: Option<String> = None;
        for (pointer, _) in positions.all(layer.document) {
            let Some(own) = pointer.strip_prefix(layer.below.as_str()).filter(|own| own.starts_with('/')) else { continue };
            if reported.as_ref().is_some_and(|above| own.starts_with(above.as_str())) || is_special(own) {
                continue;
            }
            let own_keys = keys(own);
            let is_unread = users.iter().all(|(subject, used)| is_unread(subject, used, &own_keys));
            if !is_unread || has_anchor(layer, positions, pointer) {
                continue;
            }
            reported = Some(format!("{own}/"));
            let charts: Vec<String> = users.iter().map(|(subject, _)| subject.name().to_string()).collect();
            let full: Vec<String> = used.keys.iter().cloned().chain(own_keys.clone()).collect();
            let key = Key { path: layer.path.clone(), pointer: pointer.to_string(), keys: full.clone(), charts: charts.clone() };
            if !confirm(&key) {
                continue;
            }
            let place = layer.place(positions, own);
            let mut charts = charts;
            charts.sort();
            charts.dedup();
            let of = if let [one] = charts.as_slice() { one.clone() } else { format!("the {} charts that use the file", charts.len()) };
            let near = near(first, &full).map_or(String::new(), |near| format!(": did you mean `{near}`?"));
            let found = out.say(format!("`{}` is read by no template of {of}", own_keys.join(".")));
            found.at(place.path, place.line, place.column);
            found.help(format!("remove it, or write it as the templates read it{near}"));
            found.environments = users.iter().flat_map(|(_, used)| used.environments.clone()).collect();
            found.environments.sort();
            found.environments.dedup();
        }
    }
}

/// What is no value of the chart alone: globals, what is exported to a parent, blocks for anchors.
fn is_special(own: &str) -> bool {
    let first = own.split('/').nth(1).unwrap_or_default();
    first == "global" || first == "exports" || first.starts_with("x-") || own.contains("/global/") || own.ends_with("/global")
}

fn is_unread(subject: &Subject<'_>, used: &Used, own: &[String]) -> bool {
    let full: Vec<&str> = used.keys.iter().chain(own).map(String::as_str).collect();
    if subject.reads.gave_up || subject.reads.covers(&full) || is_misnamed_block(subject, &full) {
        return false;
    }
    // A map that is asked whether it is empty is read by that: its last key makes the difference.
    let Some((_, above)) = full.split_last().filter(|(_, above)| !above.is_empty()) else { return true };
    let asked = subject.reads.uses(above).iter().any(|how| matches!(how, How::Tested | How::Keys | How::Compared));
    if !asked {
        return true;
    }
    std::iter::once(&subject.defaults).chain(&subject.effective).all(|values| {
        let map = above.iter().try_fold(values, |value, key| crate::charts::facts::child(value, key));
        let Some(Value::Object(map)) = map else { return true };
        map.keys().any(|key| {
            let mut other = above.to_vec();
            other.push(key);
            subject.reads.covers(&other)
        })
    })
}

/// Is the value an anchor, or is there one in it? Then another place may be what reads it.
fn has_anchor(layer: &crate::charts::Layer, positions: &Positions, pointer: &str) -> bool {
    let Some(position) = positions.get(layer.document, pointer) else { return false };
    let from = position.key.unwrap_or(position.value).line;
    let lines = layer.text.lines().skip(from.saturating_sub(1)).take((position.end.line + 1).saturating_sub(from));
    lines.into_iter().any(|line| {
        line.match_indices('&').any(|(at, _)| {
            let before = line.get(..at).unwrap_or_default();
            let after = line.get(at + 1..).and_then(|rest| rest.chars().next());
            (before.ends_with(": ") || before.ends_with("- ")) && after.is_some_and(|c| c.is_ascii_alphanumeric())
        })
    })
}

/// A key beside it that is read.
fn near(subject: &Subject<'_>, full: &[String]) -> Option<String> {
    let (last, above) = full.split_last()?;
    let mut known = Vec::new();
    let map = above.iter().try_fold(&subject.defaults, |value, key| crate::charts::facts::child(value, key));
    if let Some(Value::Object(map)) = map {
        known.extend(map.keys().cloned());
    }
    known.extend(subject.reads.names_below(&above.iter().map(String::as_str).collect::<Vec<_>>()));
    known.retain(|name| {
        let mut keys: Vec<&str> = above.iter().map(String::as_str).collect();
        keys.push(name);
        name != last && subject.reads.covers(&keys)
    });
    nearest(last, known.iter().map(String::as_str)).map(str::to_string)
}
