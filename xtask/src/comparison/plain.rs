//! For people on a terminal.

use lint::{Finding, Severity, Unverified};

use super::Report;
use super::blocks::blocks;
use crate::ui::{Paint, count};

/// Returns the report: findings, then what differs, then how far it reaches. `paint` colours a word, or does not.
pub fn plain(report: &Report<'_>, paint: &dyn Fn(Paint, &str) -> String) -> String {
    let mut lines = vec![format!("base {}, head {}", report.base, report.head)];
    if !report.findings.found.is_empty() {
        lines.push(String::new());
    }
    for found in &report.findings.found {
        let colour = match found.severity {
            Severity::Error => Paint::Red,
            Severity::Warning => Paint::Yellow,
            Severity::Info => Paint::Bold,
        };
        lines.push(format!("{} {}: {}", paint(colour, found.severity.name()), paint(Paint::Bold, found.rule), found.message));
        lines.push(format!("  {}", place(found)));
        lines.extend(found.help.as_ref().map(|help| format!("  help: {help}")));
    }
    for block in blocks(&report.change) {
        lines.push(String::new());
        lines.push(format!("{} {}", sign(block.sign, paint), paint(Paint::Bold, &block.title)));
        lines.extend(block.lines.iter().map(|line| format!("  {}", coloured(line, paint))));
    }
    if !report.findings.unverified.is_empty() {
        lines.push(String::new());
        lines.extend(report.findings.unverified.iter().map(unverified));
    }
    lines.push(String::new());
    lines.extend(report.reach.iter().map(ToString::to_string));
    if !report.differs() {
        lines.push("nothing differs in what Argo CD would apply".into());
    }
    let findings = &report.findings;
    if !findings.found.is_empty() || !findings.unverified.is_empty() {
        let errors = findings.found.iter().filter(|found| found.severity == Severity::Error).count();
        lines.push(format!(
            "{}, {} of them {}, {} unverified",
            count(findings.found.len(), "finding"),
            errors,
            if errors == 1 { "error" } else { "errors" },
            findings.unverified.len()
        ));
    }
    lines.join("\n")
}

/// Where a finding is: Application, file and line.
pub fn place(found: &Finding) -> String {
    let line = found.line.map(|line| format!(":{line}")).unwrap_or_default();
    let path = found.path.as_ref().map(|path| format!("{}{line}", path.display()));
    let environment = found.environments.first().filter(|env| !found.application.as_ref().is_some_and(|name| name.contains(env.as_str())));
    let application = found.application.as_ref().map(|name| environment.map_or(name.clone(), |env| format!("{name} ({env})")));
    application.into_iter().chain(path).collect::<Vec<_>>().join(", ")
}

/// What could not be decided, on one line.
pub fn unverified(one: &Unverified) -> String {
    let what = one.object.clone().or_else(|| one.path.as_ref().map(|path| path.display().to_string())).unwrap_or_default();
    format!("unverified {}: {what}: {}", one.rule, one.reason)
}

fn sign(sign: char, paint: &dyn Fn(Paint, &str) -> String) -> String {
    paint(colour(sign).unwrap_or(Paint::Bold), &sign.to_string())
}

fn colour(sign: char) -> Option<Paint> {
    match sign {
        '+' => Some(Paint::Green),
        '-' | '!' => Some(Paint::Red),
        '~' => Some(Paint::Yellow),
        _ => None,
    }
}

/// A line in the colour of the sign that it begins with.
fn coloured(line: &str, paint: &dyn Fn(Paint, &str) -> String) -> String {
    match line.trim_start().chars().next().filter(|_| line.trim_start().get(1..2) == Some(" ")).and_then(colour) {
        Some(colour) => paint(colour, line),
        None => line.to_string(),
    }
}
