//! `cargo xtask dev-status`: the whole picture on one page.

use std::collections::BTreeMap;

use serde_json::Value;

use super::dev_down::running;
use super::ecr_status;
use crate::argocd::applications::{self, Application};
use crate::cluster::{self, Seen};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::expansion;
use crate::forwards;
use crate::registry::Registry;
use crate::supervisor::Files;
use crate::tools::Kubectl;
use crate::ui::{Table, count};

/// Show engine, Applications by wave, pods, addresses, and what to do next
#[derive(clap::Args)]
#[command(after_long_help = "Engines: k3d, kwok\n\nExamples:\n  cargo xtask dev-status\n  cargo xtask dev-status --no-progress")]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("dev-status")?;
    let cluster = cluster::of(cx)?;
    cx.ui.out(cluster::introduction(cx)?);
    match cluster.look(cx)? {
        Seen::Running(fact) => cx.ui.out(format!("cluster: {fact}")),
        seen => {
            // One that this clone did not begin, or lost the memory of, is taken up by the whole way.
            let start = if cluster.is_begun(cx) { "dev-up" } else { "dev-init" };
            let (what, next) = match seen {
                Seen::Blocked { why, hint } => (format!("cannot run: {why}\nHint: {hint}"), start),
                Seen::Nothing => ("there is none in this clone".to_string(), "dev-init"),
                Seen::Stopped => ("stopped; its data is kept".to_string(), start),
                Seen::Half(why) | Seen::Running(why) => (format!("does not work: {why}"), start),
            };
            cx.ui.out(format!("cluster: {what}\n\nnext: cargo xtask {next}"));
            return Ok(Exit::Done);
        }
    }
    if !cluster.runs_containers() {
        processes(cx);
    }
    let kubectl = Kubectl::new(cx, cluster.context_name(cx))?;
    let live = applications::list(&kubectl)?;
    cx.ui.out(format!("\n{}", table(cx, &live)?));
    cx.ui.out(format!("\n{}", pods(&kubectl.list(&["pods", "--all-namespaces"])?)));
    if let Ok(registry) = Registry::parse(&cx.environment.registry)
        && cluster.runs_containers()
    {
        let (login, exit) = ecr_status::describe(&registry.live_login(&kubectl)?);
        let images = if exit == Exit::Done { "the shop's own images" } else { "the public stand-in image" };
        cx.ui.out(format!("\nservices: {images}; {login}"));
    }
    let addresses = [cluster.addresses(cx), forwards::addresses(cx)].concat();
    cx.ui.out(format!("\n{}", addresses.join("\n")));
    cx.ui.out(if cluster.runs_containers() { "\nnot like prod on this engine:" } else { "\nsimulated on this engine:" });
    for what in cluster.simulated() {
        cx.ui.out(format!("  - {what}"));
    }
    cx.ui.out(format!("\n{}", next(cx, &live)?));
    Ok(Exit::Done)
}

fn processes(cx: &Context) {
    let running = running(cx);
    let watched = Files::new(&cx.state_dir()).supervisor().is_some();
    let watcher = if watched { "a supervisor restarts what dies" } else { "no supervisor: nothing restarts what dies" };
    cx.ui.out(format!("processes: {} running; {watcher}", count(running.len() - usize::from(watched), "process")));
}

/// Applications in the order of their waves; those that should exist and do not are rows too.
pub fn table(cx: &Context, live: &[Application]) -> Result<Table> {
    let mut table = Table::new(&["WAVE", "APPLICATION", "SYNC", "HEALTH", "OBJECTS", "MESSAGE"]);
    let wave = |a: &Application| a.wave.map_or_else(|| "root".to_string(), |w| w.to_string());
    for a in live {
        table.row([wave(a), a.name.clone(), a.sync.clone(), a.health.clone(), a.objects.to_string(), cut(&a.message())]);
    }
    for expected in expansion::expected(cx)? {
        for component in expected.components.iter().filter(|c| !live.iter().any(|a| a.name == c.application)) {
            let dash = || "-".to_string();
            table.row([expected.number.to_string(), component.application.clone(), dash(), dash(), dash(), "not generated yet".into()]);
        }
    }
    Ok(table)
}

/// A table stays readable; `argocd -- app get` has the whole message.
fn cut(message: &str) -> String {
    if message.chars().count() <= 100 { message.to_string() } else { format!("{}…", message.chars().take(99).collect::<String>()) }
}

/// Pods per namespace: how many are ready.
fn pods(pods: &[Value]) -> Table {
    let mut counts: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for pod in pods {
        let namespace = pod.pointer("/metadata/namespace").and_then(Value::as_str).unwrap_or_default();
        let conditions = pod.pointer("/status/conditions").and_then(Value::as_array);
        let ready = conditions.is_some_and(|c| c.iter().any(|c| c["type"] == "Ready" && c["status"] == "True"));
        let completed = pod.pointer("/status/phase").is_some_and(|p| p == "Succeeded");
        let entry = counts.entry(namespace).or_default();
        entry.0 += 1;
        entry.1 += usize::from(ready);
        entry.2 += usize::from(completed);
    }
    let mut table = Table::new(&["NAMESPACE", "PODS", "READY", "COMPLETED"]);
    for (namespace, (all, ready, completed)) in counts {
        table.row([namespace.to_string(), all.to_string(), ready.to_string(), completed.to_string()]);
    }
    table
}

/// The one thing to do now.
fn next(cx: &Context, live: &[Application]) -> Result<String> {
    let waves = expansion::expected(cx)?;
    let expected = 1 + waves.iter().map(|w| w.components.len()).sum::<usize>();
    let unready = live.iter().find(|a| !a.is_ready());
    Ok(match unready {
        Some(a) if a.name != crate::argocd::ROOT => format!("next: cargo xtask argocd -- app get {}", a.name),
        Some(_) => "next: cargo xtask dev-init (waits, and says for what)".to_string(),
        None if live.len() < expected => "next: cargo xtask dev-init".to_string(),
        None if !cx.git().is_current()? => "next: cargo xtask dev-init (the working tree has changed since)".to_string(),
        None => "everything is as the working tree says".to_string(),
    })
}
