//! Everything about a tree that rules ask for, made in one pass: files, Applications, and the objects of every cluster with what
//! refers to what.

pub mod charts;
pub mod checked;
pub mod configuration;
pub mod failures;
pub mod files;
pub mod hosts;
pub mod input;
pub mod kinds;
pub mod mentions;
pub mod object;
pub mod profile;
pub mod projects;
pub mod routes;
pub mod scope;
pub mod services;
pub mod sites;
pub mod sources;
#[cfg(test)]
mod tests;
pub mod workloads;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use kinds::Definitions;
use projects::Project;
use sources::Source;

use checked::Checked;

use crate::charts::Subject;
use crate::charts::origin::Origins;
use crate::schemas::Schemas;

pub use input::{Deployed, Failure, Input, Plane};
pub use object::Obj;
pub use scope::{Resolved, Scope};
pub use sites::Site;

/// The index. What rules read; nothing in it changes.
pub struct Index<'a> {
    pub input: &'a Input,
    /// One for each cluster of each environment.
    pub scopes: Vec<Scope<'a>>,
    /// Definitions that lie in files of the tree, whoever applies them.
    pub definitions: Definitions<'a>,
    /// The sources of all Applications.
    pub sources: Vec<Source<'a>>,
    /// AppProjects by name; of one name there may be one for each environment.
    pub projects: BTreeMap<&'a str, Vec<Project<'a>>>,
    /// Charts that are no libraries, with what they are deployed with.
    pub subjects: &'a [Subject<'a>],
    /// Where the fields of their objects come from, for each of them.
    origins: Vec<OnceLock<Origins<'a>>>,
    /// The schemas of kinds, where they are at hand.
    pub schemas: Option<Schemas<'a>>,
    /// Every object beside the schema of its kind; empty without schemas.
    pub checked: Vec<Checked<'a>>,
}

impl<'a> Index<'a> {
    pub fn new(input: &'a Input) -> Self {
        let mut definitions = Definitions::new();
        for (_, file) in input.files.iter().filter(|(path, file)| is_definition(path, file)) {
            let values = file.documents().into_iter().flatten().map(|document| &document.value);
            definitions.extend(values.filter_map(|value| kinds::of_definition(value, None)));
        }
        let sources = input.planes.iter().flat_map(|plane| &plane.applications).flat_map(|deployed| sources::of(input, deployed)).collect();
        let scopes = input.planes.iter().flat_map(Scope::of).collect();
        let mut index = Index {
            input,
            scopes,
            definitions,
            sources,
            projects: BTreeMap::new(),
            subjects: &[],
            origins: Vec::new(),
            schemas: None,
            checked: Vec::new(),
        };
        index.projects = projects::of(&index);
        index.schemas = checked::schemas(&index);
        index.checked = index.schemas.as_ref().map(|schemas| checked::of(&index, schemas)).unwrap_or_default();
        index
    }

    /// The same, with its charts: see [`charts::subjects`].
    pub fn with<'s>(self, subjects: &'s [Subject<'s>]) -> Index<'s>
    where
        'a: 's,
    {
        // Field by field: what is worked out later lives as long as the charts do, everything else as long as the input.
        Index {
            input: self.input,
            scopes: self.scopes,
            definitions: self.definitions,
            sources: self.sources,
            projects: self.projects,
            subjects,
            origins: subjects.iter().map(|_| OnceLock::new()).collect(),
            schemas: self.schemas,
            checked: self.checked,
        }
    }

    /// Where fields of a chart's objects come from, with its number among the subjects.
    fn origins(&self, chart: &Path) -> Option<(&Subject<'a>, &Origins<'a>)> {
        let at = self.subjects.iter().position(|subject| subject.chart().is_some_and(|own| own.folder == chart))?;
        let subject = self.subjects.get(at)?;
        Some((subject, self.origins.get(at)?.get_or_init(|| Origins::new(subject))))
    }

    /// Every Application, by environment.
    pub fn applications(&self) -> impl Iterator<Item = &'a Deployed> {
        self.input.planes.iter().flat_map(|plane| &plane.applications)
    }
}

/// May a file have definitions in it? A look at the text, so that not every file is parsed.
fn is_definition(path: &str, file: &files::File) -> bool {
    files::is_yaml(path) && file.text().is_some_and(|text| text.contains("kind: CustomResourceDefinition") && !text.contains("{{"))
}
