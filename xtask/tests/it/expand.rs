//! `expand`: what Argo CD would make of a tree of any kind, without a cluster.

use std::path::Path;

use serde_json::Value;

use super::sandbox::Sandbox;

const SOURCE: &str = "{repoURL: 'https://x/shop.git', path: PATH, directory: {recurse: true}}";

fn application(name: &str, path: &str) -> String {
    let source = SOURCE.replace("PATH", path);
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\nspec: {{project: default, source: {source}, \
         destination: {{server: 'https://kubernetes.default.svc', namespace: shop}}}}\n"
    )
}

fn set(name: &str, template: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: {name}, namespace: argocd}}\nspec:\n  goTemplate: true\n  \
         generators: [{{list: {{elements: [{{app: a}}, {{app: b}}]}}}}]\n  template:\n    metadata: {{name: '{template}'}}\n    spec: {{project: \
         default, source: {{repoURL: 'https://x/shop.git', path: 'apps/{{{{.app}}}}', helm: {{}}}}, destination: {{name: in-cluster}}}}\n"
    )
}

/// A folder that is no repository of the shop's kind.
fn foreign(files: &[(&str, String)]) -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    for (path, text) in files {
        sandbox.write(&format!("other/{path}"), text);
    }
    let root = sandbox.root().join("other").display().to_string();
    (sandbox, root)
}

fn json(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

#[test]
fn any_folder_will_do_and_each_document_has_an_entry() {
    let (sandbox, root) = foreign(&[("a/root.yaml", application("root", "sets")), ("sets/x.yml", set("x", "{{.app}}-app"))]);
    let ran = sandbox.run(&["--root", &root, "expand", "--format", "json"]).exits(0);
    let entries = json(&ran.stdout);
    let seen: Vec<_> = entries.iter().map(|e| (e["file"].as_str().unwrap(), e["name"].as_str().unwrap(), e["error"].is_null())).collect();
    assert_eq!(seen, [("a/root.yaml", "root", true), ("sets/x.yml", "x", true)]);
    let names: Vec<_> = entries[1]["applications"].as_array().unwrap().iter().map(|a| a["metadata"]["name"].clone()).collect();
    assert_eq!(names, ["a-app", "b-app"]);
    assert!(entries[1]["applications"][0]["spec"]["source"].get("helm").is_none(), "an empty block goes");
}

#[test]
fn what_argo_cd_refuses_is_told_with_its_place_and_the_rest_is_printed() {
    let broken = format!("{}---\n{}", set("x", "{{.app | nothing}}"), set("y", "{{.app}}"));
    let (sandbox, root) =
        foreign(&[("sets.yaml", broken), ("bad.yaml", "apiVersion: argoproj.io/v1\nkind: Application\na: [".to_string())]);
    let ran = sandbox.run(&["--root", &root, "expand"]).exits(1);
    ran.prints_among("a            default").says_among("bad.yaml:4: ").says_among("sets.yaml:1: x: failed to parse template");
}

#[test]
fn applications_that_deploy_each_other_are_an_error() {
    let files = [("a/a.yaml", application("a", "b")), ("b/b.yaml", application("b", "a"))];
    let (sandbox, root) = foreign(&files);
    sandbox.run(&["--root", &root, "expand"]).exits(1).says_among("a/a.yaml:1: a: Applications deploy each other: a → b → a");
    let (sandbox, root) = foreign(&[("a/a.yaml", application("a", "a"))]);
    sandbox.run(&["--root", &root, "expand"]).exits(0);
}

#[test]
fn a_file_may_lie_anywhere() {
    let (sandbox, root) = foreign(&[("x.yaml", set("x", "{{.app}}"))]);
    let other = tempfile::tempdir().unwrap();
    let file = other.path().join("case.yaml");
    std::fs::write(&file, set("case", "{{.app}}-case")).unwrap();
    let expand = |file: &Path| sandbox.run(&["--root", &root, "expand", file.to_str().unwrap(), "--format", "json"]);
    let entries = json(&expand(&file).exits(0).stdout);
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["applications"][1]["metadata"]["name"], "b-case");
    expand(Path::new("x.yaml")).exits(0).prints_among("\"file\": \"x.yaml\"");
    expand(Path::new("nothing.yaml")).exits(1).says_among("nothing.yaml:1: could not read it");
}
