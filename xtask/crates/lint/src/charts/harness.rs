//! For tests: charts from a text with many files, and from this repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Chart, Deployment, Layer, document};

/// A small repository: every `Chart.yaml` begins a chart, `config/<env>/<chart>.yaml` is laid over the chart of that name.
#[derive(Debug, Default)]
pub struct Shop {
    pub files: BTreeMap<PathBuf, String>,
    pub charts: BTreeMap<PathBuf, Chart>,
}

impl Shop {
    /// `files` are paths with texts.
    pub fn new(files: impl IntoIterator<Item = (PathBuf, String)>) -> Self {
        let files: BTreeMap<PathBuf, String> = files.into_iter().collect();
        let folders: Vec<PathBuf> =
            files.keys().filter(|path| path.ends_with("Chart.yaml")).map(|path| path.parent().unwrap().to_path_buf()).collect();
        let chart = |folder: &PathBuf| {
            let own = files.iter().filter_map(|(path, text)| Some((path.strip_prefix(folder).ok()?, text.as_str())));
            let nested = folders.iter().filter(|other| *other != folder && other.starts_with(folder)).collect::<Vec<_>>();
            let own = own.filter(|(path, _)| !nested.iter().any(|other| folder.join(path).starts_with(other)));
            Chart::read(folder, own).unwrap()
        };
        let charts = folders.iter().map(|folder| (folder.clone(), chart(folder))).collect();
        Shop { files, charts }
    }

    /// From a text in which lines `=== path` begin files.
    pub fn parse(text: &str) -> Self {
        let mut files: Vec<(PathBuf, String)> = Vec::new();
        for line in text.lines() {
            match line.strip_prefix("=== ") {
                Some(path) => files.push((path.into(), String::new())),
                None => files.last_mut().into_iter().for_each(|(_, text)| *text += &format!("{line}\n")),
            }
        }
        Self::new(files)
    }

    /// The charts of this repository, and what they are deployed with.
    pub fn here() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
        let mut files = Vec::new();
        for folder in ["charts", "config"] {
            collect(&root.join(folder), Path::new(folder), &mut files);
        }
        Self::new(files)
    }

    pub fn deployments(&self, chart: &Chart) -> Vec<Deployment> {
        let mut found = Vec::new();
        for (path, text) in &self.files {
            let Some(env) = path.strip_prefix("config").ok().and_then(|rest| rest.parent()).map(|env| env.display().to_string()) else {
                continue;
            };
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            if stem == chart.name || chart.folder.ends_with(&stem) {
                let value: Value = document(path, text).unwrap();
                let layers = vec![Layer::file(path.clone(), text, value)];
                found.push(Deployment { application: format!("{stem}-{env}"), environment: Some(env), layers });
            }
        }
        found
    }
}

fn collect(folder: &Path, name: &Path, files: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), name.join(entry.file_name()));
        if path.is_dir() {
            collect(&path, &name, files);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            files.push((name, text));
        }
    }
}
