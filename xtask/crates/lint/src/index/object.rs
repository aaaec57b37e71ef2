//! A rendered object with what makes it that object.

use std::fmt;

use gitops::comparison::has_no_namespace;
use gitops::model::Object;
use serde_json::Value;

use super::input::Deployed;

/// An object of an Application.
#[derive(Clone, Copy)]
pub struct Obj<'a> {
    pub value: &'a Value,
    /// The template or file that it comes from, from the root of the tree.
    pub source: &'a str,
    pub deployed: &'a Deployed,
    /// Empty for the core group.
    pub group: &'a str,
    pub version: &'a str,
    pub kind: &'a str,
    /// Empty for what belongs to the whole cluster.
    pub namespace: &'a str,
    pub name: &'a str,
}

impl<'a> Obj<'a> {
    pub fn new(deployed: &'a Deployed, object: &'a Object) -> Self {
        let value = &object.value;
        let api = text(value, "apiVersion");
        let (group, version) = api.split_once('/').unwrap_or(("", api));
        let kind = text(value, "kind");
        let metadata = value.get("metadata").unwrap_or(&Value::Null);
        let namespace = match text(metadata, "namespace") {
            _ if has_no_namespace(kind) => "",
            "" => deployed.application.namespace(),
            own => own,
        };
        Obj { value, source: &object.source, deployed, group, version, kind, namespace, name: text(metadata, "name") }
    }

    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.kind == kind && self.group == group
    }

    /// The value at a JSON pointer.
    pub fn at(&self, pointer: &str) -> Option<&'a Value> {
        self.value.pointer(pointer)
    }

    /// The text at a JSON pointer; empty if there is none.
    pub fn text(&self, pointer: &str) -> &'a str {
        self.at(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// The list at a JSON pointer, each item with its own pointer.
    pub fn list(&self, pointer: &str) -> impl Iterator<Item = (String, &'a Value)> + use<'a> {
        let pointer = pointer.to_string();
        let items = self.at(&pointer).and_then(Value::as_array).into_iter().flatten();
        items.enumerate().map(move |(i, item)| (format!("{pointer}/{i}"), item))
    }

    pub fn label(&self, key: &str) -> Option<&'a str> {
        self.value.get("metadata")?.get("labels")?.get(key)?.as_str()
    }

    pub fn annotation(&self, key: &str) -> Option<&'a str> {
        self.value.get("metadata")?.get("annotations")?.get(key)?.as_str()
    }

    /// `Deployment monitoring/grafana`.
    pub fn shown(&self) -> String {
        self.to_string()
    }

    pub fn application(&self) -> &'a str {
        self.deployed.application.name()
    }
}

impl fmt::Display for Obj<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.namespace {
            "" => write!(out, "{} {}", self.kind, self.name),
            namespace => write!(out, "{} {namespace}/{}", self.kind, self.name),
        }
    }
}

impl fmt::Debug for Obj<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self} of {}", self.application())
    }
}

/// The text of a field; empty if it has none.
pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Calls `see` with every text of a value and its JSON pointer, in the order of keys and items.
pub fn texts<'a>(value: &'a Value, pointer: &mut String, see: &mut dyn FnMut(&str, &'a str)) {
    let length = pointer.len();
    match value {
        Value::String(text) => see(pointer, text),
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                pointer.push_str(&format!("/{i}"));
                texts(item, pointer, see);
                pointer.truncate(length);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                pointer.push('/');
                pointer.push_str(&escaped(key));
                texts(item, pointer, see);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// A key as it stands in a JSON pointer.
pub fn escaped(key: &str) -> std::borrow::Cow<'_, str> {
    match key.contains(['~', '/']) {
        true => key.replace('~', "~0").replace('/', "~1").into(),
        false => key.into(),
    }
}
