//! A version jumps further than one merge can carry.
//!
//! ## What
//! A chart or image skips a major version; a database changes its major version; an operator that must be upgraded step by step
//! skips a minor one; or any of them goes back.
//! ## Why
//! It needs a migration, in the order that its release notes say. Going back, the older program meets data of the newer one.
//! ## Bad
//! ```yaml before
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata: {name: order-db}
//! spec: {template: {spec: {containers: [{name: db, image: "docker.io/library/postgres:15.4-alpine"}, {name: agent, image: "agent:1.2.0"}]}}}
//! ```
//! ```yaml after
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata: {name: order-db}
//! spec: {template: {spec: {containers: [{name: db, image: "docker.io/library/postgres:16.1-alpine"}, {name: agent, image: "agent:3.0.0"}]}}}
//! ```
//! ## Good
//! ```yaml before
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata: {name: order-db}
//! spec: {template: {spec: {containers: [{name: db, image: "docker.io/library/postgres:15.4-alpine"}, {name: agent, image: "agent:1.2.0"}]}}}
//! ```
//! ```yaml after
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata: {name: order-db}
//! spec: {template: {spec: {containers: [{name: db, image: "docker.io/library/postgres:15.6-alpine"}, {name: agent, image: "agent:2.0.0"}]}}}
//! ```
//! ## Trap
//! Dates and hashes are no versions, another image is no other version, and before 1.0 nothing was promised.
//! ```yaml before
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: order}
//! spec:
//!   template:
//!     spec:
//!       containers:
//!         - {name: app, image: "registry:5000/shop/order:20250101"}
//!         - {name: cache, image: "redis:7.2"}
//!         - {name: proxy, image: "proxy:0.3.0"}
//!         - {name: sha, image: "side:1a2b3c4d"}
//! ```
//! ```yaml after
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: order}
//! spec:
//!   template:
//!     spec:
//!       containers:
//!         - {name: app, image: "registry:5000/shop/order:20260101"}
//!         - {name: cache, image: "valkey:9.0"}
//!         - {name: proxy, image: "proxy:0.9.0"}
//!         - {name: sha, image: "side:9f8e7d6c"}
//! ```
//! ## Fix
//! Take the versions between in changes of their own, and say in each what is migrated and how one gets back.

use std::collections::BTreeMap;

use serde_json::Value;
use gitops::comparison::{Change, Delta, text};

use super::pods::containers;
use super::{Findings, Meta, Severity};

pub struct Rule;

/// Programs whose data of one major version the next one does not read by itself.
const DATABASES: &[&str] = &[
    "cassandra",
    "cockroach",
    "elasticsearch",
    "mariadb",
    "mongo",
    "mongodb",
    "mysql",
    "opensearch",
    "postgres",
    "postgresql",
    "zookeeper",
];

/// Programs whose makers ask for every minor version on the way.
const STEPWISE: &[&str] = &[
    "cert-manager",
    "cilium",
    "istio",
    "istiod",
    "linkerd",
    "longhorn",
    "pilot",
    "proxyv2",
    "rook",
    "rook-ceph",
    "strimzi-kafka-operator",
];

const HELP: &str = "take the versions between in changes of their own, and say what is migrated and how one gets back";

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "major-version-jump", severity: Severity::Warning }
    }

    fn change(&self, change: &Change<'_>, out: &mut Findings) {
        for delta in &change.deltas {
            images(change, delta, out);
        }
        for pair in &change.pairs {
            let (Some(before), Some(after)) = (pair.before, pair.after) else { continue };
            let charts = |value: &Value| -> BTreeMap<String, String> {
                let one = value.pointer("/spec/source").into_iter();
                let many = value.pointer("/spec/sources").and_then(Value::as_array).into_iter().flatten();
                let charts = one.chain(many).filter(|source| !text(source, "/chart").is_empty());
                charts.map(|s| (text(s, "/chart").to_string(), text(s, "/targetRevision").to_string())).collect()
            };
            let now = charts(&after.application.value);
            for (chart, was) in charts(&before.application.value) {
                if let Some((how, severity)) = now.get(&chart).and_then(|is| jump(&chart, &was, is)) {
                    out.pair(pair, format!("the chart {chart} {how}")).severity(severity).help(HELP);
                }
            }
        }
    }
}

fn images(change: &Change<'_>, delta: &Delta<'_>, out: &mut Findings) {
    let Some((old, new)) = delta.both() else { return };
    let after: BTreeMap<&str, &Value> = containers(new).into_iter().collect();
    let mut said: Vec<String> = Vec::new();
    for (name, was) in containers(old) {
        let Some((a, b)) = after.get(name).map(|is| (image(text(was, "/image")), image(text(is, "/image")))) else { continue };
        let (Some((program, was)), Some((same, is))) = (a, b) else { continue };
        // Another registry has the same image; several containers of one image are one jump.
        if program != same || said.iter().any(|known| known == program) {
            continue;
        }
        if let Some((how, severity)) = jump(program, was, is) {
            said.push(program.to_string());
            out.delta(change, delta, format!("the image {program} of {} {how}", delta.key.shown())).severity(severity).help(HELP);
        }
    }
}

/// The last part of an image's name, and its tag.
fn image(reference: &str) -> Option<(&str, &str)> {
    let reference = reference.split('@').next().unwrap_or(reference);
    let last = reference.rsplit('/').next().unwrap_or(reference);
    last.split_once(':')
}

/// What is wrong with going from one version to another one, in words.
fn jump(program: &str, was: &str, is: &str) -> Option<(String, Severity)> {
    let ((major, minor), (next_major, next_minor)) = (version(was)?, version(is)?);
    let careful = DATABASES.contains(&program) || STEPWISE.contains(&program);
    if next_major < major || careful && next_major == major && next_minor < minor {
        return Some((format!("goes back from {was} to {is}"), Severity::Error));
    }
    // Before 1.0 nothing was promised.
    if major == 0 {
        return None;
    }
    let why = match next_major - major {
        1 if DATABASES.contains(&program) => "which does not read the data of the version before it",
        0 if STEPWISE.contains(&program) && next_minor > minor + 1 => "and skips a minor version that must be taken on the way",
        0 | 1 => return None,
        _ => "and skips a major version",
    };
    Some((format!("goes from {was} to {is}, {why}"), Severity::Warning))
}

/// Major and minor version of `v1.2.3-alpine`, `15-alpine` or `7.2`. `None` for what is no version: names, hashes, dates.
fn version(tag: &str) -> Option<(u64, u64)> {
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    let core = tag.split(['-', '+', '_']).next()?;
    let mut parts = core.split('.');
    let major: u64 = parts.next()?.parse().ok()?;
    let minor = parts.next().map_or(Some(0), |part| part.parse().ok())?;
    // Years and numbers of builds count differently.
    (major < 1000).then_some((major, minor))
}
