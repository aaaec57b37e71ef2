//! The development cluster for real: up from nothing in a throw-away clone, used, broken, mended, stopped, deleted.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use base64::Engine as _;
use memchr::memmem;
use serde_json::{Value, json};

use super::{Report, Verdict, expect};
use crate::argocd::applications;
use crate::argocd::timeline::Recorder;
use crate::cluster::{Kwok, Port};
use crate::context::Context;
use crate::crashes::as_if_nothing_happened;
use crate::error::{Error, Result};
use crate::expansion;
use crate::proc::{self, Identity};
use crate::tools::{Kubectl, Reference};
use crate::trial::{Blow, Trial, listening, writes_since};
use crate::ui::{count, seconds};

/// Nothing here is a measurement; a slow machine must not fail a check.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn run(cx: &Context, report: &mut Report<'_>) -> Result<()> {
    let mut clone = None;
    let begun = report.check("clone", || {
        let trial = clone.insert(Trial::new(cx)?);
        Ok(Verdict::Passed(format!("the working tree, {}", count(trial.files()?.len(), "file"))))
    })?;
    let Some(trial) = clone.filter(|_| begun) else {
        skip_all(report, "the working tree could not be cloned");
        return Ok(());
    };
    if report.check("dev-init", || from_nothing(&trial))? {
        for (name, check) in ON_A_HEALTHY_CLUSTER {
            report.check(name, || check(&trial))?;
        }
    } else {
        skip_all(report, "dev-init did not succeed");
    }
    report.check("dev-clean", || clean(&trial))?;
    report.check("crashes", || crashes(&trial))?;
    report.check("broken wave", || broken_wave(&trial))?;
    Ok(())
}

type Check = fn(&Trial) -> Result<Verdict>;

/// What is tried once everything is up, in this order: each leaves it as healthy as it was.
const ON_A_HEALTHY_CLUSTER: [(&str, Check); 14] = [
    ("dev-status", status),
    ("again", second_run),
    // After the one that compares files: it edits one and takes it back, so git looks at it anew.
    ("verify-offline", |trial| super::verify_offline::check(trial, "dev")),
    ("self-heal", self_heal),
    ("dev-sync", super::sync::check),
    ("operations", super::operations::check),
    ("every command", super::every_command::check),
    ("kafka", super::kafka::check),
    ("sockets", sockets),
    ("secrecy", secrecy),
    ("restarts", restarts),
    ("down and up", down_and_up),
    ("forbidden kind", forbidden_kind),
    ("argocd as pods", |trial| super::argocd_pods::run(trial, all_ready)),
];

fn skip_all(report: &mut Report<'_>, why: &str) {
    ON_A_HEALTHY_CLUSTER.iter().for_each(|(name, _)| report.skip(name, why));
}

fn from_nothing(trial: &Trial) -> Result<Verdict> {
    let recorder = Recorder::start(&trial.cx, &trial.kubectl()?);
    let run = trial.run(&["dev-init"])?.succeeded();
    let order = recorder.finish().order();
    let run = run?;
    let total = all_ready(trial)?;
    Ok(Verdict::Passed(format!("{} in {}; {}", count(total, "Application"), seconds(run.took), order?)))
}

/// Every expected Application is there, Synced and Healthy; how many, with the root.
pub fn all_ready(trial: &Trial) -> Result<usize> {
    let live = applications::list(&trial.kubectl()?)?;
    let expected: Vec<String> = expansion::expected(&trial.cx)?.into_iter().flat_map(|w| w.components).map(|c| c.application).collect();
    for name in expected.iter().map(String::as_str).chain([crate::argocd::ROOT]) {
        let found = live.iter().find(|a| a.name == name).ok_or_else(|| Error::failed(format!("{name} does not exist")))?;
        expect(found.is_ready(), format!("{name} is {}, {}", found.sync, found.health))?;
    }
    Ok(live.len())
}

fn status(trial: &Trial) -> Result<Verdict> {
    let page = trial.run(&["dev-status"])?.succeeded()?.stdout;
    for text in ["order-service-dev", "Healthy", "simulated on this engine:", "everything is as the working tree says"] {
        expect(page.contains(text), format!("dev-status does not say `{text}`")).map_err(|e| e.cause(page.clone()))?;
    }
    Ok(Verdict::Passed(format!("{} that name Applications, pods and what is simulated", count(page.lines().count(), "line"))))
}

fn second_run(trial: &Trial) -> Result<Verdict> {
    let log = Kwok::audit_log(&trial.cx);
    let offset = std::fs::metadata(&log)?.len();
    let before = trial.files()?;
    let run = trial.run(&["dev-init"])?.succeeded()?;
    let writes = writes_since(&log, offset)?;
    expect(writes.is_empty(), format!("a second dev-init wrote to the cluster: {writes:?}"))?;
    let after = trial.files()?;
    let changed: Vec<String> = after.iter().filter(|f| !before.contains(f)).map(|(p, _)| trial.cx.repo.shown(p)).collect();
    expect(before == after, format!("a second dev-init changed files: {}", changed.join(", ")))?;
    Ok(Verdict::Passed(format!("a second dev-init wrote nothing, in {}", seconds(run.took))))
}

fn self_heal(trial: &Trial) -> Result<Verdict> {
    let (service, scaled) = (heal_service(trial, "order-api")?, heal_rollout(trial, "store-api")?);
    Ok(Verdict::Passed(format!("a deleted Service was back after {}, a scaled Rollout after {}", seconds(service), seconds(scaled))))
}

/// Deletes a Service; the time until Argo CD made it again.
pub fn heal_service(trial: &Trial, name: &str) -> Result<Duration> {
    let before = trial.field("service", name, "/metadata/uid")?;
    expect(before.is_some(), format!("there is no Service {name}"))?;
    trial.kubectl()?.delete(&Reference { kind: "service", name, namespace: "ecommerce" })?;
    let again = || trial.field("service", name, "/metadata/uid").map(|now| now.filter(|n| Some(n) != before.as_ref()));
    Ok(trial.until(&format!("the return of Service {name}"), PATIENCE, again)?.1)
}

/// Scales a Rollout; the time until Argo CD set it back.
pub fn heal_rollout(trial: &Trial, name: &str) -> Result<Duration> {
    let before = trial.field("rollouts.argoproj.io", name, "/spec/replicas")?;
    let rollout = Reference { kind: "rollouts.argoproj.io", name, namespace: "ecommerce" };
    trial.kubectl()?.patch(&rollout, &json!({ "spec": { "replicas": 3 } }))?;
    let back = || Ok((trial.field("rollouts.argoproj.io", name, "/spec/replicas")? == before).then_some(()));
    Ok(trial.until(&format!("the old size of Rollout {name}"), PATIENCE, back)?.1)
}

fn sockets(trial: &Trial) -> Result<Verdict> {
    let pids: Vec<u32> = trial.processes().iter().map(|(_, who)| who.pid).collect();
    let Some(found) = listening(&pids)? else {
        return Ok(Verdict::Skipped("this system does not list sockets in /proc".into()));
    };
    let ports = trial.ports()?;
    let open: BTreeSet<u16> = found.iter().filter(|s| !s.is_loopback()).map(|s| s.port).collect();
    let known: BTreeSet<u16> = Port::ON_EVERY_ADDRESS.iter().map(|p| ports.get(*p)).collect();
    expect(open == known, format!("listening beyond loopback: {open:?}, known: {known:?}"))?;
    Ok(Verdict::Passed(format!("{} on loopback, {} known ones on every address", found.len() - open.len(), known.len())))
}

/// No value of a generated Secret stands in an argument, a log, the journal, or any other file but the database.
fn secrecy(trial: &Trial) -> Result<Verdict> {
    let secrets = trial.kubectl()?.list(&["secrets", "--all-namespaces", "--selector", "app.kubernetes.io/managed-by=cargo-xtask"])?;
    let mut values: BTreeSet<Vec<u8>> = BTreeSet::new();
    for encoded in secrets.iter().filter_map(|s| s["data"].as_object()).flat_map(|d| d.values()).filter_map(Value::as_str) {
        let decoded = base64::engine::general_purpose::STANDARD.decode(encoded).unwrap_or_default();
        // Short ones are names such as `order`, and stand everywhere.
        if decoded.len() >= 16 && !decoded.starts_with(b"http") {
            values.insert(decoded);
            values.insert(encoded.as_bytes().to_vec());
        }
    }
    expect(values.len() > 20, format!("only {} secret values found", values.len()))?;
    let leak = |text: &[u8]| values.iter().any(|value| memmem::find(text, value).is_some());
    for (name, who) in trial.processes() {
        let arguments = std::fs::read(format!("/proc/{}/cmdline", who.pid)).unwrap_or_default();
        expect(!leak(&arguments), format!("a secret in the arguments of {name}"))?;
    }
    let mut looked = 0;
    let mut folders = vec![trial.cx.state_dir()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let is_database = path.file_name().is_some_and(|n| n == "etcd") || path.components().any(|c| c.as_os_str() == "pki");
            if path.is_dir() && !path.is_symlink() && !is_database {
                folders.push(path);
            } else if path.is_file() && !is_database && !path.is_symlink() {
                looked += 1;
                expect(!leak(&std::fs::read(&path)?), format!("a secret in {}", trial.cx.repo.shown(&path)))?;
            }
        }
    }
    Ok(Verdict::Passed(format!("{} values looked for in arguments and {}", values.len() / 2, count(looked, "file"))))
}

/// Each process beside the control plane is killed; the supervisor starts it again, and Argo CD is content.
fn restarts(trial: &Trial) -> Result<Verdict> {
    let names = ["redis", "argocd-repo-server", "argocd-application-controller", "argocd-applicationset-controller", "argocd-server"];
    let names = names.into_iter().chain(["rollouts-controller", "kube-apiserver"]);
    let mut slowest = Duration::ZERO;
    let mut killed = 0;
    for name in names {
        let find = || trial.processes().into_iter().find(|(n, _)| n == name).map(|(_, who)| who);
        let victim: Identity = find().ok_or_else(|| Error::failed(format!("{name} does not run")))?;
        proc::kill(&victim);
        let again = || Ok(find().filter(|now| *now != victim));
        slowest = slowest.max(trial.until(&format!("the restart of {name}"), PATIENCE, again)?.1);
        killed += 1;
    }
    trial.run(&["dev-init", "--quiet"])?.succeeded()?;
    // A comparison that began while its repo-server was gone may end after dev-init has looked.
    trial.until("every Application after the restarts", PATIENCE, || Ok(all_ready(trial).ok()))?;
    Ok(Verdict::Passed(format!("{} killed and back, the slowest after {}", count(killed, "process"), seconds(slowest))))
}

fn down_and_up(trial: &Trial) -> Result<Verdict> {
    let secret = || trial.field("secret", "order-db-credentials", "/metadata/uid");
    let before = secret()?;
    let pids: Vec<Identity> = trial.processes().into_iter().map(|(_, who)| who).collect();
    trial.run(&["dev-down"])?.succeeded()?;
    expect(pids.iter().all(|who| !who.is_alive()), "dev-down left processes behind")?;
    let run = trial.run(&["dev-up"])?.succeeded()?;
    let total = all_ready(trial)?;
    expect(secret()? == before && before.is_some(), "dev-up did not keep the data")?;
    Ok(Verdict::Passed(format!("{} back in {}, data kept", count(total, "Application"), seconds(run.took))))
}

fn forbidden_kind(trial: &Trial) -> Result<Verdict> {
    let file = "charts/services/order-service/templates/forbidden.yaml";
    trial.append(file, "apiVersion: v1\nkind: LimitRange\nmetadata:\n  name: forbidden\nspec:\n  limits: []\n")?;
    let run = trial.run(&["dev-init"])?.failed_with(3, "`order-service-dev` cannot become healthy without a change")?;
    expect(run.stderr.contains("LimitRange"), format!("the kind is not named: {}", run.stderr))?;
    trial.remove(file)?;
    trial.run(&["dev-init"])?.succeeded()?;
    Ok(Verdict::Passed(format!("a kind that the project forbids was named after {}, and mended", seconds(run.took))))
}

/// The small version of `bench crashes`: dev-init killed twice on the way, dev-up once.
fn crashes(trial: &Trial) -> Result<Verdict> {
    let started = Instant::now();
    // While the control plane is made, and while the waves come: on most machines, and harmless where not.
    for moment in [Duration::from_secs(2), Duration::from_secs(15)] {
        trial.start(&["dev-init"])?.end_at(trial, moment, Blow::Kill)?;
    }
    trial.run(&["dev-init"])?.succeeded()?;
    as_if_nothing_happened(trial)?;
    trial.run(&["dev-down"])?.succeeded()?;
    trial.start(&["dev-up"])?.end_at(trial, Duration::from_secs(1), Blow::Kill)?;
    trial.run(&["dev-up"])?.succeeded()?;
    as_if_nothing_happened(trial)?;
    clean(trial)?;
    Ok(Verdict::Passed(format!("dev-init killed twice, dev-up once, each mended by its next run; {}", seconds(started.elapsed()))))
}

/// A chart of wave 2 that does not render, from nothing: later waves wait, dev-init says why. Without the wave dev-sync goes on
/// at once, though the root still waits for it; with the wave mended, all of it comes.
fn broken_wave(trial: &Trial) -> Result<Verdict> {
    let file = "charts/monitoring/templates/broken.yaml";
    trial.append(file, "{{ fail \"broken on purpose\" }}\n")?;
    let run = trial.run(&["dev-init"])?.failed_with(3, "`monitoring-dev` cannot become healthy without a change")?;
    expect(run.stderr.contains("broken on purpose"), format!("Helm's own words are missing: {}", run.stderr))?;
    let later: Vec<String> = applications_of_later_waves(&trial.kubectl()?)?;
    expect(later.is_empty(), format!("later waves did not wait: {}", later.join(", ")))?;
    let set = "argocd/applicationsets/02-monitoring.yaml";
    let text = std::fs::read_to_string(trial.root().join(set))?;
    trial.remove(set)?;
    // Less than the operation that waits has left by itself.
    let without = trial.run(&["dev-sync", "--timeout", "200"])?.succeeded()?;
    trial.append(set, &text)?;
    trial.remove(file)?;
    trial.run(&["dev-init"])?.succeeded()?;
    all_ready(trial)?;
    clean(trial)?;
    Ok(Verdict::Passed(format!(
        "named after {}; later waves waited; without the wave the others came after {}, and it too after the repair",
        seconds(run.took),
        seconds(without.took)
    )))
}

fn applications_of_later_waves(kubectl: &Kubectl) -> Result<Vec<String>> {
    let later = applications::list(kubectl)?.into_iter().filter(|a| a.wave.is_some_and(|w| w > 2));
    Ok(later.map(|a| a.name).collect())
}

/// Deletes everything; nothing may be left: no process, no port, no file.
pub fn clean(trial: &Trial) -> Result<Verdict> {
    let pids: Vec<Identity> = trial.processes().into_iter().map(|(_, who)| who).collect();
    let ports = trial.ports().ok();
    trial.run(&["dev-clean", "--yes"])?.succeeded()?;
    expect(pids.iter().all(|who| !who.is_alive()), "dev-clean left processes behind")?;
    let taken = ports.and_then(|p| p.taken());
    expect(taken.is_none(), format!("dev-clean left a listening port: {taken:?}"))?;
    let left = [trial.root().join(".xtask"), trial.cx.kubeconfig()].into_iter().find(|p| p.exists());
    expect(left.is_none(), format!("dev-clean left {left:?}"))?;
    let rows = trial.process_table().unwrap_or_default();
    expect(rows.is_empty(), format!("dev-clean left {}", rows.first().map(ToString::to_string).unwrap_or_default()))?;
    Ok(Verdict::Passed(format!("{} and every file gone", count(pids.len(), "process"))))
}
