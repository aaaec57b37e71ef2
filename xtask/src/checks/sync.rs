//! The daily loop for real: files of a throw-away clone change, dev-sync brings the change, and the cluster shows it.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Verdict, expect};
use crate::argocd::applications;
use crate::error::{Context as _, Error, Result};
use crate::tools::Reference;
use crate::trial::{Run, Trial, Watch};
use crate::ui::seconds;

/// Nothing here is a measurement; a slow machine must not fail a check.
const PATIENCE: Duration = Duration::from_secs(120);

const SERVICES: [&str; 7] =
    ["customer-api", "order-api", "payment-api", "product-api", "recommendation-api", "saga-tracker-api", "store-api"];

/// How long a change took.
pub struct Times {
    /// From the start of the command until the live object had it.
    pub live: Duration,
    /// Until the command ended: everything Synced and Healthy, the Rollout promoted.
    pub healthy: Duration,
}

/// The check of `ci`: each kind of change once.
pub fn check(trial: &Trial) -> Result<Verdict> {
    let values = values_change(trial, 1)?;
    let chart = chart_change(trial, 1)?;
    let (added, removed) = component_comes_and_goes(trial)?;
    let nothing = trial.run(&["dev-sync"])?.succeeded()?;
    Ok(Verdict::Passed(format!(
        "a changed value was live after {} and healthy after {}, a chart of seven services after {}, a new component after {}, its \
         removal after {}, nothing at all after {}",
        seconds(values.live),
        seconds(values.healthy),
        seconds(chart),
        seconds(added),
        seconds(removed),
        seconds(nothing.took)
    )))
}

/// One line of `config/dev/order-service.yaml` changes; `round` makes the value a new one.
pub fn values_change(trial: &Trial, round: usize) -> Result<Times> {
    let (file, key) = ("config/dev/order-service.yaml", "SPRING_PROFILES_ACTIVE");
    let value = format!("round-{round}");
    let hash = || trial.field("rollouts.argoproj.io", "order-api", "/status/blueGreen/activeSelector");
    let before = hash()?;
    let (seen, live) = watch_config_map(trial, "order-api-config", key, &value)?;
    trial.edit(file, |text| {
        let lines = text.lines().map(|l| if l.contains(key) { format!("  {key}: \"{value}\"") } else { l.to_string() });
        lines.collect::<Vec<_>>().join("\n") + "\n"
    })?;
    let started = Instant::now();
    let run = trial.run(&["dev-sync"])?.succeeded()?;
    let live = live.recv_timeout(PATIENCE).map_err(|_| Error::failed("the live ConfigMap never had the new value"))?;
    drop(seen);
    says(&run, &format!("changed ConfigMap order-api-config: data.{key}"))?;
    says(&run, "changed Rollout order-api: ")?;
    expect(hash()? != before, "the Rollout was not promoted: its active Service still points to the old pods")?;
    Ok(Times { live: live.duration_since(started), healthy: run.took })
}

/// A default of the library chart changes, and with it the pods of all seven services.
pub fn chart_change(trial: &Trial, round: usize) -> Result<Duration> {
    let timeout = 10 + round;
    trial.edit("charts/library/service/values.yaml", |text| {
        let (before, probes) = text.split_once("  liveness:").unwrap_or((text, ""));
        let changed = probes.lines().map(|l| {
            let is_it = l.trim_start().starts_with("timeoutSeconds:");
            if is_it { format!("    timeoutSeconds: {timeout}") } else { l.to_string() }
        });
        format!("{before}  liveness:{}\n", changed.collect::<Vec<_>>().join("\n"))
    })?;
    let run = trial.run(&["dev-sync"])?.succeeded()?;
    for name in SERVICES {
        says(&run, &format!("changed Rollout {name}: "))?;
        let live = trial.field("rollouts.argoproj.io", name, "/spec/template/spec/containers/0/livenessProbe/timeoutSeconds")?;
        expect(live == Some(json!(timeout)), format!("Rollout {name} has {live:?} instead of {timeout}"))?;
        let status = |pointer: &str| trial.field("rollouts.argoproj.io", name, pointer);
        expect(status("/status/blueGreen/activeSelector")? == status("/status/currentPodHash")?, format!("{name} was not promoted"))?;
    }
    Ok(run.took)
}

/// An eighth service is added to its wave and removed again; how long each took.
pub fn component_comes_and_goes(trial: &Trial) -> Result<(Duration, Duration)> {
    let (set, application) = ("argocd/applicationsets/30-services.yaml", "gift-service-dev");
    let renamed = |text: &str| text.replace("order", "gift");
    for file in ["Chart.yaml", "Chart.lock", "values.yaml", "values.schema.json", "templates/all.yaml"] {
        let text = std::fs::read_to_string(trial.root().join("charts/services/order-service").join(file))?;
        trial.append(&format!("charts/services/gift-service/{file}"), &renamed(&text))?;
    }
    let values = std::fs::read_to_string(trial.root().join("config/dev/order-service.yaml"))?;
    trial.append("config/dev/gift-service.yaml", &renamed(&values))?;
    let element = "                - component: order-service\n";
    trial.edit(set, |text| text.replace(element, &format!("{element}{}", renamed(element))))?;
    let added = trial.run(&["dev-sync"])?.succeeded()?;
    says(&added, "created Rollout gift-api")?;
    let found = applications::list(&trial.kubectl()?)?.into_iter().find(|a| a.name == application);
    let found = found.ok_or_else(|| Error::failed(format!("{application} does not exist")))?;
    expect(found.is_ready() && found.wave == Some(30), format!("{application} is {} in wave {:?}", found.health, found.wave))?;

    trial.edit(set, |text| text.replace(&renamed(element), ""))?;
    let removed = trial.run(&["dev-sync"])?.succeeded()?;
    says(&removed, "pruned Rollout gift-api")?;
    let left = applications::list(&trial.kubectl()?)?.into_iter().any(|a| a.name == application);
    expect(!left, format!("{application} is still there"))?;
    for (kind, name) in [("rollouts.argoproj.io", "gift-api"), ("service", "gift-api"), ("configmap", "gift-api-config")] {
        let what = Reference { kind, name, namespace: "ecommerce" };
        expect(trial.kubectl()?.find(&what)?.is_none(), format!("{kind} {name} is still there"))?;
    }
    std::fs::remove_dir_all(trial.root().join("charts/services/gift-service")).context("could not remove the chart again")?;
    trial.remove("config/dev/gift-service.yaml")?;
    Ok((added.took, removed.took))
}

fn says(run: &Run, text: &str) -> Result<()> {
    expect(run.stdout.contains(text), format!("dev-sync does not say `{text}`")).map_err(|e| e.cause(run.stdout.clone()))
}

/// Watches a ConfigMap of the shop; sends the moment at which `key` had `value`. Returns once the watch has begun.
fn watch_config_map(trial: &Trial, name: &'static str, key: &'static str, value: &str) -> Result<(Watch, mpsc::Receiver<Instant>)> {
    let (send, receive) = mpsc::channel();
    let value = value.to_string();
    let watch = trial.watch("configmaps", "ecommerce", move |object| {
        let is_it = object.pointer("/metadata/name").is_some_and(|n| n == name) && object["data"][key] == *value;
        if is_it {
            let _ = send.send(Instant::now());
        }
        !is_it
    })?;
    Ok((watch, receive))
}
