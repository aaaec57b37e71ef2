//! Argo CD, Argo Rollouts and redis as processes under a supervisor.

use std::time::{Duration, Instant};

use crate::argocd::processes;
use crate::cluster::{self, Port, Ports};
use crate::context::Context;
use crate::engine::State;
use crate::error::{Error, Result};
use crate::proc::Invocation;
use crate::supervisor::{self, Files, Spec};
use crate::ui::{Task, count};

pub struct Step;

/// How long all processes together may take to accept connections.
const UP_WITHIN: Duration = Duration::from_secs(60);
/// How long the API server may take to publish every schema. Measured: up to 12 s after it was killed.
const SCHEMAS_WITHIN: Duration = Duration::from_secs(60);

impl crate::engine::Step for Step {
    fn id(&self) -> &'static str {
        "processes"
    }

    fn needs(&self) -> &'static [&'static str] {
        &["argocd", "cluster"]
    }

    fn probe(&self, cx: &Context) -> Result<State> {
        let files = Files::new(&cx.state_dir());
        let Some(ports) = Ports::remembered(&cx.state_dir()) else { return Ok(State::Missing) };
        let running = files.processes();
        if files.supervisor().is_none() {
            return Ok(if running.is_empty() { State::Missing } else { State::NeedsRepair("nobody watches over them".into()) });
        }
        let spec = processes::spec(cx, &files, &ports)?;
        let current: Option<Spec> = std::fs::read(files.spec()).ok().and_then(|t| serde_json::from_slice(&t).ok());
        if current.as_ref() != Some(&spec) {
            return Ok(State::Drifted { want: "the programs and settings of this tree".into(), have: "older ones".into() });
        }
        let silent: Vec<&str> = spec.processes.iter().filter(|p| !cluster::answers(p.ready)).map(|p| p.name.as_str()).collect();
        if !silent.is_empty() {
            return Ok(State::NeedsRepair(format!("{} not answering", silent.join(", "))));
        }
        Ok(State::UpToDate(format!("{}, Argo CD API on {}", count(spec.processes.len(), "process"), ports.address(Port::ArgocdServer))))
    }

    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        let files = Files::new(&cx.state_dir());
        Ok(vec![Invocation::writes("xtask").arg("supervise").arg(files.dir())])
    }

    fn apply(&self, cx: &Context, task: &Task) -> Result<()> {
        let files = Files::new(&cx.state_dir());
        let ports = Ports::remembered(&cx.state_dir()).ok_or_else(|| Error::failed("the ports of the cluster are not known"))?;
        let spec = processes::spec(cx, &files, &ports)?;
        let unchanged = std::fs::read(files.spec()).ok().and_then(|t| serde_json::from_slice(&t).ok()).as_ref() == Some(&spec);
        if files.supervisor().is_none() || !unchanged {
            supervisor::stop(&files)?;
            ports.require_free(&processes::ports())?;
            processes::prepare(cx, &files)?;
            if let Some(control_plane) = &spec.control_plane {
                task.update("waiting for the schemas of every kind");
                // Without one, what needs it says so itself, and by its name.
                control_plane.schemas.wait(&cx.runner, SCHEMAS_WITHIN)?;
            }
            supervisor::start(&cx.runner, &files, &spec)?;
        }
        wait_until_up(cx, task, &files, &spec)
    }
}

fn wait_until_up(cx: &Context, task: &Task, files: &Files, spec: &Spec) -> Result<()> {
    let end = Instant::now() + UP_WITHIN;
    loop {
        let silent: Vec<&str> = spec.processes.iter().filter(|p| !cluster::answers(p.ready)).map(|p| p.name.as_str()).collect();
        if silent.is_empty() {
            return Ok(());
        }
        task.update(format!("waiting for {}", silent.join(", ")));
        if Instant::now() > end || files.supervisor().is_none() {
            let log = files.logs().join(format!("{}.log", silent[0]));
            return Err(
                Error::failed(format!("{} does not answer", silent.join(", "))).hint(format!("read its log: {}", cx.repo.shown(&log)))
            );
        }
        cx.runner.interrupt().sleep(Duration::from_millis(50))?;
    }
}
