//! What exists on a cluster without being in the repository.

use std::collections::BTreeMap;

use serde_json::Value;

use super::object::text;

/// Lists that are `None` were not declared: what would be in them is not known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// Minor version of Kubernetes, such as `1.36`.
    pub kubernetes: Option<String>,
    pub storage_classes: Option<Vec<String>>,
    pub gateway_classes: Option<Vec<String>>,
    pub namespaces: Vec<String>,
    /// Secrets by namespace and name, with their keys.
    pub secrets: Vec<KnownSecret>,
    /// Kinds whose definitions are installed, as `GROUP/KIND`.
    pub kinds: Option<Vec<String>>,
    /// Sets of definitions are declared: the kinds that are pinned are installed.
    pub has_definitions: bool,
    /// Hosts of registries that the nodes may pull from.
    pub registries: Vec<String>,
    /// Names that resolve on the cluster.
    pub hosts: Vec<String>,
    pub node_pools: Option<Vec<NodePool>>,
    /// Values that stand for something that nobody owns, on purpose.
    pub fictional: Vec<String>,
}

/// A Secret that is there before Argo CD is.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownSecret {
    pub namespace: String,
    pub name: String,
    /// `None` where they are not known.
    pub keys: Option<Vec<String>>,
    /// Where that is said: file of the tree.
    pub said_in: String,
}

/// Nodes of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct NodePool {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    /// Key, value, effect.
    pub taints: Vec<(String, String, String)>,
}

impl Profile {
    /// Reads `provides` of an environment's file.
    pub fn of(provides: &Value) -> Self {
        let names = |key: &str| -> Option<Vec<String>> {
            let list = provides.get(key)?.as_array()?.iter();
            Some(list.filter_map(|item| item.as_str().or_else(|| item.get("name")?.as_str())).map(str::to_string).collect())
        };
        let mut fictional = Vec::new();
        fictional_values(provides, &mut fictional);
        Profile {
            kubernetes: provides.get("kubernetes").and_then(Value::as_str).map(str::to_string),
            storage_classes: names("storageClasses"),
            gateway_classes: names("gatewayClasses"),
            namespaces: names("namespaces").unwrap_or_default(),
            secrets: secrets(provides.get("secrets"), "the profile of the environment"),
            kinds: names("kinds"),
            has_definitions: provides.get("definitions").is_some(),
            registries: names("registries").unwrap_or_default(),
            hosts: names("hosts").unwrap_or_default(),
            node_pools: provides.get("nodePools").and_then(Value::as_array).map(|pools| pools.iter().map(node_pool).collect()),
            fictional,
        }
    }

    /// Is a kind said to be installed?
    pub fn has_kind(&self, group: &str, kind: &str) -> bool {
        self.kinds.iter().flatten().any(|known| known.split_once('/') == Some((group, kind)))
    }

    /// Is anything said of the cluster at all?
    pub fn is_declared(&self) -> bool {
        self.storage_classes.is_some() || self.gateway_classes.is_some() || self.kubernetes.is_some()
    }
}

/// Reads a list of Secrets: `namespace`, `name`, `keys` as a list or as a map, `selfSigned` for one of TLS.
pub fn secrets(list: Option<&Value>, said_in: &str) -> Vec<KnownSecret> {
    let one = |item: &Value| {
        let keys = match item.get("keys") {
            Some(Value::Array(keys)) => Some(keys.iter().filter_map(|key| Some(key.as_str()?.to_string())).collect()),
            Some(Value::Object(keys)) => Some(keys.keys().cloned().collect()),
            _ if item.get("selfSigned").is_some() => Some(vec!["tls.crt".to_string(), "tls.key".to_string()]),
            _ => None,
        };
        KnownSecret { namespace: text(item, "namespace").into(), name: text(item, "name").into(), keys, said_in: said_in.into() }
    };
    list.and_then(Value::as_array).into_iter().flatten().map(one).collect()
}

fn node_pool(pool: &Value) -> NodePool {
    let labels = pool.get("labels").and_then(Value::as_object).into_iter().flatten();
    let taints = pool.get("taints").and_then(Value::as_array).into_iter().flatten();
    NodePool {
        name: text(pool, "name").to_string(),
        labels: labels.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_string()))).collect(),
        taints: taints.map(|taint| (text(taint, "key").into(), text(taint, "value").into(), text(taint, "effect").into())).collect(),
    }
}

/// The values of every map with `fictional: true`.
fn fictional_values(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(map) if map.get("fictional") == Some(&Value::Bool(true)) => into.push(text(value, "value").to_string()),
        Value::Object(map) => map.values().for_each(|item| fictional_values(item, into)),
        Value::Array(items) => items.iter().for_each(|item| fictional_values(item, into)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_declared_is_not_known() {
        let of = |text: &str| Profile::of(&documents::parse_all(text).unwrap()[0].value);
        let profile = of("{storageClasses: [{name: gp3}], account: {id: {value: '1', fictional: true}}, namespaces: [a]}");
        assert_eq!(profile.storage_classes, Some(vec!["gp3".to_string()]));
        assert_eq!((profile.gateway_classes.as_ref(), profile.fictional.as_slice()), (None, &["1".to_string()][..]));
        assert!(profile.is_declared() && !of("{other: 1}").is_declared());
    }

    #[test]
    fn keys_of_secrets() {
        let list =
            documents::parse_all("[{name: a, namespace: n, keys: {k: {random: 3}}}, {name: b, namespace: n, selfSigned: h}]").unwrap();
        let found = secrets(Some(&list[0].value), "s.yaml");
        assert_eq!(found[0].keys, Some(vec!["k".to_string()]));
        assert_eq!(found[1].keys.as_ref().map(Vec::len), Some(2));
    }
}
