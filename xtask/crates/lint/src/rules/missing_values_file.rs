//! An Application names a values file that is not there.
//!
//! ## What
//! An entry of `valueFiles`, filled in and resolved as Argo CD does it, leads to no file: relative to the path of the source, from the
//! root of the repository with a leading `/`, from the root of another source with `$ref`.
//! ## Why
//! The manifests of that environment cannot be generated any more; others go on.
//! ## Bad
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: ApplicationSet
//! metadata: {name: shop}
//! spec:
//!   goTemplate: true
//!   generators: [{list: {elements: [{env: dev}, {env: prod}]}}]
//!   template:
//!     metadata: {name: "cart-{{.env}}"}
//!     spec:
//!       project: default
//!       destination: {server: "https://kubernetes.default.svc", namespace: "cart-{{.env}}"}
//!       source:
//!         repoURL: https://git.example.org/shop.git
//!         path: charts/cart
//!         helm:
//!           valueFiles:
//!             - ../../config/{{.env}}.yaml # bad
//! ```
//! ```yaml charts/cart/Chart.yaml
//! {apiVersion: v2, name: cart, version: 1.0.0}
//! ```
//! ```yaml config/dev.yaml
//! replicas: 1
//! ```
//! ## Good
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   sources:
//!     - {repoURL: "https://git.example.org/shop.git", path: charts/cart, helm: {valueFiles: [$values/config/dev.yaml, /config/dev.yaml]}}
//!     - {repoURL: "https://git.example.org/shop.git", ref: values}
//! ```
//! ```yaml charts/cart/Chart.yaml
//! {apiVersion: v2, name: cart, version: 1.0.0}
//! ```
//! ```yaml config/dev.yaml
//! replicas: 1
//! ```
//! ## Trap
//! A file may be missing if the source says so; another repository and the network are not ours to know; a pattern names many.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   source:
//!     repoURL: https://git.example.org/shop.git
//!     path: charts/cart
//!     helm: {ignoreMissingValueFiles: true, valueFiles: [local.yaml, "https://example.org/values.yaml"]}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: order}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: order}
//!   sources:
//!     - {repoURL: "https://git.example.org/shop.git", path: charts/cart, helm: {valueFiles: ["$other/x.yaml", "/config/*.yaml"]}}
//!     - {repoURL: "https://git.example.org/other.git", ref: other, targetRevision: v1.0.0}
//! ```
//! ```yaml charts/cart/Chart.yaml
//! {apiVersion: v2, name: cart, version: 1.0.0}
//! ```
//! ```yaml config/dev.yaml
//! replicas: 1
//! ```
//! ## Fix
//! Write the file, mend the path, or set `ignoreMissingValueFiles` where it may be missing.

use super::{Findings, Meta, Severity};
use crate::index::files::{folder, is_yaml, name};
use crate::index::sources::{Leads, Source};
use crate::index::Index;

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "missing-values-file", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for source in &index.sources {
            for file in &source.value_files {
                let (message, help) = match &file.leads {
                    Leads::File(_) | Leads::Absent | Leads::Elsewhere => continue,
                    Leads::Outside => (
                        format!("`{}` of {} leads out of the repository", file.raw, named(source)),
                        "name a file of this repository".to_string(),
                    ),
                    Leads::UnknownRef(name) => (
                        format!("`{}` of {} begins with `${name}`, and no source of the Application has that ref", file.raw, named(source)),
                        format!("add a source of this repository with `ref: {name}`, or name the ref that is there"),
                    ),
                    Leads::Nowhere(path) => (
                        format!("`{}` of {} is {path}, which does not exist", file.raw, named(source)),
                        match nearest(index, path) {
                            Some(near) => format!("write the file, or name the nearest that is there: {near}"),
                            None => "write the file, or set ignoreMissingValueFiles where it may be missing".to_string(),
                        },
                    ),
                };
                out.on_application(index, source.deployed, &file.pointer, message).help(help);
            }
        }
    }
}

fn named(source: &Source<'_>) -> String {
    format!("Application {}", source.deployed.application.name())
}

/// The file that was probably meant: of the same folder, or of the same name elsewhere.
fn nearest<'a>(index: &'a Index<'_>, path: &str) -> Option<&'a str> {
    let yaml = || index.input.files.iter().map(|(file, _)| file).filter(|file| is_yaml(file));
    let beside = crate::text::nearest(name(path), yaml().filter(|file| folder(file) == folder(path)).map(name));
    let beside = beside.and_then(|beside| yaml().find(|file| folder(file) == folder(path) && name(file) == beside));
    beside.or_else(|| {
        let limit = 6;
        let same = yaml().filter(|file| name(file) == name(path));
        same.filter_map(|file| Some((crate::text::distance(file, path, limit)?, file))).min().map(|(_, file)| file)
    })
}
