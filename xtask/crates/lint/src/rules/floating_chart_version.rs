//! A chart or repository of somebody else, at no fixed version.
//!
//! ## What
//! A source that is not of this repository names a range, a branch or nothing as its version.
//! ## Why
//! The same commit deploys different things on different days, and nobody knows which one to go back to.
//! ## Bad
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: redis}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: redis}
//!   sources:
//!     - repoURL: https://charts.example.org
//!       chart: redis
//!       targetRevision: 1.x # bad
//!     - repoURL: https://git.example.org/other.git
//!       path: dashboards
//!       targetRevision: main # bad
//!     - {repoURL: "https://git.example.org/shop.git", path: cart, targetRevision: main}
//!     - {repoURL: "https://git.example.org/shop.git", ref: values, targetRevision: main}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Good
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: redis}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: redis}
//!   sources:
//!     - {repoURL: "https://charts.example.org", chart: redis, targetRevision: 1.4.2}
//!     - {repoURL: "https://git.example.org/other.git", path: dashboards, targetRevision: v2.0.0}
//!     - {repoURL: "https://git.example.org/shop.git", path: cart, targetRevision: main}
//!     - {repoURL: "https://git.example.org/shop.git", ref: values, targetRevision: main}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Trap
//! This repository's own branch is meant to move; a version may have a suffix, and a commit is a version.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: redis}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: redis}
//!   sources:
//!     - {repoURL: "registry.example.org/charts", chart: redis, targetRevision: 1.4.2-rc.1+build}
//!     - {repoURL: "https://git.example.org/other.git", path: dashboards, targetRevision: 0123456789abcdef0123456789abcdef01234567}
//!     - {repoURL: "https://git.example.org/shop.git", path: cart, targetRevision: main}
//!     - {repoURL: "https://git.example.org/shop.git", ref: values, targetRevision: HEAD}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Fix
//! Name a version, a tag or a commit.

use super::{Findings, Meta, Severity};
use crate::index::Index;

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "floating-chart-version", severity: Severity::Warning }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for source in index.sources.iter().filter(|source| !source.is_ours && !source.url.is_empty()) {
            let is_chart = !source.chart.is_empty() || source.url.starts_with("oci://");
            let revision = source.revision;
            if revision.contains("{{") || source.url.contains("{{") || (if is_chart { is_version(revision) } else { is_fixed(revision) }) {
                continue;
            }
            let what = if is_chart && !source.chart.is_empty() { format!("chart {}", source.chart) } else { source.url.to_string() };
            let message = match revision {
                "" => format!("{what} has no version, so the newest is taken"),
                _ => format!("{what} is taken at `{revision}`, which moves"),
            };
            let field = if revision.is_empty() { if source.chart.is_empty() { "repoURL" } else { "chart" } } else { "targetRevision" };
            let help = if is_chart { "name one version" } else { "name a tag or a commit" };
            out.on_application(index, source.deployed, &format!("{}/{field}", source.pointer), message).help(help);
        }
    }
}

/// One version, and no range, of a chart.
fn is_version(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (numbers, rest) = text.find(['-', '+']).map_or((text, ""), |at| text.split_at(at));
    let parts: Vec<&str> = numbers.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(is_number) && !rest.contains(['*', ' ', '|', '<', '>'])
}

/// A tag that looks like a version, or a commit.
fn is_fixed(text: &str) -> bool {
    let is_commit = (7..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
    let name = text.strip_prefix("refs/tags/").unwrap_or(text);
    let last = name.rsplit(['/', '-']).next().unwrap_or(name);
    let has_digits = |text: &str| text.strip_prefix('v').unwrap_or(text).starts_with(|c: char| c.is_ascii_digit()) && !text.contains(['*', 'x']);
    is_commit || text.starts_with("refs/tags/") || has_digits(name) || has_digits(last)
}
