//! `cargo xtask dev-logs [COMPONENT]`: what the environment's processes print; on engines with containers, its pods.

use std::ffi::OsString;
use std::time::Duration;

use crate::cluster;
use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::expansion;
use crate::logs::{self, Follower, Log};
use crate::ui::{Table, bytes, count, seconds};

/// Show the log of a part of the cluster, or list what has one
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: kwok, k3d\n\nOn kwok Argo CD, its helpers and the control plane are plain processes with logs of their own, also when the cluster is stopped; pods are simulated and print nothing. On k3d it shows what the pods print.\nA part of a name is enough if only one has it. -f goes on until Ctrl-C.\n\nExamples:\n  cargo xtask dev-logs\n  cargo xtask dev-logs repo-server --lines 200\n  cargo xtask dev-logs kube-apiserver -f"
)]
pub struct Args {
    /// Whose log; without it, the list of what has one
    component: Option<String>,
    /// Go on with what comes
    #[arg(short, long)]
    follow: bool,
    /// How many of the last lines
    #[arg(long, default_value_t = 50, value_name = "NUMBER")]
    lines: usize,
}

/// How often a followed log is looked at.
const TICK: Duration = Duration::from_millis(200);
/// Where the shop and Argo CD run.
const NAMESPACES: [&str; 2] = ["ecommerce", crate::argocd::NAMESPACE];

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("dev-logs")?;
    if cluster::present(cx)?.is_some_and(|c| c.runs_containers()) {
        return of_pods(args, cx);
    }
    let logs = logs::of_processes(cx);
    if logs.is_empty() {
        return Err(Error::prerequisite("there is no cluster for this environment in this clone").hint("make one: cargo xtask dev-init"));
    }
    let names: Vec<&str> = logs.iter().map(|log| log.name.as_str()).collect();
    let Some(typed) = &args.component else {
        cx.ui.out(table(&logs));
        cx.ui.note("\nnext: cargo xtask dev-logs NAME      the last lines; a part of the name will do, -f goes on");
        return Ok(Exit::Done);
    };
    let Some(name) = logs::choose(&names, typed)? else { return Err(no_log(cx, typed, &names)) };
    match logs.iter().find(|log| log.name == name) {
        Some(log) => show(args, cx, log),
        None => Ok(Exit::Done),
    }
}

fn table(logs: &[Log]) -> Table {
    let mut table = Table::new(&["NAME", "SIZE", "LAST LINE"]);
    for log in logs {
        let metadata = std::fs::metadata(&log.path).ok();
        let age = metadata.as_ref().and_then(|m| m.modified().ok()?.elapsed().ok());
        let size = metadata.map_or(0, |m| m.len());
        let age = age.filter(|_| size > 0).map_or_else(|| "-".to_string(), |age| format!("{} ago", seconds(age)));
        table.row([log.name.clone(), bytes(size), age]);
    }
    table
}

fn show(args: &Args, cx: &Context, log: &Log) -> Result<Exit> {
    let (text, place) = logs::last_lines(&log.path, args.lines)?;
    if !text.is_empty() && !cx.ui.out_if_read(text) || !args.follow {
        return Ok(Exit::Done);
    }
    let mut follower = Follower::new(&log.path, place);
    loop {
        for line in follower.lines()? {
            if !cx.ui.out_if_read(line) {
                return Ok(Exit::Done);
            }
        }
        // Ctrl-C is how this ends; it is no news.
        if cx.runner.interrupt().sleep(TICK).is_err() {
            return Ok(Exit::Interrupted);
        }
    }
}

/// Why a name has no log here. Something of the shop would have one where containers run.
fn no_log(cx: &Context, typed: &str, names: &[&str]) -> Error {
    let waves = expansion::expected(cx).unwrap_or_default();
    let mut components = waves.iter().flat_map(|w| &w.components).map(|c| c.name.as_str());
    if components.any(|component| is_of(typed, component)) {
        let instead = format!("see what Argo CD knows of it: cargo xtask kubectl -- get pods --namespace {}", NAMESPACES[0]);
        if let Err(e) = super::require_containers(cx, &format!("dev-logs {typed}"), &instead) {
            return e;
        }
    }
    Error::usage(format!("nothing named `{typed}` has a log")).cause(format!("these have one: {}", names.join(", ")))
}

/// Is `typed` the component, its short name, or the name of one of its workloads and pods?
fn is_of(typed: &str, component: &str) -> bool {
    let short = component.strip_suffix("-service").unwrap_or(component);
    typed == component || typed == short || typed.strip_prefix(short).is_some_and(|rest| rest.starts_with('-'))
}

fn of_pods(args: &Args, cx: &Context) -> Result<Exit> {
    let kubectl = super::running_kubectl(cx)?;
    let mut pods = Vec::new();
    for namespace in NAMESPACES {
        pods.extend(kubectl.list(&["pods", "--namespace", namespace])?);
    }
    let workloads = logs::workloads(&pods);
    let Some(typed) = &args.component else {
        let mut table = Table::new(&["NAMESPACE", "NAME", "PODS"]);
        workloads.iter().for_each(|w| table.row([w.namespace.clone(), w.name.clone(), count(w.pods.len(), "pod")]));
        cx.ui.out(table);
        return Ok(Exit::Done);
    };
    let names: Vec<&str> = workloads.iter().map(|w| w.name.as_str()).collect();
    let of_pod = workloads.iter().find(|w| w.pods.contains(typed)).map(|w| (w, Some(typed.as_str())));
    let found = match of_pod {
        Some(found) => Some(found),
        None => {
            let name = logs::choose(&names, typed)?;
            workloads.iter().find(|w| Some(w.name.as_str()) == name).map(|w| (w, None))
        }
    };
    let Some((workload, pod)) = found else {
        return Err(Error::usage(format!("no pod belongs to `{typed}`")).cause(format!("these have some: {}", names.join(", "))));
    };
    let arguments: Vec<OsString> = workload.arguments(pod, args.lines, args.follow);
    Ok(Exit::Program(cx.runner.interactive(&kubectl.pass_through(&arguments))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_shop_are_known_in_every_form() {
        for typed in ["order-service", "order", "order-api", "order-api-7d9f8-x2x4z"] {
            assert!(is_of(typed, "order-service"), "{typed}");
        }
        assert!(is_of("monitoring", "monitoring"));
        assert!(!is_of("orders", "order-service") && !is_of("repo", "order-service"));
    }
}
