//! Deployments, StatefulSets, DaemonSets, ReplicaSets.

use serde_json::Value;

use super::super::ViolationKind as Kind;
use super::super::names;
use super::super::walk::Walk;
use super::{Fields, entries, meta, not_negative, number, number_or_percent, object, text};

/// The selector says something, and selects the pods of the template. A pod of these is always started again.
///
/// Source: `ValidatePodTemplateSpecForReplicaSet`, `…ForStatefulSet` and `ValidateDaemonSetSpec` of pkg/apis/apps/validation.
fn template<'v>(spec: &'v Fields, walk: &mut Walk<'v>) {
    let (selector, template) = (object(spec, "selector"), object(spec, "template"));
    if let Some(selector) = selector {
        let says =
            object(selector, "matchLabels").is_some_and(|labels| !labels.is_empty()) || !entries(selector, "matchExpressions").is_empty();
        if !says {
            walk.say_at("selector", Kind::Empty, "must not be empty: it selects the pods");
        } else if let Some(template) = template {
            let labels = object(template, "metadata").and_then(|meta| object(meta, "labels"));
            if meta::selects(selector, labels) == Some(false) {
                walk.key("template", |walk| {
                    walk.key("metadata", |walk| walk.say_at("labels", Kind::Inconsistent, "are not those that the selector wants"));
                });
            }
        }
    }
    let pod = template.and_then(|template| object(template, "spec"));
    let Some(pod) = pod else { return };
    walk.key("template", |walk| {
        walk.key("spec", |walk| {
            let policy = text(pod, "restartPolicy");
            if !matches!(policy, "" | "Always") {
                walk.say_at("restartPolicy", Kind::NotAllowed, format!("is `{policy}`; only `Always` is allowed here"));
            }
            if number(pod, "activeDeadlineSeconds").is_some() {
                walk.say_at("activeDeadlineSeconds", Kind::Inconsistent, "must not be given here");
            }
        });
    });
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::String(text) => text.trim_end_matches('%').parse() == Ok(0),
        other => other.as_f64() == Some(0.0),
    }
}

/// `ValidateDeploymentSpec` of pkg/apis/apps/validation.
pub(super) fn deployment<'v>(spec: &'v Fields, walk: &mut Walk<'v>) {
    template(spec, walk);
    not_negative(spec, &["replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"], walk);
    let ready = number(spec, "minReadySeconds").unwrap_or_default();
    if number(spec, "progressDeadlineSeconds").is_some_and(|deadline| deadline <= ready) {
        walk.say_at("progressDeadlineSeconds", Kind::Inconsistent, "must be more than minReadySeconds");
    }
    let Some(strategy) = object(spec, "strategy") else { return };
    walk.key("strategy", |walk| {
        let Some(rolling) = object(strategy, "rollingUpdate") else { return };
        if text(strategy, "type") == "Recreate" {
            return walk.say_at("rollingUpdate", Kind::Inconsistent, "must not be given with the type `Recreate`");
        }
        walk.key("rollingUpdate", |walk| {
            number_or_percent(rolling, "maxUnavailable", true, walk);
            number_or_percent(rolling, "maxSurge", false, walk);
            if ["maxUnavailable", "maxSurge"].iter().all(|key| rolling.get(*key).is_some_and(is_zero)) {
                walk.say_at("maxUnavailable", Kind::Inconsistent, "must not be 0 when maxSurge is 0");
            }
        });
    });
}

/// `ValidateStatefulSetSpec` of pkg/apis/apps/validation.
pub(super) fn stateful_set<'v>(spec: &'v Fields, walk: &mut Walk<'v>) {
    template(spec, walk);
    not_negative(spec, &["replicas", "minReadySeconds", "revisionHistoryLimit"], walk);
    let service = text(spec, "serviceName");
    if let Some(why) = (!service.is_empty()).then(|| names::dns_label(service)).flatten() {
        walk.say_at("serviceName", Kind::Name, format!("is `{service}`, no name of a Service: {why}"));
    }
    if let Some(strategy) = object(spec, "updateStrategy")
        && text(strategy, "type") == "OnDelete"
        && object(strategy, "rollingUpdate").is_some()
    {
        walk.key("updateStrategy", |walk| walk.say_at("rollingUpdate", Kind::Inconsistent, "must not be given with the type `OnDelete`"));
    }
}

/// `ValidateDaemonSetSpec` of pkg/apis/apps/validation.
pub(super) fn daemon_set<'v>(spec: &'v Fields, walk: &mut Walk<'v>) {
    template(spec, walk);
    not_negative(spec, &["minReadySeconds", "revisionHistoryLimit"], walk);
    let rolling = object(spec, "updateStrategy").and_then(|strategy| object(strategy, "rollingUpdate"));
    let Some(rolling) = rolling else { return };
    walk.key("updateStrategy", |walk| {
        walk.key("rollingUpdate", |walk| {
            number_or_percent(rolling, "maxUnavailable", true, walk);
            number_or_percent(rolling, "maxSurge", true, walk);
            // Left out, maxSurge is 0.
            let surge = rolling.get("maxSurge").is_none_or(|surge| surge.is_null() || is_zero(surge));
            if surge && rolling.get("maxUnavailable").is_some_and(is_zero) {
                walk.say_at("maxUnavailable", Kind::Inconsistent, "must not be 0 when maxSurge is 0");
            }
        });
    });
}

/// `ValidateReplicaSetSpec` of pkg/apis/apps/validation.
pub(super) fn replica_set<'v>(spec: &'v Fields, walk: &mut Walk<'v>) {
    template(spec, walk);
    not_negative(spec, &["replicas", "minReadySeconds"], walk);
}
