//! JSON by serde_json, compiled here because it is fast here: the functions are not generic.

use serde_json::Value;

use crate::Error;

/// Reads one value.
pub fn parse(bytes: &[u8]) -> Result<Value, Error> {
    serde_json::from_slice(bytes).map_err(|e| {
        let words = e.to_string();
        let message = words.split(" at line ").next().unwrap_or_default().to_string();
        Error { line: e.line(), column: e.column(), message, path: String::new() }
    })
}

/// One line.
pub fn print(value: &Value) -> String {
    value.to_string()
}

/// Indented by two spaces, with a line break at the end.
pub fn print_indented(value: &Value) -> String {
    format!("{value:#}\n")
}
