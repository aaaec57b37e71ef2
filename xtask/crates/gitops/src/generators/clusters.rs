//! The clusters generator: one set for each cluster whose Secret is selected.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Run, values};
use crate::clusters::{Cluster, IN_CLUSTER, TYPE_LABEL};
use crate::names::normalize;
use crate::params::{Param, Set};
use crate::replace::Fault;
use crate::selector::{Selector, Values};

pub fn generate(run: &Run, spec: &Map<String, Value>) -> Result<Vec<Set>, Fault> {
    let mut written = spec.get("selector").cloned().unwrap_or_default();
    let has = |key: &str| written.get(key).is_some_and(|part| *part != json!({}) && *part != json!([]) && !part.is_null());
    let selects = has("matchLabels") || has("matchExpressions");
    // Argo CD writes its own value over it.
    if let Some(labels) = written.get_mut("matchLabels").and_then(Value::as_object_mut) {
        labels.remove(TYPE_LABEL);
    }
    let selector = Selector::read(&written, Values::Labels);
    let selector = selector.map_err(|e| format!("error getting cluster secrets: error converting label selector: {e}"))?;
    let values = values::read(spec)?;

    // Of several Secrets with one name the last counts.
    let selected = run.around.clusters.iter().filter(|c| selector.matches(&c.labels));
    let selected: BTreeMap<&str, &Cluster> = selected.map(|c| (c.name.as_str(), c)).collect();
    let mut sets = Vec::new();
    for cluster in selected.values() {
        let set = values::append(run, &values, parameters(run, cluster));
        sets.push(set.map_err(|e| e.within(|| "error appending templated values for cluster".to_string()))?);
    }
    // The cluster of Argo CD itself may have no Secret, hence no labels to select by.
    if !selects && !selected.values().any(|c| c.server == IN_CLUSTER) {
        let own = [("name", "in-cluster"), ("nameNormalized", "in-cluster"), ("server", IN_CLUSTER), ("project", "")];
        let own = own.into_iter().map(|(key, value)| (key.to_string(), Param::from(value))).collect();
        let set = values::append(run, &values, own);
        sets.push(set.map_err(|e| e.within(|| "error appending templated values for local cluster".to_string()))?);
    }
    match spec.get("flatList") {
        Some(Value::Bool(true)) => Ok(vec![Set::from([("clusters".to_string(), Param::Maps(sets))])]),
        None | Some(Value::Bool(false) | Value::Null) => Ok(sets),
        Some(_) => Err("flatList must be a boolean".into()),
    }
}

fn parameters(run: &Run, cluster: &Cluster) -> Set {
    let texts = [
        ("name", cluster.name.clone()),
        ("nameNormalized", normalize(&cluster.name)),
        ("server", cluster.server.clone()),
        ("project", cluster.project.clone()),
    ];
    let mut set: Set = texts.into_iter().map(|(key, value)| (key.to_string(), Param::from(value))).collect();
    let meta = [("annotations", &cluster.annotations), ("labels", &cluster.labels)];
    if run.go {
        let there = meta.into_iter().filter(|(_, map)| !map.is_empty());
        let meta = there.map(|(key, map)| (key.to_string(), Param::StringMap(map.clone()))).collect();
        set.insert("metadata".to_string(), Param::Map(meta));
    } else {
        for (kind, map) in meta {
            set.extend(map.iter().map(|(key, value)| (format!("metadata.{kind}.{key}"), Param::from(value.as_str()))));
        }
    }
    set
}
