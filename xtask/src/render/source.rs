//! What one source of an Application asks for, as Argo CD's repo-server reads it (reposerver/repository/repository.go, 3.5.3).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gitops::model::Application;
use serde_json::Value;

use super::Capabilities;
use super::environment::{Substituted, Variables};
use super::files::{Files, normal};
use super::values::{Finder, Found, Refs};
use crate::error::{Context as _, Error, Result};
use crate::repo::yaml;

/// What is to be done for a source.
#[derive(Debug)]
pub enum Source {
    Helm(Box<Chart>),
    Directory(Directory),
    /// It only lends its files.
    Nothing,
    /// It cannot be rendered offline; the reason.
    Unverified(String),
}

/// A chart and what Helm is told about it.
#[derive(Debug, Default)]
pub struct Chart {
    /// Folder, from the root.
    pub path: PathBuf,
    pub release: String,
    /// Empty: Helm is not told.
    pub namespace: String,
    pub kube_version: String,
    pub api_versions: Vec<String>,
    /// By name.
    pub set: BTreeMap<String, String>,
    pub set_string: BTreeMap<String, String>,
    pub set_file: BTreeMap<String, PathBuf>,
    /// From the root; later ones stronger, `inline` the strongest.
    pub values: Vec<PathBuf>,
    /// YAML or JSON.
    pub inline: Option<String>,
    pub skip_crds: bool,
    pub skip_schema_validation: bool,
    pub skip_tests: bool,
    pub warnings: Vec<String>,
}

/// A folder of files with objects.
#[derive(Debug, PartialEq, Eq)]
pub struct Directory {
    pub path: PathBuf,
    pub recurse: bool,
    pub include: String,
    pub exclude: String,
}

/// The sources of an Application, in their order.
///
/// `here` says whether a URL means this tree. Errors: those that Argo CD would report instead of objects.
pub fn read(files: &Files, application: &Application, capabilities: &Capabilities, here: &dyn Fn(&str) -> bool) -> Result<Vec<Source>> {
    let spec = application.value.get("spec").unwrap_or(&Value::Null);
    let hydrated = spec.pointer("/sourceHydrator/drySource");
    let sources = hydrated.map_or_else(|| application.sources(), |dry| vec![dry]);
    let many = hydrated.is_none() && spec.get("sources").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    let refs = refs(&sources, here);
    let reader = Reader { files, application, capabilities, here, refs, many };
    let all = sources.iter().enumerate().map(|(i, source)| {
        let which = || format!("source {} of {}", i + 1, sources.len());
        let read = reader.source(source);
        if many { read.with_context(which) } else { read }
    });
    all.collect()
}

/// `ref` by name.
fn refs(sources: &[&Value], here: &dyn Fn(&str) -> bool) -> Refs {
    let named = sources.iter().filter_map(|source| Some((source.get("ref")?.as_str().filter(|name| !name.is_empty())?, *source)));
    let told = named.map(|(name, source)| {
        let url = text(source, "repoURL");
        let place = match text(source, "chart") {
            "" if here(url) => Ok(()),
            "" => Err(url.to_string()),
            chart => Err(format!("the chart {chart} of {url}")),
        };
        (name.to_string(), place)
    });
    told.collect()
}

struct Reader<'a> {
    files: &'a Files,
    application: &'a Application,
    capabilities: &'a Capabilities,
    here: &'a dyn Fn(&str) -> bool,
    refs: Refs,
    many: bool,
}

impl Reader<'_> {
    fn source(&self, source: &Value) -> Result<Source> {
        let (url, path, chart) = (text(source, "repoURL"), text(source, "path"), text(source, "chart"));
        if self.many && path.is_empty() && chart.is_empty() {
            return Ok(Source::Nothing);
        }
        if !chart.is_empty() || url.starts_with("oci://") {
            let what = if chart.is_empty() { path } else { chart };
            return Ok(Source::Unverified(format!("the chart {what} of {url} is not in this repository")));
        }
        if !(self.here)(url) {
            return Ok(Source::Unverified(format!("{path} of {url} is not in this repository")));
        }
        let folder = self.folder(path)?;
        let source = self.overridden(source, &folder)?;
        match self.kind(&source, &folder)? {
            "Helm" => self.chart(&source, folder),
            "Kustomize" => Ok(Source::Unverified(format!("{} is built by kustomize", shown(&folder)))),
            "Plugin" => Ok(Source::Unverified(format!("{} is rendered by a plugin", shown(&folder)))),
            _ => Ok(directory(&source, folder)),
        }
    }

    fn folder(&self, path: &str) -> Result<PathBuf> {
        if path.starts_with('/') {
            return Err(Error::failed(format!("{path}: app path is absolute")));
        }
        let folder = normal(Path::new(path)).ok_or_else(|| Error::failed(format!("{path}: app path outside root")))?;
        self.files.inside(&folder)?;
        let full = self.files.root().join(&folder);
        match full.is_dir() {
            true => Ok(folder),
            false if full.exists() => Err(Error::failed(format!("{path}: app path is not a directory"))),
            false => Err(Error::failed(format!("{path}: app path does not exist"))),
        }
    }

    /// With what `.argocd-source.yaml` and `.argocd-source-NAME.yaml` of the folder change.
    fn overridden(&self, source: &Value, folder: &Path) -> Result<Value> {
        let mut merged = source.clone();
        for name in [".argocd-source.yaml".to_string(), format!(".argocd-source-{}.yaml", self.application.name())] {
            let file = folder.join(name);
            if self.files.is_file(&file) {
                let patch: Value = yaml::parse(&self.files.text(&file)?).with_context(|| format!("{} is not valid", file.display()))?;
                merge(&mut merged, &patch);
            }
        }
        for key in ["chart", "path", "repoURL", "targetRevision"] {
            match (source.get(key), merged.as_object_mut()) {
                (Some(value), Some(map)) => drop(map.insert(key.into(), value.clone())),
                (None, Some(map)) => drop(map.remove(key)),
                _ => {}
            }
        }
        Ok(merged)
    }

    /// The type that the source names, else what its folder looks like.
    fn kind(&self, source: &Value, folder: &Path) -> Result<&'static str> {
        let kinds = [("kustomize", "Kustomize"), ("helm", "Helm"), ("directory", "Directory"), ("plugin", "Plugin")];
        let named: Vec<&str> = kinds.iter().filter(|(key, _)| !is_zero(source, key)).map(|(_, kind)| *kind).collect();
        match named.as_slice() {
            [] => {}
            [one] => return Ok(kinds.iter().find(|(_, kind)| kind == one).map_or("Directory", |(_, kind)| kind)),
            _ => return Err(Error::failed(format!("multiple application sources defined: {}", named.join(",")))),
        }
        let full = self.files.root().join(folder);
        let entries = std::fs::read_dir(&full).with_context(|| format!("could not read {}", folder.display()))?;
        let mut names: Vec<String> =
            entries.flatten().filter(|e| !e.path().is_dir()).map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        // As the walk of Argo CD: a later file decides anew.
        Ok(names.iter().fold("Directory", |kind, name| match name.as_str() {
            "kustomization.yaml" | "kustomization.yml" | "Kustomization" => "Kustomize",
            name if name.ends_with("Chart.yaml") => "Helm",
            _ => kind,
        }))
    }

    fn chart(&self, source: &Value, path: PathBuf) -> Result<Source> {
        let helm = source.get("helm").unwrap_or(&Value::Null);
        let word = |key: &str| text(helm, key);
        if !matches!(word("version"), "" | "v3") {
            return Err(Error::failed(format!("helm chart version '{}' is not supported", word("version"))));
        }
        let flag = |key: &str| helm.get(key).and_then(Value::as_bool).unwrap_or_default();
        let or = |own: &str, default: &str| if own.is_empty() { default.to_string() } else { own.to_string() };
        let variables = Variables::new(self.application, source);
        let finder = Finder { files: self.files, variables: &variables, chart: &path, refs: &self.refs, many: self.many };
        let raw: Vec<&str> = list(helm, "valueFiles").filter_map(Value::as_str).collect();
        let values = match finder.value_files(&raw, flag("ignoreMissingValueFiles")).context("error resolving helm value files")? {
            Ok(values) => values,
            Err(why) => return Ok(Source::Unverified(why)),
        };
        let own: Vec<String> = list(helm, "apiVersions").filter_map(|api| api.as_str().map(str::to_string)).collect();
        let mut chart = Chart {
            release: or(word("releaseName"), self.application.name()),
            namespace: or(word("namespace"), self.application.namespace()),
            kube_version: kube_version(&or(word("kubeVersion"), &self.capabilities.kubernetes))?,
            api_versions: if own.is_empty() { self.capabilities.apis.clone() } else { own },
            values,
            inline: inline(helm),
            skip_crds: flag("skipCrds"),
            skip_schema_validation: flag("skipSchemaValidation"),
            skip_tests: flag("skipTests"),
            ..Chart::default()
        };
        for parameter in list(helm, "parameters") {
            let (name, value) = (text(parameter, "name"), text(parameter, "value"));
            let value = match variables.substitute(value) {
                Substituted::Text(text) => cleaned(&text),
                Substituted::Unknown(variable) => {
                    return Ok(Source::Unverified(format!("parameter {name} takes ${variable}, which is known only after a commit")));
                }
            };
            let strings = parameter.get("forceString").and_then(Value::as_bool).unwrap_or_default();
            let set = if strings { &mut chart.set_string } else { &mut chart.set };
            set.insert(name.to_string(), value);
        }
        for parameter in list(helm, "fileParameters") {
            match finder.find(text(parameter, "path")).context("error resolving helm value file path")? {
                Found::Here(file) => drop(chart.set_file.insert(text(parameter, "name").to_string(), file)),
                Found::Elsewhere(why) => return Ok(Source::Unverified(why)),
            }
        }
        chart.warnings = overlapping(&chart.set).chain(overlapping(&chart.set_string)).collect();
        Ok(Source::Helm(Box::new(Chart { path, ..chart })))
    }
}

fn directory(source: &Value, path: PathBuf) -> Source {
    let directory = source.get("directory").unwrap_or(&Value::Null);
    let recurse = directory.get("recurse").and_then(Value::as_bool).unwrap_or_default();
    Source::Directory(Directory { path, recurse, include: text(directory, "include").into(), exclude: text(directory, "exclude").into() })
}

/// `values` or, stronger, `valuesObject`. JSON is YAML.
fn inline(helm: &Value) -> Option<String> {
    match helm.get("valuesObject") {
        None | Some(Value::Null) => Some(text(helm, "values").to_string()).filter(|text| !text.is_empty()),
        Some(object) => Some(object.to_string()),
    }
}

/// A block that is there but says nothing is as good as none (`NormalizeSource`).
fn is_zero(source: &Value, key: &str) -> bool {
    fn empty(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Bool(on) => !on,
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            Value::Object(map) => map.values().all(empty),
            Value::Number(_) => false,
        }
    }
    match source.get(key) {
        None | Some(Value::Null) => true,
        // One without a name is one that is to be found out: no type of its own needs more.
        Some(_) if key == "plugin" => false,
        // Even an empty object of values is a file of values.
        Some(helm) if key == "helm" => helm.get("valuesObject").is_none_or(Value::is_null) && empty(helm),
        Some(block) => empty(block),
    }
}

/// RFC 7386.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Some(map) = target.as_object_mut() else { return };
    for (key, value) in patch {
        match value {
            Value::Null => drop(map.remove(key)),
            value => merge(map.entry(key.clone()).or_insert(Value::Null), value),
        }
    }
}

/// Digits and dots only (`parseKubeVersion`). Errors: it does not begin with a number.
fn kube_version(text: &str) -> Result<String> {
    let digits = text.trim_start();
    let digits = digits.strip_prefix('v').unwrap_or(digits);
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
    let version = digits.get(..end).unwrap_or_default().trim_end_matches('.');
    let whole = version.split('.').all(|part| !part.is_empty() && (part == "0" || !part.starts_with('0')));
    match whole || text.is_empty() {
        true => Ok(version.to_string()),
        false => Err(Error::failed(format!("could not parse kubernetes version {text}"))),
    }
}

/// A comma separates for Helm; Argo CD escapes it unless the value is a list in braces (`cleanSetParameters`).
fn cleaned(value: &str) -> String {
    if value.starts_with('{') && value.ends_with('}') {
        return value.to_string();
    }
    let mut out = String::with_capacity(value.len());
    let mut before = ' ';
    for c in value.chars() {
        if c == ',' && before != '\\' {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}

/// Argo CD passes parameters in no order, so of two that set the same key nobody knows which one wins.
fn overlapping(set: &BTreeMap<String, String>) -> impl Iterator<Item = String> {
    let below = |one: &str, other: &str| other.strip_prefix(one).is_some_and(|rest| rest.starts_with(['.', '[']));
    let pairs = set.keys().zip(set.keys().skip(1)).filter(move |(one, other)| below(one, other));
    let said = pairs.map(|(one, other)| format!("parameters {one} and {other} set the same key: Argo CD passes them in no order"));
    said.collect::<Vec<_>>().into_iter()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn shown(path: &Path) -> String {
    if path.as_os_str().is_empty() { "the root".into() } else { path.display().to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::proc::{Interrupt, Runner};
    use gitops::model::Place;

    fn tree() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let text = "helm: {releaseName: over, parameters: [{name: a, value: b}]}\npath: elsewhere\n";
        let files = [
            ("chart/Chart.yaml", ""),
            ("chart/values.yaml", ""),
            ("both/Chart.yaml", ""),
            ("both/kustomization.yaml", ""),
            ("plain/x.yaml", ""),
            ("over/Chart.yaml", ""),
            ("over/.argocd-source-app.yaml", text),
        ];
        for (file, text) in files {
            std::fs::create_dir_all(dir.path().join(file).parent().unwrap()).unwrap();
            std::fs::write(dir.path().join(file), text).unwrap();
        }
        dir
    }

    fn sources(spec: Value) -> Result<Vec<Source>> {
        let dir = tree();
        let files = Files::new(dir.path(), &Runner::new(Interrupt::default())).unwrap();
        let value = json!({ "metadata": { "name": "app" }, "spec": spec });
        let place = Place { file: PathBuf::from("a.yaml"), line: 1 };
        let application = Application { place, set: None, parent: None, environment: None, value };
        let capabilities = Capabilities { kubernetes: "1.36.4".into(), apis: vec!["x/v1".into()] };
        read(&files, &application, &capabilities, &|url| url == "here")
    }

    fn one(source: Value) -> Result<Source> {
        sources(json!({ "source": source, "destination": { "namespace": "ns" } })).map(|mut all| all.remove(0))
    }

    fn chart(source: Value) -> Chart {
        match one(source).unwrap() {
            Source::Helm(chart) => *chart,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_type_of_a_source_is_named_or_found_out() {
        let kind = |source: Value| format!("{:?}", one(source).unwrap());
        assert!(kind(json!({ "repoURL": "here", "path": "chart" })).starts_with("Helm"));
        assert!(kind(json!({ "repoURL": "here", "path": "both" })).starts_with("Unverified(\"both is built by kustomize"));
        assert!(kind(json!({ "repoURL": "here", "path": "both", "helm": { "releaseName": "x" } })).starts_with("Helm"));
        assert!(kind(json!({ "repoURL": "here", "path": "chart", "directory": { "include": "*" } })).starts_with("Directory"));
        assert!(kind(json!({ "repoURL": "here", "path": "chart", "directory": { "recurse": false }, "helm": {} })).starts_with("Helm"));
        assert!(kind(json!({ "repoURL": "here", "path": "plain" })).starts_with("Directory"));
        assert!(
            kind(json!({ "repoURL": "here", "path": "plain", "plugin": {} })).starts_with("Unverified(\"plain is rendered by a plugin")
        );
        assert!(kind(json!({ "repoURL": "there", "path": "plain" })).contains("plain of there is not in this repository"));
        assert!(kind(json!({ "repoURL": "https://x", "chart": "redis" })).contains("the chart redis of https://x"));
        let both = json!({ "repoURL": "here", "path": "plain", "helm": { "releaseName": "x" }, "directory": { "recurse": true } });
        assert_eq!(one(both).unwrap_err().what(), "multiple application sources defined: Helm,Directory");
        assert_eq!(one(json!({ "repoURL": "here", "path": "no" })).unwrap_err().what(), "no: app path does not exist");
        assert_eq!(one(json!({ "repoURL": "here", "path": "../x" })).unwrap_err().what(), "../x: app path outside root");
    }

    #[test]
    fn defaults_come_from_the_application_and_the_cluster() {
        let made = chart(json!({ "repoURL": "here", "path": "chart" }));
        assert_eq!((made.release.as_str(), made.namespace.as_str(), made.kube_version.as_str()), ("app", "ns", "1.36.4"));
        assert_eq!((made.api_versions, made.inline, made.values), (vec!["x/v1".to_string()], None, vec![]));
        let own = json!({ "releaseName": "r", "namespace": "n", "kubeVersion": "v1.30-eks", "apiVersions": ["y/v1"], "values": "a: 1",
            "valuesObject": { "b": 2 }, "skipCrds": true, "parameters": [
                { "name": "p", "value": "1,2" }, { "name": "p.q", "value": "{1,2}" }, { "name": "s", "value": "$ARGOCD_APP_NAME", "forceString": true }],
            "fileParameters": [{ "name": "f", "path": "values.yaml" }] });
        let made = chart(json!({ "repoURL": "here", "path": "chart", "helm": own }));
        assert_eq!((made.release.as_str(), made.namespace.as_str(), made.kube_version.as_str()), ("r", "n", "1.30"));
        assert_eq!((made.api_versions, made.inline.as_deref()), (vec!["y/v1".to_string()], Some("{\"b\":2}")));
        assert_eq!(made.set, BTreeMap::from([("p".into(), "1\\,2".into()), ("p.q".into(), "{1,2}".into())]));
        assert_eq!(made.set_string, BTreeMap::from([("s".into(), "app".into())]));
        assert_eq!(made.set_file, BTreeMap::from([("f".into(), PathBuf::from("chart/values.yaml"))]));
        assert!(made.skip_crds && made.warnings.len() == 1, "{:?}", made.warnings);
    }

    #[test]
    fn a_file_beside_the_chart_overrides_what_helm_is_told() {
        let made = chart(json!({ "repoURL": "here", "path": "over", "helm": { "releaseName": "r" } }));
        assert_eq!((made.path.as_path(), made.release.as_str(), made.set.len()), (Path::new("over"), "over", 1));
    }

    #[test]
    fn a_source_with_a_ref_and_no_path_lends_its_files_only() {
        let all = sources(json!({ "sources": [{ "repoURL": "here", "ref": "v" },
            { "repoURL": "here", "path": "chart", "helm": { "valueFiles": ["$v/plain/x.yaml"] } }] }))
        .unwrap();
        assert!(matches!(all.as_slice(), [Source::Nothing, Source::Helm(chart)] if chart.values == [PathBuf::from("plain/x.yaml")]));
        let e = sources(json!({ "sources": [{ "repoURL": "here", "path": "no" }] })).unwrap_err();
        assert_eq!((e.what(), e.causes()), ("source 1 of 1", ["no: app path does not exist".to_string()].as_slice()));
    }

    #[test]
    fn versions_of_kubernetes_lose_what_is_no_number() {
        assert_eq!(kube_version("v1.30.2+k3s1").unwrap(), "1.30.2");
        assert!(kube_version("latest").is_err() && kube_version("1..2").is_err());
    }
}
