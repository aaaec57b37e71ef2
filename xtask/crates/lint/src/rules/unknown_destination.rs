//! An Application goes to a cluster that Argo CD does not know.
//!
//! ## What
//! The destination is neither the cluster of Argo CD itself nor one that is declared, or it names a cluster twice, by `server` and by
//! `name`.
//! ## Why
//! The Application stays in `Unknown`.
//! ## Bad
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination:
//!     server: https://kubernetes.default.svc
//!     name: in-cluster # bad
//!     namespace: cart
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: order}
//! spec:
//!   destination: # bad
//!     namespace: order
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Good
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Trap
//! Where no clusters are declared, another address may be one that Argo CD knows; one of the two ways to name a cluster may be empty.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "", name: in-cluster, namespace: cart}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: order}
//! spec:
//!   destination: {server: "https://10.0.0.1:6443", namespace: order}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Fix
//! Name the cluster once, by the name or the address of its Secret.

use super::of_index::meant;
use super::{Findings, Meta, Severity, refusals};
use crate::index::object::text;
use crate::index::{Deployed, Index};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "unknown-destination", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for (expansion, error, field) in refusals::of(&index.input.expansions, "unknown-destination") {
            let (_, why) = error.split_once("destination spec is invalid: ").unwrap_or(("", error));
            let field = if why.contains("both name and server") { "/spec/template/spec/destination/name" } else { field };
            out.on_refused(index, expansion, field, format!("ApplicationSet {}: {why}", expansion.name))
                .help("name the cluster once, by the name or the address of its Secret");
        }
        for deployed in index.applications() {
            let Some(destination) = deployed.application.value.pointer("/spec/destination") else { continue };
            let (server, name) = (text(destination, "server"), text(destination, "name"));
            match (server.is_empty(), name.is_empty()) {
                (false, false) => {
                    let message = format!("the destination has both server {server} and name {name}");
                    out.on_application(index, deployed, "/spec/destination/name", message).help("leave one of them out: Argo CD refuses both");
                }
                (true, true) => {
                    out.on_application(index, deployed, "/spec/destination", "the destination has neither a server nor a name")
                        .help("name the cluster: `server: https://kubernetes.default.svc` is that of Argo CD itself");
                }
                _ => declared(index, deployed, server, name, out),
            }
        }
    }
}

/// Is it a cluster that the environment's Argo CD has a Secret of?
fn declared(index: &Index<'_>, deployed: &Deployed, server: &str, name: &str, out: &mut Findings) {
    let is_own = server.trim_end_matches('/') == "https://kubernetes.default.svc" || name == "in-cluster";
    if is_own || server.contains("{{") || name.contains("{{") {
        return;
    }
    let plane = index.input.planes.iter().find(|plane| plane.environment == deployed.application.environment);
    let clusters = plane.map(|plane| plane.clusters.as_slice()).unwrap_or_default();
    if clusters.iter().any(|(known, address)| known == name || address == server) {
        return;
    }
    let (field, shown) = if server.is_empty() { ("name", name) } else { ("server", server) };
    // An environment's file tells of its own cluster; further ones may have Secrets elsewhere.
    let near = meant(shown, clusters.iter().map(|(known, address)| if field == "name" { known.as_str() } else { address.as_str() }));
    if near.is_empty() {
        return out.unsure_of(deployed, format!("whether Argo CD knows cluster {shown}: no file of this repository says"));
    }
    out.on_application(index, deployed, &format!("/spec/destination/{field}"), format!("Argo CD knows no cluster {shown}{near}"))
        .help("name the cluster as its Secret does");
}
