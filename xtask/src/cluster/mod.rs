//! What a cluster is: an engine that carries one, behind one trait.

pub mod kwok;
mod ports;
pub mod preflight;

use std::path::PathBuf;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::proc::Invocation;
use crate::repo::environment::Engine;
use crate::ui::Task;

pub use kwok::Kwok;
pub use ports::{Port, Ports, answers, is_free};

/// What was found where a cluster should be.
#[derive(Debug)]
pub enum Seen {
    Nothing,
    /// There, but stopped; its data is kept.
    Stopped,
    /// Stopped, and it cannot be started until somebody does something.
    Blocked {
        why: String,
        hint: String,
    },
    /// Half-done by an interrupted run, or damaged.
    Half(String),
    /// Its API answers.
    Running(String),
}

/// A cluster of one engine. Looking never writes.
pub trait Cluster {
    fn engine(&self) -> Engine;
    /// What this engine stands in for, so that nobody mistakes it for the real thing.
    fn simulated(&self) -> &'static [&'static str];
    /// Do containers really run on it?
    fn runs_containers(&self) -> bool;
    /// Where Argo CD of this cluster finds the snapshot of the working tree.
    fn source_url(&self, cx: &Context) -> String;
    /// One line about the engine: what is real on it, and why it was taken.
    fn introduction(&self, cx: &Context) -> String;
    /// The programs it is made of.
    fn tools(&self) -> &'static [&'static str];
    fn look(&self, cx: &Context) -> Result<Seen>;
    /// The calls that `bring_up` will make for a cluster that is not there.
    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>>;
    /// From whatever is found to a running cluster.
    fn bring_up(&self, cx: &Context, task: &Task) -> Result<()>;
    /// Stops it; its data stays.
    fn stop(&self, cx: &Context) -> Result<()>;
    /// Ends it and forgets its data.
    fn delete(&self, cx: &Context) -> Result<()>;
    /// Name of its context in the environment's kubeconfig.
    fn context_name(&self, cx: &Context) -> String;
    /// Where its components write their logs.
    fn log_dir(&self, cx: &Context) -> PathBuf;
}

/// The cluster of this environment. Errors: usage, when the user insists on an engine that cannot carry it.
pub fn of(cx: &Context) -> Result<Box<dyn Cluster + Sync>> {
    match cx.engine_wish() {
        None | Some(Engine::Kwok) if cx.environment.cluster.engines.contains(&Engine::Kwok) => Ok(Box::new(Kwok)),
        Some(Engine::K3d) => Err(Error::usage("the engine `k3d` is not built into this program yet")
            .hint("the engine `kwok` needs no Docker: leave --engine out")),
        _ => {
            let known: Vec<_> = cx.environment.cluster.engines.iter().map(|e| e.name()).collect();
            Err(Error::usage(format!("no engine that this program can drive carries the environment `{}`", cx.env()))
                .cause(format!("its engines: {}", known.join(", "))))
        }
    }
}
