//! The cases as files: the ApplicationSet, cluster Secrets of its own where it needs others, and the answer.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::repo::files;

/// The URL that stands in the cases for the repository of `tree/`.
pub const URL: &str = "https://example.com/shop/tree.git";

/// The folder of all of it, from the root of the repository.
const FOLDER: &str = "xtask/tests/conformance";

const CLUSTERS: &str = "clusters.yaml";
const ENDING: &str = ".case";

/// Lines that begin the parts of a case.
const OWN_CLUSTERS: &str = "=== clusters\n";
const ANSWER: &str = "=== expected\n";

/// An ApplicationSet, and what is recorded of it.
pub struct Case {
    pub name: String,
    file: PathBuf,
    /// The ApplicationSet as it is written: what it means is for the controller's own parser.
    pub text: String,
    own_clusters: Option<String>,
    /// The cluster Secrets that the controller must know, as YAML.
    pub clusters: String,
    pub recorded: Option<Value>,
}

impl Case {
    fn read(file: &Path, clusters: &str) -> Result<Self> {
        let all = std::fs::read_to_string(file).with_context(|| format!("could not read {}", shown(file)))?;
        let (before, answer) = all.split_once(ANSWER).unwrap_or((&all, ""));
        let (text, own) = before.split_once(OWN_CLUSTERS).map_or((before, None), |(text, own)| (text, Some(own.to_string())));
        let recorded =
            if answer.is_empty() { None } else { Some(serde_json::from_str(answer).map_err(Error::from).with_context(|| shown(file))?) };
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        Ok(Case {
            name: name.strip_suffix(ENDING).unwrap_or(&name).to_string(),
            file: file.to_path_buf(),
            text: text.to_string(),
            clusters: own.clone().unwrap_or_else(|| clusters.to_string()),
            own_clusters: own,
            recorded,
        })
    }

    pub fn write(&self, answer: &Value) -> Result<()> {
        let clusters = self.own_clusters.as_ref().map_or_else(String::new, |own| format!("{OWN_CLUSTERS}{own}"));
        let text = format!("{}{clusters}{ANSWER}{answer:#}\n", self.text);
        files::write_if_changed(&self.file, text.as_bytes(), 0o644).map(drop)
    }
}

/// The folder that the git generators of the cases read.
pub fn tree(cx: &Context) -> PathBuf {
    cx.repo.root().join(FOLDER).join("tree")
}

/// Every case by name. Errors: a file is missing or not valid.
pub fn read(cx: &Context) -> Result<Vec<Case>> {
    let folder = cx.repo.root().join(FOLDER);
    let file = folder.join(CLUSTERS);
    let clusters = std::fs::read_to_string(&file).with_context(|| format!("could not read {}", shown(&file)))?;
    let entries = std::fs::read_dir(folder.join("cases")).with_context(|| format!("could not read {}", shown(&folder.join("cases"))))?;
    let mut paths: Vec<PathBuf> = entries.map(|e| Ok(e?.path())).collect::<Result<_>>()?;
    paths.sort();
    paths.iter().map(|path| Case::read(path, &clusters)).collect()
}

/// The cases with the same cluster Secrets together.
pub fn by_clusters(cases: Vec<Case>) -> Vec<Vec<Case>> {
    let mut groups: Vec<Vec<Case>> = Vec::new();
    for case in cases {
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| first.clusters == case.clusters)) {
            Some(group) => group.push(case),
            None => groups.push(vec![case]),
        }
    }
    groups
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
