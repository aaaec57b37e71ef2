//! `cargo xtask lint`: what is wrong in the tree, over all of its files at once.

use lint::index::Index;
use lint::{Severity, rules};

use crate::context::Context;
use crate::error::{Exit, Result};
use crate::survey;
use crate::ui::count;

/// Look for mistakes in files, Applications and rendered objects, and between them; no cluster
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: all\n\nNo cluster is needed. Exit code 1: a finding is an error.\n\nExamples:\n  cargo xtask lint\n  cargo xtask lint --env prod"
)]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    let input = survey::survey(cx)?;
    let findings = rules::of_index(&Index::new(&input));
    for finding in &findings.found {
        let path = finding.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        let line = finding.line.unwrap_or(1);
        cx.ui.out(format!(
            "{}[{}] {path}:{line}: {} ({})",
            finding.severity.name(),
            finding.rule,
            finding.message,
            finding.environments.join(", ")
        ));
    }
    for unverified in &findings.unverified {
        cx.ui.verbose(format!("unverified[{}] {:?} {:?}: {}", unverified.rule, unverified.path, unverified.object, unverified.reason));
    }
    cx.ui.note(format!("{}; {} not verified", count(findings.found.len(), "finding"), findings.unverified.len()));
    let is_error = findings.found.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if is_error { Exit::Problems } else { Exit::Done })
}
