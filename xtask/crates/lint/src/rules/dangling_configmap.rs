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

use super::dangling_secret::{is_there, names};
use super::of_index::{each, meant};
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
        for (scope, reference) in each(index, |scope| &scope.references) {
            if reference.kind != Kind::ConfigMap || is_there(scope, reference) || EVERYWHERE.contains(&reference.name) {
                continue;
            }
            let name = format!("{}/{}", reference.namespace, reference.name);
            if let Some(gap) = scope.gap() {
                out.unsure(&reference.object, format!("whether ConfigMap {name} exists: {gap}"));
                continue;
            }
            let near = meant(reference.name, names(scope, Kind::ConfigMap, reference.namespace));
            out.on_reference(index, reference, format!("{} takes ConfigMap {name}, which nothing renders{near}", reference.object))
                .help("name the ConfigMap as it is rendered, or render it");
        }
    }
}
