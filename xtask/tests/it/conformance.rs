//! The cases of `tests/conformance`: what the real ApplicationSet controller made of them is what `expand` says.

use std::path::{Path, PathBuf};

use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance")
}

/// Folders of the cases, sorted.
fn cases() -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> = std::fs::read_dir(folder().join("cases")).unwrap().map(|e| e.unwrap().path()).collect();
    dirs.sort();
    dirs
}

fn name(dir: &Path) -> &str {
    dir.file_name().unwrap().to_str().unwrap()
}

fn recorded(dir: &Path) -> Value {
    let text = std::fs::read_to_string(dir.join("expected.json"));
    let text = text.unwrap_or_else(|_| panic!("{} has no answer: cargo xtask verify-offline --conformance --record", name(dir)));
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_case_is_named_after_its_folder_and_has_an_answer() {
    let cases = cases();
    assert!(cases.len() >= 100, "{}", cases.len());
    for dir in &cases {
        let text = std::fs::read_to_string(dir.join("applicationset.yaml")).unwrap();
        assert!(text.contains(&format!("\n  name: {}\n", name(dir))), "{}", name(dir));
        let answer = recorded(dir);
        assert!(answer["applications"].is_array(), "{}", name(dir));
        // A case that is meant to fail does, and no other.
        let fails = !answer["error"].is_null();
        assert_eq!(fails, name(dir).starts_with("error-"), "{}: {}", name(dir), answer["error"]);
    }
}
