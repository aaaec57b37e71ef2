//! A round through Go's types: unknown fields go, a wrong type is an error in Go's words, empty optional fields vanish.

use serde_json::{Map, Value};

use super::schema::{Field, Kind, Presence, Struct};

/// Does `Spec` mean `spec`?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// No: the API server drops what it does not know.
    Sensitive,
    /// Yes, as Go's JSON reads it.
    Folded,
}

/// Returns the value as Go would write it after reading it into the type. `at` are the names of the fields that lead to it.
///
/// Errors: a wrong type, in the words of Go's `encoding/json`. Source: Go 1.26.
pub fn decode(kind: &Kind, value: &Value, case: Case, at: &[&str]) -> Result<Value, String> {
    Decoder { case, within: "ApplicationSetSpec", path: at.iter().map(ToString::to_string).collect() }.value(kind, value)
}

struct Decoder {
    case: Case,
    /// The struct that is being read.
    within: &'static str,
    /// Names of fields from the outermost struct; items of lists have none.
    path: Vec<String>,
}

impl Decoder {
    fn value(&mut self, kind: &Kind, value: &Value) -> Result<Value, String> {
        if value.is_null() {
            return Ok(zero(kind));
        }
        match (kind, value) {
            (Kind::Pointer(to), _) => self.value(to, value),
            (Kind::String, Value::String(_)) | (Kind::Bool, Value::Bool(_)) | (Kind::Raw, _) => Ok(value.clone()),
            (Kind::Time, Value::String(_)) | (Kind::IntOrString, Value::String(_)) => Ok(value.clone()),
            (Kind::Time, _) => Err(self.mismatch(name(value), "string")),
            (Kind::Int(_), Value::Number(_)) => integer(value).ok_or_else(|| self.mismatch(&format!("number {value}"), &kind.go())),
            (Kind::IntOrString, Value::Number(_)) => integer(value).ok_or_else(|| self.mismatch(&format!("number {value}"), "int32")),
            (Kind::IntOrString, _) => Err(self.mismatch(name(value), "int32")),
            (Kind::Status, Value::Object(_)) => Ok(Value::Null),
            (Kind::List(item, _), Value::Array(list)) => list.iter().map(|value| self.value(item, value)).collect(),
            (Kind::Map(item, _), Value::Object(map)) => {
                let members = map.iter().map(|(key, value)| Ok((key.clone(), self.value(item, value)?)));
                members.collect::<Result<Map<_, _>, _>>().map(Value::Object)
            }
            (Kind::Nested(of), Value::Object(map)) => self.nested(of, map),
            _ => Err(self.mismatch(name(value), &kind.go())),
        }
    }

    fn nested(&mut self, of: &'static Struct, map: &Map<String, Value>) -> Result<Value, String> {
        let mut read = Map::new();
        let outside = std::mem::replace(&mut self.within, of.short());
        for (key, value) in map {
            let field = if self.case == Case::Folded { of.field_of_any_case(key) } else { of.field(key) };
            let Some(field) = field else { continue };
            let depth = self.path.len();
            self.path.extend(field.within.split_terminator('.').map(str::to_string));
            self.path.push(field.name.to_string());
            read.insert(field.name.to_string(), self.value(&field.kind, value)?);
            self.path.truncate(depth);
        }
        self.within = outside;
        Ok(encode(of, read))
    }

    fn mismatch(&self, value: &str, kind: &str) -> String {
        if self.path.is_empty() {
            return format!("json: cannot unmarshal {value} into Go value of type {kind}");
        }
        let place = self.path.join(".");
        format!("json: cannot unmarshal {value} into Go struct field {}.{place} of type {kind}", self.within)
    }
}

fn name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Writes the fields of a struct; what is missing is Go's zero.
pub fn encode(of: &Struct, mut fields: Map<String, Value>) -> Value {
    for field in of.fields {
        match fields.get(field.name) {
            Some(value) if !written(field, value) => drop(fields.remove(field.name)),
            Some(value) if value.is_null() && field.presence == Presence::Given => {
                fields.insert(field.name.to_string(), empty(&field.kind));
            }
            None if field.presence == Presence::Always => drop(fields.insert(field.name.to_string(), zero(&field.kind))),
            None if field.presence == Presence::NotEmpty && matches!(field.kind, Kind::Nested(_)) => {
                fields.insert(field.name.to_string(), zero(&field.kind));
            }
            _ => {}
        }
    }
    Value::Object(fields)
}

/// Is a field with this value written?
fn written(field: &Field, value: &Value) -> bool {
    match field.presence {
        Presence::Always | Presence::Given => true,
        Presence::NotEmpty if matches!(field.kind, Kind::Nested(_)) => true,
        Presence::NotEmpty if matches!(field.kind, Kind::Pointer(_)) => !value.is_null(),
        Presence::NotEmpty | Presence::NotZero => !is_empty(value),
    }
}

/// Is it what Go's `omitempty` leaves out, or the zero of a pointer?
pub fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(yes) => !yes,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

fn zero(kind: &Kind) -> Value {
    match kind {
        Kind::String => Value::String(String::new()),
        Kind::Bool => Value::Bool(false),
        Kind::Int(_) | Kind::IntOrString => Value::from(0),
        Kind::Nested(of) => encode(of, Map::new()),
        Kind::Time | Kind::Raw | Kind::Status | Kind::Pointer(_) | Kind::List(..) | Kind::Map(..) => Value::Null,
    }
}

fn empty(kind: &Kind) -> Value {
    if matches!(kind, Kind::List(..)) { Value::Array(Vec::new()) } else { Value::Object(Map::new()) }
}

/// A number as the integer it is: `1.0` too, which YAML hands over as `1`.
fn integer(value: &Value) -> Option<Value> {
    match value.as_i64() {
        Some(number) => Some(Value::from(number)),
        None => value.as_f64().and_then(whole).map(Value::from),
    }
}

/// A float without a fraction, as an integer that it can be told from its neighbours by.
pub fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "it has no fraction and is small enough")]
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}
