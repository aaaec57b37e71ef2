//! A kind that the cluster does not know.
//!
//! ## What
//! An object is of a kind that is neither Kubernetes' own nor installed by a CustomResourceDefinition of this repository or by what
//! the environment provides.
//! ## Why
//! The sync fails with `no matches for kind`.
//! ## Bad
//! ```yaml profile
//! kinds: [monitoring.coreos.com/ServiceMonitor]
//! ```
//! ```yaml objects
//! apiVersion: monitoring.coreos.com/v1
//! kind: PodMonitor # bad
//! metadata: {name: web}
//! spec: {selector: {}}
//! ```
//! ## Good
//! ```yaml profile
//! kinds: [monitoring.coreos.com/ServiceMonitor]
//! ```
//! ```yaml objects
//! apiVersion: monitoring.coreos.com/v1
//! kind: ServiceMonitor
//! metadata: {name: web}
//! spec: {selector: {}}
//! ```
//! ## Trap
//! A definition may come with another Application, or lie in the `crds` folder of a chart.
//! ```yaml profile
//! kinds: []
//! ```
//! ```yaml objects of operators
//! apiVersion: apiextensions.k8s.io/v1
//! kind: CustomResourceDefinition
//! metadata: {name: caches.example.com}
//! spec: {group: example.com, names: {kind: Cache, plural: caches}, scope: Namespaced, versions: [{name: v1, served: true}]}
//! ```
//! ```yaml objects
//! apiVersion: example.com/v1
//! kind: Cache
//! metadata: {name: web}
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: web}
//! ```
//! ## Fix
//! Deploy the definition in an earlier wave, or list the set that has it under `provides.definitions` of the environment.

use std::collections::BTreeMap;

use super::of_index::meant;
use super::{Findings, Meta, Severity};
use crate::index::kinds::is_built_in;
use crate::index::{Index, Obj};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "missing-crd", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for scope in &index.scopes {
            let mut unknown: BTreeMap<(&str, &str), Vec<&Obj<'_>>> = BTreeMap::new();
            for object in scope.objects.iter().filter(|object| !is_built_in(object.group)) {
                let kind = (object.group, object.kind);
                let is_known = scope.definitions.contains_key(&kind) || index.definitions.contains_key(&kind) || is_of_argocd(kind);
                let is_pinned = scope.profile.has_definitions && index.schemas.as_ref().is_some_and(|schemas| !schemas.served(object.group, object.kind).is_empty());
                if !is_known && !is_pinned && !scope.profile.has_kind(object.group, object.kind) {
                    unknown.entry(kind).or_default().push(object);
                }
            }
            for ((group, kind), objects) in unknown {
                let Some(first) = objects.first() else { continue };
                let gap = scope.gap().or_else(|| {
                    let why = "nothing says which definitions the cluster has";
                    scope.profile.kinds.is_none().then(|| why.to_string())
                });
                // Where other kinds of the group are installed, this one would be as well.
                let has_group = scope.definitions.keys().chain(index.definitions.keys()).any(|(other, _)| *other == group);
                if let Some(gap) = gap.filter(|_| !has_group) {
                    out.unsure(first, format!("whether kind {kind} of {group} is installed: {gap}"));
                    continue;
                }
                let known = scope.definitions.keys().chain(index.definitions.keys()).filter(|(other, _)| *other == group).map(|(_, kind)| *kind);
                let near = meant(kind, known);
                let finding = out.on(index, first, "/kind", format!("nothing installs kind {kind} of {group}{near}"));
                finding.help("deploy its CustomResourceDefinition before it, or list it under `provides` of the environment");
                for other in objects.iter().skip(1).take(9) {
                    finding.related_to(index, other, "/kind", format!("{other} is one as well"));
                }
            }
        }
    }
}

/// Argo CD's own kinds are there where Argo CD is.
fn is_of_argocd((group, kind): (&str, &str)) -> bool {
    group == "argoproj.io" && matches!(kind, "Application" | "ApplicationSet" | "AppProject")
}
