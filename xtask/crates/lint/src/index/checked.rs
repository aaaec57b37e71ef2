//! Every object beside the schema of its kind.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Index, Obj};
use crate::schemas::{Said, Schemas, Store, Unknown, said};

/// An object with what its schema says of it.
#[derive(Debug)]
pub struct Checked<'a> {
    pub object: Obj<'a>,
    pub said: Vec<Said>,
    pub unknown: Option<Unknown>,
}

/// The schemas of the pinned kinds and of the definitions that the tree itself has. `None` where the pinned ones are not at hand.
pub fn schemas<'a>(index: &Index<'a>) -> Option<Schemas<'a>> {
    let store = Store::read(index.input.schemas.clone())?;
    let rendered =
        index.scopes.iter().flat_map(|scope| scope.all("apiextensions.k8s.io", "CustomResourceDefinition")).map(|object| object.value);
    let files = index.input.files.iter().filter(|(path, file)| super::is_definition(path, file));
    let written = files.flat_map(|(_, file)| file.documents().unwrap_or_default()).map(|document| &document.value);
    // One definition is rendered in every environment.
    let mut names = BTreeSet::new();
    let name = |value: &Value| value.pointer("/metadata/name").and_then(Value::as_str).map(str::to_string);
    let all: Vec<&Value> = rendered.chain(written).filter(|value| name(value).is_some_and(|name| names.insert(name))).collect();
    Some(Schemas::of(store, all))
}

/// Looks at every object of every cluster.
pub fn of<'a>(index: &Index<'a>, schemas: &Schemas<'a>) -> Vec<Checked<'a>> {
    let one = |object: &Obj<'a>| {
        let (said, unknown) = said(schemas, object.value);
        Checked { object: *object, said, unknown }
    };
    index.scopes.iter().flat_map(|scope| &scope.objects).map(one).collect()
}
