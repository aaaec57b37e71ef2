//! One node of a compiled schema: what a value at one place may be. Children are numbers of other nodes.

use std::sync::OnceLock;

use gotemplate::Pattern;
use serde_json::{Map, Value};

use super::checks::{self, Check};
use super::core_values;

/// Number of a node in its [`super::store::Store`].
pub(super) type Id = u32;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Type {
    #[default]
    Any,
    Object,
    Array,
    String,
    Integer,
    Number,
    Boolean,
}

impl Type {
    pub(super) fn name(self) -> &'static str {
        match self {
            Type::Any => "any",
            Type::Object => "object",
            Type::Array => "array",
            Type::String => "string",
            Type::Integer => "integer",
            Type::Number => "number",
            Type::Boolean => "boolean",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "object" => Type::Object,
            "array" => Type::Array,
            "string" => Type::String,
            "integer" => Type::Integer,
            "number" => Type::Number,
            "boolean" => Type::Boolean,
            _ => Type::Any,
        }
    }
}

/// What the entries of a list are to each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum ListType {
    #[default]
    Atomic,
    Set,
    /// Entries are told apart by these fields.
    Map(Vec<String>),
}

/// Numbers that bound a value. Absent: no bound.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    pub minimum: Option<f64>,
    pub maximum: Option<f64>,
    pub exclusive_minimum: bool,
    pub exclusive_maximum: bool,
    pub multiple_of: Option<f64>,
    pub min_length: Option<u64>,
    pub max_length: Option<u64>,
    pub min_items: Option<u64>,
    pub max_items: Option<u64>,
    pub min_properties: Option<u64>,
    pub max_properties: Option<u64>,
}

#[derive(Debug, Default)]
pub(super) struct Schema {
    pub kind: Type,
    /// Of a definition of Kubernetes, without the part that all have: `core.v1.Container`.
    pub name: String,
    /// What the API server checks in code.
    pub check: Option<Check>,
    /// An absent `spec` is an empty one, in which something is missing.
    pub needs_spec: bool,
    pub nullable: bool,
    pub int_or_string: bool,
    /// Fields that it does not know stay.
    pub open: bool,
    /// A whole object stands here: its apiVersion, kind and metadata are known beside the properties.
    pub embedded: bool,
    pub unique: bool,
    /// Somewhere here or below there is a default.
    pub defaults: bool,
    pub default: Option<Value>,
    pub format: String,
    pub allowed: Vec<Value>,
    pub pattern: Option<String>,
    compiled: OnceLock<Option<Pattern>>,
    pub bounds: Option<Box<Bounds>>,
    /// Sorted by name.
    pub properties: Vec<(String, Id)>,
    /// What every other field is.
    pub additional: Option<Id>,
    pub items: Option<Id>,
    pub required: Vec<String>,
    pub list: ListType,
    pub all_of: Vec<Id>,
    pub any_of: Vec<Id>,
    pub one_of: Vec<Id>,
    pub not: Option<Id>,
}

impl Schema {
    pub(super) fn property(&self, name: &str) -> Option<Id> {
        let at = self.properties.binary_search_by(|(other, _)| other.as_str().cmp(name)).ok()?;
        self.properties.get(at).map(|(_, id)| *id)
    }

    /// The pattern, ready for use. `None`: there is none, or it is one that this program cannot read.
    pub(super) fn regex(&self) -> Option<&Pattern> {
        let pattern = self.pattern.as_deref()?;
        self.compiled.get_or_init(|| Pattern::new(pattern)).as_ref()
    }

    /// Reads the form that the compiler writes. What it does not know says nothing.
    pub(super) fn decode(node: &Value) -> Self {
        let Some(map) = node.as_object() else { return Schema { open: true, ..Schema::default() } };
        let text = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
        let flag = |key: &str| map.get(key) == Some(&Value::Bool(true));
        let id = |key: &str| map.get(key).and_then(to_id);
        let ids = |key: &str| list(map, key).iter().filter_map(to_id).collect();
        let texts = |key: &str| list(map, key).iter().filter_map(|v| v.as_str().map(str::to_string)).collect::<Vec<_>>();
        let properties = map.get("properties").and_then(Value::as_object);
        let mut properties: Vec<(String, Id)> =
            properties.into_iter().flatten().filter_map(|(name, id)| Some((name.clone(), to_id(id)?))).collect();
        properties.sort();
        Schema {
            kind: Type::parse(map.get("type").and_then(Value::as_str).unwrap_or_default()),
            check: map.get("name").and_then(Value::as_str).and_then(checks::of),
            needs_spec: map.get("name").and_then(Value::as_str).is_some_and(core_values::needs_spec),
            name: text("name"),
            nullable: flag("nullable"),
            int_or_string: flag("intOrString"),
            open: flag("open"),
            embedded: flag("embedded"),
            unique: flag("uniqueItems"),
            defaults: flag("defaults"),
            default: map.get("default").cloned(),
            format: text("format"),
            allowed: list(map, "enum").to_vec(),
            pattern: map.get("pattern").and_then(Value::as_str).map(str::to_string),
            compiled: OnceLock::new(),
            bounds: bounds(map),
            properties,
            additional: id("additional"),
            items: id("items"),
            required: texts("required"),
            list: match map.get("list").and_then(Value::as_str) {
                Some("set") => ListType::Set,
                Some("map") => ListType::Map(texts("keys")),
                _ => ListType::Atomic,
            },
            all_of: ids("allOf"),
            any_of: ids("anyOf"),
            one_of: ids("oneOf"),
            not: id("not"),
        }
    }
}

fn to_id(value: &Value) -> Option<Id> {
    value.as_u64().and_then(|id| Id::try_from(id).ok())
}

fn list<'a>(map: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    map.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The names of [`Bounds`] in a schema.
pub(super) const BOUNDS: &[&str] = &[
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
];

fn bounds(map: &Map<String, Value>) -> Option<Box<Bounds>> {
    if !BOUNDS.iter().any(|name| map.contains_key(*name)) {
        return None;
    }
    let float = |key: &str| map.get(key).and_then(Value::as_f64);
    let count = |key: &str| map.get(key).and_then(Value::as_u64);
    Some(Box::new(Bounds {
        minimum: float("minimum"),
        maximum: float("maximum"),
        exclusive_minimum: map.get("exclusiveMinimum") == Some(&Value::Bool(true)),
        exclusive_maximum: map.get("exclusiveMaximum") == Some(&Value::Bool(true)),
        multiple_of: float("multipleOf"),
        min_length: count("minLength"),
        max_length: count("maxLength"),
        min_items: count("minItems"),
        max_items: count("maxItems"),
        min_properties: count("minProperties"),
        max_properties: count("maxProperties"),
    }))
}
