//! The Kafka cluster of the add-on and its topics, as two releases of Helm.
//!
//! Helm writes a new revision whenever it is asked, so it is asked only when something differs: what the chart renders is
//! compared with what is live, object by object.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::Difference;
use super::artifacts::Sets;
use crate::context::Context;
use crate::engine::State;
use crate::error::{Context as _, Error, Result};
use crate::objects::{holds, items};
use crate::proc::Invocation;
use crate::repo::yaml;
use crate::tools::{Helm, Kubectl, Reference, Release, helm};
use crate::ui::{Task, count};

pub struct Step {
    /// The shop's topics too.
    pub topics: bool,
}

/// Kinds that the charts use, beyond those of the environment.
pub const SETS: Sets = Sets::Of("strimzi-crds");

pub const NAMESPACE: &str = "kafka";

/// The Kafka object, as charts/kafka-cluster names it and charts/kafka-topics refers to it.
pub const CLUSTER: &str = "c4-kafka";

/// A label by which an object says which cluster it belongs to.
pub const OF_CLUSTER: &str = "strimzi.io/cluster=c4-kafka";

/// Release and chart. The topics go first when both go: only the cluster's operator can let go of them.
pub const RELEASES: [(&str, &str); 2] = [(CLUSTER, "kafka-cluster"), ("c4-kafka-topics", "kafka-topics")];

/// The selector of everything that came by a release.
pub fn of_release(name: &str) -> String {
    format!("app.kubernetes.io/instance={name}")
}

/// How long a release may take until all of it is ready; most of it is the download of images.
const UP_WITHIN: Duration = Duration::from_secs(300);

impl crate::engine::Step for Step {
    fn id(&self) -> &'static str {
        "kafka"
    }

    fn needs(&self) -> &'static [&'static str] {
        &["crds", "namespaces", "simulation", "strimzi"]
    }

    fn probe(&self, cx: &Context) -> Result<State> {
        // Looking brings no program; without it nothing can have been installed from here.
        if cx.provision.look("helm")?.is_none() {
            return Ok(State::Missing);
        }
        let kubectl = super::kubectl(cx)?;
        let mut objects = Vec::new();
        for chart in self.charts(cx) {
            let rendered = chart.render(cx)?;
            let state = chart.look(cx, &kubectl, &rendered)?;
            if !matches!(state, State::UpToDate(_)) {
                return Ok(state);
            }
            objects.extend(rendered);
        }
        let topics = objects.iter().filter(|o| o["kind"] == "KafkaTopic").count();
        let with = if self.topics { count(topics, "topic") } else { "no topics".to_string() };
        Ok(State::UpToDate(format!("{CLUSTER} ready, {with}")))
    }

    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        let helm = Helm::planned(cx, crate::cluster::of(cx)?.context_name(cx));
        self.charts(cx).iter().map(|chart| chart.install_call(&helm)).collect()
    }

    fn apply(&self, cx: &Context, task: &Task) -> Result<()> {
        let helm = Helm::new(cx, crate::cluster::of(cx)?.context_name(cx))?;
        let kubectl = super::kubectl(cx)?;
        for chart in self.charts(cx) {
            if matches!(chart.look(cx, &kubectl, &chart.render(cx)?)?, State::UpToDate(_)) {
                continue;
            }
            task.update(format!("Helm brings {} and waits for it", chart.name));
            unlock(&helm, &kubectl, chart.name)?;
            let what = || format!("the release {} did not become ready", chart.name);
            cx.runner.run(&chart.install_call(&helm)?).map_err(Error::from).with_context(what)?;
        }
        Ok(())
    }
}

impl Step {
    fn charts(&self, cx: &Context) -> Vec<Chart> {
        let topics = json!({ "mode": "strimzi", "strimzi": { "cluster": CLUSTER } });
        let overrides = [json!({ "name": CLUSTER }), topics];
        let charts = RELEASES.into_iter().zip(overrides).take(if self.topics { 2 } else { 1 });
        charts.map(|((name, chart), overrides)| Chart { name, folder: cx.repo.root().join("charts").join(chart), overrides }).collect()
    }
}

/// A chart of the add-on. The files of the environments describe other things, so it takes none.
struct Chart {
    name: &'static str,
    folder: PathBuf,
    overrides: Value,
}

impl Chart {
    /// Installs the release, or brings it up to date. What somebody changed by hand is changed back: without the flag Helm stops
    /// at a field that another program has set (4.2).
    fn install_call(&self, helm: &Helm) -> Result<Invocation> {
        let overrides = self.overrides.clone();
        let release = Release { name: self.name, chart: &self.folder, namespace: NAMESPACE, values: &[], overrides };
        Ok(helm.upgrade_call(&release, UP_WITHIN)?.arg("--force-conflicts"))
    }

    /// What the release consists of. Needs no cluster.
    fn render(&self, cx: &Context) -> Result<Vec<Value>> {
        let call = Invocation::reads(helm::planned_program(cx)).args(["template", self.name]).arg(&self.folder);
        let call = call.args(["--namespace", NAMESPACE, "--values", "-"]).stdin(serde_json::to_vec(&self.overrides)?);
        let what = || format!("{} does not render", cx.repo.shown(&self.folder));
        let printed = cx.runner.run(&call).map_err(Error::from).with_context(what)?;
        Ok(yaml::parse_all(&printed.text())?.into_iter().filter(|o| !o.is_null()).collect())
    }

    fn look(&self, cx: &Context, kubectl: &Kubectl, rendered: &[Value]) -> Result<State> {
        let helm = Helm::planned(cx, crate::cluster::of(cx)?.context_name(cx));
        let Some(release) = helm.find(self.name, NAMESPACE)? else { return Ok(State::Missing) };
        if release.status != "deployed" {
            return Ok(State::NeedsRepair(format!("the release {} is {}", self.name, release.status)));
        }
        let difference = Difference::of(kubectl, rendered)?;
        if !difference.objects.is_empty() {
            return Ok(difference.state(rendered.len(), String::new()));
        }
        let live = self.live(kubectl, rendered)?;
        if let Some(name) = surplus(&live, rendered) {
            return Ok(State::Drifted { want: format!("no {name}"), have: "one that the chart does not have any more".into() });
        }
        Ok(match live.iter().find(|o| !is_ready(o)) {
            Some(late) => State::NeedsRepair(format!("{} is not ready", super::name_of(late))),
            None => State::UpToDate(String::new()),
        })
    }

    /// Everything in the cluster that carries the name of the release, of the kinds that it has.
    fn live(&self, kubectl: &Kubectl, rendered: &[Value]) -> Result<Vec<Value>> {
        let kinds: BTreeSet<&str> = rendered.iter().filter_map(|o| o["kind"].as_str()).collect();
        let kinds: Vec<String> = kinds.into_iter().map(|kind| format!("{}s.kafka.strimzi.io", kind.to_lowercase())).collect();
        kubectl.list(&[&kinds.join(","), "--namespace", NAMESPACE, "--selector", &of_release(self.name)])
    }
}

/// The first live object that is not among those that are wanted.
fn surplus(live: &[Value], wanted: &[Value]) -> Option<String> {
    let is_wanted = |o: &&Value| wanted.iter().any(|w| super::name_of(w) == super::name_of(o));
    live.iter().find(|o| !is_wanted(o)).map(super::name_of)
}

/// Did an operator, or what stands in for it, bring the object to its present description?
pub fn is_ready(object: &Value) -> bool {
    let is_now = object.pointer("/status/observedGeneration") == object.pointer("/metadata/generation");
    is_now && holds(items(object, "/status/conditions"), "Ready")
}

/// Lets Helm go on after an interrupted run: it refuses a release whose last revision says `pending-…` (4.2). Without that
/// revision it takes what is there for its own.
fn unlock(helm: &Helm, kubectl: &Kubectl, release: &str) -> Result<()> {
    match helm.find(release, NAMESPACE)?.filter(|r| r.status.starts_with("pending-")) {
        Some(half) => {
            let name = format!("sh.helm.release.v1.{release}.v{}", half.revision);
            kubectl.delete(&Reference { kind: "secret", name: &name, namespace: NAMESPACE })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_is_a_matter_of_the_present_description() {
        let topic = |observed: i64, ready: &str| {
            json!({
                "kind": "KafkaTopic", "metadata": { "name": "a", "generation": 2 },
                "status": { "observedGeneration": observed, "conditions": [{ "type": "Ready", "status": ready }] },
            })
        };
        assert!(is_ready(&topic(2, "True")));
        assert!(!is_ready(&topic(1, "True")), "that was before the last change");
        assert!(!is_ready(&topic(2, "False")));
        assert!(!is_ready(&json!({ "metadata": { "generation": 1 } })), "nobody looked at it yet");
    }

    #[test]
    fn a_topic_that_left_the_list_is_seen() {
        let topic = |name: &str| json!({ "kind": "KafkaTopic", "metadata": { "name": name } });
        assert_eq!(surplus(&[topic("a")], &[topic("a"), topic("b")]), None);
        assert_eq!(surplus(&[topic("a"), topic("b")], &[topic("b")]).as_deref(), Some("KafkaTopic a"));
    }
}
