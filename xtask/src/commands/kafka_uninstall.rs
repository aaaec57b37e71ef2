//! `cargo xtask kafka-uninstall`: the add-on goes; the shop's own Kafka stays.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cluster;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::proc::Invocation;
use crate::steps::kafka::{CLUSTER, NAMESPACE, OF_CLUSTER, RELEASES, of_release};
use crate::steps::{self, strimzi};
use crate::tools::{Helm, Kubectl};
use crate::ui::count;

/// Delete the Kafka cluster for failure tests, with its topics and messages
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d, kwok\n\nThe shop's own broker, its topics, schema registry and web interface stay; so do the kinds (CRDs), as after\nargocd-uninstall. kafka-install brings it back, empty.\n\nExamples:\n  cargo xtask kafka-uninstall\n  cargo xtask kafka-uninstall --yes"
)]
pub struct Args {}

/// Kinds that belong to a cluster, whoever made them. The topics need the operator of their cluster to go.
const MEMBERS: &str = "kafkatopics.kafka.strimzi.io,kafkausers.kafka.strimzi.io";

/// Kinds that a cluster consists of.
const NODES: &str = "kafkas.kafka.strimzi.io,kafkanodepools.kafka.strimzi.io";

/// How long each part may take to go.
const GONE_WITHIN: Duration = Duration::from_secs(120);

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("kafka-uninstall")?;
    super::require_running(cx)?;
    let kubectl = steps::planned_kubectl(cx)?;
    let helm = Helm::planned(cx, cluster::of(cx)?.context_name(cx));
    let found = Found::look(cx, &kubectl, &helm)?;
    if found.is_nothing() {
        cx.ui.note("nothing to delete: there is no Kafka cluster for failure tests");
        return Ok(Exit::Done);
    }
    if cx.plan {
        if !found.members.is_empty() {
            cx.ui.out(kubectl.delete_all_call(&found.members, GONE_WITHIN)?.command_line());
        }
        found.releases.iter().for_each(|name| cx.ui.out(uninstall_call(&helm, name).command_line()));
        for objects in [&found.cluster, &found.operator].into_iter().filter(|o| !o.is_empty()) {
            cx.ui.out(kubectl.delete_all_call(objects, GONE_WITHIN)?.command_line());
        }
        return Ok(Exit::Done);
    }
    let question = format!("Delete the Kafka cluster for failure tests of `{}`, with everything in it?", cx.env());
    if !cx.confirm("kafka-uninstall", &question)? {
        cx.ui.note("nothing was deleted");
        return Ok(Exit::Done);
    }
    super::exclusively(cx, "kafka-uninstall", |journal| {
        let task = cx.ui.task("kafka");
        let started = Instant::now();
        let result = found.delete(cx, &kubectl, &helm);
        journal.step("kafka", started.elapsed(), result.as_ref().map(|()| true).map_err(|e| e.one_line()));
        result.map_err(|e| e.hint("what is left is deleted by the next run: cargo xtask kafka-uninstall"))?;
        task.done(&format!("{} gone; the kinds and the shop's own Kafka stay", found.describe()));
        Ok(Exit::Done)
    })
}

/// Takes a release away. Helm's own waiting is switched off: it goes on to its limit for kinds that are not Kubernetes' own,
/// gone or not (4.2).
fn uninstall_call(helm: &Helm, name: &str) -> Invocation {
    helm.uninstall_call(name, NAMESPACE, GONE_WITHIN).arg("--wait=hookOnly")
}

/// What there is of the add-on.
struct Found {
    /// Topics and users of the cluster.
    members: Vec<Value>,
    /// The cluster and its pools.
    cluster: Vec<Value>,
    /// Releases of Helm, the topics before the cluster.
    releases: Vec<&'static str>,
    /// Objects of the operator.
    operator: Vec<Value>,
}

impl Found {
    fn look(cx: &Context, kubectl: &Kubectl, helm: &Helm) -> Result<Self> {
        let members = kubectl.list(&[MEMBERS, "--namespace", NAMESPACE, "--selector", OF_CLUSTER])?;
        let cluster = kubectl.list(&[NODES, "--namespace", NAMESPACE, "--selector", &of_release(CLUSTER)])?;
        let mut releases = Vec::new();
        // Without the program nothing was installed from here.
        if cx.provision.look("helm")?.is_some() {
            for (name, _) in RELEASES.iter().rev() {
                releases.extend(helm.find(name, NAMESPACE)?.map(|_| *name));
            }
        }
        let described = if cluster::of(cx)?.runs_containers() { strimzi::wanted(cx)?.unwrap_or_default() } else { Vec::new() };
        let live = if described.is_empty() { Vec::new() } else { kubectl.find_all(&described)? };
        let operator = described.into_iter().zip(live).filter(|(_, live)| live.is_some()).map(|(wanted, _)| wanted).collect();
        Ok(Found { members, cluster, releases, operator })
    }

    fn is_nothing(&self) -> bool {
        [&self.members, &self.cluster, &self.operator].iter().all(|o| o.is_empty()) && self.releases.is_empty()
    }

    fn describe(&self) -> String {
        let topics = self.members.iter().filter(|o| o["kind"] == "KafkaTopic").count();
        let users = self.members.len() - topics;
        let nodes = self.cluster.len();
        let parts = [
            (nodes, "cluster object"),
            (topics, "topic"),
            (users, "user"),
            (self.releases.len(), "release"),
            (self.operator.len(), "operator object"),
        ];
        let parts: Vec<String> = parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, noun)| count(n, noun)).collect();
        parts.join(", ")
    }

    /// The operator goes last: it lets go of the topics, and takes the brokers away.
    fn delete(&self, cx: &Context, kubectl: &Kubectl, helm: &Helm) -> Result<()> {
        kubectl.delete_all(&self.members, GONE_WITHIN)?;
        for name in &self.releases {
            cx.runner.run(&uninstall_call(helm, name))?;
        }
        // Waits for what Helm only asked for.
        kubectl.delete_all(&self.cluster, GONE_WITHIN)?;
        kubectl.delete_all(&self.operator, GONE_WITHIN)
    }
}
