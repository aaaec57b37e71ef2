//! Applications as Argo CD would render them, by the pinned Helm and without a cluster.
//!
//! Results lie in the cache, by what they were made from: with the same charts, values and versions no process is started.

mod bad_values;
mod copy;
mod dependencies;
mod diff;
mod directory;
mod docs;
mod environment;
mod files;
mod generated;
pub mod golden;
mod helm;
mod kinds;
mod output;
mod renderer;
mod source;
mod targets;
mod unstable;
mod values;
mod versions;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gitops::model::{Object, Unverified};
use serde_json::Value;

use crate::context::Context;
use crate::error::Result;

pub use diff::objects as differences;
pub use generated::Mode;
pub use golden::Outcome;
pub use renderer::Renderer;
pub use targets::{Target, find, targets};
pub use versions::Capabilities;

/// An Application with its objects.
#[derive(Debug)]
pub struct Rendered {
    /// Its name.
    pub application: String,
    /// In Argo CD's order: source by source, as Helm prints them and folders list them.
    pub objects: Vec<Object>,
    /// What could not be rendered offline, and objects that are another one each time.
    pub unverified: Vec<Unverified>,
    pub warnings: Vec<String>,
}

/// Returns the objects of every component of an environment, those of one component sorted by kind, namespace and name.
pub fn everything(cx: &Context, env: &str) -> Result<Vec<Value>> {
    let there = cx.in_environment(env)?;
    let targets = targets(&there)?;
    let renderer = Renderer::of_repository(&there)?;
    let objects = at_once(&targets, |target| target.objects(&renderer));
    Ok(objects.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
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

/// What makes an object that object: kind, namespace, name, group and version.
pub fn identity(object: &Value) -> [&str; 4] {
    let metadata = object.get("metadata");
    [
        object.get("kind").and_then(Value::as_str).unwrap_or_default(),
        metadata.and_then(|m| m.get("namespace")).and_then(Value::as_str).unwrap_or_default(),
        metadata.and_then(|m| m.get("name")).and_then(Value::as_str).unwrap_or_default(),
        object.get("apiVersion").and_then(Value::as_str).unwrap_or_default(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..50).collect();
        assert_eq!(at_once(&items, |n| n * 2), (0..50).map(|n| n * 2).collect::<Vec<_>>());
    }
}
