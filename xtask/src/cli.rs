//! What can be typed: global options, and the list of commands with their groups.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands as c;
use crate::repo::environment::Engine;
use crate::ui::Color;

/// The shop's infrastructure: set it up, look at it, check it.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version = crate::VERSION, disable_help_subcommand = true)]
#[command(help_template = "{about-with-newline}\n{usage-heading} {usage}{after-help}\n\nOptions:\n{options}")]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Args)]
pub struct Global {
    /// Environment to work on [default: dev; commands that only look at GitOps files: all]
    #[arg(long, global = true, value_name = "NAME")]
    pub env: Option<String>,
    /// Repository to work on [default: the one around the current folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Cluster engine: auto, k3d (in Docker), kwok (no Docker; pods simulated)
    #[arg(long, global = true, default_value = "auto", value_parser = parse_engine, value_name = "ENGINE")]
    pub engine: EngineWish,
    /// Print steps, their states and exact command lines; write nothing
    #[arg(long, global = true, alias = "dry-run")]
    pub plan: bool,
    /// Do not ask before something is deleted
    #[arg(long, global = true)]
    pub yes: bool,
    /// How long to wait for a healthy state, in seconds [default: 300 on kwok, 1200 on k3d]
    #[arg(long, global = true, value_name = "SECONDS")]
    pub timeout: Option<u64>,
    /// Say more
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Say less: results and errors only
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// One line per event instead of running lines
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// Colours
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: Color,
}

/// `auto`, or the engine that the user insists on.
#[derive(Clone, Copy, Debug)]
pub struct EngineWish(pub Option<Engine>);

fn parse_engine(text: &str) -> Result<EngineWish, String> {
    match text {
        "auto" => Ok(EngineWish(None)),
        "kwok" => Ok(EngineWish(Some(Engine::Kwok))),
        "k3d" => Ok(EngineWish(Some(Engine::K3d))),
        _ => Err("known engines: auto, kwok, k3d".to_string()),
    }
}

#[derive(Subcommand)]
pub enum Command {
    DevInit(c::dev_init::Args),
    DevUp(c::dev_up::Args),
    DevDown(c::dev_down::Args),
    DevRestart(c::dev_restart::Args),
    DevClean(c::dev_clean::Args),
    DevSync(c::dev_sync::Args),
    DevStatus(c::dev_status::Args),
    DevLogs(c::dev_logs::Args),
    K3dCreate(c::k3d_create::Args),
    K3dStart(c::k3d_start::Args),
    K3dStop(c::k3d_stop::Args),
    K3dDelete(c::k3d_delete::Args),
    K3dList(c::k3d_list::Args),
    ArgocdStatus(c::argocd_status::Args),
    ArgocdPassword(c::argocd_password::Args),
    ArgocdInstall(c::argocd_install::Args),
    ArgocdUninstall(c::argocd_uninstall::Args),
    IstioInstall(c::istio_install::Args),
    IstioUninstall(c::istio_uninstall::Args),
    IstioStatus(c::istio_status::Args),
    DeployMonitoring(c::deploy_monitoring::Args),
    MonitoringStatus(c::monitoring_status::Args),
    DbStatus(c::db_status::Args),
    DbLogs(c::db_logs::Args),
    DbReset(c::db_reset::Args),
    PortForward(c::port_forward::Args),
    HelmBuild(c::helm_build::Args),
    HelmDeps(c::helm_deps::Args),
    CleanHelmCache(c::clean_helm_cache::Args),
    EcrLogin(c::ecr_login::Args),
    EcrStatus(c::ecr_status::Args),
    EcrDelete(c::ecr_delete::Args),
    KafkaInstall(c::kafka_install::Args),
    KafkaStatus(c::kafka_status::Args),
    KafkaUninstall(c::kafka_uninstall::Args),
    /// Run the pinned kubectl on this cluster
    #[command(
        after_long_help = "Engines: k3d, kwok\n\nExamples:\n  cargo xtask kubectl -- get rollouts --namespace ecommerce\n  cargo xtask kubectl -- describe gateway ecommerce-gateway --namespace ecommerce"
    )]
    Kubectl(c::pass_through::Args),
    /// Run the pinned argocd on this cluster's Argo CD
    #[command(
        after_long_help = "Engines: k3d, kwok\n\nExamples:\n  cargo xtask argocd -- app list\n  cargo xtask argocd -- app get order-service-dev"
    )]
    Argocd(c::pass_through::Args),
    /// Run the pinned helm on this cluster
    #[command(
        after_long_help = "Engines: k3d, kwok\n\nExamples:\n  cargo xtask helm -- version\n  cargo xtask helm -- list --all-namespaces"
    )]
    Helm(c::pass_through::Args),
    KubectlConfig(c::kubectl_config::Args),
    KubectlNs(c::kubectl_ns::Args),
    KubectlPods(c::kubectl_pods::Args),
    KubectlSvc(c::kubectl_svc::Args),
    NewService(c::new_service::Args),
    Promote(c::promote::Args),
    Doctor(c::doctor::Args),
    InstallTools(c::install_tools::Args),
    Cache(c::cache::Args),
    ToolsLock(c::tools_lock::Args),
    Version(c::version::Args),
    Expand(c::expand::Args),
    Render(c::render::Args),
    VerifyOffline(c::verify_offline::Args),
    Lint(c::lint::Args),
    Diff(c::diff::Args),
    Graph(c::graph::Args),
    Why(c::why::Args),
    Rehearse(c::rehearse::Args),
    Ci(c::ci::Args),
    Bench(c::bench::Args),
    Plan(c::plan::Args),
    Completions(c::completions::Args),
    Help(c::help::Args),
    /// Keeps the environment's processes alive; started by `dev-init` and `dev-up`
    #[command(hide = true)]
    Supervise(c::supervise::Args),
}
