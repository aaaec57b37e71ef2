//! A tree as the linter wants it: its files, its Applications, and what each of them deploys.

pub mod changed;
mod profile;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gitops::clusters::{self, ControlPlane};
use gitops::documents::IGNORE_FILE;
use gitops::identity;
use gitops::listing::Ignored;
use gitops::model::{Application, Tree, Unverified};
use gitops::roots::is_test_data;
use gitops::urls;
use lint::index::files::{File, Files, Unread, is_yaml};
use lint::index::input::Branches;
use lint::index::{Deployed, Failure, Input, Plane};

use crate::context::Context;
use crate::error::{Exit, Result};
use crate::expansion::{self, Wish, World};
use crate::render::{Capabilities, Renderer, at_once};

/// Larger files are not looked at: what people write is smaller.
const LARGEST: u64 = 2_000_000;

/// How a file begins that git-crypt holds encrypted.
const GIT_CRYPT: &[u8] = b"\0GITCRYPT\0";

/// Reads, expands and renders the tree of the context, for all environments or the one that is wanted.
///
/// Errors: usage, when there is no such environment; a program that is needed is missing; interrupted.
pub fn survey(cx: &Context) -> Result<Input> {
    let wish = Wish { env: cx.env_wish(), ..Wish::default() };
    let World { ground, forest } = expansion::expand(cx, &wish)?;
    let root = cx.repo.root();
    let known = ground.tree.clone();
    let renderer = Renderer::new(cx, &ground.tree, move |url| urls::is_this(&known, url))?;
    let mut planes = planes(cx, &ground.tree, wish.env)?;
    let applications = forest.expansions.iter().flat_map(|expansion| expansion.applications.iter().map(move |a| (expansion, a)));
    let jobs: Vec<(usize, &Application, Vec<String>)> = applications
        .filter_map(|(expansion, application)| {
            let at = planes.iter().position(|(plane, _)| plane.environment == application.environment)?;
            let reasons = expansion.unverified.iter().filter(|unverified| unverified.name == application.name());
            Some((at, application, reasons.map(|unverified| unverified.reason.clone()).collect()))
        })
        .collect();
    let rendered = at_once(&jobs, |(at, application, reasons)| {
        let capabilities = planes.get(*at).map(|(_, capabilities)| capabilities.clone()).unwrap_or_default();
        deployed(&renderer, application, &capabilities, reasons)
    });
    let mut done = Vec::with_capacity(rendered.len());
    for ((at, ..), deployed) in jobs.iter().zip(rendered) {
        done.push((*at, deployed?));
    }
    for (at, deployed) in done {
        if let Some((plane, _)) = planes.get_mut(at) {
            plane.applications.push(deployed);
        }
    }
    let files = files(root, &ground.listing.files);
    Ok(Input {
        schemas: cx.provision.schemas()?.text,
        charts: lint::index::charts::of_files(&files),
        files,
        planes: planes.into_iter().map(|(plane, _)| plane).collect(),
        expansions: forest.expansions,
        problems: forest.problems,
        urls: ground.tree.urls,
        documents: ground.documents.into_iter().filter(|document| !is_test_data(&document.place.file)).collect(),
        branches: branches(root),
    })
}

/// The control planes that count, with what their clusters can do.
fn planes(cx: &Context, tree: &Tree, wanted: Option<&str>) -> Result<Vec<(Plane, Arc<Capabilities>)>> {
    // Other repositories have folders of this name too.
    let mut declared = clusters::of_environments(tree).unwrap_or_default();
    declared.retain(|plane| wanted.is_none_or(|env| plane.environment.as_deref() == Some(env)));
    if declared.is_empty() {
        declared.push(ControlPlane::default());
    }
    let mut all = Vec::new();
    for plane in declared {
        let (profile, capabilities) = match &plane.environment {
            Some(name) => (profile::of(cx, &tree.root, name), Capabilities::of(&cx.at(&tree.root, name)?)),
            None => (lint::index::profile::Profile::default(), Capabilities::of(cx)),
        };
        let clusters = plane.clusters.into_iter().map(|cluster| (cluster.name, cluster.server)).collect();
        all.push((Plane { environment: plane.environment, profile, clusters, applications: Vec::new() }, Arc::new(capabilities)));
    }
    Ok(all)
}

/// An Application with what it deploys, or why that cannot be said. Errors: those that are not the tree's fault.
fn deployed(renderer: &Renderer<'_>, application: &Application, capabilities: &Capabilities, reasons: &[String]) -> Result<Deployed> {
    let mut unverified = reasons.to_vec();
    let objects = match renderer.application(application, capabilities) {
        Ok(rendered) => {
            unverified.extend(rendered.unverified.into_iter().map(|Unverified { reason, .. }| reason));
            Ok(rendered.objects)
        }
        Err(e) if matches!(e.exit(), Exit::Interrupted | Exit::Prerequisite) => return Err(e),
        Err(e) => Err(Failure {
            message: std::iter::once(e.what()).chain(e.causes().iter().map(String::as_str)).collect::<Vec<_>>().join("\n"),
            place: None,
        }),
    };
    Ok(Deployed { application: application.clone(), objects, unverified })
}

/// The text of every file that is text.
fn files(root: &Path, listed: &[String]) -> Files {
    let ignored = Ignored::read(root, IGNORE_FILE);
    let listed: Vec<&String> = listed.iter().filter(|file| !is_test_data(Path::new(file)) && !ignored.covers(file)).collect();
    let texts = at_once(&listed, |file| text(&root.join(file)));
    let files = Files::new(listed.into_iter().cloned().zip(texts));
    // Every rule about files wants them parsed: done here, on every core.
    let yaml: Vec<&File> = files.iter().filter(|(path, _)| is_yaml(path) && !path.contains("/templates/")).map(|(_, file)| file).collect();
    at_once(&yaml, |file| file.documents().is_ok());
    files
}

fn text(path: &PathBuf) -> Result<String, Unread> {
    let failed = |e: std::io::Error| Unread::Failed(e.to_string());
    let metadata = std::fs::symlink_metadata(path).map_err(failed)?;
    if metadata.is_symlink() {
        // What a link leads to is looked at where it lies.
        let target = std::fs::metadata(path);
        return Err(
            target.map_or_else(|e| Unread::Failed(format!("it is a link, and what it leads to cannot be read: {e}")), |_| Unread::Link)
        );
    }
    if !metadata.is_file() {
        return Err(Unread::Failed("it is neither a file nor a folder".to_string()));
    }
    if metadata.len() > LARGEST {
        return Err(Unread::Large);
    }
    let bytes = std::fs::read(path).map_err(failed)?;
    if bytes.starts_with(GIT_CRYPT) {
        return Err(Unread::Encrypted);
    }
    String::from_utf8(bytes).map_err(|_| Unread::Binary)
}

/// The branches of the repository, as git's own files have them; no program is started.
fn branches(root: &Path) -> Branches {
    let (current, default) = identity::branches(root);
    Branches { current, default }
}
