//! Objects of Kubernetes as JSON: fields of them, and tables of them for people.

mod mesh;
mod tables;

use serde_json::Value;

pub use mesh::{gateways, routes};
pub use tables::{claims, pods, services};

/// The text at `pointer`; empty when there is none.
pub fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The list at `pointer`; empty when there is none.
pub fn items<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    object.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The name of an object.
pub fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

/// Is the condition of this type `True`?
pub fn holds(conditions: &[Value], kind: &str) -> bool {
    conditions.iter().any(|c| c["type"] == kind && c["status"] == "True")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_there_is_empty() {
        let object = json!({"metadata": {"name": "a"}, "list": [1, 2], "number": 3});
        assert_eq!((name(&object), text(&object, "/number"), text(&object, "/none")), ("a", "", ""));
        assert_eq!((items(&object, "/list").len(), items(&object, "/metadata").len()), (2, 0));
    }

    #[test]
    fn a_condition_holds_only_when_it_is_true() {
        let conditions = [json!({"type": "Ready", "status": "True"}), json!({"type": "Programmed", "status": "Unknown"})];
        assert!(holds(&conditions, "Ready") && !holds(&conditions, "Programmed") && !holds(&conditions, "Other"));
    }
}
