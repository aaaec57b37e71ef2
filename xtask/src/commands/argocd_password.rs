//! `cargo xtask argocd-password`: the admin password from the cluster's Secret.

use base64::Engine as _;
use serde_json::Value;

use crate::argocd::NAMESPACE;
use crate::cluster;
use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::tools::Reference;

/// Print the password of Argo CD's `admin`
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d, kwok\n\nOn kwok nobody is asked for it: the API listens on loopback only and runs without login.\n\nExamples:\n  cargo xtask argocd-password\n  cargo xtask argocd-password --env dev"
)]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("argocd-password")?;
    let kubectl = super::running_kubectl(cx)?;
    let secret = kubectl.find(&Reference { kind: "secret", name: "argocd-initial-admin-secret", namespace: NAMESPACE })?;
    let encoded = secret.as_ref().and_then(|s| s.pointer("/data/password")).and_then(Value::as_str);
    let decoded = encoded.and_then(|e| base64::engine::general_purpose::STANDARD.decode(e).ok()).and_then(|b| String::from_utf8(b).ok());
    let Some(password) = decoded else {
        return Err(Error::prerequisite("Argo CD has no initial password").hint("let it start first: cargo xtask argocd-install"));
    };
    if cluster::of(cx)?.runs_containers() {
        cx.ui.note("the user is `admin`; reach it on https://127.0.0.1:8080: cargo xtask port-forward");
    } else {
        cx.ui.note("on this engine the API needs no login; this is the password it would ask `admin` for");
    }
    cx.ui.out(password);
    Ok(Exit::Done)
}
