//! `cargo xtask kafka-status`: the pods of Kafka, the shop's topics, and the add-on with its topics.

use serde_json::Value;

use super::kafka_install::SIMULATED;
use crate::argocd::workloads;
use crate::cluster;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::steps::kafka::{CLUSTER, NAMESPACE, OF_CLUSTER, is_ready};
use crate::tools::{Kubectl, Reference};
use crate::ui::Table;

/// Show the pods of Kafka, the brokers for failure tests, and how many topics there are
#[derive(clap::Args)]
#[command(after_long_help = "Engines: k3d, kwok\n\nExamples:\n  cargo xtask kafka-status\n  cargo xtask kafka-status --env dev")]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("kafka-status")?;
    let kubectl = super::running_kubectl(cx)?;
    cx.ui.out(pods(&kubectl.list(&["pods", "--namespace", NAMESPACE])?));
    cx.ui.out(format!("\nthe shop's own broker: {}", job(&kubectl)?));

    let what = Reference { kind: "kafkas.kafka.strimzi.io", name: CLUSTER, namespace: NAMESPACE };
    let Some(kafka) = kubectl.find(&what)? else {
        cx.ui.out("brokers for failure tests: not installed; bring them: cargo xtask kafka-install");
        return Ok(Exit::Done);
    };
    let owned = |kind: &str| kubectl.list(&[kind, "--namespace", NAMESPACE, "--selector", OF_CLUSTER]);
    let (pools, topics) = (owned("kafkanodepools.kafka.strimzi.io")?, owned("kafkatopics.kafka.strimzi.io")?);
    cx.ui.out(format!("brokers for failure tests:\n\n{}", objects(&kafka, &pools)));
    let late: Vec<&Value> = topics.iter().filter(|t| !is_ready(t)).collect();
    cx.ui.out(format!("\ntopics: {} of {} ready", topics.len() - late.len(), topics.len()));
    for topic in late {
        cx.ui.out(format!("  - {}: {}", text(topic, "/metadata/name"), state(topic)));
    }
    if !cluster::of(cx)?.runs_containers() {
        cx.ui.out(format!("\n{SIMULATED}"));
    }
    Ok(Exit::Done)
}

fn text(object: &Value, pointer: &str) -> String {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_string()
}

fn pods(pods: &[Value]) -> Table {
    let mut table = Table::new(&["POD", "STATE"]);
    for pod in pods {
        let state = workloads::reason(pod).unwrap_or_else(|| text(pod, "/status/phase"));
        table.row([text(pod, "/metadata/name"), state]);
    }
    table
}

/// What became of the Job that makes the topics of the shop's own broker, and how many the list has.
fn job(kubectl: &Kubectl) -> Result<String> {
    let named = |kind| kubectl.find(&Reference { kind, name: "kafka-topics", namespace: NAMESPACE });
    let (Some(list), Some(job)) = (named("configmap")?, named("job")?) else {
        return Ok("its topics were not made yet; what holds them up: cargo xtask dev-status".into());
    };
    let topics = text(&list, "/data/topics").lines().count();
    Ok(format!("{topics} topics in the list, the Job that makes them {}", outcome(&job)))
}

fn outcome(job: &Value) -> String {
    let conditions = job.pointer("/status/conditions").and_then(Value::as_array).cloned().unwrap_or_default();
    let is = |kind: &str| conditions.iter().find(|c| c["type"] == kind && c["status"] == "True");
    match (is("Complete"), is("Failed")) {
        (Some(_), _) => "succeeded".into(),
        (_, Some(failed)) => format!("failed: {}", text(failed, "/message")),
        _ => "is at work".into(),
    }
}

fn objects(kafka: &Value, pools: &[Value]) -> Table {
    let mut table = Table::new(&["KIND", "NAME", "STATE", "WHAT"]);
    let listeners = kafka.pointer("/status/listeners").and_then(Value::as_array).cloned().unwrap_or_default();
    let addresses: Vec<String> = listeners.iter().map(|l| format!("{} {}", text(l, "/name"), text(l, "/bootstrapServers"))).collect();
    let what = format!("{}; {}", text(kafka, "/status/kafkaVersion"), addresses.join(", "));
    table.row(["Kafka".to_string(), text(kafka, "/metadata/name"), state(kafka), what]);
    for pool in pools {
        let nodes = |pointer: &str| pool.pointer(pointer).and_then(Value::as_u64).unwrap_or_default();
        let roles = pool.pointer("/spec/roles").and_then(Value::as_array).cloned().unwrap_or_default();
        let roles: Vec<&str> = roles.iter().filter_map(Value::as_str).collect();
        let what = format!("{} of {} nodes, {}", nodes("/status/replicas"), nodes("/spec/replicas"), roles.join(" and "));
        table.row(["KafkaNodePool".to_string(), text(pool, "/metadata/name"), state(pool), what]);
    }
    table
}

/// `Ready`, or why not, in the operator's words.
fn state(object: &Value) -> String {
    if is_ready(object) {
        return "Ready".into();
    }
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array).cloned().unwrap_or_default();
    let why = conditions.iter().rev().find_map(|c| c["message"].as_str()).map(str::to_string);
    why.unwrap_or_else(|| "not looked at yet".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_job_says_what_became_of_it() {
        let job = |kind: &str| json!({ "status": { "conditions": [{ "type": kind, "status": "True", "message": "too many" }] } });
        assert_eq!(outcome(&job("Complete")), "succeeded");
        assert_eq!(outcome(&job("Failed")), "failed: too many");
        assert_eq!(outcome(&json!({})), "is at work");
    }

    #[test]
    fn what_is_not_ready_says_why() {
        let condition = json!([{ "type": "NotReady", "status": "True", "message": "no image" }]);
        let broken = json!({ "metadata": { "generation": 1 }, "status": { "observedGeneration": 1, "conditions": condition } });
        assert_eq!(state(&broken), "no image");
        assert_eq!(state(&json!({ "metadata": { "generation": 1 } })), "not looked at yet");
    }
}
