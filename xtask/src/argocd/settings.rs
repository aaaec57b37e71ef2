//! The objects that must exist before Argo CD can run itself: settings, projects, cluster and repository Secrets.
//!
//! Sources: files under `bootstrap/`, the environment's description, and the snapshot of the working tree.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use gitops::clusters::Own;
use serde_json::{Value, json};

use super::{NAMESPACE, ROOT};
use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::repo::yaml;

/// What Argo CD of this environment follows.
pub struct Source {
    pub url: String,
    pub revision: String,
}

/// The Secret with the key that Argo CD signs sessions with, made by this program and not by the install manifest.
pub const SERVER_SECRET: &str = "argocd-secret";

/// The values of services on k3d while no image of the shop's own registry can be pulled (`config/engine/`).
pub const STAND_IN: &str = "k3d-stand-in";

/// Settings in the order in which they are applied: namespace, ConfigMaps, the project of the root.
/// `values` names the last file of values of every service, `config/engine/<values>.yaml`.
/// Errors: a file of `bootstrap/argocd` is missing or not valid; the stand-in image outside of dev.
pub fn objects(cx: &Context, source: &Source, values: &str) -> Result<Vec<Value>> {
    refuse_stand_in(cx.env(), values)?;
    let dir = cx.repo.bootstrap_dir().join("argocd");
    let mut objects = vec![json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } })];
    for mut document in yaml::read_all(&dir.join("config.yaml"))? {
        if document.pointer("/metadata/name").is_some_and(|n| n == "argocd-cm") {
            let data = document.get_mut("data").and_then(Value::as_object_mut);
            data.ok_or_else(|| Error::failed("argocd-cm has no data"))?.extend(health_checks(&dir.join("health"))?);
        }
        objects.push(document);
    }
    objects.extend(yaml::read_all(&dir.join("params.yaml"))?);
    // Argo CD refuses to start without these, empty or not.
    for name in ["argocd-ssh-known-hosts-cm", "argocd-tls-certs-cm", "argocd-gpg-keys-cm"] {
        objects.push(json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": { "name": name, "namespace": NAMESPACE, "labels": { "app.kubernetes.io/part-of": "argocd" } },
        }));
    }
    let mut project: Value = yaml::read(&dir.join("default-project.yaml"))?;
    set(&mut project, "/spec/sourceRepos", json!([source.url]))?;
    objects.push(project);
    let Source { url, revision } = source;
    objects.push(Own { env: cx.env(), name: &cx.environment.cluster.name, values, url, revision }.secret());
    if source.url.starts_with("file://") {
        // The projects trust this repository's own URL only; a project-scoped Secret adds the working tree to them.
        for project in ["applications", "infrastructure"] {
            objects.push(repository_secret(project, &source.url));
        }
    }
    Ok(objects)
}

/// The root Application for this environment's repository and revision.
pub fn root(cx: &Context, source: &Source) -> Result<Value> {
    let mut root: Value = yaml::read(&cx.repo.bootstrap_dir().join("root-application.yaml"))?;
    if root.pointer("/metadata/name").is_none_or(|n| n != ROOT) {
        return Err(Error::failed(format!("bootstrap/root-application.yaml does not describe `{ROOT}`")));
    }
    set(&mut root, "/spec/source/repoURL", json!(source.url))?;
    set(&mut root, "/spec/source/targetRevision", json!(source.revision))?;
    Ok(root)
}

/// `argocd-secret` with the key that Argo CD signs sessions with. Made once; it must not change while sessions live.
pub fn server_secret() -> Result<Value> {
    Ok(json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": { "name": SERVER_SECRET, "namespace": NAMESPACE, "labels": { "app.kubernetes.io/part-of": "argocd" } },
        "data": { "server.secretkey": BASE64.encode(crate::secrets::random(32)?) },
    }))
}

/// One key of argocd-cm per file `GROUP_KIND.lua`.
fn health_checks(dir: &Path) -> Result<serde_json::Map<String, Value>> {
    let mut checks = serde_json::Map::new();
    for entry in std::fs::read_dir(dir).with_context(|| format!("could not read {}", dir.display()))? {
        let path = entry?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|e| e == "lua") {
            checks.insert(format!("resource.customizations.health.{stem}"), Value::String(std::fs::read_to_string(&path)?));
        }
    }
    Ok(checks)
}

/// The stand-in answers everything with 200: anywhere but in dev it would look like a shop that works.
fn refuse_stand_in(env: &str, values: &str) -> Result<()> {
    if values == STAND_IN && env != "dev" {
        return Err(Error::failed(format!("the stand-in image is for the environment `dev` only, not for `{env}`")));
    }
    Ok(())
}

fn repository_secret(project: &str, url: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {
            "name": format!("repository-working-tree-{project}"),
            "namespace": NAMESPACE,
            "labels": { "argocd.argoproj.io/secret-type": "repository" },
        },
        "data": { "type": BASE64.encode("git"), "url": BASE64.encode(url), "project": BASE64.encode(project) },
    })
}

fn set(object: &mut Value, pointer: &str, value: Value) -> Result<()> {
    *object.pointer_mut(pointer).ok_or_else(|| Error::failed(format!("an object of bootstrap/ has no {pointer}")))? = value;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stand_in_is_refused_outside_of_dev() {
        assert!(refuse_stand_in("dev", STAND_IN).is_ok());
        assert!(refuse_stand_in("prod", "eks").is_ok());
        assert!(refuse_stand_in("prod", STAND_IN).is_err());
    }
}
