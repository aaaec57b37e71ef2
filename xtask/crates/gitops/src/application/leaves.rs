//! Every text of a template, values and keys of maps, is a template of its own.

use serde_json::{Map, Number, Value};

use super::decode::{encode, whole};
use super::schema::{Kind, Struct};
use crate::replace::Fault;

/// Fills in one text.
pub type Fill<'a> = dyn FnMut(&str) -> Result<String, Fault> + 'a;

/// Returns `value`, which has been read into `kind`, with its texts filled in.
pub fn fill(kind: &Kind, value: &Value, with: &mut Fill<'_>) -> Result<Value, Fault> {
    match (kind, value) {
        (Kind::Pointer(to), _) => fill(to, value, with),
        (Kind::String | Kind::IntOrString, Value::String(text)) => with(text).map(Value::String),
        (Kind::List(item, _), Value::Array(list)) => list.iter().map(|value| fill(item, value, with)).collect(),
        (Kind::Map(item, _), Value::Object(map)) => {
            let mut filled = Map::new();
            for (key, value) in map {
                let value = fill(item, value, with)?;
                filled.insert(with(key)?, value);
            }
            Ok(Value::Object(filled))
        }
        (Kind::Nested(of), Value::Object(fields)) => nested(of, fields, with),
        (Kind::Raw, _) => free(value, with).map_err(|fault| fault.within(|| "failed to deeply replace JSON field contents".to_string())),
        _ => Ok(value.clone()),
    }
}

/// In the order of Go's fields, because the first error is the one that is told.
fn nested(of: &Struct, fields: &Map<String, Value>, with: &mut Fill<'_>) -> Result<Value, Fault> {
    let mut filled = Map::new();
    for field in of.fields {
        if let Some(value) = fields.get(field.name) {
            filled.insert(field.name.to_string(), fill(&field.kind, value, with)?);
        }
    }
    Ok(encode(of, filled))
}

/// JSON without a type: a null in a map is lost, numbers become floats.
fn free(value: &Value, with: &mut Fill<'_>) -> Result<Value, Fault> {
    Ok(match value {
        Value::String(text) => Value::String(with(text)?),
        Value::Array(list) => list.iter().map(|value| free(value, with)).collect::<Result<_, _>>()?,
        Value::Object(map) => {
            let mut filled = Map::new();
            for (key, value) in map.iter().filter(|(_, value)| !value.is_null()) {
                let value = free(value, with)?;
                filled.insert(with(key)?, value);
            }
            Value::Object(filled)
        }
        Value::Number(number) => Value::Number(float(number)),
        other => other.clone(),
    })
}

/// The number that a float64 keeps of it; whole ones are written without a fraction.
fn float(number: &Number) -> Number {
    let Some(float) = number.as_f64() else { return number.clone() };
    whole(float).map(Number::from).or_else(|| Number::from_f64(float)).unwrap_or_else(|| number.clone())
}
