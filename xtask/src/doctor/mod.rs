//! What this machine has of everything that the commands need: looked up, never asked of a network, never written.
//!
//! The looking happens first and side by side; what follows from it is pure, one file for each group of rows.

mod cluster;
mod engine;
mod machine;
mod ports;
mod programs;
mod report;
mod things;

use crate::cluster::docker::Info;
use crate::cluster::{self as clusters, Seen};
use crate::context::Context;
use crate::error::Result;
use crate::repo::environment::Engine;
use crate::steps;

pub use machine::memory;
pub use report::{json, text};

use programs::{Has, Program};
use things::Thing;

/// How a thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Ok,
    Missing,
    TooOld,
    Warning,
    /// Not there, and not needed by the chosen engine.
    Optional,
}

impl State {
    /// The word in both outputs.
    pub fn word(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Missing => "missing",
            State::TooOld => "too old",
            State::Warning => "warning",
            State::Optional => "optional",
        }
    }
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Unique in its group.
    pub id: String,
    pub group: &'static str,
    pub state: State,
    /// Version or size; empty when there is none.
    pub version: String,
    /// Where it is, or would come from, or what it is for.
    pub from: String,
    /// Must it be there for the chosen engine?
    pub needed: bool,
    /// What helps.
    pub mend: Option<String>,
}

impl Check {
    /// A row that is fine.
    fn ok(group: &'static str, id: impl Into<String>, version: impl Into<String>, from: impl Into<String>) -> Self {
        Check { id: id.into(), group, state: State::Ok, version: version.into(), from: from.into(), needed: true, mend: None }
    }

    fn state(self, state: State) -> Self {
        Check { state, ..self }
    }

    fn optional(self) -> Self {
        Check { needed: false, ..self }
    }

    fn mend(self, mend: impl Into<String>) -> Self {
        Check { mend: Some(mend.into()), ..self }
    }

    /// Does it keep `dev-init` from working?
    pub fn stops(&self) -> bool {
        self.needed && matches!(self.state, State::Missing | State::TooOld)
    }
}

/// Everything that was found.
pub struct Report {
    pub engine: &'static str,
    pub checks: Vec<Check>,
    /// Programs that `dev-init` builds first, and about how long that takes on two cores.
    pub to_build: (usize, u64),
}

impl Report {
    pub fn ok(&self) -> bool {
        !self.checks.iter().any(Check::stops)
    }
}

/// Looks at everything. Errors: Ctrl-C, a lock file that is not valid.
pub fn examine(cx: &Context) -> Result<Report> {
    let carrier = clusters::of(cx);
    let engine = cx.engine_wish().or(carrier.as_ref().ok().map(|c| c.engine())).unwrap_or(Engine::Kwok);
    let wanted = carrier.is_ok().then(|| steps::tools::wanted(cx)).transpose()?.unwrap_or_default();
    let seen = |carrier: &dyn clusters::Cluster| carrier.look(cx);

    // Each of these may start a program or two.
    let (programs, docker, seen, tools) = std::thread::scope(|scope| {
        let programs = scope.spawn(|| programs::look(cx));
        let docker = scope.spawn(|| Info::ask(&cx.runner));
        let seen = scope.spawn(|| carrier.as_ref().ok().map(|c| seen(*c)));
        let tools = things::tools(cx, &wanted);
        (join(programs), join(docker), join(seen), tools)
    });
    cx.runner.interrupt().check()?;
    let (tools, artifacts) = (tools?, things::artifacts(cx)?);
    let programs: Vec<Program> = programs.unwrap_or_default();
    let docker = docker.unwrap_or(Info::NotInstalled);
    let needed: Vec<&Thing> = tools.iter().chain(&artifacts).filter(|t| t.needed).collect();
    let has = Has::of(&programs, &needed);

    let mut checks = machine::checks(cx, needed.iter().any(|t| t.is_built(&has)));
    checks.extend(programs::checks(&programs, &needed, &has, programs::installer(cx)));
    checks.extend(things::checks("tools", &tools, &has));
    checks.extend(things::checks("artifacts", &artifacts, &has));
    let running = matches!(seen, Some(Some(Ok(Seen::Running(_)))));
    checks.extend(engine::checks(cx, engine, carrier.as_ref().err(), docker, running));
    checks.extend(ports::checks(cx, engine));
    checks.extend(cluster::checks(seen.flatten()));
    let built: Vec<&&Thing> = needed.iter().filter(|t| t.is_built(&has)).collect();
    let to_build = (built.len(), built.iter().map(|t| t.seconds()).sum());
    Ok(Report { engine: engine.name(), checks, to_build })
}

/// What a thread found; `None` if it failed, which is a defect that the other rows should not suffer from.
fn join<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> Option<T> {
    thread.join().ok()
}
