//! An Application that deploys nothing.
//!
//! ## What
//! The sources of an Application render no object at all.
//! ## Why
//! Either a mistake hides everything, or the next prune deletes everything.
//! ## Bad
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1 # bad
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: default}
//!   source: {repoURL: "https://git.example.org/shop.git", path: charts/cart}
//! ```
//! ```yaml charts/cart/Chart.yaml
//! {apiVersion: v2, name: cart, version: 1.0.0}
//! ```
//! ```yaml charts/cart/templates/settings.yaml
//! {{ if .Values.nothing }}{{ end }}
//! ```
//! ```yaml objects of cart
//! # Nothing.
//! ```
//! ## Good
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: default}
//!   source: {repoURL: "https://git.example.org/shop.git", path: charts/cart}
//! ```
//! ```yaml charts/cart/Chart.yaml
//! {apiVersion: v2, name: cart, version: 1.0.0}
//! ```
//! ```yaml objects of cart
//! apiVersion: v1
//! kind: Service
//! metadata: {name: cart}
//! ```
//! ## Trap
//! An environment may switch it off by name, and a chart of the network is not seen.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: default}
//!   source: {repoURL: "https://git.example.org/shop.git", path: charts/cart, helm: {valuesObject: {enabled: false}}}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: order}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: default}
//!   source: {repoURL: "https://charts.example.org", chart: order, targetRevision: 1.0.0}
//! ```
//! ```yaml charts/cart/Chart.yaml
//! {apiVersion: v2, name: cart, version: 1.0.0}
//! ```
//! ```yaml objects of cart
//! # Nothing.
//! ```
//! ```text gap of order
//! the chart order of https://charts.example.org is not in this repository
//! ```
//! ## Fix
//! Mend the condition, or say `enabled: false` in the values of the environment that does not want it.

use super::{Findings, Meta, Severity};
use crate::index::sources::{Leads, Source, What};
use crate::index::Index;

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "empty-render", severity: Severity::Warning }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for deployed in index.applications() {
            let is_empty = deployed.objects.as_ref().is_ok_and(Vec::is_empty) && deployed.unverified.is_empty();
            let own: Vec<&Source<'_>> = index.sources.iter().filter(|source| std::ptr::eq(source.deployed, deployed)).collect();
            let is_seen = own.iter().all(|source| source.is_ours && matches!(source.what, What::Helm | What::Directory) || !source.name.is_empty());
            let has_some = own.iter().any(|source| matches!(source.what, What::Helm | What::Directory));
            if is_empty && is_seen && has_some && !own.iter().any(|source| is_off(index, source)) {
                let message = format!("Application {} deploys no object", deployed.application.name());
                out.on_application(index, deployed, "", message).help("mend what hides the objects, or say `enabled: false` in the values");
            }
        }
    }
}

/// Does the environment say that it does not want it?
fn is_off(index: &Index<'_>, source: &Source<'_>) -> bool {
    let says = |value: &serde_json::Value| value.get("enabled") == Some(&serde_json::Value::Bool(false));
    let inline = source.value.pointer("/helm/valuesObject").is_some_and(says);
    let text = source.value.pointer("/helm/values").and_then(|values| values.as_str()).is_some_and(|text| text.contains("enabled: false"));
    let file = |path: &str| {
        let documents = index.input.files.get(path).and_then(|file| file.documents().ok()).unwrap_or_default();
        documents.iter().any(|document| says(&document.value))
    };
    inline || text || source.value_files.iter().any(|value_file| matches!(&value_file.leads, Leads::File(path) if file(path)))
}
