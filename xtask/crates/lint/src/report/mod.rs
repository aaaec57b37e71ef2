//! How findings are told: to people, to programs, to code scanning, to a forge's pages.

mod github;
mod json;
mod sarif;
#[cfg(test)]
mod tests;
mod text;

use crate::index::files::Files;
use crate::{Finding, Severity, Unverified};

pub use github::github;
pub use json::json;
pub use sarif::sarif;
pub use text::text;

/// What a run found.
#[derive(Debug)]
pub struct Report<'a> {
    /// In the order of reports.
    pub findings: &'a [Finding],
    pub unverified: &'a [Unverified],
    /// Findings that somebody allowed, with a reason.
    pub suppressed: usize,
    /// Findings that a baseline knows.
    pub known: usize,
    pub looked: Looked,
    /// For the lines that are shown.
    pub files: &'a Files,
}

/// What was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    pub files: usize,
    pub applications: usize,
    pub objects: usize,
    pub environments: Vec<String>,
}

impl Report<'_> {
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// The last line: counts, and what was looked at.
    pub fn summary(&self) -> String {
        let count = gitops::words::count;
        let mut parts = vec![format!(
            "{}, {}, {}",
            count(self.count(Severity::Error), "error"),
            count(self.count(Severity::Warning), "warning"),
            count(self.count(Severity::Info), "info")
        )];
        if self.suppressed > 0 {
            parts.push(format!("{} suppressed", self.suppressed));
        }
        if self.known > 0 {
            parts.push(format!("{} in the baseline", self.known));
        }
        if !self.unverified.is_empty() {
            parts.push(format!("{} not verified", self.unverified.len()));
        }
        let looked = &self.looked;
        let mut what =
            format!("{}, {}, {}", count(looked.files, "file"), count(looked.applications, "Application"), count(looked.objects, "object"));
        if !looked.environments.is_empty() {
            what.push_str(&format!(" of {}", looked.environments.join(" and ")));
        }
        format!("{}; looked at {what}", parts.join("; "))
    }
}
