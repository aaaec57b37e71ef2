//! For pages of a pull request: workflow commands of GitHub Actions.
//!
//! Form and escapes: "Workflow commands for GitHub Actions" in GitHub's documentation, and `command.ts` of actions/toolkit.

use super::Report;
use crate::Severity;

/// One line for each finding; empty if there is none.
pub fn github(report: &Report<'_>) -> String {
    let line = |finding: &crate::Finding| {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let mut properties = Vec::new();
        if let Some(path) = &finding.path {
            properties.push(format!("file={}", property(&path.to_string_lossy())));
            properties.extend(finding.line.map(|line| format!("line={line}")));
            properties.extend(finding.column.map(|column| format!("col={column}")));
        }
        properties.push(format!("title={}", property(finding.rule)));
        let help = finding.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
        format!("::{command} {}::{}", properties.join(","), data(&format!("{}{help}", finding.message)))
    };
    report.findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn data(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() && !matches!(c, '\r' | '\n' | '\t') { ' ' } else { c }).collect();
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
