//! When each Application came to life, from a recorded watch: events arrive in the order of the database.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::applications::{Application, KIND};
use super::{NAMESPACE, ROOT};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::proc::{Interrupt, Runner};
use crate::tools::Kubectl;
use crate::ui::seconds;

type Events = Arc<Mutex<Vec<(Instant, Application)>>>;

/// Records from before the cluster exists until it is asked for what it saw.
pub struct Recorder {
    events: Events,
    stop: Interrupt,
    thread: JoinHandle<()>,
}

impl Recorder {
    /// Begins as soon as the environment's API server serves Applications.
    pub fn start(cx: &Context, kubectl: &Kubectl) -> Self {
        let events: Events = Arc::default();
        let stop = cx.runner.interrupt().part();
        let kubectl = kubectl.on(Runner::new(stop.clone()));
        let kubeconfig = cx.kubeconfig();
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
        Recorder { events, stop, thread }
    }

    /// Ends the recording.
    pub fn finish(self) -> Timeline {
        self.stop.raise();
        let _ = self.thread.join();
        Timeline { events: std::mem::take(&mut *self.events.lock().unwrap_or_else(|e| e.into_inner())) }
    }
}

/// What was seen of every Application, in order.
pub struct Timeline {
    events: Vec<(Instant, Application)>,
}

/// An Application's way: when it appeared, when it was first Synced and Healthy, and how it was seen last.
pub struct Way<'a> {
    pub appeared: Instant,
    pub ready: Option<Instant>,
    pub last: &'a Application,
}

impl Timeline {
    /// Checks every pair of waves: no Application of a later one may appear before all of the earlier one were Synced and
    /// Healthy. Returns the gap after each wave, for people. Errors: the first pair that breaks it.
    pub fn order(&self) -> Result<String> {
        check(&self.events)
    }

    /// Every Application's way, without the root, by wave and name.
    pub fn ways(&self) -> Vec<Way<'_>> {
        let mut ways: BTreeMap<(i64, &str), Way> = BTreeMap::new();
        for (at, application) in self.events.iter().filter(|(_, a)| a.name != ROOT) {
            let key = (application.wave.unwrap_or_default(), application.name.as_str());
            let way = ways.entry(key).or_insert(Way { appeared: *at, ready: None, last: application });
            way.last = application;
            if application.is_ready() {
                way.ready.get_or_insert(*at);
            }
        }
        ways.into_values().collect()
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
    fn a_way_keeps_the_first_moment_of_health_and_the_last_state() {
        let events = vec![event("b", 2, false), event("a", 1, false), event("a", 1, true), event("a", 1, false)];
        let timeline = Timeline { events };
        let ways = timeline.ways();
        assert_eq!(ways.iter().map(|w| w.last.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(ways[0].ready, Some(timeline.events[2].0));
        assert!(!ways[0].last.is_ready() && ways[1].ready.is_none());
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
