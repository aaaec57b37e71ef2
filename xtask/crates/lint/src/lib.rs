//! What is wrong in a GitOps repository: an index over its files, Applications and rendered objects, and rules over it.
//!
//! Nothing here reads a file, starts a process, asks a clock or knows a thread: everything is handed in.

pub mod baseline;
pub mod charts;
#[cfg(test)]
mod example;
mod finding;
pub mod fingerprint;
pub mod index;
pub mod manual;
pub mod report;
pub mod rules;
pub mod schemas;
mod sops;
mod suppression;
mod text;

pub use finding::{Finding, Findings, Related, Severity, Unverified};

use std::path::PathBuf;

use index::{Index, Input};

/// What a run gives.
#[derive(Debug)]
pub struct Outcome {
    /// In the order of reports.
    pub findings: Findings,
    /// How many findings somebody allowed, with a reason.
    pub suppressed: usize,
}

/// What a run looks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    /// Only these rules; all of them if there are none.
    pub rules: &'a [String],
    /// Only a part of the tree is known: that a suppression allows nothing cannot be told.
    pub is_part: bool,
}

/// Asks the rules about a tree, and takes out what is allowed.
pub fn run(input: &Input, wish: Wish<'_>) -> Outcome {
    let base = Index::new(input);
    let subjects = index::charts::subjects(&base);
    let index = base.with(&subjects);
    let is_wanted = |id: &str| wish.rules.is_empty() || wish.rules.iter().any(|rule| rule == id);
    let mut findings = rules::of_index(&index, &is_wanted);
    told_once(&mut findings);
    let ran = |id: &str| !wish.is_part && is_wanted(id) && rules::find(id).is_some_and(|entry| !entry.compares());
    let suppressed = suppression::apply(&input.files, &mut findings, &ran);
    if !is_wanted(rules::stale_suppression::ID) {
        findings.found.retain(|finding| finding.rule != rules::stale_suppression::ID);
    }
    Outcome { findings: findings.ordered(), suppressed }
}

/// A missing map that makes the render fail is told by the failure.
fn told_once(findings: &mut Findings) {
    let is_broken = |finding: &Finding| matches!(finding.rule, "broken-render" | "invalid-yaml-output");
    let failed: Vec<(Option<PathBuf>, Option<usize>)> =
        findings.found.iter().filter(|finding| is_broken(finding)).map(|finding| (finding.path.clone(), finding.line)).collect();
    let follows = |finding: &Finding| matches!(finding.rule, "unguarded-values-path");
    findings.found.retain(|finding| !follows(finding) || !failed.contains(&(finding.path.clone(), finding.line)));
}
