//! Which AppProjects there are.

use std::collections::BTreeSet;

use super::model::{Document, Kind};

/// The projects that a tree declares.
#[derive(Clone, Debug, Default)]
pub struct Projects(BTreeSet<String>);

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Known {
    Yes,
    No,
    /// The tree declares none at all, so they come from elsewhere.
    Perhaps,
}

impl Projects {
    pub fn of(documents: &[Document]) -> Self {
        let projects = documents.iter().filter(|d| d.kind == Kind::AppProject);
        Projects(projects.filter_map(|d| d.value.pointer("/metadata/name")?.as_str()).map(str::to_string).collect())
    }

    /// Argo CD makes `default` itself.
    pub fn look(&self, name: &str) -> Known {
        match name == "default" || self.0.contains(name) {
            true => Known::Yes,
            false if self.0.is_empty() && !name.is_empty() => Known::Perhaps,
            false => Known::No,
        }
    }
}
