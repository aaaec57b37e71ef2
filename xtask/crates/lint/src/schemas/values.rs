//! Single values: do they fit, and how a message shows them.

use serde_json::Value;

use super::formats;
use super::schema::{Bounds, ListType, Schema, Type};

/// As JSON has it: 1 and 1.0 are one number.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    a == b || a.as_f64().is_some_and(|a| b.as_f64() == Some(a))
}

/// Entries that were there before, with the place of the first one, for what has a text.
pub(super) fn doubles(keys: &[Value]) -> Vec<(usize, usize)> {
    let mut seen = std::collections::HashMap::new();
    let mut found = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        match seen.entry(key.to_string()) {
            std::collections::hash_map::Entry::Occupied(first) => found.push((at, *first.get())),
            std::collections::hash_map::Entry::Vacant(slot) => drop(slot.insert(at)),
        }
    }
    found
}

pub(super) fn doubled(entry: &Value, list: &ListType) -> String {
    match list {
        ListType::Map(names) => {
            let parts: Vec<String> = names.iter().filter_map(|name| entry.get(name).map(|value| format!("{name} {value}"))).collect();
            parts.join(", ")
        }
        _ => entry.to_string(),
    }
}

pub(super) fn fits(value: &Value, schema: &Schema) -> bool {
    if schema.int_or_string {
        return value.is_string() || is_integer(value);
    }
    if schema.format == "quantity" {
        return value.is_string() || value.is_number();
    }
    match schema.kind {
        Type::Any => true,
        Type::Object => value.is_object(),
        Type::Array => value.is_array(),
        Type::String => value.is_string(),
        Type::Boolean => value.is_boolean(),
        Type::Number => value.is_number(),
        Type::Integer => is_integer(value),
    }
}

pub(super) fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|n| n.fract() == 0.0 && n.abs() < 1e15)
}

pub(super) fn article(schema: &Schema) -> String {
    if schema.int_or_string {
        return "a whole number or a string".into();
    }
    match schema.kind {
        Type::Array => "a list".into(),
        Type::Object if schema.additional.is_some() => "a map".into(),
        Type::Object => "an object".into(),
        Type::Integer => "a whole number".into(),
        Type::Any if schema.format == "quantity" => "a quantity".into(),
        kind => format!("a {}", kind.name()),
    }
}

/// A value in a message: short ones as they are.
pub(super) fn described(value: &Value) -> String {
    match value {
        Value::String(text) if text.chars().count() <= 60 => format!("the string \"{text}\""),
        Value::String(_) => "a string".into(),
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
        Value::Null => "null".into(),
        Value::Number(_) => format!("the number {value}"),
        Value::Bool(_) => format!("the boolean {value}"),
    }
}

/// A value that nobody may see.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a string",
        Value::Number(_) => "a number",
        Value::Bool(_) => "a boolean",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
        Value::Null => "null",
    }
}

pub(super) fn out_of_bounds(number: f64, bounds: &Bounds) -> Option<String> {
    if let Some(least) = bounds.minimum {
        if bounds.exclusive_minimum && number <= least {
            return Some(format!("more than {least}"));
        }
        if number < least {
            return Some(format!("at least {least}"));
        }
    }
    if let Some(most) = bounds.maximum {
        if bounds.exclusive_maximum && number >= most {
            return Some(format!("less than {most}"));
        }
        if number > most {
            return Some(format!("at most {most}"));
        }
    }
    bounds.multiple_of.filter(|of| *of > 0.0 && (number / of).fract() != 0.0).map(|of| format!("a multiple of {of}"))
}

/// Formats of which a wrong text is sure to be refused. Others that the API server knows (e-mail, host names, ISBN) are looser in
/// Go than their names say, and pass.
pub(super) fn wrong_format(text: &str, schema: &Schema, core: bool) -> Option<&'static str> {
    if schema.format.is_empty() {
        return None;
    }
    let given = !text.is_empty();
    let (good, why) = match (schema.format.as_str(), schema.kind) {
        ("quantity", _) => (gitops::quantity::parse(text).is_some(), "no quantity, such as `250m` or `512Mi`"),
        ("date-time", _) => (formats::is_date_time(text), "no RFC 3339 time, such as `2006-01-02T15:04:05Z`"),
        ("byte", _) => (formats::is_base64(text), "no base64"),
        ("date", _) if !core => (formats::is_date(text), "no date, such as `2006-01-02`"),
        ("ipv4", _) if !core => (formats::is_ipv4(text), "no IPv4 address"),
        ("ipv6", _) if !core => (formats::is_ip(text) && !formats::is_ipv4(text), "no IPv6 address"),
        ("duration", _) if !core => (formats::is_loose_duration(text), "no duration, such as `30s`"),
        ("cidr", _) if !core => (formats::is_cidr(text), "no CIDR, such as `10.0.0.0/8`"),
        _ => (true, ""),
    };
    (!good && (given || schema.format != "date-time")).then_some(why)
}
