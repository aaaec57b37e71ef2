//! The file that k3d makes the cluster from. Field names are those of `k3d.io/v1alpha5` (k3d 5.9.0).

use serde_json::{Value, json};

use crate::cluster::docker::OWNER;
use crate::context::Context;
use crate::error::{Error, Result};

/// Where the node sees the snapshot of the working tree.
pub const SOURCE: &str = "/srv/c4ang/source.git";
/// The port of the Kubernetes API on 127.0.0.1.
pub const API_PORT: u16 = 6443;
/// How long k3d itself waits for the node, in seconds.
pub const WAIT_SECONDS: u64 = 300;

/// The cluster of this clone: one node, everything on loopback, the default kubeconfig untouched.
/// Errors: the pinned Kubernetes is not in tools.toml.
pub fn config(cx: &Context) -> Result<Value> {
    let on_load_balancer = |port: &str| json!({ "port": format!("127.0.0.1:{port}:{port}"), "nodeFilters": ["loadbalancer"] });
    Ok(json!({
        "apiVersion": "k3d.io/v1alpha5",
        "kind": "Simple",
        "metadata": { "name": cx.environment.cluster.name },
        "servers": 1,
        "agents": 0,
        "image": image(cx)?,
        "kubeAPI": { "hostIP": "127.0.0.1", "hostPort": API_PORT.to_string() },
        "ports": [
            on_load_balancer("80"),
            on_load_balancer("443"),
            { "port": "127.0.0.1:30000-30100:30000-30100", "nodeFilters": ["server:0"] },
        ],
        "volumes": [{
            "volume": format!("{}:{SOURCE}:ro", cx.git().folder().display()),
            "nodeFilters": ["server:0"],
        }],
        "options": {
            "k3d": { "wait": true, "timeout": format!("{WAIT_SECONDS}s") },
            // The gateway of the mesh takes ports 80 and 443.
            "k3s": { "extraArgs": [{ "arg": "--disable=traefik", "nodeFilters": ["server:*"] }] },
            "kubeconfig": { "updateDefaultKubeconfig": false, "switchCurrentContext": false },
            "runtime": {
                "labels": [{
                    "label": format!("{OWNER}={}", cx.repo.root().display()),
                    "nodeFilters": ["all"],
                }],
            },
        },
    }))
}

/// The k3s image of the pinned Kubernetes, so that its version is written once. Its first packaging is `-k3s1`.
fn image(cx: &Context) -> Result<String> {
    let kubectl = cx.provision.tools().iter().find(|t| t.name == "kubectl");
    let version = &kubectl.ok_or_else(|| Error::failed("tools.toml has no kubectl"))?.version;
    Ok(format!("rancher/k3s:v{version}-k3s1"))
}
