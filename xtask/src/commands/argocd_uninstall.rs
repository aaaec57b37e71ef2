//! `cargo xtask argocd-uninstall`: the root Application with everything that came by it, then Argo CD itself.

use std::time::Instant;

use serde_json::Value;

use crate::argocd::removal::{self, Held};
use crate::argocd::{NAMESPACE, ROOT, applications, workloads};
use crate::cluster;
use crate::context::Context;
use crate::engine::{self, Journal};
use crate::error::{Exit, Result};
use crate::steps;
use crate::supervisor::{self, Files};
use crate::tools::Kubectl;
use crate::ui::count;

/// Delete the root Application with all that it deployed, then Argo CD
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d, kwok\n\nThe root goes first, and in dev everything goes with it, from the last wave to the first: every object of every\nApplication, and the shop's namespaces with their Secrets and volumes. The cluster and the kinds (CRDs) stay.\nInterrupted, it goes on with the next run. argocd-install or dev-init brings everything back, with new Secrets.\n\nExamples:\n  cargo xtask argocd-uninstall\n  cargo xtask argocd-uninstall --yes --timeout 900"
)]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("argocd-uninstall")?;
    super::require_running(cx)?;
    let kubectl = steps::planned_kubectl(cx)?;
    let pods = pods(cx)?;
    let files = Files::new(&cx.state_dir());
    let held = Held::look(&kubectl)?;
    let remains = removal::remains(&kubectl, &pods)?;
    let processes = files.processes().len();
    if held.is_empty() && remains.is_empty() && processes == 0 {
        cx.ui.note("nothing to delete: there is no Argo CD on this cluster");
        return Ok(Exit::Done);
    }
    if cx.plan {
        if !held.is_empty() {
            cx.ui.out(kubectl.delete_later_call(applications::KIND, &[ROOT], NAMESPACE).command_line());
            cx.ui.out(format!("would wait until nothing is left of {}", held.describe()));
        }
        files.processes().iter().for_each(|(name, who)| cx.ui.out(format!("would end {name} (pid {})", who.pid)));
        if !remains.is_empty() {
            cx.ui.out(kubectl.delete_all_call(&remains, cx.timeout())?.command_line());
        }
        return Ok(Exit::Done);
    }
    let question = format!("Delete Argo CD of `{}` with everything it deployed, the shop's Secrets and volumes included?", cx.env());
    if !cx.confirm("argocd-uninstall", &question)? {
        cx.ui.note("nothing was deleted");
        return Ok(Exit::Done);
    }
    super::exclusively(cx, "argocd-uninstall", |journal| {
        noted(cx, journal, "cascade", || cascade(cx, &kubectl, &pods, journal))?;
        noted(cx, journal, "argocd", || itself(cx, &kubectl, &pods))?;
        cx.ui.note("the cluster and the kinds stay");
        cx.ui.note("next: cargo xtask argocd-install    bring it back");
        cx.ui.note("      cargo xtask dev-init          bring it back, and wait for the whole shop");
        Ok(Exit::Done)
    })
}

/// The objects of Argo CD's pods; none where it runs as processes.
fn pods(cx: &Context) -> Result<Vec<Value>> {
    if cluster::of(cx)?.runs_containers() { steps::install::installed(cx) } else { Ok(Vec::new()) }
}

fn noted(cx: &Context, journal: &Journal, id: &'static str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    let started = Instant::now();
    let result = work();
    journal.step(id, started.elapsed(), result.as_ref().map(|()| true).map_err(|e| e.one_line()));
    result.map_err(|e| e.hint(format!("what is left is deleted by the next run in `{}`: cargo xtask argocd-uninstall", cx.env())))
}

fn cascade(cx: &Context, kubectl: &Kubectl, pods: &[Value], journal: &Journal) -> Result<()> {
    let held = Held::look(kubectl)?;
    if held.is_empty() {
        return Ok(());
    }
    if !is_up(cx, kubectl, pods)? {
        cx.ui.note("Argo CD is started first: only it can remove what it deployed");
        let itself = |s: &&dyn engine::Step| ["processes", "install"].contains(&s.id());
        let steps: Vec<_> = steps::all(cluster::of(cx)?.engine()).iter().copied().filter(itself).collect();
        engine::run(cx, &steps, journal)?;
    }
    let task = cx.ui.task("root");
    removal::cascade(cx, kubectl, &task)?;
    task.done(&format!("{} and what they deployed are gone", held.describe()));
    Ok(())
}

fn is_up(cx: &Context, kubectl: &Kubectl, pods: &[Value]) -> Result<bool> {
    if !cluster::of(cx)?.runs_containers() {
        return Ok(Files::new(&cx.state_dir()).supervisor().is_some());
    }
    Ok(workloads::look(kubectl, &workloads::of(pods), NAMESPACE)?.is_empty())
}

fn itself(cx: &Context, kubectl: &Kubectl, pods: &[Value]) -> Result<()> {
    let task = cx.ui.task("argocd");
    let files = Files::new(&cx.state_dir());
    let ended = files.processes().len();
    supervisor::stop(&files)?;
    task.update(format!("waiting for the namespace {NAMESPACE} to go"));
    removal::delete(kubectl, pods)?;
    let processes = if ended == 0 { String::new() } else { format!("{} ended, ", count(ended, "process")) };
    task.done(&format!("{processes}namespace {NAMESPACE} gone"));
    Ok(())
}
