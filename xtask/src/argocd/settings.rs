//! The objects that must exist before Argo CD can run itself: settings, projects, cluster and repository Secrets.
//!
//! Sources: files under `bootstrap/`, the environment's description, and the snapshot of the working tree.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
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

/// Label and annotations of the cluster Secret, which every ApplicationSet reads.
const ENV_LABEL: &str = "c4ang.io/env";
const ENGINE_LABEL: &str = "c4ang.io/engine";
const URL_ANNOTATION: &str = "c4ang.io/repo-url";
const REVISION_ANNOTATION: &str = "c4ang.io/revision";

/// The address under which Argo CD knows the cluster that it runs in.
const IN_CLUSTER: &str = "https://kubernetes.default.svc";

/// Settings in the order in which they are applied: namespace, ConfigMaps, the project of the root.
/// Errors: a file of `bootstrap/argocd` is missing or not valid.
pub fn objects(cx: &Context, source: &Source) -> Result<Vec<Value>> {
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
    objects.push(cluster_secret(cx, source)?);
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
        "metadata": { "name": "argocd-secret", "namespace": NAMESPACE, "labels": { "app.kubernetes.io/part-of": "argocd" } },
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

/// Says where the cluster is, which environment and engine it is, and what it follows.
fn cluster_secret(cx: &Context, source: &Source) -> Result<Value> {
    let encode = |text: &str| BASE64.encode(text);
    let engine = crate::cluster::of(cx)?.engine().name();
    Ok(json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {
            "name": format!("cluster-{}", cx.env()),
            "namespace": NAMESPACE,
            "labels": {
                "argocd.argoproj.io/secret-type": "cluster",
                ENV_LABEL: cx.env(),
                ENGINE_LABEL: engine,
            },
            "annotations": { URL_ANNOTATION: source.url, REVISION_ANNOTATION: source.revision },
        },
        "data": {
            "name": encode(&cx.environment.cluster.name),
            "server": encode(IN_CLUSTER),
            "config": encode(r#"{"tlsClientConfig":{"insecure":false}}"#),
        },
    }))
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
