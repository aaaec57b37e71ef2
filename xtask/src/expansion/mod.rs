//! Where Applications come from: a whole tree, expanded: its documents, its control planes, its Applications.

mod waves;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use gitops::clusters::{self, ControlPlane, Own};
use gitops::documents::{self, Problem};
use gitops::expand_set::Expander;
use gitops::listing::Listing;
use gitops::model::{Application, Place, Tree};
use gitops::roots::{Forest, Ground, is_test_data};
use gitops::urls;
use serde_json::Value;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::render::{Capabilities, Renderer};
use crate::repo::environment::Engine;

pub use waves::{Component, Wave, deployed, expected};

/// What the user says about what is to be expanded.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    /// The URL by which Applications mean the tree.
    pub repo_url: Option<&'a str>,
    /// A file with Secrets of clusters, instead of those of the environments.
    pub clusters: Option<&'a Path>,
    /// One environment only.
    pub env: Option<&'a str>,
    /// Files that the tree need not have: each is expanded as if it stood alone beside it.
    pub files: &'a [PathBuf],
}

/// A tree and what grows in it.
pub struct World {
    pub ground: Ground,
    pub forest: Forest,
}

/// Expands the tree of the context. Errors: usage, when there is no such environment; the Secrets cannot be read.
pub fn expand(cx: &Context, wish: &Wish<'_>) -> Result<World> {
    let charts = Charts::new(cx);
    of(cx.repo.root(), wish, &|tree, application| charts.objects(tree, application))
}

/// Expands the tree of the context for its environment alone, on the engine that the user asked for or that it prefers.
pub fn of_environment(cx: &Context) -> Result<World> {
    let charts = Charts::new(cx);
    Ok(of_plane(cx.repo.root(), plane(cx)?, &|tree, application| charts.objects(tree, application)))
}

/// The Argo CD of the context's environment, on the engine that the user asked for or that it prefers.
fn plane(cx: &Context) -> Result<ControlPlane> {
    let environment = &cx.environment;
    let engine = cx.engine_wish().or(environment.cluster.engines.first().copied());
    Ok(ControlPlane::with(&Own {
        env: cx.env(),
        name: &environment.cluster.name,
        values: engine.map_or("", Engine::name),
        url: &environment.repository.url,
        revision: &environment.repository.revision,
    })?)
}

/// Expands a folder for one control plane, whose repository it is.
pub fn of_plane(root: &Path, plane: ControlPlane, render: Render) -> World {
    let urls: Vec<String> = plane.repository().map(str::to_string).into_iter().collect();
    let ground = Ground::read(root, None, &urls);
    let forest = grow(&ground, &[plane], &|application| render(&ground.tree, application));
    World { ground, forest }
}

/// Charts of a tree, rendered for what they may deploy. Most trees have none to ask, so what renders them is made when it is needed.
struct Charts<'a> {
    cx: &'a Context,
    renderer: OnceCell<Result<Renderer<'a>>>,
}

impl<'a> Charts<'a> {
    fn new(cx: &'a Context) -> Self {
        Charts { cx, renderer: OnceCell::new() }
    }

    fn objects(&self, tree: &Tree, application: &Application) -> Result<Vec<(PathBuf, Value)>, String> {
        let made = self.renderer.get_or_init(|| {
            let known = tree.clone();
            Renderer::new(self.cx, tree, move |url| urls::is_this(&known, url))
        });
        let renderer = made.as_ref().map_err(|e| e.what().to_string())?;
        let rendered = renderer.application(application, &Capabilities::of(self.cx)).map_err(|e| e.what().to_string())?;
        if let Some(unverified) = rendered.unverified.first() {
            return Err(unverified.reason.clone());
        }
        let source = sources_of(application);
        Ok(rendered.objects.into_iter().map(|object| (source.clone(), object.value)).collect())
    }
}

/// What a rendered object is said to come from: the folder of the chart.
fn sources_of(application: &Application) -> PathBuf {
    application.sources().into_iter().find_map(|source| source.get("path")?.as_str()).map(PathBuf::from).unwrap_or_default()
}

/// Renders an Application of a tree, as [`gitops::roots::Render`].
pub type Render<'a> = &'a dyn Fn(&Tree, &Application) -> Result<Vec<(PathBuf, Value)>, String>;

/// Expands a folder; `render` is asked for charts whose templates speak of Applications.
pub fn of(root: &Path, wish: &Wish<'_>, render: Render) -> Result<World> {
    let tree = Tree { root: root.to_path_buf(), urls: Vec::new() };
    let declared = clusters::of_environments(&tree);
    let urls: Vec<String> = declared.iter().flatten().filter_map(ControlPlane::repository).map(str::to_string).collect();
    let mut ground = Ground::read(root, wish.repo_url, &urls);
    let planes = planes(declared, wish, &mut ground.problems)?;
    let render = |application: &Application| render(&ground.tree, application);
    let mut forest = grow(&ground, &planes, &render);
    // What tests are made of is no part of a shop, unless an Application says so.
    forest.expansions.retain(|expansion| !is_test_data(&expansion.place.file) || forest.deployers.contains_key(&expansion.place));
    forest.problems.retain(|problem| !is_test_data(&problem.place.file));
    for file in wish.files {
        alone(&ground, &planes, file, &render, &mut forest);
    }
    Ok(World { ground, forest })
}

fn grow(ground: &Ground, planes: &[ControlPlane], render: gitops::roots::Render) -> Forest {
    let expander = Expander::new(&ground.tree, &ground.listing, &ground.documents);
    ground.grow(planes, &|plane, document| expander.expand(plane, document), Some(render))
}

/// Expands a file that is no part of the tree. Its projects are those that it has itself.
fn alone(ground: &Ground, planes: &[ControlPlane], file: &Path, render: gitops::roots::Render, forest: &mut Forest) {
    let (documents, problems) = documents::of_file(file);
    let ground = Ground {
        tree: ground.tree.clone(),
        listing: Listing { files: ground.listing.files.clone(), problems: Vec::new() },
        documents,
        problems,
    };
    let grown = grow(&ground, planes, render);
    forest.expansions.extend(grown.expansions);
    forest.problems.extend(grown.problems);
    forest.deployers.extend(grown.deployers);
}

/// The control planes that count: those of the environments, or one with the given Secrets, or one that knows its own cluster only.
fn planes(declared: gitops::Result<Vec<ControlPlane>>, wish: &Wish<'_>, problems: &mut Vec<Problem>) -> Result<Vec<ControlPlane>> {
    if let Some(file) = wish.clusters {
        let environment = wish.env.map(str::to_string);
        return Ok(vec![ControlPlane { environment, clusters: clusters::read(file)? }]);
    }
    let mut planes = declared.unwrap_or_else(|e| {
        // Other repositories have folders of this name too.
        let place = Place { file: PathBuf::from("environments"), line: 1 };
        problems.push(Problem { place, what: e.to_string() });
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
