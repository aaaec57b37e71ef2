//! Rules, dashboards and analysis queries of every environment: promtool accepts them, the unit tests hold, and each metric
//! they read is one that a scraped target has.

use super::{Report, Verdict};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::metrics;
use crate::repo::Environment;
use crate::ui::count;

pub fn run(cx: &Context, report: &mut Report<'_>) -> Result<()> {
    report.check("metrics", || check(cx))?;
    Ok(())
}

fn check(cx: &Context) -> Result<Verdict> {
    let environments = Environment::names(&cx.repo);
    let found = metrics::look(cx, &environments)?;
    if !found.problems.is_empty() {
        let what = format!("{} with what Prometheus is asked for", count(found.problems.len(), "problem"));
        return Err(Error::failed(what).cause(found.problems.join("\n")));
    }
    let parts = [(found.alerts, "alert"), (found.records, "recording rule"), (found.dashboards, "dashboard")];
    let parts: Vec<String> = parts.iter().map(|(n, noun)| count(*n, noun)).collect();
    let read = format!("{} read {}", count(found.expressions, "expression"), count(found.metrics, "metric"));
    Ok(Verdict::Passed(format!("{} in {}; {read}, all scraped", parts.join(", "), environments.join(" and "))))
}
