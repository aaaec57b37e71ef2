//! The order in which Applications came to life, from a recorded watch: events arrive in the order of the database.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Trial;
use crate::argocd::applications::{Application, KIND};
use crate::argocd::{NAMESPACE, ROOT};
use crate::error::{Error, Result};
use crate::proc::{Interrupt, Runner};
use crate::ui::seconds;

type Events = Arc<Mutex<Vec<(Instant, Application)>>>;

/// Records from before the cluster exists until it is asked for what it saw.
pub struct Recorder {
    events: Events,
    stop: Interrupt,
    thread: JoinHandle<()>,
}

impl Recorder {
    /// Begins as soon as the clone's API server serves Applications.
    pub fn start(trial: &Trial) -> Result<Self> {
        let events: Events = Arc::default();
        let stop = trial.cx.runner.interrupt().part();
        let kubectl = trial.kubectl()?.on(Runner::new(stop.clone()));
        let kubeconfig = trial.cx.kubeconfig();
        let (seen, stopped) = (events.clone(), stop.clone());
        let thread = std::thread::spawn(move || {
            while !stopped.is_set() {
                if kubeconfig.is_file() {
                    let mut note = |_: &str, object: Value| {
                        let event = (Instant::now(), Application::from(&object));
                        seen.lock().unwrap_or_else(|e| e.into_inner()).push(event);
                        true
                    };
                    let _ = kubectl.watch(KIND, NAMESPACE, Duration::from_secs(900), &mut note);
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        Ok(Recorder { events, stop, thread })
    }

    /// Ends the recording and checks every pair of waves: no Application of a later one may appear before all of the earlier
    /// one were Synced and Healthy. Returns the gap after each wave, for people. Errors: the first pair that breaks it.
    pub fn finish(self) -> Result<String> {
        self.stop.raise();
        let _ = self.thread.join();
        let events = std::mem::take(&mut *self.events.lock().unwrap_or_else(|e| e.into_inner()));
        check(&events)
    }
}

fn check(events: &[(Instant, Application)]) -> Result<String> {
    let applications = || events.iter().filter(|(_, a)| a.name != ROOT);
    let mut members: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
    for (_, a) in applications() {
        members.entry(a.wave.unwrap_or_default()).or_default().insert(&a.name);
    }
    if members.len() < 2 {
        return Err(Error::failed("the recorded watch saw fewer than two waves"));
    }
    let mut ready: BTreeSet<&str> = BTreeSet::new();
    let mut appeared: BTreeMap<i64, Instant> = BTreeMap::new();
    let mut complete: BTreeMap<i64, Instant> = BTreeMap::new();
    for (at, a) in applications() {
        let wave = a.wave.unwrap_or_default();
        appeared.entry(wave).or_insert_with(|| *at);
        for (earlier, names) in members.range(..wave) {
            if let Some(name) = names.iter().find(|n| !ready.contains(*n)) {
                return Err(Error::failed(format!(
                    "{} of wave {wave} appeared before {name} of wave {earlier} was Synced and Healthy",
                    a.name
                )));
            }
        }
        if a.is_ready() {
            ready.insert(&a.name);
            if members[&wave].iter().all(|n| ready.contains(n)) {
                complete.entry(wave).or_insert(*at);
            }
        }
    }
    let waves: Vec<i64> = members.keys().copied().collect();
    let gaps = waves.windows(2).filter_map(|pair| Some(appeared[&pair[1]].duration_since(*complete.get(&pair[0])?)));
    let gaps: Vec<String> = gaps.map(seconds).collect();
    Ok(format!("{} waves in order; from one complete to the next begun: {}", waves.len(), gaps.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, wave: i64, ready: bool) -> (Instant, Application) {
        let (sync, health) = if ready { ("Synced", "Healthy") } else { ("OutOfSync", "Missing") };
        let application =
            Application { name: name.into(), wave: Some(wave), sync: sync.into(), health: health.into(), ..Application::default() };
        (Instant::now(), application)
    }

    #[test]
    fn a_later_wave_may_begin_only_after_the_earlier_one_is_complete() {
        let good = [event("a", 1, false), event("b", 1, false), event("a", 1, true), event("b", 1, true), event("c", 2, false)];
        assert!(check(&good).is_ok());
        let bad = [event("a", 1, false), event("b", 1, false), event("a", 1, true), event("c", 2, false), event("b", 1, true)];
        let e = check(&bad).unwrap_err();
        assert_eq!(e.what(), "c of wave 2 appeared before b of wave 1 was Synced and Healthy");
    }
}
