//! Two documents make one Application, or two Applications deploy the same.
//!
//! ## What
//! In one control plane an Application is written or generated twice under one name; or two Applications deploy the same sources to the
//! same namespace of the same cluster.
//! ## Why
//! Each overwrites what the other has made, and deleting one deletes the objects of both.
//! ## Bad
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata:
//!   name: cart # bad
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: basket}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Good
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: basket}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: basket}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Trap
//! Two namespaces of Argo CD may each have an Application of one name, and one chart may be there twice under two names of a release.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart, namespace: argocd}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart, namespace: team-a}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: team-a}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: second}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   source: {repoURL: "https://git.example.org/shop.git", path: chart, helm: {releaseName: second}}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: third}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   source: {repoURL: "https://git.example.org/shop.git", path: chart, helm: {releaseName: third}}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ```yaml chart/Chart.yaml
//! {apiVersion: v2, name: chart, version: 1.0.0}
//! ```
//! ## Fix
//! Give one of them another name, or remove it.

use std::collections::BTreeMap;

use super::{Findings, Meta, Severity, refusals};
use crate::index::sources::What;
use crate::index::{Deployed, Index};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "duplicate-application", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for (expansion, error, field) in refusals::of(&index.input.expansions, "duplicate-application") {
            out.on_refused(index, expansion, field, error).help("let the template make another name for each element");
        }
        let mut names: BTreeMap<(Option<&str>, &str, &str), &Deployed> = BTreeMap::new();
        let mut contents: BTreeMap<(Option<&str>, String), &Deployed> = BTreeMap::new();
        for deployed in index.applications() {
            let application = &deployed.application;
            let environment = application.environment.as_deref();
            let namespace = application.value.pointer("/metadata/namespace").and_then(|value| value.as_str()).unwrap_or("argocd");
            let key = (environment, namespace, application.name());
            if let Some(first) = names.get(&key) {
                let message = format!("Application {} is made twice", application.name());
                let site = index.site_of(first, "/metadata/name");
                out.on_application(index, deployed, "/metadata/name", message)
                    .help("give one of them another name, or remove it")
                    .related(site.path, site.line, site.column, "the other one");
                continue;
            }
            names.insert(key, deployed);
            let Some(content) = content(index, deployed) else { continue };
            match contents.get(&(environment, content.clone())) {
                Some(first) => {
                    let message = format!("Applications {} and {} deploy the same to one namespace", first.application.name(), application.name());
                    let site = index.site_of(first, "/metadata/name");
                    out.on_application(index, deployed, "/metadata/name", message)
                        .help("remove one of them, or give it a namespace of its own")
                        .related(site.path, site.line, site.column, "the other one");
                }
                None => drop(contents.insert((environment, content), deployed)),
            }
        }
    }
}

/// Destination and sources; `None` where two of the same may be meant: a chart has names of its own for each release.
fn content(index: &Index<'_>, deployed: &Deployed) -> Option<String> {
    let own: Vec<_> = index.sources.iter().filter(|source| std::ptr::eq(source.deployed, deployed)).collect();
    // A chart takes the name of the Application for its release, and makes other objects under another one.
    if own.is_empty() || own.iter().any(|source| source.what == What::Helm || !source.chart.is_empty()) {
        return None;
    }
    let sources: Vec<String> = own.iter().map(|source| source.value.to_string()).collect();
    Some(format!("{}\n{}", deployed.application.value.pointer("/spec/destination")?, sources.join("\n")))
}
