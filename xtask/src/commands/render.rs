//! `cargo xtask render`: every component as Argo CD would render it, printed, written out, or compared with the golden renders.

use std::path::PathBuf;

use gitops::urls;
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::expansion::{self, Wish};
use crate::render::{self, Mode, Outcome, Rendered, Renderer, Target, golden};
use crate::repo::{Environment, Repo, emit, files};
use crate::ui::{Paint, count};

/// Print what Argo CD would apply; compare it with the committed golden renders
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: all\n\nNo cluster is needed. What is printed is sorted by kind, namespace and name, of one environment and on the engine that --engine names, else the one that the environment prefers. In a repository of another layout, every Application that the GitOps files make. --check and --write work on every environment: on golden/<environment>/<component>.yaml, charts/README.md and the tables of values in charts/.\n\nExamples:\n  cargo xtask render --app order-service\n  cargo xtask render --env prod --out target/prod\n  cargo xtask render --check\n  cargo xtask render --write\n  cargo xtask render --root ../other --format json"
)]
pub struct Args {
    /// Only this component, by the name of its chart or of its Application
    #[arg(long, value_name = "NAME")]
    app: Option<String>,
    /// Write one file per component into this folder instead of printing
    #[arg(long, value_name = "DIR", conflicts_with_all = ["check", "write"])]
    out: Option<PathBuf>,
    /// In a repository of another layout: the URL by which Applications mean it [default: the remotes of git]
    #[arg(long, value_name = "URL")]
    repo_url: Option<String>,
    /// In a repository of another layout: Secrets of the clusters that Argo CD knows
    #[arg(long, value_name = "SECRETS.yaml")]
    clusters: Option<PathBuf>,
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
    let own = Repo::find(Some(cx.repo.root()), cx.repo.root()).is_ok() && cx.repo.argocd_dir().join("applicationsets").is_dir();
    if !own {
        return any(args, cx);
    }
    Environment::read(&cx.repo, cx.env())?;
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
    let failed = render_all(args, cx, &renderer, &targets, "component")?;
    golden::together(failed.into_iter().map(Err::<(), _>), "not every component can be rendered")?;
    Ok(Exit::Done)
}

/// Every Application of a tree of any layout.
fn any(args: &Args, cx: &Context) -> Result<Exit> {
    if args.check || args.write {
        let what = "there are golden renders only where environments and ApplicationSets are described as in this repository";
        return Err(Error::usage(what).hint("print the objects instead: cargo xtask render"));
    }
    let world = expansion::expand(
        cx,
        &Wish { env: cx.env_wish(), repo_url: args.repo_url.as_deref(), clusters: args.clusters.as_deref(), ..Wish::default() },
    )?;
    let tree = world.ground.tree.clone();
    let renderer = Renderer::new(cx, &world.ground.tree, move |url| urls::is_this(&tree, url))?;
    let all = Target::of_all(cx, &world.forest.expansions);
    let targets: Vec<&Target> = match &args.app {
        Some(name) => vec![render::find(cx, &all, name)?],
        None => all.iter().collect(),
    };
    if cx.plan {
        for target in &targets {
            let lines = renderer.command_lines(&target.application, &target.capabilities)?;
            lines.iter().for_each(|line| cx.ui.out(format!("$ {line}")));
        }
        return Ok(Exit::Done);
    }
    let failed = render_all(args, cx, &renderer, &targets, "Application")?;
    let problems = world.forest.problems.iter().map(|problem| (&problem.place, problem.what.clone()));
    let broken = world.forest.expansions.iter().filter_map(|one| Some((&one.place, format!("{}: {}", one.name, one.error.as_ref()?))));
    let mut found = 0;
    for (place, what) in problems.chain(broken) {
        found += 1;
        cx.ui.warn(format!("{}:{}: {what}", place.file.display(), place.line));
    }
    golden::together(failed.into_iter().map(Err::<(), _>), "not every Application can be rendered")?;
    Ok(if found == 0 { Exit::Done } else { Exit::Problems })
}

/// Renders and prints; what could be rendered is printed whatever the others say. Returns the errors of the others.
fn render_all(args: &Args, cx: &Context, renderer: &Renderer<'_>, targets: &[&Target], word: &str) -> Result<Vec<Error>> {
    let results = render::at_once(targets, |target| target.rendered(renderer));
    let (mut rendered, mut failed) = (Vec::new(), Vec::new());
    for (target, result) in targets.iter().zip(results) {
        match result {
            Ok(one) => rendered.push((*target, one)),
            Err(e) => failed.push(e),
        }
    }
    for (_, one) in &rendered {
        let unsure =
            one.unverified.iter().map(|unverified| format!("unverified: {}", unverified.reason)).chain(one.warnings.iter().cloned());
        unsure.for_each(|what| cx.ui.note(format!("{}: {what}", one.application)));
    }
    golden::warn(cx, renderer);
    print_all(args, cx, &rendered, word)?;
    Ok(failed)
}

fn print_all(args: &Args, cx: &Context, rendered: &[(&Target, Rendered)], word: &str) -> Result<()> {
    for (target, one) in rendered.iter().filter(|_| args.out.is_some() || args.format == Format::Yaml) {
        let text = match args.format {
            Format::Yaml => emit::documents(&one.objects.iter().map(|object| &object.value).collect::<Vec<_>>()),
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
        cx.ui.note(format!("{} of {}{place}", count(objects, "object"), count(rendered.len(), word)));
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
