//! An image whose tag is moved to other builds, or that has none.
//!
//! ## What
//! A container of a pod, whatever kind it belongs to, or a service of a compose file, has an image without tag and digest, or with a tag
//! that follows a branch or the newest build.
//! ## Why
//! A restart can start another version than the one that ran, pods of one workload can differ, and there is nothing to roll back to.
//! ## Bad
//! ```yaml objects
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec:
//!   initContainers:
//!     - name: wait
//!       image: busybox # bad
//!   containers:
//!     - name: web
//!       image: registry.example.org:5000/shop/web:latest # bad
//! ```
//! ## Good
//! ```yaml objects
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec:
//!   initContainers: [{name: wait, image: "busybox:1.37"}]
//!   containers: [{name: web, image: "registry.example.org:5000/shop/web:1.4.2"}]
//! ```
//! ## Trap
//! A digest decides, whatever the tag says. `auto` is replaced by the mesh, and what is never pulled was put onto the node by hand.
//! ```yaml objects
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec:
//!   containers:
//!     - {name: web, image: "shop/web:latest@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}
//!     - {name: istio-proxy, image: auto}
//!     - {name: local, image: "shop/local:dev", imagePullPolicy: Never}
//! ```
//! ## Fix
//! Name the version that was tested, or the digest of the image.

use serde_json::Value;

use super::{Findings, Meta, Severity};
use crate::index::Index;
use crate::index::files::name;
use crate::index::object::{escaped, text};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "floating-image-tag", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for workload in index.scopes.iter().flat_map(|scope| &scope.workloads) {
            for container in workload.containers() {
                let image = text(container.value, "image");
                let is_local = text(container.value, "imagePullPolicy") == "Never" || image == "auto";
                if let Some(what) = floating(image).filter(|_| !is_local) {
                    let message = format!("container `{}` runs `{image}`, {what}", container.name);
                    out.on(index, &workload.object, &format!("{}/image", container.pointer), message).help(HELP);
                }
            }
        }
        for (path, file) in index.input.files.iter().filter(|(path, _)| is_compose(name(path))) {
            let Some(document) = file.documents().ok().and_then(<[_]>::first) else { continue };
            for (service, value) in document.value.get("services").and_then(Value::as_object).into_iter().flatten() {
                let image = text(value, "image");
                // What is built here is not pulled.
                let is_built = value.get("build").is_some() || image.contains('$');
                let Some(what) = floating(image).filter(|_| !is_built) else { continue };
                let Some(site) = index.in_document(path, 0, &format!("/services/{}/image", escaped(service))) else { continue };
                out.say(format!("service `{service}` runs `{image}`, {what}")).at(site.path, site.line, site.column).help(HELP);
            }
        }
    }
}

const HELP: &str = "name the version that was tested, or a digest";

fn is_compose(name: &str) -> bool {
    let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml")).unwrap_or_default();
    stem == "compose" || stem.starts_with("compose.") || stem.starts_with("docker-compose")
}

/// Tags that people move on purpose.
const MOVED: [&str; 16] = [
    "latest",
    "main",
    "master",
    "trunk",
    "head",
    "develop",
    "development",
    "dev",
    "staging",
    "nightly",
    "edge",
    "canary",
    "snapshot",
    "stable",
    "mainline",
    "lts",
];

/// What is floating about an image; `None` if it is pinned, empty, or not filled in yet.
fn floating(image: &str) -> Option<String> {
    if image.is_empty() || image.contains(['@', '{', '$', '<', ' ']) {
        return None;
    }
    // A colon before a slash is that of a port.
    let last = image.rsplit('/').next().unwrap_or_default();
    match last.split_once(':') {
        None => Some("which has no tag and so means `latest`".to_string()),
        Some((_, tag)) if MOVED.contains(&tag.to_ascii_lowercase().as_str()) => {
            Some(format!("and the tag `{tag}` moves on to other builds"))
        }
        Some(_) => None,
    }
}
