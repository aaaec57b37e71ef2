//! The cases of `tests/conformance`: what the real ApplicationSet controller made of them is what `expand` says.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::sandbox::Sandbox;

const URL: &str = "https://example.com/shop/tree.git";

/// The projects that exist on the recorder's cluster. A file beside the tree brings those that it needs.
const PROJECTS: &str = "apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: default, namespace: argocd}
---
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: shop, namespace: argocd}
";

struct Case {
    name: String,
    set: String,
    clusters: Option<String>,
    answer: Value,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance")
}

/// Every case by name.
fn cases() -> Vec<Case> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder().join("cases")).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| case(file)).collect()
}

fn case(file: &Path) -> Case {
    let name = file.file_stem().unwrap().to_str().unwrap().to_string();
    let text = std::fs::read_to_string(file).unwrap();
    let parts = text.split_once("=== expected\n");
    let (before, answer) = parts.unwrap_or_else(|| panic!("{name} has no answer: cargo xtask verify-offline --conformance --record"));
    let (set, clusters) = before.split_once("=== clusters\n").map_or((before, None), |(set, own)| (set, Some(own.to_string())));
    Case { name, set: set.to_string(), clusters, answer: serde_json::from_str(answer).unwrap() }
}

#[test]
fn every_case_is_named_after_its_file_and_fails_only_if_its_name_says_so() {
    let cases = cases();
    assert!(cases.len() >= 250, "{}", cases.len());
    for Case { name, set, answer, .. } in &cases {
        assert!(set.contains(&format!("\n  name: {name}\n")), "{name}");
        assert!(answer["applications"].is_array(), "{name}");
        assert_eq!(!answer["error"].is_null(), name.starts_with("error-"), "{name}: {}", answer["error"]);
    }
}

/// What the controller generates of an Application: nothing of the API server, numbers by value.
fn generated(application: &Value) -> Value {
    let mut made = serde_json::Map::new();
    for key in ["apiVersion", "kind", "spec", "operation"] {
        made.extend(application.get(key).map(|value| (key.to_string(), value.clone())));
    }
    let metadata = ["name", "namespace", "labels", "annotations", "finalizers"];
    let metadata = metadata.iter().filter_map(|key| Some((key.to_string(), application["metadata"].get(*key)?.clone())));
    made.insert("metadata".into(), Value::Object(metadata.collect()));
    let mut made = Value::Object(made);
    numbers(&mut made);
    made
}

/// 1.0 is 1, as it is in JSON.
fn numbers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(whole) = number.as_f64().filter(|f| number.is_f64() && f.fract() == 0.0 && f.abs() < 9e15) {
                *number = serde_json::Number::from(whole as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(numbers),
        Value::Object(fields) => fields.values_mut().for_each(numbers),
        _ => {}
    }
}

fn by_name(applications: &Value) -> Vec<Value> {
    let mut applications: Vec<Value> = applications.as_array().unwrap().iter().map(generated).collect();
    applications.sort_by_key(|a| a["metadata"]["name"].to_string());
    applications
}

/// Why an entry of `expand` is not what the controller answered; `None` if it is.
fn disagreement(entry: &Value, answer: &Value) -> Option<String> {
    let (ours, theirs) = (by_name(&entry["applications"]), by_name(&answer["applications"]));
    let (error, words) = (entry["error"].as_str(), answer["error"].as_str());
    match answer["reason"].as_str() {
        // The cluster says it, not the generators: what it took was generated.
        Some("ApplicationValidationError" | "UpdateApplicationError") => {
            let lost = theirs.iter().find(|a| !ours.contains(a));
            lost.map(|a| format!("not generated: {a}"))
        }
        Some(_) if error.is_none() => Some(format!("no error, but the controller says: {}", words.unwrap_or_default())),
        None if error.is_some() => Some(format!("an error, and the controller has none: {}", error.unwrap_or_default())),
        _ if ours != theirs => Some(format!("generated here {}\n  by the controller {}", Value::from(ours), Value::from(theirs))),
        _ => None,
    }
}

#[test]
fn expand_says_what_the_controller_says() {
    let (all, sandbox) = (cases(), Sandbox::new());
    copy(&folder().join("tree"), &sandbox.root().join("tree"));
    let path = |path: &str| sandbox.root().join(path).display().to_string();
    // Cases with the same clusters in one run: every one of them is a run of the whole program.
    let (own, shared): (Vec<&Case>, Vec<&Case>) = all.iter().partition(|case| case.clusters.is_some());
    let mut runs = vec![shared];
    runs.extend(own.into_iter().map(|case| vec![case]));
    let mut wrong = Vec::new();
    for cases in runs {
        let clusters = cases.first().and_then(|case| case.clusters.clone());
        let clusters = clusters.unwrap_or_else(|| std::fs::read_to_string(folder().join("clusters.yaml")).unwrap());
        sandbox.write("clusters.yaml", clusters);
        let file = |case: &&Case| {
            sandbox.write(&format!("sets/{}.yaml", case.name), format!("{}---\n{PROJECTS}", case.set));
            path(&format!("sets/{}.yaml", case.name))
        };
        let files: Vec<String> = cases.iter().map(file).collect();
        let (tree, clusters) = (path("tree"), path("clusters.yaml"));
        let mut args = vec!["--root", &tree, "expand", "--clusters", &clusters, "--repo-url", URL, "--format", "json"];
        args.extend(files.iter().map(String::as_str));
        let ran = sandbox.run(&args);
        let entries: Vec<Value> = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}\n{}\n{}", ran.stdout, ran.stderr));
        for case in cases {
            let entry = entries.iter().find(|entry| entry["name"] == *case.name);
            let why = entry.map_or(Some("it is not in the list".into()), |entry| disagreement(entry, &case.answer));
            wrong.extend(why.map(|why| format!("{}: {why}", case.name)));
        }
    }
    assert!(wrong.is_empty(), "{} of {} disagree\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target)
        } else {
            std::fs::copy(entry.path(), target).map(|_| ()).unwrap()
        }
    }
}
