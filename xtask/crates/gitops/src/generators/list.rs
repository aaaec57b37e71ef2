//! The list generator: elements as they are written, and those of a YAML text.

use serde_json::{Map, Value};

use super::{Run, list_of, text};
use crate::documents;
use crate::params::{self, Param, Set};
use crate::replace::Fault;

pub fn generate(run: &Run, spec: &Map<String, Value>) -> Result<Vec<Set>, Fault> {
    let mut sets = Vec::new();
    for element in list_of(spec, "elements")? {
        let map = match element {
            Value::Object(map) => map.clone(),
            // Kubernetes keeps nothing of it, which is no JSON.
            Value::Null => return Err("error unmarshling list element unexpected end of JSON input".into()),
            other => return Err(Fault::Error(format!("error unmarshling list element {}", mismatch(other, "map[string]interface {}")))),
        };
        sets.push(if run.go { params::set(map) } else { strings(map)? });
    }
    let yaml = text(spec, "elementsYaml")?;
    if !yaml.is_empty() {
        sets.extend(from_yaml(yaml).map_err(|e| format!("error unmarshling decoded ElementsYaml {e}"))?);
    }
    Ok(sets)
}

/// The old way takes strings only, and one level of `values`.
fn strings(map: Map<String, Value>) -> Result<Set, Fault> {
    // Go prints a missing error like this.
    let no_string = || Fault::from("error parsing value as string %!w(<nil>)");
    let mut set = Set::new();
    for (key, value) in map {
        match value {
            Value::Object(values) if key == "values" => {
                for (name, value) in values {
                    let Value::String(text) = value else { return Err(no_string()) };
                    set.insert(format!("values.{name}"), Param::from(text));
                }
            }
            _ if key == "values" => return Err("error parsing values map".into()),
            Value::String(text) => drop(set.insert(key, Param::from(text))),
            _ => return Err(no_string()),
        }
    }
    Ok(set)
}

fn from_yaml(text: &str) -> Result<Vec<Set>, String> {
    let decoding = "error unmarshaling JSON: while decoding JSON";
    match documents::first(text)? {
        Value::Null => Ok(Vec::new()),
        Value::Array(list) => {
            let element = |value| match value {
                Value::Object(map) => Ok(params::set(map)),
                Value::Null => Ok(Set::new()),
                other => Err(format!("{decoding}: {}", mismatch(&other, "map[string]interface {}"))),
            };
            list.into_iter().map(element).collect()
        }
        other => Err(format!("{decoding}: {}", mismatch(&other, "[]map[string]interface {}"))),
    }
}

/// What Go says of JSON that is not of the type wanted.
pub fn mismatch(value: &Value, wanted: &str) -> String {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    format!("json: cannot unmarshal {kind} into Go value of type {wanted}")
}
