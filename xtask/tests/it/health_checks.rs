//! The health checks of `bootstrap/argocd/health`, in Argo CD's own Lua sandbox.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::charts::value;
use super::pinned;
use super::this_repository::{files, read};

const FOLDER: &str = "bootstrap/argocd/health/";

/// `GROUP_KIND` of every health check.
fn checks() -> Vec<String> {
    let names: Vec<String> = files().iter().filter_map(|f| Some(f.strip_prefix(FOLDER)?.strip_suffix(".lua")?.to_string())).collect();
    assert!(!names.is_empty(), "no health check in {FOLDER}");
    names
}

fn cases(check: &str) -> Vec<Value> {
    let text = read(&format!("{FOLDER}{check}.cases.yaml"));
    let Value::Array(cases) = value(&text) else { panic!("{check}: a list of cases, please") };
    cases
}

/// What Argo CD makes of an object: status and message.
fn ask(argocd: &Path, dir: &Path, check: &str, object: &Value) -> (String, String) {
    let file = dir.join("object.json");
    std::fs::write(&file, object.to_string()).unwrap();
    let mut command = Command::new(argocd);
    command.args(["admin", "settings", "resource-overrides", "health"]).arg(file).arg("--argocd-cm-path").arg(dir.join("cm.json"));
    command.env_clear().env("HOME", dir).env("PATH", dir).stdin(Stdio::null());
    let ran = command.output().unwrap();
    let printed = String::from_utf8_lossy(&ran.stdout).into_owned();
    let failed = || panic!("{check}: argocd gave no health: {printed}{}", String::from_utf8_lossy(&ran.stderr));
    let rest = printed.split_once("STATUS: ").unwrap_or_else(failed).1;
    let (status, message) = rest.split_once("\nMESSAGE: ").unwrap_or_else(failed);
    (status.to_string(), message.trim_end().to_string())
}

#[test]
fn every_case_gets_its_status_and_message_from_argocd_itself() {
    let Some(argocd) = pinned::program_or_skip("argocd") else { return };
    for check in checks() {
        let dir = tempfile::tempdir().unwrap();
        let key = format!("resource.customizations.health.{check}");
        let labels = json!({ "app.kubernetes.io/part-of": "argocd" });
        let cm = json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "argocd-cm", "namespace": "argocd", "labels": labels },
            "data": { key: read(&format!("{FOLDER}{check}.lua")) },
        });
        std::fs::write(dir.path().join("cm.json"), cm.to_string()).unwrap();
        let (group, kind) = check.split_once('_').unwrap();
        for case in cases(&check) {
            let mut object = case["object"].clone();
            object["apiVersion"] = json!(format!("{group}/v1alpha1"));
            object["kind"] = json!(kind);
            object["metadata"]["name"] = json!("under-test");
            let (status, message) = ask(&argocd, dir.path(), &check, &object);
            assert_eq!(status, case["expect"], "{check}: {}: {message}", case["name"]);
            if let Some(expected) = case.get("message") {
                assert_eq!(message, *expected, "{check}: {}", case["name"]);
            }
        }
    }
}

#[test]
fn every_check_has_a_case_for_each_end_and_no_case_is_written_twice() {
    for check in checks() {
        let cases = cases(&check);
        for status in ["Healthy", "Progressing", "Degraded"] {
            assert!(cases.iter().any(|c| c["expect"] == status), "{check} has no case that is {status}");
        }
        for case in &cases {
            assert_eq!(cases.iter().filter(|c| c["name"] == case["name"]).count(), 1, "{check}: {} is there twice", case["name"]);
            assert_eq!(cases.iter().filter(|c| c["object"] == case["object"]).count(), 1, "{check}: {} is a copy", case["name"]);
            let keys = case.as_object().unwrap().keys().all(|k| ["name", "object", "expect", "message"].contains(&k.as_str()));
            assert!(keys, "{check}: {}: name, object, expect and message are all there is", case["name"]);
        }
    }
}

#[test]
fn every_file_of_cases_belongs_to_a_check() {
    let checks = checks();
    for file in files().iter().filter_map(|f| f.strip_prefix(FOLDER)) {
        let name = file.strip_suffix(".cases.yaml").or_else(|| file.strip_suffix(".lua"));
        assert!(name.is_some_and(|n| checks.iter().any(|c| c == n)), "{FOLDER}{file} is no health check and no file of cases of one");
    }
}
