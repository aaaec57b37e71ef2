//! What differs between the Applications of two revisions: desired state against desired state, never against a cluster.
//!
//! Pure: two lists in, one [`Change`] out. Objects are known by cluster, group, kind, namespace and name, so that an object which
//! another Application takes over is seen to move, and one that gets another name is removed and added.

mod change;
mod fate;
mod fields;
mod key;
mod lines;
mod lists;
mod reach;

use serde_json::Value;

use crate::model::{Application, Object, Place};

pub use change::{Change, Delta, Pair};
pub use fate::{Fate, cascades, is_hook, option};
pub use fields::{Field, Noise};
pub use key::{Key, key};
pub use lines::lines;
pub use reach::{Reach, reach};

/// What an Application deploys at one revision.
#[derive(Debug)]
pub enum Rendered {
    /// Not rendered: everything it is made of is the same at the other revision.
    Same,
    Objects(Vec<Object>),
    Failed(Failure),
}

/// Why an Application cannot be rendered.
#[derive(Clone, Debug)]
pub struct Failure {
    /// On one line.
    pub what: String,
    /// What helps, if it is known.
    pub help: Option<String>,
}

/// An Application at one revision.
#[derive(Debug)]
pub struct Deployed {
    pub application: Application,
    pub rendered: Rendered,
}

/// An ApplicationSet or a file that gives no Applications because of an error: Argo CD keeps those that it has.
#[derive(Clone, Debug)]
pub struct Broken {
    pub place: Place,
    /// Of the ApplicationSet; empty for a file that cannot be read.
    pub name: String,
    pub error: String,
}

/// One revision.
#[derive(Debug, Default)]
pub struct Side {
    /// In any order.
    pub applications: Vec<Deployed>,
    /// The ApplicationSets themselves, for their policies.
    pub sets: Vec<Value>,
    pub broken: Vec<Broken>,
}

impl Deployed {
    /// Its objects; none if it was not rendered.
    pub fn objects(&self) -> &[Object] {
        match &self.rendered {
            Rendered::Objects(objects) => objects,
            Rendered::Same | Rendered::Failed(_) => &[],
        }
    }

    pub fn error(&self) -> Option<&Failure> {
        match &self.rendered {
            Rendered::Failed(error) => Some(error),
            Rendered::Same | Rendered::Objects(_) => None,
        }
    }

    pub fn environment(&self) -> &str {
        self.application.environment.as_deref().unwrap_or_default()
    }

    /// The cluster that it deploys to, within its environment.
    pub fn destination(&self) -> &str {
        let text = |pointer: &str| self.application.value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
        text("/spec/destination/server").or_else(|| text("/spec/destination/name")).unwrap_or_default()
    }
}

/// The text at a JSON pointer; empty if there is none.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
