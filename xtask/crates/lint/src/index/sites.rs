//! Where to edit: the place in the tree behind a field of a rendered object.

use super::object::{Obj, text};
use std::path::Path;

use gitops::model::Place;

use super::sources::What;
use super::{Deployed, Index, sources};
use crate::charts::Deployment;

/// A place in a file of the tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// From the root, with `/` between the parts.
    pub path: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters; the whole line where it is not known.
    pub column: Option<usize>,
}

impl Site {
    /// The first line of a file.
    pub fn file(path: impl Into<String>) -> Self {
        Site { path: path.into(), line: 1, column: None }
    }
}

impl Index<'_> {
    /// The place behind a field of an object; that of what is around it where the field itself has none.
    pub fn site(&self, object: &Obj<'_>, pointer: &str) -> Site {
        let found = self.written(object, pointer).or_else(|| self.of_chart(object, pointer));
        found.unwrap_or_else(|| Site::file(object.source))
    }

    /// For what a chart renders: the value that supplied the field if only one can be it, else the line of the template.
    fn of_chart(&self, object: &Obj<'_>, pointer: &str) -> Option<Site> {
        let charts = self.sources.iter().filter(|source| source.what == What::Helm && std::ptr::eq(source.deployed, object.deployed));
        charts.into_iter().find_map(|source| {
            let chart = sources::normal("", source.path)?;
            let (subject, origins) = self.origins(Path::new(&chart))?;
            let printed = origins.printed(Path::new(object.source), object.value, pointer)?;
            let application = &object.deployed.application;
            let is_it =
                |deployment: &Deployment| deployment.application == application.name() && deployment.environment == application.environment;
            let deployment = subject.deployments.iter().position(is_it);
            let value = object.at(pointer).filter(|_| deployment.is_some());
            let supplied = value.and_then(|value| origins.supplied(deployment, &printed, value));
            let place = supplied.map_or(printed.place, |supplied| supplied.place);
            Some(Site { path: place.path.to_string_lossy().into_owned(), line: place.line, column: place.column })
        })
    }

    /// In a file that holds the object as it is.
    fn written(&self, object: &Obj<'_>, pointer: &str) -> Option<Site> {
        let file = self.input.files.get(object.source)?;
        let documents = file.documents().ok()?;
        let is_it = |value: &serde_json::Value| {
            let metadata = value.get("metadata").unwrap_or(&serde_json::Value::Null);
            let namespace = text(metadata, "namespace");
            text(value, "kind") == object.kind
                && text(metadata, "name") == object.name
                && (namespace.is_empty() || namespace == object.namespace)
        };
        // Of several with one name it is the one that says the same.
        let same = documents.iter().position(|document| document.value == *object.value);
        let at = same.or_else(|| documents.iter().position(|document| is_it(&document.value)))?;
        self.in_document(object.source, at, pointer)
    }

    /// The place behind a field of an Application: in its own document, or in the template that generates it.
    pub fn site_of(&self, deployed: &Deployed, pointer: &str) -> Site {
        let place = &deployed.application.place;
        let written = sources::written(self.input, deployed, pointer);
        let site = written.and_then(|(path, document, pointer)| self.in_document(&path, document, &pointer));
        site.unwrap_or_else(|| Site { path: place.file.to_string_lossy().into_owned(), line: place.line, column: None })
    }

    /// The place of a field of the document that begins at a place.
    pub fn site_of_document(&self, place: &Place, pointer: &str) -> Site {
        let path = place.file.to_string_lossy().into_owned();
        let documents = self.input.files.get(&path).and_then(|file| file.documents().ok()).unwrap_or_default();
        let at = documents.iter().rposition(|document| document.line <= place.line);
        let site = at.and_then(|at| self.in_document(&path, at, pointer));
        site.unwrap_or(Site { path, line: place.line, column: None })
    }

    /// The place of a field of a document of a file, or of what is around it.
    pub fn in_document(&self, path: &str, document: usize, pointer: &str) -> Option<Site> {
        let position = self.input.files.get(path)?.positions().nearest(document, pointer)?;
        // What begins on a line of its own is found by its key.
        let mark = position.key.filter(|key| key.line != position.value.line).unwrap_or(position.value);
        Some(Site { path: path.to_string(), line: mark.line, column: Some(mark.column) })
    }

    /// The place of a key of a document of a file.
    pub fn key_in_document(&self, path: &str, document: usize, pointer: &str) -> Option<Site> {
        let position = self.input.files.get(path)?.positions().nearest(document, pointer)?;
        let mark = position.key.unwrap_or(position.value);
        Some(Site { path: path.to_string(), line: mark.line, column: Some(mark.column) })
    }
}
