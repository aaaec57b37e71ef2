//! A sync wave that orders nothing.
//!
//! ## What
//! A wave stands in the template of an ApplicationSet, where nobody reads it; on a child Application while Argo CD is told no health of
//! Applications; or it is no whole number.
//! ## Why
//! The order that everybody relies on does not exist.
//! ## Bad
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: ApplicationSet
//! metadata: {name: shop}
//! spec:
//!   goTemplate: true
//!   generators: [{list: {elements: [{app: cart}]}}]
//!   template:
//!     metadata:
//!       name: "{{.app}}"
//!       annotations:
//!         argocd.argoproj.io/sync-wave: "2" # bad
//!     spec:
//!       project: default
//!       destination: {server: "https://kubernetes.default.svc", namespace: shop}
//!       source: {repoURL: "https://git.example.org/shop.git", path: cart}
//!       syncPolicy: {syncOptions: [CreateNamespace=true]}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ```yaml objects of cart
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: cart
//!   annotations:
//!     argocd.argoproj.io/sync-wave: first # bad
//! ```
//! ## Good
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: ApplicationSet
//! metadata: {name: shop, annotations: {argocd.argoproj.io/sync-wave: "2"}}
//! spec:
//!   goTemplate: true
//!   generators: [{list: {elements: [{app: cart}]}}]
//!   template:
//!     metadata: {name: "{{.app}}"}
//!     spec:
//!       project: default
//!       destination: {server: "https://kubernetes.default.svc", namespace: shop}
//!       source: {repoURL: "https://git.example.org/shop.git", path: cart}
//!       syncPolicy: {syncOptions: [CreateNamespace=true]}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Trap
//! The set's own wave, repeated for people who list Applications, does no harm; negative waves are waves.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: ApplicationSet
//! metadata: {name: shop, annotations: {argocd.argoproj.io/sync-wave: "-2"}}
//! spec:
//!   goTemplate: true
//!   generators: [{list: {elements: [{app: cart}]}}]
//!   template:
//!     metadata: {name: "{{.app}}", annotations: {argocd.argoproj.io/sync-wave: "-2"}}
//!     spec:
//!       project: default
//!       destination: {server: "https://kubernetes.default.svc", namespace: shop}
//!       source: {repoURL: "https://git.example.org/shop.git", path: cart}
//!       syncPolicy: {syncOptions: [CreateNamespace=true]}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Fix
//! Put the wave on the ApplicationSet itself, one set for each wave, and let a parent Application deploy the sets.

use std::collections::BTreeSet;

use gitops::model::Kind;

use super::{Findings, Meta, Severity};
use crate::index::object::text;
use crate::index::{Index, Obj, sources};

pub struct Rule;

const WAVE: &str = "argocd.argoproj.io/sync-wave";

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "inert-sync-wave", severity: Severity::Warning }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        sets(index, out);
        children(index, out);
        for object in index.scopes.iter().flat_map(|scope| &scope.objects) {
            let Some(wave) = object.value.pointer("/metadata/annotations/argocd.argoproj.io~1sync-wave") else { continue };
            if wave.as_str().is_none_or(|wave| wave.trim().parse::<i64>().is_err()) {
                let wave = wave.as_str().map_or_else(|| wave.to_string(), str::to_string);
                let message = format!("`{wave}` is no wave: Argo CD takes 0 for what is no whole number");
                out.on(index, object, "/metadata/annotations/argocd.argoproj.io~1sync-wave", message).help("write a whole number, in quotes");
            }
        }
    }
}

/// Waves in templates of sets without a rolling strategy.
fn sets(index: &Index<'_>, out: &mut Findings) {
    for (path, document, set) in sources::documents(index.input, Kind::ApplicationSet) {
        let own = set.pointer("/metadata/annotations").map_or("", |annotations| text(annotations, WAVE));
        let Some(wave) = set.pointer("/spec/template/metadata/annotations").map(|annotations| text(annotations, WAVE)).filter(|wave| !wave.is_empty()) else {
            continue;
        };
        let is_rolling = set.pointer("/spec/strategy/type").and_then(|kind| kind.as_str()) == Some("RollingSync");
        let is_copy = wave == own || !own.is_empty() && wave.contains("{{");
        if is_rolling || is_copy {
            continue;
        }
        let name = set.pointer("/metadata/name").and_then(|name| name.as_str()).unwrap_or_default();
        let finding = out.say(format!("wave `{wave}` in the template of ApplicationSet {name} orders nothing: generated Applications are made at once"));
        finding.object(format!("ApplicationSet {name}")).help("put the wave on the ApplicationSet itself, one set for each wave");
        if let Some(site) = index.in_document(&path, document, "/spec/template/metadata/annotations/argocd.argoproj.io~1sync-wave") {
            finding.at(site.path, site.line, site.column);
        }
    }
}

/// Waves on child Applications, where the tree sets up Argo CD and tells it no health of Applications.
fn children(index: &Index<'_>, out: &mut Findings) {
    // Without a configuration in the tree it is not known whether there is a check.
    let configurations: Vec<&Obj<'_>> = index.scopes.iter().flat_map(|scope| scope.all("", "ConfigMap")).filter(|map| map.name == "argocd-cm").collect();
    let is_checked = index.input.files.iter().filter_map(|(_, file)| file.text()).any(|text| text.contains("health.argoproj.io_Application"));
    if configurations.is_empty() || is_checked {
        return;
    }
    let mut told = BTreeSet::new();
    for deployed in index.applications() {
        let application = &deployed.application;
        let pointer = "/metadata/annotations/argocd.argoproj.io~1sync-wave";
        let has_wave = application.value.pointer(pointer).is_some() && application.wave() != 0;
        if application.set.is_none() && application.parent.is_some() && has_wave && told.insert(&application.place) {
            let message = format!("the wave of Application {} orders nothing: Argo CD is told no health of Applications", application.name());
            out.on_application(index, deployed, pointer, message)
                .help("add `resource.customizations.health.argoproj.io_Application` to argocd-cm");
        }
    }
}
