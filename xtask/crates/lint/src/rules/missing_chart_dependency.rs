//! A dependency that Helm cannot build.
//!
//! ## What
//! A `file://` dependency whose folder has no chart, or one of another name or version, or a Chart.lock that says something else
//! than Chart.yaml.
//! ## Why
//! The dependencies are built before anything renders: the Application has no manifests at all.
//! ## Bad
//! ```yaml charts/shop/Chart.yaml
//! name: shop
//! version: 1.0.0
//! dependencies:
//!   - name: redis
//!     version: 2.x
//!     repository: file://../redis
//!   - name: kafka
//!     version: 1.0.0
//!     repository: file://../kafka
//! ```
//! ```yaml charts/redis/Chart.yaml
//! name: redis
//! version: 1.4.0
//! ```
//! ## Good
//! ```yaml charts/shop/Chart.yaml
//! name: shop
//! version: 1.0.0
//! dependencies:
//!   - name: redis
//!     version: ~1.4
//!     repository: file://../redis
//! ```
//! ```yaml charts/redis/Chart.yaml
//! name: redis
//! version: 1.4.0
//! ```
//! ## Trap
//! A dependency that is merely not vendored, with an alias, and a lock that agrees.
//! ```yaml charts/shop/Chart.yaml
//! name: shop
//! version: 1.0.0
//! dependencies:
//!   - name: redis
//!     version: ">=1.0.0 <2.0.0"
//!     repository: file://../redis/
//!     alias: cache
//!   - name: redis
//!     version: "*"
//!     repository: file://../redis/
//!     alias: sessions
//!   - name: postgresql
//!     version: ^12
//!     repository: https://charts.example.com
//! ```
//! ```yaml charts/shop/Chart.lock
//! dependencies:
//!   - name: redis
//!     version: 1.4.0
//!     repository: file://../redis/
//!   - name: redis
//!     version: 1.4.0
//!     repository: file://../redis/
//!   - name: postgresql
//!     version: 12.3.1
//!     repository: https://charts.example.com
//! ```
//! ```yaml charts/redis/Chart.yaml
//! name: redis
//! version: 1.4.0
//! ```
//! ## Fix
//! Write the folder, name and version that the dependency has, then `helm dependency update`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::text::nearest;
use crate::charts::{Chart, Dependency};
use crate::{Findings, Severity};

pub const ID: &str = "missing-chart-dependency";
pub const SEVERITY: Severity = Severity::Error;

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> super::Meta {
        super::Meta { id: ID, severity: SEVERITY }
    }

    fn check(&self, index: &crate::index::Index<'_>, out: &mut Findings) {
        check(&index.input.charts, out);
    }
}

/// `charts` are all charts of the repository, by their folders.
pub fn check(charts: &BTreeMap<PathBuf, Chart>, out: &mut Findings) {
    out.of(ID, SEVERITY);
    for chart in charts.values() {
        for dependency in &chart.dependencies {
            local(chart, dependency, charts, out);
        }
        locked(chart, out);
    }
}

fn local(chart: &Chart, dependency: &Dependency, charts: &BTreeMap<PathBuf, Chart>, out: &mut Findings) {
    if !dependency.repository.starts_with("file://") {
        return;
    }
    let place = dependency.place.clone().unwrap_or_else(|| chart.place("Chart.yaml"));
    let Some(folder) = dependency.folder(&chart.folder) else {
        let object = Some(dependency.name.clone());
        out.unverified(Some(place.path), object, format!("`{}` is outside of the repository", dependency.repository));
        return;
    };
    let Some(found) = charts.get(&folder) else {
        let folders: Vec<String> = charts.keys().map(|folder| folder.display().to_string()).collect();
        let same = charts.values().find(|other| other.name == dependency.name).map(|other| other.folder.display().to_string());
        let near = same.or_else(|| nearest(&folder.display().to_string(), folders.iter().map(String::as_str)).map(str::to_string));
        let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        out.say(format!("the dependency `{}` has no chart in `{}`", dependency.name, folder.display()))
            .at(place.path, place.line, place.column)
            .help(format!("the path counts from the folder of Chart.yaml{near}"));
        return;
    };
    let chart_yaml = found.place("Chart.yaml");
    if found.name != dependency.name {
        out.say(format!("the chart in `{}` is called `{}`, not `{}`", folder.display(), found.name, dependency.name))
            .at(place.path, place.line, place.column)
            .help("write the chart's own name; another one for its values is its `alias`")
            .related(chart_yaml.path, chart_yaml.line, None, "its name");
    } else if satisfies(&dependency.version, &found.version) == Some(false) {
        out.say(format!("the chart in `{}` has version {}, not {}", folder.display(), found.version, dependency.version))
            .at(place.path, place.line, place.column)
            .help("write the version that the chart has, then build the dependencies anew")
            .related(chart_yaml.path, chart_yaml.line, None, "its version");
    }
}

/// Does the lock say the same as Chart.yaml?
fn locked(chart: &Chart, out: &mut Findings) {
    let Some(lock) = &chart.lock else { return };
    let mut left: Vec<&Dependency> = lock.dependencies.iter().collect();
    let mut wrong = Vec::new();
    for dependency in &chart.dependencies {
        let fits = |locked: &&Dependency| locked.name == dependency.name && satisfies(&dependency.version, &locked.version) != Some(false);
        let named = |locked: &&Dependency| locked.name == dependency.name;
        match left.iter().position(fits).or_else(|| left.iter().position(named)) {
            None => wrong.push(format!("`{}` is not in it", dependency.name)),
            Some(at) => {
                let locked = left.remove(at);
                let url = |text: &str| text.trim_end_matches('/').to_string();
                if satisfies(&dependency.version, &locked.version) == Some(false) {
                    wrong.push(format!(
                        "`{}` has version {} there and {} in Chart.yaml",
                        dependency.name, locked.version, dependency.version
                    ));
                } else if url(&locked.repository) != url(&dependency.repository) {
                    wrong.push(format!("`{}` comes from `{}` there", dependency.name, locked.repository));
                }
            }
        }
    }
    wrong.extend(left.iter().map(|locked| format!("`{}` is not in Chart.yaml", locked.name)));
    if wrong.is_empty() {
        return;
    }
    let name = lock.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let place = lock.dependencies.first().and_then(|first| first.place.clone());
    let line = place.map_or(1, |place| place.line);
    out.say(format!("{name} does not fit Chart.yaml: {}", wrong.join(", ")))
        .at(lock.path.clone(), line, None)
        .help("run `helm dependency update` in the chart's folder and commit the lock");
}

/// Does a version fit a constraint? `None` for what is no version or constraint.
fn satisfies(constraint: &str, version: &str) -> Option<bool> {
    if constraint.is_empty() || constraint == version {
        return Some(true);
    }
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let template = format!("{{{{ semverCompare {} {} }}}}", quoted(constraint), quoted(version));
    let data = gotemplate::Value::Nil;
    match gotemplate::render(&template, &data, gotemplate::MissingKey::Default).ok()?.as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}
