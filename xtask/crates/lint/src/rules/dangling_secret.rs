//! A Secret that nothing produces.
//!
//! ## What
//! A variable, a volume, a pull secret or a TLS reference names a Secret that no object renders, no controller makes and the
//! environment does not provide.
//! ## Why
//! The pod waits in `CreateContainerConfigError` or cannot mount the volume; the listener has no certificate.
//! ## Bad
//! ```yaml objects
//! apiVersion: external-secrets.io/v1
//! kind: ExternalSecret
//! metadata: {name: order-db}
//! spec: {secretStoreRef: {name: aws}, data: [{secretKey: password, remoteRef: {key: order}}]}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: order}
//! spec:
//!   containers:
//!     - name: order
//!       image: order:1.0.0
//!       env:
//!         - name: PASSWORD
//!           valueFrom:
//!             secretKeyRef:
//!               name: order-database # bad
//!               key: password
//! ```
//! ## Good
//! ```yaml objects
//! apiVersion: external-secrets.io/v1
//! kind: ExternalSecret
//! metadata: {name: order}
//! spec: {target: {name: order-db}, secretStoreRef: {name: aws}, data: [{secretKey: password, remoteRef: {key: order}}]}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: order}
//! spec:
//!   containers:
//!     - {name: order, image: "order:1.0.0", env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: order-db, key: password}}}]}
//! ```
//! ## Trap
//! An optional reference may dangle, cert-manager and Strimzi make Secrets of their own, and where no Secret of a repository is made
//! in it, all of them are made elsewhere.
//! ```yaml profile
//! secrets: [{namespace: shop, name: registry}]
//! ```
//! ```yaml objects
//! apiVersion: cert-manager.io/v1
//! kind: Certificate
//! metadata: {name: web}
//! spec: {secretName: web-tls, issuerRef: {name: ca}}
//! ---
//! apiVersion: kafka.strimzi.io/v1
//! kind: KafkaUser
//! metadata: {name: web}
//! spec: {authentication: {type: tls}}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec:
//!   imagePullSecrets: [{name: registry}]
//!   volumes: [{name: tls, secret: {secretName: web-tls}}, {name: kafka, secret: {secretName: web}}]
//!   containers:
//!     - {name: web, image: "web:1.0.0", envFrom: [{secretRef: {name: extra, optional: true}}]}
//! ```
//! ## Fix
//! Name the Secret that is produced, or produce it: an ExternalSecret, a file of encrypted values, or `provides.secrets` of the
//! environment for one that is there before Argo CD is.

use std::collections::BTreeMap;

use super::of_index::meant;
use super::{Findings, Meta, Severity};
use crate::index::configuration::{How, Kind, Reference};
use crate::index::{Index, Scope};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "dangling-secret", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for scope in &index.scopes {
            for ((namespace, name), references) in dangling(scope, Kind::Secret) {
                let [first, others @ ..] = references.as_slice() else { continue };
                let known = names(scope, Kind::Secret, namespace);
                let near = meant(name, known.iter().copied());
                if let Some(gap) = gap(scope, &near) {
                    out.unsure(&first.object, format!("whether Secret {namespace}/{name} exists: {gap}"));
                    continue;
                }
                let what = match first.how {
                    How::Variable | How::Field => "a key of Secret",
                    How::Environment => "the variables of Secret",
                    How::Volume => "a volume of Secret",
                    How::PullSecret => "pull secret",
                    How::Tls => "the certificate in Secret",
                };
                let message = format!("{} takes {what} {namespace}/{name}, which nothing produces{near}", first.object);
                let help = "name a Secret that is produced, or produce it: an ExternalSecret, encrypted values, or `provides.secrets` of the environment";
                out.on_reference(index, first, message).help(help).and_others(index, others);
            }
        }
    }
}

/// References to what nothing produces, by namespace and name: one root cause each, however many refer to it.
pub(super) fn dangling<'s, 'a>(scope: &'s Scope<'a>, kind: Kind) -> BTreeMap<(&'a str, &'a str), Vec<&'s Reference<'a>>> {
    let mut found: BTreeMap<(&str, &str), Vec<&Reference<'_>>> = BTreeMap::new();
    for reference in scope.references.iter().filter(|reference| reference.kind == kind && !is_there(scope, reference)) {
        found.entry((reference.namespace, reference.name)).or_default().push(reference);
    }
    found
}

/// Is what a reference names produced, or may it be missing?
fn is_there(scope: &Scope<'_>, reference: &Reference<'_>) -> bool {
    // A Job of an operator fills in names that start with a dollar sign or are empty.
    reference.is_optional
        || reference.name.starts_with('$')
        || !scope.producers(reference.kind, reference.namespace, reference.name).is_empty()
}

/// The names that are produced in a namespace.
pub(super) fn names<'s>(scope: &'s Scope<'_>, kind: Kind, namespace: &str) -> Vec<&'s str> {
    scope.produced().keys().filter(|(k, ns, _)| *k == kind && ns == namespace).map(|(.., name)| name.as_str()).collect()
}

/// Why the Secret may be there after all.
fn gap(scope: &Scope<'_>, near: &str) -> Option<String> {
    let makes_some = scope.produced().keys().any(|(kind, ..)| *kind == Kind::Secret);
    scope.gap().or_else(|| {
        let is_open = near.is_empty() && !makes_some && !scope.profile.is_declared();
        is_open.then(|| "this repository makes no Secret, so all of them come from elsewhere".to_string())
    })
}
