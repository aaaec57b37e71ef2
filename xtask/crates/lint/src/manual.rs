//! What the rules' own documentation becomes: a page for the repository, and a text for a terminal.

use crate::rules::{ALL, Entry};

/// The page about all rules, as Markdown. `command` is what writes it.
pub fn page(command: &str) -> String {
    let mut page = format!("<!-- Written by `{command}` from the files of the rules, xtask/crates/lint/src/rules/. -->\n\n");
    page.push_str("# Rules of `cargo xtask lint`\n\n");
    page.push_str(
        "What each rule finds, why that matters, and how to mend it; `cargo xtask lint --explain RULE` prints the same. Every example is run\n\
         as a test: the bad one fires its rule, and no other, at the lines that it marks; the good one and the trap are silent.\n\n\
         An error breaks something, leaks, or puts data at risk; a warning works by luck, or in one environment only; an info never fails a\n\
         run. An exception is written where it is needed, with its reason:\n\n\
         ```yaml\n\
         # xtask-lint: allow(dangling-host): the office's name server answers for it\n\
         ```\n\n\
         One for many places stands in `xtask-lint.toml`, as `cargo xtask lint --help` shows.\n",
    );
    let mut group = "";
    for entry in ALL {
        if entry.group != group {
            group = entry.group;
            page.push_str(&format!("\n## {group}\n\n| rule | severity | what it finds |\n|---|---|---|\n"));
            for entry in ALL.iter().filter(|entry| entry.group == group) {
                let meta = entry.rule.meta();
                page.push_str(&format!("| [{0}](#{0}) | {1} | {2} |\n", meta.id, meta.severity.name(), cell(entry.summary())));
            }
        }
        page.push_str(&format!("\n### {}\n\n{}", entry.rule.meta().id, chapter(entry)));
    }
    page
}

/// The documentation of a rule below a heading of its own.
fn chapter(entry: &Entry) -> String {
    let meta = entry.rule.meta();
    let asked = if entry.compares() { ", by `cargo xtask diff`" } else { "" };
    let mut text = String::new();
    let mut is_code = false;
    let mut last = "";
    for (i, line) in documentation(entry).enumerate() {
        let is_fence = line.starts_with("```");
        // A block stands apart, and a heading too.
        let is_apart = line.starts_with("## ") || is_fence && !is_code || last.starts_with("```") && !is_code;
        if !is_code && is_apart && !line.is_empty() && !last.is_empty() {
            text.push('\n');
        }
        match line.strip_prefix("## ").filter(|_| !is_code) {
            Some("What") => text.push_str(&format!("Severity: {}{asked}.", meta.severity.name())),
            Some(heading) => text.push_str(&format!("**{heading}**\n")),
            None if i == 0 => text.push_str(&format!("*{line}*")),
            None => text.push_str(line),
        }
        text.push('\n');
        is_code ^= is_fence;
        last = if line.starts_with("## ") { "" } else { line };
    }
    text
}

/// The documentation of a rule, for a terminal; `paint` says whether colours are wanted. Ends without a newline.
pub fn explain(entry: &Entry, paint: bool) -> String {
    let bold = |text: &str| if paint { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_string() };
    let meta = entry.rule.meta();
    let mut text = format!("{} · {} · {}\n", bold(meta.id), meta.severity.name(), entry.group);
    let mut is_code = false;
    for line in documentation(entry) {
        if line.starts_with("```") {
            is_code = !is_code;
            let what = line.trim_start_matches('`').split_once(' ').map_or("", |(_, what)| what);
            if is_code && !what.is_empty() {
                text.push_str(&format!("  {what}:\n"));
            }
            continue;
        }
        match line.strip_prefix("## ").filter(|_| !is_code) {
            Some(heading) => {
                text.truncate(text.trim_end().len());
                text.push_str(&format!("\n\n{}\n", bold(heading)));
            }
            None if is_code && line.is_empty() => text.push('\n'),
            None if is_code => text.push_str(&format!("    {line}\n")),
            None => text.push_str(&format!("{line}\n")),
        }
    }
    text.truncate(text.trim_end().len());
    text
}

fn documentation(entry: &Entry) -> impl Iterator<Item = &'static str> {
    let lines = entry.source.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(|line| line.strip_prefix(' ').unwrap_or(line))
}

/// Text that does not end its cell.
fn cell(text: &str) -> String {
    text.trim_end_matches('.').replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::find;

    #[test]
    fn a_page_has_every_rule_once_in_the_table_and_once_as_a_chapter() {
        let page = page("make pages");
        assert!(page.starts_with("<!-- Written by `make pages` "));
        for entry in ALL {
            let id = entry.rule.meta().id;
            assert_eq!(page.matches(&format!("\n### {id}\n")).count(), 1, "{id}");
            assert_eq!(page.matches(&format!("\n| [{id}](#{id}) | ")).count(), 1, "{id}");
        }
        assert_eq!(page.matches("```").count() % 2, 0);
        assert!(!page.contains("\n\n\n"), "empty lines");
    }

    #[test]
    fn a_terminal_sees_no_markup() {
        let entry = find("shrunk-volume").unwrap();
        let plain = explain(entry, false);
        assert!(
            plain.starts_with(
                "shrunk-volume · error · Change safety between two revisions\nA volume is asked to be smaller than it is.\n\nWhat\n"
            ),
            "{plain}"
        );
        assert!(plain.contains("\n  before:\n    apiVersion: v1\n"), "{plain}");
        assert!(!plain.contains("```") && !plain.contains("## ") && !plain.contains('\u{1b}'));
        assert!(explain(entry, true).contains("\u{1b}[1mshrunk-volume\u{1b}[0m"));
    }
}
