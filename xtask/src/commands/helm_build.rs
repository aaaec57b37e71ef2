//! `cargo xtask helm-build`: packs what charts depend on into them, libraries first.

use crate::charts;
use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::tools::helm;
use crate::ui::{Table, count};

/// Pack what charts depend on into them, where that is not done yet
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: all\n\nHelm renders the packed copy of a library, also when the library has changed since. What a copy holds is compared with the\nlibrary, file by file, and only what differs is packed again. Everything lies in this repository, so it needs no network;\nArgo CD packs by itself and never takes these copies. clean-helm-cache deletes them.\n\nExamples:\n  cargo xtask helm-build\n  cargo xtask helm-build --plan"
)]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    let charts = charts::with_dependencies(&cx.repo)?;
    if charts.is_empty() {
        cx.ui.note("nothing to pack: no chart here depends on another");
        return Ok(Exit::Done);
    }
    let mut table = Table::default();
    let mut calls = Vec::new();
    let mut packed = 0;
    for chart in &charts {
        let name = cx.repo.shown(&chart.dir);
        let Some(why) = charts::state(chart)? else {
            let names: Vec<String> = chart.dependencies.iter().map(|d| format!("{} {}", d.name, d.version)).collect();
            table.row([name, format!("up to date: {}", names.join(", "))]);
            continue;
        };
        if cx.plan {
            table.row([name, format!("out of date: {why}")]);
            calls.push(helm::dependency_build_call(&helm::planned_program(cx), &chart.dir));
            continue;
        }
        build(cx, chart).map_err(|e| e.context(format!("could not pack the dependencies of {name}")))?;
        packed += 1;
        table.row([name, format!("packed: {why}")]);
    }
    cx.ui.out(&table);
    calls.iter().for_each(|call| cx.ui.out(format!("$ {}", call.command_line())));
    if !cx.plan {
        cx.ui.note(format!("{} with dependencies, {packed} packed", count(charts.len(), "chart")));
    }
    Ok(Exit::Done)
}

/// Errors: Helm's own words, with what helps against the most likely ones.
fn build(cx: &Context, chart: &charts::Chart) -> Result<()> {
    let call = helm::dependency_build_call(&cx.provision.tool("helm")?, &chart.dir);
    if let Err(failure) = cx.runner.run(&call) {
        let out_of_sync = failure.tail().contains("out of sync");
        let error = Error::from(failure);
        let update = format!("write Chart.lock anew: cargo xtask helm -- dependency update --skip-refresh {}", cx.repo.shown(&chart.dir));
        return Err(if out_of_sync { error.hint(update) } else { error });
    }
    match charts::state(chart)? {
        None => Ok(()),
        Some(still) => Err(Error::failed(format!("Helm packed something else than what lies beside it: {still}"))),
    }
}
