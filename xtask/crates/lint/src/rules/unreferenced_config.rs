//! A chart or a file of values that nothing uses.
//!
//! ## What
//! No Application, dependency, script or page names a chart, or a file of values beside others that are named.
//! ## Why
//! Whoever edits it changes nothing.
//! ## Bad
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: default}
//!   source: {repoURL: "https://git.example.org/shop.git", path: charts/cart, helm: {valueFiles: [../../config/dev/cart.yaml]}}
//! ```
//! ```yaml charts/cart/Chart.yaml
//! {apiVersion: v2, name: cart, version: 1.0.0}
//! ```
//! ```yaml charts/basket/Chart.yaml
//! {apiVersion: v2, name: basket, version: 1.0.0} # bad
//! ```
//! ```yaml config/dev/cart.yaml
//! replicas: 1
//! ```
//! ```yaml config/dev/crat.yaml
//! replicas: 3 # bad
//! ```
//! ## Good
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: default}
//!   source: {repoURL: "https://git.example.org/shop.git", path: charts/cart, helm: {valueFiles: [../../config/dev/cart.yaml]}}
//! ```
//! ```yaml charts/cart/Chart.yaml
//! {apiVersion: v2, name: cart, version: 1.0.0, dependencies: [{name: base, version: 1.0.0, repository: "file://../base"}]}
//! ```
//! ```yaml charts/base/Chart.yaml
//! {apiVersion: v2, name: base, version: 1.0.0, type: library}
//! ```
//! ```yaml config/dev/cart.yaml
//! replicas: 1
//! ```
//! ## Trap
//! A library is for others, a script may install a chart, and a folder with one of its files named need not have all of them named if
//! a pattern does.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: default}
//!   source: {repoURL: "https://git.example.org/shop.git", path: charts/cart, helm: {valueFiles: ["../../config/dev/*.yaml"]}}
//! ```
//! ```yaml charts/cart/Chart.yaml
//! {apiVersion: v2, name: cart, version: 1.0.0}
//! ```
//! ```yaml libraries/base/Chart.yaml
//! {apiVersion: v2, name: base, version: 1.0.0, type: library}
//! ```
//! ```yaml charts/tools/Chart.yaml
//! {apiVersion: v2, name: tools, version: 1.0.0}
//! ```
//! ```sh setup.sh
//! helm install tools charts/tools
//! ```
//! ```yaml config/dev/a.yaml
//! replicas: 1
//! ```
//! ```yaml config/dev/b.yaml
//! replicas: 1
//! ```
//! ## Fix
//! Deploy it, or remove it.

use std::collections::BTreeSet;

use gitops::glob;

use super::{Findings, Meta, Severity};
use crate::index::Index;
use crate::index::files::{folder, is_yaml, name};
use crate::index::object::text;
use crate::index::sources::{Leads, What, normal};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "unreferenced-config", severity: Severity::Warning }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        // Without an Application of this tree nothing here says what is used.
        if !index.sources.iter().any(|source| source.is_ours) {
            return;
        }
        // A generator that could not be tried may name anything.
        if let Some(unknown) = index.input.expansions.iter().flat_map(|expansion| &expansion.unverified).next() {
            return out.unverified(Some(unknown.place.file.clone()), Some(unknown.name.clone()), "it may use any chart or file of values");
        }
        charts(index, out);
        values(index, out);
    }
}

fn charts(index: &Index<'_>, out: &mut Findings) {
    let used: BTreeSet<String> = index.sources.iter().filter(|source| source.is_ours).filter_map(|source| normal("", source.path)).collect();
    let mut local = BTreeSet::new();
    let charts = || index.input.files.iter().filter(|(path, _)| name(path) == "Chart.yaml");
    for (path, file) in charts() {
        for document in file.documents().unwrap_or_default() {
            let dependencies = document.value.get("dependencies").and_then(|list| list.as_array()).into_iter().flatten();
            local.extend(dependencies.filter_map(|dependency| normal(folder(path), text(dependency, "repository").strip_prefix("file://")?)));
        }
    }
    for (path, file) in charts() {
        let chart = folder(path);
        let Some(first) = file.documents().ok().and_then(|documents| documents.first()) else { continue };
        let is_library = text(&first.value, "type") == "library";
        // A chart inside of another one is its dependency.
        let is_inside = path.contains("/charts/") && index.input.files.contains(&format!("{}/Chart.yaml", chart.rsplit_once("/charts/").map_or("", |(outer, _)| outer)));
        // A misspelt path is one mistake, not two.
        let is_meant = || index.sources.iter().any(|source| source.what == What::Nothing && crate::text::distance(source.path, chart, 3).is_some());
        let is_named = used.contains(chart) || local.contains(chart) || used.iter().any(|other| other.starts_with(&format!("{chart}/")));
        if is_library || is_inside || is_named || chart.is_empty() || is_meant() || is_mentioned(index, chart, path) {
            continue;
        }
        out.say(format!("no Application, dependency or script uses chart {chart}")).at(path, first.line, None).help("deploy it, or remove it");
    }
}

/// Files that lie where others are read as values, and are not.
fn values(index: &Index<'_>, out: &mut Findings) {
    let mut used = BTreeSet::new();
    let mut folders = BTreeSet::new();
    let mut patterns: Vec<String> = Vec::new();
    for source in &index.sources {
        for file in &source.value_files {
            match &file.leads {
                Leads::File(path) => {
                    used.insert(path.as_str());
                    folders.insert(folder(path));
                }
                Leads::Elsewhere => patterns.extend(normal(source.path, file.raw.split_once('/').filter(|_| file.raw.starts_with('$')).map_or(file.raw, |(_, rest)| rest))),
                _ => {}
            }
        }
    }
    // What charts, Applications and kustomizations hold is their own.
    let is_other = |path: &str| {
        let is_chart = index.input.files.contains(&format!("{}/Chart.yaml", folder(path)));
        is_chart || name(path).starts_with('.') || name(path).contains("example") || index.sources.iter().any(|source| source.is_ours && normal("", source.path).as_deref() == Some(folder(path)))
    };
    for (path, file) in index.input.files.iter().filter(|(path, _)| is_yaml(path) && folders.contains(folder(path))) {
        let is_secret = name(path).contains(".enc.") || name(path).contains("secret");
        let fits = patterns.iter().any(|pattern| glob::fits_path(pattern, path) || pattern.contains('$'));
        if used.contains(path) || is_other(path) || is_secret || fits || is_mentioned(index, path, path) {
            continue;
        }
        let Some(first) = file.documents().ok().and_then(|documents| documents.first()).filter(|document| document.value.get("kind").is_none()) else { continue };
        out.say("no Application reads this file of values").at(path, first.line, None).help("name it in `valueFiles`, or remove it");
    }
}

/// Does any other file name this path, whole or by its last two parts?
fn is_mentioned(index: &Index<'_>, path: &str, own: &str) -> bool {
    let mut parts = path.rsplitn(3, '/');
    let short = match (parts.next(), parts.next()) {
        (Some(last), Some(before)) => format!("{before}/{last}"),
        _ => path.to_string(),
    };
    let texts = index.input.files.iter().filter(|(other, _)| *other != own).filter_map(|(_, file)| file.text());
    let is_end = |text: &str, at: usize| !text.get(at + short.len()..).is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_'));
    texts.into_iter().any(|text| text.match_indices(short.as_str()).any(|(at, _)| is_end(text, at)))
}
