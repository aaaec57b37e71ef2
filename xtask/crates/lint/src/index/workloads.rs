//! Pod templates, whatever kind they stand in.

use std::collections::BTreeMap;

use serde_json::Value;

use super::object::{Obj, text};

/// A pod template, or the part of one that an object gives.
#[derive(Clone, Debug)]
pub struct Workload<'a> {
    pub object: Obj<'a>,
    /// JSON pointer of the template: what has `metadata` and `spec` of the pods.
    pub pointer: String,
    /// `metadata` of the pods.
    pub metadata: &'a Value,
    /// `spec` of the pods.
    pub spec: &'a Value,
    /// What the API server knows to be a pod template; else it is found by its look and may be partial.
    pub is_core: bool,
}

/// A container of a pod.
#[derive(Clone, Debug)]
pub struct Container<'a> {
    pub name: &'a str,
    pub value: &'a Value,
    /// JSON pointer from the object.
    pub pointer: String,
    pub is_init: bool,
}

/// A variable of a container's environment.
#[derive(Clone, Debug)]
pub struct Variable<'a> {
    pub name: &'a str,
    pub value: Option<&'a str>,
    pub item: &'a Value,
    /// JSON pointer of the item, from the object.
    pub pointer: String,
    pub container: &'a str,
}

/// Where built-in kinds, and Argo Rollouts, have the template of their pods.
const TEMPLATES: [(&str, &str, &str); 9] = [
    ("", "Pod", ""),
    ("", "ReplicationController", "/spec/template"),
    ("apps", "Deployment", "/spec/template"),
    ("apps", "StatefulSet", "/spec/template"),
    ("apps", "DaemonSet", "/spec/template"),
    ("apps", "ReplicaSet", "/spec/template"),
    ("batch", "Job", "/spec/template"),
    ("batch", "CronJob", "/spec/jobTemplate/spec/template"),
    ("argoproj.io", "Rollout", "/spec/template"),
];

/// The pod templates of an object.
pub fn of<'a>(object: &Obj<'a>) -> Vec<Workload<'a>> {
    let mut found = Vec::new();
    let mut take = |pointer: String, is_core: bool| {
        let Some(template) = object.at(&pointer) else { return };
        let Some(spec) = template.get("spec").filter(|spec| spec.is_object()) else { return };
        let metadata = template.get("metadata").unwrap_or(&Value::Null);
        found.push(Workload { object: *object, pointer, metadata, spec, is_core });
    };
    if let Some((.., pointer)) = TEMPLATES.iter().find(|(group, kind, _)| object.is(group, kind)) {
        take(pointer.to_string(), true);
    } else if object.is("argoproj.io", "AnalysisTemplate") || object.is("argoproj.io", "ClusterAnalysisTemplate") {
        for (pointer, _) in object.list("/spec/metrics") {
            take(format!("{pointer}/provider/job/spec/template"), true);
        }
    } else if object.at("/spec/template/spec/containers").is_some_and(Value::is_array) {
        take("/spec/template".to_string(), false);
    }
    found
}

impl<'a> Workload<'a> {
    pub fn labels(&self) -> BTreeMap<&'a str, &'a str> {
        let labels = self.metadata.get("labels").and_then(Value::as_object);
        labels.into_iter().flatten().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))).collect()
    }

    pub fn annotation(&self, key: &str) -> Option<&'a str> {
        self.metadata.get("annotations")?.get(key)?.as_str()
    }

    pub fn namespace(&self) -> &'a str {
        self.object.namespace
    }

    /// JSON pointer, from the object, of a field of the pods' spec.
    pub fn pointer_of(&self, field: &str) -> String {
        format!("{}/spec{field}", self.pointer)
    }

    /// All containers: those of `initContainers` first.
    pub fn containers(&self) -> Vec<Container<'a>> {
        let mut all = Vec::new();
        for (list, is_init) in [("initContainers", true), ("containers", false)] {
            let items = self.spec.get(list).and_then(Value::as_array).into_iter().flatten();
            for (i, value) in items.enumerate() {
                all.push(Container { name: text(value, "name"), value, pointer: self.pointer_of(&format!("/{list}/{i}")), is_init });
            }
        }
        all
    }

    /// The variables of all containers.
    pub fn variables(&self) -> Vec<Variable<'a>> {
        let of = |container: Container<'a>| {
            let items = container.value.get("env").and_then(Value::as_array).into_iter().flatten().enumerate();
            let one = move |(i, item): (usize, &'a Value)| Variable {
                name: text(item, "name"),
                value: item.get("value").and_then(Value::as_str),
                item,
                pointer: format!("{}/env/{i}", container.pointer),
                container: container.name,
            };
            items.map(one).collect::<Vec<_>>()
        };
        self.containers().into_iter().flat_map(of).collect()
    }

    /// `(name, number, pointer)` of every port that a container lists.
    pub fn ports(&self) -> Vec<(&'a str, Option<i64>, String)> {
        let of = |container: Container<'a>| {
            let items = container.value.get("ports").and_then(Value::as_array).into_iter().flatten().enumerate();
            let one = |(i, port): (usize, &'a Value)| {
                (text(port, "name"), port["containerPort"].as_i64(), format!("{}/ports/{i}", container.pointer))
            };
            items.map(one).collect::<Vec<_>>()
        };
        self.containers().into_iter().flat_map(of).collect()
    }

    pub fn service_account(&self) -> &'a str {
        match text(self.spec, "serviceAccountName") {
            "" => match text(self.spec, "serviceAccount") {
                "" => "default",
                old => old,
            },
            name => name,
        }
    }
}

/// Does a selector of equal labels match?
pub fn matches(selector: &serde_json::Map<String, Value>, labels: &BTreeMap<&str, &str>) -> bool {
    selector.iter().all(|(key, value)| labels.get(key.as_str()).is_some_and(|own| value.as_str() == Some(own)))
}
