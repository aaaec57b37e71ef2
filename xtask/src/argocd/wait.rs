//! Waiting until Argo CD is content with a commit: a line per wave, hopeless errors at once, a push where it would only poll.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::applications::{Application, KIND};
use super::{NAMESPACE, ROOT};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::expansion::Wave;
use crate::proc::Interrupt;
use crate::tools::{Kubectl, Reference};
use crate::ui::{self, Task};

/// An error has to stay this long before it counts: a project may arrive a moment after its first Application.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is not ready so soon after the wait began was there before it.
const BEGINNING: Duration = Duration::from_secs(1);

/// When all Applications are ready, the root follows within a second. Later than this it is asked to look again.
const NUDGE: Duration = Duration::from_secs(2);

/// The annotation by which Argo CD is told to look at once.
pub const REFRESH: &str = "argocd.argoproj.io/refresh=normal";

/// What is refreshed first gets this head start at most, before Argo CD is busy with everything else as well.
const HEAD_START: Duration = Duration::from_secs(2);

/// What is waited for, and on whose behalf.
pub struct Goal<'a> {
    pub waves: &'a [Wave],
    /// Full commit id that everything must have.
    pub revision: &'a str,
    /// Applications that the commit changes, as far as that is known: Argo CD looks at them before all others. It was told
    /// already.
    pub first: &'a BTreeSet<String>,
    pub lines: Lines,
    /// The command that goes on from here, for hints.
    pub command: &'a str,
}

/// What is printed meanwhile.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    PerWave,
    One,
}

/// Waits until the root and every expected Application are Synced and Healthy at the goal's revision, and no generated one is
/// left that no ApplicationSet names any more. Returns how long it took until the first ones were applied.
///
/// Errors: an error that waiting cannot mend, at once and in Argo CD's words; the limit; Ctrl-C. Everything stays up.
pub fn wait(cx: &Context, kubectl: &Kubectl, goal: &Goal<'_>) -> Result<Duration> {
    let live: Mutex<Live> = Mutex::new(BTreeMap::new());
    let told = Mutex::new(goal.first.clone());
    let (runner, done) = cx.runner.part();
    let watching = kubectl.on(runner);
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| follow(&watching, &live, &done));
        let broken = || watch.is_finished();
        let (tell, names) = mpsc::channel();
        let teller = scope.spawn(|| tell_all(&watching, names, &told));
        let result = Waiter { cx, kubectl, goal, live: &live, broken: &broken, tell, told: &told, begun: Instant::now() }.run();
        done.raise();
        let _ = teller.join();
        let watched = watch.join().unwrap_or_else(|_| Err(Error::failed("the watch ended unexpectedly")));
        result.and_then(|applied| watched.map(|()| applied))
    })
}

/// Tells Argo CD to look at Applications, apart from the wait: on a busy machine a dozen takes seconds. What could not be told
/// leaves `told`, so that the wait asks again; a server that stays down ends the wait by its limit.
fn tell_all(kubectl: &Kubectl, batches: mpsc::Receiver<Vec<String>>, told: &Mutex<BTreeSet<String>>) {
    for batch in batches {
        let names: Vec<&str> = batch.iter().map(String::as_str).collect();
        if kubectl.annotate(KIND, &names, NAMESPACE, REFRESH).is_err() {
            std::thread::sleep(Duration::from_millis(500));
            told.lock().unwrap_or_else(|e| e.into_inner()).retain(|name| !batch.contains(name));
        }
    }
}

/// Keeps `live` up to date by a watch, begun again whenever it ends before `done` is set.
fn follow(kubectl: &Kubectl, live: &Mutex<Live>, done: &Interrupt) -> Result<()> {
    while !done.is_set() {
        // A watch begins with all that exists; what went away meanwhile must not stay.
        live.lock().unwrap_or_else(|e| e.into_inner()).clear();
        let mut seen = |event: &str, object: Value| {
            let application = Application::from(&object);
            let mut live = live.lock().unwrap_or_else(|e| e.into_inner());
            if event == "DELETED" {
                live.remove(&application.name);
            } else {
                live.insert(application.name.clone(), application);
            }
            true
        };
        kubectl.watch(KIND, NAMESPACE, Duration::from_secs(300), &mut seen)?;
        // A server that is down refuses at once.
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

type Live = BTreeMap<String, Application>;

struct Waiter<'a> {
    cx: &'a Context,
    kubectl: &'a Kubectl,
    goal: &'a Goal<'a>,
    live: &'a Mutex<Live>,
    /// Did the watch end by an error? Then nothing new would ever be seen.
    broken: &'a dyn Fn() -> bool,
    tell: mpsc::Sender<Vec<String>>,
    /// Who was told of the commit already.
    told: &'a Mutex<BTreeSet<String>>,
    begun: Instant,
}

impl Waiter<'_> {
    fn run(&self) -> Result<Duration> {
        let deadline = self.begun + self.cx.timeout();
        let mut applied = None;
        let mut next = 0;
        let mut nudged = self.begun;
        let mut task: Option<Task> = None;
        let mut ended = BTreeSet::new();
        let mut asked = BTreeSet::new();
        let mut hopeless: BTreeMap<String, (String, Instant)> = BTreeMap::new();
        loop {
            self.cx.runner.interrupt().sleep(Duration::from_millis(50))?;
            if (self.broken)() {
                return Ok(applied.unwrap_or_default());
            }
            let live = self.live.lock().unwrap_or_else(|e| e.into_inner()).clone();
            if applied.is_none() && self.are_applied(&live) {
                applied = Some(self.begun.elapsed());
            }
            next = self.follow_waves(&live, next, &mut task);
            if next == self.goal.waves.len() {
                let left = self.unwanted(&live);
                let root = live.get(ROOT);
                if left.is_empty() && self.is_ready(&live, ROOT) {
                    self.report_unexpected(&live);
                    return Ok(applied.unwrap_or_else(|| self.begun.elapsed()));
                }
                let line = task.get_or_insert_with(|| {
                    nudged = Instant::now();
                    self.cx.ui.task(if self.goal.lines == Lines::One { "sync" } else { "root" })
                });
                line.update(match left.first() {
                    Some(name) => format!("{name}: no ApplicationSet names it any more, it goes with its objects"),
                    None => format!("{ROOT}: {}", root.map(Application::state).unwrap_or_default()),
                });
                // After a restart Argo CD (3.5.3) can miss that the last ApplicationSet became healthy, and would look again
                // with its poll only, minutes later.
                if nudged.elapsed() > NUDGE && root.is_some_and(|root| !root.refreshing) {
                    nudged = Instant::now();
                    let _ = self.tell.send(vec![ROOT.to_string()]);
                }
            }
            self.end_outdated(&live, &mut ended)?;
            self.refresh(&live, applied.is_some());
            self.check_hope(&live, &mut asked, &mut hopeless)?;
            if Instant::now() > deadline {
                return Err(self.timed_out(&live));
            }
        }
    }

    /// Moves on over waves that are ready, and keeps the running line; returns the first wave that is not.
    fn follow_waves(&self, live: &Live, mut next: usize, task: &mut Option<Task>) -> usize {
        while let Some(wave) = self.goal.waves.get(next).filter(|_| !live.is_empty()) {
            let per_wave = self.goal.lines == Lines::PerWave;
            let id = || if per_wave { format!("wave {:>2}", wave.number) } else { "sync".to_string() };
            let line = task.get_or_insert_with(|| self.cx.ui.task(id()));
            let ready = wave.components.iter().filter(|c| self.is_ready(live, &c.application)).count();
            let count = format!("{:<18} {ready}/{}", wave.name, wave.components.len());
            if ready < wave.components.len() {
                let waits_for = self.waits_for(wave, live);
                line.update(if per_wave { format!("{count}  {waits_for}") } else { waits_for });
                break;
            }
            if per_wave && let Some(line) = task.take() {
                line.done(&count);
            }
            next += 1;
        }
        next
    }

    /// Did Argo CD apply the commit to all Applications that it changes?
    fn are_applied(&self, live: &Live) -> bool {
        let applied = |name: &String| live.get(name).is_some_and(|a| a.has_applied(self.goal.revision));
        !live.is_empty() && self.goal.first.iter().all(applied)
    }

    fn expects(&self, name: &str) -> bool {
        name == ROOT || self.goal.waves.iter().flat_map(|w| &w.components).any(|c| c.application == name)
    }

    /// Generated Applications that no ApplicationSet of this tree names: their controller deletes them.
    fn unwanted(&self, live: &Live) -> Vec<String> {
        live.values().filter(|a| a.generated && !self.expects(&a.name)).map(|a| a.name.clone()).collect()
    }

    fn is_ready(&self, live: &Live, name: &str) -> bool {
        live.get(name).is_some_and(|a| a.is_ready_at(self.goal.revision))
    }

    /// The first Application of the wave that is not ready, with the reason.
    fn waits_for(&self, wave: &Wave, live: &Live) -> String {
        let Some(name) = wave.components.iter().map(|c| &c.application).find(|n| !self.is_ready(live, n)) else {
            return String::new();
        };
        match live.get(name) {
            None => format!("{name}: not generated yet"),
            Some(a) => format!("{name}: {}", a.state()),
        }
    }

    /// Tells Argo CD once per Application that there is another commit, instead of waiting for its poll.
    ///
    /// What the commit changes comes first, the others when that is `applied`. At the beginning, what is not ready is asked as
    /// well: an Argo CD that was stopped meanwhile does not know what happened without it, and would look again with its poll
    /// (3.5.3).
    fn refresh(&self, live: &Live, applied: bool) {
        let mut told = self.told.lock().unwrap_or_else(|e| e.into_inner());
        let beginning = self.begun.elapsed() < BEGINNING;
        let turn = applied || self.begun.elapsed() > HEAD_START;
        let stale = |a: &&Application| {
            let unknown = a.revisions.is_empty() && !a.conditions.is_empty();
            let missed = beginning && !a.is_ready();
            let is_stale = missed || unknown || a.revisions.iter().any(|r| r != self.goal.revision);
            is_stale && !a.refreshing && turn && !told.contains(&a.name)
        };
        let stale: Vec<&Application> = live.values().filter(stale).collect();
        let names: Vec<String> = stale.iter().map(|a| a.name.clone()).collect();
        if !names.is_empty() {
            told.extend(names.iter().cloned());
            let _ = self.tell.send(names);
        }
    }

    /// Ends operations that cannot end well any more: of the root, one that waits for a wave of other files; of any, one that
    /// failed with another commit and would be tried again with that one.
    fn end_outdated(&self, live: &Live, ended: &mut BTreeSet<String>) -> Result<()> {
        let running = |a: &&Application| a.operation.as_ref().is_some_and(|(phase, _)| phase == "Running");
        for application in live.values().filter(running).filter(|a| a.operates_on_another(self.goal.revision)) {
            let other = &application.operation_revisions[0];
            let hopeless = !application.failed_objects.is_empty();
            if ended.contains(&application.name) || !(hopeless || application.name == ROOT) {
                continue;
            }
            ended.insert(application.name.clone());
            if hopeless || self.cx.git().differs(other, self.goal.revision, "argocd") {
                let what = Reference { kind: KIND, name: &application.name, namespace: NAMESPACE };
                self.kubectl.patch(&what, &json!({ "status": { "operationState": { "phase": "Terminating" } } }))?;
            }
        }
        Ok(())
    }

    /// Ends the wait when an error stayed that only a change of the repository can mend.
    ///
    /// At its first sight Argo CD is asked once more: a comparison that had begun before the snapshot was made takes the request
    /// for the new one away with it, and its error says no commit (3.5.3).
    fn check_hope(&self, live: &Live, asked: &mut BTreeSet<String>, since: &mut BTreeMap<String, (String, Instant)>) -> Result<()> {
        since.retain(|name, (message, _)| live.get(name).and_then(|a| a.hopeless(self.goal.revision)).as_ref() == Some(message));
        for application in live.values() {
            // One that goes is no reason to give up.
            let stays = !application.generated || self.expects(&application.name);
            let Some(message) = application.hopeless(self.goal.revision).filter(|_| stays) else { continue };
            if asked.insert(application.name.clone()) {
                let _ = self.tell.send(vec![application.name.clone()]);
            } else {
                since.entry(application.name.clone()).or_insert_with(|| (message, Instant::now()));
            }
        }
        let Some((name, (message, _))) = since.iter().find(|(_, (_, at))| at.elapsed() >= PATIENCE) else { return Ok(()) };
        let error = Error::failed(format!("`{name}` cannot become healthy without a change"));
        let error = self.stays(error.cause(format!("Argo CD: {}", message.trim())));
        Err(error.hint(format!("mend it, then go on from there: cargo xtask {}", self.command())))
    }

    /// The command that goes on, as it is typed.
    fn command(&self) -> String {
        let env = if self.cx.is_rehearsal() { format!(" --env {}", self.cx.env()) } else { String::new() };
        format!("{}{env}", self.goal.command)
    }

    /// Says how to look at what could not become healthy.
    fn stays(&self, error: Error) -> Error {
        match self.cx.is_rehearsal() {
            true => error.hint(format!("keep the cluster to look at it: cargo xtask {} --keep", self.command())),
            false => error.hint("everything stays up to be looked at: cargo xtask dev-status"),
        }
    }

    fn timed_out(&self, live: &Live) -> Error {
        let limit = ui::seconds(self.cx.timeout());
        let error = Error::failed(format!("not everything was Synced and Healthy within {limit}"));
        let waiting = live.values().filter(|a| !a.is_ready_at(self.goal.revision));
        let error = waiting.fold(error, |e, a| e.cause(format!("{}: {}", a.name, a.summary())));
        let missing = self.goal.waves.iter().flat_map(|w| &w.components).map(|c| &c.application).filter(|n| !live.contains_key(*n));
        let missing: Vec<_> = missing.cloned().collect();
        let error = if missing.is_empty() { error } else { error.cause(format!("not generated: {}", missing.join(", "))) };
        self.stays(error).hint(format!("wait longer: cargo xtask {} --timeout 600", self.command()))
    }

    fn report_unexpected(&self, live: &Live) {
        let names: Vec<&str> = live.keys().map(String::as_str).filter(|n| !self.expects(n)).collect();
        if !names.is_empty() {
            self.cx.ui.warn(format!("Applications that no ApplicationSet of this tree names: {}", names.join(", ")));
        }
    }
}
