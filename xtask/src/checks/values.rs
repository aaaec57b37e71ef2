//! Every file of values: no key twice, and what the schema of its chart says. A finding names the file and the key.
//!
//! Helm itself keeps the last of two equal keys without a word, and of a wrong key it names the chart, not the file.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::{Report, Verdict, expect};
use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::proc::{Failure, Invocation};
use crate::repo::environment::Engine;
use crate::repo::{Environment, files, yaml};
use crate::ui::count;

/// Everything of these that is YAML is read; templates are not YAML.
const FOLDERS: [&str; 5] = ["argocd", "bootstrap", "charts", "config", "environments"];

pub fn run(cx: &Context, report: &mut Report<'_>) -> Result<()> {
    let readable = report.check("values: keys", || {
        let all = yaml_files(cx.repo.root())?;
        let broken: Vec<Error> = all.iter().filter_map(|path| yaml::read_all(&cx.repo.root().join(path)).err()).collect();
        expect(broken.is_empty(), format!("{} cannot be read", count(broken.len(), "file"))).map_err(|e| {
            let shown = |text: &str| text.replace(&format!("{}/", cx.repo.root().display()), "");
            broken.iter().fold(e, |e, b| e.cause(shown(&b.one_line())))
        })?;
        Ok(Verdict::Passed(format!("{}, no key twice", count(all.len(), "file"))))
    })?;
    if !readable {
        report.skip("values: schemas", "not every file can be read");
        return Ok(());
    }
    report.check("values: schemas", || {
        let components = components(cx)?;
        let (left, right) = components.split_at(components.len() / 2);
        // Two at a time: Helm waits for the disk.
        let (left, right) = std::thread::scope(|scope| {
            let right = scope.spawn(|| of_all(cx, right));
            (of_all(cx, left), right.join())
        });
        let right = right.unwrap_or_else(|_| Err(Error::failed("a look at values ended unexpectedly")));
        let mut findings = [left?, right?].concat();
        findings.dedup();
        let error = Error::failed(format!("{} of values do not fit their chart", count(findings.len(), "line")));
        if !findings.is_empty() {
            return Err(findings.into_iter().fold(error, Error::cause));
        }
        Ok(Verdict::Passed(format!("{} of values with their charts", count(components.len(), "set"))))
    })?;
    Ok(())
}

/// A chart with the files of values that it gets somewhere, the later ones stronger; all from the root of the repository.
struct Component {
    chart: PathBuf,
    values: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Chart {
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    #[serde(default)]
    repository: String,
}

/// Every chart in every environment that has values for it; services on every engine too.
fn components(cx: &Context) -> Result<Vec<Component>> {
    let root = cx.repo.root();
    let mut components = Vec::new();
    for folder in ["charts", "charts/services"].map(Path::new) {
        for name in names(&root.join(folder))? {
            let chart = folder.join(&name);
            if !root.join(&chart).join("Chart.yaml").is_file() {
                continue;
            }
            for env in Environment::names(&cx.repo) {
                let own = Path::new("config").join(&env).join(format!("{name}.yaml"));
                if !root.join(&own).is_file() {
                    continue;
                }
                let values = vec![chart.join("values.yaml"), own];
                if folder.ends_with("services") {
                    let engines = Environment::read(&cx.repo, &env)?.cluster.engines;
                    components.extend(engines.into_iter().map(|engine| with_engine(&chart, &values, engine)));
                } else {
                    components.push(Component { chart: chart.clone(), values });
                }
            }
        }
    }
    Ok(components)
}

fn of_all(cx: &Context, components: &[Component]) -> Result<Vec<String>> {
    let findings: Vec<Vec<String>> = components.iter().map(|c| c.findings(cx)).collect::<Result<_>>()?;
    Ok(findings.concat())
}

fn with_engine(chart: &Path, values: &[PathBuf], engine: Engine) -> Component {
    let last = PathBuf::from(format!("config/engine/{}.yaml", engine.name()));
    Component { chart: chart.to_path_buf(), values: values.iter().cloned().chain([last]).collect() }
}

impl Component {
    /// What Helm says against it, in terms of files and keys. Errors: Helm cannot be run.
    fn findings(&self, cx: &Context) -> Result<Vec<String>> {
        let dir = tempfile::tempdir().context("could not make a folder for a chart")?;
        let copy = dir.path().join("chart");
        self.copy_with_libraries(cx.repo.root(), &copy)?;
        let mut call = Invocation::reads(cx.provision.tool("helm")?).args(["template", "x"]).arg(&copy);
        for file in &self.values {
            call = call.arg("--values").arg(cx.repo.root().join(file));
        }
        let failure = match cx.runner.run(&call) {
            Ok(_) => return Ok(Vec::new()),
            Err(failure @ Failure::Failed { .. }) => failure,
            Err(other) => return Err(other.into()),
        };
        let printed = failure.tail().to_string();
        let complaints: Vec<&str> = printed.lines().filter_map(|l| l.trim_start().strip_prefix("- at '")).collect();
        if complaints.is_empty() {
            // A refusal of the templates' own: it names the key.
            let files: Vec<String> = self.values.iter().map(|f| f.display().to_string()).collect();
            return Ok(vec![format!("{}: {}", files.join(" + "), printed.trim())]);
        }
        let values: Vec<(&Path, Value)> =
            self.values.iter().map(|f| Ok((f.as_path(), yaml::read(&cx.repo.root().join(f))?))).collect::<Result<_>>()?;
        Ok(complaints.into_iter().flat_map(|c| explain(c, &values)).collect())
    }

    /// Helm takes unpacked libraries as well as packed ones, which may be of yesterday.
    fn copy_with_libraries(&self, root: &Path, to: &Path) -> Result<()> {
        let chart: Chart = yaml::read(&root.join(&self.chart).join("Chart.yaml"))?;
        copy(&root.join(&self.chart), to)?;
        for library in chart.dependencies {
            if let Some(path) = library.repository.strip_prefix("file://") {
                copy(&root.join(&self.chart).join(path), &to.join("charts").join(library.name))?;
            }
        }
        debug_assert_ne!(chart.r#type, "library", "nobody renders a library");
        Ok(())
    }
}

/// A complaint of Helm's schema check (Helm 4.2), the text behind `- at '`, with the file and the key that it is about.
fn explain(complaint: &str, values: &[(&Path, Value)]) -> Vec<String> {
    let (pointer, what) = complaint.split_once("': ").unwrap_or(("", complaint));
    let quoted = |text: &str| text.split('\'').skip(1).step_by(2).map(str::to_string).collect::<Vec<_>>();
    let below = |key: &String| format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
    let dotted = |pointer: &str| pointer.trim_start_matches('/').replace('/', ".").replace("~1", "/").replace("~0", "~");
    let last_with = |pointer: &str| values.iter().rev().find(|(_, v)| v.pointer(pointer).is_some()).map(|(f, _)| f.display().to_string());
    if what.starts_with("missing propert") {
        let files: Vec<String> = values.iter().map(|(f, _)| f.display().to_string()).collect();
        let missing = |key: &String| format!("`{}` is required and stands in none of {}", dotted(&below(key)), files.join(", "));
        return quoted(what).iter().map(missing).collect();
    }
    if what.starts_with("additional propert") {
        let unknown = |key: &String| {
            let file = last_with(&below(key)).unwrap_or_default();
            format!("{file}: there is no key `{}`", dotted(&below(key)))
        };
        return quoted(what).iter().map(unknown).collect();
    }
    vec![format!("{}: `{}`: {what}", last_with(pointer).unwrap_or_default(), dotted(pointer))]
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e.into()),
    };
    let mut names: Vec<String> = entries.map(|e| Ok(e?.file_name().to_string_lossy().into_owned())).collect::<Result<_>>()?;
    names.sort();
    Ok(names)
}

/// YAML of the repository, from its root; of a chart what is not a template.
fn yaml_files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = FOLDERS.iter().map(PathBuf::from).collect();
    while let Some(folder) = folders.pop() {
        for name in names(&root.join(&folder))? {
            let path = folder.join(&name);
            if root.join(&path).is_dir() {
                // What git does not track is not ours to check.
                let skip = ["templates", "kubeconfig"].contains(&name.as_str()) || name == "charts" && folder != Path::new("");
                folders.extend((!skip).then_some(path));
            } else if name.ends_with(".yaml") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Copies a chart; packed libraries stay behind.
fn copy(from: &Path, to: &Path) -> Result<()> {
    for name in names(from)? {
        let (from, to) = (from.join(&name), to.join(&name));
        if !from.is_dir() {
            files::write_if_changed(&to, &std::fs::read(&from)?, 0o644)?;
        } else if name != "charts" {
            copy(&from, &to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn explained(complaint: &str) -> Vec<String> {
        let chart = json!({ "image": { "tag": "v1" }, "replicaCount": 2, "labels": { "a/b": 1 } });
        let config = json!({ "replicaCount": "2", "image": { "tagg": "v2" } });
        explain(complaint, &[(Path::new("values.yaml"), chart), (Path::new("config.yaml"), config)])
    }

    #[test]
    fn a_finding_names_the_strongest_file_with_the_key() {
        assert_eq!(explained("/replicaCount': got string, want integer"), ["config.yaml: `replicaCount`: got string, want integer"]);
        assert_eq!(explained("/image/tag': value must be one of 'a', 'b'"), ["values.yaml: `image.tag`: value must be one of 'a', 'b'"]);
        assert_eq!(explained("/labels/a~1b': got number, want string"), ["values.yaml: `labels.a/b`: got number, want string"]);
    }

    #[test]
    fn an_unknown_key_is_named_in_full() {
        assert_eq!(explained("/image': additional properties 'tagg' not allowed"), ["config.yaml: there is no key `image.tagg`"]);
        let both = explained("': additional properties 'image', 'labels' not allowed");
        assert_eq!(both, ["config.yaml: there is no key `image`", "values.yaml: there is no key `labels`"]);
    }

    #[test]
    fn a_missing_key_names_every_file_that_could_have_it() {
        let wanted = "`image.repository` is required and stands in none of values.yaml, config.yaml";
        assert_eq!(explained("/image': missing property 'repository'"), [wanted]);
    }
}
