//! The same parameters as Argo CD's own generators gave for every case of `tests/oracle/generators`.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::{Level, Run, Surroundings, transform};
use crate::clusters::Cluster;
use crate::listing::Listing;
use crate::model::{Document, Kind, Place, Tree};
use crate::params::{Param, Set};
use crate::projects::Projects;
use crate::replace::{Fault, Templates, missing_key};

/// With the kinds that JSON forgets, as the recording has them.
fn shown(value: &Param) -> Value {
    match value {
        Param::Json(value) => value.clone(),
        Param::Map(set) => shown_set(set),
        Param::StringMap(map) => json!({ "$strings": map }),
        Param::Strings(list) => json!({ "$list": list }),
        Param::Maps(list) => json!({ "$maps": list.iter().map(shown_set).collect::<Vec<_>>() }),
    }
}

fn shown_set(set: &Set) -> Value {
    Value::Object(set.iter().map(|(key, value)| (key.clone(), shown(value))).collect())
}

/// Numbers as floats, lists of sets in one order.
fn floats(value: &Value) -> Value {
    match value {
        Value::Number(n) => json!(n.as_f64().unwrap()),
        Value::Array(list) => list.iter().map(floats).collect(),
        Value::Object(map) => {
            let mut out: BTreeMap<String, Value> = map.iter().map(|(key, value)| (key.clone(), floats(value))).collect();
            if let Some(Value::Array(list)) = out.get_mut("$maps") {
                list.sort_by_key(Value::to_string);
            }
            json!(out)
        }
        other => other.clone(),
    }
}

fn ordered(list: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut list: Vec<Value> = list.map(|value| floats(&value)).collect();
    list.sort_by_key(Value::to_string);
    list
}

/// What we give for one entry, in the shape of the recording.
fn answer(run: &Run, entry: &Value) -> Result<Value, Fault> {
    let results =
        transform(run, entry, Level::Top, None)?.into_iter().map(|(_, sets)| json!({ "params": ordered(sets.iter().map(shown_set)) }));
    Ok(json!({ "results": results.collect::<Vec<_>>() }))
}

/// Of errors that end in another program's words (a template's, a parser's), only the beginning is ours.
fn same_error(ours: &str, theirs: &str) -> bool {
    let foreign = [
        "failed to parse template",
        "failed to execute go template",
        "error converting YAML to JSON: yaml: ",
        "panic: ",
        "exit status 128: ",
    ];
    // The client of the recording says it with the other name of the kind.
    let theirs = theirs.replace("appprojects.argoproj.io", "AppProject.argoproj.io");
    match foreign.iter().find_map(|mark| theirs.find(mark).map(|at| at + mark.len())) {
        Some(_) if theirs.contains("exit status 128: ") => ours.contains("is outside repository"),
        Some(end) => ours.get(..end).is_some_and(|start| Some(start) == theirs.get(..end)),
        None => ours == theirs,
    }
}

#[test]
fn parameters_are_those_of_argo_cd() {
    let recorded: Value = serde_json::from_str(include_str!("../../../../tests/oracle/generators/recorded.json")).unwrap();
    let mut wrong = Vec::new();
    for case in recorded.as_array().unwrap() {
        let dir = tempfile::tempdir().unwrap();
        for (file, text) in case["files"].as_object().into_iter().flatten() {
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text.as_str().unwrap()).unwrap();
        }
        let tree = Tree { root: dir.path().to_path_buf(), urls: vec!["https://git.example.com/here".to_string()] };
        let listing = Listing::of(&tree);
        let clusters: Vec<Cluster> = case["clusters"].as_array().into_iter().flatten().map(secret).collect();
        let spec = &case["set"]["spec"];
        let other = json!({ "metadata": { "name": "another" } });
        let place = Place { file: Path::new("p.yaml").to_path_buf(), line: 1 };
        let projects = Projects::of(&[Document { place, kind: Kind::AppProject, value: other }]);
        let templates = Templates::default();
        let around = Surroundings { tree: &tree, listing: &listing, clusters: &clusters, projects: &projects, templates: &templates };
        let options: Vec<&str> = spec["goTemplateOptions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let go = spec["goTemplate"] == true;
        let base = &spec["template"];
        let project = base["spec"]["project"].as_str().unwrap_or_default();
        for (entry, want) in spec["generators"].as_array().unwrap().iter().zip(case["want"]["generators"].as_array().unwrap()) {
            let have = missing_key(&options)
                .or_else(|e| if go { Err(e) } else { missing_key(&[]) })
                .and_then(|missing| answer(&Run { around: &around, go, missing, project }, entry));
            let mut want = want.clone();
            for result in want["results"].as_array_mut().into_iter().flatten() {
                let sets = ordered(result["params"].as_array().unwrap().iter().cloned());
                result["params"] = json!(sets);
            }
            let same = match (&have, want["error"].as_str()) {
                (Ok(have), None) => *have == want,
                (Err(Fault::Error(ours)), Some(theirs)) => same_error(ours, theirs),
                _ => false,
            };
            if !same {
                wrong.push(format!("{}\n  have {have:?}\n  want {want}", case["name"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn secret(secret: &Value) -> Cluster {
    let mut secret = secret.clone();
    secret["kind"] = json!("Secret");
    Cluster::from_secret(&secret).unwrap().unwrap()
}
