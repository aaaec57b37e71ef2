//! What Helm reads for a component, taken once from the working tree: the key of the cache and the copy that Helm works on are
//! made of the same bytes, and nothing is ever written into the tree.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::{Context as _, Error, Result};
use crate::gitops::{self, Source};
use crate::repo::{Repo, yaml};

/// Files by their path from the root of the repository.
pub struct Inputs(BTreeMap<PathBuf, Vec<u8>>);

impl Inputs {
    /// Reads the chart, the charts of this repository that it depends on, and the files of values.
    ///
    /// Errors: a file of values is missing, or no valid YAML; a key that is written twice is named with its line, because Helm
    /// would take the last one without a word.
    pub fn read(repo: &Repo, source: &Source) -> Result<Self> {
        let mut inputs = Inputs(BTreeMap::new());
        for chart in gitops::chart_folders(repo, &source.path) {
            inputs.add(repo, &chart, true)?;
        }
        let values = source.helm.iter().flat_map(|helm| &helm.values);
        for file in values {
            if !repo.root().join(file).is_file() {
                let what = format!("there is no {}, which the ApplicationSet of this component names", file.display());
                return Err(Error::failed(what));
            }
            inputs.add_file(repo, file)?;
        }
        let is_values = |file: &Path| file.file_name().is_some_and(|name| name == "values.yaml" || name == "Chart.yaml");
        let named = |file: &PathBuf| source.helm.iter().any(|helm| helm.values.contains(file));
        for (file, bytes) in inputs.0.iter().filter(|(file, _)| named(file) || is_values(file)) {
            let text = std::str::from_utf8(bytes).map_err(|e| Error::failed(e.to_string()));
            text.and_then(yaml::parse::<Value>).map_err(|e| misread(file, &e))?;
        }
        Ok(inputs)
    }

    fn add(&mut self, repo: &Repo, path: &Path, chart: bool) -> Result<()> {
        let dir = repo.root().join(path);
        for entry in std::fs::read_dir(&dir).with_context(|| format!("could not read {}", path.display()))? {
            let entry = entry?;
            let name = entry.file_name();
            let path = path.join(&name);
            // Packed copies of dependencies: git ignores them, so Argo CD never sees them. The generated page about the chart:
            // no template reads it, and a new one would make everything be rendered anew.
            let packed = (chart && name == "charts") || path.extension().is_some_and(|e| e == "tgz");
            let page = chart && name == "README.md";
            match entry.path() {
                _ if packed || page => {}
                inner if inner.is_dir() => self.add(repo, &path, false)?,
                _ => self.add_file(repo, &path)?,
            }
        }
        Ok(())
    }

    fn add_file(&mut self, repo: &Repo, path: &Path) -> Result<()> {
        let bytes = std::fs::read(repo.root().join(path)).with_context(|| format!("could not read {}", path.display()))?;
        self.0.insert(path.to_path_buf(), bytes);
        Ok(())
    }

    /// Everything that stands for these inputs in a key: each path followed by its bytes.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().flat_map(|(path, bytes)| [path.as_os_str().as_encoded_bytes(), bytes.as_slice()])
    }

    /// A file as text; empty if it is not among these.
    pub fn text(&self, path: &Path) -> &str {
        self.0.get(path).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// Has the chart in this folder dependencies?
    pub fn has_dependencies(&self, chart: &Path) -> bool {
        let chart = yaml::parse::<Value>(self.text(&chart.join("Chart.yaml"))).unwrap_or_default();
        chart["dependencies"].as_array().is_some_and(|list| !list.is_empty())
    }

    /// Writes them below `dir`.
    pub fn write(&self, dir: &Path) -> Result<()> {
        for (path, bytes) in &self.0 {
            let path = dir.join(path);
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            std::fs::write(&path, bytes)?;
        }
        Ok(())
    }
}

fn misread(file: &Path, e: &Error) -> Error {
    Error::failed(format!("{} is not valid", file.display())).cause(e.one_line())
}
