//! Waves and what depends on what: root → ApplicationSets → Applications → the library charts they are made with.

mod mermaid;
mod svg;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use gitops::affected::Reads;

use crate::context::Context;
use crate::error::Result;
use crate::render;
use crate::repo::yaml;

pub use mermaid::mermaid;
pub use svg::svg;
pub use text::text;

/// What one environment deploys.
#[derive(Debug, Default)]
pub struct Graph {
    pub environment: String,
    /// The root Application and the file it is written in, from the root of the tree.
    pub root: (String, String),
    /// In the order of their waves, then of their names: a wave begins when all before it are healthy.
    pub sets: Vec<Set>,
}

/// An ApplicationSet.
#[derive(Debug, Default)]
pub struct Set {
    pub name: String,
    pub wave: i64,
    /// From the root of the tree.
    pub file: String,
    pub applications: Vec<Application>,
}

#[derive(Debug, Default)]
pub struct Application {
    pub name: String,
    pub project: String,
    /// Folder of its chart or files.
    pub path: String,
    /// Folders of the charts of this tree that its chart depends on, sorted.
    pub libraries: Vec<String>,
}

impl Graph {
    /// Waves in their order, each with its sets.
    pub fn waves(&self) -> BTreeMap<i64, Vec<&Set>> {
        let mut waves: BTreeMap<i64, Vec<&Set>> = BTreeMap::new();
        self.sets.iter().for_each(|set| waves.entry(set.wave).or_default().push(set));
        waves
    }

    /// Every chart that others depend on, sorted.
    pub fn libraries(&self) -> BTreeSet<&str> {
        self.sets.iter().flat_map(|set| &set.applications).flat_map(|app| app.libraries.iter().map(String::as_str)).collect()
    }
}

/// Reads the environment of the context. Errors: an ApplicationSet is not valid.
pub fn read(cx: &Context) -> Result<Graph> {
    let mut sets: BTreeMap<String, Set> = BTreeMap::new();
    for target in render::targets(cx)? {
        let file = target.application.place.file.display().to_string();
        let value: serde_json::Value = yaml::read(&cx.repo.root().join(&file))?;
        let text = |pointer: &str| value.pointer(pointer).and_then(|v| v.as_str()).unwrap_or_default().to_string();
        let reads = Reads::of(cx.repo.root(), &target.application.value);
        let charts = reads.paths().filter(|path| *path != target.path() && cx.repo.root().join(path).join("Chart.yaml").is_file());
        let libraries = charts.map(|folder| folder.display().to_string());
        let application = Application {
            name: target.component.application.clone(),
            project: text("/spec/template/spec/project"),
            path: target.path().display().to_string(),
            libraries: libraries.collect(),
        };
        let set = || Set { name: text("/metadata/name"), wave: target.wave, file: file.clone(), applications: Vec::new() };
        sets.entry(file.clone()).or_insert_with(set).applications.push(application);
    }
    let root = cx.repo.bootstrap_dir().join("root-application.yaml");
    let value: serde_json::Value = yaml::read(&root)?;
    let name = value.pointer("/metadata/name").and_then(|v| v.as_str()).unwrap_or("root").to_string();
    let mut sets: Vec<Set> = sets.into_values().collect();
    sets.sort_by(|a, b| (a.wave, &a.name).cmp(&(b.wave, &b.name)));
    for set in &mut sets {
        set.applications.sort_by(|a, b| a.name.cmp(&b.name));
    }
    Ok(Graph { environment: cx.env().to_string(), root: (name, cx.repo.shown(&root)), sets })
}

#[cfg(test)]
mod tests;
