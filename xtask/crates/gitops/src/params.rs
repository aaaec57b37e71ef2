//! What a generator hands to the template: one parameter set, with the kinds that its values have in Argo CD's program.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value};

/// Parameters by name; Go's `map[string]any`.
pub type Set = BTreeMap<String, Param>;

/// One parameter. Functions of templates tell a map of strings from a map of anything, so the difference is kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// Go's `nil`, `bool`, `float64` (every number), `string` and `[]any`; never an object.
    Json(Value),
    /// `map[string]any`
    Map(Set),
    /// `map[string]string`: labels, annotations and `values`.
    StringMap(BTreeMap<String, String>),
    /// `[]string`: the segments of a path.
    Strings(Vec<String>),
    /// `[]map[string]any`: the clusters of a flat list.
    Maps(Vec<Set>),
}

/// A parameter set with the language of the templates that it is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Params {
    /// `goTemplate: true`
    Go(Set),
    /// The old `{{name}}`: only strings are filled in, and names are flat, `metadata.labels.x`.
    Fast(Set),
}

impl Params {
    pub fn set(&self) -> &Set {
        match self {
            Params::Go(set) | Params::Fast(set) => set,
        }
    }

    pub fn into_set(self) -> Set {
        match self {
            Params::Go(set) | Params::Fast(set) => set,
        }
    }

    /// An empty set leaves a template as it is, and without the finalizer.
    pub fn is_empty(&self) -> bool {
        self.set().is_empty()
    }
}

impl From<Value> for Param {
    fn from(value: Value) -> Self {
        match value {
            Value::Object(map) => Param::Map(set(map)),
            other => Param::Json(other),
        }
    }
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Param::Json(Value::String(text.to_string()))
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Param::Json(Value::String(text))
    }
}

/// The members of an object as parameters.
pub fn set(map: Map<String, Value>) -> Set {
    map.into_iter().map(|(key, value)| (key, Param::from(value))).collect()
}

/// The parameters as templates see them, in Go's kinds.
pub fn data(set: &Set) -> gotemplate::Value {
    gotemplate::Value::map(set.iter().map(|(key, value)| (key.as_str(), value.data())))
}

impl Param {
    fn data(&self) -> gotemplate::Value {
        match self {
            Param::Json(value) => gotemplate::Value::from(value),
            Param::Map(set) => data(set),
            Param::StringMap(map) => gotemplate::Value::string_map(map.iter().map(|(k, v)| (k.as_str(), v.as_str()))),
            Param::Strings(list) => gotemplate::Value::strings(list.iter().map(String::as_str)),
            Param::Maps(list) => gotemplate::Value::list(list.iter().map(data).collect()),
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Param::Json(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// As JSON, which forgets the kinds.
    pub fn to_json(&self) -> Value {
        match self {
            Param::Json(value) => value.clone(),
            Param::Map(set) => set_to_json(set),
            Param::StringMap(map) => Value::Object(map.iter().map(|(k, v)| (k.clone(), Value::String(v.clone()))).collect()),
            Param::Strings(list) => list.iter().cloned().map(Value::String).collect(),
            Param::Maps(list) => list.iter().map(set_to_json).collect(),
        }
    }

    /// As Go's `%v` prints it: `<nil>`, `1e+06`, `[a b]`, `map[a:1]`.
    pub fn printed(&self) -> String {
        let mut out = String::new();
        match self {
            Param::Json(value) => print(value, &mut out),
            Param::Map(set) => print_set(set, &mut out),
            Param::StringMap(map) => print_map(map.iter().map(|(k, v)| (k.as_str(), v)), &mut out, |v, out| out.push_str(v)),
            Param::Strings(list) => print_list(list, &mut out, |text, out| out.push_str(text)),
            Param::Maps(list) => print_list(list, &mut out, print_set),
        }
        out
    }
}

fn set_to_json(set: &Set) -> Value {
    Value::Object(set.iter().map(|(key, value)| (key.clone(), value.to_json())).collect())
}

fn print_set(set: &Set, out: &mut String) {
    print_map(set.iter().map(|(k, v)| (k.as_str(), v)), out, |v, out| out.push_str(&v.printed()));
}

fn print(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("<nil>"),
        Value::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&float(number.as_f64().unwrap_or(f64::NAN))),
        Value::String(text) => out.push_str(text),
        Value::Array(list) => print_list(list, out, print),
        Value::Object(map) => {
            // Go prints maps by their keys.
            let mut entries: Vec<(&str, &Value)> = map.iter().map(|(k, v)| (k.as_str(), v)).collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            print_map(entries.into_iter(), out, print);
        }
    }
}

fn print_list<T>(list: &[T], out: &mut String, item: impl Fn(&T, &mut String)) {
    out.push('[');
    for (i, value) in list.iter().enumerate() {
        out.push_str(if i == 0 { "" } else { " " });
        item(value, out);
    }
    out.push(']');
}

fn print_map<'a, T: 'a>(map: impl Iterator<Item = (&'a str, &'a T)>, out: &mut String, item: impl Fn(&T, &mut String)) {
    out.push_str("map[");
    for (i, (key, value)) in map.enumerate() {
        out.push_str(if i == 0 { "" } else { " " });
        out.push_str(key);
        out.push(':');
        item(value, out);
    }
    out.push(']');
}

/// Go's `%v` of a float64: the fewest digits that tell it apart, with an exponent below 0.0001 and from a million on.
fn float(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_string();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_string();
    }
    // Rust's `e` form has the same shortest digits: `1.5e-7`.
    let written = format!("{number:e}");
    let (digits, exponent) = written.split_once('e').unwrap_or((&written, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..EXPONENT).contains(&exponent) {
        return format!("{number}");
    }
    let mut out = digits.to_string();
    let sign = if exponent < 0 { '-' } else { '+' };
    let _ = write!(out, "e{sign}{:02}", exponent.unsigned_abs());
    out
}

/// Of ten: from this power on Go writes an exponent.
const EXPONENT: i32 = 6;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_printed_as_go_prints_them() {
        let numbers = [1e6, 123_456.0, 123_456_789.0, 1e20, 1_234_567.0, 0.0001, 0.000_012_34, 100_000.0, 1.5];
        let printed = numbers.map(|n| Param::from(json!(n)).printed());
        let go = ["1e+06", "123456", "1.23456789e+08", "1e+20", "1.234567e+06", "0.0001", "1.234e-05", "100000", "1.5"];
        assert_eq!(printed, go);
        assert_eq!(Param::from(json!({"b": null, "a": [1, "x", {"c": true}]})).printed(), "map[a:[1 x map[c:true]] b:<nil>]");
        assert_eq!(Param::Strings(vec![]).printed(), "[]");
    }
}
