//! Argo CD and Argo Rollouts as plain processes: arguments, environment and folders of each.
//!
//! Facts are those of Argo CD 3.5.3 and Argo Rollouts 1.9.1 without containers:
//! - the repo-server refuses to start without TLS unless the client CA is set to nothing;
//! - it calls `git-verify-wrapper.sh` for every commit, whether or not GPG is on;
//! - the applicationset controller ignores `--kubeconfig` and reads the variable;
//! - argocd-server's metrics address must come as a flag: the name of its variable is misread.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::applications::KIND;
use super::wait::REFRESH;
use crate::cluster::kwok::{self, Kwok};
use crate::cluster::{Cluster as _, Port, Ports};
use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::repo::{files, yaml};
use crate::supervisor::{ControlPlane, Files, ProcessSpec, Schemas, Spec};
use crate::tools::Kubectl;

/// The programs that run beside the cluster.
pub const TOOLS: [&str; 4] = ["argocd", "helm", "redis-server", "rollouts-controller"];

/// Keys of argocd-cmd-params-cm that this repository sets, and the variables that Argo CD's install manifest maps them
/// to. A plain process reads no ConfigMap; a test compares this table with the pinned manifest.
pub const PARAMS: [(&str, &str); 4] = [
    ("applicationsetcontroller.enable.progressive.syncs", "ARGOCD_APPLICATIONSET_CONTROLLER_ENABLE_PROGRESSIVE_SYNCS"),
    ("controller.diff.server.side", "ARGOCD_APPLICATION_CONTROLLER_SERVER_SIDE_DIFF"),
    ("controller.resource.health.persist", "ARGOCD_APPLICATION_CONTROLLER_PERSIST_RESOURCE_HEALTH"),
    ("controller.sync.timeout.seconds", "ARGOCD_APPLICATION_CONTROLLER_SYNC_TIMEOUT"),
];

/// What the supervisor must run for this environment. Provisions nothing that is there; writes nothing.
pub fn spec(cx: &Context, files: &Files, ports: &Ports) -> Result<Spec> {
    let tool = |name: &str| cx.provision.tool(name);
    let redis = ports.address(Port::Redis);
    let repo_server = ports.address(Port::ArgocdRepoServer);
    let env = environment(cx, files)?;
    let port = |p: Port| ports.get(p).to_string();
    let argocd = tool("argocd")?;
    let process = |name: &str, program: &Path, args: &[&str], ready: Port| ProcessSpec {
        name: name.to_string(),
        program: program.to_path_buf(),
        args: args.iter().map(|a| a.to_string()).collect(),
        env: env.clone().into_iter().chain([("ARGOCD_BINARY_NAME".to_string(), name.to_string())]).collect(),
        cwd: files.dir().to_path_buf(),
        ready: ports.get(ready),
        after_restart: None,
        connect: false,
        keeps_schemas: false,
    };
    let mut processes = vec![
        process("redis", &tool("redis-server")?, &["--listen", &redis], Port::Redis),
        process(
            "argocd-repo-server",
            &argocd,
            &[
                "--address",
                "127.0.0.1",
                "--port",
                &port(Port::ArgocdRepoServer),
                "--metrics-address",
                "127.0.0.1",
                "--metrics-port",
                &port(Port::ArgocdRepoServerMetrics),
                "--redis",
                &redis,
                "--disable-tls",
                "--client-ca-path",
                "",
            ],
            Port::ArgocdRepoServer,
        ),
        process(
            "argocd-application-controller",
            &argocd,
            &[
                "--namespace",
                super::NAMESPACE,
                "--redis",
                &redis,
                "--repo-server",
                &repo_server,
                "--repo-server-plaintext",
                "--metrics-port",
                &port(Port::ArgocdApplicationControllerMetrics),
            ],
            Port::ArgocdApplicationControllerMetrics,
        ),
        process(
            "argocd-applicationset-controller",
            &argocd,
            &[
                "--namespace",
                super::NAMESPACE,
                "--argocd-repo-server",
                &repo_server,
                "--repo-server-plaintext",
                "--enable-leader-election=false",
                "--metrics-addr",
                &ports.address(Port::ArgocdApplicationsetControllerMetrics),
                "--probe-addr",
                &ports.address(Port::ArgocdApplicationsetControllerProbe),
                "--webhook-addr",
                &ports.address(Port::ArgocdApplicationsetControllerWebhook),
            ],
            Port::ArgocdApplicationsetControllerProbe,
        ),
        process(
            "argocd-server",
            &argocd,
            &[
                // Who reaches this loopback port can use the kubeconfig beside it as well.
                "--insecure",
                "--disable-auth",
                "--address",
                "127.0.0.1",
                "--port",
                &port(Port::ArgocdServer),
                "--metrics-address",
                "127.0.0.1",
                "--metrics-port",
                &port(Port::ArgocdServerMetrics),
                "--redis",
                &redis,
                "--repo-server",
                &repo_server,
                "--repo-server-plaintext",
            ],
            Port::ArgocdServer,
        ),
        process(
            "rollouts-controller",
            &tool("rollouts-controller")?,
            &["--leader-elect=false", "--metricsPort", &port(Port::RolloutsMetrics), "--healthzPort", &port(Port::RolloutsHealth)],
            Port::RolloutsHealth,
        ),
    ];
    for process in processes.iter_mut().filter(|p| p.name == "argocd-application-controller") {
        process.after_restart = Some(Box::new(look_again(cx, files)?));
        process.keeps_schemas = true;
    }
    Ok(Spec { processes, control_plane: Some(control_plane(cx, files)?) })
}

/// Tells Argo CD to look at every Application. Its application controller (3.5.3) does not ask what it missed while it was gone:
/// without this, what changed in that gap is healed with its poll, minutes later.
fn look_again(cx: &Context, files: &Files) -> Result<ProcessSpec> {
    kubectl(cx, files, "look-again", &["annotate", KIND, "--all", "--namespace", super::NAMESPACE, REFRESH, "--overwrite"])
}

fn schemas(cx: &Context, files: &Files) -> Result<Schemas> {
    Ok(Schemas {
        definitions: kubectl(cx, files, "definitions", &["get", "customresourcedefinitions", "--no-headers"])?,
        document: kubectl(cx, files, "schemas", &["get", "--raw", "/openapi/v2"])?,
    })
}

/// A call that the supervisor makes.
fn kubectl(cx: &Context, files: &Files, name: &str, args: &[&str]) -> Result<ProcessSpec> {
    let path = |path: PathBuf| path.to_string_lossy().into_owned();
    let address = ["--kubeconfig".into(), path(kubeconfig(files)), "--cache-dir".into(), path(cx.state_dir().join("kubectl"))];
    Ok(ProcessSpec {
        name: name.into(),
        program: cx.provision.tool("kubectl")?,
        args: address.into_iter().chain(args.iter().map(|a| a.to_string())).collect(),
        env: BTreeMap::new(),
        cwd: files.dir().to_path_buf(),
        ready: 0,
        after_restart: None,
        connect: false,
        keeps_schemas: false,
    })
}

/// Of the processes: its context has Argo CD's namespace.
fn kubeconfig(files: &Files) -> PathBuf {
    files.dir().join("kubeconfig.json")
}

fn control_plane(cx: &Context, files: &Files) -> Result<ControlPlane> {
    let program = cx.provision.tool("kwokctl")?;
    let start = Kwok::start_call(cx, &program);
    Ok(ControlPlane {
        pid_dir: Kwok::pid_dir(cx),
        start: ProcessSpec {
            name: "control-plane".into(),
            args: start.args_text(),
            env: start.env_text(),
            program,
            cwd: Kwok::work_dir(cx),
            ready: 0,
            after_restart: None,
            connect: false,
            keeps_schemas: false,
        },
        schemas: schemas(cx, files)?,
    })
}

/// The variables that every process gets.
fn environment(cx: &Context, files: &Files) -> Result<BTreeMap<String, String>> {
    let dir = files.dir();
    let path = |name: &str| dir.join(name).to_string_lossy().into_owned();
    let mut env: BTreeMap<String, String> = [
        ("KUBECONFIG", path("kubeconfig.json")),
        ("ARGOCD_FAKE_IN_CLUSTER", "true".into()),
        ("ARGOCD_GPG_ENABLED", "false".into()),
        ("ARGOCD_GNUPGHOME", path("gnupg")),
        ("ARGOCD_TLS_DATA_PATH", path("tls")),
        ("ARGOCD_SSH_DATA_PATH", path("ssh")),
        ("ARGOCD_PLUGINSOCKFILEPATH", path("plugins")),
        // Relative to the working folder: the path of a socket may not be longer than about 100 bytes.
        ("ARGOCD_ASK_PASS_SOCK", "ask-pass.sock".into()),
        ("TMPDIR", path("tmp")),
        ("HOME", path("home")),
        ("XDG_CONFIG_HOME", path("home")),
        ("PATH", format!("{}:{}", path("bin"), cx.search_path())),
    ]
    .map(|(k, v)| (k.to_string(), v))
    .into();
    env.extend(params(cx)?);
    Ok(env)
}

/// The settings of `bootstrap/argocd/params.yaml` as variables. Errors: a key that [`PARAMS`] does not know.
fn params(cx: &Context) -> Result<BTreeMap<String, String>> {
    let file: Value = yaml::read(&cx.repo.bootstrap_dir().join("argocd/params.yaml"))?;
    let data = file.get("data").and_then(Value::as_object).cloned().unwrap_or_default();
    data.into_iter()
        .map(|(key, value)| {
            let variable = PARAMS.iter().find(|(k, _)| *k == key).map(|(_, v)| v.to_string());
            let unknown = || Error::failed(format!("bootstrap/argocd/params.yaml: no variable is known for `{key}`"));
            Ok((variable.ok_or_else(unknown)?, value.as_str().unwrap_or_default().to_string()))
        })
        .collect()
}

/// Makes the folders and files that the processes expect.
pub fn prepare(cx: &Context, files: &Files) -> Result<()> {
    for name in ["bin", "gnupg", "tls", "ssh", "plugins", "tmp", "home", "logs"] {
        files::private_dir(&files.dir().join(name))?;
    }
    let wrapper = files.dir().join("bin/git-verify-wrapper.sh");
    files::write_if_changed(&wrapper, b"#!/bin/sh\n# Commits are not signed here: Argo CD asks anyway.\nexit 0\n", 0o700)?;
    link(&cx.provision.tool("helm")?, &files.dir().join("bin/helm"))?;
    link(&cx.provision.tool("argocd")?, &files.dir().join("bin/argocd"))?;
    let kubectl = Kubectl::new(cx, Kwok.context_name(cx))?;
    let kubeconfig = serde_json::to_vec_pretty(&kubectl.kubeconfig_for(super::NAMESPACE)?)?;
    files::write_if_changed(&self::kubeconfig(files), &kubeconfig, 0o600)?;
    Ok(())
}

fn link(target: &Path, at: &PathBuf) -> Result<()> {
    if std::fs::read_link(at).is_ok_and(|have| have == target) {
        return Ok(());
    }
    let _ = std::fs::remove_file(at);
    symlink(target, at).with_context(|| format!("could not link {}", at.display()))
}

/// The ports of the processes that do not belong to the control plane.
pub fn ports() -> Vec<Port> {
    let control_plane = kwok::PORTS;
    Port::ALL.into_iter().filter(|p| !control_plane.contains(p)).collect()
}
