//! For a pull request: bounded to what forges accept.

use lint::{Finding, Severity};

use super::Report;
use super::blocks::{Block, blocks};
use super::plain::{place, unverified};
use crate::ui::count;

/// Bytes of the whole; forges accept 65,536 characters.
const MOST: usize = 60_000;
/// Of findings, so that something is left for what differs.
const FINDINGS: usize = 25_000;
/// Kept free for the words about what is left out.
const RESERVE: usize = 400;

/// Returns the report: how far the change reaches, findings, then what differs, folded. What is left out is counted.
pub fn markdown(report: &Report<'_>) -> String {
    let mut out =
        Bounded { text: format!("### What Argo CD would apply\n\n`{}` → `{}`\n\n", report.base, report.head), most: MOST - RESERVE };
    for reach in &report.reach {
        out.add(&format!("- {}\n", escaped(&reach.to_string())));
    }
    if !report.differs() {
        out.add("\nNothing differs.\n");
    }
    findings(report, &mut out);
    let blocks = blocks(&report.change);
    let all: Vec<String> = blocks.iter().map(details).collect();
    if !all.is_empty() {
        out.add("\n");
    }
    // In their order, so that a long one does not make way for a short one: what is left out is the end.
    let shown = all.iter().take_while(|text| out.add(text)).count();
    let left = all.iter().skip(shown);
    if shown < all.len() {
        let characters: usize = left.map(|text| text.chars().count()).sum();
        let what = format!("{} of {} left out here, {characters} characters", count(all.len() - shown, "change"), all.len());
        out.text.push_str(&format!("\n**Truncated**: {what}. All of it: `cargo xtask diff --base {}`\n", report.base));
    }
    out.text
}

struct Bounded {
    text: String,
    most: usize,
}

impl Bounded {
    /// Adds all of it, or nothing.
    fn add(&mut self, text: &str) -> bool {
        let fits = self.text.len() + text.len() <= self.most;
        if fits {
            self.text.push_str(text);
        }
        fits
    }
}

fn findings(report: &Report<'_>, out: &mut Bounded) {
    let found = &report.findings.found;
    let rest = &report.findings.unverified;
    if found.is_empty() && rest.is_empty() {
        return;
    }
    out.add(&format!("\n#### {}\n\n", count(found.len(), "finding")));
    let lines = found.iter().map(finding).chain(rest.iter().map(|one| format!("- ❔ {}\n", escaped(&unverified(one)))));
    let lines: Vec<String> = lines.collect();
    let end = out.text.len() + FINDINGS;
    let shown = lines.iter().take_while(|line| out.text.len() + line.len() <= end && out.add(line)).count();
    if shown < lines.len() {
        out.add(&format!("- … and {} more\n", lines.len() - shown));
    }
}

fn finding(found: &Finding) -> String {
    let sign = match found.severity {
        Severity::Error => "🛑",
        Severity::Warning => "⚠️",
        Severity::Info => "ℹ️",
    };
    let help = found.help.as_ref().map(|help| format!("<br>{}", escaped(help))).unwrap_or_default();
    format!("- {sign} **{}** {}: {}<br>{}{help}\n", found.severity.name(), found.rule, escaped(&found.message), escaped(&place(found)))
}

fn details(block: &Block) -> String {
    let title = escaped(&format!("{} {}", block.sign, block.title));
    if block.lines.is_empty() {
        return format!("- {title}\n");
    }
    let text = block.lines.join("\n");
    // Longer than any fence in the text.
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let lines: Vec<String> = block.lines.iter().map(|line| as_diff(line)).collect();
    let text = lines.join("\n");
    format!("<details><summary>{title} ({})</summary>\n\n{fence}diff\n{text}\n{fence}\n</details>\n", count(block.lines.len(), "line"))
}

/// Signs stand at the very beginning, where forges colour by them.
fn as_diff(line: &str) -> String {
    let words = line.trim_start();
    match words.chars().next() {
        Some(sign @ ('+' | '-' | '!')) if words.get(1..2).is_none_or(|c| c == " ") => format!("{sign}{}", line.replacen(sign, " ", 1)),
        _ => format!(" {line}"),
    }
}

/// Text in which nothing is taken for HTML, or for the name of somebody.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('@', "&#64;")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;
    use gitops::comparison::{Change, Deployed, Rendered, Side};
    use gitops::model::{Application, Object, Place};
    use lint::Findings;

    fn side(data: &str) -> Side {
        let application = |i: usize| {
            let value = json!({ "metadata": { "name": format!("application-{i}") }, "spec": {} });
            let place = Place { file: PathBuf::from("apps.yaml"), line: 1 };
            let map = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a" }, "data": { format!("key-{i}"): format!("{data}{i}") } });
            let rendered = Rendered::Objects(vec![Object { value: map, source: String::new() }]);
            Deployed { application: Application { place, set: None, parent: None, environment: None, value }, rendered }
        };
        Side { applications: (0..2000).map(application).collect(), ..Side::default() }
    }

    #[test]
    fn a_report_is_never_longer_than_forges_accept_and_says_what_is_left_out() {
        let (before, after) = (side("```\n<b>@somebody"), side("other\n````"));
        let report = Report::new("base".into(), "head".into(), Change::new(&before, &after), Findings::default());
        let text = markdown(&report);
        assert!(text.len() <= MOST && text.len() > MOST / 2, "{}", text.len());
        assert!(text.contains("**Truncated**: ") && text.contains(" of 2000 left out here, "), "{text}");
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    }

    #[test]
    fn nothing_in_a_value_ends_the_fence_around_it() {
        let block = Block { sign: '~', title: "a <b> @somebody".into(), lines: vec!["+ ``` ````".into()] };
        let text = details(&block);
        assert!(text.contains("\n`````diff\n+  ``` ````\n`````\n") && text.contains("a &lt;b&gt; &#64;somebody"), "{text}");
    }
}
