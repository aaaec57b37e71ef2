//! Argo CD as pods: the objects of its pinned install manifest, with what this repository needs of them changed.
//!
//! A change of the document tree and no patch files: whatever a new version of the manifest renames is an error here, and
//! does not go by unnoticed.

use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::NAMESPACE;
use super::settings::Source;
use crate::error::{Context as _, Error, Result};
use crate::objects::text;
use crate::repo::yaml;

/// The artifact set that holds the manifest.
pub const ARTIFACT: &str = "argocd-install";

/// The workload that reads repositories; its container is called the same.
const REPO_SERVER: &str = "argocd-repo-server";
/// The ConfigMap that the pods of Argo CD take their flags from.
const PARAMS: &str = "argocd-cmd-params-cm";
/// `/etc/gitconfig` of the repo-server.
const GITCONFIG: &str = "c4ang-gitconfig";
/// The volume with the snapshot of the working tree. No name of Argo CD's own begins like these two.
const SNAPSHOT: &str = "c4ang-snapshot";
/// Annotation of every pod: pods read their flags once, when they start, so changed flags must be changed pods.
const PARAMS_ANNOTATION: &str = "c4ang.io/params";

/// Kinds of the manifest that live in a namespace, and those that do not. Another kind is an error.
const NAMESPACED: [&str; 9] =
    ["ConfigMap", "Deployment", "NetworkPolicy", "Role", "RoleBinding", "Secret", "Service", "ServiceAccount", "StatefulSet"];
const CLUSTER_WIDE: [&str; 2] = ["ClusterRole", "ClusterRoleBinding"];

/// Reads the manifest without the definitions of kinds: the step `crds` has them, and they are nine tenths of it.
pub fn read(path: &Path) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    let is_definition = |document: &&str| document.lines().any(|l| l == "kind: CustomResourceDefinition");
    let rest: Vec<&str> = text.split("\n---\n").filter(|d| !is_definition(d)).collect();
    yaml::parse_all(&rest.join("\n---\n")).with_context(|| format!("{} is not valid", path.display()))
}

/// The objects to apply, from the `documents` of the manifest.
///
/// Left out is what `settings` has, so that no two writers fight over an object, and the definitions of kinds. A `file://`
/// source is a folder of the node: the repo-server gets it at the same path, read-only, and is told to trust it.
/// Errors: the manifest has no longer the shape that this function knows.
pub fn objects(documents: Vec<Value>, settings: &[Value], source: &Source) -> Result<Vec<Value>> {
    let params = settings.iter().find(|o| is(o, "ConfigMap", PARAMS)).map(|o| o["data"].to_string()).unwrap_or_default();
    let params: String = Sha256::digest(params.as_bytes()).iter().take(6).map(|b| format!("{b:02x}")).collect();
    let mut objects = Vec::new();
    let mut repo_servers = 0;
    for mut object in documents {
        let kind = text(&object, "/kind").to_string();
        let name = text(&object, "/metadata/name").to_string();
        let owned = settings.iter().any(|s| is(s, &kind, &name)) || is(&object, "Secret", super::settings::SERVER_SECRET);
        if owned || kind == "CustomResourceDefinition" {
            continue;
        }
        if NAMESPACED.contains(&kind.as_str()) {
            object["metadata"]["namespace"] = json!(NAMESPACE);
        } else if !CLUSTER_WIDE.contains(&kind.as_str()) {
            return Err(Error::failed(format!("Argo CD's install manifest holds a {kind}, which is not known here")));
        }
        if let Some(Value::Object(template)) = object.pointer_mut("/spec/template/metadata") {
            template.entry("annotations").or_insert_with(|| json!({}))[PARAMS_ANNOTATION] = json!(params);
        }
        if kind == "Deployment" && name == REPO_SERVER {
            repo_servers += 1;
            if let Some(path) = source.url.strip_prefix("file://") {
                mount(&mut object, path)?;
            }
        }
        objects.push(object);
    }
    if repo_servers != 1 {
        return Err(Error::failed(format!("Argo CD's install manifest has {repo_servers} Deployments `{REPO_SERVER}`")));
    }
    if let Some(path) = source.url.strip_prefix("file://") {
        objects.insert(0, gitconfig(path));
    }
    Ok(objects)
}

/// What git of the repo-server must know: the folder belongs to another user. Argo CD gives git no home folder
/// (`HOME=/dev/null`, 3.5.3), so the system's configuration is the only one that it reads.
fn gitconfig(path: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": { "name": GITCONFIG, "namespace": NAMESPACE, "labels": { "app.kubernetes.io/part-of": "argocd" } },
        "data": { "gitconfig": format!("[safe]\n\tdirectory = {path}\n") },
    })
}

/// Adds the snapshot and the git configuration to the repo-server.
fn mount(deployment: &mut Value, path: &str) -> Result<()> {
    let missing = |what: &str| Error::failed(format!("Argo CD's install manifest: `{REPO_SERVER}` has no {what}"));
    let pod = deployment.pointer_mut("/spec/template/spec").ok_or_else(|| missing("pod"))?;
    // `Directory` and not a folder made on the way: without the mount of the node the pod must wait and say why.
    let volumes = pod.get_mut("volumes").and_then(Value::as_array_mut).ok_or_else(|| missing("volumes"))?;
    volumes.push(json!({ "name": SNAPSHOT, "hostPath": { "path": path, "type": "Directory" } }));
    volumes.push(json!({ "name": GITCONFIG, "configMap": { "name": GITCONFIG } }));
    let containers = pod.get_mut("containers").and_then(Value::as_array_mut);
    let container = containers.and_then(|list| list.iter_mut().find(|c| c["name"] == REPO_SERVER));
    let mounts = container.and_then(|c| c.get_mut("volumeMounts")?.as_array_mut());
    mounts.ok_or_else(|| missing("volume mounts"))?.extend([
        json!({ "name": SNAPSHOT, "mountPath": path, "readOnly": true }),
        json!({ "name": GITCONFIG, "mountPath": "/etc/gitconfig", "subPath": "gitconfig", "readOnly": true }),
    ]);
    Ok(())
}

fn is(object: &Value, kind: &str, name: &str) -> bool {
    text(object, "/kind") == kind && text(object, "/metadata/name") == name
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shape of the pinned manifest, small.
    const MANIFEST: &str = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: applications.argoproj.io}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cm}
data: {theirs: x}
---
apiVersion: v1
kind: Secret
metadata: {name: argocd-secret}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: argocd-server}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: argocd-repo-server}
spec:
  template:
    metadata: {labels: {a: b}}
    spec:
      containers:
        - {name: sidecar, volumeMounts: []}
        - {name: argocd-repo-server, volumeMounts: [{name: tmp, mountPath: /tmp}]}
      initContainers:
        - {name: copyutil, volumeMounts: []}
      volumes: [{name: tmp}]
";

    fn made(params: &str, url: &str) -> Result<Vec<Value>> {
        let settings = [
            json!({"kind": "ConfigMap", "metadata": {"name": "argocd-cm"}}),
            json!({"kind": "ConfigMap", "metadata": {"name": PARAMS}, "data": {"k": params}}),
        ];
        let source = Source { url: url.into(), revision: "worktree".into() };
        objects(yaml::parse_all(MANIFEST).unwrap(), &settings, &source)
    }

    fn repo_server(objects: &[Value]) -> &Value {
        objects.iter().find(|o| is(o, "Deployment", REPO_SERVER)).unwrap().pointer("/spec/template").unwrap()
    }

    #[test]
    fn what_the_settings_own_is_left_out_and_the_rest_is_in_the_namespace() {
        let objects = made("v", "https://example.com/shop.git").unwrap();
        let names: Vec<_> = objects.iter().map(|o| (text(o, "/kind"), text(o, "/metadata/namespace"))).collect();
        assert_eq!(names, [("ClusterRole", ""), ("Deployment", NAMESPACE)]);
        assert_eq!(repo_server(&objects)["spec"]["volumes"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn a_folder_as_source_is_mounted_at_the_same_path_and_trusted() {
        let objects = made("v", "file:///srv/c4ang/source.git").unwrap();
        assert_eq!(text(&objects[0], "/data/gitconfig"), "[safe]\n\tdirectory = /srv/c4ang/source.git\n");
        let pod = &repo_server(&objects)["spec"];
        assert_eq!(pod["volumes"][1]["hostPath"], json!({"path": "/srv/c4ang/source.git", "type": "Directory"}));
        let mounts = pod["containers"][1]["volumeMounts"].as_array().unwrap();
        assert_eq!(mounts[1], json!({"name": SNAPSHOT, "mountPath": "/srv/c4ang/source.git", "readOnly": true}));
        assert_eq!(mounts[2]["mountPath"], "/etc/gitconfig");
        assert_eq!(pod["containers"][0]["volumeMounts"], json!([]), "only the repo-server itself reads it");
    }

    #[test]
    fn changed_flags_are_changed_pods() {
        let annotation = |params: &str| repo_server(&made(params, "").unwrap())["metadata"]["annotations"][PARAMS_ANNOTATION].clone();
        assert_eq!(annotation("one"), annotation("one"));
        assert_ne!(annotation("one"), annotation("two"));
    }

    #[test]
    fn a_manifest_of_another_shape_is_an_error() {
        let source = Source { url: "file:///x".into(), revision: String::new() };
        let with = |old: &str, new: &str| objects(yaml::parse_all(&MANIFEST.replace(old, new)).unwrap(), &[], &source);
        for (old, new, why) in [
            ("kind: ClusterRole\n", "kind: Novelty\n", "Novelty"),
            ("{name: argocd-repo-server}", "{name: argocd-reposerver}", "0 Deployments"),
            ("{name: argocd-repo-server, vol", "{name: reposerver, vol", "no volume mounts"),
            ("volumes: [{name: tmp}]", "other: []", "no volumes"),
        ] {
            let e = with(old, new).unwrap_err();
            assert!(e.what().contains(why), "{e}");
        }
    }

    #[test]
    fn definitions_are_not_even_parsed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), MANIFEST.replace("metadata: {name: applications.argoproj.io}", "metadata: {")).unwrap();
        assert_eq!(read(file.path()).unwrap().len(), 4);
    }
}
