//! A chart with its dependencies, as Helm would load them.

use std::collections::BTreeMap;
use std::path::{Path as FilePath, PathBuf};

use serde_json::{Map, Value};

use super::chart::{Chart, Dependency};
use super::machine::Machine;
use super::paths::{Path, Paths, ROOT};
use super::reads::Reads;
use super::template::Template;
use super::values::coalesce;

/// Dependencies of dependencies.
const MAX_DEPTH: usize = 10;

/// Charts of one family: those that all depend on one another would be without number.
const MAX_MEMBERS: usize = 200;

/// One chart of a family. A chart that two dependencies name is there twice.
#[derive(Debug)]
pub struct Member<'a> {
    pub chart: &'a Chart,
    /// Its alias, or its name.
    pub name: String,
    /// Where its values are in those of the first chart.
    pub keys: Vec<String>,
    pub parent: Option<usize>,
}

/// A dependency whose chart is not among the files.
#[derive(Clone, Debug)]
pub struct Missing<'a> {
    pub of: usize,
    pub dependency: &'a Dependency,
}

/// The chart itself is the first member; a parent comes before its dependencies.
#[derive(Debug)]
pub struct Family<'a> {
    pub members: Vec<Member<'a>>,
    pub missing: Vec<Missing<'a>>,
    /// Every template with its member, in the order in which Helm parses them: a later one of the same name wins.
    pub templates: Vec<(usize, &'a Template)>,
}

impl<'a> Family<'a> {
    /// Dependencies are looked for in `charts/` of the chart, then where `file://` says, among `all` by their folder.
    pub fn of(chart: &'a Chart, all: &'a BTreeMap<PathBuf, Chart>) -> Self {
        let mut family = Family { members: Vec::new(), missing: Vec::new(), templates: Vec::new() };
        family.add(chart, chart.name.clone(), Vec::new(), None, all);
        family.templates = family.sorted();
        family
    }

    fn add(&mut self, chart: &'a Chart, name: String, keys: Vec<String>, parent: Option<usize>, all: &'a BTreeMap<PathBuf, Chart>) {
        if self.members.len() >= MAX_MEMBERS {
            return;
        }
        let at = self.members.len();
        let depth = keys.len();
        let is_cycle = std::iter::successors(parent, |at| self.members.get(*at).and_then(|member| member.parent))
            .any(|above| self.members.get(above).is_some_and(|member| member.chart.folder == chart.folder));
        self.members.push(Member { chart, name, keys: keys.clone(), parent });
        if depth >= MAX_DEPTH || is_cycle {
            return;
        }
        let mut listed = Vec::new();
        for dependency in &chart.dependencies {
            match find(chart, dependency, all) {
                Some(found) => {
                    listed.push(&found.folder);
                    let mut below = keys.clone();
                    below.push(dependency.key().to_string());
                    self.add(found, dependency.key().to_string(), below, Some(at), all);
                }
                None => self.missing.push(Missing { of: at, dependency }),
            }
        }
        // What is vendored without being listed is loaded too.
        for vendored in vendored(chart, all).filter(|vendored| !listed.contains(&&vendored.folder)) {
            if !chart.dependencies.iter().any(|dependency| dependency.name == vendored.name) {
                let mut below = keys.clone();
                below.push(vendored.name.clone());
                self.add(vendored, vendored.name.clone(), below, Some(at), all);
            }
        }
    }

    /// What the templates read. `values` are all that the chart is deployed with: texts in them may be templates themselves.
    pub fn reads(&self, values: &[&Value]) -> Reads {
        Machine::new(self, values).run()
    }

    fn sorted(&self) -> Vec<(usize, &'a Template)> {
        let mut all: Vec<(usize, &'a Template)> =
            self.members.iter().enumerate().flat_map(|(at, member)| member.chart.templates.iter().map(move |file| (at, file))).collect();
        all.sort_by_cached_key(|(at, file)| {
            let above = self.members.get(*at).map_or(0, |member| member.keys.len());
            let depth = above * 2 + file.name.matches('/').count();
            (std::cmp::Reverse(depth), std::cmp::Reverse(&file.name), std::cmp::Reverse(*at))
        });
        all
    }

    /// The path of a member as Helm's names of templates begin: `shop/charts/redis`.
    pub fn base(&self, at: usize) -> String {
        let Some(member) = self.members.get(at) else { return String::new() };
        match member.parent {
            Some(parent) if parent < at => format!("{}/charts/{}", self.base(parent), member.name),
            _ => member.name.clone(),
        }
    }

    pub fn child(&self, of: usize, name: &str) -> Option<usize> {
        self.members.iter().position(|member| member.parent == Some(of) && member.name == name)
    }

    /// What the values of the first chart are, with the defaults of all: as Helm merges them.
    pub fn effective(&self, own: Option<&Value>) -> Value {
        let mut values = match own {
            Some(Value::Object(map)) => Value::Object(map.clone()),
            _ => Value::Object(Map::new()),
        };
        self.fill(0, &mut values);
        values
    }

    fn fill(&self, at: usize, values: &mut Value) {
        let Some(member) = self.members.get(at) else { return };
        coalesce(values, &member.chart.defaults());
        for (below, other) in self.members.iter().enumerate().filter(|(_, other)| other.parent == Some(at)) {
            let global = values.get("global").cloned();
            let Some(map) = values.as_object_mut() else { return };
            let own = map.entry(other.name.clone()).or_insert_with(|| Value::Object(Map::new()));
            if own.is_null() {
                *own = Value::Object(Map::new());
            }
            if let (Some(global), Some(own)) = (global, own.as_object_mut()) {
                let mut merged = global;
                if let Some(below) = own.get("global") {
                    coalesce(&mut merged, below);
                }
                own.insert("global".to_string(), merged);
            }
            self.fill(below, own);
        }
    }

    /// Reads that no template does: conditions and tags, and what a dependency that is not here may read.
    pub fn settle(&self, paths: &mut Paths, scopes: &[Path]) {
        for (member, scope) in self.members.iter().zip(scopes) {
            for dependency in &member.chart.dependencies {
                for condition in &dependency.conditions {
                    let path = condition.split('.').fold(*scope, |path, key| paths.key(path, key));
                    paths.touch(path, true);
                }
                for tag in &dependency.tags {
                    let path = paths.join(ROOT, &["tags", tag]);
                    paths.touch(path, true);
                }
                for (child, _) in &dependency.imports {
                    let own = paths.key(*scope, dependency.key());
                    let path = child.split('.').filter(|key| !key.is_empty()).fold(own, |path, key| paths.key(path, key));
                    paths.touch(path, false);
                }
            }
        }
        for missing in &self.missing {
            let scope = scopes.get(missing.of).copied().unwrap_or(ROOT);
            for path in [paths.key(scope, missing.dependency.key()), paths.key(scope, "global"), paths.key(ROOT, "global")] {
                paths.touch(path, true);
            }
        }
    }
}

fn vendored<'a>(chart: &'a Chart, all: &'a BTreeMap<PathBuf, Chart>) -> impl Iterator<Item = &'a Chart> {
    let folder = chart.folder.join("charts");
    let from = folder.clone();
    all.range(from..)
        .map(|(_, chart)| chart)
        .take_while(move |other| other.folder.starts_with(&folder))
        .filter(|other| other.folder.parent().is_some_and(|parent| parent == chart.folder.join("charts").as_path()))
}

fn find<'a>(chart: &'a Chart, dependency: &Dependency, all: &'a BTreeMap<PathBuf, Chart>) -> Option<&'a Chart> {
    let by_folder = |folder: &FilePath| all.get(folder).filter(|found| found.name == dependency.name);
    let local = dependency.folder(&chart.folder).and_then(|folder| by_folder(&folder));
    local.or_else(|| vendored(chart, all).find(|other| other.name == dependency.name))
}
