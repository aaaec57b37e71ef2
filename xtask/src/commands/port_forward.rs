//! `cargo xtask port-forward [start|stop|status]`: Argo CD, Grafana and the others on ports of this machine, in the background.

use crate::cluster::{self, Port, Ports};
use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::forwards::{self, ALL, Forward, Target};
use crate::tools::Kubectl;
use crate::ui::count;

/// Open Argo CD, Grafana and the others on ports of this machine, in the background
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d\n\nWhat there is: argocd 8080, grafana 3000, prometheus 9090, kafka-ui 8088, argo-rollouts 3100. They listen on 127.0.0.1, go on\nwhen the shell ends, and begin again when a pod was replaced. dev-init and dev-up start them, dev-down and dev-clean end them.\n\nExamples:\n  cargo xtask port-forward\n  cargo xtask port-forward start --only grafana --at grafana=13000\n  cargo xtask port-forward stop"
)]
pub struct Args {
    /// What to do
    #[arg(value_enum, default_value = "start")]
    what: What,
    /// Only this one; may be said several times
    #[arg(long, value_name = "NAME", value_parser = parse_name)]
    only: Vec<&'static Target>,
    /// Another port of this machine for one; may be said several times
    #[arg(long, value_name = "NAME=PORT", value_parser = parse_at)]
    at: Vec<Forward>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Forward what is not forwarded yet, and keep it alive
    Start,
    /// End the forwards
    Stop,
    /// Show what is forwarded, and whether it works
    Status,
}

impl Args {
    /// Does it change nothing?
    pub fn only_looks(&self) -> bool {
        self.what == What::Status
    }
}

fn parse_name(name: &str) -> Result<&'static Target, String> {
    let known = || ALL.iter().map(|t| t.name).collect::<Vec<_>>().join(", ");
    forwards::find(name).ok_or_else(|| format!("there are: {}", known()))
}

fn parse_at(text: &str) -> Result<Forward, String> {
    let (name, port) = text.split_once('=').ok_or("wanted: NAME=PORT")?;
    let port = port.parse().ok().filter(|port| *port >= 1024).ok_or("wanted: a port from 1024 to 65535")?;
    Ok(Forward { target: parse_name(name)?, port })
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("port-forward")?;
    super::require_containers(cx, "port-forward", &instead(cx))?;
    match args.what {
        What::Start => start(args, cx),
        What::Stop => stop(args, cx),
        What::Status => {
            status(cx);
            Ok(Exit::Done)
        }
    }
}

/// What answers where pods are simulated.
fn instead(cx: &Context) -> String {
    let port = Ports::remembered(&cx.state_dir()).map(|ports| ports.address(Port::ArgocdServer));
    let argocd = port.map_or_else(String::new, |address| format!(" on http://{address}"));
    format!("Argo CD is a process of this machine{argocd}, for its own program: cargo xtask argocd -- app list")
}

/// The forwards that the arguments name.
fn wanted(args: &Args) -> Vec<Forward> {
    let named = |t: &Target| args.only.is_empty() || args.only.contains(&t);
    let at = |t: &'static Target| args.at.iter().rfind(|f| f.target == t).copied();
    ALL.iter().filter(|t| named(t) || at(t).is_some()).map(|t| at(t).unwrap_or_else(|| Forward::usual(t))).collect()
}

fn start(args: &Args, cx: &Context) -> Result<Exit> {
    let kubectl = super::running_kubectl(cx)?;
    let mut new = wanted(args);
    let missing = forwards::without_service(&kubectl, &new)?;
    let insisted = |f: &&Forward| args.only.contains(&f.target) || args.at.iter().any(|at| at.target == f.target);
    if let Some(Forward { target, .. }) = missing.iter().find(insisted) {
        return Err(Error::prerequisite(format!("there is no Service {} in the namespace {}", target.service, target.namespace))
            .hint("see how far the shop is: cargo xtask dev-status"));
    }
    new.retain(|f| !missing.contains(f));
    forwards::require_free(cx, &new)?;
    if cx.plan {
        forwards::plan(&kubectl, &new).iter().for_each(|call| cx.ui.out(format!("would keep alive: {}", call.command_line())));
        return Ok(Exit::Done);
    }
    super::exclusively_as(cx, "port-forward", "port-forward start", |_| {
        // What runs already and is not asked for goes on.
        let mut all = forwards::running(cx);
        all.retain(|f| !new.iter().any(|n| n.target == f.target));
        all.extend(&new);
        keep(cx, &kubectl, &all)?;
        missing.iter().for_each(|f| cx.ui.note(format!("{}: there is no Service {} yet", f.target.name, f.target.service)));
        cx.ui.out(forwards::table(cx, &all));
        cx.ui.note("they go on in the background; end them: cargo xtask port-forward stop");
        Ok(Exit::Done)
    })
}

fn keep(cx: &Context, kubectl: &Kubectl, all: &[Forward]) -> Result<()> {
    let task = cx.ui.task("forwards");
    task.update("waiting until they listen");
    forwards::keep(cx, kubectl, all)?;
    task.done(&count(all.len(), "port forward"));
    Ok(())
}

fn stop(args: &Args, cx: &Context) -> Result<Exit> {
    let running = forwards::running(cx);
    let left: Vec<Forward> = running.iter().filter(|f| !args.only.is_empty() && !args.only.contains(&f.target)).copied().collect();
    let ends = |name: &str| args.only.is_empty() || args.only.iter().any(|t| name.ends_with(&format!(" {}", t.name)));
    let processes = forwards::processes(cx);
    if cx.plan {
        let ended = processes.iter().filter(|(name, _)| left.is_empty() || ends(name));
        ended.for_each(|(name, who)| cx.ui.out(format!("would end {name} (pid {})", who.pid)));
        return Ok(Exit::Done);
    }
    if processes.is_empty() || left.len() == running.len() && !running.is_empty() {
        cx.ui.note("nothing to stop: nothing of it is forwarded");
        return Ok(Exit::Done);
    }
    super::exclusively_as(cx, "port-forward", "port-forward stop", |_| {
        if left.is_empty() {
            let ended = forwards::stop(cx)?;
            cx.ui.note(format!("{} ended", count(ended, "port forward")));
        } else {
            let kubectl = Kubectl::new(cx, cluster::of(cx)?.context_name(cx))?;
            keep(cx, &kubectl, &left)?;
            cx.ui.note(format!("{} ended", count(running.len() - left.len(), "port forward")));
        }
        Ok(Exit::Done)
    })
}

fn status(cx: &Context) {
    let running = forwards::running(cx);
    if running.is_empty() {
        cx.ui.out("nothing is forwarded\n\nnext: cargo xtask port-forward start");
        return;
    }
    cx.ui.out(forwards::table(cx, &running));
    cx.ui.out(format!("\nlogs: {}", cx.repo.shown(&forwards::files(cx).logs())));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(only: &[&str], at: &[&str]) -> Args {
        let only = only.iter().map(|name| parse_name(name).unwrap()).collect();
        Args { what: What::Start, only, at: at.iter().map(|text| parse_at(text).unwrap()).collect() }
    }

    #[test]
    fn names_and_other_ports_choose_what_is_forwarded() {
        let shown = |only: &[&str], at: &[&str]| -> Vec<String> { wanted(&args(only, at)).iter().map(Forward::address).collect() };
        assert_eq!(shown(&[], &[]).len(), 5);
        assert_eq!(shown(&["argocd"], &[]), ["https://127.0.0.1:8080"]);
        assert_eq!(shown(&["grafana"], &["grafana=13000"]), ["http://127.0.0.1:13000"]);
        assert_eq!(shown(&["argocd"], &["grafana=13000"]), ["https://127.0.0.1:8080", "http://127.0.0.1:13000"]);
    }

    #[test]
    fn a_wrong_name_or_port_is_answered_with_the_right_ones() {
        assert!(parse_name("loki").unwrap_err().contains("argocd, grafana, prometheus, kafka-ui, argo-rollouts"));
        for text in ["grafana", "grafana=80", "grafana=x", "loki=8000"] {
            assert!(parse_at(text).is_err(), "{text}");
        }
    }
}
