//! A throw-away clone of the working tree, driven by this very program as a user would: for checks and measurements.

mod audit;
mod moments;
mod prometheus;
mod samples;
mod sockets;
mod started;
mod table;
mod watch;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cluster::Kwok;
use crate::cluster::{Cluster as _, Ports};
use crate::commands::dev_down;
use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::proc::{self, Failure, Interrupt, Invocation, Runner};
use crate::repo::environment::Engine;
use crate::repo::files;
use crate::tools::{BRANCH, Git, Kubectl};

pub use audit::writes_since;
pub use moments::Moments;
pub use prometheus::StandIn;
pub use samples::{Samples, exact, table as samples_table};
pub use sockets::listening;
pub use started::Blow;
pub use watch::Watch;

/// Longer than any run on a slow machine; a hanging one must not hang the check.
const LONGEST: Duration = Duration::from_secs(900);

/// How a run of the program ended.
pub struct Run {
    pub code: u8,
    pub stdout: String,
    /// The last part of stderr; empty after a success.
    pub stderr: String,
    pub took: Duration,
}

impl Run {
    /// Errors when it did not end with exit code 0.
    pub fn succeeded(self) -> Result<Self> {
        if self.code == 0 { Ok(self) } else { Err(Error::failed(format!("exit code {}", self.code)).cause(self.stderr)) }
    }

    /// Errors when it did not end with `code`, or did not say `text` on stderr.
    pub fn failed_with(self, code: u8, text: &str) -> Result<Self> {
        if self.code == code && self.stderr.contains(text) {
            return Ok(self);
        }
        Err(Error::failed(format!("exit code {} instead of {code} with `{text}`", self.code)).cause(self.stderr))
    }
}

/// The clone. Dropped, its cluster is deleted, whatever state it is in.
pub struct Trial {
    /// Everything of this program that works on the clone.
    pub cx: Context,
    program: PathBuf,
    /// Variables for its runs, and with them for all that these start.
    variables: Vec<(String, String)>,
    /// Holds the folder until the end.
    dir: tempfile::TempDir,
}

impl Trial {
    /// Clones the working tree of `cx`, changes and new files included. Errors: git, disk.
    pub fn new(cx: &Context) -> Result<Self> {
        let dir = tempfile::Builder::new().prefix("c4ang-trial-").tempdir()?;
        let bare = dir.path().join("source.git");
        let snapshot = Git::new(&cx.runner, cx.repo.root(), bare.clone()).snapshot()?;
        let root = dir.path().join("clone");
        let call = Invocation::writes("git").args(["clone", "--quiet", "--branch", BRANCH, &snapshot.url]).arg(&root);
        cx.runner.run(&call).map_err(Error::from).context("could not clone the working tree")?;
        Ok(Trial { cx: cx.elsewhere(&root, Engine::Kwok)?, program: proc::own_program()?, variables: Vec::new(), dir })
    }

    /// Sets a variable for every run from now on. The supervisor passes it on to its processes.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_string(), value.to_string()));
    }

    pub fn root(&self) -> &Path {
        self.cx.repo.root()
    }

    /// Runs this program on the clone. Errors: it cannot be started or does not end; a failing command is a [`Run`].
    pub fn run(&self, args: &[&str]) -> Result<Run> {
        self.run_with(&self.cx.runner, args)
    }

    fn run_with(&self, runner: &Runner, args: &[&str]) -> Result<Run> {
        let call = self.call(args);
        let started = Instant::now();
        let mut stdout = Vec::new();
        let (code, stderr) = match runner.run_keeping(&call, &mut stdout) {
            Ok(()) => (0, String::new()),
            Err(Failure::Failed { status: Some(code), tail, .. }) => (code, tail),
            Err(other) => return Err(other.into()),
        };
        Ok(Run { code, stdout: String::from_utf8_lossy(&stdout).into_owned(), stderr, took: started.elapsed() })
    }

    fn call(&self, args: &[&str]) -> Invocation {
        // The engine that needs nothing but this machine, whatever else it has.
        let call = Invocation::writes(&self.program).args(["--engine", "kwok", "--root"]).arg(self.root()).args(args);
        let call = call.cwd(self.root()).timeout(LONGEST);
        self.variables.iter().fold(call, |call, (name, value)| call.env(name, value))
    }

    pub fn kubectl(&self) -> Result<Kubectl> {
        Kubectl::new(&self.cx, Kwok.context_name(&self.cx))
    }

    pub fn ports(&self) -> Result<Ports> {
        Ports::remembered(&self.cx.state_dir()).ok_or_else(|| Error::failed("the clone has no ports"))
    }

    /// Ids of every process of the clone's environment, by name.
    pub fn processes(&self) -> Vec<(String, proc::Identity)> {
        dev_down::running(&self.cx)
    }

    /// Appends to a file of the clone, or makes it.
    pub fn append(&self, path: &str, text: &str) -> Result<()> {
        let path = self.root().join(path);
        let have = std::fs::read_to_string(&path).unwrap_or_default();
        files::write_if_changed(&path, format!("{have}{text}").as_bytes(), 0o644).map(drop)
    }

    /// Changes a file of the clone. Errors: it is not there, or the edit changes nothing.
    pub fn edit(&self, path: &str, edit: impl FnOnce(&str) -> String) -> Result<()> {
        let file = self.root().join(path);
        let have = std::fs::read_to_string(&file).with_context(|| format!("could not read {path}"))?;
        let changed = files::write_if_changed(&file, edit(&have).as_bytes(), 0o644)?;
        if changed { Ok(()) } else { Err(Error::failed(format!("nothing to change was found in {path}"))) }
    }

    pub fn remove(&self, path: &str) -> Result<()> {
        std::fs::remove_file(self.root().join(path)).with_context(|| format!("could not remove {path}"))
    }

    /// Waits until `look` gives something; the time it took. Errors: not within `limit`.
    pub fn until<T>(&self, what: &str, limit: Duration, mut look: impl FnMut() -> Result<Option<T>>) -> Result<(T, Duration)> {
        let started = Instant::now();
        loop {
            if let Some(found) = look()? {
                return Ok((found, started.elapsed()));
            }
            if started.elapsed() > limit {
                return Err(Error::failed(format!("{what} did not happen within {}", crate::ui::seconds(limit))));
            }
            self.cx.runner.interrupt().sleep(Duration::from_millis(20))?;
        }
    }

    /// Every file of the clone with size, permissions and time of change; what is only a record is left out.
    pub fn files(&self) -> Result<Vec<(PathBuf, String)>> {
        use std::os::unix::fs::MetadataExt;
        let mut found = Vec::new();
        let mut folders = vec![self.root().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder)? {
                let entry = entry?;
                let path = entry.path();
                let meta = std::fs::symlink_metadata(&path)?;
                // Databases and logs of running processes, the journal, the lock with its holder, and what kubectl
                // remembers of the server.
                let name = entry.file_name().to_string_lossy().into_owned();
                let record = ["logs", "etcd", "journal.jsonl", "lock", "tmp", "kubectl"].contains(&name.as_str());
                if meta.is_dir() && !record {
                    folders.push(path);
                } else if meta.is_file() && !record {
                    found.push((path, format!("{} {:o} {}.{}", meta.size(), meta.mode(), meta.mtime(), meta.mtime_nsec())));
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// An object's field as text; `None` when the object or the field is not there.
    pub fn field(&self, kind: &str, name: &str, pointer: &str) -> Result<Option<Value>> {
        let what = crate::tools::Reference { kind, name, namespace: "ecommerce" };
        Ok(self.kubectl()?.find(&what)?.and_then(|o| o.pointer(pointer).cloned()))
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        // Also after Ctrl-C: a runner that knows nothing of it.
        let _ = self.run_with(&Runner::new(Interrupt::default()), &["dev-clean", "--yes", "--quiet"]);
    }
}
