//! The pinned install manifest of Argo CD has the shape that `argocd/manifest.rs` changes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::charts::value;
use super::params::manifest;
use super::pinned;
use super::this_repository::read;

fn documents() -> Option<Vec<Value>> {
    let manifest = manifest()?;
    let parts = manifest.split("\n---\n").filter(|d| !d.contains("kind: CustomResourceDefinition\n"));
    Some(parts.map(value).collect())
}

/// The words of a constant list of texts in the program's source.
fn words(constant: &str) -> BTreeSet<String> {
    let source = read("xtask/src/argocd/manifest.rs");
    let (_, rest) = source.split_once(&format!("const {constant}: ")).unwrap_or_else(|| panic!("there is no constant {constant}"));
    let (body, _) = rest.split_once(';').and_then(|(_, rest)| rest.split_once("];")).unwrap();
    body.split('"').skip(1).step_by(2).map(str::to_string).collect()
}

#[test]
fn every_kind_is_known_as_namespaced_or_cluster_wide() {
    let Some(documents) = documents() else { return pinned::skipped("the artifact argocd-install is not provisioned") };
    assert!(documents.len() > 40, "{} documents only: is it read right?", documents.len());
    let kinds: BTreeSet<String> = documents.iter().map(|d| d["kind"].as_str().unwrap().to_string()).collect();
    let known: BTreeSet<String> = words("NAMESPACED").union(&words("CLUSTER_WIDE")).cloned().collect();
    assert_eq!(kinds, known, "the lists in argocd/manifest.rs are those of the pinned manifest, no more and no less");
}

#[test]
fn the_repo_server_has_the_container_and_the_lists_that_the_snapshot_is_added_to() {
    let Some(documents) = documents() else { return pinned::skipped("the artifact argocd-install is not provisioned") };
    let named = |d: &&Value| d["kind"] == "Deployment" && d["metadata"]["name"] == "argocd-repo-server";
    let pod = &documents.iter().find(named).unwrap()["spec"]["template"]["spec"];
    let container = pod["containers"].as_array().unwrap().iter().find(|c| c["name"] == "argocd-repo-server").unwrap();
    let mounts = container["volumeMounts"].as_array().unwrap();
    assert!(mounts.iter().all(|m| m["mountPath"] != "/etc/gitconfig"));
    for volume in pod["volumes"].as_array().unwrap() {
        assert!(!volume["name"].as_str().unwrap().starts_with("c4ang-"), "a volume of ours would collide with {volume}");
    }
}

#[test]
fn what_stands_outside_of_the_namespace_points_into_it() {
    let Some(documents) = documents() else { return pinned::skipped("the artifact argocd-install is not provisioned") };
    let bindings: Vec<&Value> = documents.iter().filter(|d| d["kind"] == "ClusterRoleBinding").collect();
    assert!(!bindings.is_empty());
    for subject in bindings.iter().flat_map(|b| b["subjects"].as_array().unwrap()) {
        assert_eq!(subject["namespace"], "argocd");
    }
}

#[test]
fn every_image_is_pinned_and_argo_cds_own_is_the_version_of_its_program() {
    let Some(documents) = documents() else { return pinned::skipped("the artifact argocd-install is not provisioned") };
    let pods = documents.iter().filter_map(|d| d.pointer("/spec/template/spec"));
    let lists = pods.flat_map(|p| ["containers", "initContainers"].into_iter().filter_map(|k| p.get(k)?.as_array()));
    let images: BTreeSet<&str> = lists.flatten().map(|c| c["image"].as_str().unwrap()).collect();
    let own = format!("quay.io/argoproj/argocd:v{}", pinned::tool("argocd").version);
    assert!(images.contains(own.as_str()), "{images:?}");
    for image in images {
        assert!(image.rsplit('/').next().unwrap().contains(':') && !image.ends_with(":latest"), "{image}");
    }
}
