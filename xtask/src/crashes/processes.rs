//! Every process of the cluster killed, one after the other: it must work again without help.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::tally::Tally;
use super::{as_if_nothing_happened, begin_anew, good, round};
use crate::argocd::NAMESPACE;
use crate::argocd::applications::KIND;
use crate::checks::cluster::clean;
use crate::cluster::{Port, answers, kwok};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::proc::{self, Identity};
use crate::tools::Reference;
use crate::trial::Trial;

const BESIDE: [&str; 6] = [
    "argocd-repo-server",
    "argocd-application-controller",
    "argocd-applicationset-controller",
    "argocd-server",
    "redis",
    "rollouts-controller",
];
/// Longer than Argo CD's poll: its application controller asks nobody what it missed while it was gone, and what changed
/// in that gap is healed with the poll (`timeout.reconciliation`, and a random part on top).
const PATIENCE: Duration = Duration::from_secs(300);
const APPLICATION: &str = "order-service-dev";

/// A row for each process, one for the supervisor, and one for the same proof with nothing killed.
pub fn campaign(cx: &Context, runs: usize) -> Result<Vec<Tally>> {
    let mut trial = Trial::new(cx)?;
    // Argo CD (3.5.3) waits longer before each further repair of one Application, up to five minutes: two proofs in a row
    // would measure that. Its processes inherit the variable.
    trial.set("ARGOCD_APPLICATION_CONTROLLER_SELF_HEAL_BACKOFF_CAP_SECONDS", "1");
    let mut tallies = Vec::new();
    good(&trial, &["dev-init"])?;
    let mut nobody = Tally::new("nothing killed, the proof alone");
    for number in 0..runs {
        nobody.note(cx, &round(number, runs), works(&trial, Instant::now()))?;
    }
    tallies.push(nobody);
    for name in BESIDE.into_iter().chain(kwok::COMPONENTS) {
        let mut tally = Tally::new(&format!("{name} killed"));
        for number in 0..runs {
            if !tally.note(cx, &round(number, runs), one(&trial, name))? {
                begin_anew(&trial)?;
                good(&trial, &["dev-init"])?;
            }
        }
        tallies.push(tally);
    }
    let mut supervisor = Tally::new("supervisor killed, then dev-up");
    for number in 0..runs {
        let result = find(&trial, "supervisor").and_then(|who| {
            proc::kill(&who);
            let took = good(&trial, &["dev-up"])?;
            as_if_nothing_happened(&trial)?;
            works(&trial, Instant::now())?;
            Ok(took)
        });
        if !supervisor.note(cx, &round(number, runs), result)? {
            begin_anew(&trial)?;
            good(&trial, &["dev-init"])?;
        }
    }
    tallies.push(supervisor);
    clean(&trial)?;
    Ok(tallies)
}

fn find(trial: &Trial, name: &str) -> Result<Identity> {
    let found = trial.processes().into_iter().find(|(n, _)| n == name);
    found.map(|(_, who)| who).ok_or_else(|| Error::failed(format!("{name} does not run")))
}

fn one(trial: &Trial, name: &str) -> Result<Duration> {
    let victim = find(trial, name)?;
    let killed = Instant::now();
    proc::kill(&victim);
    let back = || Ok(find(trial, name).ok().filter(|now| *now != victim));
    trial.until(&format!("the restart of {name}"), PATIENCE, back)?;
    let took = works(trial, killed)?;
    // It may still settle: an Application is Progressing while its pod is new.
    let content = || Ok(as_if_nothing_happened(trial).is_ok().then_some(()));
    trial.until("everything Healthy", PATIENCE, content).map_err(|e| match as_if_nothing_happened(trial) {
        Err(why) => e.cause(why.one_line()),
        Ok(()) => e,
    })?;
    Ok(took)
}

/// Every process has something to do here; the time since `since` when all of it is done.
fn works(trial: &Trial, since: Instant) -> Result<Duration> {
    trial.until("an answer of the API", PATIENCE, || Ok(trial.kubectl()?.is_ready().then_some(())))?;
    // Calls may still fail in the first moments, for example while etcd elects itself.
    let insist = |what: &str, act: &dyn Fn() -> Result<()>| {
        let mut last = None;
        let done = || Ok(act().map_err(|e| last = Some(e)).ok());
        let result = trial.until(what, PATIENCE, done).map(drop);
        result.map_err(|e| e.cause(last.map(|l| l.one_line()).unwrap_or_default()))
    };
    // The application controller makes it again. The Rollouts controller (1.9.1) adds its hash only when it looks at the
    // Rollout next, which is why this comes first.
    let service = Reference { kind: "service", name: "order-api", namespace: "ecommerce" };
    let uid = || trial.field("service", "order-api", "/metadata/uid");
    let mut before = None;
    let deleted = || Ok(uid().and_then(|uid| trial.kubectl()?.delete(&service).map(|()| before = uid)).ok());
    trial.until("the deletion of Service order-api", PATIENCE, deleted)?;
    let again = || Ok(uid().ok().flatten().filter(|now| Some(now) != before.as_ref()));
    trial.until("the return of Service order-api", PATIENCE, again)?;
    // The Rollouts controller makes it again; controller manager, scheduler and kwok bring its pods.
    insist("another ReplicaSet", &|| replace_replica_set(trial))?;
    let hash = || trial.field("service", "order-api", "/spec/selector/rollouts-pod-template-hash");
    trial.until("the hash of the Rollouts controller in Service order-api", PATIENCE, hash)?;
    // The repo-server renders without its cache.
    let refresh = "argocd.argoproj.io/refresh";
    insist("a hard refresh", &|| trial.kubectl()?.annotate(KIND, &[APPLICATION], NAMESPACE, &format!("{refresh}=hard")))?;
    let refreshed = || Ok(application(trial)?.pointer("/metadata/annotations").and_then(|a| a.get(refresh)).is_none().then_some(()));
    trial.until("the end of a hard refresh", PATIENCE, refreshed)?;
    // The ApplicationSet controller keeps the labels of its Applications.
    let label = json!({ "metadata": { "labels": { "app.kubernetes.io/type": "changed" } } });
    let what = Reference { kind: KIND, name: APPLICATION, namespace: NAMESPACE };
    insist("a changed label", &|| trial.kubectl()?.patch(&what, &label))?;
    let back = || {
        let live = application(trial)?;
        let labels = live.pointer("/metadata/labels").and_then(|l| l.get("app.kubernetes.io/type")).and_then(Value::as_str);
        Ok((labels == Some("service")).then_some(()))
    };
    trial.until("the label's return", PATIENCE, back)?;
    let server = trial.ports()?.get(Port::ArgocdServer);
    trial.until("an answer of argocd-server", PATIENCE, || Ok(answers(server).then_some(())))?;
    Ok(since.elapsed())
}

fn application(trial: &Trial) -> Result<Value> {
    let what = Reference { kind: KIND, name: APPLICATION, namespace: NAMESPACE };
    trial.kubectl()?.find(&what)?.ok_or_else(|| Error::failed(format!("there is no Application {APPLICATION}")))
}

/// Deletes the ReplicaSet of a Rollout and waits until another one has all its pods Ready.
fn replace_replica_set(trial: &Trial) -> Result<()> {
    let kubectl = trial.kubectl()?;
    let selector = "app.kubernetes.io/instance=order-service-dev";
    let number = |set: &Value, pointer: &str| set.pointer(pointer).and_then(Value::as_i64).unwrap_or_default();
    let sets = || -> Result<Vec<Value>> {
        let all = kubectl.list(&["replicasets", "--namespace", "ecommerce", "--selector", selector])?;
        Ok(all.into_iter().filter(|set| number(set, "/spec/replicas") > 0).collect())
    };
    let uid = |set: &Value| set.pointer("/metadata/uid").cloned();
    let before = sets()?;
    let victim = before.first().and_then(|set| set.pointer("/metadata/name")?.as_str());
    let victim = victim.ok_or_else(|| Error::failed("order-api has no ReplicaSet"))?;
    kubectl.delete(&Reference { kind: "replicaset", name: victim, namespace: "ecommerce" })?;
    let is_new = |set: &Value| !before.iter().any(|old| uid(old) == uid(set));
    let complete = |set: &Value| number(set, "/status/readyReplicas") == number(set, "/spec/replicas");
    let again = || Ok(sets()?.iter().any(|set| is_new(set) && complete(set)).then_some(()));
    trial.until("another ReplicaSet of order-api with its pods", Duration::from_secs(60), again).map(drop)
}
