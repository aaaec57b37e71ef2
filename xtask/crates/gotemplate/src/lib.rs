//! Go text/template with the functions of an ApplicationSet.

mod builtins;
mod call;
pub mod collections;
mod compare;
mod error;
mod escape;
mod eval;
mod exec;
mod format;
pub mod function;
mod functions;
mod lex;
mod node;
pub mod number;
pub mod object;
mod options;
mod parse;
mod pipeline;
pub mod print;
pub mod printf;
pub mod quote;
mod slot;
pub mod syntax;
mod template;
pub mod text;
mod unicode;
pub mod value;

pub use collections::{Element, Map, Slice};
pub use error::{Error, ErrorKind};
pub use function::{Failure, Function, Type};
pub use functions::Pattern;
pub use object::{Method, Object};
pub use options::{MissingKey, Options};
pub use template::{ARGO_CD_NAME, Template, is_plain, render};
pub use text::Text;
pub use value::{Kind, Value};
