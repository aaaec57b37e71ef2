//! What the index is made of: all that was read, expanded and rendered before.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gitops::documents::Problem;
use gitops::model::{Application, Document, Expansion, Object, Place};

use super::files::Files;
use super::profile::Profile;
use crate::charts::Chart;

/// A tree, whole.
#[derive(Debug, Default)]
pub struct Input {
    pub files: Files,
    /// One for each environment that counts; one without a name where a tree declares none.
    pub planes: Vec<Plane>,
    /// One for each ApplicationSet and Application document, in the order of files and lines.
    pub expansions: Vec<Expansion>,
    /// Applications, ApplicationSets and AppProjects as written.
    pub documents: Vec<Document>,
    /// Files with documents that could not be taken into account.
    pub problems: Vec<Problem>,
    /// Which repository URLs mean this tree.
    pub urls: Vec<String>,
    pub branches: Branches,
    /// The compiled schemas of the pinned kinds, for [`crate::schemas::Store::read`]; empty where they are not at hand.
    pub schemas: Vec<u8>,
    /// The charts among the files, by folder: see [`super::charts::of_files`].
    pub charts: BTreeMap<PathBuf, Chart>,
}

/// What is known of the branches of the tree's repository.
#[derive(Clone, Debug, Default)]
pub struct Branches {
    /// That which is checked out; `None` if there is no repository or no branch.
    pub current: Option<String>,
    /// That which others merge into; `None` if it is not known.
    pub default: Option<String>,
}

/// A control plane: what one Argo CD deploys.
#[derive(Debug, Default)]
pub struct Plane {
    pub environment: Option<String>,
    pub profile: Profile,
    /// Names and addresses of the clusters that it knows, beside its own.
    pub clusters: Vec<(String, String)>,
    pub applications: Vec<Deployed>,
}

/// An Application with what comes of it.
#[derive(Debug)]
pub struct Deployed {
    pub application: Application,
    /// What Argo CD would apply, or why it cannot be rendered.
    pub objects: Result<Vec<Object>, Failure>,
    /// What could not be rendered offline, and why: the objects are not all.
    pub unverified: Vec<String>,
}

/// A source that cannot be rendered.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// In the words of Helm or of the parser, on one line.
    pub message: String,
    /// In the tree, where that is known.
    pub place: Option<Place>,
}
