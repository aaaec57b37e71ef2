//! A folder of its own for each test: a repository, a home, a cache, a PATH, and nothing of this machine's environment.

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::pinned;
use super::this_repository::copy_to;

/// The program under test.
pub const XTASK: &str = env!("CARGO_BIN_EXE_xtask");

/// After this long a command hangs. Far more than any needs: machines of CI are slow.
const LIMIT: Duration = Duration::from_secs(60);

/// The name of the fixture's cluster.
pub const CLUSTER: &str = "small-shop";

/// A machine with nothing on it but a small repository. Gone when dropped.
pub struct Sandbox {
    _dir: tempfile::TempDir,
    top: PathBuf,
    variables: BTreeMap<String, String>,
}

impl Sandbox {
    /// A copy of the fixture `small-shop`, an empty cache, an empty home and an empty PATH.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        // Without symlinks, as the program itself prints it.
        let top = dir.path().canonicalize().unwrap();
        for name in ["home", "bin", "repo"] {
            std::fs::create_dir(top.join(name)).unwrap();
        }
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/small-shop");
        copy_dir(&fixture, &top.join("repo"));
        let path = |name: &str| top.join(name).to_string_lossy().into_owned();
        let variables = [("HOME", path("home")), ("PATH", path("bin")), ("XTASK_CACHE_DIR", path("cache"))];
        let variables = variables.map(|(k, v)| (k.to_string(), v)).into();
        Sandbox { _dir: dir, top, variables }
    }

    /// The same with programs of this machine on its PATH.
    pub fn with_programs(names: &[&str]) -> Self {
        let sandbox = Self::new();
        for name in names {
            let path = std::env::var_os("PATH").unwrap();
            let found = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|p| p.is_file());
            let found = found.unwrap_or_else(|| panic!("these tests need `{name}` on PATH"));
            symlink(found, sandbox.top.join("bin").join(name)).unwrap();
        }
        sandbox
    }

    /// A copy of this repository's charts, values and GitOps in place of the fixture, and Helm; `None` where that is not
    /// provisioned.
    pub fn of_this_repository() -> Option<Self> {
        pinned::program_or_skip("helm")?;
        let mut sandbox = Self::new();
        std::fs::remove_dir_all(sandbox.root()).unwrap();
        copy_to(&sandbox.root(), &["argocd", "bootstrap", "charts", "config", "environments"]);
        let cache = pinned::cache().unwrap();
        sandbox.variable("XTASK_CACHE_DIR", cache.to_str());
        sandbox.variable("PATH", std::env::var("PATH").ok().as_deref());
        Some(sandbox)
    }

    /// Puts a shell script on PATH.
    pub fn program(&self, name: &str, script: &str) {
        let path = self.top.join("bin").join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Sets a variable for every command that follows; `None` takes it away.
    pub fn variable(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.variables.insert(name.to_string(), value.to_string()),
            None => self.variables.remove(name),
        };
    }

    pub fn root(&self) -> PathBuf {
        self.top.join("repo")
    }

    pub fn cache(&self) -> PathBuf {
        self.top.join("cache")
    }

    /// The folder with the state of the environment `dev`.
    pub fn state(&self) -> PathBuf {
        self.root().join(".xtask/dev")
    }

    /// Where kwokctl keeps the cluster of `dev`.
    pub fn cluster(&self) -> PathBuf {
        self.state().join("kwok/clusters").join(CLUSTER)
    }

    /// Writes a file of the repository; missing folders are made.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Replaces a text in a file of the repository; it must be there.
    pub fn replace(&self, path: &str, old: &str, new: &str) {
        let text = std::fs::read_to_string(self.root().join(path)).unwrap();
        assert!(text.contains(old), "{path} has no `{old}`");
        self.write(path, text.replace(old, new));
    }

    /// Everything of the repository and of the cache, as it is now.
    pub fn files(&self) -> Tree {
        let mut tree = Tree::default();
        tree.add(&self.top, &self.root());
        tree.add(&self.top, &self.cache());
        tree
    }

    /// Runs a command in the repository, without a terminal, to its end.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.start(args).end()
    }

    /// The same from another folder.
    pub fn run_in(&self, dir: &Path, args: &[&str]) -> Ran {
        self.start_in(dir, args).end()
    }

    /// Starts a command and goes on.
    pub fn start(&self, args: &[&str]) -> Running {
        self.start_in(&self.root(), args)
    }

    fn start_in(&self, dir: &Path, args: &[&str]) -> Running {
        let mut command = Command::new(XTASK);
        command.args(args).current_dir(dir).env_clear().envs(&self.variables);
        // A group of its own, so that Ctrl-C reaches it alone.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn().unwrap();
        let stdout = Pipe::read(child.stdout.take().unwrap());
        let stderr = Pipe::read(child.stderr.take().unwrap());
        Running { command: args.join(" "), top: self.top.clone(), child, stdout, stderr, begun: Instant::now() }
    }
}

fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_dir(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Paths with permissions and content; `None` for folders.
#[derive(Default, PartialEq, Eq)]
pub struct Tree(BTreeMap<String, (u32, Option<Vec<u8>>)>);

impl Tree {
    fn add(&mut self, top: &Path, path: &Path) {
        let Ok(metadata) = std::fs::symlink_metadata(path) else { return };
        let shown = path.strip_prefix(top).unwrap().display().to_string();
        let content = metadata.is_file().then(|| std::fs::read(path).unwrap());
        self.0.insert(shown, (metadata.permissions().mode(), content));
        if metadata.is_dir() {
            for entry in std::fs::read_dir(path).unwrap() {
                self.add(top, &entry.unwrap().path());
            }
        }
    }

    /// Paths that were added, removed or changed since.
    pub fn changes(&self, now: &Tree) -> Vec<String> {
        let paths: std::collections::BTreeSet<&String> = self.0.keys().chain(now.0.keys()).collect();
        paths.into_iter().filter(|p| self.0.get(*p) != now.0.get(*p)).cloned().collect()
    }
}

/// What a pipe brought so far.
struct Pipe {
    bytes: Arc<Mutex<Vec<u8>>>,
    thread: Option<JoinHandle<()>>,
}

impl Pipe {
    fn read(mut pipe: impl Read + Send + 'static) -> Self {
        let bytes: Arc<Mutex<Vec<u8>>> = Arc::default();
        let shared = bytes.clone();
        let thread = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = pipe.read(&mut buffer) {
                shared.lock().unwrap().extend_from_slice(&buffer[..n]);
            }
        });
        Pipe { bytes, thread: Some(thread) }
    }

    fn text(&self) -> String {
        String::from_utf8(self.bytes.lock().unwrap().clone()).expect("people read this, so it is UTF-8")
    }

    fn whole(&mut self) -> String {
        self.thread.take().unwrap().join().unwrap();
        self.text()
    }
}

/// A command that runs. Ended when dropped.
pub struct Running {
    command: String,
    top: PathBuf,
    child: Child,
    stdout: Pipe,
    stderr: Pipe,
    begun: Instant,
}

impl Running {
    /// Waits until stderr has this text.
    pub fn wait_for(&mut self, text: &str) {
        while !self.stderr.text().contains(text) {
            let ended = self.child.try_wait().unwrap();
            let late = self.begun.elapsed() > LIMIT;
            assert!(ended.is_none() && !late, "`{}` never said `{text}` but\n{}", self.command, self.stderr.text());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until stdout has this text.
    pub fn wait_for_stdout(&mut self, text: &str) {
        while !self.stdout.text().contains(text) {
            let ended = self.child.try_wait().unwrap();
            let late = self.begun.elapsed() > LIMIT;
            assert!(ended.is_none() && !late, "`{}` never printed `{text}` but\n{}", self.command, self.stdout.text());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Presses Ctrl-C.
    pub fn interrupt(&self) {
        kill(Pid::from_raw(self.child.id() as i32), Signal::SIGINT).unwrap();
    }

    /// Waits for the end.
    pub fn end(mut self) -> Ran {
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(self.begun.elapsed() < LIMIT, "`{}` hangs; so far it said\n{}", self.command, self.stderr.text());
            std::thread::sleep(Duration::from_millis(2));
        };
        let (stdout, stderr) = (self.stdout.whole(), self.stderr.whole());
        Ran { command: self.command.clone(), status, stdout: shown(&self.top, &stdout), stderr: shown(&self.top, &stderr) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What people would see, with placeholders for what differs from run to run.
fn shown(top: &Path, text: &str) -> String {
    let top = top.to_string_lossy();
    let mut text = text.to_string();
    for (name, placeholder) in [("/repo", "[ROOT]"), ("/cache", "[CACHE]"), ("/home", "[HOME]"), ("", "[TMP]")] {
        text = text.replace(&format!("{top}{name}"), placeholder);
    }
    text.split('\n').map(without_time).collect::<Vec<_>>().join("\n")
}

/// Replaces the time at the end of a line, and the padding before it, by ` [TIME]`.
fn without_time(line: &str) -> String {
    let Some((before, number)) = line.strip_suffix(" s").and_then(|l| l.rsplit_once(' ')) else { return line.to_string() };
    if number.parse::<f64>().is_ok() && before.ends_with("  ") { format!("{} [TIME]", before.trim_end()) } else { line.to_string() }
}

/// How a command ended. Every check shows all of it when it fails.
pub struct Ran {
    command: String,
    status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    #[track_caller]
    fn require(&self, good: bool, wanted: impl Fn() -> String) {
        let Ran { command, status, stdout, stderr } = self;
        let wanted = if good { String::new() } else { wanted() };
        assert!(good, "`xtask {command}`: {wanted}\n--- {status}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n---");
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        self.require(self.status.code() == Some(code), || format!("wanted exit code {code}"));
        self
    }

    /// stdout is exactly this; indentation of the expected text does not count, nor does the last newline.
    #[track_caller]
    pub fn prints(self, expected: &str) -> Self {
        let expected = unindented(expected);
        self.require(self.stdout.trim_end() == expected, || format!("wanted on stdout\n{expected}\n"));
        self
    }

    /// stderr is exactly this.
    #[track_caller]
    pub fn says(self, expected: &str) -> Self {
        let expected = unindented(expected);
        self.require(self.stderr.trim_end() == expected, || format!("wanted on stderr\n{expected}\n"));
        self
    }

    #[track_caller]
    pub fn prints_among(self, part: &str) -> Self {
        self.require(self.stdout.contains(part), || format!("wanted on stdout among others `{part}`"));
        self
    }

    #[track_caller]
    pub fn says_among(self, part: &str) -> Self {
        self.require(self.stderr.contains(part), || format!("wanted on stderr among others `{part}`"));
        self
    }
}

/// The text without the indentation that all its lines share, and without empty lines around it.
fn unindented(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let indent = lines.iter().filter(|l| !l.is_empty()).map(|l| l.len() - l.trim_start().len()).min().unwrap_or(0);
    let lines: Vec<&str> = lines.iter().map(|l| l.get(indent..).unwrap_or_default()).collect();
    lines.join("\n").trim_matches('\n').to_string()
}

/// A process that has nothing to do with us. Ended when dropped.
pub struct Stranger(Child);

impl Stranger {
    pub fn start() -> Self {
        Self::start_as("sh".as_ref())
    }

    /// The same, started by `program`, which must be a shell.
    pub fn start_as(program: &Path) -> Self {
        let mut command = Command::new(program);
        command.args(["-c", "while :; do sleep 1; done"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Stranger(command.process_group(0).spawn().unwrap())
    }

    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    pub fn is_alive(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = nix::sys::signal::killpg(Pid::from_raw(self.0.id() as i32), Signal::SIGKILL);
        let _ = self.0.wait();
    }
}
