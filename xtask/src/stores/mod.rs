//! The data stores that run in the cluster: PostgreSQL, Redis and Kafka as StatefulSets, with their claims.

mod reset;

use serde_json::Value;

use crate::argocd::workloads;
use crate::error::{Error, Result};
use crate::logs;
use crate::objects::{items, name, text};
use crate::tools::Kubectl;

pub use reset::{plan, reset};

/// Where the shop's data lies.
pub const NAMESPACE: &str = "ecommerce";

/// What the chart of the stores puts on all of them.
const SELECTOR: &str = "app.kubernetes.io/part-of=external-services";

/// Any of the data stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// Of its StatefulSet and its Service: `order-db`, `cache-redis`, `kafka`.
    pub name: String,
    /// `database`, `cache` or `messaging`.
    pub kind: String,
    pub replicas: i64,
    pub ready: i64,
    /// Are all pods up, and made by the present template?
    pub is_ready: bool,
    /// Of a PostgreSQL server.
    pub database: Option<String>,
    /// Names of the claims of its pods.
    pub claims: Vec<String>,
}

impl Store {
    fn from(set: &Value) -> Self {
        let replicas = set.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
        let templates = items(set, "/spec/volumeClaimTemplates");
        // `data-order-db-0`: template, StatefulSet, number of the pod.
        let claims = (0..replicas).flat_map(|i| templates.iter().map(move |t| format!("{}-{}-{i}", name(t), name(set)))).collect();
        let variables = items(set, "/spec/template/spec/containers/0/env");
        Store {
            name: name(set).to_string(),
            kind: text(set, "/metadata/labels/app.kubernetes.io~1component").to_string(),
            replicas,
            ready: set.pointer("/status/readyReplicas").and_then(Value::as_i64).unwrap_or(0),
            is_ready: workloads::is_ready(set),
            database: variables.iter().find(|v| v["name"] == "POSTGRES_DB").map(|v| text(v, "/value").to_string()),
            claims,
        }
    }

    pub fn pods(&self) -> Vec<String> {
        (0..self.replicas).map(|i| format!("{}-{i}", self.name)).collect()
    }
}

/// Every data store, by kind and name. Errors: prerequisite, when there is none.
pub fn list(kubectl: &Kubectl) -> Result<Vec<Store>> {
    let sets = kubectl.list(&["statefulsets", "--namespace", NAMESPACE, "--selector", SELECTOR])?;
    let mut stores: Vec<Store> = sets.iter().map(Store::from).collect();
    if stores.is_empty() {
        return Err(Error::prerequisite("no data store runs in this cluster").hint("bring the shop to it: cargo xtask dev-init"));
    }
    stores.sort_by(|a, b| (a.kind != "database", &a.kind, &a.name).cmp(&(b.kind != "database", &b.kind, &b.name)));
    Ok(stores)
}

/// The stores that a typed word means: one by its name or the domain that it serves, or `all` databases.
/// Errors: usage, when it is none, or several.
pub fn choose(stores: &[Store], typed: &str) -> Result<Vec<Store>> {
    if typed == "all" {
        return Ok(stores.iter().filter(|s| s.kind == "database").cloned().collect());
    }
    let names: Vec<&str> = stores.iter().map(|s| s.name.as_str()).collect();
    // The domain decides before any part of a name: `order` is `order-db`.
    let domain = format!("{typed}-db");
    let name = if names.contains(&domain.as_str()) { Some(domain.as_str()) } else { logs::choose(&names, typed)? };
    match stores.iter().find(|s| Some(s.name.as_str()) == name) {
        Some(store) => Ok(vec![store.clone()]),
        None => Err(Error::usage(format!("there is no data store `{typed}`")).cause(format!("there are: {}", names.join(", ")))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stores() -> Vec<Store> {
        let set = |name: &str, kind: &str, env: Value| {
            json!({
                "metadata": {"name": name, "generation": 1, "labels": {"app.kubernetes.io/component": kind}},
                "spec": {"replicas": 1, "volumeClaimTemplates": [{"metadata": {"name": "data"}}],
                    "template": {"spec": {"containers": [{"env": env}]}}},
                "status": {"readyReplicas": 1, "updatedReplicas": 1, "observedGeneration": 1},
            })
        };
        let database =
            |domain: &str| set(&format!("{domain}-db"), "database", json!([{"name": "POSTGRES_DB", "value": format!("{domain}_db")}]));
        vec![
            Store::from(&database("order")),
            Store::from(&database("store")),
            Store::from(&set("cache-redis", "cache", json!([]))),
            Store::from(&set("kafka", "messaging", json!([]))),
        ]
    }

    #[test]
    fn a_store_knows_its_claims_pods_and_database() {
        let order = &stores()[0];
        assert_eq!((order.claims.as_slice(), order.pods()), (["data-order-db-0".to_string()].as_slice(), vec!["order-db-0".to_string()]));
        assert_eq!((order.database.as_deref(), order.is_ready), (Some("order_db"), true));
    }

    #[test]
    fn a_domain_a_name_and_all_databases_are_understood() {
        let names = |typed: &str| choose(&stores(), typed).map(|found| found.iter().map(|s| s.name.clone()).collect::<Vec<_>>());
        assert_eq!(names("order").unwrap(), ["order-db"]);
        assert_eq!(names("kafka").unwrap(), ["kafka"]);
        assert_eq!(names("cache").unwrap(), ["cache-redis"]);
        assert_eq!(names("all").unwrap(), ["order-db", "store-db"], "caches and Kafka only by name");
        let e = names("nope").unwrap_err();
        assert_eq!(e.one_line(), "there is no data store `nope`: there are: order-db, store-db, cache-redis, kafka");
    }
}
