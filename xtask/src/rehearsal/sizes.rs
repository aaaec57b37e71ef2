//! Stands in for the autoscaler where it does not run: each workload gets the least replicas that its autoscaler allows.
//!
//! Without it a service with an autoscaler would have one pod, and a node group that is too small would not be noticed.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::argocd::workloads;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::objects::{name, text};
use crate::tools::{Kubectl, Reference};
use crate::ui::{count, seconds};

/// How long simulated pods may take to run.
const WITHIN: Duration = Duration::from_secs(60);

/// Scales every workload that an autoscaler owns, and waits until every pod of the cluster runs.
/// Errors: a pod that no node takes, with the scheduler's reason.
pub fn scale_to_minimum(cx: &Context, kubectl: &Kubectl) -> Result<()> {
    let task = cx.ui.task("sizes");
    let autoscalers = kubectl.list(&["horizontalpodautoscalers", "--all-namespaces"])?;
    for autoscaler in &autoscalers {
        let kind = text(autoscaler, "/spec/scaleTargetRef/kind").to_lowercase();
        let (target, namespace) = (text(autoscaler, "/spec/scaleTargetRef/name"), text(autoscaler, "/metadata/namespace"));
        let what = Reference { kind: &kind, name: target, namespace };
        let least = autoscaler.pointer("/spec/minReplicas").and_then(Value::as_i64).unwrap_or(1);
        kubectl.patch(&what, &json!({ "spec": { "replicas": least } }))?;
    }
    let started = Instant::now();
    loop {
        let (unfinished, pods) = (unfinished(kubectl, &autoscalers)?, pods(kubectl)?);
        let homeless = homeless(&pods);
        if unfinished == 0 && homeless.is_empty() {
            let scaled = match autoscalers.len() {
                0 => String::new(),
                n => format!("{} at the least replicas of their autoscalers; ", count(n, "workload")),
            };
            task.done(&format!("{scaled}all {} run", count(pods.len(), "pod")));
            return Ok(());
        }
        if started.elapsed() > WITHIN {
            let error = Error::failed(format!("not every pod runs within {}", seconds(WITHIN)));
            return Err(homeless.into_iter().fold(error, Error::cause));
        }
        task.update(format!("{unfinished} workloads and {} pods not ready", homeless.len()));
        cx.runner.interrupt().sleep(Duration::from_millis(200))?;
    }
}

/// Every pod of the cluster.
pub fn pods(kubectl: &Kubectl) -> Result<Vec<Value>> {
    kubectl.list(&["pods", "--all-namespaces"])
}

/// `pod NAME: why` of each pod that does not run, the scheduler's reason among them.
pub fn homeless(pods: &[Value]) -> Vec<String> {
    let pending = pods.iter().filter(|pod| text(pod, "/status/phase") == "Pending");
    let line = |pod: &Value| format!("pod {}: {}", name(pod), workloads::reason(pod).unwrap_or_else(|| "no node yet".into()));
    pending.map(line).collect()
}

/// How many autoscaled workloads have not all their replicas yet.
fn unfinished(kubectl: &Kubectl, autoscalers: &[Value]) -> Result<usize> {
    if autoscalers.is_empty() {
        return Ok(0);
    }
    let rollouts = kubectl.list(&["rollouts.argoproj.io", "--all-namespaces"])?;
    let has_all = |workload: &Value| {
        let number = |pointer: &str| workload.pointer(pointer).and_then(Value::as_i64).unwrap_or(1);
        number("/status/availableReplicas") >= number("/spec/replicas")
    };
    Ok(rollouts.iter().filter(|r| !has_all(r)).count())
}
