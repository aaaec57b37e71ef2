//! What Argo CD deploys for a component: the template of its ApplicationSet, filled in for an environment.
//!
//! It fills in what the ApplicationSets of this repository use of Go's templates and refuses the rest, because a guess would
//! look like what Argo CD does.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::affected::normal;
use super::waves::{Component, Wave};
use crate::error::{Context as _, Error, Result};
use crate::repo::{Repo, yaml};

/// Where the objects of an Application come from, and where they go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The ApplicationSet, from the root.
    pub file: PathBuf,
    /// Folder of the chart or of the files, from the root of the repository.
    pub path: PathBuf,
    /// Namespace of the Application's destination.
    pub namespace: String,
    /// `None` for a folder of plain files.
    pub helm: Option<Helm>,
    pub files: Files,
}

/// Which files of a folder of plain files count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Those of the folders in it too.
    pub recurse: bool,
    /// As it is written.
    pub include: String,
}

impl Files {
    /// Reads `directory` of a source. Errors: it has something that is not understood here.
    fn read(directory: &Value) -> Result<Self> {
        known(directory, &["recurse", "include"])?;
        let include = directory["include"].as_str().unwrap_or_default().to_string();
        Ok(Files { recurse: directory["recurse"] == true, include })
    }
}

/// What Argo CD tells Helm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Helm {
    pub release: String,
    /// Files of values from the root of the repository, the later ones stronger.
    pub values: Vec<PathBuf>,
}

/// The labels of the cluster that an Application is generated for.
#[derive(Clone, Copy, Debug)]
pub struct Labels<'a> {
    pub env: &'a str,
    /// The file of `config/engine`, without `.yaml`.
    pub engine: &'a str,
}

/// Returns the source of a component of a wave.
///
/// Errors: no ApplicationSet has the wave's name; its template is of another shape than those of this repository.
pub fn source(repo: &Repo, wave: &Wave, component: &Component, labels: Labels) -> Result<Source> {
    let dir = repo.argocd_dir().join("applicationsets");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&dir)?.map(|e| Ok(e?.path())).collect::<Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|e| e == "yaml"));
    for file in files {
        let set: Value = yaml::read(&file)?;
        if set.pointer("/metadata/name").is_some_and(|name| *name == *wave.name) {
            let what = || format!("could not read the source of {} in {}", component.name, repo.shown(&file));
            let source = read(&set, &component.name, labels).with_context(what)?;
            return Ok(Source { file: PathBuf::from(repo.shown(&file)), ..source });
        }
    }
    Err(Error::failed(format!("no ApplicationSet of {} is called `{}`", repo.shown(&dir), wave.name)))
}

fn read(set: &Value, component: &str, labels: Labels) -> Result<Source> {
    let spec = set.pointer("/spec/template/spec").unwrap_or(&Value::Null);
    if set.pointer("/spec/templatePatch").and_then(Value::as_str).is_some_and(|patch| patch.contains("spec:")) {
        return Err(Error::failed("its templatePatch changes the spec, which this program does not understand"));
    }
    let fill = |value: &Value| fill(value, component, labels);
    let all: Vec<&Value> = spec["sources"].as_array().map_or_else(|| vec![&spec["source"]], |list| list.iter().collect());
    // The one with `ref` only lends its files.
    let mut deployed = all.into_iter().filter(|source| source.get("path").is_some());
    let (Some(source), None) = (deployed.next(), deployed.next()) else {
        return Err(Error::failed("exactly one of its sources must have a path"));
    };
    let path = normal(fill(&source["path"])?);
    let helm = source.get("helm").map(|helm| {
        known(helm, &["releaseName", "valueFiles"])?;
        let files = helm["valueFiles"].as_array().into_iter().flatten();
        let values = files.map(|file| Ok(from_root(&path, &fill(file)?))).collect::<Result<_>>()?;
        Ok::<_, Error>(Helm { release: fill(&helm["releaseName"])?, values })
    });
    let files = Files::read(source.get("directory").unwrap_or(&Value::Null))?;
    let namespace = fill(spec.pointer("/destination/namespace").unwrap_or(&Value::Null))?;
    Ok(Source { helm: helm.transpose()?, files, namespace, path, file: PathBuf::new() })
}

/// Refuses settings that change what is rendered and that nobody here understands.
fn known(settings: &Value, keys: &[&str]) -> Result<()> {
    let unknown = settings.as_object().into_iter().flat_map(|map| map.keys()).find(|key| !keys.contains(&key.as_str()));
    unknown.map_or(Ok(()), |key| Err(Error::failed(format!("its source has `{key}`, which this program does not understand"))))
}

/// `$values/…` starts at the root of the repository, everything else at the chart.
fn from_root(chart: &Path, file: &str) -> PathBuf {
    match file.strip_prefix('$') {
        Some(referred) => normal(referred.split_once('/').map_or("", |(_, path)| path)),
        None => normal(chart.join(file)),
    }
}

/// The text with the component's name and the labels of the cluster in it.
fn fill(template: &Value, component: &str, labels: Labels) -> Result<String> {
    let text = template.as_str().ok_or_else(|| Error::failed(format!("`{template}` is no text")))?;
    let label = |name: &str| format!(r#"{{{{ index .metadata.labels "c4ang.io/{name}" }}}}"#);
    let filled = text.replace("{{ .component }}", component);
    let filled = filled.replace(&label("env"), labels.env).replace(&label("engine"), labels.engine);
    if filled.contains("{{") {
        return Err(Error::failed(format!("this program cannot fill in `{filled}`")));
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: Labels = Labels { env: "dev", engine: "k3d" };

    fn this_repository(wave: &str, component: &str) -> Source {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let repo = Repo::find(Some(&root), &root).unwrap();
        let component = Component { name: component.into(), application: String::new() };
        source(&repo, &Wave { number: 0, name: wave.into(), components: Vec::new() }, &component, LABELS).unwrap()
    }

    #[test]
    fn a_service_takes_the_values_of_its_environment_and_of_the_engine() {
        let source = this_repository("services", "order-service");
        assert_eq!((source.path.as_path(), source.namespace.as_str()), (Path::new("charts/services/order-service"), "ecommerce"));
        let helm = source.helm.unwrap();
        assert_eq!(helm.release, "order-service-dev");
        let wanted = ["charts/services/order-service/values.yaml", "config/dev/order-service.yaml", "config/engine/k3d.yaml"];
        assert_eq!(helm.values, wanted.map(PathBuf::from));
    }

    #[test]
    fn namespaces_are_plain_files() {
        let source = this_repository("namespaces", "namespaces");
        assert_eq!((source.path.as_path(), source.helm), (Path::new("argocd/manifest"), None));
    }

    #[test]
    fn what_changes_the_rendering_and_is_not_understood_is_refused() {
        let set = |source: &str| {
            let text = format!("spec: {{template: {{spec: {{source: {source}, destination: {{namespace: a}}}}}}}}");
            read(&yaml::parse(&text).unwrap(), "x", LABELS).map_err(|e| e.what().to_string())
        };
        assert!(set("{path: '{{ .component }}'}").is_ok_and(|s| s.path == Path::new("x")));
        assert!(set("{path: '{{ .name }}'}").unwrap_err().contains("cannot fill in"));
        assert!(set("{path: a, helm: {releaseName: a, parameters: []}}").unwrap_err().contains("`parameters`"));
        assert!(set("{path: a, directory: {exclude: b}}").unwrap_err().contains("`exclude`"));
    }
}
