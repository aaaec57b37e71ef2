//! The Docker-free cluster: kwokctl runs a real control plane as plain processes, kwok simulates nodes and pods.
//!
//! kwokctl ends components by the number in their pid files, whoever owns it now, and takes a foreign process for a
//! running component. So every call that starts or ends something first drops the files whose process is not ours.
//! Facts about kwokctl are those of 0.8.0 (`pkg/kwokctl/runtime`).

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Cluster, Port, Ports, Seen, pinned_version, planned_tool};
use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::proc::{Identity, Invocation, Runner, started_by, terminate};
use crate::repo::environment::Engine;
use crate::repo::files;
use crate::tools::Kubectl;
use crate::ui::Task;

/// Components in the order in which they are started; the names of their programs, logs and pid files.
pub const COMPONENTS: [&str; 5] = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok-controller"];

/// The ports of the control plane.
pub const PORTS: [Port; 6] =
    [Port::KubeApiserver, Port::Etcd, Port::EtcdPeer, Port::KubeControllerManager, Port::KubeScheduler, Port::KwokController];

pub struct Kwok;

impl Kwok {
    /// KWOK_WORKDIR: everything of kwokctl's, apart from the kubeconfig.
    pub fn work_dir(cx: &Context) -> PathBuf {
        cx.state_dir().join("kwok")
    }

    fn cluster_dir(cx: &Context) -> PathBuf {
        Self::work_dir(cx).join("clusters").join(&cx.environment.cluster.name)
    }

    pub fn pid_dir(cx: &Context) -> PathBuf {
        Self::cluster_dir(cx).join("pids")
    }

    /// The API server's record of every change: who, what, when; never the content.
    pub fn audit_log(cx: &Context) -> PathBuf {
        Self::log_dir(cx).join("audit.log")
    }

    /// Where its components write their logs.
    pub fn log_dir(cx: &Context) -> PathBuf {
        Self::cluster_dir(cx).join("logs")
    }

    fn config_file(cx: &Context) -> PathBuf {
        Self::work_dir(cx).join("config.json")
    }

    fn call(cx: &Context, program: &Path, verb: &str) -> Invocation {
        Invocation::writes(program)
            .args([verb, "cluster", "--name", &cx.environment.cluster.name])
            .env("KWOK_WORKDIR", Self::work_dir(cx))
            // kwokctl would change the ambient kubeconfig.
            .env("KUBECONFIG", cx.kubeconfig())
            // It calls the first kubectl on PATH, whatever its option says (0.8.0): let that be the pinned one, and let it
            // keep what it remembers here instead of in the home folder.
            .env("PATH", search_path(cx))
            .env("HOME", Self::work_dir(cx))
            .timeout(Duration::from_secs(90))
    }

    fn create_call(cx: &Context, program: &Path) -> Invocation {
        let create = Self::call(cx, program, "create").arg("--config").arg(Self::config_file(cx));
        create.arg("--kubeconfig").arg(Self::new_kubeconfig(cx)).args(["--wait", "60s", "--timeout", "80s"])
    }

    /// kwokctl writes it before it starts anything; it gets its place when the cluster is complete, so that one that was
    /// interrupted on the way is never taken for a stopped one.
    fn new_kubeconfig(cx: &Context) -> PathBuf {
        Self::work_dir(cx).join("kubeconfig")
    }

    /// The call that starts whatever is not running; the supervisor repeats it when a component died.
    pub fn start_call(cx: &Context, program: &Path) -> Invocation {
        Self::call(cx, program, "start").args(["--timeout", "80s", "--wait", "60s"])
    }

    /// The configuration that makes kwokctl run our programs on our ports, on loopback.
    fn config(cx: &Context, ports: &Ports) -> Result<serde_json::Value> {
        let tool = |name: &str| cx.provision.tool(name).map(|p| p.to_string_lossy().into_owned());
        let bootstrap = cx.repo.bootstrap_dir().join("kwok");
        Ok(json!({
            "apiVersion": "config.kwok.x-k8s.io/v1alpha1",
            "kind": "KwokctlConfiguration",
            "options": {
                "runtime": "binary",
                "bindAddress": "127.0.0.1",
                "enableCRDs": ["Stage"],
                "kubeApiserverPort": ports.get(Port::KubeApiserver),
                "etcdPort": ports.get(Port::Etcd),
                "etcdPeerPort": ports.get(Port::EtcdPeer),
                "kubeControllerManagerPort": ports.get(Port::KubeControllerManager),
                "kubeSchedulerPort": ports.get(Port::KubeScheduler),
                "kwokControllerPort": ports.get(Port::KwokController),
                "kubeApiserverBinary": tool("kube-apiserver")?,
                "kubeControllerManagerBinary": tool("kube-controller-manager")?,
                "kubeSchedulerBinary": tool("kube-scheduler")?,
                "etcdBinary": tool("etcd")?,
                "kubectlBinary": tool("kubectl")?,
                "kwokControllerBinary": tool("kwok")?,
                "kubeAuditPolicy": bootstrap.join("audit-policy.yaml"),
                "kubeSchedulerConfig": bootstrap.join("scheduler.yaml"),
            },
            "componentsPatches": [
                // The data is worth nothing after a power cut, and waiting for the disk costs seconds.
                { "name": "etcd", "extraArgs": [{ "key": "unsafe-no-fsync", "value": "true" }] },
                {
                    "name": "kube-controller-manager",
                    // Without metrics every autoscaler would be Degraded, without a provisioner every claim Pending:
                    // both are simulated by stages instead.
                    "extraArgs": [{
                        "key": "controllers",
                        "value": "*,-horizontal-pod-autoscaler-controller,-persistentvolume-binder-controller",
                    }],
                },
                // Its leases pass to nobody after a stop: pods would stay Pending for minutes after the next start.
                // A stage keeps the nodes alive instead.
                { "name": "kwok-controller", "extraArgs": [{ "key": "node-lease-duration-seconds", "value": "0", "override": true }] },
                {
                    "name": "kube-apiserver",
                    "extraArgs": [
                        { "key": "audit-log-maxsize", "value": "20" },
                        { "key": "audit-log-maxbackup", "value": "1" },
                    ],
                },
            ],
        }))
    }

    fn kubectl(&self, cx: &Context) -> Result<Kubectl> {
        // Looking provisions nothing; without the program the API counts as silent.
        Ok(Kubectl::planned(cx, self.context_name(cx)))
    }

    fn api_answers(&self, cx: &Context) -> Result<bool> {
        Ok(self.kubectl(cx)?.is_ready())
    }

    fn wait_for_api(&self, cx: &Context) -> Result<()> {
        let end = Instant::now() + Duration::from_secs(60);
        while !self.api_answers(cx)? {
            if Instant::now() > end {
                return Err(Error::failed("the Kubernetes API did not answer within 60 s")
                    .hint(format!("read the log: {}", cx.repo.shown(&Self::log_dir(cx).join("kube-apiserver.log")))));
            }
            cx.runner.interrupt().sleep(Duration::from_millis(100))?;
        }
        Ok(())
    }
}

impl Cluster for Kwok {
    fn engine(&self) -> Engine {
        Engine::Kwok
    }

    fn simulated(&self) -> &'static [&'static str] {
        &[
            "nodes, pods and volumes: no container runs, no image is pulled, probes always succeed",
            "what istiod, the Prometheus operator, External Secrets, Strimzi and load balancers would report",
            "autoscalers: they never change a size",
            "a changed Rollout is promoted after 1 s without post-promotion analysis: there are no metrics",
            "not shown at all: network policy, mesh traffic, admission webhooks, rights of controllers",
        ]
    }

    fn runs_containers(&self) -> bool {
        false
    }

    /// Argo CD is a process of this machine and reads the very folder.
    fn source_url(&self, cx: &Context) -> String {
        cx.git().url()
    }

    fn introduction(&self, cx: &Context, why: &str) -> String {
        let version = |name: &str| pinned_version(cx, name);
        format!(
            "engine kwok ({why}): pods are simulated; Kubernetes {} with its controllers, Argo CD {} and Argo Rollouts {} are real",
            version("kube-apiserver"),
            version("argocd"),
            version("rollouts-controller")
        )
    }

    fn tools(&self) -> &'static [&'static str] {
        &["kwokctl", "kwok", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"]
    }

    fn is_begun(&self, cx: &Context) -> bool {
        Self::work_dir(cx).is_dir()
    }

    fn processes(&self, cx: &Context) -> Vec<(String, Identity)> {
        running_with_strays(&Self::pid_dir(cx))
    }

    fn addresses(&self, cx: &Context) -> Vec<String> {
        let Some(ports) = Ports::remembered(&cx.state_dir()) else { return Vec::new() };
        vec![
            format!("Kubernetes API  https://{}", ports.address(Port::KubeApiserver)),
            format!("Argo CD API     http://{}    without login; loopback only", ports.address(Port::ArgocdServer)),
        ]
    }

    fn look(&self, cx: &Context) -> Result<Seen> {
        let dir = Self::cluster_dir(cx);
        if !dir.join("kwok.yaml").is_file() {
            let half = dir.exists().then(|| "it was only half created".to_string());
            return Ok(half.map_or(Seen::Nothing, Seen::Half));
        }
        let Some(ports) = Ports::remembered(&cx.state_dir()) else {
            return Ok(Seen::Half("its ports are not known any more".into()));
        };
        if !cx.kubeconfig().is_file() {
            return Ok(Seen::Half("its kubeconfig is gone".into()));
        }
        let running = running(&Self::pid_dir(cx));
        let missing: Vec<&str> = COMPONENTS.into_iter().filter(|c| !running.iter().any(|(name, _)| name == c)).collect();
        if missing.len() == COMPONENTS.len() {
            return Ok(ports.conflict(&PORTS).map_or(Seen::Stopped, |(why, hint)| Seen::Blocked { why, hint }));
        }
        if !missing.is_empty() {
            return Ok(Seen::Half(format!("{} not running", missing.join(", "))));
        }
        if !self.api_answers(cx)? {
            return Ok(Seen::Half("its API does not answer".into()));
        }
        let version = pinned_version(cx, "kube-apiserver");
        Ok(Seen::Running(format!("Kubernetes {version} on {}", ports.address(Port::KubeApiserver))))
    }

    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        let program = planned_tool(cx, "kwokctl");
        Ok(match self.look(cx)? {
            Seen::Running(_) => Vec::new(),
            Seen::Stopped | Seen::Half(_) if Self::config_file(cx).is_file() => vec![Self::start_call(cx, &program)],
            _ => vec![Self::create_call(cx, &program)],
        })
    }

    fn bring_up(&self, cx: &Context, task: &Task) -> Result<()> {
        let program = cx.provision.tool("kwokctl")?;
        match self.look(cx)? {
            Seen::Running(_) => return Ok(()),
            Seen::Blocked { why, hint } => return Err(Error::prerequisite(why).hint(hint)),
            Seen::Stopped => {
                task.update("starting the control plane");
                start_missing(&cx.runner, &Self::pid_dir(cx), &Self::start_call(cx, &program))?;
            }
            Seen::Half(why) if Self::cluster_dir(cx).join("kwok.yaml").is_file() && cx.kubeconfig().is_file() => {
                task.update(format!("repairing the control plane: {why}"));
                start_missing(&cx.runner, &Self::pid_dir(cx), &Self::start_call(cx, &program))?;
            }
            Seen::Half(_) | Seen::Nothing => {
                self.delete(cx)?;
                files::private_dir(&cx.state_dir())?;
                files::private_dir(&Self::work_dir(cx))?;
                let ports = Ports::choose(&cx.state_dir())?;
                let config = serde_json::to_vec_pretty(&Self::config(cx, &ports)?)?;
                files::write_if_changed(&Self::config_file(cx), &config, 0o600)?;
                if let Some(dir) = cx.kubeconfig().parent() {
                    files::private_dir(dir)?;
                }
                task.update("creating the control plane");
                cx.runner.run(&Self::create_call(cx, &program)).map_err(|f| explain(f.into(), &Self::pid_dir(cx)))?;
                restrict(&Self::new_kubeconfig(cx))?;
                std::fs::rename(Self::new_kubeconfig(cx), cx.kubeconfig()).context("could not put the kubeconfig in its place")?;
            }
        }
        self.wait_for_api(cx)
    }

    fn plan_stop(&self, _: &Context) -> Result<Vec<Invocation>> {
        Ok(Vec::new())
    }

    fn stop(&self, cx: &Context) -> Result<bool> {
        // By hand, not by `kwokctl stop`: it goes by the number in a file, and waits for nothing.
        let mut running = running(&Self::pid_dir(cx));
        // etcd last: the others still write to it while they end.
        running.sort_by_key(|(name, _)| std::cmp::Reverse(COMPONENTS.iter().position(|c| c == name)));
        for (name, who) in &running {
            terminate(who, Duration::from_secs(10));
            let _ = std::fs::remove_file(Self::pid_dir(cx).join(format!("{name}.pid")));
        }
        end_strays(&Self::pid_dir(cx));
        drop_stale_pid_files(&Self::pid_dir(cx))?;
        Ok(!running.is_empty())
    }

    fn plan_delete(&self, _: &Context) -> Result<Vec<Invocation>> {
        Ok(Vec::new())
    }

    fn delete(&self, cx: &Context) -> Result<()> {
        self.stop(cx)?;
        // First, or an interruption would leave what looks like a stopped cluster, without some of its data.
        let _ = std::fs::remove_file(Self::cluster_dir(cx).join("kwok.yaml"));
        if let Some(dir) = cx.kubeconfig().parent() {
            files::remove_dir(dir)?;
        }
        // Last: without this folder nobody would know that there was something to delete.
        files::remove_dir(&Self::work_dir(cx))
    }

    fn context_name(&self, cx: &Context) -> String {
        format!("kwok-{}", cx.environment.cluster.name)
    }
}

/// Starts whatever is not running. One starter at a time: the supervisor and a command may both see the same gap, and two
/// calls side by side would start a component twice.
pub fn start_missing(runner: &Runner, pid_dir: &Path, start: &Invocation) -> Result<()> {
    let lock = File::create(pid_dir.with_file_name("start.lock")).context("could not take the lock of the control plane")?;
    lock.lock().context("could not take the lock of the control plane")?;
    let_them_end(pid_dir);
    drop_stale_pid_files(pid_dir)?;
    end_strays(pid_dir);
    if running(pid_dir).len() < COMPONENTS.len() {
        runner.run(start).map_err(|f| explain(f.into(), pid_dir))?;
    }
    Ok(())
}

/// Waits for components that are on their way out: killed, one is nameless at once and still holds its port, and the next would
/// fail on that.
fn let_them_end(pid_dir: &Path) {
    let end = Instant::now() + Duration::from_secs(10);
    let ending = |(_, path, _): &(String, PathBuf, Option<Identity>)| {
        let pid = std::fs::read_to_string(path).ok().and_then(|t| t.trim().parse().ok());
        pid.is_some_and(|pid| Identity::program(pid).is_none() && Identity::of(pid).is_some())
    };
    while pid_files(pid_dir).iter().any(ending) && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Ends components of this cluster that no pid file names: kwokctl was ended between starting one and noting its number.
fn end_strays(pid_dir: &Path) {
    strays(pid_dir).iter().for_each(|(_, who)| terminate(who, Duration::from_secs(10)));
}

fn strays(pid_dir: &Path) -> Vec<(String, Identity)> {
    let Some(links) = pid_dir.parent().map(|dir| dir.join("bin")) else { return Vec::new() };
    let known = running(pid_dir);
    let strays = started_by(&links).into_iter().filter(|(_, who)| !known.iter().any(|(_, k)| k == who));
    strays.map(|(link, who)| (link.file_name().unwrap_or_default().to_string_lossy().into_owned(), who)).collect()
}

/// The components that run, also those that no pid file names.
fn running_with_strays(pid_dir: &Path) -> Vec<(String, Identity)> {
    running(pid_dir).into_iter().chain(strays(pid_dir)).collect()
}

/// What kwokctl does not tell: which component ended, and the last words of its log.
fn explain(e: Error, pid_dir: &Path) -> Error {
    let e = e.context("the control plane did not start");
    let running = running(pid_dir);
    let logs = pid_dir.with_file_name("logs");
    let dead = COMPONENTS.into_iter().filter(|c| !running.iter().any(|(name, _)| name == c));
    dead.fold(e, |e, name| {
        let log = std::fs::read_to_string(logs.join(format!("{name}.log"))).unwrap_or_default();
        match log.lines().last() {
            Some(last) => {
                let last: String = last.chars().take(300).collect();
                e.cause(format!("{name} does not run; the end of its log: {last}")).hint_if_full_disk(&log)
            }
            None => e,
        }
    })
}

/// The components that run, with who they are. A file whose process is gone, or runs another program, does not count.
pub fn running(pid_dir: &Path) -> Vec<(String, Identity)> {
    pid_files(pid_dir).into_iter().filter_map(|(name, _, who)| who.map(|w| (name, w))).collect()
}

/// Removes pid files whose process is gone or belongs to another program.
pub fn drop_stale_pid_files(pid_dir: &Path) -> Result<()> {
    for (_, path, who) in pid_files(pid_dir) {
        if who.is_none() {
            std::fs::remove_file(&path).with_context(|| format!("could not remove {}", path.display()))?;
        }
    }
    Ok(())
}

fn pid_files(pid_dir: &Path) -> Vec<(String, PathBuf, Option<Identity>)> {
    let entries = std::fs::read_dir(pid_dir).into_iter().flatten().flatten();
    let files = entries.filter_map(|e| {
        let path = e.path();
        let name = path.file_name()?.to_string_lossy().strip_suffix(".pid")?.to_string();
        let pid = std::fs::read_to_string(&path).ok().and_then(|t| t.trim().parse::<u32>().ok());
        // kwokctl starts each by a link of this cluster's own.
        let link = pid_dir.parent()?.join("bin").join(&name);
        let ours = |pid: &u32| Identity::program(*pid).is_some_and(|p| p == link);
        let who = pid.filter(ours).and_then(Identity::of);
        Some((name, path, who))
    });
    files.collect()
}

/// The user's PATH, with the pinned kubectl before everything else.
fn search_path(cx: &Context) -> String {
    let kubectl = planned_tool(cx, "kubectl");
    let pinned = kubectl.parent().filter(|p| p.is_absolute()).map(|p| format!("{}:", p.display()));
    format!("{}{}", pinned.unwrap_or_default(), cx.search_path())
}

fn restrict(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
        .with_context(|| format!("could not make {} private", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_file_of_another_program_is_dropped_and_nobody_is_ended() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("etcd.pid");
        std::fs::write(&file, std::process::id().to_string()).unwrap(); // this test, surely not etcd
        assert!(running(dir.path()).is_empty());
        drop_stale_pid_files(dir.path()).unwrap();
        assert!(!file.exists());
    }

    #[test]
    fn a_pid_file_with_rubbish_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("kwok-controller.pid"), "not a number").unwrap();
        drop_stale_pid_files(dir.path()).unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
