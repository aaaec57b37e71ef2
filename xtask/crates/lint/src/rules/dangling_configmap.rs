//! A ConfigMap that nothing renders.
//!
//! ## What
//! A volume, the environment or a variable of a container names a ConfigMap that no object of the cluster is.
//! ## Why
//! The pod never starts: it waits in `CreateContainerConfigError`, or for a volume that cannot be mounted.
//! ## Bad
//! ```yaml objects
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: web-settings}
//! data: {LEVEL: info}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec:
//!   volumes:
//!     - {name: own, configMap: {name: web-settings}}
//!   containers:
//!     - name: web
//!       image: web:1.0.0
//!       envFrom:
//!         - configMapRef:
//!             name: web-setting # bad
//! ```
//! ## Good
//! ```yaml objects
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: web-settings}
//! data: {LEVEL: info}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec:
//!   containers: [{name: web, image: "web:1.0.0", envFrom: [{configMapRef: {name: web-settings}}]}]
//! ```
//! ## Trap
//! Kubernetes and Istio put a ConfigMap with certificates into every namespace, and a reference may be optional.
//! ```yaml objects
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec:
//!   volumes:
//!     - {name: ca, configMap: {name: kube-root-ca.crt}}
//!     - {name: mesh, projected: {sources: [{configMap: {name: istio-ca-root-cert}}]}}
//!   containers: [{name: web, image: "web:1.0.0", envFrom: [{configMapRef: {name: extra, optional: true}}]}]
//! ```
//! ## Fix
//! Name the ConfigMap as it is rendered, in the namespace of the pod, or render it.

use super::dangling_secret::{dangling, names};
use super::of_index::meant;
use super::{Findings, Meta, Severity};
use crate::index::Index;
use crate::index::configuration::Kind;

pub struct Rule;

/// ConfigMaps that appear in every namespace: that of Kubernetes' controller manager, those of Istio and of OpenShift.
const EVERYWHERE: [&str; 5] =
    ["kube-root-ca.crt", "istio-ca-root-cert", "istio-ca-crl", "openshift-service-ca.crt", "linkerd-identity-trust-roots"];

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "dangling-configmap", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for scope in &index.scopes {
            for ((namespace, name), references) in dangling(scope, Kind::ConfigMap) {
                let [first, others @ ..] = references.as_slice() else { continue };
                if EVERYWHERE.contains(&name) {
                    continue;
                }
                if let Some(gap) = scope.gap() {
                    out.unsure(&first.object, format!("whether ConfigMap {namespace}/{name} exists: {gap}"));
                    continue;
                }
                let near = meant(name, names(scope, Kind::ConfigMap, namespace));
                let message = format!("{} takes ConfigMap {namespace}/{name}, which nothing renders{near}", first.object);
                out.on_reference(index, first, message).help("name the ConfigMap as it is rendered, or render it").and_others(index, others);
            }
        }
    }
}
