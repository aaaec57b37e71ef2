//! The golden renders: what every component is in every environment, committed, so that a review shows what a change does.
//!
//! `golden/<environment>/<component>.yaml`, on the engine that the environment prefers. Nobody deploys them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::generated::{Mode, generated};
use super::{Renderer, Target, at_once, diff, docs, targets};
use crate::context::Context;
use crate::error::{Context as _, Error, Exit, Result};
use crate::repo::{Environment, emit, yaml};

/// Where they lie, from the root.
const FOLDER: &str = "golden";

/// The command that writes what this compares.
pub const REFRESH: &str = "cargo xtask render --write";

/// What was looked at, and what is not as committed.
#[derive(Default)]
pub struct Outcome {
    pub components: usize,
    pub objects: usize,
    /// For each file its path, and lines that say what differs.
    pub differences: Vec<(PathBuf, Vec<String>)>,
}

/// One environment with its components.
pub struct Place {
    pub cx: Context,
    pub targets: Vec<Target>,
}

/// Every environment that has values. Errors: usage, when no one of them has the component `only`.
pub fn places(cx: &Context, only: Option<&str>) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    for name in Environment::names(&cx.repo) {
        if !cx.repo.root().join("config").join(&name).is_dir() {
            cx.ui.note(format!("{name} is left out: it has no values, config/{name}"));
            continue;
        }
        let there = cx.in_environment(&name)?;
        let targets = targets(&there)?;
        places.push(Place { cx: there, targets });
    }
    let Some(only) = only else { return Ok(places) };
    // Some components are there in one environment only.
    if let Some(last) = places.last().filter(|_| !places.iter().any(|place| place.targets.iter().any(|target| target.is(only)))) {
        super::find(&last.cx, &last.targets, only)?;
    }
    places.iter_mut().for_each(|place| place.targets.retain(|target| target.is(only)));
    Ok(places)
}

/// Renders every component and compares it with what is committed, or writes that. With `only`, of one component, and no
/// documents. Errors: something cannot be rendered; all of it is said.
pub fn run(cx: &Context, only: Option<&str>, mode: Mode) -> Result<Outcome> {
    let places = places(cx, only)?;
    let renderer = Renderer::of_repository(cx)?;
    let rendered = rendered(&renderer, &places)?;
    warn(cx, &renderer);
    let mut outcome = Outcome::default();
    let mut known = BTreeSet::new();
    for ((place, target, objects), lines) in &rendered {
        outcome.components += 1;
        outcome.objects += objects.len();
        let path = file_of(place, target);
        if mode == Mode::Write {
            generated(&cx.repo, &path, &text(target, objects), mode)?;
        }
        if !lines.is_empty() {
            outcome.differences.push((path.clone(), lines.clone()));
        }
        known.insert(path);
    }
    let rendered: Vec<Rendered> = rendered.into_iter().map(|(one, _)| one).collect();
    if only.is_none() {
        for path in committed(cx)?.into_iter().filter(|path| !known.contains(path)) {
            if mode == Mode::Write {
                std::fs::remove_file(cx.repo.root().join(&path)).with_context(|| format!("could not remove {}", path.display()))?;
            }
            outcome.differences.push((path, vec!["- no component of this environment is called so".into()]));
        }
        for (path, text) in docs::files(cx, &rendered)? {
            if generated(&cx.repo, &path, &text, mode)? {
                outcome.differences.push((path, vec!["~ not what charts and values say".into()]));
            }
        }
    }
    Ok(outcome)
}

/// A component where it is deployed, with its objects.
pub type Rendered<'a> = (&'a Place, &'a Target, Vec<Value>);

/// Everything with what differs from the committed files, on every core. Errors: all of them, one below the other.
fn rendered<'a>(renderer: &Renderer<'_>, places: &'a [Place]) -> Result<Vec<(Rendered<'a>, Vec<String>)>> {
    let all: Vec<(&Place, &Target)> = places.iter().flat_map(|place| place.targets.iter().map(move |target| (place, target))).collect();
    let results = at_once(&all, |(place, target)| {
        let objects = target.objects(renderer)?;
        let lines = compare(&place.cx, &file_of(place, target), &objects);
        Ok((objects, lines))
    });
    let done = all.into_iter().zip(results);
    let done = done.map(|((place, target), result)| result.map(|(objects, lines)| ((place, target, objects), lines)));
    together(done, "not every component can be rendered")
}

fn file_of(place: &Place, target: &Target) -> PathBuf {
    Path::new(FOLDER).join(place.cx.env()).join(format!("{}.yaml", target.component.name))
}

/// All results, or all errors. An interruption is just that.
pub fn together<T>(results: impl Iterator<Item = Result<T>>, what: &str) -> Result<Vec<T>> {
    let (done, failed): (Vec<_>, Vec<_>) = results.partition(Result::is_ok);
    let mut failed: Vec<Error> = failed.into_iter().filter_map(Result::err).collect();
    match failed.len() {
        0 => Ok(done.into_iter().flatten().collect()),
        1 => Err(failed.remove(0)),
        // What is missing is missing for all of them.
        _ => match failed.iter().position(|e| matches!(e.exit(), Exit::Interrupted | Exit::Prerequisite)) {
            Some(i) => Err(failed.remove(i)),
            None => Err(failed.iter().fold(Error::failed(what), |all, e| all.cause(listed(e)))),
        },
    }
}

/// Says what made a run slower than it should be.
pub fn warn(cx: &Context, renderer: &Renderer<'_>) {
    if let Some(why) = renderer.cache_problem() {
        cx.ui.note(format!("nothing was kept for the next run: {why}"));
    }
}

/// An error as one cause among others.
fn listed(e: &Error) -> String {
    e.causes().iter().fold(e.what().to_string(), |text, cause| format!("{text}\n    {cause}"))
}

/// What differs between the committed file and the objects.
fn compare(cx: &Context, path: &Path, objects: &[Value]) -> Vec<String> {
    let full = cx.repo.root().join(path);
    let mut lines = match yaml::read_all(&full) {
        Ok(committed) => diff::objects(&committed, objects),
        Err(_) if !full.is_file() => diff::objects(&[], objects),
        // After a merge, perhaps: it is no reason not to write it anew.
        Err(e) => vec![format!("~ it cannot be read: {}", e.causes().join(": "))],
    };
    if !full.is_file() && lines.is_empty() {
        lines.push("+ without objects".into());
    }
    lines
}

fn text(target: &Target, objects: &[Value]) -> String {
    let head = format!("# What Argo CD applies for {}. Written by `{REFRESH}`; not deployed.\n", target.component.application);
    head + &emit::documents(objects)
}

/// Files in the folder, from the root.
fn committed(cx: &Context) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let top = cx.repo.root().join(FOLDER);
    if !top.is_dir() {
        return Ok(found);
    }
    for env in std::fs::read_dir(&top)? {
        let env = env?;
        for file in std::fs::read_dir(env.path())? {
            found.push(Path::new(FOLDER).join(env.file_name()).join(file?.file_name()));
        }
    }
    found.sort();
    Ok(found)
}
