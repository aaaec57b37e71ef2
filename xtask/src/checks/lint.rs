//! `cargo xtask lint` on this repository: no error and no warning, every exception with its reason.

use lint::{Finding, Severity, Wish};

use super::{Report, Verdict};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::survey;
use crate::ui::count;

pub fn run(cx: &Context, report: &mut Report<'_>) -> Result<()> {
    report.check("lint", || check(cx)).map(drop)
}

fn check(cx: &Context) -> Result<Verdict> {
    let input = survey::survey(cx)?;
    let outcome = lint::run(&input, Wish::default());
    let found: Vec<&Finding> = outcome.findings.found.iter().filter(|finding| finding.severity != Severity::Info).collect();
    let Some(first) = found.first() else {
        let (files, suppressed) = (count(input.files.len(), "file"), outcome.suppressed);
        return Ok(Verdict::Passed(format!("{files}: no error, no warning; {suppressed} allowed with a reason")));
    };
    let path = first.path.as_ref().map(|path| format!("{}: ", path.display())).unwrap_or_default();
    let what = format!("{}, the first: {path}{}", count(found.len(), "finding"), first.message);
    Err(Error::failed(what).hint("see them all: cargo xtask lint"))
}
