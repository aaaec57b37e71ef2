//! What carries the cluster: kwok with plain processes, or k3d with Docker.

use super::{Check, State};
use crate::cluster::docker::Info;
use crate::cluster::preflight::{self, Level};
use crate::context::Context;
use crate::error::Error;
use crate::repo::environment::Engine;

const GROUP: &str = "engine";

/// `refused`: why this program cannot drive the engine that was asked for.
pub fn checks(cx: &Context, engine: Engine, refused: Option<&Error>, docker: Info, running: bool) -> Vec<Check> {
    let k3d = engine == Engine::K3d;
    let mut checks = Vec::new();
    if let Some(error) = refused {
        let check = Check::ok(GROUP, engine.name(), "", error.what()).state(State::Missing);
        checks.push(Check { mend: error.hints().first().cloned(), ..check });
    } else if engine == Engine::Kwok {
        checks.push(Check::ok(GROUP, "engine", "kwok", "needs no Docker; pods are simulated"));
    }
    let answers = matches!(docker, Info::Answers { .. });
    checks.push(docker_row(&docker, k3d));
    for (name, purpose) in [("k3d", "needed for the engine k3d"), ("aws", "needed for AWS: registry login, prod")] {
        // Pinned ones have their row among the tools, refused engines have theirs already.
        if cx.provision.tools().iter().any(|t| t.name == name) || checks.iter().any(|c| c.id == name) {
            continue;
        }
        checks.push(match cx.provision.program(name) {
            Some(path) => Check::ok(GROUP, name, "", path.display().to_string()).optional(),
            None => Check::ok(GROUP, name, "", purpose).state(State::Optional).optional(),
        });
    }
    if k3d || answers {
        // The row of Docker says that already.
        let findings = preflight::look(cx, docker, running).into_iter().filter(|f| f.id != preflight::DOCKER);
        checks.extend(findings.map(|finding| {
            let state = match finding.level {
                _ if !k3d => State::Optional,
                Level::Needed => State::Missing,
                Level::Warning => State::Warning,
            };
            let from = format!("{} needed for the engine k3d", finding.what);
            Check { needed: k3d, ..Check::ok(GROUP, finding.id, finding.have, from).state(state).mend(finding.mend) }
        }));
    }
    checks
}

fn docker_row(docker: &Info, needed: bool) -> Check {
    let absent = |from: String, mend: &str| {
        let state = if needed { State::Missing } else { State::Optional };
        let check = Check { needed, ..Check::ok(GROUP, "docker", "", from).state(state) };
        if needed { check.mend(mend) } else { check }
    };
    match docker {
        Info::Answers { version, .. } => Check { needed, ..Check::ok(GROUP, "docker", version, "its engine answers") },
        Info::Silent(why) => absent(format!("needed for the engine k3d; it does not answer: {why}"), "start Docker"),
        Info::NotInstalled => absent("needed for the engine k3d".into(), "install it: https://docs.docker.com/engine/install"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docker_is_optional_unless_the_engine_needs_it() {
        let silent = Info::Silent("no answer within 3 s".into());
        assert_eq!(docker_row(&silent, false).state, State::Optional);
        assert!(docker_row(&silent, true).stops());
        assert!(docker_row(&Info::NotInstalled, true).stops());
        let answers = Info::Answers { version: "27.3.1".into(), memory: None };
        assert_eq!((docker_row(&answers, false).state, docker_row(&answers, true).state), (State::Ok, State::Ok));
    }
}
