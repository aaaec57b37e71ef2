//! fromYaml and fromYamlArray. The crate `documents` reads; the first document counts.

use super::support::{Answer, chars};
use crate::function::Failure;
use crate::value::Value;

pub(super) fn map(args: &[Value]) -> Answer {
    match first(args)? {
        serde_json::Value::Null => Ok(Value::map::<&str>([])),
        json @ serde_json::Value::Object(_) => Ok(Value::from(&json)),
        other => Err(mismatch(&other, "map[string]interface {}")),
    }
}

pub(super) fn list(args: &[Value]) -> Answer {
    match first(args)? {
        serde_json::Value::Null => Ok(Value::list(Vec::new())),
        json @ serde_json::Value::Array(_) => Ok(Value::from(&json)),
        other => Err(mismatch(&other, "[]interface {}")),
    }
}

fn first(args: &[Value]) -> Result<serde_json::Value, Failure> {
    let documents = documents::parse_all_last_wins(chars(args, 0)?)
        .map_err(|error| Failure::Error(format!("error converting YAML to JSON: yaml: line {}: {}", error.line, error.about())))?;
    Ok(documents.into_iter().next().map_or(serde_json::Value::Null, |document| document.value))
}

fn mismatch(json: &serde_json::Value, wanted: &str) -> Failure {
    let is = match json {
        serde_json::Value::Bool(_) => "bool",
        serde_json::Value::Number(_) => "number",
        serde_json::Value::String(_) => "string",
        serde_json::Value::Array(_) => "array",
        _ => "object",
    };
    Failure::Error(format!("error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {is} into Go value of type {wanted}"))
}
