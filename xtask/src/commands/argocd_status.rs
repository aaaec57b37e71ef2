//! `cargo xtask argocd-status`: Argo CD's pods or processes, ApplicationSets and Applications.

use serde_json::Value;

use super::dev_status;
use crate::argocd::{NAMESPACE, applications};
use crate::cluster;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::objects;
use crate::supervisor::Files;
use crate::ui::Table;

/// Show Argo CD itself, its ApplicationSets and Applications
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d (its pods), kwok (its processes)\n\nExamples:\n  cargo xtask argocd-status\n  cargo xtask argocd-status --env dev"
)]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("argocd-status")?;
    let kubectl = super::running_kubectl(cx)?;
    if cluster::of(cx)?.runs_containers() {
        cx.ui.out(objects::pods(&kubectl.list(&["pods", "--namespace", NAMESPACE])?));
    } else {
        cx.ui.out(processes(cx));
    }

    let mut sets = Table::new(&["WAVE", "APPLICATIONSET", "STATE"]);
    let mut rows: Vec<(i64, [String; 3])> = Vec::new();
    for set in kubectl.list(&["applicationsets.argoproj.io", "--namespace", NAMESPACE])? {
        let text = |pointer: &str| set.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_string();
        let wave = text("/metadata/annotations/argocd.argoproj.io~1sync-wave");
        rows.push((wave.parse().unwrap_or(i64::MAX), [wave, text("/metadata/name"), state_of(&set)]));
    }
    rows.sort();
    rows.into_iter().for_each(|(_, row)| sets.row(row));
    cx.ui.out(format!("\n{sets}"));
    cx.ui.out(format!("\n{}", dev_status::table(cx, &applications::list(&kubectl)?)?));
    Ok(Exit::Done)
}

fn processes(cx: &Context) -> Table {
    let files = Files::new(&cx.state_dir());
    let mut table = Table::new(&["PROCESS", "PID", "LOG"]);
    for (name, who) in files.processes() {
        let log = cx.repo.shown(&files.logs().join(format!("{name}.log")));
        table.row([name, who.pid.to_string(), log]);
    }
    table
}

/// The error of an ApplicationSet, or how many of its Applications are ready.
fn state_of(set: &Value) -> String {
    let conditions = set.pointer("/status/conditions").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(error) = conditions.iter().find(|c| c["type"] == "ErrorOccurred" && c["status"] == "True") {
        return error["message"].as_str().unwrap_or_default().to_string();
    }
    let resources = set.pointer("/status/resources").and_then(Value::as_array).cloned().unwrap_or_default();
    let ready = resources.iter().filter(|r| r["status"] == "Synced" && r.pointer("/health/status").is_some_and(|h| h == "Healthy")).count();
    format!("{ready} of {} Synced and Healthy", resources.len())
}
