//! What the offline Argo CD works with: the documents of a tree and the Applications that come of them.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A place in a file of the tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// From the root of the tree.
    pub file: PathBuf,
    /// From 1: the line of what is spoken of, or where its document begins.
    pub line: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Application,
    ApplicationSet,
    AppProject,
}

/// An Application, ApplicationSet or AppProject that is written in the tree.
#[derive(Clone, Debug)]
pub struct Document {
    pub place: Place,
    pub kind: Kind,
    pub value: Value,
}

/// An Application as Argo CD would have it in its cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Application {
    /// The document it is written in, or that of the ApplicationSet which generates it.
    pub place: Place,
    /// The ApplicationSet that generates it.
    pub set: Option<String>,
    /// The Application that deploys it, or its ApplicationSet; none for what the bootstrap applies.
    pub parent: Option<String>,
    /// The environment whose control plane has it; `None` where a tree declares no environments.
    pub environment: Option<String>,
    /// The whole object.
    pub value: Value,
}

impl Application {
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// The namespace that its objects go to if they name none.
    pub fn namespace(&self) -> &str {
        self.text("/spec/destination/namespace")
    }

    /// Its wave: that of the ApplicationSet if it is generated, else its own; 0 if none is written.
    pub fn wave(&self) -> i64 {
        self.text("/metadata/annotations/argocd.argoproj.io~1sync-wave").parse().unwrap_or_default()
    }

    /// `source` or `sources`, in their order.
    pub fn sources(&self) -> Vec<&Value> {
        let spec = self.value.get("spec").unwrap_or(&Value::Null);
        match spec.get("sources").and_then(Value::as_array) {
            Some(list) if !list.is_empty() => list.iter().collect(),
            _ => spec.get("source").into_iter().collect(),
        }
    }

    fn text(&self, pointer: &str) -> &str {
        self.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

/// What could not be decided offline, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unverified {
    pub place: Place,
    /// The ApplicationSet or Application it is about.
    pub name: String,
    pub reason: String,
}

/// One ApplicationSet or Application document, expanded.
#[derive(Clone, Debug)]
pub struct Expansion {
    pub place: Place,
    pub kind: Kind,
    pub name: String,
    /// Sorted by name.
    pub applications: Vec<Application>,
    /// What Argo CD would say, with the line where it is known. Argo CD then applies nothing of this document.
    pub error: Option<String>,
    pub unverified: Vec<Unverified>,
}

/// A folder with the files of one revision: the working tree, or a copy of a commit.
#[derive(Clone, Debug)]
pub struct Tree {
    pub root: PathBuf,
    /// Which repository URLs mean this tree, made comparable.
    pub urls: Vec<String>,
}

impl Tree {
    /// `file`, given from the root.
    pub fn path(&self, file: &Path) -> PathBuf {
        self.root.join(file)
    }
}

/// An object as Argo CD would apply it, without its tracking label or annotation.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    pub value: Value,
    /// The template or file that it comes from, from the root of the tree.
    pub source: String,
}

impl Object {
    /// The moments of a sync at which it is applied, if it is a hook, in Argo CD's or Helm's words.
    pub fn hook(&self) -> Option<&str> {
        let annotations = self.value.get("metadata")?.get("annotations")?;
        ["argocd.argoproj.io/hook", "helm.sh/hook"].iter().find_map(|key| annotations.get(key)?.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_hook_knows_its_moments() {
        let hook = |key: &str| json!({ "metadata": { "annotations": { key: "PreSync" } } });
        let object = |value: Value| Object { value, source: String::new() };
        assert_eq!(object(hook("argocd.argoproj.io/hook")).hook(), Some("PreSync"));
        assert_eq!(object(hook("helm.sh/hook")).hook(), Some("PreSync"));
        assert_eq!(object(hook("other")).hook(), None);
    }
}
