//! What the controller makes of a finished spec before it writes it: the default project, and no empty blocks.

use serde_json::{Map, Value};

use super::decode::is_empty;

/// Source: Argo CD's `NormalizeApplicationSpec`.
pub fn spec(spec: &mut Map<String, Value>) {
    if spec.get("project").is_none_or(is_empty) {
        spec.insert("project".to_string(), Value::from("default"));
    }
    let policy = spec.get("syncPolicy").and_then(Value::as_object);
    if policy.is_some_and(|policy| without(policy, &["automated", "syncOptions", "retry", "managedNamespaceMetadata"])) {
        spec.remove("syncPolicy");
    }
    match spec.get_mut("sources").and_then(Value::as_array_mut) {
        Some(sources) => sources.iter_mut().filter_map(Value::as_object_mut).for_each(source),
        None => drop(spec.get_mut("source").and_then(Value::as_object_mut).map(source)),
    }
}

fn source(source: &mut Map<String, Value>) {
    // Its other fields do not count, so a block of nothing but those goes too.
    let kustomize = [
        "namePrefix",
        "nameSuffix",
        "version",
        "namespace",
        "images",
        "replicas",
        "commonLabels",
        "commonAnnotations",
        "patches",
        "components",
        "kubeVersion",
        "apiVersions",
        "ignoreMissingComponents",
    ];
    drop_if(source, "kustomize", |block| without(block, &kustomize));
    drop_if(source, "helm", Map::is_empty);
    // A directory with nothing but include and exclude keeps them.
    drop_if(source, "directory", |block| without(block, &["recurse", "jsonnet", "include", "exclude"]));
}

fn drop_if(source: &mut Map<String, Value>, key: &str, empty: impl Fn(&Map<String, Value>) -> bool) {
    if source.get(key).and_then(Value::as_object).is_some_and(empty) {
        source.remove(key);
    }
}

fn without(block: &Map<String, Value>, keys: &[&str]) -> bool {
    keys.iter().all(|key| !block.contains_key(*key))
}
