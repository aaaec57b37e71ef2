//! What an API server does not take, though Argo CD's controller makes it: names, labels and annotations.

use serde_json::Value;

use super::selector::{label_value, qualified_name, subdomain};

/// Why the API server refuses this Application, in its words.
///
/// Source: `ValidateObjectMeta` of k8s.io/apimachinery.
pub fn refused(application: &Value) -> Option<String> {
    let name = application.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    let mut wrong = Vec::new();
    if name.is_empty() {
        wrong.push("metadata.name: Required value: name or generateName is required".to_string());
    } else {
        wrong.extend(subdomain(name).into_iter().map(|why| format!("metadata.name: Invalid value: {name:?}: {why}")));
    }
    let members = |kind: &str| application.pointer("/metadata").and_then(|m| m.get(kind)).and_then(Value::as_object).into_iter().flatten();
    for (key, value) in members("labels") {
        let value = value.as_str().unwrap_or_default();
        wrong.extend(qualified_name(key).map(|why| format!("metadata.labels: Invalid value: {key:?}: {why}")));
        wrong.extend(label_value(value).map(|why| format!("metadata.labels: Invalid value: {value:?}: {why}")));
    }
    for (key, _) in members("annotations") {
        wrong.extend(qualified_name(&key.to_lowercase()).map(|why| format!("metadata.annotations: Invalid value: {key:?}: {why}")));
    }
    let what = match wrong.as_slice() {
        [] => return None,
        [one] => one.clone(),
        several => format!("[{}]", several.join(", ")),
    };
    Some(format!("Application.argoproj.io {name:?} is invalid: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_and_labels_must_be_those_of_kubernetes() {
        let of = |metadata: Value| refused(&json!({ "metadata": metadata })).unwrap_or_default();
        assert_eq!(of(json!({"name": "a.b-1", "labels": {"x/y": "a_b"}, "annotations": {"a": "any thing"}})), "");
        assert!(
            of(json!({"name": "A"})).starts_with("Application.argoproj.io \"A\" is invalid: metadata.name: Invalid value: \"A\": a lower")
        );
        assert!(of(json!({})).ends_with("metadata.name: Required value: name or generateName is required"));
        assert!(of(json!({"name": "a", "labels": {"x": "a b"}})).contains("metadata.labels: Invalid value: \"a b\": a valid label must"));
        assert!(of(json!({"name": "a", "labels": {"x y": ""}, "annotations": {"/": ""}})).contains("is invalid: [metadata.labels"));
    }
}
