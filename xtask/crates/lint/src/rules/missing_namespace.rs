//! Nothing makes the namespace that an Application deploys to.
//!
//! ## What
//! The destination's namespace is not rendered, no sync option makes it, Kubernetes does not have it by itself, and neither the
//! environment nor a script of the bootstrap provides it.
//! ## Why
//! Every object in it is refused.
//! ## Bad
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination:
//!     server: https://kubernetes.default.svc
//!     namespace: cart # bad
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ```yaml objects of cart
//! apiVersion: v1
//! kind: Service
//! metadata: {name: cart}
//! ```
//! ## Good
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//!   syncPolicy: {syncOptions: [CreateNamespace=true]}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ```yaml objects of cart
//! apiVersion: v1
//! kind: Service
//! metadata: {name: cart}
//! ```
//! ## Trap
//! Argo CD's own namespace is there, a script makes another, and what has no object in a namespace needs none.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: root, namespace: argocd}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: argocd}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: roles}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: anywhere}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: tools}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: tools}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ```sh bootstrap.sh
//! kubectl create namespace tools
//! ```
//! ```yaml objects of root
//! apiVersion: v1
//! kind: Service
//! metadata: {name: cart}
//! ```
//! ```yaml objects of roles
//! apiVersion: rbac.authorization.k8s.io/v1
//! kind: ClusterRole
//! metadata: {name: reader}
//! rules: []
//! ```
//! ```yaml objects of tools
//! apiVersion: v1
//! kind: Service
//! metadata: {name: tools}
//! ```
//! ## Fix
//! Add `CreateNamespace=true` to the sync options, or render the namespace in an earlier wave.

use super::{Findings, Meta, Severity};
use crate::index::{Index, Scope};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "missing-namespace", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for scope in &index.scopes {
            for deployed in &scope.applications {
                let application = &deployed.application;
                let namespace = application.namespace();
                let own = application.value.pointer("/metadata/namespace").and_then(|value| value.as_str()).unwrap_or("argocd");
                let is_there = namespace.is_empty() || namespace == own || namespace.contains("{{") || scope.namespaces.contains(namespace);
                let uses_it = scope.objects.iter().any(|object| std::ptr::eq(object.deployed, *deployed) && object.namespace == namespace);
                if is_there || !uses_it || is_made_by_script(index, namespace) {
                    continue;
                }
                if let Some(gap) = gap(scope, application.name()) {
                    out.unsure_of(deployed, format!("whether namespace {namespace} exists: {gap}"));
                    continue;
                }
                let message = format!("nothing makes namespace {namespace}, which Application {} deploys to", application.name());
                out.on_application(index, deployed, "/spec/destination/namespace", message)
                    .help("add CreateNamespace=true to the sync options, or render the namespace in an earlier wave");
            }
        }
    }
}

fn gap(scope: &Scope<'_>, own: &str) -> Option<String> {
    // That the Application itself is not known whole says nothing about its namespace.
    scope.gaps.iter().find(|(application, _)| *application != own).map(|(application, why)| format!("{application} is not known whole ({why})"))
}

/// Does a script or a page name the namespace after `namespace`, as `kubectl create namespace NAME` does, or with `--create-namespace`?
fn is_made_by_script(index: &Index<'_>, namespace: &str) -> bool {
    let words = [format!("namespace {namespace}"), format!("ns {namespace}"), format!("namespace/{namespace}")];
    let is_word = |text: &str, at: usize, length: usize| !text.get(at + length..).is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '-'));
    index.input.files.iter().filter(|(path, _)| !crate::index::files::is_yaml(path)).filter_map(|(_, file)| file.text()).any(|text| {
        let makes = text.contains("create") || text.contains("apply");
        makes && words.iter().any(|word| text.match_indices(word.as_str()).any(|(at, found)| is_word(text, at, found.len())))
    })
}
