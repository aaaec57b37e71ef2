//! `cargo xtask render`: every component as Argo CD would render it, printed, written out, or compared with the golden renders.

use std::path::PathBuf;

use crate::context::Context;
use crate::error::{Exit, Result};
use crate::render::{self, Mode, Outcome, Renderer, Target, golden};
use crate::repo::{emit, files};
use crate::ui::{Paint, count};

/// Print what Argo CD would apply; compare it with the committed golden renders
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: all\n\nNo cluster is needed. What is printed is sorted by kind, namespace and name, of one environment and on the engine that --engine names, else the one that the environment prefers. --check and --write work on every environment: on golden/<environment>/<component>.yaml, charts/README.md and the tables of values in charts/.\n\nExamples:\n  cargo xtask render --app order-service\n  cargo xtask render --env prod --out target/prod\n  cargo xtask render --check\n  cargo xtask render --write"
)]
pub struct Args {
    /// Only this component, by the name of its chart or of its Application
    #[arg(long, value_name = "NAME")]
    app: Option<String>,
    /// Write one file per component into this folder instead of printing
    #[arg(long, value_name = "DIR", conflicts_with_all = ["check", "write"])]
    out: Option<PathBuf>,
    /// Compare with what is committed; exit code 1 when something differs
    #[arg(long, conflicts_with = "write")]
    check: bool,
    /// Bring what is committed up to date, and say what changed
    #[arg(long)]
    write: bool,
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    if cx.plan {
        return plan(args, cx);
    }
    if args.check || args.write {
        return compare(args, cx);
    }
    let all = render::targets(cx)?;
    let targets: Vec<&Target> = match &args.app {
        Some(name) => vec![render::find(cx, &all, name)?],
        None => all.iter().collect(),
    };
    let renderer = Renderer::of_repository(cx)?;
    let rendered = render::at_once(&targets, |target| target.objects(&renderer));
    let rendered = golden::together(rendered.into_iter(), "not every component can be rendered")?;
    for (target, objects) in targets.iter().zip(&rendered) {
        let text = emit::documents(objects);
        match &args.out {
            Some(dir) => drop(files::write_if_changed(&dir.join(format!("{}.yaml", target.component.name)), text.as_bytes(), 0o644)?),
            None => cx.ui.out(text.trim_end()),
        }
    }
    golden::warn(cx, &renderer);
    let objects = rendered.iter().map(Vec::len).sum();
    let place = args.out.as_ref().map(|dir| format!(" in {}", dir.display())).unwrap_or_default();
    cx.ui.note(format!("{} of {}{place}", count(objects, "object"), count(rendered.len(), "component")));
    Ok(Exit::Done)
}

/// The calls of Helm; those that the cache answers too.
fn plan(args: &Args, cx: &Context) -> Result<Exit> {
    let only = args.app.as_deref();
    let renderer = Renderer::of_repository(cx)?;
    let print = |cx: &Context, target: &Target| -> Result<()> {
        renderer.command_lines(&target.application, &target.capabilities)?.iter().for_each(|line| cx.ui.out(format!("$ {line}")));
        Ok(())
    };
    if args.check || args.write {
        let places = golden::places(cx, only)?;
        places.iter().try_for_each(|place| place.targets.iter().try_for_each(|target| print(&place.cx, target)))?;
    } else {
        let targets = render::targets(cx)?;
        only.map(|name| render::find(cx, &targets, name)).transpose()?;
        targets.iter().filter(|target| only.is_none_or(|name| target.is(name))).try_for_each(|target| print(cx, target))?;
    }
    Ok(Exit::Done)
}

/// Against what is committed.
fn compare(args: &Args, cx: &Context) -> Result<Exit> {
    let mode = if args.write { Mode::Write } else { Mode::Check };
    let outcome = golden::run(cx, args.app.as_deref(), mode)?;
    print(cx, &outcome);
    let looked = format!("{} of {}", count(outcome.objects, "object"), count(outcome.components, "component"));
    match outcome.differences.len() {
        0 => cx.ui.note(format!("{looked}: all as committed")),
        n if args.write => cx.ui.note(format!("{looked}: {} written", count(n, "file"))),
        n => {
            cx.ui.note(format!("{looked}: {} not as committed; if that is meant: {}", count(n, "file"), golden::REFRESH));
            return Ok(Exit::Problems);
        }
    }
    Ok(Exit::Done)
}

fn print(cx: &Context, outcome: &Outcome) {
    for (path, lines) in &outcome.differences {
        cx.ui.out(cx.ui.paint(Paint::Bold, &path.display().to_string()));
        lines.iter().for_each(|line| cx.ui.out(format!("  {line}")));
    }
}
