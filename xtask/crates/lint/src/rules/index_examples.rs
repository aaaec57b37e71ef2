//! Runs the examples of every rule that looks at a tree: those of its own documentation, and the fixtures beside the crate.
//!
//! The bad one fires that rule and no other, at the lines that it marks; the good one and the trap are silent.

use std::collections::BTreeSet;
use std::path::Path;

use super::examples::part;
use super::{ALL, Entry};
use crate::example;
use crate::{Findings, Wish};

fn findings(text: &str) -> Findings {
    crate::run(&example::input(text), Wish::default()).findings
}

/// Rules that look at one tree, with their documentation.
fn rules() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALL.iter().filter(|entry| !entry.compares() && !is_about_charts(entry)).map(|entry| (entry.rule.meta().id, entry.source))
}

/// Rules of charts have examples of their own form.
fn is_about_charts(entry: &Entry) -> bool {
    super::chart_examples::RULES.iter().any(|(id, _)| *id == entry.rule.meta().id)
}

fn is_bad(id: &str, named: &str, text: &str) {
    let found = findings(text).found;
    let rules: BTreeSet<&str> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, BTreeSet::from([id]), "{named}: {found:#?}");
    for finding in &found {
        assert!(finding.path.is_some() && finding.line.is_some() && finding.help.is_some(), "{named} says too little: {finding:#?}");
        assert!(!finding.message.contains('\n') && !finding.message.ends_with('.'), "{named}: {}", finding.message);
    }
    let places: BTreeSet<(String, usize)> =
        found.iter().map(|f| (f.path.as_ref().unwrap().to_string_lossy().into_owned(), f.line.unwrap())).collect();
    let marked = example::marked(text);
    assert!(!marked.is_empty(), "{named}: no line is marked with `# bad`");
    assert_eq!(places, marked, "{named}: {found:#?}");
}

fn is_silent(named: &str, text: &str) {
    let found = findings(text);
    assert!(found.found.is_empty(), "{named}: {found:#?}");
}

#[test]
fn bad_examples_fire_their_rule_at_the_lines_they_mark() {
    for (id, source) in rules() {
        is_bad(id, id, &part(source, "Bad").join("\n"));
    }
}

#[test]
fn good_examples_and_traps_are_silent() {
    for (id, source) in rules() {
        for heading in ["Good", "Trap"] {
            let text = part(source, heading).join("\n");
            assert!(text.contains("```"), "{id}: `## {heading}` has no example");
            is_silent(&format!("{id}, {heading}"), &text);
        }
    }
}

/// The part of a text below `## HEADING`.
fn section(text: &str, heading: &str) -> String {
    let lines = text.lines().skip_while(|line| *line != format!("## {heading}")).skip(1);
    lines.take_while(|line| !line.starts_with("## ")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn fixtures_of_every_rule() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut failed = Vec::new();
    for (id, _) in rules() {
        let path = folder.join(format!("{id}.md"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let headings: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        let count = |word: &str| headings.iter().filter(|heading| heading.starts_with(word)).count();
        assert!(count("Bad") >= 2 && count("Good") >= 2, "{id}.md has fewer than two bad and two good trees: {headings:?}");
        for heading in headings {
            let named = format!("{id}.md, {heading}");
            let run = || match heading.starts_with("Bad") {
                true => is_bad(id, &named, &section(&text, heading)),
                false => is_silent(&named, &section(&text, heading)),
            };
            // Each says on its own what it expected: all of them are told in one run.
            failed.extend(std::panic::catch_unwind(run).err().map(|_| named.clone()));
        }
    }
    assert_eq!(failed, [""; 0]);
}
