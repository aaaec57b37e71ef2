//! Every component of an environment as Argo CD would render it, by the pinned Helm and without a cluster.
//!
//! Helm's answers lie in the cache, by what they were made from. Objects are in one fixed order: kind, namespace, name.

mod bad_values;
mod diff;
mod docs;
mod generated;
pub mod golden;
mod helm;
mod inputs;
mod versions;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::gitops::{self, Component, Labels, Source};
use crate::repo::environment::Engine;
use crate::repo::yaml;

pub use diff::objects as differences;
pub use generated::Mode;
pub use golden::Outcome;

/// A component in an environment.
#[derive(Clone, Debug)]
pub struct Target {
    pub wave: i64,
    pub component: Component,
    pub source: Source,
}

impl Target {
    /// Is it known by this name: of the component, of its Application, or a service's short one, such as `order`?
    pub fn is(&self, name: &str) -> bool {
        let component = self.component.name.as_str();
        component == name || self.component.application == name || component.strip_suffix("-service") == Some(name)
    }
}

/// Returns the objects of every component of an environment, those of one component sorted by kind, namespace and name.
pub fn everything(cx: &Context, env: &str) -> Result<Vec<Value>> {
    let there = cx.in_environment(env)?;
    let targets = targets(&there)?;
    let objects = at_once(&targets, |target| render(&there, target));
    Ok(objects.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// The component of that name. Errors: usage, when there is none, with the known ones.
pub fn find<'a>(cx: &Context, targets: &'a [Target], component: &str) -> Result<&'a Target> {
    let found = targets.iter().find(|target| target.is(component));
    found.ok_or_else(|| {
        let known: Vec<&str> = targets.iter().map(|target| target.component.name.as_str()).collect();
        Error::usage(format!("there is no component `{component}` in {}", cx.env())).cause(format!("known ones: {}", known.join(", ")))
    })
}

/// The components of the environment in the order of their waves, on the engine that the user asked for or that it prefers.
pub fn targets(cx: &Context) -> Result<Vec<Target>> {
    let engine = cx.engine_wish().or(cx.environment.cluster.engines.first().copied());
    let labels = Labels { env: cx.env(), engine: engine.map_or("", Engine::name) };
    let mut targets = Vec::new();
    for wave in gitops::expected(cx)? {
        for component in &wave.components {
            let source = gitops::source(&cx.repo, &wave, component, labels)?;
            targets.push(Target { wave: wave.number, component: component.clone(), source });
        }
    }
    Ok(targets)
}

/// Renders one component. Errors: its values or templates are not valid, with the file and the key.
pub fn render(cx: &Context, target: &Target) -> Result<Vec<Value>> {
    let objects = match &target.source.helm {
        Some(settings) => helm::Job::new(cx, target, settings).and_then(|job| job.objects()),
        None => plain(cx, &target.source, &cx.repo.root().join(&target.source.path)),
    };
    objects.and_then(sorted).with_context(|| format!("could not render {}", target.component.application))
}

/// Runs `helm lint --strict` on a component; a folder of plain files has nothing to lint.
pub fn lint(cx: &Context, target: &Target) -> Result<()> {
    let Some(settings) = &target.source.helm else { return Ok(()) };
    let linted = helm::Job::new(cx, target, settings).and_then(|job| job.lint());
    linted.with_context(|| format!("{} does not pass `helm lint --strict`", target.component.application))
}

/// The calls of Helm for a component, as they could be typed.
pub fn command_lines(cx: &Context, target: &Target) -> Result<Vec<String>> {
    target.source.helm.as_ref().map_or(Ok(Vec::new()), |settings| helm::command_lines(cx, target, settings))
}

/// Does the work for every item, on every core. Shape: as `items`.
pub fn at_once<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let worker = || {
        while let Some((i, item)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, items.get(i)?))) {
            let result = work(item);
            done.lock().unwrap_or_else(|e| e.into_inner()).push((i, result));
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..cores.min(items.len())).for_each(|_| drop(scope.spawn(worker))));
    let mut done = done.into_inner().unwrap_or_else(|e| e.into_inner());
    done.sort_by_key(|(i, _)| *i);
    done.into_iter().map(|(_, result)| result).collect()
}

/// The files of a folder as Argo CD reads them; `dir` is the folder, or one in it.
fn plain(cx: &Context, source: &Source, dir: &Path) -> Result<Vec<Value>> {
    let folder = cx.repo.root().join(&source.path);
    let mut objects = Vec::new();
    for entry in std::fs::read_dir(dir).with_context(|| format!("could not read {}", cx.repo.shown(dir)))? {
        let file = entry?.path();
        let path = file.strip_prefix(&folder).unwrap_or(&file).to_string_lossy().into_owned();
        if file.is_dir() && source.files.recurse {
            objects.extend(plain(cx, source, &file)?);
        } else if file.is_file() && source.files.take(&path) {
            objects.extend(yaml::read_all(&file).map_err(|e| relative(cx, e))?);
        }
    }
    Ok(objects)
}

/// The error with paths as people know them.
fn relative(cx: &Context, e: Error) -> Error {
    let root = format!("{}/", cx.repo.root().display());
    e.causes().iter().fold(Error::failed(e.what().replace(&root, "")), |error, cause| error.cause(cause.replace(&root, "")))
}

/// What makes an object that object: kind, namespace, name, group and version.
pub fn identity(object: &Value) -> [&str; 4] {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    [text("/kind"), text("/metadata/namespace"), text("/metadata/name"), text("/apiVersion")]
}

/// In the fixed order. Errors: one is there twice, and Argo CD would apply the last one of them.
fn sorted(mut objects: Vec<Value>) -> Result<Vec<Value>> {
    objects.sort_by(|a, b| identity(a).cmp(&identity(b)));
    let twice = objects.windows(2).find_map(|pair| match pair {
        [a, b] if identity(a) == identity(b) => Some(identity(a)),
        _ => None,
    });
    match twice {
        Some([kind, namespace, name, _]) => Err(Error::failed(format!("{kind} {namespace}/{name} is rendered twice"))),
        None => Ok(objects),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(kind: &str, namespace: &str, name: &str) -> Value {
        json!({ "apiVersion": "v1", "kind": kind, "metadata": { "namespace": namespace, "name": name } })
    }

    #[test]
    fn objects_are_sorted_by_kind_namespace_and_name() {
        let (a, b, c) = (object("ConfigMap", "z", "a"), object("Service", "a", "b"), object("Service", "b", "a"));
        let all = vec![c.clone(), b.clone(), a.clone()];
        assert_eq!(sorted(all).unwrap(), [a, b, c]);
    }

    #[test]
    fn an_object_that_is_there_twice_is_refused() {
        let e = sorted(vec![object("Service", "a", "b"), object("Service", "a", "b")]).unwrap_err();
        assert_eq!(e.what(), "Service a/b is rendered twice");
    }

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..50).collect();
        assert_eq!(at_once(&items, |n| n * 2), (0..50).map(|n| n * 2).collect::<Vec<_>>());
    }
}
