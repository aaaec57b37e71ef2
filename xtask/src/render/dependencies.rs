//! The charts that a chart depends on: which are there, which lie beside it, and whether `Chart.lock` fits.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::copy::{about, local};
use super::files::{Files, hex, sum_of};
use crate::error::Result;
use crate::repo::yaml;

/// A chart of this tree that another one takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    pub name: String,
    /// As it is asked for.
    pub version: String,
    /// Another name for it, or empty.
    pub alias: String,
    /// From the root.
    pub folder: PathBuf,
}

impl Dependency {
    /// What Helm calls it below the chart that takes it.
    pub fn known_as(&self) -> &str {
        if self.alias.is_empty() { &self.name } else { &self.alias }
    }
}

/// The charts of this tree that a chart takes, whether it needs them or has them already.
pub fn locals(files: &Files, chart: &Path) -> Result<Vec<Dependency>> {
    let mut found = Vec::new();
    for name in ["Chart.yaml", "requirements.yaml"] {
        let file = chart.join(name);
        // Reading YAML costs more than everything else here, and most charts have none of it.
        let text = if files.is_file(&file) { files.text(&file)? } else { continue };
        if text.contains("file://") {
            found.extend(here(files, chart, &list(&yaml::parse(&text).unwrap_or_default(), "dependencies")));
        }
    }
    Ok(found)
}

/// Those of the dependencies that lie in this tree. One that is not there is for Helm to complain about.
fn here(files: &Files, chart: &Path, wanted: &[Value]) -> Vec<Dependency> {
    let found = wanted.iter().filter_map(|dependency| {
        let folder = local(chart, word(dependency, "repository")).filter(|folder| files.is_file(&folder.join("Chart.yaml")))?;
        let [name, version, alias] = ["name", "version", "alias"].map(|key| word(dependency, key).to_string());
        Some(Dependency { name, version, alias, folder })
    });
    found.collect()
}

/// How a chart gets its dependencies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// It has all it needs in its own folder.
    Nothing,
    /// They are packed here: everything about their versions is exactly as it should be.
    Pack,
    /// Helm itself has to look at them: ranges of versions, files to leave out, or something that does not fit.
    Ask,
    /// They come from the network; the reason.
    Impossible(String),
}

/// Decides as Argo CD: nothing is built for a chart that has a chart of every name in its `charts` folder.
pub fn plan(files: &Files, chart: &Path) -> Result<Plan> {
    // Reading YAML costs more than everything else here, and most charts have none of it.
    let text = files.text(&chart.join("Chart.yaml")).unwrap_or_default();
    let old = files.is_file(&chart.join("requirements.yaml"));
    if !text.contains("dependencies") && !old {
        return Ok(Plan::Nothing);
    }
    let description = about(files, chart);
    let mut wanted = list(&description, "dependencies");
    if old {
        let old: Value = yaml::parse(&files.text(&chart.join("requirements.yaml"))?).unwrap_or_default();
        wanted.extend(list(&old, "dependencies"));
    }
    let folder = files.folder(chart)?;
    if wanted.iter().all(|dependency| is_there(files, chart, &folder.files, word(dependency, "name"))) {
        return Ok(Plan::Nothing);
    }
    let far = |dependency: &&Value| !matches!(word(dependency, "repository"), repository if repository.is_empty() || repository.starts_with("file://"));
    if let Some(dependency) = wanted.iter().find(far) {
        let (name, repository) = (word(dependency, "name"), word(dependency, "repository"));
        let why = format!("{} depends on the chart {name} of {repository}, which is not in this repository", chart.display());
        return Ok(Plan::Impossible(why));
    }
    let found = here(files, chart, &wanted);
    let exact = |dependency: &Value| {
        let is = |found: &&Dependency| {
            found.name == word(dependency, "name") && Some(&found.folder) == local(chart, word(dependency, "repository")).as_ref()
        };
        found.iter().find(is).is_some_and(|found| {
            let about = about(files, &found.folder);
            let fits = word(&about, "name") == found.name && word(&about, "version") == word(dependency, "version");
            fits && is_version(&found.version) && !files.is_file(&found.folder.join(".helmignore"))
        })
    };
    let lock = chart.join("Chart.lock");
    let locked = match files.is_file(&lock) {
        true => yaml::parse::<Value>(&files.text(&lock)?)
            .ok()
            .filter(|lock| *word(lock, "digest") == digest(&wanted, &list(lock, "dependencies"))),
        false => Some(Value::Null),
    };
    let simple = !old && locked.is_some_and(|lock| list(&lock, "dependencies").iter().chain(&wanted).all(exact));
    Ok(if simple { Plan::Pack } else { Plan::Ask })
}

/// Has the `charts` folder a chart of this name?
fn is_there(files: &Files, chart: &Path, all: &[PathBuf], name: &str) -> bool {
    all.iter().filter_map(|file| file.strip_prefix("charts").ok()).any(|file| {
        let first = file.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned()).unwrap_or_default();
        match first.strip_suffix(".tgz") {
            // Its version follows the name.
            Some(packed) => packed
                .strip_prefix(name)
                .is_some_and(|rest| rest.strip_prefix('-').is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit()))),
            None => {
                file.ends_with("Chart.yaml")
                    && file.components().count() == 2
                    && word(&about(files, &chart.join("charts").join(first)), "name") == name
            }
        }
    })
}

/// Three numbers, so no range.
fn is_version(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The sum in `Chart.lock` (`resolver.HashReq` of Helm 4): of what Chart.yaml asks for and what the lock has, as Go's JSON.
fn digest(wanted: &[Value], locked: &[Value]) -> String {
    let all = |list: &[Value]| format!("[{}]", list.iter().map(as_go).collect::<Vec<_>>().join(","));
    let text = format!("[{},{}]", all(wanted), all(locked));
    format!("sha256:{}", hex(&sum_of(text.as_bytes())))
}

/// A dependency in the order of Helm's type, without what is empty.
fn as_go(dependency: &Value) -> String {
    let keys = ["name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias"];
    let empty = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    };
    let fields = keys.iter().filter_map(|key| {
        let value = dependency.get(*key).unwrap_or(&Value::Null);
        match *key {
            "name" | "repository" => Some(format!("\"{key}\":{}", go_json(&Value::from(value.as_str().unwrap_or_default())))),
            _ if empty(value) => None,
            _ => Some(format!("\"{key}\":{}", go_json(value))),
        }
    });
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

/// JSON with what Go escapes for HTML. Keys are sorted already.
fn go_json(value: &Value) -> String {
    let text = value.to_string();
    let escaped = |c: char| match c {
        '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => format!("\\u{:04x}", c as u32),
        c => c.to_string(),
    };
    text.chars().map(escaped).collect()
}

fn list(value: &Value, key: &str) -> Vec<Value> {
    value.get(key).and_then(Value::as_array).cloned().unwrap_or_default()
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::{Interrupt, Runner};

    #[test]
    fn the_locks_of_this_repository_fit() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let files = Files::new(&root, &Runner::new(Interrupt::default())).unwrap();
        let chart = Path::new("charts/services/order-service");
        let library = Dependency {
            name: "service-lib".into(),
            version: "1.0.0".into(),
            alias: String::new(),
            folder: "charts/library/service".into(),
        };
        assert_eq!(locals(&files, chart).unwrap(), [library]);
        assert_eq!(plan(&files, chart).unwrap(), Plan::Pack);
    }

    fn planned(chart: &str, lock: &str, library: &str, more: &[(&str, &str)]) -> Plan {
        let dir = tempfile::tempdir().unwrap();
        let write = |file: &str, text: &str| {
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("a/Chart.yaml", &format!("apiVersion: v2\nname: a\nversion: 1.0.0\n{chart}"));
        write("lib/Chart.yaml", &format!("apiVersion: v2\nname: lib\nversion: {library}\n"));
        if !lock.is_empty() {
            write("a/Chart.lock", lock);
        }
        more.iter().for_each(|(file, text)| write(file, text));
        plan(&Files::new(dir.path(), &Runner::new(Interrupt::default())).unwrap(), Path::new("a")).unwrap()
    }

    const LIB: &str = "dependencies: [{name: lib, version: 1.0.0, repository: file://../lib, condition: \"a<b\", tags: [x]}]\n";

    #[test]
    fn only_what_fits_exactly_is_packed_without_helm() {
        assert!(matches!(planned("", "", "1.0.0", &[]), Plan::Nothing));
        assert!(matches!(planned(LIB, "", "1.0.0", &[]), Plan::Pack));
        assert!(matches!(planned(LIB, "", "1.1.0", &[]), Plan::Ask));
        assert!(matches!(planned(&LIB.replace("1.0.0", "^1.0.0"), "", "1.0.0", &[]), Plan::Ask));
        assert!(matches!(planned(LIB, "", "1.0.0", &[("lib/.helmignore", "x")]), Plan::Ask));
        assert!(matches!(planned(&LIB.replace("../lib", "../no"), "", "1.0.0", &[]), Plan::Ask));
        assert!(matches!(planned(LIB, "dependencies: []\ndigest: sha256:0\n", "1.0.0", &[]), Plan::Ask));
        // Written by `helm dependency update` of Helm 4.2.1.
        let lock = "dependencies:\n- name: lib\n  repository: file://../lib\n  version: 1.0.0\ndigest: DIGEST\n";
        let lock = lock.replace("DIGEST", "sha256:a9c0f0c413884c64241fc0761f58a99b8a81d6efa5615bcd3283cf3d21c72b50");
        assert!(matches!(planned(LIB, &lock, "1.0.0", &[]), Plan::Pack));
    }

    #[test]
    fn what_is_in_the_folder_already_is_not_built() {
        assert!(matches!(planned(LIB, "", "1.0.0", &[("a/charts/x/Chart.yaml", "name: lib\n")]), Plan::Nothing));
        assert!(matches!(planned(LIB, "", "1.0.0", &[("a/charts/lib-0.1.0.tgz", "")]), Plan::Nothing));
        assert!(matches!(planned(LIB, "", "1.0.0", &[("a/charts/lib-other-0.1.0.tgz", "")]), Plan::Pack));
    }

    #[test]
    fn charts_of_the_network_are_not_here() {
        let far = "dependencies: [{name: redis, version: 1.0.0, repository: \"https://charts.example\"}]\n";
        assert!(matches!(planned(far, "", "1.0.0", &[]), Plan::Impossible(why) if why.contains("redis of https://charts.example")));
    }
}
