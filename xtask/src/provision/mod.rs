//! How tools and artifacts arrive: cache, PATH, download, Go build, in this order; nothing unverified is ever run.
//!
//! What is pinned, and to which bytes, says tools.toml. Every source either gives the thing, or a reason why not, which is
//! kept for the error at the end ([`Attempt`]). A wrong checksum is no such reason: somebody serves other bytes than
//! the lock names, and going on quietly with the next source would hide it.

mod archive;
mod artifact;
mod cache;
mod clean;
mod download;
mod forecast;
mod go_build;
mod guard;
mod inventory;
mod lock_edit;
mod lock_file;
mod path;
mod plan;
mod record;
mod renders;
mod schemas;
#[cfg(test)]
mod tests;
mod trees;

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use cache::Cache;
pub use clean::Cleaned;
pub use download::record_hint;
#[cfg(test)]
pub use forecast::Build;
pub use forecast::Sources;
pub use go_build::{dotted, parse_go_version};
use guard::Guard;
pub use inventory::{Entry, Kind, Pinned};
pub use lock_file::Tool;
use lock_file::{Lock, Platform};
pub use record::{Finding, Recording};
pub use renders::{Entry as Render, Renders};

use crate::error::{Context as _, Error, Result};
use crate::proc::Runner;
use crate::ui::{Task, Ui};

/// The lock of this program. Embedded, so that a built program and its pins cannot drift apart.
const LOCK: &str = include_str!("../../tools.toml");

/// What provisioning needs to know about this machine; read from the environment by the caller.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where everything is kept; shared by all clones and by runs at the same time.
    pub cache_dir: PathBuf,
    /// `XTASK_MIRROR`: a folder of files named by their sha256, asked before any download. For sites without internet access.
    pub mirror: Option<PathBuf>,
    /// `PATH`.
    pub path: Option<OsString>,
}

/// A program that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub path: PathBuf,
    /// Without a leading `v`.
    pub version: String,
    pub origin: Origin,
}

/// Where a program was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In the cache; `built` on this machine, or downloaded.
    Cache { built: bool },
    /// On PATH, installed by somebody else.
    Path,
}

/// Tools and artifacts of the lock. Clones share everything; may be used from several threads.
#[derive(Clone)]
pub struct Provision(Arc<Inner>);

struct Inner {
    lock: Lock,
    cache: Cache,
    mirror: Option<PathBuf>,
    path: Option<OsString>,
    runner: Runner,
    ui: Ui,
    patience: Patience,
    /// Hosts that did not answer in this run, with the reason: many files come from one host.
    unreachable: Mutex<HashMap<String, String>>,
    /// Programs that were found on PATH in this run: asking one for its version costs a process.
    path_hits: Mutex<HashMap<String, Found>>,
}

/// How long a download may take without a sign of life.
#[derive(Clone, Copy)]
struct Patience {
    connect: Duration,
    stall: Duration,
}

const PATIENCE: Patience = Patience { connect: Duration::from_secs(10), stall: Duration::from_secs(20) };

/// What one source gave. `Err` beside it is for what must stop everything: a wrong checksum, a full disk, Ctrl-C.
enum Attempt<T> {
    Got(T),
    Failed { why: String, hint: Option<String> },
}

impl<T> Attempt<T> {
    fn failed(why: impl Into<String>) -> Self {
        Attempt::Failed { why: why.into(), hint: None }
    }

    fn failed_with_hint(why: impl Into<String>, hint: impl Into<String>) -> Self {
        Attempt::Failed { why: why.into(), hint: Some(hint.into()) }
    }
}

/// What was tried so far, for the error that names all of it.
#[derive(Default)]
struct Tried {
    causes: Vec<String>,
    hints: Vec<String>,
}

impl Tried {
    fn note(&mut self, source: &str, why: &str) {
        self.causes.push(format!("{source}: {why}"));
    }

    /// What was got, or `None` with the reason kept.
    fn keep<T>(&mut self, source: &str, attempt: Attempt<T>) -> Option<T> {
        match attempt {
            Attempt::Got(thing) => Some(thing),
            Attempt::Failed { why, hint } => {
                self.note(source, &why);
                self.hints.extend(hint);
                None
            }
        }
    }

    fn into_error(self, what: String) -> Error {
        let error = self.causes.into_iter().fold(Error::prerequisite(what), Error::cause);
        self.hints.into_iter().fold(error, Error::hint)
    }
}

impl Provision {
    /// Reads the embedded lock; nothing else happens. Errors: tools.toml is not valid.
    pub fn new(settings: Settings, runner: Runner, ui: Ui) -> Result<Self> {
        Self::with_lock(LOCK, PATIENCE, settings, runner, ui)
    }

    fn with_lock(lock: &str, patience: Patience, settings: Settings, runner: Runner, ui: Ui) -> Result<Self> {
        let Settings { cache_dir, mirror, path } = settings;
        // Go and curl run in other folders, so a relative one would be several.
        let root = std::path::absolute(&cache_dir).with_context(|| format!("`{}` is no cache folder", cache_dir.display()))?;
        Ok(Provision(Arc::new(Inner {
            lock: Lock::parse(lock)?,
            cache: Cache { root },
            mirror,
            path,
            runner,
            ui,
            patience,
            unreachable: Mutex::default(),
            path_hits: Mutex::default(),
        })))
    }

    /// Returns the tools in the order of the lock.
    pub fn tools(&self) -> &[Tool] {
        &self.0.lock.tools
    }

    /// Looks for a tool in the cache, then on PATH; never writes, never downloads.
    ///
    /// Costs a look at the file system, and one process when the cache does not have it and PATH may.
    /// Errors: usage for a name that is not in the lock; Ctrl-C.
    pub fn look(&self, tool: &str) -> Result<Option<Found>> {
        let tool = self.0.lock.tool(tool)?;
        if let Some(found) = self.0.cached(tool) {
            return Ok(Some(found));
        }
        Ok(match self.0.on_path(tool)? {
            Attempt::Got(found) => Some(found),
            Attempt::Failed { .. } => None,
        })
    }

    /// Says why a tool cannot be had on this machine, whatever its network: it is not here, its release is not recorded for this
    /// platform, and no Go module has it. [`record_hint`] helps. `None` when a source is left; whether that one answers shows
    /// when it is asked.
    ///
    /// Costs and errors: as [`Provision::look`].
    pub fn obstacle(&self, name: &str) -> Result<Option<String>> {
        let tool = self.0.lock.tool(name)?;
        let has_source = tool.recorded(Platform::here()).is_some() || self.0.built(tool).is_some();
        if has_source || self.look(name)?.is_some() {
            return Ok(None);
        }
        let why = match tool.release {
            Some(_) => format!("the sha256 of its release is unrecorded for {}", Platform::here()),
            None => "tools.toml names no release of it".to_string(),
        };
        Ok(Some(format!("{name} {} is not here, and {why}", tool.version)))
    }

    /// Returns the path of a tool; provisions it if it is missing, with a progress line of its own.
    ///
    /// Errors: prerequisite, when no source could give it; failed, when a source gave other bytes than the lock names.
    pub fn tool(&self, name: &str) -> Result<PathBuf> {
        let (found, _) = self.0.provide(self.0.lock.tool(name)?)?;
        Ok(found.path)
    }

    /// Provisions what is missing of `names`, one after the other (a build uses every core already).
    ///
    /// Shape: as `names`; `true` for what this call downloaded or built. Errors: as [`Provision::tool`], at the first failure.
    pub fn ensure(&self, names: &[&str]) -> Result<Vec<(String, Found, bool)>> {
        // All names first: a typo must not show after ten minutes of builds.
        let tools = names.iter().map(|name| self.0.lock.tool(name)).collect::<Result<Vec<_>>>()?;
        let ensure = |tool: &Tool| self.0.provide(tool).map(|(found, new)| (tool.name.clone(), found, new));
        tools.into_iter().map(ensure).collect()
    }

    /// Returns the files of an artifact set, in the order of the lock, if all are in the cache. Never writes.
    pub fn look_artifact(&self, name: &str) -> Option<Vec<PathBuf>> {
        self.0.cached_artifact(self.0.lock.artifact(name).ok()?)
    }

    /// Returns the names of the artifact sets, in the order of the lock.
    pub fn artifacts(&self) -> Vec<&str> {
        self.0.lock.artifacts.iter().map(|set| set.name.as_str()).collect()
    }

    /// Returns the files of an artifact set, in the order of the lock; fetches what is missing.
    ///
    /// Errors: prerequisite, when no source has a file; failed, when a source gave other bytes than the lock names.
    pub fn artifact(&self, name: &str) -> Result<Vec<PathBuf>> {
        self.0.provide_artifact(self.0.lock.artifact(name)?)
    }
}

impl Inner {
    /// The tool in the cache: downloaded, else built. Its name holds the key of what it was made from, so it is trusted.
    fn cached(&self, tool: &Tool) -> Option<Found> {
        let found = |path: PathBuf, built: bool| {
            let version = tool.version.clone();
            cache::is_program(&path).then_some(Found { path, version, origin: Origin::Cache { built } })
        };
        self.released(tool).and_then(|path| found(path, false)).or_else(|| found(self.built(tool)?, true))
    }

    fn provide(&self, tool: &Tool) -> Result<(Found, bool)> {
        if let Some(found) = self.cached(tool) {
            return Ok((found, false));
        }
        let mut tried = Tried::default();
        tried.note("cache", &format!("not in {}", self.cache.tool_dir(&tool.name).display()));
        if let Some(found) = tried.keep("PATH", self.on_path(tool)?) {
            return Ok((found, false));
        }

        let task = self.ui.task(&tool.name);
        let _guard = self.guard(&tool.name, &format!("building {}", tool.name), &task)?;
        if let Some(found) = self.cached(tool) {
            return Ok((found, false));
        }
        let dir = self.cache.tool_dir(&tool.name);
        cache::clean_versions(&dir);

        let what = || format!("{} {} could not be provided", tool.name, tool.version);
        let Some(how) = self.make(tool, &task, &mut tried).with_context(what)? else {
            return Err(tried.into_error(what()));
        };
        cache::clean_versions(&dir); // a build whose run was killed may have ended meanwhile
        self.bound(&dir, &task);
        task.done(&format!("{}, {how}", tool.version));
        let found = self.cached(tool).ok_or_else(|| Error::failed(what()).cause("it was made, and is gone again"))?;
        Ok((found, true))
    }

    /// Brings a tool into the cache and says how; `None` when no source could.
    fn make(&self, tool: &Tool, task: &Task, tried: &mut Tried) -> Result<Option<String>> {
        if let Some(how) = self.download_tool(tool, task, tried)? {
            return Ok(Some(how));
        }
        Ok(tried.keep("Go build", self.build(tool, task)?).map(|()| "built from source".to_string()))
    }

    /// Holds back every other maker of `name`, in this run or another one, for as long as it lives.
    /// `doing` is what such a one would be doing.
    fn guard(&self, name: &str, doing: &str, task: &Task) -> Result<Guard> {
        let waiting = || task.say(&format!("another run is {doing}; waiting"));
        Guard::take(&self.cache.lock(name), self.runner.interrupt(), waiting)
    }

    fn path_hits(&self) -> MutexGuard<'_, HashMap<String, Found>> {
        self.path_hits.lock().unwrap_or_else(|e| e.into_inner())
    }
}
