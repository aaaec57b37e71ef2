//! The second child of a matrix with the first one's parameters in its texts.
//!
//! Source: `RenderGeneratorParams` of Argo CD's `applicationset/utils`.

use serde_json::{Map, Value};

use super::{Level, Run, kinds};
use crate::params::Params;
use crate::replace::{Fault, Renderer};
use gotemplate::MissingKey;

/// Fills in every text and key of a generator, also where nobody looks at them, so that their errors are not lost.
pub fn entry(run: &Run, entry: &Value, level: Level, given: &Params) -> Result<Value, Fault> {
    let texts = Texts { run, renderer: run.renderer(given) };
    texts.entry(entry, level).map_err(|e| e.within(|| "failed to replace parameters in generator".to_string()))
}

struct Texts<'a> {
    run: &'a Run<'a>,
    renderer: Renderer<'a>,
}

impl Texts<'_> {
    fn entry(&self, entry: &Value, level: Level) -> Result<Value, Fault> {
        let mut out = Map::new();
        for (kind, spec) in kinds(entry, level) {
            let spec = match (kind, spec) {
                ("matrix" | "merge", Value::Object(spec)) => self.combined(spec, level)?,
                ("list", Value::Object(spec)) => self.list(spec)?,
                (_, Value::Object(spec)) => self.with_values(spec)?,
                (_, other) => other.clone(),
            };
            out.insert(kind.to_string(), spec);
        }
        // It is looked at as it was written, yet filled in.
        if let Some(selector) = entry.get("selector") {
            out.insert("selector".to_string(), self.deep(selector)?);
        }
        Ok(Value::Object(out))
    }

    fn list(&self, spec: &Map<String, Value>) -> Result<Value, Fault> {
        let mut out = Map::new();
        for (key, value) in spec {
            let words = || "failed to deeply replace JSON field contents".to_string();
            let value = self.deep(value).map_err(|e| if key == "elements" { e.within(words) } else { e })?;
            out.insert(key.clone(), value);
        }
        Ok(Value::Object(out))
    }

    fn combined(&self, spec: &Map<String, Value>, level: Level) -> Result<Value, Fault> {
        let mut out = Map::new();
        for (key, value) in spec {
            let value = match value {
                Value::Array(list) if key == "generators" => {
                    Value::Array(list.iter().map(|entry| self.entry(entry, level.below())).collect::<Result<_, _>>()?)
                }
                // Inside of another generator these have no template.
                _ if key == "template" => continue,
                other => self.deep(other)?,
            };
            out.insert(key.clone(), value);
        }
        Ok(Value::Object(out))
    }

    /// `values` may be meant for the generator's own parameters: a text that misses some stays as it is, whole.
    fn with_values(&self, spec: &Map<String, Value>) -> Result<Value, Fault> {
        let mut out = Map::new();
        for (key, value) in spec {
            let value = match value {
                Value::Object(values) if key == "values" => Value::Object(self.values(values)?),
                other => self.deep(other)?,
            };
            out.insert(key.clone(), value);
        }
        Ok(Value::Object(out))
    }

    fn values(&self, values: &Map<String, Value>) -> Result<Map<String, Value>, Fault> {
        let mut out = Map::new();
        for (key, value) in values {
            let value = match value {
                Value::String(text) => Value::String(match self.renderer.replace(text, MissingKey::Error) {
                    Ok(rendered) => rendered,
                    Err(Fault::Error(words)) if is_missing(&words) => text.clone(),
                    Err(e) => return Err(e.within(|| format!("failed to pre-resolve Values key {key:?}"))),
                }),
                other => other.clone(),
            };
            out.insert(key.clone(), value);
        }
        Ok(out)
    }

    /// Every text and key. A member that is null is gone afterwards.
    fn deep(&self, value: &Value) -> Result<Value, Fault> {
        Ok(match value {
            Value::String(text) => Value::String(self.text(text)?),
            Value::Array(list) => Value::Array(list.iter().map(|item| self.deep(item)).collect::<Result<_, _>>()?),
            Value::Object(map) => {
                let mut out = Map::new();
                for (key, value) in map.iter().filter(|(_, value)| !value.is_null()) {
                    out.insert(self.text(key)?, self.deep(value)?);
                }
                Value::Object(out)
            }
            other => other.clone(),
        })
    }

    fn text(&self, text: &str) -> Result<String, Fault> {
        self.renderer.replace(text, self.run.missing)
    }
}

/// As Argo CD tells it, by the words.
fn is_missing(words: &str) -> bool {
    words.contains("map has no entry for key") || words.contains("can't evaluate field")
}
