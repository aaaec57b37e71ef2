//! A parsed template, ready to be executed.

use crate::error::Error;
use crate::exec::Exec;
use crate::options::{MissingKey, Options};
use crate::parse::{Trees, parse};
use crate::slot::Slot;
use crate::text::Text;
use crate::value::Value;

/// The name that Argo CD gives its templates; error texts show it.
pub const ARGO_CD_NAME: &str = "base";

/// A parsed template. It can be executed any number of times, also by several threads.
#[derive(Debug)]
pub struct Template {
    name: Box<str>,
    text: Box<str>,
    trees: Trees,
}

impl Template {
    /// Parses `text` as Argo CD does. Errors: Go's text, with the line.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::parse_named(ARGO_CD_NAME, text)
    }

    pub fn parse_named(name: &str, text: &str) -> Result<Self, Error> {
        Ok(Self { name: name.into(), text: text.into(), trees: parse(name, text)? })
    }

    /// What it prints for `data`. Text that is not UTF-8 has U+FFFD for each wrong byte, as it has in the JSON of an
    /// Application. Functions may change the maps of `data`, as in Go.
    pub fn execute(&self, data: &Value, missing_key: MissingKey) -> Result<String, Error> {
        let bytes = self.execute_bytes(data, Options { missing_key })?;
        Ok(String::from_utf8(bytes).unwrap_or_else(|error| crate::text::lossy(error.as_bytes())))
    }

    pub fn execute_bytes(&self, data: &Value, options: Options) -> Result<Vec<u8>, Error> {
        let name = Text::from(&*self.name);
        let Some(root) = self.trees.get(&name) else { return Ok(Vec::new()) };
        let mut exec = Exec::new(&self.trees, &self.text, &self.name, options, data);
        exec.list(&Slot::plain(data.clone()), root).map_err(|error| *error)?;
        Ok(exec.out)
    }
}

/// Is there nothing to execute? Then the text is its own result, and need not be parsed.
pub fn is_plain(text: &str) -> bool {
    !text.contains("{{")
}

/// Parses and executes `text`, or returns it as it is.
pub fn render(text: &str, data: &Value, missing_key: MissingKey) -> Result<String, Error> {
    if is_plain(text) {
        return Ok(text.to_owned());
    }
    Template::parse(text)?.execute(data, missing_key)
}
