//! A source of this repository follows another branch than the one that others merge into.
//!
//! ## What
//! A source or a git generator that reads this repository names a branch which is not the default one, a release branch, a version or a
//! commit.
//! ## Why
//! What is merged never arrives there; and when the branch is deleted, nothing is synced any more.
//! ## Bad
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: shop}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart, targetRevision: main}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: order}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: shop}
//!   source:
//!     repoURL: https://git.example.org/shop.git
//!     path: order
//!     targetRevision: feature/new-order # bad
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ```yaml order/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: order}}
//! ```
//! ## Good
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: shop}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart, targetRevision: HEAD}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Trap
//! Another repository has revisions of its own, a chart has versions, and a release is no working branch.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: shop}
//!   sources:
//!     - {repoURL: "https://git.example.org/shop.git", path: cart, targetRevision: release/2.1}
//!     - {repoURL: "https://git.example.org/shop", path: order, targetRevision: release/2.1}
//!     - {repoURL: "https://git.example.org/other.git", path: x, targetRevision: working-2.1.0}
//!     - {repoURL: "https://charts.example.org", chart: redis, targetRevision: 1.2.3}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ```yaml order/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: order}}
//! ```
//! ## Fix
//! Name the default branch, or `HEAD`. To try a branch, change the revision of a preview, not of what is merged.

use std::collections::BTreeSet;

use gitops::model::Kind;
use gitops::urls;
use serde_json::Value;

use super::{Findings, Meta, Severity};
use crate::index::object::text;
use crate::index::{Index, sources};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "off-branch-revision", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        let branches = &index.input.branches;
        // On a branch of one's own, it may be meant for that branch alone.
        let is_elsewhere = branches.current.is_some() && branches.default.is_some() && branches.current != branches.default;
        let severity = if is_elsewhere { Severity::Warning } else { Severity::Error };
        let mut seen = BTreeSet::new();
        for source in index.sources.iter().filter(|source| source.is_ours && !is_on_branch(index, source.revision)) {
            let pointer = format!("{}/targetRevision", source.pointer);
            // One place makes many Applications.
            if seen.insert((index.site_of(source.deployed, &pointer), source.revision)) {
                let message = format!("the source follows `{}`{}", source.revision, instead(index));
                out.on_application(index, source.deployed, &pointer, message).severity(severity).help(HELP);
            }
        }
        for (path, document, set) in sources::documents(index.input, Kind::ApplicationSet) {
            generators(set, &mut String::new(), &mut |pointer, git| {
                let revision = text(git, "revision");
                let is_ours = index.input.urls.iter().any(|url| urls::comparable(url) == urls::comparable(text(git, "repoURL")));
                if is_ours && !is_on_branch(index, revision) {
                    let finding = out.say(format!("the git generator reads `{revision}`{}", instead(index)));
                    finding.severity(severity).help(HELP).object(format!("ApplicationSet {}", text(&set["metadata"], "name")));
                    if let Some(site) = index.in_document(&path, document, &format!("{pointer}/revision")) {
                        finding.at(site.path, site.line, site.column);
                    }
                }
            });
        }
    }
}

const HELP: &str = "name the default branch, or HEAD";

fn instead(index: &Index<'_>) -> String {
    match &index.input.branches.default {
        Some(branch) => format!(", and not `{branch}`, which changes are merged into"),
        None => ", which is no branch that changes are merged into".to_string(),
    }
}

/// Names that default branches usually have.
const USUAL: [&str; 3] = ["main", "master", "trunk"];

/// Is it the branch that others merge into? A clone says which one that is, and says it wrongly if it was made of a branch: one of the
/// usual names is doubted only where another of them is the default.
pub(super) fn is_default_branch(index: &Index<'_>, name: &str) -> bool {
    match index.input.branches.default.as_deref() {
        Some(branch) if USUAL.contains(&branch) => name == branch,
        Some(branch) => name == branch || USUAL.contains(&name),
        None => USUAL.contains(&name),
    }
}

/// Is it the default branch, a release, a version or a commit? A revision that a template leaves open is another rule's.
pub(super) fn is_on_branch(index: &Index<'_>, revision: &str) -> bool {
    let name = revision.strip_prefix("refs/heads/").unwrap_or(revision);
    let is_default = is_default_branch(index, name);
    let is_commit = (7..=40).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_hexdigit());
    let is_version = |name: &str| {
        let digits = name.strip_prefix(['v', 'V']).unwrap_or(name);
        digits.starts_with(|c: char| c.is_ascii_digit()) && digits.bytes().all(|b| b.is_ascii_alphanumeric() || b".-+*_".contains(&b))
    };
    let is_range = revision.starts_with(['>', '<', '^', '~', '=']);
    is_default
        || revision.is_empty()
        || revision == "HEAD"
        || revision.contains("{{")
        || revision.starts_with("refs/tags/")
        || is_commit
        || is_range
        || is_version(name)
        || is_release(name)
        // `web-v1.2.3`, as repositories with several parts call their versions.
        || name.rsplit_once(['/', '-']).is_some_and(|(_, last)| is_version(last) && last.contains('.'))
}

fn is_release(name: &str) -> bool {
    ["release/", "release-", "releases/", "stable/", "stable-", "tags/"].iter().any(|start| name.starts_with(start)) || matches!(name, "release" | "stable" | "production" | "prod")
}

/// Every git generator of an ApplicationSet, with the JSON pointer to it.
fn generators<'a>(value: &'a Value, pointer: &mut String, see: &mut dyn FnMut(&str, &'a Value)) {
    let length = pointer.len();
    let step = |name: &str, value: &'a Value, pointer: &mut String, see: &mut dyn FnMut(&str, &'a Value)| {
        pointer.push('/');
        pointer.push_str(name);
        generators(value, pointer, see);
        pointer.truncate(length);
    };
    match value {
        Value::Object(map) => {
            for (key, item) in map.iter().filter(|(key, _)| *key != "template") {
                if key == "git" && item.get("repoURL").is_some() {
                    see(&format!("{pointer}/git"), item);
                }
                step(key, item, pointer, see);
            }
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| step(&i.to_string(), item, pointer, see)),
        _ => {}
    }
}
