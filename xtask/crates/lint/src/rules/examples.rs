//! Runs the examples of every rule's own documentation: the bad one fires that rule and no other, the good one and the trap are silent.
//!
//! An example is two fenced blocks, `yaml before` and `yaml after`. An Application in it owns the objects that follow; objects before
//! the first one belong to the Application `shop`, which prunes by itself and takes its objects along when it goes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gitops::comparison::{Change, Deployed, Rendered, Side, text};
use gitops::model::{Application, Object, Place};
use serde_json::{Value, json};

use super::{ALL, of_change};
use crate::Findings;

const HEADINGS: [&str; 6] = ["What", "Why", "Bad", "Good", "Trap", "Fix"];

/// The parts of a rule's documentation by their headings.
fn part<'a>(source: &'a str, heading: &str) -> Vec<&'a str> {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!")).map(|line| line.strip_prefix(' ').unwrap_or(line));
    let after = lines.skip_while(|line| *line != format!("## {heading}")).skip(1);
    after.take_while(|line| !line.starts_with("## ")).collect()
}

/// The text of the fenced block `yaml WORD` below a heading; several of them are one.
fn block(source: &str, heading: &str, word: &str) -> Option<String> {
    let mut text = None;
    let mut inside = false;
    for line in part(source, heading) {
        match line {
            "```" => inside = false,
            _ if line == format!("```yaml {word}") => (inside, text) = (true, Some(text.unwrap_or_default())),
            _ if inside => {
                let text = text.get_or_insert_with(String::new);
                text.push_str(line);
                text.push('\n');
            }
            _ => {}
        }
    }
    text
}

fn application(value: Value) -> Application {
    let set = value["metadata"]["ownerReferences"][0]["name"].as_str().map(str::to_string);
    let environment = text(&value, "/metadata/labels/env");
    let environment = Some(if environment.is_empty() { "prod" } else { environment }.to_string());
    let parent = value["metadata"]["labels"]["parent"].as_str().map(str::to_string);
    let parent = parent.or(Some("root".into()));
    Application { place: Place { file: PathBuf::from("argocd/apps.yaml"), line: 1 }, set, parent, environment, value }
}

fn default(name: &str) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
        "metadata": { "name": name, "finalizers": ["resources-finalizer.argocd.argoproj.io"] },
        "spec": { "destination": { "server": "https://kubernetes.default.svc", "namespace": "shop" },
            "syncPolicy": { "automated": { "prune": true } } },
    })
}

fn side(text_: &str) -> Side {
    let mut side = Side::default();
    side.applications.push(Deployed { application: application(default("root")), rendered: Rendered::Objects(Vec::new()) });
    let documents = documents::parse_all(text_).unwrap_or_else(|e| panic!("{e}\n{text_}")).into_iter().map(|d| d.value).collect::<Vec<_>>();
    if documents.first().is_none_or(|first| text(first, "/kind") != "Application") {
        side.applications.push(Deployed { application: application(default("shop")), rendered: Rendered::Objects(Vec::new()) });
    }
    for value in documents {
        match text(&value, "/kind") {
            "Application" => {
                side.applications.push(Deployed { application: application(value), rendered: Rendered::Objects(Vec::new()) });
            }
            "ApplicationSet" => side.sets.push(value),
            _ => match side.applications.last_mut().map(|d| &mut d.rendered) {
                Some(Rendered::Objects(objects)) => objects.push(Object { value, source: "templates/x.yaml".into() }),
                _ => panic!("an object without an Application"),
            },
        }
    }
    side
}

fn findings(source: &str, heading: &str) -> Findings {
    let text = |word: &str| block(source, heading, word).unwrap_or_else(|| panic!("`## {heading}` has no block `yaml {word}`"));
    let (before, after) = (side(&text("before")), side(&text("after")));
    of_change(&Change::new(&before, &after))
}

#[test]
fn every_rule_s_bad_example_fires_it_and_nothing_else() {
    for entry in ALL {
        let id = entry.rule.meta().id;
        let found = findings(entry.source, "Bad").found;
        let rules: BTreeSet<&str> = found.iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, BTreeSet::from([id]), "{id}: {found:#?}");
        for finding in &found {
            assert!(
                finding.path.is_some() && finding.help.is_some() && finding.application.is_some(),
                "{id} says too little: {finding:#?}"
            );
            assert!(!finding.message.contains('\n') && !finding.message.ends_with('.'), "{id}: {}", finding.message);
        }
    }
}

#[test]
fn every_rule_s_good_example_and_trap_are_silent() {
    for entry in ALL {
        for heading in ["Good", "Trap"] {
            let found = findings(entry.source, heading);
            assert!(found.found.is_empty() && found.unverified.is_empty(), "{}, {heading}: {found:#?}", entry.rule.meta().id);
        }
    }
}

#[test]
fn every_example_differs_between_before_and_after() {
    for entry in ALL {
        for heading in ["Bad", "Good", "Trap"] {
            let (before, after) = (block(entry.source, heading, "before"), block(entry.source, heading, "after"));
            assert_ne!(before, after, "{}, {heading}", entry.rule.meta().id);
        }
    }
}

#[test]
fn every_rule_is_documented_under_the_same_headings() {
    for entry in ALL {
        let id = entry.rule.meta().id;
        let found: Vec<&str> = entry.source.lines().filter_map(|line| line.strip_prefix("//! ## ")).collect();
        assert_eq!(found, HEADINGS, "{id}");
        for heading in ["What", "Why", "Fix"] {
            assert!(part(entry.source, heading).iter().any(|line| line.len() > 20), "{id}: `## {heading}` says nothing");
        }
    }
}

#[test]
fn folder_and_list_are_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().to_string_lossy().into_owned());
    let helpers = ["mod.rs", "guards.rs", "of_change.rs", "pods.rs", "examples.rs"];
    let files: BTreeSet<String> = files.filter(|file| !helpers.contains(&file.as_str())).collect();
    let listed: BTreeSet<String> = ALL.iter().map(|entry| format!("{}.rs", entry.rule.meta().id.replace('-', "_"))).collect();
    assert_eq!(files, listed, "src/rules and the list in its mod.rs differ");
}
