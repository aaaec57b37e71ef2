//! A whole tree, expanded: its documents, its control planes, its Applications.

use std::path::{Path, PathBuf};

use super::clusters::{self, ControlPlane};
use super::documents::Problem;
use super::expand_set::Expander;
use super::model::{Place, Tree};
use super::roots::{Forest, Ground};
use crate::context::Context;
use crate::error::{Error, Result};

/// What the user says about what is to be expanded.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    /// The URL by which Applications mean the tree.
    pub repo_url: Option<&'a str>,
    /// A file with Secrets of clusters, instead of those of the environments.
    pub clusters: Option<&'a Path>,
    /// One environment only.
    pub env: Option<&'a str>,
}

/// A tree and what grows in it.
pub struct World {
    pub ground: Ground,
    pub forest: Forest,
}

/// Expands the tree of the context. Errors: usage, when there is no such environment; the Secrets cannot be read.
pub fn expand(cx: &Context, wish: &Wish<'_>) -> Result<World> {
    of(cx.repo.root(), wish)
}

/// Expands a folder. Charts are not rendered, so what they would render is unverified.
pub fn of(root: &Path, wish: &Wish<'_>) -> Result<World> {
    let tree = Tree { root: root.to_path_buf(), urls: Vec::new() };
    let declared = clusters::of_environments(&tree);
    let urls: Vec<String> = declared.iter().flatten().filter_map(ControlPlane::repository).map(str::to_string).collect();
    let mut ground = Ground::read(root, wish.repo_url, &urls);
    let planes = planes(declared, wish, &mut ground.problems)?;
    let expander = Expander::new(&ground.tree, &ground.listing, &ground.documents);
    let forest = ground.grow(&planes, &|plane, document| expander.expand(plane, document), None);
    drop(expander);
    Ok(World { ground, forest })
}

/// The control planes that count: those of the environments, or one with the given Secrets, or one that knows its own cluster only.
fn planes(declared: Result<Vec<ControlPlane>>, wish: &Wish<'_>, problems: &mut Vec<Problem>) -> Result<Vec<ControlPlane>> {
    if let Some(file) = wish.clusters {
        let environment = wish.env.map(str::to_string);
        return Ok(vec![ControlPlane { environment, clusters: clusters::read(file)? }]);
    }
    let mut planes = declared.unwrap_or_else(|e| {
        // Other repositories have folders of this name too.
        let place = Place { file: PathBuf::from("environments"), line: 1 };
        problems.push(Problem { place, what: format!("{e:?}") });
        Vec::new()
    });
    let known: Vec<String> = planes.iter().filter_map(|plane| plane.environment.clone()).collect();
    if let Some(env) = wish.env.filter(|_| !planes.is_empty()) {
        planes.retain(|plane| plane.environment.as_deref() == Some(env));
        if planes.is_empty() {
            return Err(Error::usage(format!("there is no environment `{env}`")).cause(format!("known ones: {}", known.join(", "))));
        }
    }
    if planes.is_empty() {
        planes.push(ControlPlane::default());
    }
    Ok(planes)
}
