//! The charts of this repository: where they are, what they depend on, and in which order their copies are packed.
//!
//! Helm renders the packed copy of a library in a chart's own `charts` folder, also when the library beside it has changed.

mod packed;

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Context as _, Error, Result};
use crate::repo::{Repo, yaml};

pub use packed::{copies, state};

/// A chart of this repository, with the dependencies that lie beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    pub dir: PathBuf,
    pub dependencies: Vec<Dependency>,
}

/// A dependency as `Chart.yaml` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    pub name: String,
    pub version: String,
    /// The folder of a `file://` repository.
    pub dir: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    dependencies: Vec<WrittenDependency>,
}

#[derive(Deserialize)]
struct WrittenDependency {
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    repository: String,
}

impl Chart {
    fn read(dir: &Path) -> Result<Self> {
        let written: Written = yaml::read(&dir.join("Chart.yaml"))?;
        let dependency = |d: WrittenDependency| {
            let dir = d.repository.strip_prefix("file://").map(|path| normal(&dir.join(path)));
            Dependency { name: d.name, version: d.version, dir }
        };
        Ok(Chart { dir: dir.to_path_buf(), dependencies: written.dependencies.into_iter().map(dependency).collect() })
    }

    /// Where the packed copies lie.
    pub fn packed_dir(&self) -> PathBuf {
        self.dir.join("charts")
    }
}

/// The path without `..`, so that it can be compared.
fn normal(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut path, component| {
        match component {
            std::path::Component::ParentDir => drop(path.pop()),
            other => path.push(other),
        }
        path
    })
}

/// Every chart of the repository that depends on others, each after those that it depends on.
/// Errors: a `Chart.yaml` that cannot be read; charts that need each other in a circle.
pub fn with_dependencies(repo: &Repo) -> Result<Vec<Chart>> {
    let ordered = order(all(repo)?)?;
    Ok(ordered.into_iter().filter(|chart| !chart.dependencies.is_empty()).collect())
}

/// Every chart of the repository, by path.
pub fn all(repo: &Repo) -> Result<Vec<Chart>> {
    let mut charts = Vec::new();
    find(&repo.charts_dir(), &mut charts)?;
    charts.sort_by(|a, b| a.dir.cmp(&b.dir));
    Ok(charts)
}

fn find(dir: &Path, charts: &mut Vec<Chart>) -> Result<()> {
    if dir.join("Chart.yaml").is_file() {
        charts.push(Chart::read(dir)?);
        // What lies below belongs to it: copies of its dependencies, and not charts of this repository.
        return Ok(());
    }
    if !dir.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(dir).with_context(|| format!("could not read {}", dir.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            find(&entry.path(), charts)?;
        }
    }
    Ok(())
}

/// Kahn's algorithm, as for steps.
fn order(mut left: Vec<Chart>) -> Result<Vec<Chart>> {
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let folders: Vec<PathBuf> = left.iter().map(|chart| chart.dir.clone()).collect();
        let needs = |chart: &Chart| chart.dependencies.iter().filter_map(|d| d.dir.as_ref()).any(|dir| folders.contains(dir));
        let (later, now): (Vec<Chart>, Vec<Chart>) = left.into_iter().partition(needs);
        if now.is_empty() {
            let names: Vec<String> = later.iter().map(|c| c.dir.display().to_string()).collect();
            return Err(Error::failed(format!("charts need each other in a circle: {}", names.join(", "))));
        }
        ordered.extend(now);
        left = later;
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(dir: &str, needs: &[&str]) -> Chart {
        let dependency =
            |dir: &&str| Dependency { name: "d".into(), version: "1.0.0".into(), dir: Some(normal(&Path::new("/c").join(dir))) };
        Chart { dir: Path::new("/c").join(dir), dependencies: needs.iter().map(dependency).collect() }
    }

    #[test]
    fn libraries_come_before_the_charts_that_use_them() {
        let ordered =
            order(vec![chart("app", &["x/../middle"]), chart("library", &[]), chart("middle", &["library", "/elsewhere"])]).unwrap();
        let names: Vec<_> = ordered.iter().map(|c| c.dir.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["library", "middle", "app"]);
        let e = order(vec![chart("a", &["b"]), chart("b", &["a"])]).unwrap_err();
        assert_eq!(e.what(), "charts need each other in a circle: /c/a, /c/b");
    }
}
