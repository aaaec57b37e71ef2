//! What Argo CD says about its Applications, and waiting until it is content with them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{NAMESPACE, ROOT};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::gitops::Wave;
use crate::proc::Interrupt;
use crate::tools::{Kubectl, Reference};
use crate::ui::{self, Task};

/// The kind, spelled out: other groups have Applications too.
pub const KIND: &str = "applications.argoproj.io";

/// An Application as Argo CD reports it.
#[derive(Clone, Debug, Default)]
pub struct Application {
    pub name: String,
    pub wave: Option<i64>,
    pub sync: String,
    pub health: String,
    /// Commit ids that it was compared with, one per source.
    pub revisions: Vec<String>,
    /// Errors that Argo CD found: `(type, message)`.
    pub conditions: Vec<(String, String)>,
    /// The last or running operation: phase and message.
    pub operation: Option<(String, String)>,
    /// Commit ids of that operation, one per source.
    pub operation_revisions: Vec<String>,
    /// Was it asked to look again, and has not done so yet? Until then its errors may be those of another commit.
    pub refreshing: bool,
    /// Objects that an operation could not bring, with Argo CD's reason.
    pub failed_objects: Vec<String>,
    /// Objects that are not healthy: `Kind name: status, message`.
    pub unhealthy: Vec<String>,
    pub objects: usize,
}

impl Application {
    /// Reads the object. What is missing is `Unknown`, as Argo CD itself calls it.
    pub fn from(object: &Value) -> Self {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_string);
        let items = |pointer: &str| object.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
        let field = |v: &Value, key: &str| v.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
        let resources = items("/status/resources");
        let revisions = |one: &str, many: &str| -> Vec<String> {
            let many: Vec<String> = items(many).iter().filter_map(|r| r.as_str().map(str::to_string)).collect();
            if many.is_empty() { text(one).into_iter().collect() } else { many }
        };
        Application {
            name: text("/metadata/name").unwrap_or_default(),
            wave: text("/metadata/annotations/argocd.argoproj.io~1sync-wave").and_then(|w| w.parse().ok()),
            sync: text("/status/sync/status").unwrap_or_else(|| "Unknown".into()),
            health: text("/status/health/status").unwrap_or_else(|| "Unknown".into()),
            revisions: revisions("/status/sync/revision", "/status/sync/revisions"),
            conditions: items("/status/conditions").iter().map(|c| (field(c, "type"), field(c, "message"))).collect(),
            operation: text("/status/operationState/phase").map(|p| (p, text("/status/operationState/message").unwrap_or_default())),
            operation_revisions: revisions(
                "/status/operationState/operation/sync/revision",
                "/status/operationState/operation/sync/revisions",
            ),
            refreshing: text("/metadata/annotations/argocd.argoproj.io~1refresh").is_some(),
            failed_objects: items("/status/operationState/syncResult/resources")
                .iter()
                .filter(|r| field(r, "status") == "SyncFailed")
                .map(|r| format!("{} {}: {}", field(r, "kind"), field(r, "name"), field(r, "message")))
                .collect(),
            unhealthy: resources
                .iter()
                .filter_map(|r| {
                    let status = r.pointer("/health/status")?.as_str().filter(|s| *s != "Healthy")?;
                    let message = r.pointer("/health/message").and_then(Value::as_str).unwrap_or_default();
                    let what = format!("{} {}: {status}", field(r, "kind"), field(r, "name"));
                    Some(if message.is_empty() { what } else { format!("{what}, {message}") })
                })
                .collect(),
            objects: resources.len(),
        }
    }

    pub fn is_ready(&self) -> bool {
        self.sync == "Synced" && self.health == "Healthy"
    }

    /// Ready, with the wanted commit. An operation that still runs may change things yet.
    fn is_ready_at(&self, revision: &str) -> bool {
        let running = self.operation.as_ref().is_some_and(|(phase, _)| phase == "Running" || phase == "Terminating");
        self.is_ready() && !running && !self.revisions.is_empty() && self.revisions.iter().all(|r| r == revision)
    }

    /// Why it is not ready, in Argo CD's words, on one line; empty when it is.
    pub fn message(&self) -> String {
        let error = self.conditions.iter().find(|(kind, _)| kind.ends_with("Error")).map(|(_, m)| m.clone());
        let running = self.operation.as_ref().filter(|(phase, _)| phase != "Succeeded").map(|(_, m)| m.clone());
        let unhealthy = self.unhealthy.first().map(|first| match self.unhealthy.len() {
            1 => first.clone(),
            n => format!("{first} and {} more", n - 1),
        });
        if self.is_ready() && error.is_none() {
            return String::new();
        }
        let found = error.or_else(|| self.failed_objects.first().cloned()).or(unhealthy).or(running.filter(|m| !m.is_empty()));
        found.unwrap_or_default().lines().collect::<Vec<_>>().join(" ")
    }

    /// Does its operation work with another commit than `revision`?
    fn operates_on_another(&self, revision: &str) -> bool {
        self.operation_revisions.iter().any(|r| r != revision)
    }

    /// An error of `revision` that waiting cannot mend; `None` while there is hope.
    fn hopeless(&self, revision: &str) -> Option<String> {
        if self.refreshing {
            return None;
        }
        let condition = self.conditions.iter().find(|(kind, message)| match kind.as_str() {
            "InvalidSpecError" => true,
            "ComparisonError" => !is_passing(message),
            _ => false,
        });
        if let Some((_, message)) = condition {
            return Some(message.clone());
        }
        if self.operates_on_another(revision) {
            return None;
        }
        let forbidden = self.failed_objects.iter().find(|m| m.contains("is not permitted in project"));
        forbidden.or_else(|| self.failed_objects.iter().find(|m| is_refused(m))).cloned()
    }
}

/// Errors of a component that is just starting, restarting or loaded: they go away by themselves.
fn is_passing(message: &str) -> bool {
    let passing = [
        "connection refused",
        "connection error",
        "Unavailable",
        "context deadline exceeded",
        "context canceled",
        "EOF",
        "i/o timeout",
        "the server is currently unable",
        "the server could not find the requested resource",
        "TLS handshake",
        "error reading server preface",
        "transport is closing",
        "failed to get cluster info",
        "failed to sync cluster",
    ];
    passing.iter().any(|p| message.contains(p))
}

/// Does the API server say that the object itself is wrong?
fn is_refused(message: &str) -> bool {
    message.contains(" is invalid: ") || message.contains("ValidationError") || message.contains("strict decoding error")
}

/// Every Application, by name. Empty when Argo CD's kinds do not exist.
pub fn list(kubectl: &Kubectl) -> Result<Vec<Application>> {
    let mut applications: Vec<_> = kubectl.list(&[KIND, "--namespace", NAMESPACE])?.iter().map(Application::from).collect();
    applications.sort_by(|a, b| (a.wave, &a.name).cmp(&(b.wave, &b.name)));
    Ok(applications)
}

/// An error has to stay this long before it counts: a project may arrive a moment after its first Application.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is not ready so soon after the wait began was there before it.
const BEGINNING: Duration = Duration::from_secs(1);

/// When all Applications are ready, the root follows within a second. Later than this it is asked to look again.
const NUDGE: Duration = Duration::from_secs(2);

/// Waits until the root and every expected Application are Synced and Healthy at `revision`, one line per wave.
///
/// Errors: an error that waiting cannot mend, at once and in Argo CD's words; the limit; Ctrl-C. Everything stays up.
pub fn wait(cx: &Context, kubectl: &Kubectl, waves: &[Wave], revision: &str) -> Result<()> {
    let live: Mutex<BTreeMap<String, Application>> = Mutex::new(BTreeMap::new());
    let (runner, done) = cx.runner.part();
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| follow(&kubectl.on(runner), &live, &done));
        let broken = || watch.is_finished();
        let result = Waiter { cx, kubectl, waves, revision, live: &live, broken: &broken }.run();
        done.raise();
        let watched = watch.join().unwrap_or_else(|_| Err(Error::failed("the watch ended unexpectedly")));
        result.and(watched)
    })
}

/// Keeps `live` up to date by a watch, begun again whenever it ends before `done` is set.
fn follow(kubectl: &Kubectl, live: &Mutex<BTreeMap<String, Application>>, done: &Interrupt) -> Result<()> {
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

struct Waiter<'a> {
    cx: &'a Context,
    kubectl: &'a Kubectl,
    waves: &'a [Wave],
    revision: &'a str,
    live: &'a Mutex<BTreeMap<String, Application>>,
    /// Did the watch end by an error? Then nothing new would ever be seen.
    broken: &'a dyn Fn() -> bool,
}

impl Waiter<'_> {
    fn run(&self) -> Result<()> {
        let deadline = Instant::now() + self.cx.timeout();
        let mut next = 0;
        let begun = Instant::now();
        let mut nudged = begun;
        let mut task: Option<Task> = None;
        let mut refreshed = BTreeSet::new();
        let mut hopeless: BTreeMap<String, (String, Instant)> = BTreeMap::new();
        loop {
            self.cx.runner.interrupt().sleep(Duration::from_millis(50))?;
            if (self.broken)() {
                return Ok(());
            }
            let live = self.live.lock().unwrap_or_else(|e| e.into_inner()).clone();
            while let Some(wave) = self.waves.get(next) {
                if live.is_empty() {
                    break;
                }
                let line = task.get_or_insert_with(|| self.cx.ui.task(format!("wave {:>2}", wave.number)));
                let ready = wave.components.iter().filter(|c| self.is_ready(&live, &c.application)).count();
                if ready < wave.components.len() {
                    line.update(format!("{:<18} {ready}/{}  {}", wave.name, wave.components.len(), self.waits_for(wave, &live)));
                    break;
                }
                let fact = format!("{:<18} {ready}/{}", wave.name, wave.components.len());
                if let Some(line) = task.take() {
                    line.done(&fact);
                }
                next += 1;
            }
            if next == self.waves.len() {
                if self.is_ready(&live, ROOT) {
                    self.report_unexpected(&live);
                    return Ok(());
                }
                let root = live.get(ROOT).map(Application::message).unwrap_or_default();
                task.get_or_insert_with(|| {
                    nudged = Instant::now();
                    self.cx.ui.task("root")
                })
                .update(root);
                // After a restart Argo CD (3.5.3) can miss that the last ApplicationSet became healthy, and would look again
                // with its poll only, minutes later.
                if nudged.elapsed() > NUDGE && live.get(ROOT).is_some_and(|root| !root.refreshing) {
                    nudged = Instant::now();
                    self.kubectl.annotate(KIND, &[ROOT], NAMESPACE, "argocd.argoproj.io/refresh=normal")?;
                }
            }
            let beginning = begun.elapsed() < BEGINNING;
            self.refresh(&live, beginning, &mut refreshed)?;
            self.check_hope(&live, &mut hopeless)?;
            if Instant::now() > deadline {
                return Err(self.timed_out(&live));
            }
        }
    }

    fn is_ready(&self, live: &BTreeMap<String, Application>, name: &str) -> bool {
        live.get(name).is_some_and(|a| a.is_ready_at(self.revision))
    }

    /// The first Application of the wave that is not ready, with the reason.
    fn waits_for(&self, wave: &Wave, live: &BTreeMap<String, Application>) -> String {
        let Some(name) = wave.components.iter().map(|c| &c.application).find(|n| !self.is_ready(live, n)) else {
            return String::new();
        };
        match live.get(name) {
            None => format!("{name}: not generated yet"),
            Some(a) if a.message().is_empty() => format!("{name}: {}, {}", a.sync, a.health),
            Some(a) => format!("{name}: {}", a.message()),
        }
    }

    /// Tells Argo CD once per Application that there is another commit, instead of waiting for its poll. An operation that
    /// cannot end well any more is ended: of the root, one that waits for a wave of other files; of any, one that failed with
    /// another commit and would be tried again with that one.
    ///
    /// At the `beginning`, what is not ready is asked as well: an Argo CD that was stopped meanwhile does not know what
    /// happened without it, and would look again with its poll (3.5.3).
    fn refresh(&self, live: &BTreeMap<String, Application>, beginning: bool, refreshed: &mut BTreeSet<String>) -> Result<()> {
        let stale = |a: &&Application| {
            let unknown = a.revisions.is_empty() && !a.conditions.is_empty();
            let missed = beginning && !a.is_ready();
            !refreshed.contains(&a.name) && !a.refreshing && (missed || unknown || a.revisions.iter().any(|r| r != self.revision))
        };
        let stale: Vec<&Application> = live.values().filter(stale).collect();
        let running = |a: &&&Application| a.operation.as_ref().is_some_and(|(phase, _)| phase == "Running");
        for application in stale.iter().filter(running).filter(|a| a.operates_on_another(self.revision)) {
            let other = &application.operation_revisions[0];
            let outdated = application.name == ROOT && self.cx.git().differs(other, self.revision, "argocd");
            if outdated || !application.failed_objects.is_empty() {
                let what = Reference { kind: KIND, name: &application.name, namespace: NAMESPACE };
                self.kubectl.patch(&what, &json!({ "status": { "operationState": { "phase": "Terminating" } } }))?;
            }
        }
        let names: Vec<&str> = stale.iter().map(|a| a.name.as_str()).collect();
        self.kubectl.annotate(KIND, &names, NAMESPACE, "argocd.argoproj.io/refresh=normal")?;
        refreshed.extend(names.into_iter().map(str::to_string));
        Ok(())
    }

    /// Ends the wait when an error stayed that only a change of the repository can mend.
    fn check_hope(&self, live: &BTreeMap<String, Application>, since: &mut BTreeMap<String, (String, Instant)>) -> Result<()> {
        since.retain(|name, (message, _)| live.get(name).and_then(|a| a.hopeless(self.revision)).as_ref() == Some(message));
        for application in live.values() {
            if let Some(message) = application.hopeless(self.revision) {
                since.entry(application.name.clone()).or_insert_with(|| (message, Instant::now()));
            }
        }
        let Some((name, (message, _))) = since.iter().find(|(_, (_, at))| at.elapsed() >= PATIENCE) else { return Ok(()) };
        Err(Error::failed(format!("`{name}` cannot become healthy without a change"))
            .cause(format!("Argo CD: {}", message.trim()))
            .hint("everything stays up to be looked at: cargo xtask dev-status")
            .hint("mend it, then go on from there: cargo xtask dev-init"))
    }

    fn timed_out(&self, live: &BTreeMap<String, Application>) -> Error {
        let limit = ui::seconds(self.cx.timeout());
        let error = Error::failed(format!("not everything was Synced and Healthy within {limit}"));
        let waiting = live.values().filter(|a| !a.is_ready_at(self.revision));
        let error = waiting.fold(error, |e, a| {
            let message = a.message();
            e.cause(format!("{}: {}, {}{}{message}", a.name, a.sync, a.health, if message.is_empty() { "" } else { ": " }))
        });
        let missing = self.waves.iter().flat_map(|w| &w.components).map(|c| &c.application).filter(|n| !live.contains_key(*n));
        let missing: Vec<_> = missing.cloned().collect();
        let error = if missing.is_empty() { error } else { error.cause(format!("not generated: {}", missing.join(", "))) };
        error.hint("everything stays up to be looked at: cargo xtask dev-status").hint("wait longer: cargo xtask dev-init --timeout 600")
    }

    fn report_unexpected(&self, live: &BTreeMap<String, Application>) {
        let expected = |name: &str| name == ROOT || self.waves.iter().flat_map(|w| &w.components).any(|c| c.application == name);
        let names: Vec<&str> = live.keys().map(String::as_str).filter(|n| !expected(n)).collect();
        if !names.is_empty() {
            self.cx.ui.warn(format!("Applications that no ApplicationSet of this tree names: {}", names.join(", ")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn application(status: Value) -> Application {
        Application::from(&json!({"metadata": {"name": "a"}, "status": status}))
    }

    #[test]
    fn ready_means_synced_healthy_and_the_wanted_commit() {
        let a = application(json!({"sync": {"status": "Synced", "revisions": ["c", "c"]}, "health": {"status": "Healthy"}}));
        assert!(a.is_ready_at("c"));
        assert!(!a.is_ready_at("d"));
        assert_eq!(a.message(), "");
    }

    #[test]
    fn a_starting_repo_server_is_waited_for_and_a_broken_chart_is_not() {
        let comparison = |message: &str| application(json!({"conditions": [{"type": "ComparisonError", "message": message}]}));
        assert!(comparison("rpc error: code = Unavailable desc = connection refused").hopeless("c").is_none());
        let broken = "Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = Manifest generation error";
        assert_eq!(comparison(broken).hopeless("c").unwrap(), broken);
    }

    #[test]
    fn a_forbidden_kind_is_hopeless_and_named() {
        let a = application(json!({"operationState": {"phase": "Failed", "message": "one or more objects failed to apply",
            "syncResult": {"resources": [{"kind": "Secret", "name": "s", "status": "SyncFailed",
                "message": "resource :Secret is not permitted in project applications"}]}}}));
        assert_eq!(a.hopeless("c").unwrap(), "Secret s: resource :Secret is not permitted in project applications");
    }

    #[test]
    fn errors_of_another_commit_do_not_count() {
        let a = application(json!({"operationState": {"phase": "Running", "operation": {"sync": {"revisions": ["old", "old"]}},
            "syncResult": {"resources": [{"kind": "Secret", "name": "s", "status": "SyncFailed",
                "message": "resource :Secret is not permitted in project applications"}]}}}));
        assert!(a.hopeless("new").is_none());
        assert!(a.hopeless("old").is_some());
    }

    #[test]
    fn the_message_names_the_first_unhealthy_object() {
        let a = application(json!({"sync": {"status": "Synced"}, "health": {"status": "Progressing"}, "resources": [
            {"kind": "Service", "name": "s", "health": {"status": "Healthy"}},
            {"kind": "Deployment", "name": "grafana", "health": {"status": "Progressing", "message": "0 of 1 ready"}},
            {"kind": "StatefulSet", "name": "loki", "health": {"status": "Progressing"}}]}));
        assert_eq!(a.message(), "Deployment grafana: Progressing, 0 of 1 ready and 1 more");
    }
}
