//! What a cluster is set up with: webhooks, classes, definitions.

use serde_json::Value;

use super::super::ViolationKind as Kind;
use super::super::names;
use super::super::walk::Walk;
use super::{Fields, entries, object, required_text, text};

/// `validateValidatingWebhook` and `validateMutatingWebhook` of pkg/apis/admissionregistration/validation.
pub(super) fn webhook<'v>(webhook: &'v Fields, walk: &mut Walk<'v>) {
    let name = text(webhook, "name");
    let parts = name.split('.').count();
    if let Some(why) = (!name.is_empty()).then(|| names::dns_subdomain(name)).flatten() {
        walk.say_at("name", Kind::Name, format!("is `{name}`, no DNS name: {why}"));
    } else if !name.is_empty() && parts < 3 {
        walk.say_at("name", Kind::Name, format!("is `{name}`, and must have at least three parts, as in `a.example.com`"));
    }
    if webhook.contains_key("admissionReviewVersions") && entries(webhook, "admissionReviewVersions").is_empty() {
        walk.say_at("admissionReviewVersions", Kind::Empty, "must have an entry");
    }
    if let Some(client) = object(webhook, "clientConfig") {
        let (url, service) = (!text(client, "url").is_empty(), object(client, "service").is_some());
        if url == service {
            walk.say_at("clientConfig", Kind::Inconsistent, "needs either a url or a service");
        }
    }
}

/// `ValidatePriorityClass` of pkg/apis/scheduling/validation.
pub(super) fn priority_class<'v>(class: &'v Fields, walk: &mut Walk<'v>) {
    let name = object(class, "metadata").map(|meta| text(meta, "name")).unwrap_or_default();
    if name.starts_with("system-") && !matches!(name, "system-node-critical" | "system-cluster-critical") {
        walk.key("metadata", |walk| walk.say_at("name", Kind::Name, format!("is `{name}`; names with `system-` are Kubernetes' own")));
    }
}

/// `ValidateIngressClassSpec` of pkg/apis/networking/validation.
pub(super) fn ingress_class<'v>(spec: &'v Fields, walk: &mut Walk<'v>) {
    required_text(spec, "controller", walk);
}

/// `validateCustomResourceDefinitionVersion` of pkg/apis/apiextensions/validation.
pub(super) fn definition<'v>(spec: &'v Fields, walk: &mut Walk<'v>) {
    walk.each(spec, "versions", |walk, version| {
        if version.pointer("/schema/openAPIV3Schema").is_none_or(Value::is_null) {
            walk.key("schema", |walk| walk.say_at("openAPIV3Schema", Kind::Missing, "is required"));
        }
    });
    let storing = entries(spec, "versions").iter().filter(|version| version.get("storage") == Some(&Value::Bool(true))).count();
    if storing != 1 && !entries(spec, "versions").is_empty() {
        walk.say_at("versions", Kind::Inconsistent, format!("must have one with `storage: true`, and {storing} have it"));
    }
}
