//! Port forwards to what people look at in a browser: which there are, and the supervisor that keeps them alive.
//!
//! Each is a `kubectl port-forward` on loopback, watched by the same supervisor as the processes of kwok, in a folder of its own.
//! It notices that its pod is gone only when somebody connects (1.36), and ends then; so the supervisor connects now and then.

mod targets;

use std::time::{Duration, Instant};

use crate::cluster::{self, preflight};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::logs;
use crate::proc::{Identity, Invocation};
use crate::supervisor::{self, Files, ProcessSpec, Spec};
use crate::tools::Kubectl;
use crate::ui::Table;

pub use targets::{ALL, Target, find};

/// How long the forwards together may take to listen; what takes longer goes on trying in the background.
const LISTEN_WITHIN: Duration = Duration::from_secs(15);

/// A target on a port of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forward {
    pub target: &'static Target,
    pub port: u16,
}

impl Forward {
    /// On the port that everybody knows.
    pub fn usual(target: &'static Target) -> Self {
        Forward { target, port: target.port }
    }

    pub fn address(&self) -> String {
        format!("{}://127.0.0.1:{}", self.target.scheme, self.port)
    }

    /// Does something listen on its port? Asked only of our own.
    fn listens(&self) -> bool {
        cluster::answers(self.port)
    }
}

/// Where the supervisor of the forwards keeps its files.
pub fn files(cx: &Context) -> Files {
    Files::new(&cx.state_dir().join("port-forward"))
}

/// The processes of the forwards that run, and their supervisor.
pub fn processes(cx: &Context) -> Vec<(String, Identity)> {
    let files = files(cx);
    let named = |(name, who): (String, Identity)| (format!("port-forward {name}"), who);
    let supervisor = files.supervisor().map(|who| ("supervisor".to_string(), who));
    supervisor.into_iter().chain(files.processes()).map(named).collect()
}

/// The forwards that are kept alive now.
pub fn running(cx: &Context) -> Vec<Forward> {
    if files(cx).supervisor().is_some() { last(cx) } else { Vec::new() }
}

/// The forwards of the last start, whether or not they still run.
fn last(cx: &Context) -> Vec<Forward> {
    let forward = |p: &ProcessSpec| Some(Forward { target: find(&p.name)?, port: p.ready });
    noted(&files(cx)).map(|spec| spec.processes.iter().filter_map(forward).collect()).unwrap_or_default()
}

fn noted(files: &Files) -> Option<Spec> {
    serde_json::from_slice(&std::fs::read(files.spec()).ok()?).ok()
}

/// The calls that `keep` makes the supervisor watch over.
pub fn plan(kubectl: &Kubectl, forwards: &[Forward]) -> Vec<Invocation> {
    forwards.iter().map(|f| call(kubectl, f)).collect()
}

fn call(kubectl: &Kubectl, forward: &Forward) -> Invocation {
    let Target { namespace, service, remote, .. } = *forward.target;
    kubectl.forward_call(namespace, service, forward.port, remote)
}

/// Those of `wanted` whose Service is not there (yet).
pub fn without_service(kubectl: &Kubectl, wanted: &[Forward]) -> Result<Vec<Forward>> {
    let objects: Vec<_> = wanted.iter().map(|f| f.target.service_object()).collect();
    let found = kubectl.find_all(&objects)?;
    Ok(wanted.iter().zip(found).filter(|(_, found)| found.is_none()).map(|(forward, _)| *forward).collect())
}

/// Errors: prerequisite, when somebody else listens on a port of `wanted`, with who that is.
pub fn require_free(cx: &Context, wanted: &[Forward]) -> Result<()> {
    let ours = running(cx);
    match wanted.iter().find(|f| !ours.contains(f) && !cluster::is_free(f.port)) {
        None => Ok(()),
        Some(Forward { target, port }) => {
            let name = target.name;
            let other = if *port < 50_000 { port + 10_000 } else { port - 10_000 };
            Err(Error::prerequisite(format!("port {port} of 127.0.0.1 is taken by {}", preflight::holder(*port)))
                .hint(format!("end it, or take another port: cargo xtask port-forward start --at {name}={other}")))
        }
    }
}

/// Keeps exactly these alive from now on, and returns once they listen, or had time to. None ends them all.
/// Errors: the supervisor cannot be started; Ctrl-C.
pub fn keep(cx: &Context, kubectl: &Kubectl, forwards: &[Forward]) -> Result<()> {
    let files = files(cx);
    if forwards.is_empty() {
        return supervisor::stop(&files);
    }
    let program = cx.provision.tool("kubectl")?;
    let process = |forward: &Forward| ProcessSpec {
        name: forward.target.name.into(),
        program: program.clone(),
        args: call(kubectl, forward).args_text(),
        env: Default::default(),
        cwd: files.dir().to_path_buf(),
        ready: forward.port,
        after_restart: None,
        connect: true,
        keeps_schemas: false,
    };
    let mut forwards = forwards.to_vec();
    forwards.sort_by_key(|f| f.target.name);
    let spec = Spec { processes: forwards.iter().map(process).collect(), control_plane: None };
    if files.supervisor().is_none() || noted(&files).as_ref() != Some(&spec) {
        supervisor::start(&cx.runner, &files, &spec)?;
    }
    let end = Instant::now() + LISTEN_WITHIN;
    while Instant::now() < end && !forwards.iter().all(Forward::listens) {
        cx.runner.interrupt().sleep(Duration::from_millis(50))?;
    }
    Ok(())
}

/// Ends them all. Returns how many ran.
pub fn stop(cx: &Context) -> Result<usize> {
    let files = files(cx);
    let ran = files.processes().len();
    supervisor::stop(&files)?;
    Ok(ran)
}

/// Forwards everything that can be forwarded, for commands that bring the cluster up; on the ports of the last time. What stands
/// in the way is warned of: the shop is up without them.
pub fn keep_what_can_be(cx: &Context, kubectl: &Kubectl) -> Result<()> {
    let task = cx.ui.task("forwards");
    let mut wanted = last(cx);
    let new: Vec<Forward> = ALL.iter().map(Forward::usual).filter(|f| !wanted.iter().any(|w| w.target == f.target)).collect();
    wanted.extend(new);
    let missing = without_service(kubectl, &wanted)?;
    wanted.retain(|f| !missing.contains(f));
    let mut taken = Vec::new();
    wanted.retain(|f| match require_free(cx, std::slice::from_ref(f)) {
        Ok(()) => true,
        Err(e) => {
            taken.push(format!("{}: {}", f.target.name, e.one_line()));
            false
        }
    });
    task.update("waiting until they listen");
    keep(cx, kubectl, &wanted)?;
    let listening = wanted.iter().filter(|f| f.listens()).count();
    task.done(&format!("{listening} of {} listen on 127.0.0.1", ALL.len()));
    taken.iter().for_each(|why| cx.ui.warn(format!("not forwarded: {why}")));
    Ok(())
}

/// What is forwarded, a row each: where, what it serves, and whether it works.
pub fn table(cx: &Context, forwards: &[Forward]) -> Table {
    let mut table = Table::new(&["NAME", "ADDRESS", "STATE", "SERVES"]);
    for forward in forwards {
        table.row([forward.target.name.into(), forward.address(), state(cx, forward), forward.target.serves.into()]);
    }
    table
}

/// `NAME ADDRESS` of each that is kept alive, for a status page.
pub fn addresses(cx: &Context) -> Vec<String> {
    running(cx).iter().map(|f| format!("{:<15} {}", f.target.name, f.address())).collect()
}

/// `listens`, or the last thing that kubectl said.
fn state(cx: &Context, forward: &Forward) -> String {
    if forward.listens() {
        return "listens".into();
    }
    let log = files(cx).logs().join(format!("{}.log", forward.target.name));
    let last = logs::last_lines(&log, 1).map(|(text, _)| text.trim().to_string()).unwrap_or_default();
    if last.is_empty() { "tries".into() } else { format!("tries again: {last}") }
}
