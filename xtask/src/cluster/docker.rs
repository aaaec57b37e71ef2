//! The Docker engine of this machine: does it answer, what does it have, and which containers has a k3d cluster there.
//!
//! Two questions and not one: every command can afford `docker version`; `docker info`, which knows the memory, runs every plugin
//! of the command line before it answers, and is asked only by who needs that.
//!
//! `docker` is a prerequisite and not a tool of this repository: an engine cannot be brought by a program beside it.

use std::time::Duration;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::proc::{Failure, Invocation, Runner};

/// The label that says which clone made a container: the path of its root.
///
/// Not one of k3d's: it reserves `k3d.…` for itself, and shows no other ones in its own list (5.9.0, `runtimes/docker`). The
/// mounted folder would tell too, but Docker Desktop may show another path than was asked for.
pub const OWNER: &str = "c4ang.io/clone";

/// An engine that is there answers within a fraction of it; one that hangs must not hold up a command that can do without.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the engine says about itself: its version, or why there is none.
pub type Answer = std::result::Result<String, String>;

/// Asks the engine for its version. Errors: Ctrl-C; everything else is an answer.
pub fn ask(runner: &Runner) -> Result<Answer> {
    let call = Invocation::reads("docker").args(["version", "--format", "{{.Server.Version}}"]).timeout(PATIENCE);
    Ok(match runner.run(&call) {
        Ok(out) if !out.text().trim().is_empty() => Ok(out.text().trim().to_string()),
        Ok(_) | Err(Failure::Failed { .. }) => Err("no Docker engine answers".to_string()),
        Err(Failure::Interrupted) => return Err(Error::interrupted()),
        Err(Failure::NotFound { .. }) => Err("there is no `docker` on PATH".to_string()),
        Err(Failure::TimedOut { .. }) => Err("the Docker engine does not answer".to_string()),
        Err(Failure::Io { error, .. }) => Err(format!("docker cannot be started: {error}")),
    })
}

/// A Docker engine, as `docker info` describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Info {
    Answers {
        version: String,
        /// Bytes; absent if it did not say.
        memory: Option<u64>,
    },
    /// The program is there; its engine says nothing, with the reason.
    Silent(String),
    NotInstalled,
}

impl Info {
    /// Asks the engine. Only looks; gives up after three seconds.
    pub fn ask(runner: &Runner) -> Self {
        let call = Invocation::reads("docker").args(["info", "--format", "{{json .}}"]).timeout(PATIENCE);
        let mut printed = Vec::new();
        match runner.run_keeping(&call, &mut printed) {
            Err(Failure::NotFound { .. }) => Info::NotInstalled,
            Err(Failure::TimedOut { .. }) => Info::Silent("no answer within 3 s".into()),
            Ok(()) => Self::parse(&printed, ""),
            // Versions differ in whether an engine that is silent is a failure.
            Err(failure) => Self::parse(&printed, failure.tail()),
        }
    }

    /// Reads what `docker info --format '{{json .}}'` prints; an engine that is silent has no version.
    fn parse(printed: &[u8], stderr: &str) -> Self {
        let info: Value = serde_json::from_slice(printed).unwrap_or_default();
        match info.get("ServerVersion").and_then(Value::as_str).filter(|v| !v.is_empty()) {
            Some(version) => {
                let memory = info.get("MemTotal").and_then(Value::as_u64).filter(|bytes| *bytes > 0);
                Info::Answers { version: version.to_string(), memory }
            }
            None => {
                let error = info.pointer("/ServerErrors/0").and_then(Value::as_str).unwrap_or(stderr);
                let line = error.lines().find(|line| !line.trim().is_empty()).unwrap_or("it does not say why");
                Info::Silent(line.trim().to_string())
            }
        }
    }
}

/// A container of a k3d cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Docker's word: `running`, `exited`, `created` …
    pub state: String,
    /// k3d's word: `server`, `loadbalancer`, or `noRole` for a helper that it removes itself.
    pub role: String,
    /// The root of the clone that made it; empty when it does not say.
    pub owner: String,
}

/// The containers of a k3d cluster, stopped ones too. By docker and not by `k3d cluster list`, which knows no owner: one
/// call tells everything, also where k3d has not been brought yet.
pub fn nodes(runner: &Runner, cluster: &str) -> Result<Vec<Node>> {
    Ok(parse(&runner.run(&list_call(cluster))?.text()))
}

fn list_call(cluster: &str) -> Invocation {
    // The owner comes last: it may have blanks in it.
    let line = format!("{{{{.State}}}} {{{{.Label \"k3d.role\"}}}} {{{{.Label \"{OWNER}\"}}}}");
    let call = Invocation::reads("docker").args(["ps", "--all", "--filter", &format!("label=k3d.cluster={cluster}")]);
    call.args(["--format", &line]).timeout(Duration::from_secs(20))
}

fn parse(printed: &str) -> Vec<Node> {
    let lines = printed.lines().filter(|l| !l.trim().is_empty());
    let node = |line: &str| {
        let mut words = line.splitn(3, ' ').map(str::to_string);
        let mut word = || words.next().unwrap_or_default();
        Node { state: word(), role: word(), owner: word() }
    };
    lines.map(node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shortened answers of Docker 27 and 24.
    #[test]
    fn what_docker_info_prints_is_understood() {
        let answers = br#"{"ID":"x","ServerVersion":"27.3.1","MemTotal":8321982464,"NCPU":8}"#;
        assert_eq!(Info::parse(answers, ""), Info::Answers { version: "27.3.1".into(), memory: Some(8_321_982_464) });
        let silent = br#"{"ID":"","ServerVersion":"","MemTotal":0,"ServerErrors":["Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"]}"#;
        let why = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?";
        assert_eq!(Info::parse(silent, ""), Info::Silent(why.into()));
        assert_eq!(Info::parse(b"", "\npermission denied\n"), Info::Silent("permission denied".into()));
    }

    #[test]
    fn a_path_with_blanks_is_one_owner_and_a_helper_has_none() {
        let node = |state: &str, role: &str, owner: &str| Node { state: state.into(), role: role.into(), owner: owner.into() };
        let printed = "running server /home/a b/shop\nexited loadbalancer /home/a b/shop\ncreated noRole \n";
        let wanted =
            [node("running", "server", "/home/a b/shop"), node("exited", "loadbalancer", "/home/a b/shop"), node("created", "noRole", "")];
        assert_eq!(parse(printed), wanted);
        assert!(parse("\n").is_empty());
    }
}
