//! A volume is asked to be smaller than it is.
//!
//! ## What
//! The request for storage of a claim, of a claim template or of a broker gets smaller.
//! ## Why
//! No storage shrinks: the API server refuses, and the sync fails from then on.
//! ## Bad
//! ```yaml before
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: uploads}
//! spec: {resources: {requests: {storage: 10Gi}}}
//! ---
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata: {name: order-db}
//! spec: {volumeClaimTemplates: [{metadata: {name: data}, spec: {resources: {requests: {storage: 1Ti}}}}]}
//! ```
//! ```yaml after
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: uploads}
//! spec: {resources: {requests: {storage: 5Gi}}}
//! ---
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata: {name: order-db}
//! spec: {volumeClaimTemplates: [{metadata: {name: data}, spec: {resources: {requests: {storage: 500Gi}}}}]}
//! ```
//! ## Good
//! ```yaml before
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: uploads}
//! spec: {resources: {requests: {storage: 10Gi}}}
//! ```
//! ```yaml after
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: uploads}
//! spec: {resources: {requests: {storage: 20Gi}}}
//! ```
//! ## Trap
//! Another unit is no other size, and a claim of another name is another claim.
//! ```yaml before
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: uploads, annotations: {argocd.argoproj.io/sync-options: Prune=false}}
//! spec: {resources: {requests: {storage: 10Gi}}}
//! ---
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: cache}
//! spec: {resources: {requests: {storage: 1Gi}}}
//! ```
//! ```yaml after
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: uploads-2}
//! spec: {resources: {requests: {storage: 5Gi}}}
//! ---
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: cache}
//! spec: {resources: {requests: {storage: 1024Mi}}}
//! ```
//! ## Fix
//! Make a claim of another name, copy the data over, and remove the old one in a later change.

use std::collections::BTreeMap;

use serde_json::Value;
use gitops::comparison::{Change, text};

use super::{Findings, Meta, Severity};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "shrunk-volume", severity: Severity::Error }
    }

    fn change(&self, change: &Change<'_>, out: &mut Findings) {
        for delta in &change.deltas {
            let Some((old, new)) = delta.both() else { continue };
            let after: BTreeMap<String, &str> = volumes(delta.key.kind, new).into_iter().collect();
            for (name, was) in volumes(delta.key.kind, old) {
                let Some(is) = after.get(&name) else { continue };
                if bytes(was).zip(bytes(is)).is_some_and(|(was, is)| is < was) {
                    let of = if name.is_empty() { String::new() } else { format!("`{name}` of ") };
                    out.delta(change, delta, format!("the storage of {of}{} shrinks from {was} to {is}", delta.key.shown()))
                        .help("leave the size; to have a smaller volume, make a claim of another name and copy the data");
                }
            }
        }
    }
}

/// Volumes of an object by name, with their sizes as written.
fn volumes<'a>(kind: &str, object: &'a Value) -> Vec<(String, &'a str)> {
    const REQUEST: &str = "/spec/resources/requests/storage";
    match kind {
        "PersistentVolumeClaim" => vec![(String::new(), text(object, REQUEST))],
        "StatefulSet" => {
            let templates = object.pointer("/spec/volumeClaimTemplates").and_then(Value::as_array);
            templates.into_iter().flatten().map(|t| (text(t, "/metadata/name").to_string(), text(t, REQUEST))).collect()
        }
        "Kafka" | "KafkaNodePool" => {
            let storage = object.pointer("/spec/storage").or_else(|| object.pointer("/spec/kafka/storage"));
            let Some(storage) = storage else { return Vec::new() };
            let list = storage["volumes"].as_array().into_iter().flatten();
            let listed = list.map(|v| (v["id"].to_string(), text(v, "/size")));
            listed.chain([(String::new(), text(storage, "/size"))]).collect()
        }
        _ => Vec::new(),
    }
}

fn bytes(size: &str) -> Option<u64> {
    gitops::quantity::parse(size).map(|bytes| bytes.ceil() as u64)
}

/// Do lists of claim templates differ by more than a size that shrinks? What the API server fills in is no difference.
pub(super) fn claims_without_size(old: &Value, new: &Value) -> bool {
    let plain = |templates: &Value| -> Vec<(Value, Option<u64>)> {
        let all = templates.as_array().into_iter().flatten().cloned();
        all.map(|mut template| {
            let size = bytes(text(&template, "/spec/resources/requests/storage"));
            if let Some(requests) = template.pointer_mut("/spec/resources/requests").and_then(Value::as_object_mut)
                && size.is_some()
            {
                requests.remove("storage");
            }
            if let Some(template) = template.as_object_mut() {
                ["apiVersion", "kind", "status"].iter().for_each(|key| drop(template.remove(*key)));
            }
            if let Some(spec) = template.pointer_mut("/spec").and_then(Value::as_object_mut)
                && spec.get("volumeMode").is_some_and(|mode| mode == "Filesystem")
            {
                spec.remove("volumeMode");
            }
            (template, size)
        })
        .collect()
    };
    let (old, new) = (plain(old), plain(new));
    let sizes = |was: &Option<u64>, is: &Option<u64>| was == is || is < was;
    old.len() != new.len() || !old.iter().zip(&new).all(|((a, was), (b, is))| a == b && sizes(was, is))
}
