//! The waves that the ApplicationSets of this repository describe: which Applications, in which order.
//!
//! It reads the one shape that this repository uses, a matrix of clusters and a list of components; a file of another
//! shape is an error, because a wave that nobody waits for would look like a healthy one.

use std::path::Path;

use serde::Deserialize;

use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::repo::yaml;

/// A wave of an environment, with the Applications that it generates there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wave {
    pub number: i64,
    /// Name of its ApplicationSet.
    pub name: String,
    pub components: Vec<Component>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    pub name: String,
    /// Name of its Application.
    pub application: String,
}

#[derive(Deserialize)]
struct ApplicationSet {
    metadata: Metadata,
    spec: Spec,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    #[serde(default)]
    annotations: std::collections::BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Spec {
    generators: Vec<Generator>,
}

#[derive(Deserialize)]
struct Generator {
    matrix: Matrix,
}

#[derive(Deserialize)]
struct Matrix {
    generators: Vec<Child>,
}

#[derive(Deserialize)]
struct Child {
    list: Option<List>,
}

#[derive(Deserialize)]
struct List {
    elements: Vec<Element>,
}

#[derive(Deserialize)]
struct Element {
    component: String,
}

/// The waves of this environment, in their order. Errors: a file is not valid, or of another shape.
pub fn expected(cx: &Context) -> Result<Vec<Wave>> {
    let dir = cx.repo.argocd_dir().join("applicationsets");
    let entries = std::fs::read_dir(&dir).with_context(|| format!("could not read {}", cx.repo.shown(&dir)))?;
    let mut waves = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "yaml") {
            waves.push(read(&path, cx.env()).with_context(|| format!("could not read the wave of {}", cx.repo.shown(&path)))?);
        }
    }
    waves.sort_by_key(|w| w.number);
    Ok(waves)
}

fn read(path: &Path, env: &str) -> Result<Wave> {
    let set: ApplicationSet = yaml::read(path)?;
    let number = set.metadata.annotations.get("argocd.argoproj.io/sync-wave").and_then(|n| n.parse().ok());
    let lists = set.spec.generators.into_iter().flat_map(|g| g.matrix.generators).filter_map(|g| g.list);
    let components = lists.flat_map(|l| l.elements).map(|e| Component { application: format!("{}-{env}", e.component), name: e.component });
    Ok(Wave {
        number: number.ok_or_else(|| Error::failed("it has no annotation argocd.argoproj.io/sync-wave"))?,
        name: set.metadata.name,
        components: components.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_committed_applicationset_is_a_wave() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../argocd/applicationsets");
        let mut waves: Vec<Wave> = std::fs::read_dir(dir).unwrap().map(|e| read(&e.unwrap().path(), "dev").unwrap()).collect();
        waves.sort_by_key(|w| w.number);
        let numbers: Vec<i64> = waves.iter().map(|w| w.number).collect();
        assert_eq!(numbers, [-1, 1, 2, 3, 4, 30]);
        assert_eq!(waves[5].components.len(), 7);
        assert_eq!(waves[0].components[0].application, "namespaces-dev");
    }
}
