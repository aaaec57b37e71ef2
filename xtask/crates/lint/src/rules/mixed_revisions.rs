//! One environment reads this repository at two revisions.
//!
//! ## What
//! Sources of one control plane name different revisions of this repository: a root and its children, or a chart and its values.
//! ## Why
//! Templates and values come from different commits, and no commit says what is deployed.
//! ## Bad
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   sources:
//!     - {repoURL: "https://git.example.org/shop.git", path: cart, targetRevision: main}
//!     - repoURL: https://git.example.org/shop.git
//!       targetRevision: v1.4.0 # bad
//!       ref: values
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
//!   sources:
//!     - {repoURL: "https://git.example.org/shop.git", path: cart, targetRevision: v1.4.0}
//!     - {repoURL: "https://git.example.org/shop.git", targetRevision: v1.4.0, ref: values}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Trap
//! `HEAD` is the default branch, also where nothing is written; and other repositories have revisions of their own.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   sources:
//!     - {repoURL: "https://git.example.org/shop.git", path: cart, targetRevision: main}
//!     - {repoURL: "https://git.example.org/shop.git", targetRevision: HEAD, ref: values}
//!     - {repoURL: "https://git.example.org/shop.git", ref: more}
//!     - {repoURL: "https://git.example.org/other.git", targetRevision: v2.0.0, path: x}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Fix
//! Read the repository at one revision in one environment.

use std::collections::BTreeMap;

use super::off_branch_revision::{is_default_branch, is_on_branch};
use super::{Findings, Meta, Severity};
use crate::index::Index;
use crate::index::sources::Source;

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "mixed-revisions", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        let mut by_plane: BTreeMap<Option<&str>, BTreeMap<&str, Vec<&Source<'_>>>> = BTreeMap::new();
        for source in &index.sources {
            // One that is on a wrong branch is told there.
            if source.is_ours && is_on_branch(index, source.revision) && !source.revision.contains("{{") {
                let plane = source.deployed.application.environment.as_deref();
                by_plane.entry(plane).or_default().entry(meaning(index, source.revision)).or_default().push(source);
            }
        }
        for revisions in by_plane.into_values().filter(|revisions| revisions.len() > 1) {
            // The revision that most sources name is the one that is meant.
            let Some((most, _)) = revisions.iter().max_by_key(|(name, sources)| (sources.len(), is_default(index, name))) else { continue };
            for (revision, sources) in revisions.iter().filter(|(revision, _)| *revision != most) {
                for source in sources {
                    // A separate environment by its name is another matter: each may follow a revision of its own.
                    if source.deployed.application.environment.is_none() && !is_mixed_in_itself(index, source) && !is_root(index, source) {
                        continue;
                    }
                    let message = format!("the source reads this repository at `{revision}`, others of {} at `{most}`", whose(source));
                    let pointer = format!("{}/targetRevision", source.pointer);
                    out.on_application(index, source.deployed, &pointer, message).help("read the repository at one revision in one environment");
                }
            }
        }
    }
}

/// Do the sources of one Application differ?
fn is_mixed_in_itself(index: &Index<'_>, source: &Source<'_>) -> bool {
    let own = index.sources.iter().filter(|other| other.is_ours && std::ptr::eq(other.deployed, source.deployed));
    own.into_iter().any(|other| meaning(index, other.revision) != meaning(index, source.revision))
}

/// Does it deploy, or is it deployed by, an Application at another revision?
fn is_root(index: &Index<'_>, source: &Source<'_>) -> bool {
    let application = &source.deployed.application;
    let related = |other: &Source<'_>| {
        let other = &other.deployed.application;
        application.parent.as_deref() == Some(other.name()) || other.parent.as_deref() == Some(application.name())
    };
    index.sources.iter().any(|other| other.is_ours && related(other) && meaning(index, other.revision) != meaning(index, source.revision))
}

/// `HEAD`, nothing and the default branch are one.
fn meaning<'a>(index: &Index<'_>, revision: &'a str) -> &'a str {
    if is_default(index, revision) { "HEAD" } else { revision.strip_prefix("refs/heads/").unwrap_or(revision) }
}

fn is_default(index: &Index<'_>, revision: &str) -> bool {
    let name = revision.strip_prefix("refs/heads/").unwrap_or(revision);
    matches!(name, "" | "HEAD") || is_default_branch(index, name)
}

fn whose(source: &Source<'_>) -> String {
    match &source.deployed.application.environment {
        Some(environment) => environment.clone(),
        None => "the same control plane".to_string(),
    }
}
