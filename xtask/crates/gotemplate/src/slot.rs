//! Go's `reflect.Value` as a template sees it: a value, and whether it is still wrapped in an `interface{}`.

use crate::collections::Element;
use crate::value::Value;

/// Items of `[]interface{}` and `map[string]interface{}` are wrapped until a pipeline ends; error texts and nil tell the
/// difference: an unwrapped nil is no value at all.
#[derive(Clone, Debug, Default)]
pub struct Slot {
    pub value: Value,
    pub wrapped: bool,
}

impl Slot {
    /// No value: what a missing key gives.
    pub fn invalid() -> Self {
        Self::default()
    }

    pub fn plain(value: Value) -> Self {
        Self { value, wrapped: false }
    }

    /// An item of a collection of `element`.
    pub fn item(value: Value, element: Element) -> Self {
        Self { value, wrapped: element == Element::Any }
    }

    pub fn is_valid(&self) -> bool {
        self.wrapped || !self.value.is_nil()
    }

    /// A wrapped nil.
    pub fn is_nil_interface(&self) -> bool {
        self.wrapped && self.value.is_nil()
    }

    /// The static type, as error texts have it.
    pub fn type_name(&self) -> &'static str {
        if self.wrapped { "interface {}" } else { self.value.type_name() }
    }
}
