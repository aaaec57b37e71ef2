//! What a sync changed: the live objects of Applications before and after, compared field by field.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::error::Result;
use crate::objects::{items, name};
use crate::tools::Kubectl;

/// Group, kind, namespace, name.
type Key = (String, String, String, String);

/// The objects of some Applications, as the cluster has them now.
pub struct Objects(BTreeMap<String, BTreeMap<Key, Option<Value>>>);

/// What happened to one object.
#[derive(Debug, PartialEq, Eq)]
pub enum Change {
    Created,
    /// With the fields, as dotted paths.
    Changed(Vec<String>),
    Pruned,
}

impl Change {
    pub fn word(&self) -> &'static str {
        match self {
            Change::Created => "created",
            Change::Changed(_) => "changed",
            Change::Pruned => "pruned",
        }
    }

    pub fn fields(&self) -> &[String] {
        match self {
            Change::Changed(fields) => fields,
            Change::Created | Change::Pruned => &[],
        }
    }
}

/// An object of an Application, and what happened to it.
#[derive(Debug, PartialEq, Eq)]
pub struct Changed {
    pub application: String,
    pub kind: String,
    pub name: String,
    pub change: Change,
}

impl Objects {
    /// Reads every object that these Application objects list. One call for all of them.
    pub fn of(kubectl: &Kubectl, applications: &[&Value]) -> Result<Self> {
        let mut references = Vec::new();
        let mut owners = Vec::new();
        for application in applications {
            let owner = name(application);
            for resource in items(application, "/status/resources") {
                let field = |key: &str| resource[key].as_str().unwrap_or_default().to_string();
                let (group, version) = (field("group"), field("version"));
                let api = if group.is_empty() { version } else { format!("{group}/{version}") };
                let key = (group, field("kind"), field("namespace"), field("name"));
                let metadata = if key.2.is_empty() { json!({ "name": key.3 }) } else { json!({ "name": key.3, "namespace": key.2 }) };
                references.push(json!({ "apiVersion": api, "kind": key.1, "metadata": metadata }));
                owners.push((owner.to_string(), key, Ignored::of(application, resource)));
            }
        }
        let live = if references.is_empty() { Vec::new() } else { kubectl.find_all(&references)? };
        let mut objects: BTreeMap<String, BTreeMap<Key, Option<Value>>> = BTreeMap::new();
        for application in applications {
            objects.entry(name(application).to_string()).or_default();
        }
        for ((owner, key, ignored), object) in owners.into_iter().zip(live) {
            objects.entry(owner).or_default().insert(key, object.map(|o| ignored.without(o)));
        }
        Ok(Objects(objects))
    }

    /// What is different in `after`, in the order of Applications, kinds and names.
    pub fn changes(&self, after: &Objects) -> Vec<Changed> {
        let nothing = BTreeMap::new();
        let mut changes = Vec::new();
        for application in self.0.keys().chain(after.0.keys()).collect::<BTreeSet<_>>() {
            let before = self.0.get(application).unwrap_or(&nothing);
            let after = after.0.get(application).unwrap_or(&nothing);
            for key in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
                let at = |objects: &BTreeMap<Key, Option<Value>>| objects.get(key).cloned().flatten();
                let change = match (at(before), at(after)) {
                    (None, Some(_)) => Change::Created,
                    (Some(_), None) => Change::Pruned,
                    (Some(before), Some(after)) if before != after => Change::Changed(fields(&before, &after)),
                    _ => continue,
                };
                changes.push(Changed { application: application.clone(), kind: key.1.clone(), name: key.3.clone(), change });
            }
        }
        changes
    }
}

/// Fields that are nobody's wish: what the server and controllers keep for themselves, and what the Application ignores.
struct Ignored(Vec<String>);

/// Annotations of controllers; everything else there was written by the chart.
const CONTROLLERS: [&str; 5] = [
    "rollout.argoproj.io/",
    // Which messages were sent.
    "notified.notifications.argoproj.io",
    "deployment.kubernetes.io/",
    "kubectl.kubernetes.io/",
    "pv.kubernetes.io/",
];

impl Ignored {
    fn of(application: &Value, resource: &Value) -> Self {
        let matches = |rule: &&Value| {
            let group = rule["group"].as_str().unwrap_or_default();
            let same = |key: &str| rule[key].as_str().is_none_or(|want| resource[key].as_str() == Some(want));
            resource["group"].as_str().unwrap_or_default() == group && same("kind") && same("name") && same("namespace")
        };
        let rules = items(application, "/spec/ignoreDifferences");
        let pointers = rules.iter().filter(matches).flat_map(|rule| items(rule, "/jsonPointers"));
        Ignored(pointers.filter_map(|p| p.as_str().map(str::to_string)).collect())
    }

    fn without(&self, mut object: Value) -> Value {
        if let Some(fields) = object.as_object_mut() {
            fields.remove("status");
        }
        if let Some(metadata) = object.pointer_mut("/metadata").and_then(Value::as_object_mut) {
            for own in ["resourceVersion", "uid", "generation", "creationTimestamp", "managedFields"] {
                metadata.remove(own);
            }
            if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
                annotations.retain(|key, _| !CONTROLLERS.iter().any(|c| key.starts_with(c)));
            }
        }
        for pointer in &self.0 {
            let Some((parent, key)) = pointer.rsplit_once('/') else { continue };
            // A slash in a key is written `~1`, a tilde `~0` (RFC 6901).
            let key = key.replace("~1", "/").replace("~0", "~");
            if let Some(parent) = object.pointer_mut(parent).and_then(Value::as_object_mut) {
                parent.remove(&key);
            }
        }
        object
    }
}

/// Dotted paths of everything that differs. An item of a list is named by its `name`, else by its number.
fn fields(before: &Value, after: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(String::new(), before, after, &mut found);
    found
}

fn collect(path: String, before: &Value, after: &Value, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for key in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
                let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(below, before.get(key).unwrap_or(&Value::Null), after.get(key).unwrap_or(&Value::Null), found);
            }
        }
        (Value::Array(before), Value::Array(after)) => match (named(before), named(after)) {
            (Some(before), Some(after)) => {
                for name in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
                    let at = |items: &BTreeMap<&str, &Value>| items.get(name).map_or(Value::Null, |v| (*v).clone());
                    collect(format!("{path}[{name}]"), &at(&before), &at(&after), found);
                }
            }
            _ if before.len() == after.len() => {
                for (number, (before, after)) in before.iter().zip(after).enumerate() {
                    collect(format!("{path}[{number}]"), before, after, found);
                }
            }
            _ => found.push(path),
        },
        (before, after) if before != after => found.push(path),
        _ => {}
    }
}

/// The items by their names; `None` when one has none, or two have the same.
fn named(items: &[Value]) -> Option<BTreeMap<&str, &Value>> {
    let named: BTreeMap<&str, &Value> = items.iter().map(|i| Some((i.get("name")?.as_str()?, i))).collect::<Option<_>>()?;
    (named.len() == items.len()).then_some(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(application: &str, live: &[(&str, Value)]) -> Objects {
        let key = |name: &str| (String::new(), "ConfigMap".to_string(), "n".to_string(), name.to_string());
        Objects([(application.to_string(), live.iter().map(|(name, o)| (key(name), Some(o.clone()))).collect())].into())
    }

    #[test]
    fn an_object_is_created_changed_or_pruned() {
        let before = objects("a", &[("gone", json!({})), ("same", json!({"data": {"k": 1}})), ("other", json!({"data": {"k": 1}}))]);
        let after = objects("a", &[("new", json!({})), ("same", json!({"data": {"k": 1}})), ("other", json!({"data": {"k": 2, "l": 1}}))]);
        let found: Vec<(String, Change)> = before.changes(&after).into_iter().map(|c| (c.name, c.change)).collect();
        let changed = Change::Changed(vec!["data.k".into(), "data.l".into()]);
        assert_eq!(found, [("gone".into(), Change::Pruned), ("new".into(), Change::Created), ("other".into(), changed)]);
    }

    #[test]
    fn fields_of_lists_are_named_by_their_items() {
        let pod = |image: &str, port: u16| json!({"containers": [{"name": "app", "image": image, "ports": [{"containerPort": port}]}]});
        assert_eq!(fields(&pod("a:1", 80), &pod("a:2", 81)), ["containers[app].image", "containers[app].ports[0].containerPort"]);
        assert_eq!(fields(&json!({"args": ["a"]}), &json!({"args": ["a", "b"]})), ["args"]);
    }

    #[test]
    fn what_controllers_keep_for_themselves_and_what_the_application_ignores_is_no_change() {
        let application = json!({"spec": {"ignoreDifferences": [
            {"group": "", "kind": "Service", "jsonPointers": ["/spec/selector/rollouts-pod-template-hash"]}]}});
        let resource = json!({"version": "v1", "kind": "Service", "name": "s", "namespace": "n"});
        let service = json!({
            "metadata": {"name": "s", "resourceVersion": "7", "annotations": {
                "rollout.argoproj.io/revision": "2", "notified.notifications.argoproj.io": "{}", "ours": "x"}},
            "spec": {"selector": {"app": "s", "rollouts-pod-template-hash": "abc"}}, "status": {"loadBalancer": {}},
        });
        let left = Ignored::of(&application, &resource).without(service);
        assert_eq!(left, json!({"metadata": {"name": "s", "annotations": {"ours": "x"}}, "spec": {"selector": {"app": "s"}}}));
    }
}
