//! A ConfigMap that nobody reads.
//!
//! ## What
//! A rendered ConfigMap is mounted by no pod, read by no variable, named by no other object and found by no label.
//! ## Why
//! The dashboard, rule or setting in it is never loaded, and whoever edits it wonders why.
//! ## Bad
//! ```yaml objects
//! apiVersion: v1
//! kind: ConfigMap
//! metadata:
//!   name: web-settings # bad
//! data: {LEVEL: debug}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec: {containers: [{name: web, image: "web:1.0.0"}]}
//! ```
//! ## Good
//! ```yaml objects
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: web-settings}
//! data: {LEVEL: debug}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec: {containers: [{name: web, image: "web:1.0.0", envFrom: [{configMapRef: {name: web-settings}}]}]}
//! ```
//! ## Trap
//! Sidecars find ConfigMaps by a label, controllers by a name that they know, and roles name what a program reads by itself.
//! ```yaml objects
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: dashboards, labels: {grafana_dashboard: "1"}}
//! data: {web.json: "{}"}
//! ---
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: argocd-cm, labels: {app.kubernetes.io/part-of: argocd}}
//! data: {admin.enabled: "false"}
//! ---
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: leases}
//! data: {holder: none}
//! ---
//! apiVersion: rbac.authorization.k8s.io/v1
//! kind: Role
//! metadata: {name: leases}
//! rules: [{apiGroups: [""], resources: [configmaps], resourceNames: [leases], verbs: [get]}]
//! ```
//! ## Fix
//! Mount it, or remove it. One that a sidecar should find needs the label that the sidecar is set to.

use std::collections::BTreeSet;

use super::{Findings, Meta, Severity};
use crate::index::configuration::Kind;
use crate::index::object::texts;
use crate::index::{Index, Obj, Scope};

pub struct Rule;

/// Names and prefixes that controllers know: Kubernetes' and kubeadm's own, Argo CD, Istio, EKS, CoreDNS, MetalLB, ingress-nginx,
/// Argo Rollouts' notifications.
const WELL_KNOWN: [&str; 16] = [
    "argocd-",
    "argo-rollouts",
    "aws-auth",
    "amazon-vpc-cni",
    "coredns",
    "kube-",
    "kubeadm-",
    "kubelet-",
    "istio",
    "cluster-info",
    "extension-apiserver-authentication",
    "ingress-nginx",
    "nginx-configuration",
    "tcp-services",
    "udp-services",
    "cluster-autoscaler-",
];

/// Labels by which anything may be looked for; they say what an object belongs to, not who reads it.
const DESCRIPTIVE: [&str; 9] = ["app", "name", "chart", "heritage", "release", "component", "version", "tier", "team"];

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "unmounted-configmap", severity: Severity::Warning }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for scope in &index.scopes {
            let read: BTreeSet<(&str, &str)> =
                scope.references.iter().filter(|r| r.kind == Kind::ConfigMap).map(|r| (r.namespace, r.name)).collect();
            let unread: Vec<&Obj<'_>> = scope
                .all("", "ConfigMap")
                .filter(|map| !read.contains(&(map.namespace, map.name)) && !WELL_KNOWN.iter().any(|known| map.name.starts_with(known)))
                .filter(|map| !is_discovered(map))
                .collect();
            let named = named_elsewhere(scope, &unread);
            for map in unread.into_iter().filter(|map| !named.contains(map.name)) {
                if let Some(gap) = scope.gap() {
                    out.unsure(map, format!("whether something reads it: {gap}"));
                    continue;
                }
                out.on(index, map, "/metadata/name", format!("{map} is rendered, and nothing mounts, reads or finds it"))
                    .help("mount it, give it the label that a sidecar looks for, or remove it");
            }
        }
    }
}

/// Has it a label or annotation that is there to be found by?
fn is_discovered(map: &Obj<'_>) -> bool {
    let keys = |pointer: &str| map.at(pointer).and_then(|value| value.as_object()).into_iter().flatten().map(|(key, _)| key.as_str());
    let is_own = |key: &str| {
        !key.starts_with("app.kubernetes.io/") && !key.starts_with("helm.sh/") && !key.starts_with("argocd.argoproj.io/") && !DESCRIPTIVE.contains(&key)
    };
    // A hook, or what is made for tools, is read by what runs beside it.
    keys("/metadata/labels").any(is_own) || map.annotation("helm.sh/hook").is_some() || map.annotation("argocd.argoproj.io/hook").is_some()
}

/// The names that some text of another object has in it.
fn named_elsewhere<'a>(scope: &Scope<'a>, maps: &[&Obj<'a>]) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    if maps.is_empty() {
        return found;
    }
    for object in &scope.objects {
        texts(object.value, &mut String::new(), &mut |pointer, text| {
            for map in maps {
                let is_itself = object.kind == "ConfigMap" && object.name == map.name;
                if !is_itself && !pointer.starts_with("/metadata/labels") && text.contains(map.name) {
                    found.insert(map.name);
                }
            }
        });
    }
    found
}
