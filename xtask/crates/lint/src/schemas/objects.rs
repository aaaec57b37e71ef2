//! A whole object: its kind, its metadata, what its schema says, and the pod templates in it.

use serde_json::{Map, Value};

use super::store::Kind;
use super::walk::{Step, Walk};
use super::{Outcome, Schemas, Unknown, Violation, ViolationKind, defaults, names, suggest, templates};

fn text<'v>(object: &'v Value, key: &str) -> &'v str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn validate(schemas: &Schemas, object: &Value) -> Outcome {
    let mut walk = Walk::new(&schemas.pinned, true);
    if !object.is_object() {
        walk.say(ViolationKind::WrongType, "is no object");
        return Outcome::Checked(walk.found);
    }
    let (api_version, name) = (text(object, "apiVersion"), text(object, "kind"));
    for (key, value) in [("apiVersion", api_version), ("kind", name)] {
        if value.is_empty() {
            walk.say_at(key, ViolationKind::Missing, "is required");
        }
    }
    if !walk.found.is_empty() {
        return Outcome::Checked(walk.found);
    }
    if let Some(items) = object.get("items").and_then(Value::as_array)
        && name.ends_with("List")
    {
        return entries(schemas, items);
    }
    let kind = Kind::of(api_version, name);
    let Some((store, core)) = schemas.store(&kind) else { return unknown(schemas, kind, object) };
    let Some(entry) = store.entries.get(&kind) else { return unknown(schemas, kind, object) };
    let filled = (store.node(entry.root).defaults && !core).then(|| defaults::filled(store, object, entry.root));
    let mut walk = Walk::new(store, core);
    walk.secret = core && kind.kind == "Secret";
    walk.within(&schemas.pinned, true, |walk| metadata(walk, schemas, object, &kind, core));
    walk.value(filled.as_ref().unwrap_or(object), entry.root);
    if !core {
        templates::check(&mut walk, schemas, object, &kind);
    }
    Outcome::Checked(walk.found)
}

/// A list of objects, as `kubectl get` prints it: Argo CD and kubectl apply its entries.
fn entries(schemas: &Schemas, items: &[Value]) -> Outcome {
    let mut found = Vec::new();
    let mut unknown = None;
    for (at, item) in items.iter().enumerate() {
        let mut add = |inner: Vec<Violation>| {
            found.extend(inner.into_iter().map(|v| Violation { pointer: format!("/items/{at}{}", v.pointer), ..v }));
        };
        match validate(schemas, item) {
            Outcome::Checked(inner) => add(inner),
            Outcome::Unknown { why, violations } => {
                add(violations);
                unknown = unknown.or(Some(why));
            }
        }
    }
    match unknown {
        Some(why) => Outcome::Unknown { why, violations: found },
        None => Outcome::Checked(found),
    }
}

fn unknown(schemas: &Schemas, kind: Kind, object: &Value) -> Outcome {
    let served = schemas.served(&kind.group, &kind.kind);
    let siblings = schemas.siblings(&kind);
    if served.is_empty() && !siblings.is_empty() {
        return Outcome::Checked(vec![no_such_kind(schemas, &kind, &siblings)]);
    }
    let mut walk = Walk::new(&schemas.pinned, true);
    // What an aggregated API takes for names is its own business. What has no name is the configuration of a program.
    let named = object.pointer("/metadata/name").is_some_and(Value::is_string);
    if named && !kind.group.ends_with(".openshift.io") {
        metadata(&mut walk, schemas, object, &kind, false);
    }
    templates::check(&mut walk, schemas, object, &kind);
    let why = if served.is_empty() { Unknown::Group(kind) } else { Unknown::Version { kind, served } };
    Outcome::Unknown { why, violations: walk.found }
}

fn no_such_kind(schemas: &Schemas, kind: &Kind, siblings: &[&str]) -> Violation {
    let elsewhere = schemas.pinned.entries.keys().find(|other| other.kind == kind.kind);
    let near = suggest::nearest(&kind.kind, siblings.iter().copied());
    let help = match (elsewhere, near) {
        (Some(other), _) => Some(format!("`{}` has it", other.api_version())),
        (None, Some((_, near))) => Some(format!("did you mean `{near}`?")),
        (None, None) => None,
    };
    Violation {
        pointer: "/kind".into(),
        kind: ViolationKind::NoSuchKind,
        message: format!("is `{}`, which {} does not have", kind.kind, kind.api_version()),
        help,
        in_template: false,
    }
}

/// What all objects have: names, labels, annotations. Of custom objects the whole of it; Kubernetes' own have it in their schemas.
fn metadata<'v>(walk: &mut Walk<'v>, schemas: &'v Schemas, object: &'v Value, kind: &Kind, core: bool) {
    let (value, meta) = match object.get("metadata") {
        Some(value @ Value::Object(meta)) => (value, meta),
        None | Some(Value::Null) => return walk.say_at("metadata", ViolationKind::Missing, "is required"),
        Some(_) => {
            if !core {
                walk.say_at("metadata", ViolationKind::WrongType, "must be an object");
            }
            return;
        }
    };
    walk.key("metadata", |walk| {
        if let (false, Some(id)) = (core, schemas.pinned.named(&Kind::new("", "v1", "ConfigMap"), &["metadata"])) {
            walk.value(value, id);
        }
        name(walk, meta, object, kind);
    });
}

fn name<'v>(walk: &mut Walk<'v>, meta: &'v Map<String, Value>, object: &Value, kind: &Kind) {
    let of = |key: &str| meta.get(key).and_then(Value::as_str).unwrap_or_default();
    let (name, prefix) = (of("name"), of("generateName"));
    if name.is_empty() && prefix.is_empty() {
        if meta.get("name").is_none_or(|name| name.is_null() || name.is_string()) {
            walk.say_at("name", ViolationKind::Missing, "is required");
        }
        return;
    }
    let (field, problem) = match name.is_empty() {
        true => ("generateName", names::generate_name(&kind.group, &kind.kind, prefix)),
        false => ("name", names::object_name(&kind.group, &kind.kind, name)),
    };
    let given = if name.is_empty() { prefix } else { name };
    if let Some(why) = problem {
        walk.say_at(field, ViolationKind::Name, format!("is `{given}`, no name for this kind: {why}"));
    } else if let Some(why) = derived(object, kind, name) {
        walk.say_at("name", ViolationKind::Name, format!("is `{name}`: {why}"));
    }
    let namespace = of("namespace");
    if let Some(why) = (!namespace.is_empty()).then(|| names::dns_label(namespace)).flatten() {
        walk.say_at("namespace", ViolationKind::Name, format!("is `{namespace}`, no name of a namespace: {why}"));
    }
    let finalizers = meta.get("finalizers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    walk.key("finalizers", |walk| {
        for (at, finalizer) in finalizers.iter().enumerate() {
            let Some(why) = finalizer.as_str().and_then(names::qualified_name) else { continue };
            walk.at(Step::Index(at), |walk| walk.say(ViolationKind::Name, format!("is no name of a finalizer: {why}")));
        }
    });
}

/// Names that something else is made from, or that are made from other fields.
fn derived(object: &Value, kind: &Kind, name: &str) -> Option<String> {
    let of = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let must_be = |wanted: String| (wanted != name).then(|| format!("it must be `{wanted}`"));
    match (kind.group.as_str(), kind.kind.as_str()) {
        // A job's name ends in eleven characters of its own, and is a label of its pods.
        ("batch", "CronJob") if name.len() > 52 => Some(format!("it has {} characters, 52 are allowed", name.len())),
        ("batch", "Job") if name.len() > 63 => Some(format!("it has {} characters, 63 are allowed", name.len())),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => must_be(format!("{}.{}", of("/spec/names/plural"), of("/spec/group"))),
        ("apiregistration.k8s.io", "APIService") => must_be(format!("{}.{}", of("/spec/version"), of("/spec/group"))),
        _ => None,
    }
}
