//! Autoscalers and disruption budgets.

use super::super::ViolationKind as Kind;
use super::super::walk::Walk;
use super::{Fields, entries, given, not_empty, number, number_or_percent, object, text};

/// `validateHorizontalPodAutoscalerSpec` of pkg/apis/autoscaling/validation, as far as version 1 goes.
pub(super) fn bounds<'v>(spec: &'v Fields, walk: &mut Walk<'v>) {
    let (least, most) = (number(spec, "minReplicas"), number(spec, "maxReplicas"));
    // Zero is behind a feature gate that is off unless the cluster turns it on.
    if let Some(n) = least.filter(|n| *n < 1.0) {
        walk.say_at("minReplicas", Kind::OutOfRange, format!("is {n}, and must be at least 1"));
    }
    match (least, most) {
        (_, Some(most)) if most < 1.0 => walk.say_at("maxReplicas", Kind::OutOfRange, format!("is {most}, and must be at least 1")),
        (Some(least), Some(most)) if most < least => {
            walk.say_at("maxReplicas", Kind::Inconsistent, format!("is {most}, less than minReplicas, {least}"));
        }
        _ => {}
    }
    if let Some(target) = object(spec, "scaleTargetRef") {
        walk.key("scaleTargetRef", |walk| {
            not_empty(target, "kind", walk);
            not_empty(target, "name", walk);
        });
    }
}

/// The same for version 2: metrics and behaviour.
pub(super) fn spec<'v>(spec: &'v Fields, walk: &mut Walk<'v>) {
    bounds(spec, walk);
    walk.each(spec, "metrics", |walk, metric| {
        if let Some(metric) = metric.as_object() {
            source(metric, walk);
        }
    });
    let Some(behavior) = object(spec, "behavior") else { return };
    walk.key("behavior", |walk| {
        for direction in ["scaleUp", "scaleDown"] {
            let Some(rules) = object(behavior, direction) else { continue };
            walk.key(direction, |walk| {
                if let Some(n) = number(rules, "stabilizationWindowSeconds").filter(|n| !(0.0..=3600.0).contains(n)) {
                    walk.say_at("stabilizationWindowSeconds", Kind::OutOfRange, format!("is {n}, and must be 0 to 3600"));
                }
                // Without the key the API server fills policies in.
                if given(rules, "policies") && entries(rules, "policies").is_empty() {
                    walk.say_at("policies", Kind::Empty, "must have an entry");
                }
                walk.each(rules, "policies", |walk, policy| {
                    let Some(policy) = policy.as_object() else { return };
                    if let Some(n) = number(policy, "value").filter(|n| *n <= 0.0) {
                        walk.say_at("value", Kind::OutOfRange, format!("is {n}, and must be more than 0"));
                    }
                    if let Some(n) = number(policy, "periodSeconds").filter(|n| !(1.0..=1800.0).contains(n)) {
                        walk.say_at("periodSeconds", Kind::OutOfRange, format!("is {n}, and must be 1 to 1800"));
                    }
                });
            });
        }
    });
}

/// `validateMetricSpec` of pkg/apis/autoscaling/validation: the part that the type names is given, and no other.
fn source<'v>(metric: &'v Fields, walk: &mut Walk<'v>) {
    const PARTS: &[(&str, &str)] = &[
        ("ContainerResource", "containerResource"),
        ("External", "external"),
        ("Object", "object"),
        ("Pods", "pods"),
        ("Resource", "resource"),
    ];
    let kind = text(metric, "type");
    let Some((_, part)) = PARTS.iter().find(|(name, _)| *name == kind) else { return };
    let Some(source) = object(metric, part) else {
        return walk.say_at(part, Kind::Missing, format!("is required with the type `{kind}`"));
    };
    for (_, other) in PARTS.iter().filter(|(_, other)| other != part && given(metric, other)) {
        walk.say_at(other, Kind::Inconsistent, format!("must not be given with the type `{kind}`"));
    }
    let Some(target) = object(source, "target") else { return };
    let utilization = matches!(*part, "resource" | "containerResource");
    let wanted: &[&str] = match *part {
        "pods" => &["averageValue"],
        "object" | "external" => &["averageValue", "value"],
        _ => &["averageUtilization", "averageValue"],
    };
    walk.key(part, |walk| {
        walk.key("target", |walk| {
            let have: Vec<&&str> = wanted.iter().filter(|key| given(target, key)).collect();
            if have.is_empty() {
                let field = wanted.first().copied().unwrap_or_default();
                walk.say_at(field, Kind::Missing, format!("is required: one of {} must be given", wanted.join(", ")));
            }
            if have.len() > 1 && (utilization || *part == "external") {
                let field = if utilization { "averageValue" } else { "value" };
                walk.say_at(field, Kind::Inconsistent, "must not be given beside the other target");
            }
            if let Some(n) = number(target, "averageUtilization").filter(|n| *n < 1.0) {
                walk.say_at("averageUtilization", Kind::OutOfRange, format!("is {n}, and must be more than 0"));
            }
        });
    });
}

/// `ValidatePodDisruptionBudgetSpec` of pkg/apis/policy/validation.
pub(super) fn disruption_budget<'v>(spec: &'v Fields, walk: &mut Walk<'v>) {
    if given(spec, "minAvailable") && given(spec, "maxUnavailable") {
        walk.say(Kind::Inconsistent, "has both minAvailable and maxUnavailable; only one is allowed");
    }
    number_or_percent(spec, "minAvailable", true, walk);
    number_or_percent(spec, "maxUnavailable", true, walk);
}
