//! Runs a list of steps, independent ones at once.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Instant;

use super::{Journal, State, Step};
use crate::context::Context;
use crate::error::{Error, Result};

/// Brings every step up to date. Returns the ids of those that had to be applied.
///
/// Errors: the first failure, after the steps that run beside it ended; steps that need it are not tried.
pub fn run(cx: &Context, steps: &[&dyn Step], journal: &Journal) -> Result<Vec<&'static str>> {
    let mut waiting = order(steps)?;
    let mut done: BTreeMap<&str, bool> = BTreeMap::new();
    let mut failure: Option<Error> = None;
    let mut running = 0;
    let (send, finished) = mpsc::channel();
    let applied = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        loop {
            if failure.is_none() && !cx.runner.interrupt().is_set() {
                let ready = |step: &&dyn Step| step.needs().iter().all(|n| done.contains_key(n) || !waiting_has(steps, n));
                let (now, later): (Vec<_>, Vec<_>) = waiting.drain(..).partition(ready);
                waiting = later;
                for step in now {
                    running += 1;
                    let send = send.clone();
                    let applied = &applied;
                    scope.spawn(move || {
                        let result = bring(cx, step, journal);
                        if result.as_ref().is_ok_and(|changed| *changed) {
                            applied.lock().unwrap_or_else(|e| e.into_inner()).push(step.id());
                        }
                        let _ = send.send((step.id(), result));
                    });
                }
            }
            if running == 0 {
                break;
            }
            let Ok((id, result)) = finished.recv() else { break };
            running -= 1;
            match result {
                Ok(changed) => drop(done.insert(id, changed)),
                // The first failure is the cause; one that follows an interruption says nothing new.
                Err(e) => drop(failure.get_or_insert(e)),
            }
        }
    });
    match failure {
        Some(e) => Err(e),
        None => {
            cx.runner.interrupt().check()?;
            Ok(applied.into_inner().unwrap_or_else(|e| e.into_inner()))
        }
    }
}

/// A need that is not in the list is the business of an earlier command.
fn waiting_has(steps: &[&dyn Step], id: &str) -> bool {
    steps.iter().any(|s| s.id() == id)
}

/// Probe, apply if needed, probe again. Returns whether it was applied.
fn bring(cx: &Context, step: &dyn Step, journal: &Journal) -> Result<bool> {
    let id = step.id();
    let task = cx.ui.task(id);
    let started = Instant::now();
    let result = (|| match step.probe(cx)? {
        State::UpToDate(fact) => Ok((fact, false)),
        State::Blocked { why, hint } => Err(Error::prerequisite(why).hint(hint)),
        found => {
            cx.ui.verbose(format!("  {id}: {}", found.describe()));
            step.apply(cx, &task)?;
            match step.probe(cx)? {
                State::UpToDate(fact) => Ok((fact, true)),
                still => Err(Error::failed(format!("after it was applied it is still not as wanted ({})", still.describe()))),
            }
        }
    })();
    journal.step(id, started.elapsed(), result.as_ref().map(|(_, changed)| *changed).map_err(Error::one_line));
    match result {
        Ok((fact, changed)) => {
            task.done(&fact);
            Ok(changed)
        }
        Err(e) => {
            if e.exit() == crate::error::Exit::Interrupted {
                return Err(e.cause(format!("half-done: the step `{id}`")));
            }
            task.failed("failed");
            Err(e.context(format!("the step `{id}` failed")))
        }
    }
}

/// The steps in an order in which every one comes after its needs. Errors: a circle, printed as one.
pub fn order<'a>(steps: &[&'a dyn Step]) -> Result<Vec<&'a dyn Step>> {
    let mut left: Vec<&dyn Step> = steps.to_vec();
    let mut ordered: Vec<&dyn Step> = Vec::new();
    while !left.is_empty() {
        let free = |s: &&dyn Step| s.needs().iter().all(|n| !left.iter().any(|l| l.id() == *n));
        let (now, later): (Vec<_>, Vec<_>) = left.iter().copied().partition(free);
        if now.is_empty() {
            let mut circle = vec![left[0].id()];
            while let Some(next) = left
                .iter()
                .find(|s| Some(&s.id()) == circle.last())
                .and_then(|s| s.needs().iter().find(|n| left.iter().any(|l| l.id() == **n)))
            {
                let again = circle.contains(next);
                circle.push(next);
                if again {
                    break;
                }
            }
            return Err(Error::failed(format!("steps need each other in a circle: {}", circle.join(" -> "))));
        }
        ordered.extend(now);
        left = later;
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::Invocation;
    use crate::ui::Task;

    struct Fake(&'static str, &'static [&'static str]);

    impl Step for Fake {
        fn id(&self) -> &'static str {
            self.0
        }
        fn needs(&self) -> &'static [&'static str] {
            self.1
        }
        fn probe(&self, _: &Context) -> Result<State> {
            Ok(State::Missing)
        }
        fn plan(&self, _: &Context) -> Result<Vec<Invocation>> {
            Ok(Vec::new())
        }
        fn apply(&self, _: &Context, _: &Task) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_step_comes_after_its_needs() {
        let (a, b, c) = (Fake("a", &["b", "c"]), Fake("b", &["c"]), Fake("c", &["elsewhere"]));
        let ids: Vec<_> = order(&[&a, &b, &c]).unwrap().iter().map(|s| s.id()).collect();
        assert_eq!(ids, ["c", "b", "a"]);
    }

    #[test]
    fn a_circle_is_printed_as_one() {
        let (a, b) = (Fake("a", &["b"]), Fake("b", &["a"]));
        let e = order(&[&a, &b]).err().unwrap();
        assert_eq!(e.what(), "steps need each other in a circle: a -> b -> a");
    }
}
