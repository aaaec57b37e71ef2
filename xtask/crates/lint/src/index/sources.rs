//! Where Applications take their manifests from, and where that is written.

use std::collections::BTreeMap;

use gitops::model::Kind;
use gitops::{glob, urls};
use serde_json::Value;

use super::files::Files;
use super::input::{Deployed, Input};
use super::object::text;

/// A source of an Application.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    pub deployed: &'a Deployed,
    pub value: &'a Value,
    /// JSON pointer from the Application.
    pub pointer: String,
    /// It means this tree.
    pub is_ours: bool,
    pub url: &'a str,
    pub path: &'a str,
    /// The chart, of a repository of charts.
    pub chart: &'a str,
    /// Empty where none is written.
    pub revision: &'a str,
    /// Its name for `$name/…` of the others.
    pub name: &'a str,
    pub what: What,
    pub value_files: Vec<ValueFile<'a>>,
}

/// What lies at the path of a source of this tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Helm,
    Kustomize,
    Plugin,
    Directory,
    /// Nothing, or nothing that could be deployed.
    Nothing,
    /// It is not in this tree, or only lends its files.
    Elsewhere,
}

/// An entry of `valueFiles`.
#[derive(Clone, Debug)]
pub struct ValueFile<'a> {
    pub raw: &'a str,
    /// JSON pointer from the Application.
    pub pointer: String,
    pub leads: Leads,
}

/// Where an entry of `valueFiles` leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leads {
    /// To a file of this tree.
    File(String),
    /// To a path of this tree where nothing is.
    Nowhere(String),
    /// Out of the tree.
    Outside,
    /// To a `ref` that no source has.
    UnknownRef(String),
    /// To nothing, and it may be missing.
    Absent,
    /// To another repository, the network, or what is known only in a cluster.
    Elsewhere,
}

/// The sources of an Application, in their order.
pub fn of<'a>(input: &Input, deployed: &'a Deployed) -> Vec<Source<'a>> {
    let spec = deployed.application.value.get("spec").unwrap_or(&Value::Null);
    let list = spec.get("sources").and_then(Value::as_array).filter(|list| !list.is_empty());
    let written: Vec<(String, &Value)> = match (spec.pointer("/sourceHydrator/drySource"), list, spec.get("source")) {
        (Some(dry), ..) => vec![("/spec/sourceHydrator/drySource".to_string(), dry)],
        (_, Some(list), _) => list.iter().enumerate().map(|(i, source)| (format!("/spec/sources/{i}"), source)).collect(),
        (.., Some(source)) => vec![("/spec/source".to_string(), source)],
        _ => Vec::new(),
    };
    let ours: Vec<bool> = written.iter().map(|(_, source)| is_ours(input, source)).collect();
    let names: BTreeMap<&str, bool> =
        written.iter().zip(&ours).map(|((_, source), ours)| (text(source, "ref"), *ours)).filter(|(name, _)| !name.is_empty()).collect();
    let one = |((pointer, value), is_ours): ((String, &'a Value), bool)| {
        let path = text(value, "path");
        let what = if is_ours { what(&input.files, value, path) } else { What::Elsewhere };
        let value_files = if is_ours && what == What::Helm { value_files(&input.files, value, &pointer, path, &names) } else { Vec::new() };
        Source {
            deployed,
            value,
            is_ours,
            url: text(value, "repoURL"),
            path,
            chart: text(value, "chart"),
            revision: text(value, "targetRevision"),
            name: text(value, "ref"),
            what,
            value_files,
            pointer,
        }
    };
    written.into_iter().zip(ours).map(one).collect()
}

fn is_ours(input: &Input, source: &Value) -> bool {
    let url = urls::comparable(text(source, "repoURL"));
    text(source, "chart").is_empty() && input.urls.iter().any(|known| urls::comparable(known) == url)
}

fn what(files: &Files, source: &Value, path: &str) -> What {
    let path = normal("", path).unwrap_or_default();
    let below = |name: &str| files.contains(&if path.is_empty() { name.to_string() } else { format!("{path}/{name}") });
    match () {
        _ if text(source, "path").is_empty() && !text(source, "ref").is_empty() => What::Elsewhere,
        _ if source.get("plugin").is_some_and(|plugin| !plugin.is_null()) => What::Plugin,
        _ if below("Chart.yaml") => What::Helm,
        _ if ["kustomization.yaml", "kustomization.yml", "Kustomization"].iter().any(|name| below(name)) => What::Kustomize,
        _ if files.is_folder(&path) => What::Directory,
        _ => What::Nothing,
    }
}

fn value_files<'a>(files: &Files, source: &'a Value, pointer: &str, path: &str, names: &BTreeMap<&str, bool>) -> Vec<ValueFile<'a>> {
    let helm = source.get("helm").unwrap_or(&Value::Null);
    let may_miss = helm.get("ignoreMissingValueFiles") == Some(&Value::Bool(true));
    let list = helm.get("valueFiles").and_then(Value::as_array).into_iter().flatten().enumerate();
    let one = |(i, raw): (usize, &'a Value)| {
        let raw = raw.as_str()?;
        let leads = match leads(files, raw, path, names) {
            Leads::Nowhere(_) if may_miss => Leads::Absent,
            leads => leads,
        };
        Some(ValueFile { raw, pointer: format!("{pointer}/helm/valueFiles/{i}"), leads })
    };
    list.filter_map(one).collect()
}

/// As `getResolvedValueFiles` of Argo CD's repo-server: a leading `/` is the root of the repository, `$ref` that of another source.
fn leads(files: &Files, raw: &str, path: &str, names: &BTreeMap<&str, bool>) -> Leads {
    if raw.contains("://") || raw.contains("{{") {
        return Leads::Elsewhere;
    }
    let (start, rest) = match raw.strip_prefix('$') {
        Some(after) => {
            let (name, rest) = after.split_once('/').unwrap_or((after, ""));
            match names.get(name) {
                Some(true) => ("", rest),
                Some(false) => return Leads::Elsewhere,
                // `$ARGOCD_…` is a variable of the build.
                None if name.starts_with("ARGOCD_") => return Leads::Elsewhere,
                None => return Leads::UnknownRef(name.to_string()),
            }
        }
        None if raw.starts_with('/') => ("", raw.trim_start_matches('/')),
        None => (path, raw),
    };
    if rest.contains('$') {
        return Leads::Elsewhere;
    }
    let Some(found) = normal(start, rest) else { return Leads::Outside };
    if glob::is_pattern(&found) {
        return match files.iter().any(|(file, _)| glob::fits_path(&found, file)) {
            true => Leads::Elsewhere,
            false => Leads::Nowhere(found),
        };
    }
    if files.contains(&found) { Leads::File(found) } else { Leads::Nowhere(found) }
}

/// A path below a folder, without `.` and `..`; `None` if it leads out of the tree.
pub fn normal(start: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in start.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Where a field of an Application is written: in its own document, or in the template of the ApplicationSet that generates it.
/// The document of a file, by its place in it, and the JSON pointer in that.
pub fn written(input: &Input, deployed: &Deployed, pointer: &str) -> Option<(String, usize, String)> {
    let place = &deployed.application.place;
    let path = place.file.to_string_lossy().into_owned();
    let documents = input.files.get(&path)?.documents().ok()?;
    let (at, document) = documents.iter().enumerate().rfind(|(_, document)| document.line <= place.line)?;
    let is_set = document.value.get("kind").and_then(Value::as_str) == Some("ApplicationSet");
    let pointer = if is_set { format!("/spec/template{pointer}") } else { pointer.to_string() };
    Some((path, at, pointer))
}

/// The ApplicationSets and Applications as written, each with the place of its document in the file.
pub fn documents(input: &Input, kind: Kind) -> impl Iterator<Item = (String, usize, &Value)> {
    let all = input.documents.iter().filter(move |document| document.kind == kind);
    all.filter_map(|document| {
        let path = document.place.file.to_string_lossy().into_owned();
        let documents = input.files.get(&path)?.documents().ok()?;
        let at = documents.iter().rposition(|other| other.line <= document.place.line)?;
        Some((path, at, &document.value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_files_lead_where_argo_cd_looks() {
        let files =
            Files::new(["charts/a/Chart.yaml", "charts/a/values.yaml", "config/dev.yaml"].map(|p| (p.to_string(), Ok(String::new()))));
        let names = BTreeMap::from([("values", true), ("other", false)]);
        let leads = |raw: &str| leads(&files, raw, "charts/a", &names);
        assert_eq!(leads("values.yaml"), Leads::File("charts/a/values.yaml".into()));
        assert_eq!(leads("../../config/dev.yaml"), Leads::File("config/dev.yaml".into()));
        assert_eq!(leads("/config/dev.yaml"), Leads::File("config/dev.yaml".into()));
        assert_eq!(leads("$values/config/dev.yaml"), Leads::File("config/dev.yaml".into()));
        assert_eq!(leads("$values/config/prod.yaml"), Leads::Nowhere("config/prod.yaml".into()));
        assert_eq!(leads("$other/x.yaml"), Leads::Elsewhere);
        assert_eq!(leads("$none/x.yaml"), Leads::UnknownRef("none".into()));
        assert_eq!(leads("../../../x.yaml"), Leads::Outside);
        assert_eq!(leads("https://example.com/v.yaml"), Leads::Elsewhere);
        assert_eq!(leads("/config/*.yaml"), Leads::Elsewhere);
        assert_eq!(leads("/config/x-*.yaml"), Leads::Nowhere("config/x-*.yaml".into()));
    }
}
