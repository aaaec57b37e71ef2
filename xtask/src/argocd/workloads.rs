//! Which Deployments and StatefulSets of a namespace are not ready, and why.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::tools::Kubectl;
use crate::ui::{Task, seconds};

/// Is every pod of a workload up, and made by its present template?
pub fn is_ready(workload: &Value) -> bool {
    let number = |pointer: &str| workload.pointer(pointer).and_then(Value::as_i64);
    let wanted = number("/spec/replicas").unwrap_or(1);
    let status = |field: &str| number(&format!("/status/{field}")).unwrap_or(0);
    status("observedGeneration") >= number("/metadata/generation").unwrap_or(0)
        && status("updatedReplicas") >= wanted
        && status("readyReplicas") >= wanted
}

/// `NAME: why` of each of the `workloads` (live objects) that is not ready; the reason is that of the first of its `pods`
/// that has one, as `kubectl get pods` would show it.
pub fn unready(workloads: &[Value], pods: &[Value]) -> Vec<String> {
    let late = workloads.iter().filter(|w| !is_ready(w));
    late.map(|workload| {
        let name = workload.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let why = pods.iter().filter(|p| belongs(p, workload)).find_map(reason);
        format!("{name}: {}", why.unwrap_or_else(|| "starting".into()))
    })
    .collect()
}

/// Are the labels that the workload selects on the pod?
fn belongs(pod: &Value, workload: &Value) -> bool {
    let selector = workload.pointer("/spec/selector/matchLabels").and_then(Value::as_object);
    let labels = pod.pointer("/metadata/labels");
    selector.is_some_and(|s| s.iter().all(|(key, value)| labels.and_then(|l| l.get(key)) == Some(value)))
}

/// Why a pod is not ready: what a container waits for or ended with, else why it has no node. `None` for one that just starts.
pub fn reason(pod: &Value) -> Option<String> {
    let list = |pointer: &str| pod.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
    let with_message = |state: &Value| {
        let text = |key: &str| state.get(key).and_then(Value::as_str).filter(|t| !t.is_empty());
        let message = text("message").map(|m| format!(" ({})", m.lines().next().unwrap_or_default())).unwrap_or_default();
        Some(format!("{}{message}", text("reason")?))
    };
    let containers: Vec<Value> = [list("/status/initContainerStatuses"), list("/status/containerStatuses")].concat();
    // What only waits for its turn says nothing about why.
    let passing = |why: &String| !["PodInitializing", "ContainerCreating"].contains(&why.as_str());
    let waiting = || containers.iter().filter_map(|c| with_message(c.pointer("/state/waiting")?)).find(passing);
    let ended = || {
        let failed = containers.iter().filter_map(|c| c.pointer("/state/terminated")).find(|t| t["exitCode"] != 0)?;
        with_message(failed)
    };
    let unscheduled = || {
        let conditions = list("/status/conditions");
        let condition = conditions.iter().find(|c| c["type"] == "PodScheduled" && c["status"] == "False")?;
        with_message(condition)
    };
    waiting().or_else(ended).or_else(unscheduled)
}

/// The `workloads` of one namespace as they are now, with what is not ready. A missing one counts as not ready.
pub fn look(kubectl: &Kubectl, workloads: &[Value], namespace: &str) -> Result<Vec<String>> {
    let live: Vec<Value> = kubectl.find_all(workloads)?.into_iter().zip(workloads).map(|(l, w)| l.unwrap_or_else(|| w.clone())).collect();
    if live.iter().all(is_ready) {
        return Ok(Vec::new());
    }
    Ok(unready(&live, &kubectl.list(&["pods", "--namespace", namespace])?))
}

/// Waits until all are ready; the task's line says for what. Errors: not within `limit`; Ctrl-C.
pub fn wait(cx: &Context, kubectl: &Kubectl, workloads: &[Value], namespace: &str, limit: Duration, task: &Task) -> Result<()> {
    let end = Instant::now() + limit;
    loop {
        let late = look(kubectl, workloads, namespace)?;
        let Some(first) = late.first() else { return Ok(()) };
        let ready = workloads.len() - late.len();
        task.update(format!("{ready} of {} ready; {first}", workloads.len()));
        if Instant::now() > end {
            let error = Error::failed(format!("{} of {} not ready after {}", late.len(), workloads.len(), seconds(limit)));
            let error = late.iter().fold(error, |e, why| e.cause(why));
            return Err(error.hint(format!("look at the pods: cargo xtask kubectl -- describe pods --namespace {namespace}")));
        }
        cx.runner.interrupt().sleep(Duration::from_millis(500))?;
    }
}

/// Those of `objects` that run pods.
pub fn of(objects: &[Value]) -> Vec<Value> {
    objects.iter().filter(|o| o["kind"] == "Deployment" || o["kind"] == "StatefulSet").cloned().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deployment(status: Value) -> Value {
        json!({"metadata": {"name": "d", "generation": 2}, "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "d"}}},
            "status": status})
    }

    fn pod(app: &str, status: Value) -> Value {
        json!({"metadata": {"labels": {"app": app, "hash": "1"}}, "status": status})
    }

    #[test]
    fn ready_means_the_present_template_and_all_its_pods() {
        let status = json!({"observedGeneration": 2, "updatedReplicas": 1, "readyReplicas": 1});
        assert!(is_ready(&deployment(status)));
        assert!(!is_ready(&deployment(json!({"observedGeneration": 1, "updatedReplicas": 1, "readyReplicas": 1}))));
        assert!(!is_ready(&deployment(json!({"observedGeneration": 2, "updatedReplicas": 1}))));
        assert!(!is_ready(&deployment(json!(null))));
    }

    #[test]
    fn the_reason_is_the_pods_own() {
        let late = [deployment(json!({}))];
        let other = pod("other", json!({"containerStatuses": [{"state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}));
        let pull = json!({"initContainerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}}],
            "containerStatuses": [{"state": {"waiting": {"reason": "PodInitializing"}}}]});
        assert_eq!(unready(&late, &[other.clone(), pod("d", pull)]), ["d: ImagePullBackOff (no such image)"]);
        let ended = json!({"containerStatuses": [{"state": {"terminated": {"reason": "Error", "exitCode": 2}}}]});
        assert_eq!(unready(&late, &[pod("d", ended)]), ["d: Error"]);
        let nowhere = json!({"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no node"}]});
        assert_eq!(unready(&late, &[pod("d", nowhere)]), ["d: Unschedulable (no node)"]);
        assert_eq!(unready(&late, &[other]), ["d: starting"]);
    }

    #[test]
    fn done_init_containers_are_no_reason() {
        let done = json!({"initContainerStatuses": [{"state": {"terminated": {"reason": "Completed", "exitCode": 0}}}]});
        assert_eq!(unready(&[deployment(json!({}))], &[pod("d", done)]), ["d: starting"]);
    }
}
