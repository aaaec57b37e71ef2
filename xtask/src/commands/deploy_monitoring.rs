//! `cargo xtask deploy-monitoring`: the monitoring as this repository says; by Argo CD where that owns it, else by Helm.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::monitoring_status::NAMESPACE;
use crate::argocd::sync;
use crate::cluster;
use crate::context::Context;
use crate::engine::{self, Journal, Step};
use crate::error::{Context as _, Error, Exit, Result};
use crate::repo::yaml;
use crate::steps;
use crate::tools::{Helm, Kubectl, Release};

/// Deploy the monitoring: through Argo CD where it is there, else with Helm
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d, kwok\n\nIt deploys charts/monitoring with config/ENV/monitoring.yaml and waits until everything is ready, at most 10 minutes. Where\nArgo CD owns the Application, it is told to look and to sync: it deploys the last snapshot, which dev-sync takes anew. A\ncluster without Argo CD gets a release of Helm's, after the kinds, namespaces and Secrets that it needs.\n\nExamples:\n  cargo xtask deploy-monitoring\n  cargo xtask deploy-monitoring --plan"
)]
pub struct Args {}

const COMPONENT: &str = "monitoring";

const WITHIN: Duration = Duration::from_secs(600);

/// Steps that bring what the chart assumes, where no Argo CD does it.
const STEPS: [&str; 6] = ["tools", "artifacts", "crds", "simulation", "namespaces", "secrets"];

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("deploy-monitoring")?;
    let kubectl = super::running_kubectl(cx)?;
    let name = format!("{COMPONENT}-{}", cx.env());
    match sync::find(&kubectl, &name)? {
        Some(application) => by_argocd(cx, &kubectl, &name, &application),
        None => by_helm(cx, &kubectl, &name),
    }
}

fn by_argocd(cx: &Context, kubectl: &Kubectl, name: &str, application: &Value) -> Result<Exit> {
    cx.ui.note(format!("Argo CD owns `{name}`: it deploys what the last snapshot of the working tree says"));
    if cx.plan {
        sync::plan(kubectl, name, application).iter().for_each(|call| cx.ui.out(format!("$ {}", call.command_line())));
        return Ok(Exit::Done);
    }
    // Nobody would look or sync.
    steps::require_processes(cx)?;
    super::exclusively(cx, "deploy-monitoring", |journal| {
        noted(cx, journal, "sync", || {
            let task = cx.ui.task("sync");
            sync::bring(cx, kubectl, name, cx.timeout_or(WITHIN), &task)?;
            task.done(&format!("{name} Synced and Healthy"));
            Ok(())
        })?;
        if !cx.git().is_current()? {
            cx.ui.warn("the working tree has changed since that snapshot; bring it: cargo xtask dev-sync");
        }
        Ok(Exit::Done)
    })
}

fn by_helm(cx: &Context, kubectl: &Kubectl, name: &str) -> Result<Exit> {
    cx.ui.note("no Argo CD owns the monitoring: Helm deploys it from the working tree");
    let cluster = cluster::of(cx)?;
    let steps: Vec<&dyn Step> = steps::all(cluster.engine()).iter().copied().filter(|s| STEPS.contains(&s.id())).collect();
    let values = [cx.repo.values(cx.env(), COMPONENT)];
    let chart = cx.repo.charts_dir().join(COMPONENT);
    let release = Release { name, chart: &chart, namespace: NAMESPACE, values: &values, overrides: Value::Null };
    let classes = priority_classes(cx)?;
    if cx.plan {
        engine::print_plan(cx, &steps)?;
        cx.ui.out(format!("$ {}", kubectl.apply_call(&classes)?.command_line()));
        let call = Helm::planned(cx, cluster.context_name(cx)).upgrade_call(&release, cx.timeout_or(WITHIN))?;
        cx.ui.out(format!("$ {}", call.command_line()));
        return Ok(Exit::Done);
    }
    super::exclusively(cx, "deploy-monitoring", |journal| {
        engine::run(cx, &steps, journal)?;
        noted(cx, journal, "release", || {
            let task = cx.ui.task("release");
            kubectl.apply(&classes)?;
            let helm = Helm::new(cx, cluster.context_name(cx))?;
            // What a killed Helm left: it refuses to go on with such a release, or to do anything with it but to delete it.
            if helm.find(name, NAMESPACE)?.is_some_and(|r| r.status.starts_with("pending") || r.status == "uninstalling") {
                task.update("a killed run left it half-done: it goes, and comes anew");
                helm.uninstall(name, NAMESPACE, cx.timeout_or(WITHIN))?;
            }
            task.update("Helm waits until everything is ready");
            helm.upgrade(&release, cx.timeout_or(WITHIN)).map_err(|e| not_ready(e, name))?;
            let installed = helm.find(name, NAMESPACE)?.ok_or_else(|| Error::failed(format!("there is no release `{name}` after all")))?;
            task.done(&format!("{} in {}, revision {}: {}", installed.chart, installed.namespace, installed.revision, installed.status));
            Ok(())
        })?;
        cx.ui.note("next: cargo xtask monitoring-status");
        Ok(Exit::Done)
    })
}

fn not_ready(e: Error, name: &str) -> Error {
    e.context(format!("the release `{name}` did not become ready")).hint("see what is pending: cargo xtask monitoring-status")
}

/// What Argo CD's first wave brings beside the namespaces: pods may name one.
fn priority_classes(cx: &Context) -> Result<Vec<Value>> {
    let dir = cx.repo.argocd_dir().join("manifest");
    let mut classes = Vec::new();
    for entry in std::fs::read_dir(&dir).with_context(|| format!("could not read {}", cx.repo.shown(&dir)))? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "yaml") {
            classes.extend(yaml::read_all(&path)?.into_iter().filter(|o| o["kind"] == "PriorityClass"));
        }
    }
    Ok(classes)
}

fn noted(cx: &Context, journal: &Journal, id: &'static str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    let started = Instant::now();
    let result = work();
    journal.step(id, started.elapsed(), result.as_ref().map(|()| true).map_err(|e| e.one_line()));
    cx.runner.interrupt().check()?;
    result
}
