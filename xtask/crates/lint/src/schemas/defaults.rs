//! What the API server fills in before it looks at a custom object.

use serde_json::{Map, Value};

use super::schema::Id;
use super::store::Store;

/// A copy of `value` with the defaults of its schema. A null where the schema allows none, and has a default, counts as absent.
///
/// Source: `defaulting.Default` and `PruneNonNullableNullsWithoutDefaults` of k8s.io/apiextensions-apiserver 0.36.
pub(super) fn filled(store: &Store, value: &Value, id: Id) -> Value {
    let schema = store.node(id);
    if !schema.defaults {
        return value.clone();
    }
    match value {
        Value::Object(map) => {
            let mut to = Map::new();
            for (name, value) in map {
                match schema.property(name).or(schema.additional) {
                    Some(child) => {
                        let node = store.node(child);
                        match &node.default {
                            Some(default) if value.is_null() && !node.nullable => to.insert(name.clone(), filled(store, default, child)),
                            _ => to.insert(name.clone(), filled(store, value, child)),
                        };
                    }
                    None => drop(to.insert(name.clone(), value.clone())),
                }
            }
            for (name, child) in &schema.properties {
                if let Some(default) = store.node(*child).default.as_ref().filter(|_| !map.contains_key(name)) {
                    to.insert(name.clone(), filled(store, default, *child));
                }
            }
            Value::Object(to)
        }
        Value::Array(list) => match schema.items {
            Some(items) => list.iter().map(|entry| filled(store, entry, items)).collect(),
            None => value.clone(),
        },
        _ => value.clone(),
    }
}
