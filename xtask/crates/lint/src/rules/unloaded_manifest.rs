//! A manifest that no Application loads.
//!
//! ## What
//! A file with Kubernetes objects lies where a source should load it, and none does: in a subfolder without `recurse`, outside of the
//! patterns `include` and `exclude`, beside the templates of a chart, or not in the list of a kustomization.
//! ## Why
//! Everybody believes that the object is deployed.
//! ## Bad
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: default}
//!   source: {repoURL: "https://git.example.org/shop.git", path: manifests}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: order}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: default}
//!   source: {repoURL: "https://git.example.org/shop.git", path: charts/order}
//! ```
//! ```yaml manifests/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ```yaml manifests/policies/b.yaml
//! {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: cart}} # bad
//! ```
//! ```yaml charts/order/Chart.yaml
//! {apiVersion: v2, name: order, version: 1.0.0}
//! ```
//! ```yaml charts/order/quota.yaml
//! {apiVersion: v1, kind: ResourceQuota, metadata: {name: order}} # bad
//! ```
//! ## Good
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: default}
//!   source: {repoURL: "https://git.example.org/shop.git", path: manifests, directory: {recurse: true}}
//! ```
//! ```yaml manifests/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ```yaml manifests/policies/b.yaml
//! {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: cart}}
//! ```
//! ## Trap
//! A folder below may be another Application's, or a script applies it; examples and values are no manifests.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: default}
//!   source: {repoURL: "https://git.example.org/shop.git", path: manifests}
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: policies}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: default}
//!   source: {repoURL: "https://git.example.org/shop.git", path: manifests/policies}
//! ```
//! ```yaml manifests/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ```yaml manifests/policies/b.yaml
//! {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: cart}}
//! ```
//! ```yaml manifests/examples/c.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: example}}
//! ```
//! ```yaml manifests/bootstrap/d.yaml
//! {apiVersion: v1, kind: Secret, metadata: {name: first}}
//! ```
//! ```sh setup.sh
//! kubectl apply -f manifests/bootstrap/
//! ```
//! ## Fix
//! Set `directory.recurse`, widen the pattern, or move the file to where the source loads it.

use std::collections::BTreeSet;

use gitops::glob::fits_path;
use serde_json::Value;

use super::of_files::is_template;
use super::{Findings, Meta, Severity};
use crate::index::Index;
use crate::index::files::{folder, is_yaml, name};
use crate::index::object::text;
use crate::index::sources::{Source, What, normal};

pub struct Rule;

/// Folders whose files are there to be read, not deployed.
const NOT_DEPLOYED: [&str; 12] =
    ["crds", "examples", "example", "samples", "fixtures", "testdata", "tests", "test", "docs", "ci", "files", "templates"];

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "unloaded-manifest", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        let ours: Vec<(&Source<'_>, String)> = (index.sources.iter().filter(|source| source.is_ours))
            .filter_map(|source| Some((source, normal("", source.path)?)))
            .filter(|(source, _)| !source.path.is_empty())
            .collect();
        let folders: BTreeSet<&str> = ours.iter().map(|(_, folder)| folder.as_str()).collect();
        for (path, file) in index.input.files.iter().filter(|(path, _)| is_yaml(path)) {
            // The sources whose folder it lies in, the innermost.
            let around = folders.iter().filter(|folder| is_below(path, folder)).max_by_key(|folder| folder.len());
            let Some(around) = around else { continue };
            let sources: Vec<&Source<'_>> = ours.iter().filter(|(_, folder)| folder == around).map(|(source, _)| *source).collect();
            let outer = ours.iter().filter(|(source, folder)| is_below(path, folder) && source.what == What::Directory);
            if is_left_out(index, path) || outer.clone().any(|(source, folder)| loads(source, folder, path)) {
                continue;
            }
            let Some(why) = sources.iter().find_map(|source| why(index, source, around, path)) else { continue };
            let documents = file.documents().unwrap_or_default();
            let Some((at, _)) = documents.iter().enumerate().find(|(_, document)| is_manifest(&document.value)) else { continue };
            if is_applied(index, path) {
                continue;
            }
            let line = documents.get(at).map_or(1, |document| document.line);
            out.say(format!("no Application loads this manifest: {why}")).at(path, line, None).help(HELP);
        }
    }
}

const HELP: &str = "set `directory.recurse`, widen the pattern, or move the file to where the source loads it";

fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn is_manifest(value: &Value) -> bool {
    let (api, kind) = (text(value, "apiVersion"), text(value, "kind"));
    // Not what other programs call their configuration; Chart.yaml has no kind.
    !api.is_empty() && !kind.is_empty() && value.get("metadata").is_some_and(Value::is_object) && !api.starts_with("kustomize.config.k8s.io")
}

fn is_left_out(index: &Index<'_>, path: &str) -> bool {
    folder(path).split('/').any(|part| NOT_DEPLOYED.contains(&part) || part.starts_with('.')) || is_template(index, path) || name(path).starts_with('.')
}

/// Does a source of a folder load the file (`getPotentiallyValidManifestFile` of Argo CD's repo-server)?
fn loads(source: &Source<'_>, around: &str, path: &str) -> bool {
    let directory = source.value.get("directory").unwrap_or(&Value::Null);
    let below = if around.is_empty() { path } else { path.get(around.len() + 1..).unwrap_or_default() };
    let deep = below.contains('/');
    let (include, exclude) = (text(directory, "include"), text(directory, "exclude"));
    if deep && directory.get("recurse") != Some(&Value::Bool(true)) {
        return false;
    }
    if !exclude.is_empty() && gitops::glob::fits(exclude, below) {
        return false;
    }
    include.is_empty() || gitops::glob::fits(include, below)
}

/// Why the file is not loaded; `None` where that is meant, or not known.
fn why(index: &Index<'_>, source: &Source<'_>, around: &str, path: &str) -> Option<String> {
    let application = source.deployed.application.name();
    let below = if around.is_empty() { path } else { path.get(around.len() + 1..)? };
    match source.what {
        What::Directory => {
            // A chart or a kustomization below is something of its own.
            let inner = inner_folders(below).any(|folder| {
                let folder = if around.is_empty() { folder.to_string() } else { format!("{around}/{folder}") };
                ["Chart.yaml", "kustomization.yaml", "kustomization.yml"].iter().any(|file| index.input.files.contains(&format!("{folder}/{file}")))
            });
            let directory = source.value.get("directory").unwrap_or(&Value::Null);
            match () {
                // A source of the whole tree is a root with a folder to itself.
                _ if inner || around.is_empty() => None,
                _ if below.contains('/') && directory.get("recurse") != Some(&Value::Bool(true)) => {
                    Some(format!("it lies in a subfolder of {around}, and Application {application} does not recurse"))
                }
                _ if !text(directory, "exclude").is_empty() && gitops::glob::fits(text(directory, "exclude"), below) => None,
                _ => Some(format!("`include: {}` of Application {application} does not fit it", text(directory, "include"))),
            }
        }
        What::Helm => {
            let is_values = name(path).contains("values") || matches!(name(path), "Chart.yaml" | "requirements.yaml");
            let is_beside = !below.contains('/') && !is_values && !is_helm_ignored(index, around, below);
            is_beside.then(|| format!("it lies beside the templates of chart {around}"))
        }
        What::Kustomize => {
            let lists = ["kustomization.yaml", "kustomization.yml", "Kustomization"].iter().filter_map(|file| index.input.files.text(&format!("{around}/{file}")));
            let is_named = |list: &str| list.contains(below) || list.contains(name(path));
            // What a folder below holds is the matter of whoever names the folder.
            let is_listed = below.contains('/') || lists.into_iter().any(is_named);
            (!is_listed && name(path) != "kustomization.yaml" && name(path) != "kustomization.yml")
                .then(|| format!("the kustomization of {around} does not name it"))
        }
        What::Plugin | What::Nothing | What::Elsewhere => None,
    }
}

/// The folders between, outermost first.
fn inner_folders(below: &str) -> impl Iterator<Item = &str> {
    below.match_indices('/').filter_map(|(at, _)| below.get(..at))
}

fn is_helm_ignored(index: &Index<'_>, chart: &str, below: &str) -> bool {
    let patterns = index.input.files.text(&format!("{chart}/.helmignore")).unwrap_or_default();
    patterns.lines().map(str::trim).any(|pattern| !pattern.is_empty() && fits_path(pattern.trim_start_matches('/'), below))
}

/// Does a script, a page or a program name the file, or the folder that it lies in?
fn is_applied(index: &Index<'_>, path: &str) -> bool {
    let named = [path, folder(path)];
    let texts = index.input.files.iter().filter(|(other, _)| !is_yaml(other) || other.contains(".github/") || other.contains("gitlab-ci"));
    texts.into_iter().filter_map(|(_, file)| file.text()).any(|text| named.iter().any(|name| name.contains('/') && text.contains(name)) || text.contains(path))
}
