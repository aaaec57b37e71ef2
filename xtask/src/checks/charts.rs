//! Checks of the charts without a cluster: Helm's own lint, and the golden renders, in every environment.

use super::{Report, Verdict};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::render::{self, Mode, golden};
use crate::ui::count;

pub fn run(cx: &Context, report: &mut Report<'_>) -> Result<()> {
    report.check("helm lint", || lint(cx))?;
    report.check("golden renders", || compare(cx))?;
    Ok(())
}

/// `helm lint --strict` of every chart with the values of every environment.
fn lint(cx: &Context) -> Result<Verdict> {
    let places = golden::places(cx, None)?;
    let all: Vec<_> = places.iter().flat_map(|place| place.targets.iter().map(move |target| (&place.cx, target))).collect();
    let charts: Vec<_> = all.into_iter().filter(|(_, target)| target.source.helm.is_some()).collect();
    let linted = render::at_once(&charts, |(cx, target)| render::lint(cx, target));
    golden::together(linted.into_iter(), "`helm lint --strict` finds something")?;
    let envs: Vec<&str> = places.iter().map(|place| place.cx.env()).collect();
    Ok(Verdict::Passed(format!("{} pass --strict, in {}", count(charts.len(), "component"), envs.join(" and "))))
}

fn compare(cx: &Context) -> Result<Verdict> {
    let outcome = golden::run(cx, None, Mode::Check)?;
    if outcome.differences.is_empty() {
        let looked = format!("{} of {}", count(outcome.objects, "object"), count(outcome.components, "component"));
        return Ok(Verdict::Passed(format!("{looked} as committed, and the documentation of the charts")));
    }
    let what = format!("{} not what the charts render", count(outcome.differences.len(), "file"));
    let listed = outcome.differences.iter().map(|(path, lines)| format!("{}\n    {}", path.display(), lines.join("\n    ")));
    let e = listed.fold(Error::failed(what), Error::cause);
    Err(e.hint(format!("if that is meant: {}", golden::REFRESH)))
}
