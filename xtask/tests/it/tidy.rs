//! The house is in order: what no compiler checks and a reader relies on. Each failure says what to do.

use std::collections::BTreeSet;

use super::nothing_there::listed;
use super::sandbox::Sandbox;
use super::this_repository::{files, read};

/// Lines of the longest file of the program.
const LONGEST: usize = 500;
/// Packages in Cargo.lock, this one included.
const PACKAGES: usize = 90;

fn files_ending(with: &str) -> Vec<String> {
    files().into_iter().filter(|f| f.ends_with(with)).collect()
}

#[test]
fn every_rust_file_begins_with_what_it_is_for() {
    for file in files_ending(".rs") {
        let text = read(&file);
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! ") && first.len() > 15, "{file}: begin it with `//! ` and what it is for");
    }
}

#[test]
fn no_file_of_the_program_is_too_long() {
    for file in files_ending(".rs").iter().filter(|f| f.starts_with("xtask/src/") || f.starts_with("xtask/crates/")) {
        let lines = read(file).lines().count();
        assert!(lines <= LONGEST, "{file} has {lines} lines: look for the second idea in it and give that its own file");
    }
}

#[test]
fn every_file_of_charts_and_gitops_begins_with_a_comment() {
    let folders = ["argocd/", "bootstrap/", "charts/", "config/", "environments/"];
    for file in files().iter().filter(|f| folders.iter().any(|folder| f.starts_with(folder))) {
        let comment = match file.rsplit('.').next() {
            Some("yaml" | "yml" | "tpl") => ["#", "{{/*", "{{- /*"].as_slice(),
            Some("lua") => &["--"],
            _ => continue, // Chart.lock is Helm's own, JSON has no comments
        };
        let text = read(file);
        assert!(comment.iter().any(|c| text.starts_with(c)), "{file}: begin it with a comment that says what it is for");
    }
}

#[test]
fn every_command_is_one_file_and_every_file_a_command() {
    let listed = listed(&Sandbox::new().run(&["help"]).stdout);
    // These three share one file; this one people never type.
    let mut wanted: BTreeSet<String> = listed.into_iter().filter(|c| !["kubectl", "argocd", "helm"].contains(&c.as_str())).collect();
    wanted.extend(["pass-through".to_string(), "supervise".to_string()]);
    let names = files().into_iter().filter_map(|f| Some(f.strip_prefix("xtask/src/commands/")?.strip_suffix(".rs")?.replace('_', "-")));
    let have: BTreeSet<String> = names.filter(|n| n != "mod").collect();
    assert_eq!(have, wanted, "src/commands and the list in src/commands/mod.rs differ");
}

#[test]
fn no_file_names_a_place_on_somebodys_machine() {
    // Put together here, so that this file does not name them itself.
    let places = [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/Us", "ers/")];
    for file in files() {
        let bytes = std::fs::read(super::this_repository::root().join(&file)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for place in places {
            let line = text.lines().position(|l| l.contains(place));
            assert!(line.is_none(), "{file}:{}: names `{place}`, which other machines do not have", line.unwrap_or(0) + 1);
        }
    }
}

#[test]
fn only_ui_prints_and_only_one_crate_names_the_yaml_parser() {
    let rooms = [("io::stdout", "xtask/src/ui/"), ("io::stderr", "xtask/src/ui/"), ("saphyr", "xtask/crates/documents/")];
    for file in files_ending(".rs").iter().filter(|f| f.starts_with("xtask/src/") || f.starts_with("xtask/crates/")) {
        let text = read(file);
        for (word, room) in rooms {
            assert!(file.starts_with(room) || !text.contains(word), "{file} uses `{word}`, which only {room} may");
        }
    }
}

#[test]
fn every_command_that_a_text_names_exists() {
    let known = listed(&Sandbox::new().run(&["help"]).stdout);
    let is_text = |f: &&String| {
        f.ends_with(".md") || f.ends_with(".yml") || (f.ends_with(".rs") && (f.starts_with("xtask/src/") || f.starts_with("xtask/crates/")))
    };
    for file in files().iter().filter(is_text) {
        for (number, line) in read(file).lines().enumerate() {
            for rest in line.split("cargo xtask ").skip(1) {
                let end = rest.find(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit() && c != '-').unwrap_or(rest.len());
                let name = rest[..end].trim_end_matches('-');
                // A placeholder, or a flag before the command.
                if name.is_empty() {
                    continue;
                }
                assert!(known.iter().any(|k| k == name), "{file}:{}: there is no command `{name}`", number + 1);
            }
        }
    }
}

#[test]
fn the_budget_of_dependencies_is_kept() {
    let have = read("Cargo.lock").matches("\n[[package]]\n").count();
    assert!(have <= PACKAGES, "Cargo.lock has {have} packages: raise PACKAGES in this file, with the reason in xtask/Cargo.toml");
}

/// Lines of templates and Chart.yaml of all service charts together.
const SERVICE_LINES: usize = 200;

#[test]
fn service_charts_hold_nothing_but_what_makes_a_service_itself() {
    let is_theirs = |f: &&String| f.starts_with("charts/services/") && (f.contains("/templates/") || f.ends_with("/Chart.yaml"));
    let lines: usize = files().iter().filter(is_theirs).map(|f| read(f).lines().count()).sum();
    assert!(lines <= SERVICE_LINES, "{lines} lines in charts/services: what several services share belongs into charts/library/service");
}

#[test]
fn no_template_is_a_copy_of_another_chart_s() {
    let mut seen: std::collections::BTreeMap<Vec<String>, String> = std::collections::BTreeMap::new();
    // Names of helpers are global, so each chart has its own few lines of labels.
    let is_template = |f: &&String| f.starts_with("charts/") && f.contains("/templates/");
    for file in files().iter().filter(is_template) {
        // The first line says where it is; names of the chart's own helpers are no difference.
        let chart = file.split("/templates/").next().unwrap_or_default();
        let prefix = chart.rsplit('/').next().unwrap_or_default();
        let lines = read(file).lines().skip(1).map(|l| l.trim().replace(prefix, "")).filter(|l| !l.is_empty()).collect::<Vec<_>>();
        // The one line of a service chart.
        if lines.len() < 2 {
            continue;
        }
        if let Some(other) = seen.insert(lines, file.clone()) {
            assert!(other.starts_with(&format!("{chart}/")), "{file} is a copy of {other}: put it into a library chart");
        }
    }
    assert!(!seen.is_empty(), "this test finds no templates");
}
