//! An Application deploys a kind that its project does not admit.
//!
//! ## What
//! A rendered object is of a kind that the AppProject's lists leave out. Without a list of kinds in namespaces all of them are admitted,
//! with an empty one none; of the whole cluster only those are admitted that the list names, also the Namespace that `CreateNamespace`
//! makes.
//! ## Why
//! The sync fails, although every manifest is valid.
//! ## Bad
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: AppProject
//! metadata: {name: shop}
//! spec:
//!   sourceRepos: ["*"]
//!   destinations: [{server: "*", namespace: "*"}]
//!   clusterResourceWhitelist: [{group: "", kind: Namespace}]
//!   namespaceResourceWhitelist: [{group: "", kind: Service}]
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   project: shop
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//!   syncPolicy: {syncOptions: [CreateNamespace=true]}
//! ```
//! ```yaml objects of cart
//! apiVersion: v1
//! kind: Service
//! metadata: {name: cart}
//! ---
//! apiVersion: policy/v1
//! kind: PodDisruptionBudget # bad
//! metadata: {name: cart}
//! ---
//! apiVersion: rbac.authorization.k8s.io/v1
//! kind: ClusterRole # bad
//! metadata: {name: cart}
//! rules: []
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
//!   sourceRepos: ["*"]
//!   destinations: [{server: "*", namespace: "*"}]
//!   clusterResourceWhitelist: [{group: "*", kind: "*"}]
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   project: shop
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//!   syncPolicy: {syncOptions: [CreateNamespace=true]}
//! ```
//! ```yaml objects of cart
//! apiVersion: v1
//! kind: Service
//! metadata: {name: cart}
//! ---
//! apiVersion: rbac.authorization.k8s.io/v1
//! kind: ClusterRole
//! metadata: {name: cart}
//! rules: []
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Trap
//! No list for namespaces admits every kind there, beside an empty one for the cluster, which admits none; patterns count.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: AppProject
//! metadata: {name: shop}
//! spec: {sourceRepos: ["*"], destinations: [{server: "*", namespace: "*"}], clusterResourceWhitelist: []}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   project: shop
//!   destination: {server: "https://kubernetes.default.svc", namespace: kube-system}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//!   syncPolicy: {syncOptions: [CreateNamespace=true]}
//! ```
//! ```yaml objects of cart
//! apiVersion: policy/v1
//! kind: PodDisruptionBudget
//! metadata: {name: cart}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Fix
//! Add the kind to the list of the project, or do not render it.

use std::collections::BTreeMap;

use super::{Findings, Meta, Severity};
use crate::index::kinds::is_built_in;
use crate::index::object::{Obj, text};
use crate::index::projects::Project;
use crate::index::{Deployed, Index, Scope};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "forbidden-project-kind", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for scope in &index.scopes {
            for deployed in &scope.applications {
                let Some((name, projects)) = project_of(index, deployed) else { continue };
                namespace(index, scope, deployed, name, projects, out);
                let mut refused: BTreeMap<(&str, &str), Vec<&Obj<'_>>> = BTreeMap::new();
                for object in scope.objects.iter().filter(|object| std::ptr::eq(object.deployed, *deployed)) {
                    let Some(is_namespaced) = is_namespaced(index, scope, object) else { continue };
                    if !projects.iter().any(|project| project.admits_kind(object.group, object.kind, object.name, is_namespaced)) {
                        refused.entry((object.group, object.kind)).or_default().push(object);
                    }
                }
                for ((group, kind), objects) in refused {
                    let Some(first) = objects.first() else { continue };
                    let kind = if group.is_empty() { kind.to_string() } else { format!("{kind} of {group}") };
                    let more = if objects.len() > 1 { format!(" ({} objects)", objects.len()) } else { String::new() };
                    let finding = out.on(index, first, "/kind", format!("project {name} does not admit kind {kind}{more}"));
                    finding.help("add the kind to the list of the project, or do not render it");
                    related(index, name, finding);
                }
            }
        }
    }
}

/// Names the project's own place.
fn related(index: &Index<'_>, name: &str, finding: &mut crate::Finding) {
    let mut all = crate::index::sources::documents(index.input, gitops::model::Kind::AppProject);
    if let Some((path, document, _)) = all.find(|(.., value)| value.pointer("/metadata/name").and_then(|n| n.as_str()) == Some(name))
        && let Some(site) = index.in_document(&path, document, "/metadata/name")
    {
        finding.related(site.path, site.line, site.column, "the project");
    }
}

/// The project of an Application, if it is written down.
pub(super) fn project_of<'i, 'a>(index: &'i Index<'a>, deployed: &'a Deployed) -> Option<(&'a str, &'i [Project<'a>])> {
    let name = deployed.application.value.get("spec").map_or("", |spec| text(spec, "project"));
    let name = if name.is_empty() { "default" } else { name };
    index.projects.get(name).map(|projects| (name, projects.as_slice()))
}

/// Does an object live in a namespace? `None` where its kind is not known.
fn is_namespaced(index: &Index<'_>, scope: &Scope<'_>, object: &Obj<'_>) -> Option<bool> {
    if gitops::comparison::has_no_namespace(object.kind) {
        return Some(false);
    }
    let kind = (object.group, object.kind);
    let definition = scope.definitions.get(&kind).or_else(|| index.definitions.get(&kind));
    match definition {
        Some(definition) => Some(definition.is_namespaced),
        None if is_built_in(object.group) || object.at("/metadata/namespace").is_some() => Some(true),
        None => None,
    }
}

/// The namespace that the sync makes is an object as any other.
fn namespace(index: &Index<'_>, scope: &Scope<'_>, deployed: &Deployed, name: &str, projects: &[Project<'_>], out: &mut Findings) {
    let options = deployed.application.value.pointer("/spec/syncPolicy/syncOptions").and_then(|list| list.as_array());
    let option = options.into_iter().flatten().position(|option| option.as_str() == Some("CreateNamespace=true"));
    let own = deployed.application.namespace();
    let Some(option) = option.filter(|_| !own.is_empty() && !scope.exists_without(own)) else { return };
    if !projects.iter().any(|project| project.admits_kind("", "Namespace", own, false)) {
        let message = format!("project {name} does not admit kind Namespace, and CreateNamespace has to make namespace {own}");
        let finding = out.on_application(index, deployed, &format!("/spec/syncPolicy/syncOptions/{option}"), message);
        finding.help("add `{group: \"\", kind: Namespace}` to clusterResourceWhitelist of the project");
        related(index, name, finding);
    }
}
