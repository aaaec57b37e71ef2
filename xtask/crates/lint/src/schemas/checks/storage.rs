//! ConfigMaps, Secrets, claims.

use super::super::ViolationKind as Kind;
use super::super::names;
use super::super::walk::Walk;
use super::{Fields, entries, object, text};

/// Bytes that the data of one object may have.
const MOST_BYTES: usize = 1024 * 1024;

fn keys<'v>(fields: &'v Fields, bag: &'v str, walk: &mut Walk<'v>) {
    walk.key(bag, |walk| {
        for key in object(fields, bag).into_iter().flatten().map(|(key, _)| key) {
            if let Some(why) = names::data_key(key) {
                walk.say_at(key, Kind::Format, format!("is no key here: {why}"));
            }
        }
    });
}

fn bytes(fields: &Fields, bag: &str) -> usize {
    object(fields, bag).into_iter().flatten().map(|(_, value)| value.as_str().map_or(0, str::len)).sum()
}

/// `ValidateConfigMap` of pkg/apis/core/validation.
pub(super) fn config_map<'v>(fields: &'v Fields, walk: &mut Walk<'v>) {
    keys(fields, "data", walk);
    keys(fields, "binaryData", walk);
    let binary = object(fields, "binaryData");
    for (key, _) in object(fields, "data").into_iter().flatten() {
        if binary.is_some_and(|binary| binary.contains_key(key)) {
            walk.key("data", |walk| walk.say_at(key, Kind::Duplicate, "is in binaryData too"));
        }
    }
    let bytes = bytes(fields, "data") + bytes(fields, "binaryData") / 4 * 3;
    if bytes > MOST_BYTES {
        walk.say_at("data", Kind::OutOfRange, format!("has {bytes} bytes, {MOST_BYTES} are allowed"));
    }
}

/// `ValidateSecret` of pkg/apis/core/validation: keys, and those that a type of Secret must have.
pub(super) fn secret<'v>(fields: &'v Fields, walk: &mut Walk<'v>) {
    keys(fields, "data", walk);
    keys(fields, "stringData", walk);
    let has = |key: &str| ["data", "stringData"].iter().any(|bag| object(fields, bag).is_some_and(|bag| bag.contains_key(key)));
    let kind = text(fields, "type");
    let wanted: &[&str] = match kind {
        "kubernetes.io/tls" => &["tls.crt", "tls.key"],
        "kubernetes.io/dockerconfigjson" => &[".dockerconfigjson"],
        "kubernetes.io/dockercfg" => &[".dockercfg"],
        "kubernetes.io/ssh-auth" => &["ssh-privatekey"],
        "kubernetes.io/basic-auth" if !has("username") && !has("password") => &["username"],
        _ => &[],
    };
    for key in wanted.iter().filter(|key| !has(key)) {
        walk.key("data", |walk| walk.say_at(key, Kind::Missing, format!("is required in a Secret of type `{kind}`")));
    }
    if kind == "kubernetes.io/service-account-token" {
        let annotations = object(fields, "metadata").and_then(|meta| object(meta, "annotations"));
        let key = "kubernetes.io/service-account.name";
        if annotations.is_none_or(|annotations| text(annotations, key).is_empty()) {
            walk.key("metadata", |walk| {
                walk.key("annotations", |walk| walk.say_at(key, Kind::Missing, format!("is required in a Secret of type `{kind}`")));
            });
        }
    }
    let json = object(fields, "stringData").map(|bag| text(bag, ".dockerconfigjson")).filter(|text| !text.is_empty());
    if kind == "kubernetes.io/dockerconfigjson"
        && json.is_some_and(|json| !serde_json::from_str::<serde_json::Value>(json).is_ok_and(|value| value.is_object()))
    {
        walk.key("stringData", |walk| walk.say_at(".dockerconfigjson", Kind::Format, "is no JSON object"));
    }
}

/// `ValidatePersistentVolumeClaimSpec` of pkg/apis/core/validation. Of claim templates it is checked since Kubernetes 1.36; before, the
/// claim failed when it was made.
pub(super) fn claim<'v>(spec: &'v Fields, walk: &mut Walk<'v>) {
    if walk.partial {
        return;
    }
    if entries(spec, "accessModes").is_empty() {
        walk.say_at("accessModes", Kind::Missing, "is required: at least one access mode");
    }
    let requests = object(spec, "resources").and_then(|resources| object(resources, "requests"));
    let storage = requests.and_then(|requests| requests.get("storage"));
    walk.key("resources", |walk| {
        walk.key("requests", |walk| match storage {
            None => walk.say_at("storage", Kind::Missing, "is required"),
            Some(storage) => {
                let size = storage.as_str().and_then(gitops::quantity::parse).or(storage.as_f64());
                if size.is_some_and(|size| size <= 0.0) {
                    walk.say_at("storage", Kind::OutOfRange, "must be more than 0");
                }
            }
        });
    });
}

/// `ValidatePersistentVolumeSpec` of pkg/apis/core/validation.
pub(super) fn volume<'v>(spec: &'v Fields, walk: &mut Walk<'v>) {
    /// Beside them a volume has its source.
    const OTHERS: &[&str] = &[
        "accessModes",
        "capacity",
        "claimRef",
        "mountOptions",
        "nodeAffinity",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "volumeAttributesClassName",
        "volumeMode",
    ];
    if entries(spec, "accessModes").is_empty() {
        walk.say_at("accessModes", Kind::Missing, "is required: at least one access mode");
    }
    if object(spec, "capacity").is_none_or(|capacity| !capacity.contains_key("storage")) {
        walk.say_at("capacity", Kind::Missing, "is required: how much storage it has");
    }
    let sources: Vec<&str> =
        spec.iter().filter(|(_, value)| !value.is_null()).map(|(key, _)| key.as_str()).filter(|key| !OTHERS.contains(key)).collect();
    match sources.as_slice() {
        [] => walk.say(Kind::Missing, "has no source, such as `csi`"),
        [_] => {}
        _ => walk.say(Kind::Inconsistent, format!("has more than one source: {}", sources.join(", "))),
    }
}

/// `ValidateLimitRange` of pkg/apis/core/validation: no default outside of the limits.
pub(super) fn limit<'v>(item: &'v Fields, walk: &mut Walk<'v>) {
    let amount = |bag: &str, name: &str| {
        let value = object(item, bag)?.get(name)?;
        value.as_str().and_then(gitops::quantity::parse).or(value.as_f64())
    };
    for bag in ["default", "defaultRequest", "min"] {
        for (name, _) in object(item, bag).into_iter().flatten() {
            let Some((have, most)) = amount(bag, name).zip(amount("max", name)) else { continue };
            if have > most {
                walk.key(bag, |walk| walk.say_at(name, Kind::Inconsistent, "is more than max"));
            }
        }
    }
}
