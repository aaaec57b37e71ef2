//! An object that holds data leaves the desired state, and Argo CD deletes it.
//!
//! ## What
//! A StatefulSet, claim, volume, broker, node pool, topic or database is rendered no more, by itself or with its Application,
//! and prune or the Application's finalizer deletes it.
//! ## Why
//! Its data is gone with it, or stands without a program that reads it. No later commit brings it back.
//! ## Bad
//! ```yaml before
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata: {name: order-db}
//! spec: {serviceName: order-db, volumeClaimTemplates: [{metadata: {name: data}}]}
//! ```
//! ```yaml after
//! # nothing is left
//! ```
//! ## Good
//! The claims are kept by policy, or the object is marked to stay.
//! ```yaml before
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata: {name: order-db}
//! spec: {serviceName: order-db, persistentVolumeClaimRetentionPolicy: {whenDeleted: Retain}}
//! ---
//! apiVersion: v1
//! kind: PersistentVolumeClaim
//! metadata: {name: uploads, annotations: {argocd.argoproj.io/sync-options: Prune=false}}
//! ```
//! ```yaml after
//! # both are left alone
//! ```
//! ## Trap
//! Another Application takes it over: it moves, and nothing is lost.
//! ```yaml before
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata: {name: order-db}
//! spec: {serviceName: order-db}
//! ```
//! ```yaml after
//! kind: Application
//! metadata: {name: shop}
//! spec: {destination: {server: "https://kubernetes.default.svc", namespace: shop}, syncPolicy: {automated: {prune: true}}}
//! ---
//! kind: Application
//! metadata: {name: data-stores}
//! spec: {destination: {server: "https://kubernetes.default.svc", namespace: shop}, syncPolicy: {automated: {prune: true}}}
//! ---
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata: {name: order-db}
//! spec: {serviceName: order-db}
//! ```
//! ## Fix
//! Back the data up and first merge `argocd.argoproj.io/sync-options: Prune=false,Delete=false` on it, or keep it rendered.

use serde_json::Value;
use gitops::comparison::{Change, Delta, Fate, text};

use super::recreated_application::recreations;
use super::{Findings, Meta, Severity};

pub struct Rule;

/// Kinds that hold data, with their groups.
const KINDS: &[(&str, &str)] = &[
    ("", "PersistentVolume"),
    ("", "PersistentVolumeClaim"),
    ("acid.zalan.do", "postgresql"),
    ("apps", "StatefulSet"),
    ("cassandra.datastax.com", "CassandraDatacenter"),
    ("clickhouse.altinity.com", "ClickHouseInstallation"),
    ("documentdb.services.k8s.aws", "DBCluster"),
    ("dynamodb.services.k8s.aws", "Table"),
    ("elasticache.services.k8s.aws", "ReplicationGroup"),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch"),
    ("k8s.mariadb.com", "MariaDB"),
    ("kafka.strimzi.io", "Kafka"),
    ("kafka.strimzi.io", "KafkaNodePool"),
    ("kafka.strimzi.io", "KafkaTopic"),
    ("minio.min.io", "Tenant"),
    ("mongodbcommunity.mongodb.com", "MongoDBCommunity"),
    ("mysql.oracle.com", "InnoDBCluster"),
    ("postgres-operator.crunchydata.com", "PostgresCluster"),
    ("postgresql.cnpg.io", "Cluster"),
    ("rabbitmq.com", "RabbitmqCluster"),
    ("rds.services.k8s.aws", "DBCluster"),
    ("rds.services.k8s.aws", "DBInstance"),
    ("redis.redis.opstreelabs.in", "Redis"),
    ("redis.redis.opstreelabs.in", "RedisCluster"),
    ("s3.services.k8s.aws", "Bucket"),
];

/// Does this object hold data?
pub(super) fn holds_data(delta: &Delta<'_>) -> bool {
    KINDS.contains(&(delta.key.group, delta.key.kind))
}

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "removed-stateful-object", severity: Severity::Error }
    }

    fn change(&self, change: &Change<'_>, out: &mut Findings) {
        // Of an Application that is deleted and made anew, all of this is said there.
        let again: Vec<usize> = recreations(change).into_iter().map(|(gone, _)| gone).collect();
        for delta in change.deltas.iter().filter(|delta| holds_data(delta) && !again.contains(&delta.pair)) {
            let Some(fate) = change.fate(delta).filter(Fate::is_deletion) else { continue };
            if delta.before.is_none_or(|object| is_retained(change, delta, &object.value)) {
                continue;
            }
            let how = if fate == Fate::Pruned { "the next sync deletes it" } else { "it is deleted with its Application" };
            out.delta(change, delta, format!("{} is removed, and {how}", delta.key.shown()))
                .help("back its data up, and keep it with `argocd.argoproj.io/sync-options: Prune=false,Delete=false` in a change before this one");
        }
    }
}

/// Does its own policy, or that of its storage class, keep the data?
fn is_retained(change: &Change<'_>, delta: &Delta<'_>, object: &Value) -> bool {
    match delta.key.kind {
        "StatefulSet" => text(object, "/spec/persistentVolumeClaimRetentionPolicy/whenDeleted") == "Retain",
        "PersistentVolume" => text(object, "/spec/persistentVolumeReclaimPolicy") == "Retain",
        "PersistentVolumeClaim" => {
            let class = text(object, "/spec/storageClassName");
            let is_its = |key: &&gitops::comparison::Key<'_>| key.kind == "StorageClass" && key.name == class && key.is_beside(&delta.key);
            let found = change.old.iter().find(|(key, _)| is_its(key)).and_then(|(_, all)| all.first());
            found.is_some_and(|(_, class)| text(&class.value, "/reclaimPolicy") == "Retain")
        }
        "Kafka" | "KafkaNodePool" => {
            let storage = object.pointer("/spec/storage").or_else(|| object.pointer("/spec/kafka/storage"));
            let volumes = storage.and_then(|s| s.get("volumes")).and_then(Value::as_array);
            let keeps = |volume: &Value| volume["deleteClaim"] == Value::Bool(false);
            volumes.map_or(storage.is_some_and(keeps), |all| !all.is_empty() && all.iter().all(keeps))
        }
        _ => false,
    }
}
