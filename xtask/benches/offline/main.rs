//! What the offline Argo CD costs: `expand`, `render` and `diff` here and on repositories of 50 to 2,000 Applications.
//!
//! `cargo xtask bench offline` runs it: on the binary that people use, with a cache of its own. Nothing fails by a number.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measuring program starts programs, prints, and ends by panicking"
)]

mod repository;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use repository::Repository;

const PROGRAM: &str = env!("CARGO_BIN_EXE_xtask");
const SIZES: [usize; 5] = [50, 200, 500, 1000, 2000];

/// What a cold render may take: this many times the processor time of Helm, divided by the cores.
const COLD: f64 = 1.25;

/// One run of the program.
struct Run {
    took: Duration,
    /// The most memory that it had, in MB (10^6 bytes). 0 where the kernel does not say.
    memory: u64,
    /// What it says of Helm: how often it ran, and processor time of all runs.
    helm: Option<(usize, Duration)>,
}

struct Bench {
    cache: tempfile::TempDir,
    runs: usize,
}

fn main() {
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    let number = |arg: Option<String>, or: usize| arg.map_or(or, |n| n.parse().unwrap_or_else(|_| panic!("`{n}` is no number")));
    let runs = number(args.next(), 5);
    let largest = number(args.next(), *SIZES.last().unwrap());
    let bench = Bench::new(runs);
    println!("{:<34} {:>6} {:>10} {:>10} {:>10} {:>8}", "MEASURED", "RUNS", "MEDIAN", "MIN", "MAX", "MEMORY");
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    bench.here(&here);
    for size in SIZES.into_iter().filter(|size| *size <= largest) {
        bench.repository(size);
    }
}

impl Bench {
    /// Its cache has the programs of the user's, and nothing that was ever rendered.
    fn new(runs: usize) -> Self {
        let cache = tempfile::tempdir().unwrap();
        let home = std::env::var_os("XTASK_CACHE_DIR").map(PathBuf::from).unwrap_or_else(|| {
            let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
            base.unwrap_or_else(|| Path::new(&std::env::var_os("HOME").unwrap()).join(".cache")).join("c4ang-xtask")
        });
        for part in ["tools", "artifacts"] {
            std::os::unix::fs::symlink(home.join(part), cache.path().join(part)).unwrap();
        }
        Bench { cache, runs }
    }

    fn here(&self, root: &Path) {
        self.row("this repository: expand", || self.run(root, &["expand", "--format", "json"]));
        self.cold("this repository: render, cold", || self.run(root, &["render", "-v"]));
        self.row("this repository: render, warm", || self.run(root, &["render"]));
    }

    fn repository(&self, applications: usize) {
        let repository = Repository::new(applications);
        let root = repository.root();
        let name = |what: &str| format!("{applications} Applications: {what}");
        self.row(&name("expand"), || self.run(root, &["expand", "--format", "json"]));
        self.cold(&name("render, cold"), || self.run(root, &["render", "-v"]));
        self.row(&name("render, warm"), || self.run(root, &["render"]));
        repository.change_one_line();
        self.cold(&name("diff of one line, first"), || self.run(root, &["diff", "-v"]));
        self.row(&name("diff of one line, warm"), || self.run(root, &["diff"]));
    }

    fn row(&self, name: &str, run: impl Fn() -> Run) {
        let mut runs: Vec<Run> = (0..self.runs).map(|_| run()).collect();
        runs.sort_by_key(|run| run.took);
        let (first, median, last) = (&runs[0], &runs[runs.len() / 2], &runs[runs.len() - 1]);
        let memory = runs.iter().map(|run| run.memory).max().unwrap_or_default();
        let times = [median, first, last].map(|run| ms(run.took));
        println!("{name:<34} {:>6} {:>10} {:>10} {:>10} {memory:>5} MB", self.runs, times[0], times[1], times[2]);
    }

    /// Once, because the second time is not cold; beside the least that Helm's own work takes on these cores.
    fn cold(&self, name: &str, run: impl Fn() -> Run) {
        let run = run();
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let beside = run.helm.map_or(String::new(), |(calls, cpu)| {
            let least = cpu / u32::try_from(cores).unwrap();
            let ratio = run.took.as_secs_f64() / least.as_secs_f64();
            let ratio = if least.is_zero() { String::new() } else { format!(", ratio {ratio:.2} (≤ {COLD})") };
            format!("helm {calls} times, {} ÷ {cores} cores = {}{ratio}", ms(cpu), ms(least))
        });
        println!("{name:<34} {:>6} {:>10} {:>10} {:>10} {:>5} MB  {beside}", 1, ms(run.took), "", "", run.memory);
    }

    fn run(&self, root: &Path, args: &[&str]) -> Run {
        let mut command = Command::new(PROGRAM);
        command.arg("--root").arg(root).args(args).env("XTASK_CACHE_DIR", self.cache.path());
        let errors = tempfile::NamedTempFile::new().unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors.reopen().unwrap());
        let started = Instant::now();
        let mut child = command.spawn().unwrap();
        let memory = watched(&mut child);
        let took = started.elapsed();
        let said = std::fs::read_to_string(errors.path()).unwrap();
        let status = child.wait().unwrap();
        assert!(status.success(), "{:?} ended with {status}: {said}", command.get_args().collect::<Vec<&OsStr>>());
        Run { took, memory, helm: said.lines().find_map(helm) }
    }
}

/// Waits for the end, and returns the most memory that was seen.
fn watched(child: &mut Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap_or_default();
        most = most.max(kib * 1024 / 1_000_000);
        std::thread::sleep(Duration::from_micros(500));
    }
    most
}

/// `helm: 32 calls, 3120 ms of processor time` of a verbose run, or `helm: 0 calls`.
fn helm(line: &str) -> Option<(usize, Duration)> {
    let (calls, rest) = line.trim().strip_prefix("helm: ")?.split_once(" call")?;
    let ms = rest.split_whitespace().find_map(|word| word.parse().ok()).unwrap_or_default();
    Some((calls.parse().ok()?, Duration::from_millis(ms)))
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}
