//! Labels, annotations, selectors.

use serde_json::Value;

use super::super::ViolationKind as Kind;
use super::super::names;
use super::super::walk::Walk;
use super::{Fields, entries, object as object_of};

/// Bytes that all annotations of an object may have.
const ANNOTATIONS: usize = 256 * 1024;

/// `ValidateObjectMetaAccessor` of k8s.io/apimachinery, without names, which depend on the kind.
pub(super) fn object<'v>(meta: &'v Fields, walk: &mut Walk<'v>) {
    labels(meta, "labels", walk);
    let Some(annotations) = object_of(meta, "annotations") else { return };
    walk.key("annotations", |walk| {
        for key in annotations.keys().filter(|key| !key.contains("{{")) {
            // Upper case is taken for lower case in annotations.
            if let Some(why) = names::qualified_name(&key.to_lowercase()) {
                walk.say_at(key, Kind::AnnotationKey, format!("is no key of an annotation: {why}"));
            }
        }
        let bytes: usize = annotations.iter().map(|(key, value)| key.len() + value.as_str().map_or(0, str::len)).sum();
        if bytes > ANNOTATIONS {
            walk.say(Kind::OutOfRange, format!("have {bytes} bytes together, {ANNOTATIONS} are allowed"));
        }
    });
}

/// `ValidateLabels` of k8s.io/apimachinery.
pub(super) fn labels<'v>(fields: &'v Fields, key: &'v str, walk: &mut Walk<'v>) {
    let Some(labels) = object_of(fields, key) else { return };
    walk.key(key, |walk| {
        for (key, value) in labels {
            if let Some(why) = names::qualified_name(key).filter(|_| !walk.is_filled_in(key)) {
                walk.say_at(key, Kind::LabelKey, format!("is no key of a label: {why}"));
            }
            let Some(value) = value.as_str().filter(|value| !walk.is_filled_in(value)) else { continue };
            if let Some(why) = names::label_value(value) {
                walk.say_at(key, Kind::LabelValue, format!("is `{value}`, no value of a label: {why}"));
            }
        }
    });
}

/// `ValidateLabelSelector` of k8s.io/apimachinery.
pub(super) fn selector<'v>(selector: &'v Fields, walk: &mut Walk<'v>) {
    labels(selector, "matchLabels", walk);
    walk.each(selector, "matchExpressions", |walk, requirement| {
        let Some(requirement) = requirement.as_object() else { return };
        let values = entries(requirement, "values");
        match requirement.get("operator").and_then(Value::as_str) {
            Some(operator @ ("In" | "NotIn")) if values.is_empty() => {
                walk.say_at("values", Kind::Missing, format!("is required with `{operator}`"));
            }
            Some(operator @ ("Exists" | "DoesNotExist")) if !values.is_empty() => {
                walk.say_at("values", Kind::Inconsistent, format!("must not be given with `{operator}`"));
            }
            Some("") => walk.say_at("operator", Kind::Empty, "must not be empty"),
            _ => {}
        }
        let key = super::text(requirement, "key");
        if let Some(why) = names::qualified_name(key).filter(|_| requirement.contains_key("key")) {
            walk.say_at("key", Kind::LabelKey, format!("is `{key}`, no key of a label: {why}"));
        }
        walk.each(requirement, "values", |walk, value| {
            if let Some(why) = value.as_str().and_then(names::label_value) {
                walk.say(Kind::LabelValue, format!("is {value}, no value of a label: {why}"));
            }
        });
    });
}

/// Does a selector select these labels? `None` where its requirements are not well formed.
pub(super) fn selects(selector: &Fields, labels: Option<&Fields>) -> Option<bool> {
    let label = |key: &str| labels.and_then(|labels| labels.get(key)).and_then(Value::as_str);
    for (key, value) in object_of(selector, "matchLabels").into_iter().flatten() {
        let value = value.as_str().filter(|value| names::label_value(value).is_none())?;
        if label(key) != Some(value) {
            return Some(false);
        }
    }
    for requirement in entries(selector, "matchExpressions") {
        let have = label(requirement.get("key")?.as_str()?);
        let values = requirement.get("values").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let listed = || have.is_some_and(|have| values.iter().any(|value| value.as_str() == Some(have)));
        let fits = match requirement.get("operator")?.as_str()? {
            "In" | "NotIn" if values.is_empty() => return None,
            "In" => listed(),
            "NotIn" => !listed(),
            "Exists" => have.is_some(),
            "DoesNotExist" => have.is_none(),
            _ => return None,
        };
        if !fits {
            return Some(false);
        }
    }
    Some(true)
}
