//! The cluster in Docker: k3d runs k3s in a container, with a load balancer in front; pods are containers in it.
//!
//! Its name is the same for all clones, because its ports are; a label on its containers says whose it is, and nobody but
//! that clone starts, stops or deletes it. Facts about k3d are those of 5.9.0.

mod config;
mod found;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::docker;
use super::{Cluster, Seen, planned_tool};
use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::proc::{Identity, Invocation};
use crate::repo::environment::Engine;
use crate::repo::files;
use crate::tools::Kubectl;
use crate::ui::Task;

pub use config::{WAIT_SECONDS, config};
use found::{Found, judge};

/// Pulling the images over a slow line takes most of it.
const CREATE_WITHIN: Duration = Duration::from_secs(1200);
/// A little more than k3d's own limit, whose message says more than ours.
const START_WITHIN: Duration = Duration::from_secs(config::WAIT_SECONDS + 30);
/// How long the API may take to answer after k3d said that the node is ready.
const API_WITHIN: Duration = Duration::from_secs(60);

pub struct K3d;

impl K3d {
    /// Everything of k3d's in the state folder.
    pub fn work_dir(cx: &Context) -> PathBuf {
        cx.state_dir().join("k3d")
    }

    pub fn config_file(cx: &Context) -> PathBuf {
        Self::work_dir(cx).join("config.json")
    }

    /// A call of k3d that touches no file of the user's: deleting a cluster cleans the default kubeconfig, whether or not
    /// the cluster was ever in it.
    fn guarded(cx: &Context, call: Invocation) -> Invocation {
        let call = call.unset("K3D_CONFIG").env("KUBECONFIG", cx.kubeconfig()).env("XDG_CONFIG_HOME", Self::work_dir(cx));
        // It colours its log wherever that goes, and what it says of its progress goes to stdout.
        call.env("LOG_COLORS", "false").env("LOG_LEVEL", "info")
    }

    fn call(cx: &Context, program: &Path, verb: &[&str]) -> Invocation {
        Self::guarded(cx, Invocation::writes(program).args(verb))
    }

    fn create_call(cx: &Context, program: &Path) -> Invocation {
        Self::call(cx, program, &["cluster", "create", "--config"]).arg(Self::config_file(cx)).timeout(CREATE_WITHIN)
    }

    fn start_call(cx: &Context, program: &Path) -> Invocation {
        let limit = format!("{}s", config::WAIT_SECONDS);
        Self::call(cx, program, &["cluster", "start", Self::name(cx), "--wait", "--timeout", &limit]).timeout(START_WITHIN)
    }

    fn stop_call(cx: &Context, program: &Path) -> Invocation {
        Self::call(cx, program, &["cluster", "stop", Self::name(cx)]).timeout(START_WITHIN)
    }

    fn delete_call(cx: &Context, program: &Path) -> Invocation {
        Self::call(cx, program, &["cluster", "delete", Self::name(cx)]).timeout(START_WITHIN)
    }

    fn kubeconfig_call(cx: &Context, program: &Path) -> Invocation {
        Self::quiet(cx, program).args(["kubeconfig", "get", Self::name(cx)])
    }

    /// The call that lists the clusters of this machine, for people.
    pub fn list_call(cx: &Context, program: &Path) -> Invocation {
        Self::quiet(cx, program).args(["cluster", "list"]).timeout(Duration::MAX)
    }

    /// The call that has k3d read a configuration and print it as it understands it. Needs no Docker.
    pub fn understood_call(cx: &Context, program: &Path, file: &Path) -> Invocation {
        Self::quiet(cx, program).args(["config", "migrate"]).arg(file).arg("-")
    }

    /// A call whose stdout is an answer and nothing else.
    fn quiet(cx: &Context, program: &Path) -> Invocation {
        Self::guarded(cx, Invocation::reads(program)).env("LOG_LEVEL", "warn")
    }

    fn name(cx: &Context) -> &str {
        &cx.environment.cluster.name
    }

    /// Errors: prerequisite, when no Docker engine answers.
    fn found(cx: &Context) -> Result<Found> {
        require_docker(cx)?;
        let nodes = docker::nodes(&cx.runner, Self::name(cx)).context("Docker does not list its containers")?;
        Ok(judge(&nodes, &cx.repo.root().to_string_lossy()))
    }

    fn run(cx: &Context, call: &Invocation, task: &Task) -> Result<()> {
        let mut say = |line: &str| {
            task.update(words(line));
            true
        };
        Ok(cx.runner.follow(call, &mut say)?)
    }

    fn create(cx: &Context, program: &Path, task: &Task) -> Result<()> {
        files::private_dir(&cx.state_dir())?;
        files::private_dir(&Self::work_dir(cx))?;
        files::write_if_changed(&Self::config_file(cx), &serde_json::to_vec_pretty(&config(cx)?)?, 0o600)?;
        // Docker would make what it shall mount, and root would own it.
        let source = cx.git().folder().to_path_buf();
        std::fs::create_dir_all(&source).with_context(|| format!("could not make the folder {}", source.display()))?;
        task.update("creating the cluster");
        let beside = "kwok needs no containers: cargo xtask dev-clean, then cargo xtask dev-init --engine kwok";
        Self::run(cx, &Self::create_call(cx, program), task).map_err(|e| e.hint(beside))
    }

    fn write_kubeconfig(cx: &Context, program: &Path) -> Result<()> {
        let kubeconfig = cx.runner.run(&Self::kubeconfig_call(cx, program))?;
        if let Some(dir) = cx.kubeconfig().parent() {
            files::private_dir(dir)?;
        }
        files::write_if_changed(&cx.kubeconfig(), &kubeconfig.stdout, 0o600).map(drop)
    }

    fn api_answers(&self, cx: &Context) -> bool {
        Kubectl::planned(cx, self.context_name(cx)).is_ready()
    }

    fn wait_for_api(&self, cx: &Context, task: &Task) -> Result<()> {
        task.update("waiting for the Kubernetes API");
        let end = Instant::now() + API_WITHIN;
        while !self.api_answers(cx) {
            if Instant::now() > end {
                return Err(Error::failed("the Kubernetes API did not answer within 60 s")
                    .hint(format!("read the log of its node: docker logs k3d-{}-server-0", Self::name(cx))));
            }
            cx.runner.interrupt().sleep(Duration::from_millis(500))?;
        }
        Ok(())
    }

    /// Ends our containers, and nobody else's.
    fn delete_containers(cx: &Context, task: Option<&Task>) -> Result<()> {
        if matches!(Self::found(cx)?, Found::Nothing | Found::Foreign(_)) {
            return Ok(());
        }
        let call = Self::delete_call(cx, &cx.provision.tool("k3d")?);
        match task {
            Some(task) => Self::run(cx, &call, task),
            None => Ok(cx.runner.run(&call).map(drop)?),
        }
    }
}

impl Cluster for K3d {
    fn engine(&self) -> Engine {
        Engine::K3d
    }

    fn simulated(&self) -> &'static [&'static str] {
        &[
            "one node, without zones or groups: spread, placement and the loss of a node do not show",
            "volumes are folders of that node; load balancers are ports of this machine",
            "databases, caches and Kafka are single pods; in prod they are services of AWS",
            "Secrets and certificates are made here; nothing comes from a secret store or a public authority",
            "autoscaling and disruption budgets: every service runs once",
        ]
    }

    fn runs_containers(&self) -> bool {
        true
    }

    /// The snapshot as the node sees it, and as a pod can mount it.
    fn source_url(&self, _: &Context) -> String {
        format!("file://{}", config::SOURCE)
    }

    fn introduction(&self, cx: &Context, why: &str) -> String {
        let version = super::pinned_version(cx, "kubectl");
        format!("engine k3d ({why}): Kubernetes {version} in a container of this machine; pods really run")
    }

    fn tools(&self) -> &'static [&'static str] {
        &["k3d", "kubectl"]
    }

    fn is_begun(&self, cx: &Context) -> bool {
        Self::work_dir(cx).is_dir()
    }

    fn processes(&self, _: &Context) -> Vec<(String, Identity)> {
        Vec::new()
    }

    fn addresses(&self, _: &Context) -> Vec<String> {
        vec![
            format!("Kubernetes API  https://127.0.0.1:{}", config::API_PORT),
            "Gateways        ports 80 and 443 of 127.0.0.1, once the mesh is up".to_string(),
        ]
    }

    fn look(&self, cx: &Context) -> Result<Seen> {
        if let Err(why) = cx.engines.docker(&cx.runner)? {
            return Ok(Seen::Blocked { why: why.clone(), hint: docker_hint(cx) });
        }
        Ok(match Self::found(cx)? {
            Found::Nothing => Seen::Nothing,
            Found::Foreign(owner) => {
                let (why, hint) = foreign(cx, &owner);
                Seen::Blocked { why, hint }
            }
            Found::Broken(why) => Seen::Half(why.to_string()),
            Found::Stopped => Seen::Stopped,
            Found::Partly => Seen::Half("some of its containers are stopped".to_string()),
            Found::Up if !cx.kubeconfig().is_file() => Seen::Half("its kubeconfig is gone".to_string()),
            Found::Up if !self.api_answers(cx) => Seen::Half("its API does not answer".to_string()),
            Found::Up => Seen::Running(format!("Kubernetes {} on 127.0.0.1:{}", super::pinned_version(cx, "kubectl"), config::API_PORT)),
        })
    }

    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        let program = planned_tool(cx, "k3d");
        let kubeconfig = Self::kubeconfig_call(cx, &program);
        Ok(match Self::found(cx)? {
            Found::Nothing => vec![Self::create_call(cx, &program), kubeconfig],
            Found::Broken(_) => vec![Self::delete_call(cx, &program), Self::create_call(cx, &program), kubeconfig],
            Found::Stopped | Found::Partly => vec![Self::start_call(cx, &program), kubeconfig],
            Found::Up => vec![kubeconfig],
            Found::Foreign(_) => Vec::new(),
        })
    }

    fn bring_up(&self, cx: &Context, task: &Task) -> Result<()> {
        let program = cx.provision.tool("k3d")?;
        match Self::found(cx)? {
            Found::Up => {}
            Found::Foreign(owner) => {
                let (why, hint) = foreign(cx, &owner);
                return Err(Error::prerequisite(why).hint(hint));
            }
            Found::Stopped | Found::Partly => {
                task.update("starting the cluster");
                Self::run(cx, &Self::start_call(cx, &program), task)?;
            }
            Found::Broken(why) => {
                task.update(format!("deleting what cannot be mended: {why}"));
                Self::delete_containers(cx, Some(task))?;
                Self::create(cx, &program, task)?;
            }
            Found::Nothing => Self::create(cx, &program, task)?,
        }
        Self::write_kubeconfig(cx, &program)?;
        self.wait_for_api(cx, task)
    }

    fn plan_stop(&self, cx: &Context) -> Result<Vec<Invocation>> {
        let runs = matches!(Self::found(cx)?, Found::Up | Found::Partly);
        Ok(runs.then(|| Self::stop_call(cx, &planned_tool(cx, "k3d"))).into_iter().collect())
    }

    fn stop(&self, cx: &Context) -> Result<bool> {
        let runs = matches!(Self::found(cx)?, Found::Up | Found::Partly);
        if runs {
            cx.runner.run(&Self::stop_call(cx, &cx.provision.tool("k3d")?))?;
        }
        Ok(runs)
    }

    fn plan_delete(&self, cx: &Context) -> Result<Vec<Invocation>> {
        let there = !matches!(Self::found(cx)?, Found::Nothing | Found::Foreign(_));
        Ok(there.then(|| Self::delete_call(cx, &planned_tool(cx, "k3d"))).into_iter().collect())
    }

    fn delete(&self, cx: &Context) -> Result<()> {
        Self::delete_containers(cx, None)?;
        // The kubeconfig first: without the folder the next run would not know that there was one to delete.
        if let Some(dir) = cx.kubeconfig().parent() {
            files::remove_dir(dir)?;
        }
        files::remove_dir(&Self::work_dir(cx))
    }

    fn context_name(&self, cx: &Context) -> String {
        format!("k3d-{}", Self::name(cx))
    }
}

/// Errors: prerequisite, when no Docker engine answers.
pub fn require_docker(cx: &Context) -> Result<()> {
    match cx.engines.docker(&cx.runner)? {
        Ok(_) => Ok(()),
        Err(why) => Err(Error::prerequisite(format!("the engine k3d needs Docker, and {why}")).hint(docker_hint(cx))),
    }
}

fn docker_hint(cx: &Context) -> String {
    if K3d.is_begun(cx) {
        let state = cx.repo.shown(&cx.state_dir());
        return format!("start Docker, then run the same command again; if it is gone for good, delete the folder {state}");
    }
    "start Docker, then run the same command again; the engine kwok needs none: cargo xtask dev-init --engine kwok".to_string()
}

/// Whose cluster it is, and how to get on.
fn foreign(cx: &Context, owner: &str) -> (String, String) {
    let name = K3d::name(cx);
    let beside = "kwok works beside it: cargo xtask dev-init --engine kwok";
    if owner.is_empty() {
        let why = format!("there is a k3d cluster `{name}` that this program did not make");
        return (why, format!("delete it if nobody needs it: k3d cluster delete {name}; {beside}"));
    }
    let why = format!("the k3d cluster `{name}` belongs to the clone {owner}");
    (why, format!("delete it there: cargo xtask dev-clean (or, if that clone is gone: k3d cluster delete {name}); {beside}"))
}

/// What k3d says, without clock and level: `time="…" level=info msg="Creating node 'x'"`.
fn words(line: &str) -> &str {
    line.split_once("msg=").map_or(line, |(_, words)| words.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_words_without_level_and_clock() {
        let line = r#"time="2026-11-23T15:00:00Z" level=info msg="Creating node 'k3d-shop-server-0'""#;
        assert_eq!(words(line), "Creating node 'k3d-shop-server-0'");
        assert_eq!(words("plain"), "plain");
    }
}
