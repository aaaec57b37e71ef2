//! `cargo xtask bench`: measures what this repository promises, on throw-away clones.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::argocd::timeline::Recorder;
use crate::checks::cluster::{heal_rollout, heal_service};
use crate::checks::sync;
use crate::context::Context;
use crate::crashes::{self, Part};
use crate::error::{Context as _, Error, Exit, Result};
use crate::proc::{self, Invocation};
use crate::trial::{Samples, Trial, samples_table};
use crate::ui::{count, seconds};

/// Where nothing else is asked for.
const RUNS: usize = 3;

/// Measure what this repository promises, and print a table
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: kwok\n\nNothing fails by a number: the machine, its load and its cores are part of it and are printed with it.\n\nExamples:\n  cargo xtask bench program\n  cargo xtask bench cluster --runs 10\n  cargo xtask bench offline\n  cargo xtask bench crashes --part dev-init --runs 5 --seed 7"
)]
pub struct Args {
    /// What to measure
    #[arg(value_enum)]
    what: What,
    /// How often, where a run takes long [default: 3; each part of `crashes` has its own]
    #[arg(long, value_name = "NUMBER")]
    runs: Option<usize>,
    /// Only these parts of `crashes`
    #[arg(long, value_enum, value_name = "PART")]
    part: Vec<Part>,
    /// For the moments of `crashes` [default: another one each time]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// This program: its start, its clean build
    Program,
    /// The development cluster: from nothing, again, self-heal, down and up, order of waves
    Cluster,
    /// dev-sync: a changed value, a changed chart of all services, a component that comes and goes
    Sync,
    /// The offline Argo CD: expand, render and diff, here and on repositories of 50 to 2,000 Applications
    Offline,
    /// Every tool built from source with empty caches, then the cluster from nothing; takes long
    Cold,
    /// Everything that can end is ended and must work again; takes more than an hour
    Crashes,
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("bench")?;
    if cx.plan {
        return Err(Error::usage("`bench` has no plan: it measures what it does").hint("see what it measures: cargo xtask help bench"));
    }
    if args.what != What::Crashes && (!args.part.is_empty() || args.seed.is_some()) {
        return Err(Error::usage("`--part` and `--seed` belong to `crashes`").hint("see its parts: cargo xtask help bench"));
    }
    let samples = match args.what {
        What::Program => program(cx, args.runs.unwrap_or(RUNS))?,
        What::Cluster => cluster(cx, args.runs.unwrap_or(RUNS))?,
        What::Sync => sync(cx, args.runs.unwrap_or(RUNS))?,
        What::Cold => cold(cx)?,
        What::Offline => return offline(cx, args.runs),
        What::Crashes => {
            cx.ui.out(machine(cx));
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
            return crashes::run(cx, &crashes::Plan { parts: &args.part, runs: args.runs, seed: args.seed.unwrap_or(now) });
        }
    };
    cx.ui.out(machine(cx));
    cx.ui.out(samples_table(&samples));
    Ok(Exit::Done)
}

fn program(cx: &Context, runs: usize) -> Result<Vec<Samples>> {
    let mut help = Samples::new("xtask --help", "≤ 20 ms");
    let call = Invocation::reads(proc::own_program()?).arg("--help");
    for _ in 0..20 {
        help.add(timed(|| cx.runner.run(&call).map(drop).map_err(Error::from))?);
    }
    let mut build = Samples::new("clean build of xtask", "≤ 30 s");
    for run in 0..runs {
        cx.ui.note(format!("clean build {} of {runs}", run + 1));
        let target = tempfile::tempdir()?;
        let call = Invocation::writes("cargo").args(["build", "--package", "xtask", "--bin", "xtask", "--quiet", "--target-dir"]);
        let call = call.arg(target.path()).cwd(cx.repo.root()).timeout(Duration::from_secs(900));
        build.add(timed(|| cx.runner.run(&call).map(drop).map_err(Error::from))?);
    }
    Ok(vec![help, build])
}

fn cluster(cx: &Context, runs: usize) -> Result<Vec<Samples>> {
    let mut fresh = Samples::new("dev-init, from nothing, tools in the cache", "≤ 60 s (aim 40)");
    let mut again = Samples::new("dev-init, nothing to do", "≤ 2 s");
    let mut service = Samples::new("a deleted Service is back", "≤ 3 s");
    let mut rollout = Samples::new("a scaled Rollout is back", "≤ 3 s");
    let mut stop = Samples::new("dev-down", "");
    let mut up = Samples::new("dev-up, to all Healthy", "≤ 10 s with dev-down");
    let mut clean = Samples::new("dev-clean", "");
    let mut ordered = 0;
    for run in 0..runs {
        let trial = Trial::new(cx)?;
        let recorder = Recorder::start(&trial.cx, &trial.kubectl()?);
        let first = trial.run(&["dev-init"])?.succeeded()?;
        let order = recorder.finish().order().with_context(|| format!("run {}", run + 1))?;
        ordered += 1;
        cx.ui.note(format!("run {} of {runs}: from nothing in {}; {order}", run + 1, seconds(first.took)));
        fresh.add(first.took);
        again.add(trial.run(&["dev-init"])?.succeeded()?.took);
        service.add(heal_service(&trial, "customer-api")?);
        rollout.add(heal_rollout(&trial, "product-api")?);
        stop.add(trial.run(&["dev-down"])?.succeeded()?.took);
        up.add(trial.run(&["dev-up"])?.succeeded()?.took);
        clean.add(trial.run(&["dev-clean", "--yes"])?.succeeded()?.took);
    }
    cx.ui.out(format!("waves in order in {ordered} of {}", count(runs, "fresh run")));
    Ok(vec![fresh, again, service, rollout, stop, up, clean])
}

fn sync(cx: &Context, runs: usize) -> Result<Vec<Samples>> {
    let mut live = Samples::new("dev-sync, one changed value: live", "≤ 1.5 s");
    let mut healthy = Samples::new("dev-sync, one changed value: promoted and Healthy", "≤ 15 s");
    let mut chart = Samples::new("dev-sync, a chart of all seven services: all Healthy", "≤ 20 s");
    let mut added = Samples::new("dev-sync, a new component: Healthy in its wave", "");
    let mut removed = Samples::new("dev-sync, the component removed: its objects gone", "");
    let mut nothing = Samples::new("dev-sync, nothing changed", "");
    let trial = Trial::new(cx)?;
    trial.run(&["dev-init"])?.succeeded()?;
    for run in 1..=runs {
        cx.ui.note(format!("run {run} of {runs}"));
        let times = sync::values_change(&trial, run)?;
        live.add(times.live);
        healthy.add(times.healthy);
        // The others take a minute together.
        if run > 3 {
            continue;
        }
        chart.add(sync::chart_change(&trial, run)?);
        let (came, went) = sync::component_comes_and_goes(&trial)?;
        added.add(came);
        removed.add(went);
        nothing.add(trial.run(&["dev-sync"])?.succeeded()?.took);
    }
    Ok(vec![live, healthy, chart, added, removed, nothing])
}

/// Everything from source, with caches of its own: this program's, and Go's for modules and builds.
fn cold(cx: &Context) -> Result<Vec<Samples>> {
    let caches = tempfile::tempdir()?;
    let trial = Trial::new(cx)?;
    let call = Invocation::writes(proc::own_program()?)
        .args(["dev-init", "--no-progress", "--engine", "kwok", "--root"])
        .arg(trial.root())
        .env("XTASK_CACHE_DIR", caches.path().join("xtask"))
        .env("GOCACHE", caches.path().join("go-build"))
        .env("GOMODCACHE", caches.path().join("go-mod"))
        // Go makes its modules read-only, which would keep this folder from being removed.
        .env("GOFLAGS", "-modcacherw")
        .timeout(Duration::from_secs(3600));
    let mut cold = Samples::new("dev-init, every tool from source, empty caches", "≤ 25 min");
    let ui = cx.ui.clone();
    cold.add(timed(|| cx.runner.run_with_stderr_lines(&call, &mut |line| ui.note(line)).map_err(Error::from))?);
    Ok(vec![cold])
}

/// `xtask/benches/offline` prints its own table, line by line. The profile is that of the program people use.
fn offline(cx: &Context, runs: Option<usize>) -> Result<Exit> {
    cx.provision.tool("helm")?;
    cx.ui.out(machine(cx));
    let call = Invocation::writes("cargo").args(["bench", "--quiet", "--profile", "dev", "--package", "xtask", "--bench", "offline", "--"]);
    let call = call.args(runs.map(|n| n.to_string())).cwd(cx.repo.root()).timeout(Duration::from_secs(3600));
    let ui = cx.ui.clone();
    cx.runner.follow(&call, &mut |line| {
        ui.out(line);
        true
    })?;
    Ok(Exit::Done)
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed())
}

/// What the numbers below were measured on.
fn machine(cx: &Context) -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().map(|l| format!(", load {l}")).unwrap_or_default();
    let memory = crate::doctor::memory(cx).map(|bytes| format!(", {} of memory", crate::ui::bytes(bytes))).unwrap_or_default();
    format!("{} {}, {}{memory}{load}", std::env::consts::OS, std::env::consts::ARCH, count(cores, "core"))
}
