//! Layers of values, and how Helm lays them over one another.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use documents::Positions;
use serde_json::Value;

use super::chart::Place;

/// The places in one text, worked out when they are first asked for; copies share them.
#[derive(Clone, Debug, Default)]
pub struct Places(Arc<OnceLock<Positions>>);

impl Places {
    pub fn of(&self, text: &str) -> &Positions {
        self.0.get_or_init(|| documents::positions(text))
    }
}

/// Values that are laid over a chart's own: a file, or what an Application has inline.
#[derive(Clone, Debug)]
pub struct Layer {
    /// From the root of the repository: the file that it is written in.
    pub path: PathBuf,
    /// The whole text of that file, for places; empty if they are not known.
    pub text: Arc<str>,
    /// Where in the file the values are, as a JSON pointer: empty for a file of values.
    pub below: String,
    /// Which document of the file, of those that are not empty.
    pub document: usize,
    pub value: Value,
    pub places: Places,
}

impl Layer {
    pub fn file(path: impl Into<PathBuf>, text: &str, value: Value) -> Self {
        Layer { path: path.into(), text: text.into(), below: String::new(), document: 0, value, places: Places::default() }
    }

    pub fn positions(&self) -> &Positions {
        self.places.of(&self.text)
    }

    /// Where a key of it is written, or what is nearest above it.
    pub fn place(&self, positions: &Positions, pointer: &str) -> Place {
        let found = positions.nearest(self.document, &format!("{}{pointer}", self.below));
        let mark = found.map(|position| position.key.unwrap_or(position.value));
        Place { path: self.path.clone(), line: mark.map_or(1, |mark| mark.line), column: mark.map(|mark| mark.column) }
    }
}

/// One deployment of a chart: the layers over its defaults, the weakest first.
#[derive(Clone, Debug, Default)]
pub struct Deployment {
    pub application: String,
    pub environment: Option<String>,
    pub layers: Vec<Layer>,
}

impl Deployment {
    /// The layers as one, before the chart's own values: null is kept, because it deletes a default.
    pub fn values(&self) -> Value {
        let mut values = Value::Object(serde_json::Map::new());
        for layer in &self.layers {
            overlay(&mut values, &layer.value);
        }
        values
    }
}

/// Lays `over` onto `values`: maps are merged, anything else is replaced. As Helm does with several files.
pub fn overlay(values: &mut Value, over: &Value) {
    match (values, over) {
        (Value::Object(values), Value::Object(over)) => {
            for (key, value) in over {
                match values.get_mut(key) {
                    Some(known) if known.is_object() && value.is_object() => overlay(known, value),
                    _ => drop(values.insert(key.clone(), value.clone())),
                }
            }
        }
        (_, Value::Null) => {}
        (values, over) => *values = over.clone(),
    }
}

/// Fills `values` from a chart's defaults: what is there wins, null deletes. Source: helm.sh/helm/v4, `CoalesceTables`.
pub fn coalesce(values: &mut Value, defaults: &Value) {
    let (Some(values), Some(defaults)) = (values.as_object_mut(), defaults.as_object()) else { return };
    for (key, default) in defaults {
        match values.get_mut(key) {
            None if default.is_null() => {}
            None => {
                let mut copy = default.clone();
                without_nulls(&mut copy);
                values.insert(key.clone(), copy);
            }
            Some(Value::Null) => drop(values.remove(key)),
            Some(known) => coalesce(known, default),
        }
    }
}

fn without_nulls(value: &mut Value) {
    if let Some(map) = value.as_object_mut() {
        map.retain(|_, value| !value.is_null());
        map.values_mut().for_each(without_nulls);
    }
}

/// A JSON pointer of keys.
pub fn pointer<T: AsRef<str>>(keys: &[T]) -> String {
    keys.iter().fold(String::new(), |pointer, key| pointer + "/" + &key.as_ref().replace('~', "~0").replace('/', "~1"))
}

/// The keys of a JSON pointer.
pub fn keys(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~")).collect()
}
