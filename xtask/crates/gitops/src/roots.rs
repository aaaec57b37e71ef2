//! Which Applications there are in a tree, and which of them deploys which, to any depth.
//!
//! Every document of the tree counts, reached or not: what the bootstrap applies is in no Application. What a chart renders is
//! found by rendering it, so this asks only charts whose templates speak of Applications.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use memchr::memmem;
use serde_json::Value;

use super::application;
use super::clusters::ControlPlane;
use super::documents::{self, Problem};
use super::glob;
use super::listing::Listing;
use super::model::{Application, Document, Expansion, Kind, Place, Tree, Unverified};
use super::urls;

/// What the Argo CD of a control plane makes of an ApplicationSet.
pub type Expand<'a> = &'a dyn Fn(&ControlPlane, &Document) -> Expansion;

/// Renders an Application of this tree: each object with the file that it comes from. Errors: why it cannot be rendered.
pub type Render<'a> = &'a dyn Fn(&Application) -> Result<Vec<(PathBuf, Value)>, String>;

/// Applications that deploy Applications that deploy … are followed this far.
const DEPTH: usize = 32;

/// What was found.
#[derive(Debug, Default)]
pub struct Forest {
    /// One for each ApplicationSet and Application, in the order of files and lines; with those of every control plane.
    pub expansions: Vec<Expansion>,
    /// Which Application deploys a document, by the document's place.
    pub deployers: BTreeMap<Place, String>,
    /// Files that could not be taken into account.
    pub problems: Vec<Problem>,
}

/// A tree with its documents, read once.
pub struct Ground {
    pub tree: Tree,
    pub listing: Listing,
    pub documents: Vec<Document>,
    pub problems: Vec<Problem>,
}

impl Ground {
    /// Reads a folder. `declared` are URLs that the tree says it has; `repo_url` is what the user says.
    pub fn read(root: &Path, repo_url: Option<&str>, declared: &[String]) -> Self {
        let mut tree = Tree { root: root.to_path_buf(), urls: Vec::new() };
        let listing = Listing::of(&tree);
        let (documents, problems) = documents::documents(&tree, &listing, Path::new(""));
        tree.urls = super::identity::urls(root, repo_url, &documents, declared);
        Ground { tree, listing, documents, problems }
    }

    /// Expands every document for every control plane and follows what deploys Applications.
    pub fn grow(&self, planes: &[ControlPlane], expand: Expand, render: Option<Render>) -> Forest {
        let documents: Vec<&Document> = self.documents.iter().filter(|document| document.kind != Kind::AppProject).collect();
        let mut forest = Forest { problems: self.problems.clone(), ..Forest::default() };
        for plane in planes {
            let mut walk = Walk { ground: self, plane, expand, render, speaks: BTreeMap::new(), rendered: Vec::new() };
            let grown = walk.plane(&documents, &mut forest.deployers);
            join(&mut forest.expansions, grown);
        }
        forest.expansions.sort_by(|a, b| (&a.place, a.kind, &a.name).cmp(&(&b.place, b.kind, &b.name)));
        for expansion in &mut forest.expansions {
            expansion.unverified.sort_unstable();
            expansion.unverified.dedup();
            expansion.applications.sort_by(|a, b| (a.name(), &a.environment).cmp(&(b.name(), &b.environment)));
        }
        cycles(&mut forest);
        forest
    }
}

/// Is it below a folder that by its name is made for tests?
pub fn is_test_data(file: &Path) -> bool {
    file.components().any(|part| part.as_os_str() == "fixtures" || part.as_os_str() == "testdata")
}

/// Adds what another control plane makes of the same documents.
fn join(all: &mut Vec<Expansion>, more: Vec<Expansion>) {
    let at: BTreeMap<(Place, Kind, String), usize> =
        all.iter().enumerate().map(|(i, e)| ((e.place.clone(), e.kind, e.name.clone()), i)).collect();
    for expansion in more {
        let known = at.get(&(expansion.place.clone(), expansion.kind, expansion.name.clone()));
        match known.and_then(|i| all.get_mut(*i)) {
            Some(known) => {
                known.applications.extend(expansion.applications);
                known.unverified.extend(expansion.unverified);
                known.error = known.error.take().or(expansion.error);
            }
            None => all.push(expansion),
        }
    }
}

/// One control plane.
struct Walk<'a> {
    ground: &'a Ground,
    plane: &'a ControlPlane,
    expand: Expand<'a>,
    render: Option<Render<'a>>,
    /// Charts whose templates speak of Applications.
    speaks: BTreeMap<PathBuf, bool>,
    /// Places of rendered documents that are known.
    rendered: Vec<(Place, Kind, String)>,
}

impl Walk<'_> {
    fn plane(&mut self, documents: &[&Document], deployers: &mut BTreeMap<Place, String>) -> Vec<Expansion> {
        let mut all: Vec<Expansion> = documents.iter().map(|document| self.expansion(document)).collect();
        // What a chart renders is looked at like the documents that are written.
        let (mut from, mut depth) = (0, 0);
        while from < all.len() && depth < DEPTH {
            let mut more = Vec::new();
            for expansion in all.iter_mut().skip(from) {
                for application in &expansion.applications {
                    match self.deploys(application, documents, deployers) {
                        Ok(documents) => more.extend(documents.iter().map(|document| self.expansion(document))),
                        Err(reason) => expansion.unverified.push(Unverified {
                            place: expansion.place.clone(),
                            name: application.name().to_string(),
                            reason,
                        }),
                    }
                }
            }
            from = all.len();
            all.extend(more);
            depth += 1;
        }
        for expansion in all.iter_mut().filter(|expansion| expansion.kind == Kind::Application) {
            for application in &mut expansion.applications {
                application.parent = deployers.get(&expansion.place).filter(|parent| *parent != application.name()).cloned();
            }
        }
        all
    }

    fn expansion(&self, document: &Document) -> Expansion {
        if document.kind == Kind::ApplicationSet {
            return (self.expand)(self.plane, document);
        }
        let place = document.place.clone();
        let name = document.value.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_string();
        let (applications, error) = match application::plain(&document.value) {
            Ok(value) => {
                let environment = self.plane.environment.clone();
                (vec![Application { place: place.clone(), set: None, parent: None, environment, value }], None)
            }
            Err(words) => (Vec::new(), Some(words)),
        };
        Expansion { place, kind: document.kind, name, applications, error, unverified: Vec::new() }
    }

    /// Notes which documents an Application deploys; returns those that it renders. Errors: why that is not known.
    fn deploys(
        &mut self,
        application: &Application,
        documents: &[&Document],
        deployers: &mut BTreeMap<Place, String>,
    ) -> Result<Vec<Document>, String> {
        let mut found = Vec::new();
        for source in application.sources() {
            let text = |key: &str| source.get(key).and_then(Value::as_str).unwrap_or_default();
            let (url, path) = (text("repoURL"), text("path"));
            if path.is_empty() || !text("chart").is_empty() || !urls::is_this(&self.ground.tree, url) {
                continue;
            }
            let folder = plain(path);
            match self.kind(source, &folder) {
                Source::Directory => self.directory(application, source, &folder, documents, deployers)?,
                Source::Chart if self.speaks(&folder, 0) => found.extend(self.chart(application, deployers)?),
                Source::Chart => {}
                Source::Other(tool) if holds(documents, &folder) => {
                    return Err(format!("{path} is made by {tool}, so it is not known which Applications it deploys"));
                }
                Source::Other(_) => {}
            }
        }
        Ok(found)
    }

    fn directory(
        &self,
        application: &Application,
        source: &Value,
        folder: &Path,
        documents: &[&Document],
        deployers: &mut BTreeMap<Place, String>,
    ) -> Result<(), String> {
        let settings = source.get("directory").unwrap_or(&Value::Null);
        let text = |key: &str| settings.get(key).and_then(Value::as_str).unwrap_or_default();
        let (include, exclude, recurse) = (text("include"), text("exclude"), settings.get("recurse") == Some(&Value::Bool(true)));
        let takes = |path: &str| {
            (recurse || !path.contains('/'))
                && (exclude.is_empty() || !glob::fits(exclude, path))
                && (include.is_empty() || glob::fits(include, path))
        };
        for document in documents {
            let Some(path) = document.place.file.strip_prefix(folder).ok().and_then(Path::to_str) else { continue };
            // A document in a chart's templates has its place in a template, and no folder deploys that.
            if takes(path) && !self.skipped(&document.place.file) {
                deployers.entry(document.place.clone()).or_insert_with(|| application.name().to_string());
            }
        }
        let below = format!("{}/", folder.display());
        let jsonnet = self
            .ground
            .listing
            .files
            .iter()
            .filter_map(|file| file.strip_prefix(&below))
            .find(|path| path.ends_with(".jsonnet") && takes(path));
        jsonnet.map_or(Ok(()), |path| Err(format!("{below}{path} is jsonnet, which is not evaluated here")))
    }

    /// Argo CD passes over files that ask for it.
    fn skipped(&self, file: &Path) -> bool {
        let marked = |text: String| text.contains("+argocd:skip-file-rendering");
        file.to_str().and_then(|file| documents::read(&self.ground.tree, file).ok()).is_some_and(marked)
    }

    fn chart(&mut self, application: &Application, deployers: &mut BTreeMap<Place, String>) -> Result<Vec<Document>, String> {
        let Some(render) = self.render else {
            return Err("its chart may render Applications, and charts are not rendered here".to_string());
        };
        let mut found = Vec::new();
        for (file, value) in render(application).map_err(|e| format!("its chart may render Applications: {e}"))? {
            let ours = value.get("apiVersion").and_then(Value::as_str).is_some_and(|version| version.starts_with("argoproj.io/"));
            let kind = match value.get("kind").and_then(Value::as_str) {
                Some("Application") if ours => Kind::Application,
                Some("ApplicationSet") if ours => Kind::ApplicationSet,
                _ => continue,
            };
            let name = value.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_string();
            let place = Place { file, line: 1 };
            let key = (place.clone(), kind, name);
            if !self.rendered.contains(&key) {
                self.rendered.push(key);
                deployers.entry(place.clone()).or_insert_with(|| application.name().to_string());
                found.push(Document { place, kind, value });
            }
        }
        Ok(found)
    }

    fn kind(&self, source: &Value, folder: &Path) -> Source {
        let given = |key: &str| source.get(key).is_some_and(|block| !block.is_null());
        let has = |names: &[&str]| names.iter().any(|name| self.has(&folder.join(name)));
        if given("plugin") {
            return Source::Other("a plugin");
        }
        if given("kustomize") {
            return Source::Other("kustomize");
        }
        if given("directory") {
            return Source::Directory;
        }
        if given("helm") || has(&["Chart.yaml"]) {
            return Source::Chart;
        }
        if has(&["kustomization.yaml", "kustomization.yml", "Kustomization"]) {
            return Source::Other("kustomize");
        }
        Source::Directory
    }

    fn has(&self, file: &Path) -> bool {
        file.to_str().is_some_and(|file| self.ground.listing.files.binary_search_by(|known| known.as_str().cmp(file)).is_ok())
    }

    /// Does a template of a chart, or of one that it takes from this tree, speak of Applications?
    fn speaks(&mut self, chart: &Path, depth: usize) -> bool {
        if let Some(known) = self.speaks.get(chart) {
            return *known;
        }
        self.speaks.insert(chart.to_path_buf(), false);
        let below = format!("{}/", chart.join("templates").display());
        let group = memmem::Finder::new(b"argoproj.io");
        let templates = self.ground.listing.files.iter().filter(|file| file.starts_with(&below));
        let own = templates.filter_map(|file| documents::read(&self.ground.tree, file).ok());
        let mut speaks = { own }.any(|text| group.find(text.as_bytes()).is_some() && text.lines().any(may_be_application));
        if !speaks && depth < DEPTH {
            speaks = self.dependencies(chart).iter().any(|other| self.speaks(other, depth + 1));
        }
        self.speaks.insert(chart.to_path_buf(), speaks);
        speaks
    }

    fn dependencies(&self, chart: &Path) -> Vec<PathBuf> {
        let file = chart.join("Chart.yaml");
        let text = file.to_str().and_then(|file| documents::read(&self.ground.tree, file).ok()).unwrap_or_default();
        let paths = text.lines().filter_map(|line| Some(line.split_once("file://")?.1.trim().trim_matches(['"', '\''])));
        let local = paths.map(|path| plain(&format!("{}/{path}", chart.display())));
        let vendored = format!("{}/", chart.join("charts").display());
        let unpacked = self.ground.listing.files.iter().filter_map(|file| {
            let (name, _) = file.strip_prefix(&vendored)?.split_once('/')?;
            Some(chart.join("charts").join(name))
        });
        local.chain(unpacked.collect::<BTreeSet<_>>()).collect()
    }
}

/// Is it a line `kind: Application`, or one whose kind comes of a template?
fn may_be_application(line: &str) -> bool {
    let kind = line.trim_start().strip_prefix("kind:").map(|rest| rest.trim_start().trim_start_matches(['"', '\'']));
    kind.is_some_and(|kind| kind.starts_with("Application") || kind.starts_with("{{"))
}

enum Source {
    Directory,
    Chart,
    /// What makes it.
    Other(&'static str),
}

fn holds(documents: &[&Document], folder: &Path) -> bool {
    documents.iter().any(|document| document.place.file.starts_with(folder))
}

/// A path from the root without `.` and `..`.
fn plain(path: &str) -> PathBuf {
    super::affected::normal(path)
}

/// Notes Applications that deploy each other, at the first of them.
fn cycles(forest: &mut Forest) {
    let mut parents: BTreeMap<&str, &str> = BTreeMap::new();
    for expansion in &forest.expansions {
        for application in &expansion.applications {
            let deployer = match expansion.kind {
                Kind::Application => application.parent.as_deref(),
                _ => forest.deployers.get(&expansion.place).map(String::as_str),
            };
            if let Some(deployer) = deployer.filter(|deployer| *deployer != application.name()) {
                parents.entry(application.name()).or_insert(deployer);
            }
        }
    }
    let mut told: BTreeSet<&str> = BTreeSet::new();
    let mut found: Vec<(String, String)> = Vec::new();
    for first in parents.keys() {
        let mut way = vec![*first];
        while let Some(next) = way.last().and_then(|last| parents.get(last)) {
            if told.contains(next) {
                break;
            }
            if let Some(at) = way.iter().position(|name| name == next) {
                let round: Vec<&str> = way.iter().skip(at).copied().chain([*next]).rev().collect();
                found.push(((*next).to_string(), format!("Applications deploy each other: {}", round.join(" → "))));
                break;
            }
            way.push(next);
        }
        told.extend(way);
    }
    for (name, words) in found {
        let at = forest.expansions.iter_mut().find(|expansion| expansion.applications.iter().any(|a| a.name() == name));
        if let Some(expansion) = at {
            expansion.error.get_or_insert(words);
        }
    }
}

/// Where an Application of a tree without environments probably belongs: by its label, else by its values or paths.
///
/// Only for grouping what is shown: nothing is decided by it.
pub fn environment_hint(application: &Application) -> Option<String> {
    let labels = application.value.pointer("/metadata/labels");
    let keys = ["env", "environment", "app.kubernetes.io/env", "app.kubernetes.io/environment"];
    let labelled = keys.iter().find_map(|key| labels?.get(*key)?.as_str());
    if let Some(environment) = labelled.filter(|environment| !environment.is_empty()) {
        return Some(environment.to_string());
    }
    application.sources().into_iter().find_map(|source| {
        let files = source.pointer("/helm/valueFiles").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        files.chain(source.get("path").and_then(Value::as_str)).find_map(of_path).map(str::to_string)
    })
}

fn of_path(path: &str) -> Option<&str> {
    const FOLDERS: [&str; 5] = ["config", "environments", "envs", "env", "overlays"];
    let parts: Vec<&str> = path.split('/').collect();
    let within = parts.windows(2).find(|pair| matches!(pair, [folder, _] if FOLDERS.contains(folder)));
    let named = || {
        let file = parts.last()?.strip_suffix(".yaml").or_else(|| parts.last()?.strip_suffix(".yml"))?;
        file.strip_prefix("values-").or_else(|| file.strip_prefix("values."))
    };
    within.and_then(|pair| pair.get(1).copied()).filter(|name| !name.contains('.')).or_else(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_environment_is_guessed_from_labels_then_from_values_then_from_the_path() {
        let hint = |value: Value| {
            let place = Place { file: "a.yaml".into(), line: 1 };
            environment_hint(&Application { place, set: None, parent: None, environment: None, value })
        };
        let source = |path: &str, file: &str| json!({ "spec": { "source": { "path": path, "helm": { "valueFiles": [file] } } } });
        assert_eq!(hint(json!({ "metadata": { "labels": { "env": "qa" } } })).as_deref(), Some("qa"));
        assert_eq!(hint(source("charts/a", "$values/config/dev/a.yaml")).as_deref(), Some("dev"));
        assert_eq!(hint(source("charts/a", "values-prod.yaml")).as_deref(), Some("prod"));
        assert_eq!(hint(source("overlays/stage", "values.yaml")).as_deref(), Some("stage"));
        assert_eq!(hint(source("charts/a", "values.yaml")), None);
    }
}
