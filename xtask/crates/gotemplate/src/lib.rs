//! Go text/template with the functions of an ApplicationSet.

pub mod collections;
pub mod function;
mod functions;
pub mod object;
pub mod text;
pub mod value;

pub use collections::{Element, Map, Slice};
pub use function::{Failure, Function, Type};
pub use object::{Method, Object};
pub use text::Text;
pub use value::{Kind, Value};
