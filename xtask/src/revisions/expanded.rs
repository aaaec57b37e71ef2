//! The Applications of one revision.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use gitops::clusters::{self, ControlPlane};
use gitops::comparison::Broken;
use gitops::expand_set::Expander;
use gitops::identity;
use gitops::model::{Application, Kind, Place, Tree, Unverified};
use gitops::roots::{Forest, Ground};
use gitops::urls;
use serde_json::Value;

use super::Revision;
use super::sides::Wanted;
use crate::context::Context;
use crate::error::Result;
use crate::render::{Capabilities, Renderer};

/// A revision, expanded.
pub struct Expanded<'a> {
    pub renderer: Renderer<'a>,
    pub applications: Vec<One>,
    pub sets: Vec<Value>,
    /// Files with Applications or ApplicationSets.
    pub files: BTreeSet<PathBuf>,
    pub broken: Vec<Broken>,
    pub unverified: Vec<Unverified>,
}

/// An Application of a revision.
pub struct One {
    pub application: Application,
    pub capabilities: Arc<Capabilities>,
}

/// The Applications of all environments, or of the one that is wanted. Errors: an environment's description is not valid.
pub fn expanded<'a>(cx: &'a Context, revision: &Revision, wanted: Wanted<'_>) -> Result<Expanded<'a>> {
    let root = &revision.root;
    // Other repositories have folders of this name too.
    let mut planes = clusters::of_environments(&Tree { root: root.clone(), urls: Vec::new() }).unwrap_or_default();
    if planes.is_empty() {
        planes.push(ControlPlane::default());
    }
    planes.retain(|plane| wanted.environment.is_none_or(|env| plane.environment.as_deref().is_none_or(|name| name == env)));
    // A copy of a commit has no remotes: it is the same repository as the working tree.
    let ground = Ground::read(root, None, &declared(cx, &planes));
    let known = capabilities(cx, revision, &planes)?;
    let here = ground.tree.clone();
    let renderer = Renderer::new(cx, &ground.tree, move |url| urls::is_this(&here, url))?;
    let of = |environment: &Option<String>| known.get(environment).cloned().unwrap_or_default();
    let expander = Expander::new(&ground.tree, &ground.listing, &ground.documents);
    let render = |application: &Application| {
        let rendered = renderer.application(application, &of(&application.environment)).map_err(|e| e.one_line())?;
        Ok(rendered.objects.into_iter().map(|object| (PathBuf::from(object.source), object.value)).collect())
    };
    let forest = ground.grow(&planes, &|plane, document| expander.expand(plane, document), Some(&render));
    let sets = ground.documents.iter().filter(|document| document.kind == Kind::ApplicationSet).map(|document| document.value.clone());
    let sets = sets.collect();
    let files = ground.documents.iter().filter(|document| document.kind != Kind::AppProject);
    let files = files.map(|document| document.place.file.clone()).collect();
    let broken = broken(&forest);
    let mut all = Expanded { renderer, applications: Vec::new(), sets, files, broken, unverified: Vec::new() };
    for expansion in forest.expansions {
        all.unverified.extend(expansion.unverified);
        for application in expansion.applications.into_iter().filter(|application| wanted.takes(application)) {
            let capabilities = known.get(&application.environment).cloned().unwrap_or_default();
            all.applications.push(One { application, capabilities });
        }
    }
    Ok(all)
}

/// URLs that the repository has: its remotes, and what its environments follow.
fn declared(cx: &Context, planes: &[ControlPlane]) -> Vec<String> {
    let own = planes.iter().flat_map(|plane| &plane.clusters).filter_map(|cluster| cluster.annotations.get("c4ang.io/repo-url")).cloned();
    let folder = |url: &String| url.starts_with(['/', '.', '~']) || url.starts_with("file:");
    own.chain(identity::remotes(cx.repo.root()).into_iter().filter(|url| !folder(url))).collect()
}

/// What the cluster of each environment can do, as this revision says.
fn capabilities(cx: &Context, revision: &Revision, planes: &[ControlPlane]) -> Result<BTreeMap<Option<String>, Arc<Capabilities>>> {
    let mut known = BTreeMap::new();
    for plane in planes {
        let capabilities = match &plane.environment {
            Some(name) => Capabilities::of(&cx.at(&revision.root, name)?),
            None => Capabilities::of(cx),
        };
        known.insert(plane.environment.clone(), Arc::new(capabilities));
    }
    Ok(known)
}

/// What gives no Applications, or not all of them: what it gave before stays.
fn broken(forest: &Forest) -> Vec<Broken> {
    let expansions = forest.expansions.iter().filter_map(|expansion| {
        let error = expansion.error.clone()?;
        Some(Broken { place: expansion.place.clone(), name: expansion.name.clone(), error })
    });
    let files = forest.problems.iter().map(|problem| Broken {
        place: Place { file: problem.place.file.clone(), line: problem.place.line },
        name: String::new(),
        error: problem.what.clone(),
    });
    let mut all: Vec<Broken> = expansions.chain(files).collect();
    all.sort_by(|a, b| (&a.place, &a.name).cmp(&(&b.place, &b.name)));
    all
}
