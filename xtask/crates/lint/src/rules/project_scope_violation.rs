//! An Application leaves the bounds of its project.
//!
//! ## What
//! The repository of a source, the destination, or the namespace of a rendered object is in none of the AppProject's lists.
//! ## Why
//! Argo CD refuses the sync.
//! ## Bad
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: AppProject
//! metadata: {name: shop}
//! spec:
//!   clusterResourceWhitelist: [{group: scheduling.k8s.io, kind: PriorityClass}]
//!   sourceRepos: ["https://git.example.org/shop.git"]
//!   destinations: [{server: "https://kubernetes.default.svc", namespace: shop}]
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   project: shop
//!   destination:
//!     server: https://kubernetes.default.svc
//!     namespace: cart # bad
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: order}
//! spec:
//!   project: shop
//!   destination: {server: "https://kubernetes.default.svc", namespace: shop}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: redis}
//! spec:
//!   project: shop
//!   destination: {server: "https://kubernetes.default.svc", namespace: shop}
//!   source:
//!     repoURL: https://charts.example.org # bad
//!     chart: redis
//!     targetRevision: 1.2.3
//! ```
//! ```yaml objects of order
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: order
//!   namespace: other # bad
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Good
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: AppProject
//! metadata: {name: shop}
//! spec:
//!   clusterResourceWhitelist: [{group: scheduling.k8s.io, kind: PriorityClass}]
//!   sourceRepos: ["https://git.example.org/*"]
//!   destinations: [{server: "https://kubernetes.default.svc", namespace: shop}, {name: in-cluster, namespace: "shop-*"}]
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   project: shop
//!   destination: {server: "https://kubernetes.default.svc", namespace: shop}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Trap
//! The own cluster has a name and an address; what is refused with `!` is refused, and the rest is admitted; a project that is not
//! written down admits what nobody knows.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: AppProject
//! metadata: {name: shop}
//! spec: {clusterResourceWhitelist: [{group: scheduling.k8s.io, kind: PriorityClass}], sourceRepos: ["!https://git.example.org/other", "*"], destinations: [{name: in-cluster, namespace: "*"}, {server: "*", namespace: "!kube-system"}]}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   project: shop
//!   destination: {server: "https://kubernetes.default.svc", namespace: shop}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: order}
//! spec:
//!   project: default
//!   destination: {server: "https://kubernetes.default.svc", namespace: order}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Fix
//! Add the repository or destination to the lists of the project, or deploy from and to where it is meant to.

use std::collections::BTreeSet;

use super::forbidden_project_kind::project_of;
use super::{Findings, Meta, Severity};
use crate::index::object::text;
use crate::index::projects::Project;
use crate::index::{Deployed, Index, Scope};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "project-scope-violation", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for source in &index.sources {
            let Some((name, projects)) = project_of(index, source.deployed) else { continue };
            if !source.url.is_empty() && !source.url.contains("{{") && !projects.iter().any(|project| project.admits_source(source.url)) {
                let message = format!("project {name} does not admit repository {}", source.url);
                let pointer = format!("{}/repoURL", source.pointer);
                out.on_application(index, source.deployed, &pointer, message).help("add it to sourceRepos of the project");
            }
        }
        for scope in &index.scopes {
            for deployed in &scope.applications {
                if let Some((name, projects)) = project_of(index, deployed) {
                    destinations(index, scope, deployed, name, projects, out);
                }
            }
        }
    }
}

fn destinations(index: &Index<'_>, scope: &Scope<'_>, deployed: &Deployed, name: &str, projects: &[Project<'_>], out: &mut Findings) {
    let Some((server, cluster)) = cluster(index, deployed) else { return };
    let admits = |namespace: &str| projects.iter().any(|project| project.admits_destination(&server, &cluster, namespace));
    let own = deployed.application.namespace();
    if !admits(own) {
        let field = if admits("") || projects.iter().any(|project| admits_cluster(project, &server, &cluster)) { "namespace" } else { "server" };
        let message = format!("project {name} does not admit destination {} with namespace `{own}`", if server.is_empty() { &cluster } else { &server });
        out.on_application(index, deployed, &format!("/spec/destination/{field}"), message).help("add it to destinations of the project");
        return;
    }
    let mut told = BTreeSet::new();
    for object in scope.objects.iter().filter(|object| std::ptr::eq(object.deployed, deployed)) {
        let is_other = !object.namespace.is_empty() && object.namespace != own && !admits(object.namespace);
        if is_other && told.insert(object.namespace) {
            let message = format!("project {name} does not admit namespace {}, and {object} is in it", object.namespace);
            out.on(index, object, "/metadata/namespace", message).help("add it to destinations of the project, or leave the namespace out");
        }
    }
}

fn admits_cluster(project: &Project<'_>, server: &str, cluster: &str) -> bool {
    let list = project.spec.get("destinations").and_then(|list| list.as_array());
    let mut namespaces = list.into_iter().flatten().map(|item| text(item, "namespace"));
    namespaces.any(|namespace| project.admits_destination(server, cluster, &namespace.replace('*', "x")))
}

/// Address and name of the cluster that an Application deploys to; `None` if one of them is not known.
fn cluster(index: &Index<'_>, deployed: &Deployed) -> Option<(String, String)> {
    let destination = deployed.application.value.pointer("/spec/destination")?;
    let (server, name) = (text(destination, "server"), text(destination, "name"));
    if server.contains("{{") || name.contains("{{") || server.is_empty() && name.is_empty() {
        return None;
    }
    let plane = index.input.planes.iter().find(|plane| plane.environment == deployed.application.environment)?;
    let own = [("in-cluster".to_string(), "https://kubernetes.default.svc".to_string())];
    let known = plane.clusters.iter().chain(&own).find(|(n, s)| !server.is_empty() && s == server || !name.is_empty() && n == name);
    Some(match known {
        Some((name, server)) => (server.clone(), name.clone()),
        None => (server.to_string(), name.to_string()),
    })
}
