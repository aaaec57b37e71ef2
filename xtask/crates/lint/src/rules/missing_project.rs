//! An Application of a project that does not exist.
//!
//! ## What
//! `project` names no AppProject, neither among the files nor among what Applications deploy.
//! ## Why
//! Argo CD refuses the Application.
//! ## Bad
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: AppProject
//! metadata: {name: shop}
//! spec: {sourceRepos: ["*"], destinations: [{server: "*", namespace: "*"}]}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   project: shpo # bad
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Good
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: AppProject
//! metadata: {name: shop}
//! spec: {sourceRepos: ["*"], destinations: [{server: "*", namespace: "*"}]}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   project: shop
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Trap
//! Argo CD makes `default` itself, also where a project of another name is written down.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: AppProject
//! metadata: {name: shop}
//! spec: {sourceRepos: ["*"], destinations: [{server: "*", namespace: "*"}]}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   project: default
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Fix
//! Name a project that exists, or write the AppProject.

use super::of_index::meant;
use super::{Findings, Meta, Severity, refusals};
use crate::index::Index;
use crate::index::object::text;

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "missing-project", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for (expansion, error, field) in refusals::of(&index.input.expansions, "missing-project") {
            let name = error.split_whitespace().skip_while(|word| *word != "project").nth(1).unwrap_or_default();
            let near = meant(name, index.projects.keys().copied());
            out.on_refused(index, expansion, field, format!("there is no AppProject `{name}`{near}"))
                .help("name a project that exists, or write the AppProject");
        }
        for deployed in index.applications() {
            let name = deployed.application.value.get("spec").map_or("", |spec| text(spec, "project"));
            if name.is_empty() || name == "default" || name.contains("{{") || index.projects.contains_key(name) {
                continue;
            }
            if index.projects.is_empty() {
                out.unsure_of(deployed, format!("whether project {name} exists: this repository has no AppProject"));
                continue;
            }
            if let Some(gap) = index.scopes.iter().find_map(|scope| scope.gap()) {
                out.unsure_of(deployed, format!("whether project {name} exists: {gap}"));
                continue;
            }
            let near = meant(name, index.projects.keys().copied());
            out.on_application(index, deployed, "/spec/project", format!("there is no AppProject `{name}`{near}"))
                .help("name a project that exists, or write the AppProject");
        }
    }
}
