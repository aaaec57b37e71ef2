//! A claim of a class of storage that the cluster does not have, or of a claim that nobody makes.
//!
//! ## What
//! A claim, or a claim template, names a StorageClass that is neither rendered nor provided; or a pod mounts a claim that nothing renders.
//! ## Why
//! Claim and pod wait for ever in `Pending`.
//! ## Bad
//! ```yaml profile
//! storageClasses: [gp3]
//! ```
//! ```yaml objects
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: uploads}
//! spec:
//!   storageClassName: gp2 # bad
//!   resources: {requests: {storage: 1Gi}}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec:
//!   containers: [{name: web, image: "web:1.0.0"}]
//!   volumes:
//!     - name: uploads
//!       persistentVolumeClaim:
//!         claimName: upload # bad
//! ```
//! ## Good
//! ```yaml profile
//! storageClasses: [gp3]
//! ```
//! ```yaml objects
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: uploads}
//! spec: {storageClassName: gp3, resources: {requests: {storage: 1Gi}}}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec:
//!   containers: [{name: web, image: "web:1.0.0"}]
//!   volumes: [{name: uploads, persistentVolumeClaim: {claimName: uploads}}]
//! ```
//! ## Trap
//! Without a class a claim gets the default of the cluster, with an empty one a volume that is there; a StatefulSet makes claims from
//! its templates.
//! ```yaml profile
//! storageClasses: [gp3]
//! ```
//! ```yaml objects
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: uploads}
//! spec: {resources: {requests: {storage: 1Gi}}}
//! ---
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: archive}
//! spec: {storageClassName: "", volumeName: archive, resources: {requests: {storage: 1Gi}}}
//! ---
//! apiVersion: v1
//! kind: PersistentVolume
//! metadata: {name: archive}
//! spec: {storageClassName: "", capacity: {storage: 1Gi}}
//! ---
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata: {name: db}
//! spec:
//!   selector: {matchLabels: {app: db}}
//!   volumeClaimTemplates: [{metadata: {name: data}, spec: {storageClassName: gp3, resources: {requests: {storage: 1Gi}}}}]
//!   template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: "db:1.0.0", volumeMounts: [{name: data, mountPath: /data}]}]}}
//! ```
//! ## Fix
//! Name a class that the cluster has, or leave it out for the default one; render the claim, or mount the one that is rendered.

use serde_json::Value;

use super::of_index::{listed, meant};
use super::{Findings, Meta, Severity};
use crate::index::object::text;
use crate::index::{Index, Obj, Scope};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "missing-storage-class", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for scope in &index.scopes {
            for object in &scope.objects {
                for pointer in classes(object) {
                    class(index, scope, object, &pointer, out);
                }
            }
            claims(index, scope, out);
        }
    }
}

/// JSON pointers to the classes that an object asks for.
fn classes(object: &Obj<'_>) -> Vec<String> {
    let asked = |pointer: String| object.at(&pointer).and_then(Value::as_str).is_some().then_some(pointer);
    match (object.group, object.kind) {
        ("", "PersistentVolumeClaim") => asked("/spec/storageClassName".into()).into_iter().collect(),
        ("apps", "StatefulSet") => {
            object.list("/spec/volumeClaimTemplates").filter_map(|(pointer, _)| asked(format!("{pointer}/spec/storageClassName"))).collect()
        }
        ("kafka.strimzi.io", "Kafka" | "KafkaNodePool") => {
            let storages = ["/spec/storage", "/spec/kafka/storage", "/spec/zookeeper/storage"];
            let single = storages.iter().filter_map(|storage| asked(format!("{storage}/class")));
            let many = storages.iter().flat_map(|storage| object.list(&format!("{storage}/volumes")).collect::<Vec<_>>());
            single.chain(many.filter_map(|(pointer, _)| asked(format!("{pointer}/class")))).collect()
        }
        _ => Vec::new(),
    }
}

fn class(index: &Index<'_>, scope: &Scope<'_>, object: &Obj<'_>, pointer: &str, out: &mut Findings) {
    let name = object.text(pointer);
    if name.is_empty() || scope.get("storage.k8s.io", "StorageClass", "", name).is_some() {
        return;
    }
    // A volume of this class that is there already needs no class of this name.
    if scope.all("", "PersistentVolume").any(|volume| volume.text("/spec/storageClassName") == name) {
        return;
    }
    let Some(known) = &scope.profile.storage_classes else {
        return out.unsure(object, format!("whether the cluster has StorageClass {name}: nothing says which ones it has"));
    };
    if known.iter().any(|known| known == name) {
        return;
    }
    if let Some(gap) = scope.gap() {
        return out.unsure(object, format!("whether StorageClass {name} is there: {gap}"));
    }
    let near = meant(name, known.iter().map(String::as_str));
    out.on(index, object, pointer, format!("{object} asks for StorageClass {name}, which {} does not have{near}", scope.shown()))
        .help(format!("use one that the environment provides ({}), or leave it out for the default", listed(known)));
}

fn claims(index: &Index<'_>, scope: &Scope<'_>, out: &mut Findings) {
    for workload in &scope.workloads {
        for (i, volume) in workload.spec.get("volumes").and_then(Value::as_array).into_iter().flatten().enumerate() {
            let Some(claim) = volume.get("persistentVolumeClaim") else { continue };
            let (object, name) = (&workload.object, text(claim, "claimName"));
            if name.is_empty() || scope.get("", "PersistentVolumeClaim", object.namespace, name).is_some() || is_of_a_template(scope, object.namespace, name) {
                continue;
            }
            if let Some(gap) = scope.gap() {
                out.unsure(object, format!("whether claim {name} exists: {gap}"));
                continue;
            }
            let known = scope.all("", "PersistentVolumeClaim").filter(|claim| claim.namespace == object.namespace).map(|claim| claim.name);
            let near = meant(name, known);
            let pointer = workload.pointer_of(&format!("/volumes/{i}/persistentVolumeClaim/claimName"));
            out.on(index, object, &pointer, format!("{object} mounts claim {}/{name}, which nothing renders{near}", object.namespace))
                .help("render the claim, or mount the one that is rendered");
        }
    }
}

/// `TEMPLATE-STATEFULSET-ORDINAL`, as the StatefulSet controller names claims.
fn is_of_a_template(scope: &Scope<'_>, namespace: &str, name: &str) -> bool {
    let Some((stem, ordinal)) = name.rsplit_once('-') else { return false };
    ordinal.bytes().all(|b| b.is_ascii_digit())
        && scope.all("apps", "StatefulSet").filter(|set| set.namespace == namespace).any(|set| {
            let mut templates = set.list("/spec/volumeClaimTemplates");
            templates.any(|(_, template)| {
                let template = template.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
                stem == format!("{template}-{}", set.name)
            })
        })
}
