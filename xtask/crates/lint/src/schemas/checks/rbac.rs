//! Roles and bindings.

use serde_json::Value;

use super::super::ViolationKind as Kind;
use super::super::walk::Walk;
use super::{Fields, entries, not_empty, object, text};

const GROUP: &str = "rbac.authorization.k8s.io";

/// `ValidatePolicyRule` of pkg/apis/rbac/validation.
fn rules<'v>(fields: &'v Fields, namespaced: bool, walk: &mut Walk<'v>) {
    walk.each(fields, "rules", |walk, rule| {
        let Some(rule) = rule.as_object() else { return };
        if entries(rule, "verbs").is_empty() && rule.contains_key("verbs") {
            walk.say_at("verbs", Kind::Empty, "must have an entry");
        }
        let has = |key: &str| !entries(rule, key).is_empty();
        if has("nonResourceURLs") {
            if namespaced {
                walk.say_at("nonResourceURLs", Kind::Inconsistent, "must not be given in a Role: paths belong to no namespace");
            }
            if ["apiGroups", "resources", "resourceNames"].iter().any(|key| has(key)) {
                walk.say_at("nonResourceURLs", Kind::Inconsistent, "must not be given beside resources");
            }
            return;
        }
        for key in ["apiGroups", "resources"] {
            if !has(key) {
                walk.say_at(key, Kind::Missing, "is required: at least one entry (the first group of Kubernetes is \"\")");
            }
        }
    });
}

/// `ValidateRole` of pkg/apis/rbac/validation.
pub(super) fn role<'v>(fields: &'v Fields, walk: &mut Walk<'v>) {
    rules(fields, true, walk);
}

/// `ValidateClusterRole` of pkg/apis/rbac/validation.
pub(super) fn cluster_role<'v>(fields: &'v Fields, walk: &mut Walk<'v>) {
    rules(fields, false, walk);
    if let Some(aggregation) = object(fields, "aggregationRule")
        && entries(aggregation, "clusterRoleSelectors").is_empty()
    {
        walk.key("aggregationRule", |walk| walk.say_at("clusterRoleSelectors", Kind::Missing, "is required: at least one selector"));
    }
}

/// `ValidateRoleBinding` of pkg/apis/rbac/validation.
pub(super) fn role_binding<'v>(fields: &'v Fields, walk: &mut Walk<'v>) {
    binding(fields, &["ClusterRole", "Role"], walk);
}

/// `ValidateClusterRoleBinding` of pkg/apis/rbac/validation.
pub(super) fn cluster_role_binding<'v>(fields: &'v Fields, walk: &mut Walk<'v>) {
    binding(fields, &["ClusterRole"], walk);
}

fn binding<'v>(fields: &'v Fields, kinds: &[&'v str], walk: &mut Walk<'v>) {
    if let Some(role) = object(fields, "roleRef") {
        walk.key("roleRef", |walk| {
            let (group, kind) = (text(role, "apiGroup"), text(role, "kind"));
            // Left out it is filled in.
            if !matches!(group, "" | GROUP) {
                walk.say_at("apiGroup", Kind::NotAllowed, format!("is `{group}`, and must be `{GROUP}`"));
            }
            if role.contains_key("kind") && !kinds.contains(&kind) {
                walk.say_at("kind", Kind::NotAllowed, format!("is `{kind}`; allowed: {}", kinds.join(", ")));
            }
            not_empty(role, "name", walk);
        });
    }
    let cluster = kinds.len() == 1;
    walk.each(fields, "subjects", |walk, subject| {
        let Some(subject) = subject.as_object() else { return };
        not_empty(subject, "name", walk);
        let group = text(subject, "apiGroup");
        match text(subject, "kind") {
            "ServiceAccount" => {
                if !group.is_empty() {
                    walk.say_at("apiGroup", Kind::NotAllowed, format!("is `{group}`; a ServiceAccount has none"));
                }
                if cluster && text(subject, "namespace").is_empty() {
                    walk.say_at("namespace", Kind::Missing, "is required for a ServiceAccount");
                }
            }
            "User" | "Group" if !matches!(group, "" | GROUP) => {
                walk.say_at("apiGroup", Kind::NotAllowed, format!("is `{group}`, and must be `{GROUP}`"));
            }
            "" if subject.get("kind").is_some_and(Value::is_string) => walk.say_at("kind", Kind::Empty, "must not be empty"),
            _ => {}
        }
    });
}
