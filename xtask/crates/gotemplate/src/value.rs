//! What templates work on: Go's dynamic values, as far as an ApplicationSet can come by them.

use std::sync::Arc;

use crate::collections::{Element, Map, Slice};
use crate::function::Failure;
use crate::object::Object;
use crate::text::Text;

/// A value as Go's `interface{}` holds it. Collections are references: a clone is the same map.
#[derive(Clone, Debug, Default)]
pub enum Value {
    #[default]
    Nil,
    Bool(bool),
    Int(i64),
    Int8(i8),
    Int16(i16),
    Int32(i32),
    Int64(i64),
    Uint(u64),
    Uint8(u8),
    Uint16(u16),
    Uint32(u32),
    Uint64(u64),
    Float32(f32),
    Float64(f64),
    Complex128(f64, f64),
    String(Text),
    /// `[]interface{}`, `[]string`, `[]int`, `[]uint8`, `[][]interface{}`.
    Slice(Slice),
    /// `map[string]interface{}`, `map[string]string`.
    Map(Map),
    /// `time.Time`, `time.Duration`, `*semver.Version` …
    Object(Arc<dyn Object>),
}

/// Go's `reflect.Kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Invalid,
    Bool,
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Float32,
    Float64,
    Complex128,
    Interface,
    Map,
    Pointer,
    Slice,
    String,
    Struct,
}

impl Kind {
    /// As `kindOf` gives it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Uint => "uint",
            Self::Uint8 => "uint8",
            Self::Uint16 => "uint16",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
            Self::Float32 => "float32",
            Self::Float64 => "float64",
            Self::Complex128 => "complex128",
            Self::Interface => "interface",
            Self::Map => "map",
            Self::Pointer => "ptr",
            Self::Slice => "slice",
            Self::String => "string",
            Self::Struct => "struct",
        }
    }
}

/// Deeper values are answered with an error: Go would fill a gigabyte of stack.
pub const MAX_DEPTH: usize = 1_000;
/// As many may be copied; a value that is held twice on each of forty levels is small in memory.
const MAX_VALUES: usize = 2_000_000;

impl Value {
    /// `[]interface{}`
    pub fn list(items: Vec<Self>) -> Self {
        Self::Slice(Slice::new(Element::Any, items))
    }

    /// `[]string`
    pub fn strings<T: Into<Text>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::Slice(Slice::new(Element::String, items.into_iter().map(|item| Self::String(item.into())).collect()))
    }

    /// `map[string]interface{}`
    pub fn map<K: Into<Text>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Map(Map::new(Element::Any, entries.into_iter().map(|(key, value)| (key.into(), value))))
    }

    /// `map[string]string`, as labels and annotations of clusters are.
    pub fn string_map<K: Into<Text>, V: Into<Text>>(entries: impl IntoIterator<Item = (K, V)>) -> Self {
        Self::Map(Map::new(Element::String, entries.into_iter().map(|(key, value)| (key.into(), Self::String(value.into())))))
    }

    pub fn object(object: impl Object) -> Self {
        Self::Object(Arc::new(object))
    }

    pub fn kind(&self) -> Kind {
        match self {
            Self::Nil => Kind::Invalid,
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) => Kind::Int,
            Self::Int8(_) => Kind::Int8,
            Self::Int16(_) => Kind::Int16,
            Self::Int32(_) => Kind::Int32,
            Self::Int64(_) => Kind::Int64,
            Self::Uint(_) => Kind::Uint,
            Self::Uint8(_) => Kind::Uint8,
            Self::Uint16(_) => Kind::Uint16,
            Self::Uint32(_) => Kind::Uint32,
            Self::Uint64(_) => Kind::Uint64,
            Self::Float32(_) => Kind::Float32,
            Self::Float64(_) => Kind::Float64,
            Self::Complex128(..) => Kind::Complex128,
            Self::String(_) => Kind::String,
            Self::Slice(_) => Kind::Slice,
            Self::Map(_) => Kind::Map,
            Self::Object(object) => object.kind(),
        }
    }

    /// As `%T` prints it; `<nil>` for nil.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Nil => "<nil>",
            Self::Slice(slice) => match slice.element() {
                Element::Any => "[]interface {}",
                Element::String => "[]string",
                Element::Int => "[]int",
                Element::Byte => "[]uint8",
                Element::List => "[][]interface {}",
            },
            Self::Map(map) => match map.element() {
                Element::Any => "map[string]interface {}",
                Element::String => "map[string]string",
                Element::Int => "map[string]int",
                Element::Byte => "map[string]uint8",
                Element::List => "map[string][]interface {}",
            },
            Self::Object(object) => object.type_name(),
            other => other.kind().name(),
        }
    }

    pub fn is_nil(&self) -> bool {
        matches!(self, Self::Nil)
    }

    pub fn is_collection(&self) -> bool {
        matches!(self, Self::Slice(_) | Self::Map(_))
    }

    /// The number of a signed integer kind, named ones too.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(n) | Self::Int64(n) => Some(*n),
            Self::Int8(n) => Some((*n).into()),
            Self::Int16(n) => Some((*n).into()),
            Self::Int32(n) => Some((*n).into()),
            Self::Object(object) => object.integer(),
            _ => None,
        }
    }

    /// The number of an unsigned integer kind.
    pub fn as_uint(&self) -> Option<u64> {
        match self {
            Self::Uint(n) | Self::Uint64(n) => Some(*n),
            Self::Uint8(n) => Some((*n).into()),
            Self::Uint16(n) => Some((*n).into()),
            Self::Uint32(n) => Some((*n).into()),
            _ => None,
        }
    }

    pub fn as_float(&self) -> Option<f64> {
        match self {
            Self::Float64(n) => Some(*n),
            Self::Float32(n) => Some((*n).into()),
            _ => None,
        }
    }

    pub fn as_text(&self) -> Option<&Text> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Go's truth, as `if` has it: not the zero of its type, not empty. A struct is always true.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(value) => *value,
            Self::String(text) => !text.is_empty(),
            Self::Slice(slice) => !slice.is_empty(),
            Self::Map(map) => !map.is_empty(),
            Self::Float32(n) => *n != 0.0,
            Self::Float64(n) => *n != 0.0,
            Self::Complex128(re, im) => *re != 0.0 || *im != 0.0,
            Self::Object(object) => object.integer().is_none_or(|n| n != 0),
            other => other.as_int() != Some(0) && other.as_uint() != Some(0),
        }
    }

    /// Maps and slices copied all the way down. Errors: a value deeper than [`MAX_DEPTH`], as one that holds itself is.
    pub fn deep_copy(&self) -> Result<Self, Failure> {
        self.copy_within(MAX_DEPTH, &mut 0)
    }

    fn copy_within(&self, depth: usize, seen: &mut usize) -> Result<Self, Failure> {
        let below = visit(depth, seen)?;
        Ok(match self {
            Self::Slice(slice) if !slice.is_nil() => {
                let items = slice.items().iter().map(|item| item.copy_within(below, seen)).collect::<Result<_, _>>()?;
                Self::Slice(Slice::new(slice.element(), items))
            }
            Self::Map(map) if !map.is_nil() => {
                let entries = map.entries().into_iter().map(|(key, value)| Ok((key, value.copy_within(below, seen)?)));
                Self::Map(Map::new(map.element(), entries.collect::<Result<Vec<_>, Failure>>()?))
            }
            other => other.clone(),
        })
    }

    /// As `encoding/json` has it: a float without a fraction is written without one, nil collections are null, text that is
    /// not UTF-8 gets U+FFFD. Errors: what JSON cannot say (NaN, complex numbers), in Go's words; too deep.
    pub fn to_json(&self) -> Result<serde_json::Value, Failure> {
        self.json_within(MAX_DEPTH, &mut 0)
    }

    fn json_within(&self, depth: usize, seen: &mut usize) -> Result<serde_json::Value, Failure> {
        use serde_json::Value as Json;
        let below = visit(depth, seen)?;
        Ok(match self {
            Self::Nil => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::String(text) => Json::String(text.lossy().into_owned()),
            Self::Float32(n) => float_to_json((*n).into())?,
            Self::Float64(n) => float_to_json(*n)?,
            Self::Complex128(..) => return Err(Failure::error("json: unsupported type: complex128")),
            Self::Slice(slice) if slice.is_nil() => Json::Null,
            Self::Slice(slice) if slice.element() == Element::Byte => {
                use base64::Engine;
                let bytes: Vec<u8> = slice.items().iter().filter_map(|item| item.as_uint()?.try_into().ok()).collect();
                Json::String(base64::engine::general_purpose::STANDARD.encode(bytes))
            }
            Self::Slice(slice) => slice.items().iter().map(|item| item.json_within(below, seen)).collect::<Result<Vec<_>, _>>()?.into(),
            Self::Map(map) if map.is_nil() => Json::Null,
            Self::Map(map) => {
                let entries = map.entries().into_iter().map(|(key, value)| Ok((key.lossy().into_owned(), value.json_within(below, seen)?)));
                Json::Object(entries.collect::<Result<_, Failure>>()?)
            }
            Self::Object(object) => object.json()?,
            other => match (other.as_int(), other.as_uint()) {
                (Some(n), _) => n.into(),
                (None, Some(n)) => n.into(),
                (None, None) => Json::Null,
            },
        })
    }
}

fn float_to_json(n: f64) -> Result<serde_json::Value, Failure> {
    // Up to 2^53 every whole float is that integer, and Go's JSON writes it as one.
    if n.fract() == 0.0 && n.abs() < 9_007_199_254_740_992.0 && !(n == 0.0 && n.is_sign_negative()) {
        return Ok((n as i64).into());
    }
    let number = serde_json::Number::from_f64(n);
    number.map(Into::into).ok_or_else(|| {
        let text = if n.is_nan() {
            "NaN"
        } else if n > 0.0 {
            "+Inf"
        } else {
            "-Inf"
        };
        Failure::Error(format!("json: unsupported value: {text}"))
    })
}

/// Counts a value that is visited; how many levels may follow below it.
fn visit(depth: usize, seen: &mut usize) -> Result<usize, Failure> {
    *seen += 1;
    if *seen > MAX_VALUES {
        return Err(Failure::Unverifiable(format!("a value of more than {MAX_VALUES} values, counted as often as they are held")));
    }
    depth.checked_sub(1).ok_or_else(|| Failure::Unverifiable(format!("a value nested more than {MAX_DEPTH} deep, or within itself")))
}

/// As `encoding/json` decodes into `interface{}`: every number is a float64.
impl From<&serde_json::Value> for Value {
    fn from(json: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::Nil,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => Self::Float64(number.as_f64().unwrap_or(f64::NAN)),
            Json::String(text) => Self::from(text.as_str()),
            Json::Array(items) => Self::list(items.iter().map(Self::from).collect()),
            Json::Object(entries) => Self::map(entries.iter().map(|(key, value)| (key.as_str(), Self::from(value)))),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float64(value)
    }
}
