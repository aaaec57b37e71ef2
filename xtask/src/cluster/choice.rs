//! Which engine carries this clone's environment, and why.
//!
//! What a clone has begun decides first: its folder in the state folder is made before anything else of the cluster and
//! removed after everything else, so it is right after any interruption. A note beside it could only disagree.

use std::sync::OnceLock;

use super::{Cluster, K3d, Kwok, docker, k3d};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::proc::Runner;
use crate::provision::record_hint;
use crate::repo::environment::Engine;

/// The command that records the checksum of a release, on a machine that reaches it.
const RECORD: &str = "tools-lock";

/// The reason that comes before all others.
const MINE: &str = "this clone's cluster";

type AnyCluster = dyn Cluster + Sync;

/// The engines that this program can drive.
static DRIVEN: [&AnyCluster; 2] = [&K3d, &Kwok];

/// What this run has found out about engines. Docker is asked once at most, and only when its answer matters.
#[derive(Default)]
pub struct Engines {
    docker: OnceLock<docker::Answer>,
    choice: OnceLock<Choice>,
}

#[derive(Clone)]
struct Choice {
    cluster: &'static AnyCluster,
    why: String,
}

impl Engines {
    /// The version of the Docker engine, or why there is none. Errors: Ctrl-C.
    pub fn docker(&self, runner: &Runner) -> Result<&docker::Answer> {
        if self.docker.get().is_none() {
            let answer = docker::ask(runner)?;
            return Ok(self.docker.get_or_init(|| answer));
        }
        self.docker.get().ok_or_else(|| Error::failed("Docker's answer is gone"))
    }

    /// Takes k3d for this run, as if the user had said so. Errors: usage, when the environment does not name it; prerequisite,
    /// when no Docker engine answers.
    pub fn insist_on_k3d(&self, cx: &Context) -> Result<()> {
        require_listed(cx, Engine::K3d)?;
        k3d::require_docker(cx)?;
        let why = if K3d.is_begun(cx) { MINE } else { "as asked for" };
        self.choice.get_or_init(|| Choice { cluster: &K3d, why: why.to_string() });
        Ok(())
    }

    /// The engine, if this run has chosen one already.
    pub fn chosen(&self) -> Option<Engine> {
        self.choice.get().map(|c| c.cluster.engine())
    }
}

/// The cluster of this environment: the one that this clone has, else the one that it would make.
/// Errors: usage, when the user insists on an engine that cannot carry it; prerequisite, when it needs Docker and has none.
pub fn of(cx: &Context) -> Result<&'static AnyCluster> {
    Ok(choose(cx)?.cluster)
}

/// One line about the engine and why it was taken.
pub fn introduction(cx: &Context) -> Result<String> {
    let choice = choose(cx)?;
    Ok(choice.cluster.introduction(cx, &choice.why))
}

/// The cluster that this clone has, whatever state it is in; `None` when it has none. Never asks Docker.
/// Errors: usage, when the user insists on another engine.
pub fn present(cx: &Context) -> Result<Option<&'static AnyCluster>> {
    let Some(mine) = DRIVEN.into_iter().find(|c| c.is_begun(cx)) else {
        return match cx.engine_wish() {
            Some(wish) => require_listed(cx, wish).map(|()| None),
            None => Ok(None),
        };
    };
    match cx.engine_wish() {
        Some(wish) if wish != mine.engine() => {
            let (mine, wish) = (mine.engine().name(), wish.name());
            Err(Error::usage(format!("this clone's cluster is on the engine `{mine}`, not on `{wish}`"))
                .hint(format!("leave --engine out, or delete it first: cargo xtask dev-clean (then --engine {wish} makes a new one)")))
        }
        _ => Ok(Some(mine)),
    }
}

fn choose(cx: &Context) -> Result<Choice> {
    if let Some(choice) = cx.engines.choice.get() {
        return Ok(choice.clone());
    }
    let (cluster, why) = decide(cx)?;
    Ok(cx.engines.choice.get_or_init(|| Choice { cluster, why }).clone())
}

fn decide(cx: &Context) -> Result<(&'static AnyCluster, String)> {
    if let Some(mine) = present(cx)? {
        return Ok((mine, MINE.to_string()));
    }
    if cx.is_rehearsal() {
        return Ok((&Kwok, "a rehearsal".to_string()));
    }
    let listed = |engine| cx.environment.cluster.engines.contains(&engine);
    match cx.engine_wish() {
        Some(Engine::Kwok) => Ok((&Kwok, "as asked for".to_string())),
        Some(Engine::K3d) => {
            k3d::require_docker(cx)?;
            Ok((&K3d, "as asked for".to_string()))
        }
        None if listed(Engine::K3d) => match weigh(cx.engines.docker(&cx.runner)?, || missing_tool(cx, &K3d))? {
            Ok(why) => Ok((&K3d, why)),
            Err(without) if listed(Engine::Kwok) => Ok((&Kwok, without.why)),
            Err(Without { why, hint }) => {
                Err(Error::prerequisite(format!("the environment `{}` runs on k3d only", cx.env())).cause(why).hint(hint))
            }
        },
        None if listed(Engine::Kwok) => Ok((&Kwok, "no Docker needed".to_string())),
        _ => Err(cannot_carry(cx, "no engine that this program can drive carries")),
    }
}

/// Why a machine has to do without k3d.
#[derive(Debug, PartialEq, Eq)]
struct Without {
    why: String,
    hint: String,
}

/// Why k3d is taken, or cannot be. `missing`: a program that cannot be brought; asked only when Docker answers.
fn weigh(docker: &docker::Answer, missing: impl FnOnce() -> Result<Option<&'static str>>) -> Result<std::result::Result<String, Without>> {
    let version = match docker {
        Ok(version) => version,
        Err(why) => return Ok(Err(Without { why: why.clone(), hint: "start Docker, then run the same command again".to_string() })),
    };
    Ok(match missing()? {
        None => Ok(format!("Docker {version} answers")),
        Some(tool) => {
            let why = format!("Docker answers, but {tool} has no recorded checksum: cargo xtask {RECORD} {tool}");
            Err(Without { why, hint: record_hint(tool) })
        }
    })
}

/// The first program of an engine that no source can bring to this machine.
fn missing_tool(cx: &Context, cluster: &dyn Cluster) -> Result<Option<&'static str>> {
    for tool in crate::steps::programs(cluster) {
        if cx.provision.obstacle(tool)?.is_some() {
            return Ok(Some(tool));
        }
    }
    Ok(None)
}

/// Refuses to begin what could not be ended. Errors: prerequisite, when a program of the engine can be had nowhere.
pub fn require_programs(cx: &Context, cluster: &dyn Cluster) -> Result<()> {
    let Some(tool) = missing_tool(cx, cluster)? else { return Ok(()) };
    let why = cx.provision.obstacle(tool)?.unwrap_or_default();
    Err(Error::prerequisite(format!("the engine `{}` cannot carry the shop here: {why}", cluster.engine().name())).hint(record_hint(tool)))
}

/// Errors: usage, when the environment's description does not name the engine.
fn require_listed(cx: &Context, wish: Engine) -> Result<()> {
    if cx.environment.cluster.engines.contains(&wish) && DRIVEN.iter().any(|c| c.engine() == wish) {
        return Ok(());
    }
    Err(cannot_carry(cx, &format!("the engine `{}` does not carry", wish.name())))
}

fn cannot_carry(cx: &Context, what: &str) -> Error {
    let known: Vec<_> = cx.environment.cluster.engines.iter().map(|e| e.name()).collect();
    Error::usage(format!("{what} the environment `{}`", cx.env())).cause(format!("its engines: {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k3d_needs_docker_and_every_program_of_its_own() {
        let docker: docker::Answer = Ok("28.1.1".to_string());
        assert_eq!(weigh(&docker, || Ok(None)).unwrap().unwrap(), "Docker 28.1.1 answers");
        let without = weigh(&docker, || Ok(Some("istioctl"))).unwrap().unwrap_err();
        assert_eq!(without.why, format!("Docker answers, but istioctl has no recorded checksum: cargo xtask {RECORD} istioctl"));
        let none: docker::Answer = Err("no Docker engine answers".to_string());
        let without = weigh(&none, || panic!("it does not matter what else is missing")).unwrap().unwrap_err();
        assert_eq!(without.why, "no Docker engine answers");
    }
}
