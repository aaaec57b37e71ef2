//! `cargo xtask dev-sync`: the working tree as it is now, in the cluster; says what that changed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use gitops::affected::Reads;
use serde_json::Value;

use crate::argocd::applications::{self, Application, KIND};
use crate::argocd::changes::{Changed, Objects};
use crate::argocd::wait::{Goal, Lines, REFRESH, wait};
use crate::argocd::{NAMESPACE, ROOT};
use crate::context::Context;
use crate::engine::Journal;
use crate::error::{Error, Exit, Result};
use crate::expansion;
use crate::repo::watch::{Fingerprint, wait_for_change};
use crate::steps;
use crate::tools::{Kubectl, Snapshot};
use crate::ui::{self, Paint, count, seconds};

/// Bring changes of the working tree into the running cluster, and say what they changed
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d, kwok\n\nIt takes a new snapshot and tells Argo CD to look at once, first at the Applications that read a changed file. It needs a cluster\nthat runs; what is not GitOps (bootstrap, environments) is brought by dev-init.\n\nExamples:\n  cargo xtask dev-sync\n  cargo xtask dev-sync --watch\n  cargo xtask dev-sync --plan"
)]
pub struct Args {
    /// Do it again whenever a file is saved, until Ctrl-C
    #[arg(long)]
    pub watch: bool,
}

/// Folders that Argo CD does not read: what changes there is brought by steps.
const BY_STEPS: [&str; 2] = ["bootstrap/", "environments/"];

/// An object with more changed fields than this is summed up.
const FIELDS: usize = 6;

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("dev-sync")?;
    if cx.plan {
        return plan(cx);
    }
    // Before the lock, which would leave a state folder where nothing was ever brought up.
    if !cx.state_dir().is_dir() {
        super::running_kubectl(cx)?;
    }
    if !args.watch {
        return super::exclusively(cx, "dev-sync", |journal| sync(cx, journal));
    }
    loop {
        // Before the sync: what is saved while it runs counts for the next one.
        let seen = Fingerprint::of(cx.repo.root());
        match super::exclusively(cx, "dev-sync", |journal| sync(cx, journal)) {
            Err(e) if e.exit() != Exit::Failed => return Err(e),
            Err(e) => ui::print_error(&cx.ui, &e),
            Ok(_) => {}
        }
        cx.ui.note("watching the working tree; Ctrl-C ends it");
        let mut last = seen;
        loop {
            last = wait_for_change(cx.repo.root(), last, cx.runner.interrupt())?;
            if !cx.git().is_current()? {
                break;
            }
        }
    }
}

/// Every Application object, by name.
type Live = BTreeMap<String, Value>;

fn live(kubectl: &Kubectl) -> Result<Live> {
    let name = |a: &Value| a.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_string();
    Ok(applications::objects(kubectl)?.into_iter().map(|a| (name(&a), a)).collect())
}

fn plan(cx: &Context) -> Result<Exit> {
    let kubectl = super::running_kubectl(cx)?;
    let paths = cx.git().pending()?;
    if paths.is_empty() {
        cx.ui.note("nothing changed since the last snapshot");
        return Ok(Exit::Done);
    }
    for call in cx.git().plan() {
        cx.ui.out(format!("$ {}", call.command_line()));
    }
    for path in &paths {
        cx.ui.out(format!("changed: {path}"));
    }
    for (name, application) in live(&kubectl)? {
        let reads = Reads::of(cx.repo.root(), &application);
        let read = paths.iter().filter(|path| reads.has(path)).count();
        if read > 0 {
            cx.ui.out(format!("{name} reads {} of them and would be refreshed", read));
        }
    }
    Ok(Exit::Done)
}

fn sync(cx: &Context, journal: &Journal) -> Result<Exit> {
    let begun = Instant::now();
    // Side by side: neither needs the other, and somebody waits. Where nothing runs, the look says so.
    let kubectl = Kubectl::planned(cx, super::begun(cx)?.context_name(cx));
    let (looked, listed) = std::thread::scope(|scope| {
        let looked = scope.spawn(|| super::running_kubectl(cx).and_then(|_| steps::require_processes(cx)));
        (looked.join(), live(&kubectl))
    });
    looked.unwrap_or_else(|_| Err(Error::failed("the look at the cluster ended unexpectedly")))?;
    let before = listed?;
    super::require_root(before.keys().map(String::as_str))?;
    let snapshot = cx.git().snapshot()?;

    let changed = Affected::find(cx, &before, &snapshot)?;
    let objects = Objects::of(&kubectl, &changed.compared(&before))?;
    let names: Vec<&str> = changed.applications.iter().map(String::as_str).collect();
    kubectl.annotate(KIND, &names, NAMESPACE, REFRESH)?;

    let head_start = begun.elapsed();
    changed.announce(cx);
    let waves = expansion::expected(cx)?;
    let goal = Goal { waves: &waves, revision: &snapshot.revision, first: &changed.applications, lines: Lines::One, command: "dev-sync" };
    let started = Instant::now();
    let result = wait(cx, &kubectl, &goal);
    journal.step("waves", started.elapsed(), result.as_ref().map(|_| true).map_err(|e| e.one_line()));
    let applied = head_start + result?;

    let after = live(&kubectl)?;
    let found = objects.changes(&Objects::of(&kubectl, &changed.compared(&after))?);
    report(cx, &found);
    summary(cx, &found, &changed, after.len(), applied, begun.elapsed());
    Ok(Exit::Done)
}

/// What the new snapshot changes.
struct Affected {
    /// Paths that differ from what some Application has.
    paths: BTreeSet<String>,
    /// Applications that read one of them.
    applications: BTreeSet<String>,
}

impl Affected {
    fn find(cx: &Context, live: &Live, snapshot: &Snapshot) -> Result<Self> {
        let mut paths_since: BTreeMap<String, Option<Vec<String>>> = BTreeMap::new();
        let mut applications = BTreeSet::new();
        for (name, object) in live {
            let revisions = Application::from(object).revisions;
            // After an error Argo CD says no commit; one that is not known any more has no paths: everything may be different.
            if revisions.is_empty() {
                applications.insert(name.clone());
            }
            let reads = Reads::of(cx.repo.root(), object);
            for old in revisions.iter().filter(|r| **r != snapshot.revision) {
                let paths = paths_since.entry(old.clone()).or_insert_with(|| cx.git().changed(old, &snapshot.revision).ok());
                if paths.as_ref().is_none_or(|paths| paths.iter().any(|path| reads.has(path))) {
                    applications.insert(name.clone());
                }
            }
        }
        Ok(Affected { paths: paths_since.into_values().flatten().flatten().collect(), applications })
    }

    /// Says what will be synced, while it begins.
    fn announce(&self, cx: &Context) {
        if self.paths.is_empty() {
            return;
        }
        let readers = match self.applications.len() {
            0 => "no Application reads it".to_string(),
            1..=3 => self.applications.iter().cloned().collect::<Vec<_>>().join(", "),
            n => count(n, "Application"),
        };
        let names = first_of(self.paths.iter().map(String::as_str).collect());
        cx.ui.note(format!("{}: {names} → {readers}", count(self.paths.len(), "changed file")));
    }

    /// Changed files that Argo CD does not read, but a step.
    fn by_steps(&self) -> Vec<&str> {
        self.paths.iter().map(String::as_str).filter(|p| BY_STEPS.iter().any(|dir| p.starts_with(dir))).collect()
    }

    /// The Applications whose objects are compared. A changed root may change, add and remove any of them.
    fn compared<'a>(&self, live: &'a Live) -> Vec<&'a Value> {
        let all = self.applications.contains(ROOT);
        live.iter().filter(|(name, _)| all || self.applications.contains(*name)).map(|(_, object)| object).collect()
    }
}

/// Every changed object, under its Application.
fn report(cx: &Context, found: &[Changed]) {
    let mut application = "";
    for changed in found {
        if changed.application != application {
            application = &changed.application;
            cx.ui.out(application);
        }
        let fields = changed.change.fields();
        let shown = fields.iter().take(FIELDS).cloned().collect::<Vec<_>>().join(", ");
        let more = fields.len().saturating_sub(FIELDS);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let colon = if fields.is_empty() { "" } else { ": " };
        cx.ui.out(format!("  {} {} {}{colon}{shown}{more}", changed.change.word(), changed.kind, changed.name));
    }
}

fn summary(cx: &Context, found: &[Changed], changed: &Affected, total: usize, applied: Duration, all: Duration) {
    let applications: BTreeSet<&str> = found.iter().map(|c| c.application.as_str()).collect();
    let what = match applications.len() {
        0 => "nothing changed in the cluster".to_string(),
        n => format!("{} of {} changed, applied after {}", count(found.len(), "object"), count(n, "Application"), seconds(applied)),
    };
    let fact = format!("{what}; {} Synced and Healthy after {}", count(total, "Application"), seconds(all));
    cx.ui.note(cx.ui.paint(Paint::Bold, &fact));
    let by_steps = changed.by_steps();
    if !by_steps.is_empty() {
        cx.ui.warn(format!("Argo CD does not read {}; what it says is brought by: cargo xtask dev-init", first_of(by_steps)));
    }
}

/// The first name, and how many more.
fn first_of(names: Vec<&str>) -> String {
    match names.as_slice() {
        [] => String::new(),
        [one] => one.to_string(),
        [first, more @ ..] => format!("{first} and {} more", more.len()),
    }
}
