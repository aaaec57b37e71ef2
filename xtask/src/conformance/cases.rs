//! The cases as files: a folder each, with the ApplicationSet, the answer, and cluster Secrets of its own where it needs others.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::repo::files;

/// The URL that stands in the cases for the repository of `tree/`.
pub const URL: &str = "https://example.com/shop/tree.git";

/// The folder of all of it, from the root of the repository.
const FOLDER: &str = "xtask/tests/conformance";

const SET: &str = "applicationset.yaml";
const ANSWER: &str = "expected.json";
const CLUSTERS: &str = "clusters.yaml";

/// An ApplicationSet, and what is recorded of it.
pub struct Case {
    pub name: String,
    dir: PathBuf,
    /// The file as it is written: what it means is for the controller's own parser.
    pub text: String,
    /// The cluster Secrets that the controller must know, as YAML.
    pub clusters: String,
    pub recorded: Option<Value>,
}

impl Case {
    fn read(dir: &Path, clusters: &str) -> Result<Self> {
        let text = |name: &str| std::fs::read_to_string(dir.join(name));
        let recorded = match text(ANSWER) {
            Ok(answer) => Some(serde_json::from_str(&answer).map_err(Error::from).with_context(|| shown(&dir.join(ANSWER)))?),
            Err(_) => None,
        };
        Ok(Case {
            name: dir.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            text: text(SET).with_context(|| format!("could not read {}", shown(&dir.join(SET))))?,
            clusters: text(CLUSTERS).unwrap_or_else(|_| clusters.to_string()),
            recorded,
            dir: dir.to_path_buf(),
        })
    }

    pub fn write(&self, answer: &Value) -> Result<()> {
        let text = format!("{answer:#}\n");
        files::write_if_changed(&self.dir.join(ANSWER), text.as_bytes(), 0o644).map(drop)
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
    let mut dirs: Vec<PathBuf> = entries.map(|e| Ok(e?.path())).collect::<Result<_>>()?;
    dirs.sort();
    dirs.iter().map(|dir| Case::read(dir, &clusters)).collect()
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
