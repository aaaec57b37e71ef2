//! Objects without what one side cannot know: tracking, marks of controllers, the content of Secrets.

use serde_json::{Map, Number, Value};

/// Argo CD's marks on what it deploys.
const TRACKING: [&str; 2] = ["argocd.argoproj.io/tracking-id", "argocd.argoproj.io/installation-id"];

/// Annotations of a live Application that come and go: they ask for something, or note what was sent.
const PASSING: [&str; 3] = ["argocd.argoproj.io/refresh", "argocd.argoproj.io/hydrate", "notified.notifications.argoproj.io"];

/// What an ApplicationSet, or a file, says about an Application. The rest is status and the API server's.
pub fn application(value: &Value) -> Value {
    let mut metadata = Map::new();
    for key in ["name", "namespace", "labels", "annotations", "finalizers"] {
        metadata.extend(value.get("metadata").and_then(|m| m.get(key)).map(|v| (key.to_string(), v.clone())));
    }
    let mut made = Map::from_iter([("metadata".to_string(), Value::Object(metadata))]);
    for key in ["apiVersion", "kind", "spec"] {
        made.extend(value.get(key).map(|v| (key.to_string(), v.clone())));
    }
    let mut made = Value::Object(made);
    without_annotations(&mut made, &PASSING);
    object(&made)
}

/// A rendered object.
pub fn object(value: &Value) -> Value {
    let mut object = value.clone();
    without_annotations(&mut object, &TRACKING);
    numbers(&mut object);
    if object["kind"] == "Secret" && object["apiVersion"] == "v1" {
        hide(&mut object);
    }
    object
}

fn without_annotations(object: &mut Value, keys: &[&str]) {
    let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations.retain(|key, _| !keys.contains(&key.as_str()));
    }
    // An empty map is none: the API server keeps none.
    for key in ["annotations", "labels", "finalizers"] {
        let empty = |v: &Value| v.is_null() || v.as_object().is_some_and(Map::is_empty) || v.as_array().is_some_and(Vec::is_empty);
        if metadata.get(key).is_some_and(empty) {
            metadata.remove(key);
        }
    }
}

/// Argo CD shows no content of a Secret, and the keys of `stringData` among those of `data`.
fn hide(secret: &mut Value) {
    let Some(secret) = secret.as_object_mut() else { return };
    let mut data = Map::new();
    for key in ["data", "stringData"] {
        if let Some(Value::Object(entries)) = secret.remove(key) {
            data.extend(entries.into_iter().map(|(key, _)| (key, Value::String("hidden".into()))));
        }
    }
    if !data.is_empty() {
        secret.insert("data".into(), Value::Object(data));
    }
}

/// 1.0 is 1, as it is in JSON.
fn numbers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let whole = number.as_f64().filter(|f| number.is_f64() && f.fract() == 0.0 && f.abs() < 9e15);
            if let Some(whole) = whole {
                *number = Number::from(whole as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(numbers),
        Value::Object(fields) => fields.values_mut().for_each(numbers),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn marks_of_argocd_and_the_content_of_secrets_do_not_count() {
        let live = json!({"apiVersion": "v1", "kind": "Secret", "data": {"a": "++++", "b": "++++"},
            "metadata": {"name": "s", "annotations": {"argocd.argoproj.io/tracking-id": "x"}}});
        let rendered =
            json!({"apiVersion": "v1", "kind": "Secret", "stringData": {"b": "y"}, "data": {"a": "eA=="}, "metadata": {"name": "s"}});
        assert_eq!(object(&live), object(&rendered));
        assert_ne!(object(&live), object(&json!({"apiVersion": "v1", "kind": "Secret", "data": {"a": ""}, "metadata": {"name": "s"}})));
    }

    #[test]
    fn numbers_are_equal_by_value() {
        assert_eq!(object(&json!({"a": [1.0, 2.5]})), object(&json!({"a": [1, 2.5]})));
    }

    #[test]
    fn an_application_is_what_was_asked_for() {
        let live = json!({"kind": "Application", "status": {}, "operation": {}, "spec": {"project": "p"},
            "metadata": {"name": "a", "uid": "1", "annotations": {"argocd.argoproj.io/refresh": "normal"}}});
        assert_eq!(application(&live), json!({"kind": "Application", "spec": {"project": "p"}, "metadata": {"name": "a"}}));
    }
}
