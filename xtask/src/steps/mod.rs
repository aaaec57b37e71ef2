//! One file per idempotent step: a probe that looks, an apply that changes. The list is the order for people.

mod argocd;
pub mod artifacts;
mod cluster;
mod crds;
pub mod install;
pub mod istio;
pub mod kafka;
mod namespaces;
mod processes;
mod registry;
mod root;
mod secrets;
mod simulation;
mod source;
pub mod strimzi;
pub mod tools;

use artifacts::Sets;
use serde_json::Value;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::engine::{State, Step};
use crate::error::{Error, Result};
use crate::repo::environment::Engine;
use crate::tools::Kubectl;

pub use registry::log_in;
pub use tools::wanted as wanted_tools;

/// The step that `ecr-login` is by itself.
pub const REGISTRY: registry::Step = registry::Step;

/// Everything that `dev-init` brings on an engine. A need that is not in the list of the engine is none there.
pub fn all(engine: Engine) -> &'static [&'static dyn Step] {
    if engine == Engine::K3d { K3D } else { KWOK }
}

/// What `dev-up` brings back: what stopped with the machine. The rest is data, and data stays.
pub fn up(engine: Engine) -> &'static [&'static dyn Step] {
    if engine == Engine::K3d { CLUSTER } else { KWOK_UP }
}

/// The programs that `all` wants: the cluster's own, and those of steps beside it.
pub fn programs(cluster: &dyn Cluster) -> Vec<&'static str> {
    let beside: &[&str] = if cluster.engine() == Engine::K3d { &K3D_PROGRAMS } else { &crate::argocd::processes::TOOLS };
    cluster.tools().iter().chain(beside).copied().collect()
}

/// What `kafka-install` brings: the add-on's kinds, what works on them, and the charts, without the topics if so wished.
pub fn kafka(engine: Engine, topics: bool) -> Vec<&'static dyn Step> {
    let operator: &dyn Step = if engine == Engine::Kwok { &simulation::Step(kafka::SETS) } else { &strimzi::Step };
    let charts: &dyn Step = if topics { &kafka::Step { topics: true } } else { &kafka::Step { topics: false } };
    vec![&artifacts::Step(kafka::SETS), &crds::Step(kafka::SETS), &namespaces::Step, operator, charts]
}

/// The cluster alone.
pub static CLUSTER: &[&dyn Step] = &[&tools::Step, &cluster::Step];

/// A control plane that knows Argo CD's own kinds and nothing else.
pub static DEFINITIONS_OF_ARGOCD: &[&dyn Step] =
    &[&tools::Step, &artifacts::Step(Sets::Of("argocd-crds")), &cluster::Step, &crds::Step(Sets::Of("argocd-crds"))];

static K3D: &[&dyn Step] = &[
    &tools::Step,
    &artifacts::Step(Sets::OfEnvironment),
    &source::Step,
    &cluster::Step,
    &crds::Step(Sets::OfEnvironment),
    &istio::Step,
    &namespaces::Step,
    &secrets::Step,
    &registry::Step,
    &argocd::Step,
    &install::Step,
    &root::Step,
];

/// Programs that steps of k3d want beside those of the cluster.
const K3D_PROGRAMS: [&str; 1] = [istio::TOOL];

static KWOK: &[&dyn Step] = &[
    &tools::Step,
    &artifacts::Step(Sets::OfEnvironment),
    &source::Step,
    &cluster::Step,
    &crds::Step(Sets::OfEnvironment),
    &simulation::Step(Sets::OfEnvironment),
    &namespaces::Step,
    &secrets::Step,
    &argocd::Step,
    &processes::Step,
    &root::Step,
];

static KWOK_UP: &[&dyn Step] = &[&tools::Step, &cluster::Step, &processes::Step];

/// Refuses to go on when Argo CD and what belongs to it do not run as processes, on an engine where they should.
/// Errors: prerequisite, with the command that helps.
pub fn require_processes(cx: &Context) -> Result<()> {
    if crate::cluster::of(cx)?.runs_containers() {
        return Ok(());
    }
    match processes::Step.probe(cx)? {
        State::Missing => Err(Error::prerequisite("Argo CD does not run").hint("start it: cargo xtask dev-up")),
        State::NeedsRepair(why) => {
            Err(Error::prerequisite(format!("Argo CD does not run as it should: {why}")).hint("mend it: cargo xtask dev-up"))
        }
        State::Blocked { why, hint } => Err(Error::prerequisite(why).hint(hint)),
        State::Drifted { .. } | State::UpToDate(_) => Ok(()),
    }
}

fn kubectl(cx: &Context) -> Result<Kubectl> {
    Kubectl::new(cx, crate::cluster::of(cx)?.context_name(cx))
}

/// kubectl for looking: it provisions nothing.
pub fn planned_kubectl(cx: &Context) -> Result<Kubectl> {
    Ok(Kubectl::planned(cx, crate::cluster::of(cx)?.context_name(cx)))
}

/// The wanted objects that are missing or differ, with `kind/name` of the first for people.
struct Difference {
    objects: Vec<Value>,
    missing: usize,
    first: String,
}

impl Difference {
    /// Compares what is wanted with what is there: every field that is wanted must be there, others may be.
    fn of(kubectl: &Kubectl, wanted: &[Value]) -> Result<Self> {
        Ok(Self::between(wanted, &kubectl.find_all(wanted)?))
    }

    /// The same for live objects in the order of `wanted`.
    fn between(wanted: &[Value], live: &[Option<Value>]) -> Self {
        let missing = live.iter().filter(|l| l.is_none()).count();
        let differs = |(want, have): &(&Value, &Option<Value>)| have.as_ref().is_none_or(|have| !covers(have, want));
        let objects: Vec<Value> = wanted.iter().zip(live).filter(differs).map(|(want, _)| want.clone()).collect();
        let first = objects.first().map(name_of).unwrap_or_default();
        Difference { objects, missing, first }
    }

    fn state(&self, wanted: usize, fact: String) -> crate::engine::State {
        use crate::engine::State;
        if self.objects.is_empty() {
            State::UpToDate(fact)
        } else if self.missing == wanted {
            State::Missing
        } else {
            State::Drifted { want: self.first.clone(), have: format!("{} of {wanted} objects missing or different", self.objects.len()) }
        }
    }
}

fn name_of(object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or("?");
    format!("{} {}", text("/kind"), text("/metadata/name"))
}

/// Is everything that `want` says also in `have`? Lists must be as long, and agree item by item.
fn covers(have: &Value, want: &Value) -> bool {
    match (have, want) {
        (Value::Object(have), Value::Object(want)) => want.iter().all(|(key, want)| match have.get(key) {
            Some(have) => covers(have, want),
            // The server drops empty fields.
            None => {
                want.as_object().is_some_and(|m| m.is_empty())
                    || want.as_array().is_some_and(|a| a.is_empty())
                    || want == ""
                    || want == false
            }
        }),
        (Value::Array(have), Value::Array(want)) => have.len() == want.len() && have.iter().zip(want).all(|(h, w)| covers(h, w)),
        (have, want) => have == want || same_quantity(have, want),
    }
}

/// Quantities may come back as text where a number was written.
fn same_quantity(have: &Value, want: &Value) -> bool {
    matches!((have, want), (Value::String(text), Value::Number(number)) if *text == number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_list_and_the_folder_agree() {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/steps");
        let mut files: Vec<String> = std::fs::read_dir(dir)
            .unwrap()
            .map(|e| e.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
            .filter(|n| n != "mod")
            .collect();
        let add_on = [Engine::Kwok, Engine::K3d].map(|engine| kafka(engine, true)).concat();
        let mut ids: Vec<&str> = KWOK.iter().chain(K3D).chain(&add_on).map(|s| s.id()).collect();
        files.sort();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(files, ids, "a step's id is the name of its file");
    }

    #[test]
    fn every_need_is_a_step() {
        let add_on = [Engine::Kwok, Engine::K3d].map(|engine| kafka(engine, true)).concat();
        for step in KWOK.iter().chain(K3D).chain(&add_on) {
            for need in step.needs() {
                assert!(KWOK.iter().chain(K3D).chain(&add_on).any(|s| s.id() == *need), "{} needs {need}", step.id());
            }
        }
    }

    #[test]
    fn fields_of_others_do_not_count_as_drift() {
        let have = json!({"metadata": {"name": "a", "uid": "1"}, "data": {"k": "v", "other": "x"}});
        assert!(covers(&have, &json!({"metadata": {"name": "a", "labels": {}}, "data": {"k": "v"}})));
        assert!(!covers(&have, &json!({"data": {"k": "w"}})));
        assert!(!covers(&json!({"l": [1, 2]}), &json!({"l": [1]})));
    }
}
