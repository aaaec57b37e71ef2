//! What happens to the whole machine: a reboot, numbers that belong to strangers, and two clones side by side.

use std::time::{Duration, Instant};

use serde_json::json;

use super::tally::Tally;
use super::{as_if_nothing_happened, begin_anew, good, round};
use crate::checks::cluster::{all_ready, clean, heal_service};
use crate::checks::expect;
use crate::cluster::{Kwok, kwok};
use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::proc::{self, Identity, Invocation};
use crate::supervisor::Files;
use crate::tools::Reference;
use crate::trial::Trial;

/// Ends everything at once, then one dev-up; objects that were there must be there again.
pub fn reboot(cx: &Context, runs: usize) -> Result<Tally> {
    let mut tally = Tally::new("reboot, then dev-up");
    let trial = Trial::new(cx)?;
    good(&trial, &["dev-init"])?;
    for number in 0..runs {
        if !tally.note(cx, &round(number, runs), one_reboot(&trial, number))? {
            begin_anew(&trial)?;
            good(&trial, &["dev-init"])?;
        }
    }
    clean(&trial)?;
    Ok(tally)
}

fn one_reboot(trial: &Trial, number: usize) -> Result<Duration> {
    let name = format!("marker-{number}");
    let marker = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name, "namespace": "default" } });
    trial.kubectl()?.apply(&[marker])?;
    let what = Reference { kind: "configmap", name: &name, namespace: "default" };
    let uids = || -> Result<_> {
        let marker = trial.kubectl()?.find(&what)?.and_then(|o| o.pointer("/metadata/uid").cloned());
        Ok((marker, trial.field("secret", "order-db-credentials", "/metadata/uid")?))
    };
    let before = uids()?;
    let mut all = trial.processes();
    // First, or it would start again what ends before it.
    all.sort_by_key(|(name, _)| name != "supervisor");
    all.iter().for_each(|(_, who)| proc::kill(who));
    let gone = || Ok(all.iter().all(|(_, who)| !who.is_alive()).then_some(()));
    trial.until("the end of everything", Duration::from_secs(10), gone)?;
    for row in trial.process_table().unwrap_or_default() {
        proc::kill(&row.who);
    }
    let took = good(trial, &["dev-up"])?;
    as_if_nothing_happened(trial)?;
    let after = uids()?;
    expect(before == after && before.0.is_some() && before.1.is_some(), "dev-up did not bring the data back")?;
    Ok(took)
}

/// A process that has nothing to do with the clone. Dropped, it is ended.
struct Stranger(std::process::Child);

impl Stranger {
    fn start(cx: &Context) -> Result<Self> {
        let call = Invocation::reads("sleep").arg("3600").cwd("/");
        Ok(Stranger(proc::spawn_supervised(&cx.runner, &call, tempfile::tempfile()?)?))
    }

    fn is_alive(&mut self) -> bool {
        self.0.try_wait().is_ok_and(|status| status.is_none())
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Every pid file of a stopped cluster gets the number of a stranger, before dev-up, dev-down and dev-clean.
pub fn stale_pids(cx: &Context, runs: usize) -> Result<Tally> {
    let mut tally = Tally::new("pid files of strangers: dev-up, dev-down, dev-clean");
    let trial = Trial::new(cx)?;
    for number in 0..runs {
        if !tally.note(cx, &round(number, runs), with_strangers(cx, &trial))? {
            begin_anew(&trial)?;
        }
    }
    Ok(tally)
}

fn with_strangers(cx: &Context, trial: &Trial) -> Result<Duration> {
    good(trial, &["dev-init"])?;
    let started = Instant::now();
    for command in [&["dev-up"][..], &["dev-down"], &["dev-clean", "--yes"]] {
        good(trial, &["dev-down"])?;
        let mut strangers = put_strangers(cx, trial)?;
        good(trial, command)?;
        if command == ["dev-up"] {
            as_if_nothing_happened(trial)?;
        }
        let ended = strangers.iter_mut().filter_map(|(file, s)| (!s.is_alive()).then_some(file.as_str())).collect::<Vec<_>>();
        expect(ended.is_empty(), format!("`{}` ended the strangers of {}", command.join(" "), ended.join(", ")))?;
    }
    clean(trial)?;
    Ok(started.elapsed())
}

fn put_strangers(cx: &Context, trial: &Trial) -> Result<Vec<(String, Stranger)>> {
    let mut strangers = Vec::new();
    let pids = Kwok::pid_dir(&trial.cx);
    let run = Files::new(&trial.cx.state_dir()).dir().to_path_buf();
    let ours = ["supervisor.pid", "pids/argocd-server", "pids/redis"].map(|name| run.join(format!("{name}.json")));
    let of_kwokctl = kwok::COMPONENTS.map(|name| pids.join(format!("{name}.pid")));
    for file in of_kwokctl.iter().chain(&ours) {
        let stranger = Stranger::start(cx)?;
        let who = Identity::of(stranger.0.id()).ok_or_else(|| Error::failed("the stranger ended"))?;
        let text = if ours.contains(file) {
            // Our own records hold the start as well: that of a process which had the number before.
            serde_json::to_string(&Identity { pid: who.pid, started: "1".into() })?
        } else {
            who.pid.to_string()
        };
        if let Some(dir) = file.parent() {
            std::fs::create_dir_all(dir)?;
        }
        std::fs::write(file, text).with_context(|| format!("could not write {}", file.display()))?;
        strangers.push((trial.cx.repo.shown(file), stranger));
    }
    Ok(strangers)
}

/// Two clones are up at once; deleting one leaves the other as it was.
pub fn two_clones(cx: &Context) -> Result<Tally> {
    let mut tally = Tally::new("two clones: the second dev-init");
    let (one, other) = (Trial::new(cx)?, Trial::new(cx)?);
    let result = (|| {
        good(&one, &["dev-init"])?;
        let took = good(&other, &["dev-init"])?;
        as_if_nothing_happened(&one)?;
        as_if_nothing_happened(&other)?;
        clean(&one)?;
        as_if_nothing_happened(&other)?;
        heal_service(&other, "order-api")?;
        // The object is back before Argo CD says so.
        let content = || Ok(all_ready(&other).is_ok().then_some(()));
        other.until("everything Healthy", Duration::from_secs(60), content)?;
        clean(&other)?;
        Ok(took)
    })();
    tally.note(cx, "both Healthy, deleted one by one", result)?;
    Ok(tally)
}
