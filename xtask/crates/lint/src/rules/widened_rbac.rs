//! Somebody may do more than before.
//!
//! ## What
//! New verbs, resources or wildcards in a role that is there already, a new binding to a role, or more in a project's lists.
//! ## Why
//! Access grows in a change that reads as routine, and stays.
//! ## Bad
//! ```yaml before
//! apiVersion: rbac.authorization.k8s.io/v1
//! kind: ClusterRole
//! metadata: {name: agent}
//! rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
//! ```
//! ```yaml after
//! apiVersion: rbac.authorization.k8s.io/v1
//! kind: ClusterRole
//! metadata: {name: agent}
//! rules: [{apiGroups: [""], resources: [pods, secrets], verbs: [get]}]
//! ```
//! ## Good
//! ```yaml before
//! apiVersion: rbac.authorization.k8s.io/v1
//! kind: ClusterRole
//! metadata: {name: agent}
//! rules: [{apiGroups: [""], resources: ["*"], verbs: [get, list]}]
//! ```
//! ```yaml after
//! apiVersion: rbac.authorization.k8s.io/v1
//! kind: ClusterRole
//! metadata: {name: agent}
//! rules: [{apiGroups: [""], resources: [pods], verbs: [get]}, {apiGroups: [""], resources: [services], verbs: [list]}]
//! ```
//! ## Trap
//! Role, binding and account get other names; what may be done stays the same.
//! ```yaml before
//! apiVersion: rbac.authorization.k8s.io/v1
//! kind: Role
//! metadata: {name: agent}
//! rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
//! ---
//! apiVersion: rbac.authorization.k8s.io/v1
//! kind: RoleBinding
//! metadata: {name: agent}
//! roleRef: {kind: Role, name: agent, apiGroup: rbac.authorization.k8s.io}
//! subjects: [{kind: ServiceAccount, name: agent, namespace: shop}]
//! ```
//! ```yaml after
//! apiVersion: rbac.authorization.k8s.io/v1
//! kind: Role
//! metadata: {name: shop-agent}
//! rules: [{apiGroups: [""], verbs: [get], resources: [pods]}]
//! ---
//! apiVersion: rbac.authorization.k8s.io/v1
//! kind: RoleBinding
//! metadata: {name: shop-agent}
//! roleRef: {kind: Role, name: shop-agent, apiGroup: rbac.authorization.k8s.io}
//! subjects: [{kind: ServiceAccount, name: shop-agent, namespace: shop}]
//! ```
//! ## Fix
//! Name exactly what is needed, and give the reason in the change.

use std::collections::BTreeSet;

use serde_json::Value;
use gitops::comparison::{Change, Delta, Key, text};

use super::pods::some;
use super::{Findings, Meta, Severity};

pub struct Rule;

const HELP: &str = "name exactly what is needed, and give the reason in the change";
const GROUP: &str = "rbac.authorization.k8s.io";

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "widened-rbac", severity: Severity::Warning }
    }

    fn change(&self, change: &Change<'_>, out: &mut Findings) {
        for delta in &change.deltas {
            match (delta.key.group, delta.key.kind, delta.both()) {
                (GROUP, "Role" | "ClusterRole", Some((old, new))) => {
                    let (old, new) = (grants(old), grants(new));
                    let more: Vec<String> = new.iter().filter(|grant| !old.iter().any(|o| o.covers(grant))).map(Grant::shown).collect();
                    say(change, delta, &more, "allows more", out);
                }
                (GROUP, "RoleBinding" | "ClusterRoleBinding", _) if delta.after.is_some() => binding(change, delta, out),
                ("argoproj.io", "AppProject", Some((old, new))) => say(change, delta, &project(old, new), "admits more", out),
                _ => {}
            }
        }
    }
}

fn say(change: &Change<'_>, delta: &Delta<'_>, more: &[String], how: &str, out: &mut Findings) {
    if !more.is_empty() {
        out.delta(change, delta, format!("{} {how}: {}", delta.key.shown(), some(more))).help(HELP);
    }
}

/// One thing that may be done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Grant {
    group: String,
    /// Or a URL.
    resource: String,
    verb: String,
    /// Empty: all of them.
    name: String,
}

impl Grant {
    fn covers(&self, other: &Grant) -> bool {
        let has =
            |have: &str, want: &str| have == "*" || have == want || have.strip_suffix('*').is_some_and(|start| want.starts_with(start));
        let resource = has(&self.resource, &other.resource)
            || self.resource.strip_prefix("*/").is_some_and(|sub| other.resource.split_once('/').is_some_and(|(_, s)| s == sub));
        resource && has(&self.group, &other.group) && has(&self.verb, &other.verb) && (self.name.is_empty() || self.name == other.name)
    }

    fn shown(&self) -> String {
        let name = if self.name.is_empty() { String::new() } else { format!(" {}", self.name) };
        let group = if self.group.is_empty() { String::new() } else { format!(".{}", self.group) };
        format!("{} {}{group}{name}", self.verb, self.resource)
    }
}

/// What a role allows, one by one.
fn grants(role: &Value) -> BTreeSet<Grant> {
    let words = |rule: &Value, key: &str| -> Vec<String> {
        rule[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_string).collect()
    };
    let or_one = |list: Vec<String>| if list.is_empty() { vec![String::new()] } else { list };
    let mut grants = BTreeSet::new();
    for rule in role["rules"].as_array().into_iter().flatten() {
        let (groups, names) = (or_one(words(rule, "apiGroups")), or_one(words(rule, "resourceNames")));
        for verb in words(rule, "verbs") {
            for url in words(rule, "nonResourceURLs") {
                grants.insert(Grant { group: String::new(), resource: url, verb: verb.clone(), name: String::new() });
            }
            for resource in words(rule, "resources") {
                for group in &groups {
                    let grant =
                        |name: &String| Grant { group: group.clone(), resource: resource.clone(), verb: verb.clone(), name: name.clone() };
                    grants.extend(names.iter().map(grant));
                }
            }
        }
    }
    grants
}

/// Who a binding is for, in one word each.
fn subjects(binding: &Value, key: &Key<'_>) -> BTreeSet<String> {
    let list = binding["subjects"].as_array().into_iter().flatten();
    list.map(|s| {
        let namespace = Some(text(s, "/namespace")).filter(|n| !n.is_empty()).unwrap_or(key.namespace);
        let namespace = if text(s, "/kind") == "ServiceAccount" { format!("{namespace}/") } else { String::new() };
        format!("{} {namespace}{}", text(s, "/kind"), text(s, "/name"))
    })
    .collect()
}

/// A binding that is new, or that is for more people. One that takes the place of another is not, under whatever names.
fn binding(change: &Change<'_>, delta: &Delta<'_>, out: &mut Findings) {
    let Some(new) = delta.after.map(|object| &object.value) else { return };
    let (role, now) = (role_of(new), subjects(new, &delta.key));
    let allowed = rules(&change.new, &delta.key, new);
    let bindings = change.old.iter().filter(|(key, _)| {
        key.kind == delta.key.kind && key.group == GROUP && key.is_beside(&delta.key) && key.namespace == delta.key.namespace
    });
    let bindings: Vec<(&Key<'_>, &Value)> = bindings.filter_map(|(key, all)| Some((key, &all.first()?.1.value))).collect();
    let mut had: BTreeSet<String> = BTreeSet::new();
    let mut replaced = false;
    for (key, old) in bindings {
        let same_role = role_of(old) == role || allowed.is_some() && rules(&change.old, key, old) == allowed;
        if !same_role {
            continue;
        }
        let before = subjects(old, key);
        // Gone, with its accounts: this one is for their successors.
        replaced |= *key == delta.key && before.len() >= now.len() && gone(change, &before, key);
        replaced |= !change.new.contains_key(key) && before.len() >= now.len();
        had.extend(before);
    }
    // What a new component brings for itself, unless it is everything.
    let component = change.pair(delta).is_some_and(|pair| pair.before.is_none());
    let everything = text(new, "/roleRef/name") == "cluster-admin"
        || allowed.as_ref().is_some_and(|all| all.iter().any(|g| g.resource == "*" && g.verb == "*"));
    let more: Vec<String> = now.difference(&had).cloned().collect();
    if !more.is_empty() && !replaced && (!component || everything) {
        let message = format!("{} gives {} to {}", delta.key.shown(), role, some(&more));
        out.delta(change, delta, message).help(HELP);
    }
}

/// Are the accounts of a binding rendered no more?
fn gone(change: &Change<'_>, subjects: &BTreeSet<String>, near: &Key<'_>) -> bool {
    let there =
        |subject: &String| change.new.keys().any(|key| key.kind == "ServiceAccount" && key.is_beside(near) && key.shown() == *subject);
    let was =
        |subject: &String| change.old.keys().any(|key| key.kind == "ServiceAccount" && key.is_beside(near) && key.shown() == *subject);
    subjects.iter().all(|subject| was(subject) && !there(subject))
}

fn role_of(binding: &Value) -> String {
    format!("{} {}", text(binding, "/roleRef/kind"), text(binding, "/roleRef/name"))
}

/// The rules of the role that a binding names, if it is rendered.
fn rules(
    side: &std::collections::BTreeMap<Key<'_>, Vec<(&gitops::comparison::Deployed, &gitops::model::Object)>>,
    near: &Key<'_>,
    binding: &Value,
) -> Option<BTreeSet<Grant>> {
    let (kind, name) = (text(binding, "/roleRef/kind"), text(binding, "/roleRef/name"));
    let is_it = |key: &Key<'_>| {
        key.kind == kind
            && key.name == name
            && key.group == GROUP
            && key.is_beside(near)
            && (kind == "ClusterRole" || key.namespace == near.namespace)
    };
    side.iter().find(|(key, _)| is_it(key)).and_then(|(_, all)| all.first()).map(|(_, object)| grants(&object.value))
}

/// Entries of a project's lists that were not admitted before.
fn project(old: &Value, new: &Value) -> Vec<String> {
    let list = |value: &Value, key: &str| value.pointer(&format!("/spec/{key}")).and_then(Value::as_array).cloned();
    let mut more = Vec::new();
    for key in ["sourceRepos", "destinations", "clusterResourceWhitelist", "sourceNamespaces"] {
        let before = list(old, key).unwrap_or_default();
        let added = list(new, key).unwrap_or_default().into_iter().filter(|entry| !before.iter().any(|b| admits(b, entry)));
        more.extend(added.map(|entry| format!("{key} {}", word(&entry))));
    }
    // Without this list all kinds in namespaces are admitted.
    match (list(old, "namespaceResourceWhitelist"), list(new, "namespaceResourceWhitelist")) {
        (Some(_), None) => more.push("every kind in a namespace".into()),
        (Some(before), Some(after)) => {
            let added = after.into_iter().filter(|entry| !before.iter().any(|b| admits(b, entry)));
            more.extend(added.map(|entry| format!("namespaceResourceWhitelist {}", word(&entry))));
        }
        _ => {}
    }
    for key in ["clusterResourceBlacklist", "namespaceResourceBlacklist"] {
        let after = list(new, key).unwrap_or_default();
        let gone = list(old, key).unwrap_or_default().into_iter().filter(|entry| !after.iter().any(|a| admits(a, entry)));
        more.extend(gone.map(|entry| format!("what {key} held back: {}", word(&entry))));
    }
    let policies = |value: &Value| -> BTreeSet<String> {
        let roles = value.pointer("/spec/roles").and_then(Value::as_array).into_iter().flatten();
        let all = roles.flat_map(|role| role["policies"].as_array().into_iter().flatten());
        all.filter_map(Value::as_str).filter(|p| p.ends_with("allow")).map(str::to_string).collect()
    };
    more.extend(policies(new).difference(&policies(old)).map(|policy| format!("policy {policy}")));
    more
}

/// Is an entry of a project's list covered by another one? `*` at the end of a text stands for anything.
fn admits(entry: &Value, other: &Value) -> bool {
    match (entry, other) {
        (Value::String(a), Value::String(b)) => a == b || a.strip_suffix('*').is_some_and(|start| b.starts_with(start)),
        (Value::Object(a), Value::Object(b)) => a.iter().all(|(key, value)| {
            b.get(key).is_some_and(|other| admits(value, other)) || matches!(key.as_str(), "name" if b.contains_key("server"))
        }),
        (a, b) => a == b,
    }
}

/// An entry in a few words.
fn word(entry: &Value) -> String {
    match entry {
        Value::String(text) => text.clone(),
        Value::Object(map) => map.values().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}
