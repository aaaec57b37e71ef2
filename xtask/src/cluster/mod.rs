//! What a cluster is: an engine that carries one, behind one trait.

mod choice;
pub mod docker;
pub mod k3d;
pub mod kwok;
mod ports;

use std::path::PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::proc::{Identity, Invocation};
use crate::repo::environment::Engine;
use crate::ui::Task;

pub use choice::{Engines, introduction, of, present};
pub use k3d::K3d;
pub use kwok::Kwok;
pub use ports::{Port, Ports, answers};

/// What was found where a cluster should be.
#[derive(Debug)]
pub enum Seen {
    Nothing,
    /// There, but stopped; its data is kept.
    Stopped,
    /// It cannot be started, or not even looked at, until somebody does something.
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
    /// What on this engine is not like prod, so that nobody mistakes it for the real thing.
    fn simulated(&self) -> &'static [&'static str];
    /// Do containers really run on it?
    fn runs_containers(&self) -> bool;
    /// Where Argo CD of this cluster finds the snapshot of the working tree.
    fn source_url(&self, cx: &Context) -> String;
    /// One line about the engine: why it was taken, and what is real on it.
    fn introduction(&self, cx: &Context, why: &str) -> String;
    /// The programs it is made of.
    fn tools(&self) -> &'static [&'static str];
    /// Did this clone ever begin to make one, and not delete it since? Asks the state folder only, so that it costs nothing
    /// and is true as well for a cluster that was never finished.
    fn is_begun(&self, cx: &Context) -> bool;
    /// The processes of this machine that it is made of and that run, by name.
    fn processes(&self, cx: &Context) -> Vec<(String, Identity)>;
    /// Where it answers, a line each.
    fn addresses(&self, cx: &Context) -> Vec<String>;
    fn look(&self, cx: &Context) -> Result<Seen>;
    /// The calls that `bring_up` will make for what is there now.
    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>>;
    /// From whatever is found to a running cluster.
    fn bring_up(&self, cx: &Context, task: &Task) -> Result<()>;
    /// The calls that `stop` will make; ending processes is none.
    fn plan_stop(&self, cx: &Context) -> Result<Vec<Invocation>>;
    /// Stops it; its data stays. Returns whether anything of it was running.
    fn stop(&self, cx: &Context) -> Result<bool>;
    /// The calls that `delete` will make; removing files is none.
    fn plan_delete(&self, cx: &Context) -> Result<Vec<Invocation>>;
    /// Ends it and forgets its data, running or not.
    fn delete(&self, cx: &Context) -> Result<()>;
    /// Name of its context in the environment's kubeconfig.
    fn context_name(&self, cx: &Context) -> String;
}

/// The tool's path if it is there already, else its bare name: a plan provisions nothing.
fn planned_tool(cx: &Context, name: &str) -> PathBuf {
    cx.provision.look(name).ok().flatten().map_or_else(|| PathBuf::from(name), |found| found.path)
}

/// The version of a tool as tools.toml pins it.
fn pinned_version(cx: &Context, name: &str) -> String {
    cx.provision.tools().iter().find(|t| t.name == name).map(|t| t.version.clone()).unwrap_or_default()
}
