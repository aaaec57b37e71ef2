//! Go's `fmt`, as far as functions use it.

use crate::function::Failure;
use crate::text::Text;
use crate::value::Value;

/// `fmt.Sprintf("%v", value)`.
pub(super) fn plain(value: &Value) -> Result<Text, Failure> {
    crate::print::with_verb(value, 'v')
}

/// `fmt.Sprintf("%q", text)`.
pub(super) fn quoted(text: &Text) -> Text {
    crate::quote::quote(text.as_bytes()).into()
}
