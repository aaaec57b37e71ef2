//! The template of an ApplicationSet reads what an element does not have.
//!
//! ## What
//! A string of the template reads a key that an element of the generators lacks.
//! ## Why
//! Under `missingkey=error` one element stops the whole set; otherwise `<no value>`, or the braces themselves, land in a name or a path.
//! ## Bad
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: ApplicationSet
//! metadata: {name: shop}
//! spec: # bad
//!   goTemplate: true
//!   goTemplateOptions: [missingkey=error]
//!   generators: [{list: {elements: [{app: cart, space: shop}, {app: order}]}}]
//!   template:
//!     metadata: {name: "{{.app}}"}
//!     spec:
//!       project: default
//!       destination: {server: "https://kubernetes.default.svc", namespace: "{{.space}}"}
//!       source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Good
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: ApplicationSet
//! metadata: {name: shop}
//! spec:
//!   goTemplate: true
//!   goTemplateOptions: [missingkey=error]
//!   generators: [{list: {elements: [{app: cart, space: shop}, {app: order, space: shop}]}}]
//!   template:
//!     metadata: {name: "{{.app}}"}
//!     spec:
//!       project: default
//!       destination: {server: "https://kubernetes.default.svc", namespace: "{{.space}}"}
//!       source: {repoURL: "https://git.example.org/shop.git", path: cart, helm: {releaseName: "{{.app}}"}}
//! ```
//! ```yaml cart/Chart.yaml
//! {apiVersion: v2, name: cart, version: 1.0.0}
//! ```
//! ## Trap
//! What asks first is safe; what a generator of the network would give is not known.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: ApplicationSet
//! metadata: {name: shop}
//! spec:
//!   goTemplate: true
//!   goTemplateOptions: [missingkey=error]
//!   generators: [{list: {elements: [{app: cart, space: shop}, {app: order}]}}]
//!   template:
//!     metadata: {name: "{{.app}}"}
//!     spec:
//!       project: default
//!       destination: {server: "https://kubernetes.default.svc", namespace: '{{dig "space" .app .}}'}
//!       source: {repoURL: "https://git.example.org/shop.git", path: cart, helm: {releaseName: "{{.app}}"}}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: ApplicationSet
//! metadata: {name: previews}
//! spec:
//!   goTemplate: true
//!   generators: [{pullRequest: {github: {owner: shop, repo: shop}}}]
//!   template:
//!     metadata: {name: "preview-{{.number}}"}
//!     spec:
//!       project: default
//!       destination: {server: "https://kubernetes.default.svc", namespace: preview}
//!       source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ```
//! ```yaml cart/Chart.yaml
//! {apiVersion: v2, name: cart, version: 1.0.0}
//! ```
//! ## Fix
//! Give every element the key, or read it with `dig` and a default.

use gitops::model::{Expansion, Kind};

use super::{Findings, Meta, Severity, refusals};
use crate::index::object::texts;
use crate::index::Index;

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: ID, severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for (expansion, error, field) in refusals::of(&index.input.expansions, ID) {
            let message = format!("ApplicationSet {} generates nothing: {error}", expansion.name);
            out.on_refused(index, expansion, field, message).help(HELP);
        }
        for expansion in index.input.expansions.iter().filter(|expansion| expansion.kind == Kind::ApplicationSet) {
            unresolved(index, expansion, out);
        }
    }
}

const ID: &str = "unresolved-template-key";

const HELP: &str = "give every element the key, or read it with `dig` and a default";

/// Strings of the generated Applications in which something is left over.
fn unresolved(index: &Index<'_>, expansion: &Expansion, out: &mut Findings) {
    for application in &expansion.applications {
        let mut left: Vec<(String, String)> = Vec::new();
        texts(&application.value, &mut String::new(), &mut |pointer, text| {
            // What Argo CD or Helm fills in later is theirs.
            let is_inline = pointer.contains("/helm/values") || pointer.contains("/helm/parameters") || pointer.contains("/info/");
            let is_annotation = pointer.starts_with("/metadata/annotations");
            if !is_inline && !is_annotation && (text.contains("<no value>") || is_reference(text)) {
                left.push((pointer.to_string(), text.to_string()));
            }
        });
        for (pointer, text) in left {
            let pointer = format!("/spec/template{pointer}");
            let message = format!("Application {} gets `{text}`: an element lacks what the template reads", application.name());
            out.on_refused(index, expansion, &pointer, message).help(HELP);
        }
    }
}

/// `{{name}}` that nothing has replaced.
fn is_reference(text: &str) -> bool {
    text.split_once("{{").and_then(|(_, rest)| rest.split_once("}}")).is_some_and(|(inner, _)| !inner.trim().is_empty())
}
