//! The path of a source holds nothing that could be deployed.
//!
//! ## What
//! A source of this repository names a folder that does not exist, or in which there is neither a chart nor a kustomization nor a
//! manifest.
//! ## Why
//! The Application is never generated: Argo CD says that its path does not exist.
//! ## Bad
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   source:
//!     repoURL: https://git.example.org/shop.git
//!     path: charts/crat # bad
//! ```
//! ```yaml charts/cart/Chart.yaml
//! {apiVersion: v2, name: cart, version: 1.0.0}
//! ```
//! ## Good
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   source: {repoURL: "https://git.example.org/shop.git", path: charts/cart}
//! ```
//! ```yaml charts/cart/Chart.yaml
//! {apiVersion: v2, name: cart, version: 1.0.0}
//! ```
//! ## Trap
//! A source that only lends its files has no path, one of another repository has paths of its own, and a folder may hold its manifests
//! deeper.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   sources:
//!     - {repoURL: "https://git.example.org/shop.git", ref: values}
//!     - {repoURL: "https://git.example.org/shop.git", path: ./manifests/, directory: {recurse: true}}
//!     - {repoURL: "https://git.example.org/other.git", path: none, targetRevision: v1.0.0}
//! ```
//! ```yaml manifests/deep/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Fix
//! Name the folder of the chart, kustomization or manifests.

use super::of_index::meant;
use super::{Findings, Meta, Severity};
use crate::index::Index;
use crate::index::files::folder;
use crate::index::sources::{What, normal};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "missing-source-path", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for source in index.sources.iter().filter(|source| source.is_ours && source.name.is_empty() | !source.path.is_empty()) {
            if source.path.contains("{{") {
                continue;
            }
            let path = normal("", source.path);
            let is_empty = || source.what == What::Directory && !has_manifest(index, path.as_deref().unwrap_or_default());
            let message = match (&path, source.what) {
                (None, _) => format!("path `{}` leads out of the repository", source.path),
                (Some(path), What::Nothing) => {
                    let folders: Vec<&str> = index.input.files.iter().map(|(file, _)| folder(file)).collect();
                    format!("path `{}` does not exist{}", source.path, meant(path, folders.iter().copied()))
                }
                _ if is_empty() => format!("path `{}` holds neither a chart nor a kustomization nor a manifest", source.path),
                _ => continue,
            };
            out.on_application(index, source.deployed, &format!("{}/path", source.pointer), message)
                .help("name the folder of a chart, a kustomization or manifests");
        }
    }
}

/// Is there any file that Argo CD could read as a manifest?
fn has_manifest(index: &Index<'_>, path: &str) -> bool {
    index.input.files.below(path).any(|(file, _)| [".yaml", ".yml", ".json", ".jsonnet"].iter().any(|end| file.ends_with(end)))
}
