//! What a function of a template is, and how it fails.

use crate::value::{Kind, Value};

/// A function that templates can call. `call` gets arguments that the executor has already checked against `params` and
/// `variadic`, so each is of its type (a nil map for an untyped nil where a map is wanted); for `Any` it may be `Nil`.
#[derive(Clone, Copy)]
pub struct Function {
    pub name: &'static str,
    pub params: &'static [Type],
    pub variadic: Option<Type>,
    pub call: fn(&[Value]) -> Result<Value, Failure>,
}

/// Types of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `interface{}`
    Any,
    /// `reflect.Value`, which the built-in functions take; no function of a library does.
    Reflect,
    Bool,
    Int,
    Int64,
    Uint32,
    Uint64,
    Float64,
    String,
    /// `map[string]interface{}`
    Map,
    /// `[]interface{}`
    List,
    /// `[]string`
    Strings,
    /// A named type such as `time.Time`, of an [`crate::object::Object`] with this `type_name`.
    Object(&'static str),
    /// A pointer or interface of a named type, for which nil is allowed.
    Pointer(&'static str),
}

impl Type {
    /// As Go's error texts have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::Reflect => "reflect.Value",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Int64 => "int64",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
            Self::Float64 => "float64",
            Self::String => "string",
            Self::Map => "map[string]interface {}",
            Self::List => "[]interface {}",
            Self::Strings => "[]string",
            Self::Object(name) | Self::Pointer(name) => name,
        }
    }

    pub fn kind(self) -> Kind {
        match self {
            Self::Any => Kind::Interface,
            Self::Object("time.Duration") => Kind::Int64,
            Self::Object("time.Month" | "time.Weekday") => Kind::Int,
            Self::Reflect | Self::Object(_) => Kind::Struct,
            Self::Bool => Kind::Bool,
            Self::Int => Kind::Int,
            Self::Int64 => Kind::Int64,
            Self::Uint32 => Kind::Uint32,
            Self::Uint64 => Kind::Uint64,
            Self::Float64 => Kind::Float64,
            Self::String => Kind::String,
            Self::Map => Kind::Map,
            Self::List | Self::Strings => Kind::Slice,
            Self::Pointer(_) => Kind::Pointer,
        }
    }
}

/// Why a function gave no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The function's error, or what it panicked with: the text in Go's words.
    Error(String),
    /// Go would give something that cannot be known here: the time, a random number, an order of map keys. The reason.
    Unverifiable(String),
}

impl Failure {
    pub fn error(text: impl Into<String>) -> Self {
        Self::Error(text.into())
    }

    pub fn unverifiable(reason: impl Into<String>) -> Self {
        Self::Unverifiable(reason.into())
    }
}
