//! Keeps an environment's processes alive: starts them, restarts what died, ends them on SIGTERM.
//!
//! It is this same program, started apart by `dev-init` and `dev-up` with a file that says what to run.

mod process;
mod schemas;
mod spec;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::cluster::kwok;
use crate::engine;
use crate::error::{Context as _, Error, Result};
use crate::proc::{self, Calls, Identity, Invocation, Runner};
use crate::repo::files;

use process::Supervised;
pub use spec::{ControlPlane, ProcessSpec, Schemas, Spec};

/// How often it looks at its processes.
const TICK: Duration = Duration::from_millis(100);
/// How often it looks at the control plane, which has pid files instead of being its children.
const CONTROL_PLANE_TICK: Duration = Duration::from_secs(1);
/// How long a new API server may take to publish every schema.
const PUBLISHED_WITHIN: Duration = Duration::from_secs(120);
/// A log beyond this size starts anew.
const LOG_LIMIT_BYTES: u64 = 20 * 1024 * 1024;

/// Files of the supervisor in an environment's state folder.
pub struct Files(PathBuf);

impl Files {
    pub fn new(state_dir: &Path) -> Self {
        Files(state_dir.join("run"))
    }

    pub fn dir(&self) -> &Path {
        &self.0
    }

    pub fn spec(&self) -> PathBuf {
        self.0.join("processes.json")
    }

    pub fn logs(&self) -> PathBuf {
        self.0.join("logs")
    }

    fn identity(&self) -> PathBuf {
        self.0.join("supervisor.pid.json")
    }

    fn pids(&self) -> PathBuf {
        self.0.join("pids")
    }

    /// The supervisor of this environment, if it runs.
    pub fn supervisor(&self) -> Option<Identity> {
        read_identity(&self.identity()).filter(Identity::is_alive)
    }

    /// Processes that a supervisor started and that still run, by name, whether or not it still runs itself.
    pub fn processes(&self) -> Vec<(String, Identity)> {
        let entries = std::fs::read_dir(self.pids()).into_iter().flatten().flatten();
        let alive = entries.filter_map(|e| {
            let name = e.file_name().to_string_lossy().strip_suffix(".json")?.to_string();
            read_identity(&e.path()).filter(Identity::is_alive).map(|who| (name, who))
        });
        let mut processes: Vec<_> = alive.collect();
        processes.sort_by(|a, b| a.0.cmp(&b.0));
        processes
    }
}

fn read_identity(path: &Path) -> Option<Identity> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// Starts the supervisor for `spec`; one that runs with another spec is ended first.
/// Errors: it cannot be started.
pub fn start(runner: &Runner, files: &Files, spec: &Spec) -> Result<()> {
    stop(files)?;
    files::private_dir(files.dir())?;
    files::private_dir(&files.logs())?;
    files::write_if_changed(&files.spec(), &serde_json::to_vec_pretty(spec)?, 0o600)?;
    let program = proc::own_program()?;
    let call = Invocation::writes(program).arg("supervise").arg(files.dir()).cwd(files.dir());
    let log = open_log(&files.logs().join("supervisor.log"))?;
    let who = proc::spawn_detached(runner, &call, log)?;
    // It says itself who it is: noted here, one whose starter was killed at this moment would be known to nobody.
    let end = Instant::now() + Duration::from_secs(20);
    while files.supervisor().is_none() {
        if !who.is_alive() || Instant::now() > end {
            return Err(Error::failed("the supervisor did not start").hint(format!("read its log: {}", files.logs().display())));
        }
        runner.interrupt().sleep(Duration::from_millis(5))?;
    }
    Ok(())
}

/// Ends the supervisor and everything that one ever started here. Returns once all of it is gone.
pub fn stop(files: &Files) -> Result<()> {
    if let Some(who) = files.supervisor() {
        proc::terminate(&who, Duration::from_secs(15));
    }
    // Left over when a supervisor was killed.
    for (_, who) in files.processes() {
        proc::terminate(&who, Duration::from_secs(5));
    }
    let _ = std::fs::remove_file(files.identity());
    files::remove_dir(&files.pids())
}

/// The supervisor's own life. Returns after SIGTERM, with everything ended.
pub fn supervise(runner: &Runner, dir: &Path) -> Result<()> {
    // A session of its own: closing the terminal must not end it. It fails only where that is true already.
    let _ = nix::unistd::setsid();
    let files = Files(dir.to_path_buf());
    let _only = be_the_only_one(&files)?;
    if let Some(state_dir) = files.dir().parent() {
        runner.note_calls(Calls::new(&engine::calls_dir(state_dir)));
    }
    let spec: Spec = serde_json::from_slice(&std::fs::read(files.spec())?)?;
    for (_, who) in files.processes() {
        proc::terminate(&who, Duration::from_secs(5));
    }
    files::private_dir(&files.pids())?;
    let log = |text: &str| {
        use std::io::Write;
        if let Ok(mut file) = open_log(&files.logs().join("supervisor.log")) {
            let _ = writeln!(file, "{} {text}", timestamp());
        }
    };
    let mut supervised: Vec<Supervised> = spec.processes.iter().map(|p| Supervised::new(p, &files)).collect();
    log(&format!("started, {} processes", supervised.len()));
    let mut looked = Instant::now();
    let mut api_server = spec.control_plane.as_ref().and_then(api_server_of);
    let (published, is_published) = std::sync::mpsc::channel();
    while !runner.interrupt().is_set() {
        for process in &mut supervised {
            if let Some(event) = process.tend(runner) {
                log(&event);
            }
        }
        if looked.elapsed() >= CONTROL_PLANE_TICK {
            looked = Instant::now();
            if let Some(event) = spec.control_plane.as_ref().and_then(|c| tend_control_plane(runner, c)) {
                log(&event);
            }
            supervised.iter().for_each(Supervised::bound_log);
            // Whoever started it: a command may have been quicker.
            if let Some(control_plane) = &spec.control_plane
                && let now @ Some(_) = api_server_of(control_plane)
                && now != api_server
            {
                api_server = now;
                tell_when_published(runner, control_plane, published.clone());
            }
        }
        if is_published.try_recv().is_ok() {
            supervised.iter_mut().filter_map(Supervised::renew).for_each(|event| log(&event));
        }
        // The folder is gone: somebody deleted the state by hand. What nobody can find must not run.
        if !files.dir().is_dir() {
            break;
        }
        std::thread::sleep(TICK);
    }
    log("stopping");
    for process in &mut supervised {
        process.ask_to_end();
    }
    for process in &mut supervised {
        process.end();
    }
    log("stopped");
    Ok(())
}

/// Ends a supervisor that is at work here already, and notes this one. The result is held for life.
fn be_the_only_one(files: &Files) -> Result<std::fs::File> {
    let lock = open_log(&files.dir().join("supervisor.lock"))?;
    while lock.try_lock().is_err() {
        if let Some(other) = files.supervisor() {
            proc::terminate(&other, Duration::from_secs(15));
        }
        std::thread::sleep(TICK);
    }
    let me = Identity::of(std::process::id()).ok_or_else(|| Error::failed("this process cannot be looked up"))?;
    files::write_if_changed(&files.identity(), &serde_json::to_vec(&me)?, 0o600)?;
    Ok(lock)
}

fn api_server_of(control_plane: &ControlPlane) -> Option<Identity> {
    kwok::running(&control_plane.pid_dir).into_iter().find(|(name, _)| name == "kube-apiserver").map(|(_, who)| who)
}

/// Beside everything else, as it takes seconds.
fn tell_when_published(runner: &Runner, control_plane: &ControlPlane, tell: std::sync::mpsc::Sender<()>) {
    let (runner, schemas) = (runner.clone(), control_plane.schemas.clone());
    std::thread::spawn(move || {
        // After that time too: what is missing then has a cause of its own, and the rest has come.
        if schemas.wait(&runner, PUBLISHED_WITHIN).is_ok() {
            let _ = tell.send(());
        }
    });
}

/// Starts components of the control plane that died; says what it did.
fn tend_control_plane(runner: &Runner, control_plane: &ControlPlane) -> Option<String> {
    let running = kwok::running(&control_plane.pid_dir);
    let dead: Vec<&str> = kwok::COMPONENTS.into_iter().filter(|c| !running.iter().any(|(name, _)| name == c)).collect();
    if dead.is_empty() {
        return None;
    }
    let names = dead.join(", ");
    let call = control_plane.start.invocation().timeout(Duration::from_secs(90));
    Some(match kwok::start_missing(runner, &control_plane.pid_dir, &call) {
        Ok(()) => format!("{names} died; started again"),
        Err(e) => format!("{names} died; starting again failed: {}", e.one_line()),
    })
}

fn open_log(path: &Path) -> Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true).mode(0o600);
    options.open(path).with_context(|| format!("could not open {}", path.display()))
}

/// Seconds since 1970 in UTC; enough to line events up with the other logs, without a calendar crate.
fn timestamp() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs())
}
