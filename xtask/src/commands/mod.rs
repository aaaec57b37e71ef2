//! One file per command, named after it: reads arguments, picks steps, prints.

pub mod argocd_install;
pub mod argocd_password;
pub mod argocd_status;
pub mod argocd_uninstall;
pub mod bench;
pub mod cache;
pub mod ci;
pub mod clean_helm_cache;
pub mod completions;
pub mod db_logs;
pub mod db_reset;
pub mod db_status;
pub mod deploy_monitoring;
pub mod dev_clean;
pub mod dev_down;
pub mod dev_init;
pub mod dev_logs;
pub mod dev_restart;
pub mod dev_status;
pub mod dev_sync;
pub mod dev_up;
pub mod diff;
pub mod doctor;
pub mod ecr_delete;
pub mod ecr_login;
pub mod ecr_status;
pub mod expand;
pub mod graph;
pub mod helm_build;
pub mod helm_deps;
pub mod help;
pub mod install_tools;
pub mod istio_install;
pub mod istio_status;
pub mod istio_uninstall;
pub mod k3d_create;
pub mod k3d_delete;
pub mod k3d_list;
pub mod k3d_start;
pub mod k3d_stop;
pub mod kafka_install;
pub mod kafka_status;
pub mod kafka_uninstall;
pub mod kubectl_config;
pub mod kubectl_ns;
pub mod kubectl_pods;
pub mod kubectl_svc;
pub mod lint;
pub mod monitoring_status;
pub mod new_service;
pub mod pass_through;
pub mod plan;
pub mod port_forward;
pub mod promote;
pub mod rehearse;
pub mod render;
pub mod supervise;
pub mod tools_lock;
pub mod verify_offline;
pub mod version;
pub mod why;

use std::ffi::OsString;

use crate::argocd::ROOT;
use crate::cli::Command;
use crate::cluster::{self, Cluster, Seen};
use crate::context::Context;
use crate::engine::{Journal, Lock};
use crate::error::{Error, Exit, Result};
use crate::tools::Kubectl;
use crate::ui;

/// The commands as `--help` groups them. A test compares it with what can be typed.
pub const GROUPS: &[(&str, &[&str])] = &[
    ("Development cluster", &["dev-init", "dev-sync", "dev-status", "dev-logs", "dev-down", "dev-up", "dev-restart", "dev-clean"]),
    ("k3d", &["k3d-create", "k3d-start", "k3d-stop", "k3d-delete", "k3d-list"]),
    ("Argo CD", &["argocd-install", "argocd-status", "argocd-password", "argocd-uninstall"]),
    ("Kafka for failure tests", &["kafka-install", "kafka-status", "kafka-uninstall"]),
    ("Mesh", &["istio-install", "istio-status", "istio-uninstall"]),
    ("Monitoring", &["deploy-monitoring", "monitoring-status", "port-forward"]),
    ("Data stores", &["db-status", "db-logs", "db-reset"]),
    ("Charts", &["helm-build", "helm-deps", "clean-helm-cache"]),
    ("Registry", &["ecr-login", "ecr-status", "ecr-delete"]),
    ("Kubernetes", &["kubectl-config", "kubectl-ns", "kubectl-pods", "kubectl-svc"]),
    ("Programs on this cluster", &["kubectl", "argocd", "helm"]),
    ("Working tree", &["new-service", "promote"]),
    ("Tools", &["doctor", "install-tools", "tools-lock", "cache", "version", "plan", "completions", "help"]),
    ("GitOps without a cluster", &["expand", "render", "diff", "graph", "why"]),
    ("Checks", &["lint", "verify-offline", "rehearse", "ci", "bench"]),
];

/// Runs a command that works on a repository.
pub fn run(command: &Command, cx: &Context) -> Result<Exit> {
    let result = dispatch(command, cx);
    if renders(command) {
        let (calls, time) = cx.runner.spent("helm");
        let time = if calls == 0 { String::new() } else { format!(", {} ms of processor time", time.as_millis()) };
        cx.ui.verbose(format!("helm: {}{time}", ui::count(calls, "call")));
    }
    result
}

/// May it call Helm for the objects of a chart? Then how often it did, and how long that took, is worth a line.
fn renders(command: &Command) -> bool {
    matches!(
        command,
        Command::Expand(_) | Command::Render(_) | Command::Diff(_) | Command::Graph(_) | Command::Why(_) | Command::VerifyOffline(_)
    )
}

fn dispatch(command: &Command, cx: &Context) -> Result<Exit> {
    match command {
        Command::DevInit(args) => dev_init::run(args, cx),
        Command::DevUp(args) => dev_up::run(args, cx),
        Command::DevDown(args) => dev_down::run(args, cx),
        Command::DevRestart(args) => dev_restart::run(args, cx),
        Command::DevClean(args) => dev_clean::run(args, cx),
        Command::DevSync(args) => dev_sync::run(args, cx),
        Command::DevStatus(args) => dev_status::run(args, cx),
        Command::ArgocdInstall(args) => argocd_install::run(args, cx),
        Command::ArgocdUninstall(args) => argocd_uninstall::run(args, cx),
        Command::IstioInstall(args) => istio_install::run(args, cx),
        Command::IstioUninstall(args) => istio_uninstall::run(args, cx),
        Command::IstioStatus(args) => istio_status::run(args, cx),
        Command::DeployMonitoring(args) => deploy_monitoring::run(args, cx),
        Command::MonitoringStatus(args) => monitoring_status::run(args, cx),
        Command::DbStatus(args) => db_status::run(args, cx),
        Command::DbLogs(args) => db_logs::run(args, cx),
        Command::DbReset(args) => db_reset::run(args, cx),
        Command::PortForward(args) => port_forward::run(args, cx),
        Command::HelmBuild(args) => helm_build::run(args, cx),
        Command::HelmDeps(args) => helm_deps::run(args, cx),
        Command::CleanHelmCache(args) => clean_helm_cache::run(args, cx),
        Command::EcrLogin(args) => ecr_login::run(args, cx),
        Command::EcrStatus(args) => ecr_status::run(args, cx),
        Command::EcrDelete(args) => ecr_delete::run(args, cx),
        Command::K3dCreate(args) => k3d_create::run(args, cx),
        Command::K3dStart(args) => k3d_start::run(args, cx),
        Command::K3dStop(args) => k3d_stop::run(args, cx),
        Command::K3dDelete(args) => k3d_delete::run(args, cx),
        Command::K3dList(args) => k3d_list::run(args, cx),
        Command::ArgocdStatus(args) => argocd_status::run(args, cx),
        Command::ArgocdPassword(args) => argocd_password::run(args, cx),
        Command::KafkaInstall(args) => kafka_install::run(args, cx),
        Command::KafkaStatus(args) => kafka_status::run(args, cx),
        Command::KafkaUninstall(args) => kafka_uninstall::run(args, cx),
        Command::Kubectl(args) => pass_through::kubectl(args, cx),
        Command::Argocd(args) => pass_through::argocd(args, cx),
        Command::Helm(args) => pass_through::helm(args, cx),
        Command::KubectlConfig(args) => kubectl_config::run(args, cx),
        Command::KubectlNs(args) => kubectl_ns::run(args, cx),
        Command::KubectlPods(args) => kubectl_pods::run(args, cx),
        Command::KubectlSvc(args) => kubectl_svc::run(args, cx),
        Command::NewService(args) => new_service::run(args, cx),
        Command::Promote(args) => promote::run(args, cx),
        Command::InstallTools(args) => install_tools::run(args, cx),
        Command::Doctor(args) => doctor::run(args, cx),
        Command::DevLogs(args) => dev_logs::run(args, cx),
        Command::Cache(args) => cache::run(args, cx),
        Command::ToolsLock(args) => tools_lock::run(args, cx),
        Command::Version(args) => version::run(args, cx),
        Command::VerifyOffline(args) => verify_offline::run(args, cx),
        Command::Rehearse(args) => rehearse::run(args, cx),
        Command::Expand(args) => expand::run(args, cx),
        Command::Render(args) => render::run(args, cx),
        Command::Diff(args) => diff::run(args, cx),
        Command::Graph(args) => graph::run(args, cx),
        Command::Why(args) => why::run(args, cx),
        Command::Lint(args) => lint::run(args, cx),
        Command::Ci(args) => ci::run(args, cx),
        Command::Bench(args) => bench::run(args, cx),
        // They need no repository and are dispatched before one is looked for.
        Command::Help(_) | Command::Supervise(_) | Command::Plan(_) | Command::Completions(_) => Ok(Exit::Done),
    }
}

/// Is any folder with GitOps files good enough for it, also one that is no repository of this kind?
pub fn only_reads_gitops(command: &Command) -> bool {
    matches!(command, Command::Expand(_) | Command::Render(_) | Command::Diff(_) | Command::Lint(_))
}

/// Runs the body of a command that changes the environment: under its lock, with an entry in its journal.
fn exclusively(cx: &Context, command: &'static str, body: impl FnOnce(&Journal) -> Result<Exit>) -> Result<Exit> {
    exclusively_as(cx, command, command, body)
}

/// The same for a command that is typed with arguments: `typed` goes on from where it was interrupted.
fn exclusively_as(cx: &Context, command: &'static str, typed: &str, body: impl FnOnce(&Journal) -> Result<Exit>) -> Result<Exit> {
    let _lock = Lock::take(cx, command)?;
    let journal = Journal::new(command);
    let again = || format!("nothing is lost: what is half-done is mended by the next run: cargo xtask {typed}");
    let result = body(&journal).map_err(|e| if e.exit() == Exit::Interrupted { e.hint(again()) } else { e });
    journal.close(cx, &result);
    result
}

/// What helps where there is no cluster.
const MAKE_ONE: &str = "make one: cargo xtask dev-init";

/// The cluster that this clone has, and what it is like. Errors: prerequisite, when it has none, with what helps.
fn existing(cx: &Context) -> Result<(&'static (dyn Cluster + Sync), Seen)> {
    let cluster = begun(cx)?;
    match cluster.look(cx)? {
        Seen::Nothing => Err(no_cluster()),
        seen => Ok((cluster, seen)),
    }
}

/// The cluster that this clone has, or has begun to make. Errors: as [`existing`].
fn begun(cx: &Context) -> Result<&'static (dyn Cluster + Sync)> {
    cluster::present(cx)?.ok_or_else(no_cluster)
}

fn no_cluster() -> Error {
    Error::prerequisite("there is no cluster for this environment in this clone").hint(MAKE_ONE)
}

/// kubectl for a cluster that runs. Errors: prerequisite, when it is stopped or not there, with the command that helps.
fn running_kubectl(cx: &Context) -> Result<Kubectl> {
    require_running(cx)?;
    Kubectl::new(cx, cluster::of(cx)?.context_name(cx))
}

/// Errors: prerequisite, when the cluster is stopped or not there, with the command that helps.
fn require_running(cx: &Context) -> Result<()> {
    let (_, seen) = existing(cx)?;
    let missing = |what: &str, hint: &str| Err(Error::prerequisite(what).hint(hint));
    match seen {
        Seen::Running(_) => Ok(()),
        Seen::Nothing => missing("the cluster is gone", MAKE_ONE),
        Seen::Blocked { why, hint } => missing(&why, &hint),
        Seen::Stopped => missing("the cluster is stopped", "start it: cargo xtask dev-up"),
        Seen::Half(why) => missing(&format!("the cluster does not work: {why}"), "repair it: cargo xtask dev-up"),
    }
}

/// What helps somebody who asks for the registry where pods are simulated.
const NOTHING_IS_PULLED: &str = "no image is pulled here; what is simulated: cargo xtask dev-status";

/// Refuses to wait for what nobody asked Argo CD for. Errors: prerequisite, when the root Application is not there.
fn require_root<'a>(mut names: impl Iterator<Item = &'a str>) -> Result<()> {
    if names.any(|name| name == ROOT) {
        return Ok(());
    }
    Err(Error::prerequisite("the shop was not brought to this cluster yet: there is no root Application")
        .hint("go on from there: cargo xtask dev-init"))
}

/// Refuses what makes no sense where nothing really runs. `instead` is the nearest useful command.
/// Errors: prerequisite, on an engine that simulates pods.
fn require_containers(cx: &Context, command: &str, instead: &str) -> Result<()> {
    if cluster::of(cx)?.runs_containers() {
        return Ok(());
    }
    let what = format!("`{command}` needs running containers, and pods are simulated on this engine");
    Err(Error::prerequisite(what).hint(instead))
}

/// Runs kubectl on our own terminal, for commands that show what it shows.
fn show(cx: &Context, command: &str, arguments: &[&str]) -> Result<Exit> {
    cx.require_dev(command)?;
    let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
    let call = running_kubectl(cx)?.pass_through(&arguments);
    if cx.plan {
        cx.ui.out(call.command_line());
        return Ok(Exit::Done);
    }
    Ok(Exit::Program(cx.runner.interactive(&call)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn every_command_is_in_exactly_one_group() {
        let typed = crate::cli::Cli::command();
        let mut typed: Vec<String> = typed.get_subcommands().filter(|c| !c.is_hide_set()).map(|c| c.get_name().to_string()).collect();
        let mut grouped: Vec<String> = GROUPS.iter().flat_map(|(_, names)| names.iter().map(|n| n.to_string())).collect();
        typed.sort();
        grouped.sort();
        assert_eq!(typed, grouped);
    }

    #[test]
    fn every_command_says_what_it_is_for_which_engines_carry_it_and_how_it_is_used() {
        for command in crate::cli::Cli::command().get_subcommands_mut().filter(|c| !c.is_hide_set()) {
            let help = command.render_long_help().to_string();
            assert!(command.get_about().is_some(), "{} has no text", command.get_name());
            assert!(help.contains("Engines: "), "{} says no engines", command.get_name());
            assert!(help.matches("\n  cargo xtask ").count() >= 2, "{} has no two examples", command.get_name());
        }
    }
}
