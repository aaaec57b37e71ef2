//! From the documents of Kubernetes and from CRDs to nodes. Equal subtrees become one node: of the 43,000 nodes in the pinned CRDs
//! 1,900 are different.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::core_values;
use super::schema::{BOUNDS, Id};
use super::store::{Entry, Kind, Scope};

/// Levels of a schema; what lies below may be anything. serde_json reads 127 levels of a document.
const MAX_DEPTH: usize = 120;

/// What all definitions of Kubernetes begin with; their names go on after it.
const PREFIXES: &[&str] =
    &["io.k8s.api.", "io.k8s.apimachinery.pkg.", "io.k8s.apiextensions-apiserver.pkg.apis.", "io.k8s.kube-aggregator.pkg.apis."];

/// Nodes and kinds, while they are collected.
#[derive(Default)]
pub(super) struct Compiler {
    pub nodes: Vec<Value>,
    pub entries: Vec<Entry>,
    interned: HashMap<String, Id>,
    definitions: HashMap<String, Id>,
}

/// A Kubernetes name without the beginning that says nothing.
fn short(name: &str) -> &str {
    PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

impl Compiler {
    /// Takes in Kubernetes' own kinds, from its OpenAPI 2 document.
    pub(super) fn openapi(&mut self, document: &Value) {
        let Some(definitions) = document.get("definitions").and_then(Value::as_object) else { return };
        let scopes = scopes(document);
        for (name, definition) in definitions {
            // What every group shares (options, events of a watch) is no kind that anybody writes down.
            let Some([of]) = definition.get("x-kubernetes-group-version-kind").and_then(Value::as_array).map(Vec::as_slice) else {
                continue;
            };
            let kind = Kind::new(text(of, "group"), text(of, "version"), text(of, "kind"));
            let scope = scopes.get(&kind).copied();
            let root = self.definition(name, definitions, 0);
            self.entries.push(Entry { kind, scope, root, custom: false });
        }
    }

    /// Takes in every served version of a CRD. Anything else, and what is no whole CRD, is left out.
    pub(super) fn crd(&mut self, crd: &Value) {
        let spec = crd.get("spec").unwrap_or(&Value::Null);
        let (group, kind) = (text(spec, "group"), spec.pointer("/names/kind").and_then(Value::as_str).unwrap_or_default());
        if text(crd, "kind") != "CustomResourceDefinition" || group.is_empty() || kind.is_empty() {
            return;
        }
        let scope = Some(if text(spec, "scope") == "Cluster" { Scope::Cluster } else { Scope::Namespaced });
        let preserve = spec.get("preserveUnknownFields") == Some(&Value::Bool(true));
        for version in spec.get("versions").and_then(Value::as_array).into_iter().flatten() {
            if version.get("served") == Some(&Value::Bool(false)) {
                continue;
            }
            let schema = version.pointer("/schema/openAPIV3Schema").filter(|_| !preserve);
            let root = match schema {
                Some(schema) => self.node(schema, &Map::new(), "", "", 0),
                None => self.intern(json!({"open": true})),
            };
            self.entries.push(Entry { kind: Kind::new(group, text(version, "name"), kind), scope, root, custom: true });
        }
    }

    /// The node of a definition of Kubernetes, which may contain itself.
    fn definition(&mut self, name: &str, definitions: &Map<String, Value>, depth: usize) -> Id {
        if let Some(id) = self.definitions.get(name) {
            return *id;
        }
        let id = self.push(Value::Null);
        self.definitions.insert(name.to_string(), id);
        let short = short(name);
        let node = match short {
            "api.resource.Quantity" => json!({"format": "quantity", "name": short}),
            "util.intstr.IntOrString" => json!({"intOrString": true, "name": short}),
            _ => match definitions.get(name) {
                Some(schema) => self.content(schema, definitions, short, depth),
                None => json!({"open": true}),
            },
        };
        if let Some(slot) = self.nodes.get_mut(id as usize) {
            *slot = node;
        }
        id
    }

    fn push(&mut self, node: Value) -> Id {
        self.nodes.push(node);
        Id::try_from(self.nodes.len() - 1).unwrap_or(Id::MAX)
    }

    fn intern(&mut self, node: Value) -> Id {
        let key = node.to_string();
        if let Some(id) = self.interned.get(&key) {
            return *id;
        }
        let id = self.push(node);
        self.interned.insert(key, id);
        id
    }

    /// `owner` and `field` say where the node stands in Kubernetes' own kinds; empty in a CRD.
    fn node(&mut self, schema: &Value, definitions: &Map<String, Value>, owner: &str, field: &str, depth: usize) -> Id {
        if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|text| text.rsplit('/').next()) {
            return self.definition(name, definitions, depth + 1);
        }
        let mut node = self.content(schema, definitions, "", depth);
        if let (Some(values), Some(map)) = (core_values::allowed(owner, field), node.as_object_mut()) {
            // A list of values: the entries are meant.
            if map.get("type").and_then(Value::as_str) == Some("array") {
                let items = self.intern(json!({"type": "string", "enum": values}));
                map.insert("items".into(), items.into());
            } else {
                map.insert("enum".into(), json!(values));
            }
        }
        self.intern(node)
    }

    /// A node with its children as numbers.
    fn content(&mut self, schema: &Value, definitions: &Map<String, Value>, name: &str, depth: usize) -> Value {
        let Some(from) = schema.as_object().filter(|_| depth < MAX_DEPTH) else { return json!({"open": true}) };
        let custom = definitions.is_empty();
        let mut to = Map::new();
        let mut defaults = from.contains_key("default");
        let flag = |key: &str| from.get(key) == Some(&Value::Bool(true));
        let mut child = |this: &mut Self, schema: &Value, field: &str| {
            let id = this.node(schema, definitions, name, field, depth + 1);
            defaults |= custom && this.nodes.get(id as usize).and_then(|node| node.get("defaults")).is_some();
            Value::from(id)
        };
        if let Some(properties) = from.get("properties").and_then(Value::as_object) {
            let properties: Map<String, Value> =
                properties.iter().map(|(field, schema)| (field.clone(), child(self, schema, field))).collect();
            to.insert("properties".into(), properties.into());
        }
        if let Some(items) = from.get("items").filter(|items| items.is_object()) {
            to.insert("items".into(), child(self, items, ""));
        }
        match from.get("additionalProperties") {
            Some(Value::Bool(true)) => drop(to.insert("open".into(), true.into())),
            Some(schema @ Value::Object(_)) => drop(to.insert("additional".into(), child(self, schema, ""))),
            _ => {}
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            if let Some(parts) = from.get(key).and_then(Value::as_array) {
                let parts: Vec<Value> = parts.iter().map(|part| child(self, part, "")).collect();
                to.insert(key.into(), parts.into());
            }
        }
        if let Some(not) = from.get("not") {
            to.insert("not".into(), child(self, not, ""));
        }
        for key in ["type", "format", "pattern", "enum", "required", "default", "uniqueItems", "nullable"].iter().chain(BOUNDS) {
            if let Some(value) = from.get(*key) {
                to.insert((*key).into(), value.clone());
            }
        }
        if let Some(required) = to.get_mut("required").and_then(Value::as_array_mut).filter(|_| !custom) {
            required.retain(|field| !field.as_str().is_some_and(|field| core_values::is_free(name, field)));
        }
        if flag("x-kubernetes-int-or-string") {
            to.insert("intOrString".into(), true.into());
        }
        if flag("x-kubernetes-preserve-unknown-fields") {
            to.insert("open".into(), true.into());
        }
        if flag("x-kubernetes-embedded-resource") {
            to.insert("embedded".into(), true.into());
        }
        // Kubernetes' own kinds say so of what they do not describe: raw extensions, JSON.
        if !custom && !["properties", "additional", "items", "open"].iter().any(|key| to.contains_key(*key)) {
            let kind = to.get("type").and_then(Value::as_str).unwrap_or_default();
            if matches!(kind, "" | "object") {
                to.insert("open".into(), true.into());
            }
        }
        let list = text(schema, "x-kubernetes-list-type");
        if matches!(list, "set" | "map") {
            to.insert("list".into(), list.into());
        }
        if let Some(keys) = from.get("x-kubernetes-list-map-keys").filter(|_| list == "map") {
            to.insert("keys".into(), keys.clone());
        }
        if defaults {
            to.insert("defaults".into(), true.into());
        }
        if !name.is_empty() {
            to.insert("name".into(), name.into());
        }
        to.into()
    }
}

/// Which kinds live in a namespace: those with a path that has one.
fn scopes(document: &Value) -> HashMap<Kind, Scope> {
    let mut scopes = HashMap::new();
    for (path, operations) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        let scope = if path.contains("/namespaces/{namespace}/") { Scope::Namespaced } else { Scope::Cluster };
        // Kinds with no path of their own (those of a subresource) have the scope of that.
        for operation in ["post", "get"].iter().filter_map(|verb| operations.get(verb)) {
            let Some(of) = operation.get("x-kubernetes-group-version-kind") else { continue };
            let kind = Kind::new(text(of, "group"), text(of, "version"), text(of, "kind"));
            let known = scopes.entry(kind).or_insert(scope);
            if scope == Scope::Namespaced {
                *known = scope;
            }
        }
    }
    scopes
}
