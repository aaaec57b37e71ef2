//! A service in canary mode, released by the real Rollouts controller beside an Argo CD that heals; then one service more.
//!
//! One small cluster for both: mesh policy, data stores and two services.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Report, Verdict, expect};
use crate::argocd::applications;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::tools::Reference;
use crate::trial::{Trial, Watch};
use crate::ui::{count, seconds};

const PATIENCE: Duration = Duration::from_secs(90);
const ROLLOUT: &str = "rollouts.argoproj.io";
const ROUTE: &str = "virtualservices.networking.istio.io";
/// The share of the new version, from before its release until it is the stable one: the steps of charts/library/service.
const STEPS: [i64; 6] = [0, 10, 30, 60, 100, 0];

pub fn run(cx: &Context, report: &mut Report<'_>) -> Result<()> {
    let mut ready = None;
    report.check("canary: cluster", || {
        let trial = small_shop(cx)?;
        let took = trial.run(&["dev-init"])?.succeeded()?.took;
        let total = super::cluster::all_ready(&trial)?;
        ready = Some(trial);
        Ok(Verdict::Passed(format!("{}, product-service in canary mode, in {}", count(total, "Application"), seconds(took))))
    })?;
    let Some(trial) = ready else {
        CHECKS.iter().for_each(|(name, _)| report.skip(name, "there is no cluster to try it on"));
        return Ok(());
    };
    for (name, check) in CHECKS {
        report.check(name, || check(&trial))?;
    }
    report.check("canary: dev-clean", || super::cluster::clean(&trial))?;
    Ok(())
}

type Check = fn(&Trial) -> Result<Verdict>;

const CHECKS: [(&str, Check); 2] = [("canary: release", release), ("new service", one_more)];

fn small_shop(cx: &Context) -> Result<Trial> {
    let trial = Trial::new(cx)?;
    for wave in ["02-monitoring", "10-kafka"] {
        trial.remove(&format!("argocd/applicationsets/{wave}.yaml"))?;
    }
    trial.edit("argocd/applicationsets/30-services.yaml", |text| {
        let kept = |line: &&str| {
            let service = line.trim().strip_prefix("- component: ");
            service.is_none_or(|name| ["product-service", "recommendation-service"].contains(&name))
        };
        text.lines().filter(kept).map(|line| format!("{line}\n")).collect()
    })?;
    trial.append("config/dev/product-service.yaml", "\nstrategy: canary\n")?;
    trial.append("config/dev/istio.yaml", "\ncanary: [product-api]\n")?;
    // Time enough to interfere at every step.
    trial.edit("config/engine/kwok.yaml", |text| text.replace("pauseSeconds: 2", "pauseSeconds: 10"))?;
    Ok(trial)
}

/// What was seen while a new version came.
#[derive(Default)]
struct Seen {
    /// The canary's weights, each as often as it was set anew.
    weights: Vec<i64>,
    /// States of the Application that the route belongs to, without repetition.
    states: Vec<String>,
}

impl Seen {
    fn note<T: PartialEq>(list: &mut Vec<T>, value: T) {
        if list.last() != Some(&value) {
            list.push(value);
        }
    }
}

fn release(trial: &Trial) -> Result<Verdict> {
    let started = Instant::now();
    let hash = || trial.field(ROLLOUT, "product-api", "/status/stableRS");
    let before = hash()?;
    let seen = Arc::new(Mutex::new(Seen::default()));
    let _watches = watch(trial, &seen)?;
    let line = |line: &str| if line.starts_with("  tag:") { "  tag: v1.4.4".to_string() } else { line.to_string() };
    trial.edit("charts/services/product-service/values.yaml", |text| text.lines().map(|l| line(l) + "\n").collect())?;
    let run = trial.start(&["dev-sync"])?;

    // At the second step somebody changes the very object whose weights are moved, and Argo CD sets it right.
    let weight = |wanted: i64| move || Ok((trial.field(ROUTE, "product-api-vs", WEIGHT)? == Some(json!(wanted))).then_some(()));
    trial.until("the second step", PATIENCE, weight(30))?;
    let healed = heal(trial)?;
    let weight_after = trial.field(ROUTE, "product-api-vs", WEIGHT)?;
    expect(weight_after == Some(json!(30)), format!("self-heal changed the weight: {weight_after:?} instead of 30"))?;

    let settled = || {
        let done = trial.field(ROLLOUT, "product-api", "/status/phase")? == Some(json!("Healthy")) && hash()? != before;
        Ok((done && trial.field(ROUTE, "product-api-vs", WEIGHT)? == Some(json!(0))).then_some(()))
    };
    trial.until("the end of the release", PATIENCE, settled).map_err(|e| e.cause(words(&seen)))?;
    run.wait()?.succeeded()?;
    super::cluster::all_ready(trial)?;
    expect(hash()? == trial.field("service", "product-api", SELECTED)?, "the stable Service does not select the new version")?;
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    expect(seen.weights == STEPS, format!("the weights were {:?} instead of {STEPS:?}", seen.weights))?;
    let away = seen.states.iter().filter(|s| *s != "Synced").count();
    expect(away <= 1, format!("istio-dev was {:?}: moving weights must not count as a difference", seen.states))?;
    Ok(Verdict::Passed(format!(
        "weights {:?}; a change by hand to that route was healed after {} and left them alone; {}",
        seen.weights,
        seconds(healed),
        seconds(started.elapsed())
    )))
}

/// The canary is the second destination.
const WEIGHT: &str = "/spec/http/0/route/1/weight";
const SELECTED: &str = "/spec/selector/rollouts-pod-template-hash";

/// Notes every change of the route and of its Application.
fn watch(trial: &Trial, seen: &Arc<Mutex<Seen>>) -> Result<[Watch; 2]> {
    let named = |object: &Value, name: &str| object.pointer("/metadata/name").is_some_and(|n| n == name);
    let note = Arc::clone(seen);
    let route = trial.watch(ROUTE, "ecommerce", move |object| {
        if let Some(weight) = object.pointer(WEIGHT).and_then(Value::as_i64).filter(|_| named(object, "product-api-vs")) {
            Seen::note(&mut note.lock().unwrap_or_else(PoisonError::into_inner).weights, weight);
        }
        true
    })?;
    let note = Arc::clone(seen);
    let application = trial.watch(applications::KIND, crate::argocd::NAMESPACE, move |object| {
        if named(object, "istio-dev") {
            let state = applications::Application::from(object).sync;
            Seen::note(&mut note.lock().unwrap_or_else(PoisonError::into_inner).states, state);
        }
        true
    })?;
    Ok([route, application])
}

fn words(seen: &Mutex<Seen>) -> String {
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    format!("weights {:?}, istio-dev {:?}", seen.weights, seen.states)
}

/// Changes a label of the route by hand; the time until it was back.
fn heal(trial: &Trial) -> Result<Duration> {
    let label = "/metadata/labels/app.kubernetes.io~1part-of";
    let before = trial.field(ROUTE, "product-api-vs", label)?;
    let route = Reference { kind: ROUTE, name: "product-api-vs", namespace: "ecommerce" };
    trial.kubectl()?.patch(&route, &json!({ "metadata": { "labels": { "app.kubernetes.io/part-of": "by-hand" } } }))?;
    let back = || Ok((trial.field(ROUTE, "product-api-vs", label)? == before).then_some(()));
    Ok(trial.until("the healing of the route", PATIENCE, back)?.1)
}

/// `new-service` and nothing else: the service is up, with its database and its place in the mesh.
fn one_more(trial: &Trial) -> Result<Verdict> {
    let started = Instant::now();
    let added = trial.run(&["new-service", "wishlist", "--yes"])?.succeeded()?;
    let again = trial.run(&["new-service", "wishlist"])?.succeeded()?;
    expect(again.stdout.is_empty(), "a second new-service has something to add").map_err(|e| e.cause(again.stdout.clone()))?;
    trial.run(&["dev-init"])?.succeeded()?;
    let total = super::cluster::all_ready(trial)?;
    let live = applications::list(&trial.kubectl()?)?;
    expect(live.iter().any(|a| a.name == "wishlist-service-dev" && a.is_ready()), "wishlist-service-dev does not exist")?;
    let objects = [
        (ROLLOUT, "wishlist-api"),
        (ROUTE, "wishlist-api-vs"),
        ("destinationrules.networking.istio.io", "wishlist-api-dr"),
        ("statefulsets.apps", "wishlist-db"),
        ("secrets", "wishlist-db-credentials"),
        ("secrets", "wishlist-api-secret"),
    ];
    for (kind, name) in objects {
        let found = trial.kubectl()?.find(&Reference { kind, name, namespace: "ecommerce" })?;
        found.ok_or_else(|| Error::failed(format!("there is no {kind} {name}")))?;
    }
    let files = added.stdout.lines().filter(|l| l.starts_with("+++ ") || l.starts_with("new file ")).count();
    Ok(Verdict::Passed(format!(
        "wishlist-service is up, one of {}, from {} in {}",
        count(total, "Application"),
        count(files, "changed file"),
        seconds(started.elapsed())
    )))
}
