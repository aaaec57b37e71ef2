//! `cargo xtask kubectl|argocd|helm -- …`: the pinned program on this environment's cluster, never on the ambient one.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::cluster::{self, K3d, Port, Ports};
use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::proc::Invocation;
use crate::repo::files;
use crate::supervisor::Files;
use crate::tools::Kubectl;

#[derive(clap::Args)]
pub struct Args {
    /// What the program gets
    #[arg(last = true, value_name = "ARGUMENTS")]
    arguments: Vec<OsString>,
}

pub fn kubectl(args: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("kubectl")?;
    let kubectl = super::running_kubectl(cx)?;
    run(cx, &kubectl.pass_through(&args.arguments))
}

pub fn argocd(args: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("argocd")?;
    let kubectl = super::running_kubectl(cx)?;
    run(cx, &argocd_call(cx, &kubectl, &args.arguments)?)
}

/// The pinned argocd on the Argo CD of this environment. Errors: prerequisite, when its API does not answer.
pub fn argocd_call(cx: &Context, kubectl: &Kubectl, arguments: &[OsString]) -> Result<Invocation> {
    if cluster::of(cx)?.runs_containers() {
        return argocd_core(arguments, cx, kubectl);
    }
    let ports = Ports::remembered(&cx.state_dir()).ok_or_else(|| Error::prerequisite("the ports of the cluster are not known"))?;
    if !cluster::answers(ports.get(Port::ArgocdServer)) {
        return Err(Error::prerequisite("Argo CD's API does not answer").hint("start it: cargo xtask dev-up"));
    }
    Ok(Invocation::writes(program(cx, "argocd")?)
        .args(["--server", &ports.address(Port::ArgocdServer), "--plaintext"])
        .args(arguments)
        .unset("ARGOCD_OPTS")
        .unset("ARGOCD_SERVER")
        // The contributor's own logins are not for this cluster.
        .env("ARGOCD_CONFIG_DIR", Files::new(&cx.state_dir()).dir().join("home"))
        .env("KUBECONFIG", cx.kubeconfig()))
}

/// Argo CD in a cluster listens on no port of this machine: its program works on the Kubernetes API instead, as `--core`
/// has it, which takes the namespace from the kubeconfig (Argo CD 3.5).
fn argocd_core(arguments: &[OsString], cx: &Context, kubectl: &Kubectl) -> Result<Invocation> {
    let dir = K3d::work_dir(cx).join("argocd");
    let kubeconfig = dir.join("kubeconfig.json");
    if !cx.plan {
        let content = serde_json::to_vec_pretty(&kubectl.kubeconfig_for(crate::argocd::NAMESPACE)?)?;
        files::write_if_changed(&kubeconfig, &content, 0o600)?;
    }
    let call = Invocation::writes(program(cx, "argocd")?).arg("--core").args(arguments);
    Ok(call.unset("ARGOCD_OPTS").unset("ARGOCD_SERVER").env("ARGOCD_CONFIG_DIR", dir).env("KUBECONFIG", kubeconfig))
}

pub fn helm(args: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("helm")?;
    let cluster = cluster::of(cx)?;
    let call = Invocation::writes(program(cx, "helm")?)
        .args(["--kubeconfig".into(), cx.kubeconfig().into_os_string()])
        .args(["--kube-context", &cluster.context_name(cx)])
        .args(&args.arguments)
        .unset("KUBECONFIG");
    run(cx, &call)
}

/// The pinned program; a plan provisions nothing, and prints only its name.
fn program(cx: &Context, name: &str) -> Result<PathBuf> {
    if cx.plan { Ok(PathBuf::from(name)) } else { cx.provision.tool(name) }
}

fn run(cx: &Context, call: &Invocation) -> Result<Exit> {
    if cx.plan {
        cx.ui.out(call.command_line());
        return Ok(Exit::Done);
    }
    Ok(Exit::Program(cx.runner.interactive(call)?))
}
