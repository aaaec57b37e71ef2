//! `bootstrap/argocd/params.yaml` as variables: a plain process must get what a pod of the pinned Argo CD would.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::charts::value;
use super::pinned;
use super::this_repository::read;

const CONFIG_MAP: &str = "argocd-cmd-params-cm";

/// The pairs of the constant `PARAMS` in the program's source: key of the ConfigMap, variable.
fn pairs() -> BTreeMap<String, String> {
    let source = read("xtask/src/argocd/processes.rs");
    let (_, rest) = source.split_once("pub const PARAMS:").expect("processes.rs has a constant PARAMS");
    let (body, _) = rest.split_once("];").unwrap();
    let (_, body) = body.split_once("= [").unwrap();
    // Texts in quotes, in turn a key and a variable.
    let words: Vec<&str> = body.split('"').skip(1).step_by(2).collect();
    assert!(words.len() >= 2 && words.len().is_multiple_of(2), "PARAMS is not a list of pairs any more: {body}");
    words.chunks(2).map(|pair| (pair[0].to_string(), pair[1].to_string())).collect()
}

/// Argo CD's install manifest of the pinned version: from the cache, else from Go's module cache if its bytes are the pinned ones.
pub fn manifest() -> Option<String> {
    let set = pinned::artifacts().into_iter().find(|a| a.name == "argocd-install").unwrap();
    let (path, sha256) = &set.files[0];
    let name = path.rsplit('/').next().unwrap();
    let cached = pinned::in_cache("artifacts/argocd-install", &set.version, name);
    let modules = std::env::var_os("GOMODCACHE").map(PathBuf::from).or_else(|| {
        let path = std::env::var_os("GOPATH").map(PathBuf::from);
        Some(path.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join("go")))?.join("pkg/mod"))
    });
    let in_module = || Some(modules?.join(format!("{}@v{}", set.module?, set.version)).join(path));
    let text = std::fs::read_to_string(cached.or_else(in_module)?).ok()?;
    let sum: String = Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
    (sum == *sha256).then_some(text)
}

/// Key → variables that the manifest's containers take from it.
fn variables(manifest: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for document in manifest.split("\n---\n").filter(|d| d.contains(CONFIG_MAP)) {
        let object = value(document);
        let Some(pod) = object.pointer("/spec/template/spec") else { continue };
        let lists = ["containers", "initContainers"].into_iter().filter_map(|k| pod.get(k)?.as_array());
        for entry in lists.flatten().filter_map(|c| c.get("env")?.as_array()).flatten() {
            let Some(reference) = entry.pointer("/valueFrom/configMapKeyRef").filter(|r| r["name"] == CONFIG_MAP) else { continue };
            let text = |v: &Value| v.as_str().unwrap().to_string();
            found.entry(text(&reference["key"])).or_default().insert(text(&entry["name"]));
        }
    }
    found
}

#[test]
fn every_setting_reaches_the_variable_that_the_pinned_manifest_maps_it_to() {
    let Some(manifest) = manifest() else { return pinned::skipped("the artifact argocd-install is not provisioned") };
    let variables = variables(&manifest);
    assert!(variables.len() > 50, "the manifest maps {} keys only: is it read right?", variables.len());
    for (key, variable) in pairs() {
        let wanted = variables.get(&key).unwrap_or_else(|| panic!("Argo CD's install manifest knows no `{key}`"));
        assert_eq!(wanted, &BTreeSet::from([variable]), "`{key}`");
    }
}

#[test]
fn every_setting_of_the_repository_has_a_variable_and_every_variable_a_setting() {
    let params = value(&read("bootstrap/argocd/params.yaml"));
    assert_eq!(params["metadata"]["name"], CONFIG_MAP);
    let data = params["data"].as_object().unwrap();
    assert!(data.values().all(Value::is_string), "a ConfigMap holds texts: put numbers and booleans into quotes");
    assert_eq!(data.keys().collect::<BTreeSet<_>>(), pairs().keys().collect());
}
