//! The seam to Go's `fmt`.

use crate::text::Text;
use crate::value::Value;

/// `fmt.Sprintf("%v", value)`.
pub(super) fn plain(value: &Value) -> Text {
    let _ = value;
    Text::from("")
}

/// `fmt.Sprintf("%q", text)`.
pub(super) fn quoted(text: &Text) -> Text {
    text.clone()
}
