//! `cargo xtask expand`: the Applications that Argo CD would make of this tree, without a cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gitops::model::{Application, Expansion, Kind};
use gitops::roots::Forest;
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::expansion::{self, Wish};
use crate::repo::emit;
use crate::ui::count;

/// Print the Applications that Argo CD would make of the GitOps files; no cluster
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: all\n\nEvery ApplicationSet and Application of the tree counts, for each environment's Argo CD; --env takes one of them.\nExit code 1: Argo CD would refuse a document; the others are printed.\n\nExamples:\n  cargo xtask expand\n  cargo xtask expand --env prod argocd/applicationsets/30-services.yaml\n  cargo xtask expand --root ../other --clusters clusters.yaml --format json"
)]
pub struct Args {
    /// Files whose documents are printed [default: all]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Secrets of the clusters that Argo CD knows, instead of those of the environments
    #[arg(long, value_name = "SECRETS.yaml")]
    clusters: Option<PathBuf>,
    /// The URL by which Applications mean this tree [default: the remotes of git]
    #[arg(long, value_name = "URL")]
    repo_url: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Table,
    Yaml,
    Json,
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    let beside: Vec<PathBuf> = args.files.iter().filter(|file| !within(file, cx)).cloned().collect();
    let wish = Wish { files: &beside, repo_url: args.repo_url.as_deref(), clusters: args.clusters.as_deref(), env: cx.env_wish() };
    let world = expansion::expand(cx, &wish)?;
    let shown = chosen(&args.files, &world.forest, cx)?;
    match args.format {
        Format::Table => table(cx, &shown),
        Format::Yaml => yaml(cx, &shown),
        Format::Json => list(cx, &shown),
    }
    let files: BTreeSet<&Path> = shown.iter().map(|expansion| expansion.place.file.as_path()).collect();
    let mut broken = 0;
    for problem in world.forest.problems.iter().filter(|problem| args.files.is_empty() || names(&args.files, cx, &problem.place.file)) {
        broken += 1;
        cx.ui.warn(format!("{}:{}: {}", problem.place.file.display(), problem.place.line, problem.what));
    }
    for expansion in &shown {
        let (file, line) = (expansion.place.file.display(), expansion.place.line);
        if let Some(error) = &expansion.error {
            broken += 1;
            cx.ui.warn(format!("{file}:{line}: {}: {error}", expansion.name));
        }
        for unverified in &expansion.unverified {
            cx.ui.warn(format!("{file}:{line}: {}: unverified: {}", unverified.name, unverified.reason));
        }
    }
    let applications: usize = shown.iter().map(|expansion| distinct(&expansion.applications).len()).sum();
    cx.ui.note(format!("{} of {}", count(applications, "Application"), count(files.len(), "file")));
    Ok(if broken == 0 { Exit::Done } else { Exit::Problems })
}

/// The expansions of the files that were named. Errors: usage, when one has no document.
fn chosen<'a>(files: &[PathBuf], forest: &'a Forest, cx: &Context) -> Result<Vec<&'a Expansion>> {
    let known = |file: &PathBuf| {
        let fits = |path: &Path| names(std::slice::from_ref(file), cx, path);
        forest.expansions.iter().any(|e| fits(&e.place.file)) || forest.problems.iter().any(|p| fits(&p.place.file))
    };
    if let Some(file) = files.iter().find(|file| !known(file)) {
        return Err(Error::usage(format!("`{}` has no ApplicationSet or Application", file.display())).hint("see all: cargo xtask expand"));
    }
    let wanted = |expansion: &&Expansion| files.is_empty() || names(files, cx, &expansion.place.file);
    Ok(forest.expansions.iter().filter(wanted).collect())
}

/// Is it a file of the tree that counts without being named?
fn within(file: &Path, cx: &Context) -> bool {
    let root = cx.repo.root();
    let known = |path: PathBuf| path.strip_prefix(root).is_ok_and(|path| !gitops::roots::is_test_data(path));
    file.canonicalize().is_ok_and(known) || (file.is_relative() && root.join(file).is_file())
}

/// Is this path from the root one of the files, which may be typed from here or from the root?
fn names(files: &[PathBuf], cx: &Context, path: &Path) -> bool {
    let whole = cx.repo.root().join(path);
    files.iter().any(|file| file == path || file.canonicalize().is_ok_and(|file| file == whole))
}

/// Each Application once, whichever control planes have it.
fn distinct(applications: &[Application]) -> Vec<&Application> {
    let mut seen: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    let mut once = Vec::new();
    for application in applications {
        let same = seen.entry(application.name()).or_default();
        if !same.contains(&&application.value) {
            same.push(&application.value);
            once.push(application);
        }
    }
    once
}

fn list(cx: &Context, shown: &[&Expansion]) {
    let entry = |expansion: &&Expansion| {
        let applications = distinct(&expansion.applications).into_iter().map(|application| application.value.clone()).collect();
        let mut entry = json!({ "file": expansion.place.file, "name": expansion.name, "error": expansion.error });
        entry["applications"] = Value::Array(applications);
        entry
    };
    let entries = Value::Array(shown.iter().map(entry).collect());
    cx.ui.out(documents::json::print_indented(&entries).trim_end());
}

fn yaml(cx: &Context, shown: &[&Expansion]) {
    let all = shown.iter().flat_map(|expansion| distinct(&expansion.applications));
    let values: Vec<&Value> = all.map(|application| &application.value).collect();
    cx.ui.out(emit::documents(&values).trim_end());
}

const HEADER: [&str; 6] = ["APPLICATION", "PROJECT", "WAVE", "DESTINATION", "CHART OR PATH", "VALUES"];

fn table(cx: &Context, shown: &[&Expansion]) {
    let mut rows = vec![HEADER.map(str::to_string)];
    for expansion in shown {
        for application in distinct(&expansion.applications) {
            rows.push(row(application));
        }
        let what = if expansion.kind == Kind::ApplicationSet { "ApplicationSet" } else { "Application" };
        let doubts = expansion.unverified.iter().map(|unverified| format!("unverified: {}", unverified.reason));
        for words in expansion.error.iter().map(|error| format!("error: {error}")).chain(doubts) {
            rows.push([expansion.name.clone(), String::new(), String::new(), what.to_string(), words, String::new()]);
        }
    }
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default();
    // Long paths may stand out of their column: what is wide is rare.
    let widths: Vec<usize> = (0..HEADER.len()).map(|column| width(column).min(60)).collect();
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cx.ui.out(cells.join("  ").trim_end());
    }
}

fn row(application: &Application) -> [String; 6] {
    let text = |pointer: &str| application.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let cluster = [text("/spec/destination/name"), text("/spec/destination/server")].into_iter().find(|name| !name.is_empty());
    let cluster = cluster.map_or("", |name| if name == "https://kubernetes.default.svc" { "in-cluster" } else { name });
    let sources = application.sources();
    let of = |source: &&Value, key: &str| source.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_string);
    let places: Vec<String> = sources.iter().filter_map(|source| of(source, "chart").or_else(|| of(source, "path"))).collect();
    let files = sources.iter().filter_map(|source| source.pointer("/helm/valueFiles")?.as_array()).flatten();
    let mut values: Vec<&str> = files.filter_map(Value::as_str).collect();
    if sources.iter().any(|source| ["/helm/values", "/helm/valuesObject"].iter().any(|block| source.pointer(block).is_some())) {
        values.push("(inline)");
    }
    [
        application.name().to_string(),
        text("/spec/project").to_string(),
        application.wave().to_string(),
        format!("{cluster}/{}", application.namespace()),
        places.join(", "),
        values.join(", "),
    ]
}
