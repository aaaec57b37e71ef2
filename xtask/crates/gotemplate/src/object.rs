//! Values with methods: `time.Time`, `time.Duration`, `*semver.Version` and what else functions return.

use std::any::Any;

use crate::function::{Failure, Type};
use crate::value::{Kind, Value};

/// A value of a named Go type. Implemented beside the functions that make such values.
pub trait Object: Any + Send + Sync + std::fmt::Debug {
    /// As `%T` prints it: `time.Time`.
    fn type_name(&self) -> &'static str;

    /// `Struct`, `Pointer`, or the integer kind below a named number (`time.Duration` is an `Int64`).
    fn kind(&self) -> Kind;

    /// The number, if `kind` is an integer kind.
    fn integer(&self) -> Option<i64> {
        None
    }

    /// What `String()` or `Error()` returns, if there is such a method: how it is printed.
    fn text(&self) -> Option<String>;

    /// The fields of a struct in their order, printed where `text` is `None` and read by `.Name`.
    fn fields(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    fn method(&self, _name: &str) -> Option<Method> {
        None
    }

    /// Go's `==` for another object of the same type.
    fn equal(&self, other: &dyn Object) -> bool;

    /// As `encoding/json` writes it.
    fn json(&self) -> Result<serde_json::Value, Failure>;
}

/// A method that a template can call: `.Format "2006"`.
#[derive(Clone, Copy)]
pub struct Method {
    pub params: &'static [Type],
    pub variadic: Option<Type>,
    pub call: fn(&dyn Object, &[Value]) -> Result<Value, Failure>,
}

impl dyn Object {
    pub fn downcast<T: Object>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }
}
