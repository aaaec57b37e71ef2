//! Argo CD cannot generate the Applications of a document.
//!
//! ## What
//! An ApplicationSet, or an Application, is refused as a whole: a generator that cannot work, a template that does not parse, a field
//! of another type than it has to be, a file that cannot be read.
//! ## Why
//! None of its Applications is made, changed or deleted any more; those that are there stay as they are, and nobody is told.
//! ## Bad
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1 # bad
//! kind: ApplicationSet
//! metadata: {name: shop}
//! spec:
//!   goTemplate: true
//!   generators: [{list: {elements: [{app: cart}]}}]
//!   template:
//!     metadata: {name: "{{.app | nofunction}}"}
//!     spec:
//!       project: default
//!       destination: {server: "https://kubernetes.default.svc", namespace: shop}
//!       source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Good
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: ApplicationSet
//! metadata: {name: shop}
//! spec:
//!   goTemplate: true
//!   generators: [{list: {elements: [{app: cart}]}}]
//!   template:
//!     metadata: {name: "{{.app | lower}}"}
//!     spec:
//!       project: default
//!       destination: {server: "https://kubernetes.default.svc", namespace: shop}
//!       source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Trap
//! A generator that asks the network cannot be tried here; that is no fault of the set.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: ApplicationSet
//! metadata: {name: previews}
//! spec:
//!   goTemplate: true
//!   generators: [{pullRequest: {github: {owner: shop, repo: shop}}}]
//!   template:
//!     metadata: {name: "preview-{{.number}}"}
//!     spec:
//!       project: default
//!       destination: {server: "https://kubernetes.default.svc", namespace: preview}
//!       source: {repoURL: "https://git.example.org/shop.git", path: cart}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Fix
//! Mend what the message names; `cargo xtask expand FILE` shows what is generated then.

use gitops::documents::Problem;

use super::{Findings, Meta, Severity, refusals};
use crate::index::Index;

pub struct Rule;

const ID: &str = "failed-generation";

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: ID, severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for (expansion, error, field) in refusals::of(&index.input.expansions, ID) {
            out.on_refused(index, expansion, field, error.replace('\n', " ")).help("mend it: Argo CD changes nothing of it until then");
        }
        for expansion in &index.input.expansions {
            for unverified in &expansion.unverified {
                let object = Some(unverified.name.clone());
                out.unverified(Some(unverified.place.file.clone()), object, unverified.reason.clone());
            }
        }
        // A file that cannot be read, or is no YAML, is told as such.
        let is_read = |problem: &&Problem| {
            let file = index.input.files.get(&problem.place.file.to_string_lossy());
            file.is_some_and(|file| file.text().is_some() && file.documents().is_ok())
        };
        for problem in index.input.problems.iter().filter(is_read) {
            out.say(problem.what.replace('\n', " "))
                .at(&problem.place.file, problem.place.line, None)
                .help("mend the file: Argo CD reads none of its documents until then");
        }
    }
}
