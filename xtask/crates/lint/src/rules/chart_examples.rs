//! Runs the examples of every rule's own documentation: the bad one fires that rule and no other, the good one and the trap are silent.
//!
//! An example is files: the fence names the path. A folder of `charts/` without a Chart.yaml gets one with its name, and
//! `config/<env>/<chart>.yaml` is laid over the chart of that name.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::charts::Subject;
use crate::charts::harness::Shop;
use crate::rules;
use crate::{Finding, Findings};

pub const RULES: &[(&str, &str)] = &[
    (rules::ambiguous_scalar::ID, include_str!("ambiguous_scalar.rs")),
    (rules::ineffective_subchart_key::ID, include_str!("ineffective_subchart_key.rs")),
    (rules::missing_chart_dependency::ID, include_str!("missing_chart_dependency.rs")),
    (rules::retyped_values_key::ID, include_str!("retyped_values_key.rs")),
    (rules::unescaped_foreign_template::ID, include_str!("unescaped_foreign_template.rs")),
    (rules::unguarded_values_path::ID, include_str!("unguarded_values_path.rs")),
    (rules::unread_values_key::ID, include_str!("unread_values_key.rs")),
    (rules::unstable_render::ID, include_str!("unstable_render.rs")),
];

const HEADINGS: [&str; 6] = ["What", "Why", "Bad", "Good", "Trap", "Fix"];

/// What all rules say.
pub fn all(shop: &Shop) -> Findings {
    let mut out = Findings::default();
    let subjects: Vec<Subject<'_>> = shop
        .charts
        .values()
        .filter(|chart| !chart.library)
        .map(|chart| Subject::new(chart, &shop.charts, shop.deployments(chart)))
        .collect();
    rules::ambiguous_scalar::check(&subjects, &mut out);
    rules::ineffective_subchart_key::check(&subjects, &mut out);
    rules::missing_chart_dependency::check(&shop.charts, &mut out);
    rules::retyped_values_key::check(&subjects, &mut out);
    rules::unescaped_foreign_template::check(&subjects, &mut out);
    rules::unguarded_values_path::check(&subjects, &mut out);
    rules::unread_values_key::check(&subjects, &|_| true, &mut out);
    rules::unstable_render::check(&subjects, &mut out);
    out.sorted()
}

fn files(source: &str, heading: &str) -> Vec<(PathBuf, String)> {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!")).map(|line| line.strip_prefix(' ').unwrap_or(line));
    let after = lines.skip_while(|line| *line != format!("## {heading}")).skip(1);
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    let mut inside = false;
    for line in after.take_while(|line| !line.starts_with("## ")) {
        match line.strip_prefix("```yaml ") {
            Some(path) => {
                files.push((path.into(), String::new()));
                inside = true;
            }
            None if line == "```" => inside = false,
            None if inside => files.last_mut().into_iter().for_each(|(_, text)| *text += &format!("{line}\n")),
            None => {}
        }
    }
    let folders: BTreeSet<PathBuf> = files
        .iter()
        .filter_map(|(path, _)| path.strip_prefix("charts").ok())
        .filter_map(|path| path.iter().next())
        .map(|name| PathBuf::from("charts").join(name))
        .collect();
    for folder in folders {
        let about = folder.join("Chart.yaml");
        if !files.iter().any(|(path, _)| *path == about) {
            files.push((about, format!("name: {}\nversion: 1.0.0\n", folder.file_name().unwrap().to_string_lossy())));
        }
    }
    files
}

fn findings(source: &str, heading: &str) -> Vec<Finding> {
    all(&Shop::new(files(source, heading))).found
}

#[test]
fn every_rule_s_bad_example_fires_it_and_nothing_else() {
    for (id, source) in RULES {
        let found = findings(source, "Bad");
        let fired: BTreeSet<&str> = found.iter().map(|finding| finding.rule).collect();
        assert_eq!(fired, BTreeSet::from([*id]), "{found:#?}");
        for finding in &found {
            assert!(finding.path.is_some() && finding.line.is_some() && finding.help.is_some(), "{id} says too little: {finding:#?}");
            assert!(!finding.message.contains('\n') && !finding.message.ends_with('.'), "{id}: {}", finding.message);
        }
    }
}

#[test]
fn every_rule_s_good_example_and_trap_are_silent() {
    for (id, source) in RULES {
        for heading in ["Good", "Trap"] {
            assert!(!files(source, heading).is_empty(), "{id}: {heading}");
            let found = findings(source, heading);
            assert!(found.is_empty(), "{id}, {heading}: {found:#?}");
        }
    }
}

#[test]
fn every_rule_is_documented_under_the_same_headings() {
    for (id, source) in RULES {
        let found: Vec<&str> = source.lines().filter_map(|line| line.strip_prefix("//! ## ")).collect();
        assert_eq!(found, HEADINGS, "{id}");
    }
}

#[test]
fn this_repository_has_none_of_these_defects() {
    let shop = Shop::here();
    let found = all(&shop);
    assert!(found.found.is_empty(), "{:#?}", found.found);
    assert!(found.unverified.is_empty(), "{:#?}", found.unverified);
}
