//! `cargo xtask kubectl-config`: the line that points a shell at this environment's cluster.

use crate::context::Context;
use crate::error::{Error, Exit, Result};

/// Print the line that points a shell at this cluster
#[derive(clap::Args)]
#[command(after_long_help = "Engines: k3d, kwok\n\nExamples:\n  cargo xtask kubectl-config\n  cargo xtask kubectl-config --quiet")]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("kubectl-config")?;
    let kubeconfig = cx.kubeconfig();
    if !kubeconfig.is_file() {
        return Err(
            Error::prerequisite("there is no kubeconfig for this environment in this clone").hint("make a cluster: cargo xtask dev-init")
        );
    }
    cx.ui.out(format!("export KUBECONFIG={}", crate::proc::quote(&kubeconfig.to_string_lossy())));
    cx.ui.note("# use it with: eval \"$(cargo xtask kubectl-config)\"");
    Ok(Exit::Done)
}
