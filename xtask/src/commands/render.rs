//! `cargo xtask render`: every component as Argo CD would render it, printed, written out, or compared with the golden renders.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{Exit, Result};
use crate::render::{self, Mode, Outcome, Rendered, Renderer, Target, golden};
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
    /// How it is printed or written
    #[arg(long, value_enum, default_value = "yaml", value_name = "FORMAT", conflicts_with_all = ["check", "write"])]
    format: Format,
    /// Compare with what is committed; exit code 1 when something differs
    #[arg(long, conflicts_with = "write")]
    check: bool,
    /// Bring what is committed up to date, and say what changed
    #[arg(long)]
    write: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Yaml,
    Json,
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Format::Yaml => "yaml",
            Format::Json => "json",
        }
    }
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
    let results = render::at_once(&targets, |target| target.rendered(&renderer));
    let (mut rendered, mut failed) = (Vec::new(), Vec::new());
    for (target, result) in targets.iter().zip(results) {
        match result {
            Ok(one) => rendered.push((*target, one)),
            Err(e) => failed.push(e),
        }
    }
    for (_, one) in &rendered {
        let unsure = one.unverified.iter().map(|unverified| &unverified.reason).chain(&one.warnings);
        unsure.for_each(|what| cx.ui.note(format!("{}: {what}", one.application)));
    }
    golden::warn(cx, &renderer);
    print_all(args, cx, &rendered)?;
    // What could be rendered is printed, whatever the others say.
    golden::together(failed.into_iter().map(Err::<(), _>), "not every component can be rendered")?;
    Ok(Exit::Done)
}

fn print_all(args: &Args, cx: &Context, rendered: &[(&Target, Rendered)]) -> Result<()> {
    for (target, one) in rendered.iter().filter(|_| args.out.is_some() || args.format == Format::Yaml) {
        let text = match args.format {
            Format::Yaml => emit::documents(one.objects.iter().map(|object| &object.value)),
            Format::Json => format!("{:#}\n", json(one)),
        };
        match &args.out {
            Some(dir) => {
                let name = format!("{}.{}", target.component.name, args.format.name());
                files::write_if_changed(&dir.join(name), text.as_bytes(), 0o644)?;
            }
            None if text.is_empty() => {}
            None => cx.ui.out(text.trim_end()),
        }
    }
    if args.out.is_none() && args.format == Format::Json {
        let all: Vec<Value> = rendered.iter().map(|(_, one)| json(one)).collect();
        cx.ui.out(json!({ "version": 1, "applications": all }).to_string());
    }
    let objects = rendered.iter().map(|(_, one)| one.objects.len()).sum();
    let place = args.out.as_ref().map(|dir| format!(" in {}", dir.display())).unwrap_or_default();
    if !rendered.is_empty() {
        cx.ui.note(format!("{} of {}{place}", count(objects, "object"), count(rendered.len(), "component")));
    }
    Ok(())
}

/// An Application with its objects, each with the template or file that it comes from.
fn json(rendered: &Rendered) -> Value {
    let objects: Vec<Value> = rendered.objects.iter().map(|o| json!({ "source": o.source, "hook": o.hook(), "object": o.value })).collect();
    let unverified: Vec<&str> = rendered.unverified.iter().map(|unverified| unverified.reason.as_str()).collect();
    json!({ "name": rendered.application, "objects": objects, "unverified": unverified, "warnings": rendered.warnings })
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
