//! The charts of the tree, and what each of them is deployed with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::Index;
use super::files::{Files, folder, name};
use super::sources::{self, Leads, Source, What};
use crate::charts::{Chart, Deployment, Layer, Subject};

/// Every chart, by its folder.
pub fn of_files(files: &Files) -> BTreeMap<PathBuf, Chart> {
    let folders: Vec<&str> = files.iter().map(|(path, _)| path).filter(|path| name(path) == "Chart.yaml").map(folder).collect();
    let one = |own: &&str| {
        let nested: Vec<String> = folders.iter().filter(|other| is_inside(other, own)).map(|other| format!("{other}/")).collect();
        let mine = files.below(own).filter(|(path, _)| !nested.iter().any(|folder| path.starts_with(folder.as_str())));
        let texts = mine.filter_map(|(path, file)| {
            let below = if own.is_empty() { path } else { path.get(own.len() + 1..)? };
            Some((Path::new(below), file.text()?))
        });
        Some((PathBuf::from(own), Chart::read(Path::new(own), texts)?))
    };
    folders.iter().filter_map(one).collect()
}

fn is_inside(other: &str, own: &str) -> bool {
    other != own && (own.is_empty() || other.strip_prefix(own).is_some_and(|rest| rest.starts_with('/')))
}

/// The charts that are no libraries, with their deployments. One of which no deployment is known whole is left out: its values are not
/// known.
pub fn subjects<'a>(index: &Index<'a>) -> Vec<Subject<'a>> {
    let charts = &index.input.charts;
    let mut deployed: BTreeMap<PathBuf, (Vec<Deployment>, bool)> = BTreeMap::new();
    for source in index.sources.iter().filter(|source| source.what == What::Helm) {
        let Some(path) = sources::normal("", source.path) else { continue };
        let (known, has_unknown) = deployed.entry(path.into()).or_default();
        match deployment(index, source) {
            Some(deployment) => known.push(deployment),
            None => *has_unknown = true,
        }
    }
    let mut subjects = Vec::new();
    for (folder, chart) in charts.iter().filter(|(_, chart)| !chart.library) {
        let (known, has_unknown) = deployed.remove(folder).unwrap_or_default();
        if !known.is_empty() || !has_unknown {
            subjects.push(Subject::new(chart, charts, known));
        }
    }
    subjects
}

/// The values of one source, weakest first. `None`: some of them are not known here.
fn deployment(index: &Index<'_>, source: &Source<'_>) -> Option<Deployment> {
    let application = &source.deployed.application;
    let mut layers = Vec::new();
    for file in &source.value_files {
        match &file.leads {
            Leads::File(path) => {
                let file = index.input.files.get(path)?;
                let value = file.documents().ok()?.first().map(|document| document.value.clone()).unwrap_or(Value::Object(Map::new()));
                layers.push(Layer::file(path, file.text()?, value));
            }
            Leads::Absent => {}
            _ => return None,
        }
    }
    let helm = source.value.get("helm").unwrap_or(&Value::Null);
    // An object is stronger than a text: Argo CD does not look at the text then.
    let object = helm.get("valuesObject").filter(|value| value.is_object());
    let text = helm.get("values").and_then(Value::as_str).filter(|text| object.is_none() && !text.trim().is_empty());
    if let Some(text) = text {
        let value = documents::parse_all_last_wins(text).ok()?.into_iter().next()?.value;
        layers.push(Layer::file(&application.place.file, "", value));
    }
    if let Some(value) = object {
        layers.push(inline(index, source, value));
    }
    let parameters = helm.get("parameters").and_then(Value::as_array).into_iter().flatten();
    let mut values = Value::Object(Map::new());
    for parameter in parameters {
        set(&mut values, parameter.get("name")?.as_str()?, parameter.get("value").cloned().unwrap_or(Value::Null))?;
    }
    if helm.get("fileParameters").and_then(Value::as_array).is_some_and(|list| !list.is_empty()) {
        return None;
    }
    if values.as_object().is_some_and(|values| !values.is_empty()) {
        layers.push(Layer::file(&application.place.file, "", values));
    }
    Some(Deployment { application: application.name().to_string(), environment: application.environment.clone(), layers })
}

/// Values that stand in the document of an Application, or in the template of a set.
fn inline(index: &Index<'_>, source: &Source<'_>, value: &Value) -> Layer {
    let file = &source.deployed.application.place.file;
    let pointer = format!("{}/helm/valuesObject", source.pointer);
    // What a template fills in has no place of its own.
    let is_written = source.deployed.application.set.is_none();
    let written = sources::written(index.input, source.deployed, &pointer).filter(|_| is_written);
    match written.and_then(|(path, document, pointer)| Some((index.input.files.text(&path)?, document, pointer))) {
        Some((text, document, below)) => Layer { document, below, ..Layer::file(file, text, value.clone()) },
        None => Layer::file(file, "", value.clone()),
    }
}

/// Sets `a.b.c`. `None`: an item of a list, or another form of `--set`.
fn set(values: &mut Value, name: &str, value: Value) -> Option<()> {
    if name.contains(['[', '\\', '{', '"']) {
        return None;
    }
    let mut at = values;
    for key in name.split('.') {
        at = at.as_object_mut()?.entry(key).or_insert_with(|| Value::Object(Map::new()));
    }
    *at = value;
    Some(())
}
