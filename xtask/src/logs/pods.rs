//! Which pods a name means, and the `kubectl logs` that shows what their containers print.

use std::collections::BTreeMap;
use std::ffi::OsString;

use serde_json::Value;

/// Pods that belong together: those of one workload.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Workload {
    pub namespace: String,
    /// As people know it: `order-api`, `argocd-repo-server`.
    pub name: String,
    pub pods: Vec<String>,
    /// The label that exactly these pods have.
    selector: Option<String>,
}

/// Labels by which a chart names its workload, the most telling first: the shop's charts and Argo CD's manifests set them.
const LABELS: [&str; 2] = ["app", "app.kubernetes.io/name"];

/// Returns the workloads of `pods`, by namespace and name; a pod without any of the labels stands for itself.
pub fn workloads(pods: &[Value]) -> Vec<Workload> {
    let mut found: BTreeMap<(String, String), Workload> = BTreeMap::new();
    for pod in pods {
        let text = |pointer: &str| pod.pointer(pointer).and_then(Value::as_str).map(str::to_string);
        let (Some(pod_name), Some(namespace)) = (text("/metadata/name"), text("/metadata/namespace")) else { continue };
        let label = LABELS.iter().find_map(|l| Some((*l, text(&format!("/metadata/labels/{}", l.replace('/', "~1")))?)));
        let name = label.as_ref().map_or_else(|| pod_name.clone(), |(_, value)| value.clone());
        let selector = label.map(|(key, value)| format!("{key}={value}"));
        let new = Workload { namespace: namespace.clone(), name: name.clone(), pods: Vec::new(), selector };
        found.entry((namespace, name)).or_insert(new).pods.push(pod_name);
    }
    found.into_values().collect()
}

impl Workload {
    /// The arguments of kubectl that show its last lines; of all its pods, or of the one that `pod` names.
    pub fn arguments(&self, pod: Option<&str>, lines: usize, follow: bool) -> Vec<OsString> {
        let mut arguments = vec!["logs".to_string(), "--namespace".into(), self.namespace.clone()];
        match (pod.or(self.pods.first().map(String::as_str)), &self.selector) {
            (_, Some(selector)) if pod.is_none() && self.pods.len() > 1 => {
                // kubectl follows five pods at most unless it is told otherwise.
                let most = self.pods.len().max(5).to_string();
                arguments.extend(["--selector".into(), selector.clone(), "--prefix".into(), "--max-log-requests".into(), most]);
            }
            (Some(pod), _) => arguments.push(pod.to_string()),
            (None, _) => {}
        }
        arguments.extend(["--all-containers".into(), "--tail".into(), lines.to_string()]);
        if follow {
            arguments.push("--follow".into());
        }
        arguments.into_iter().map(OsString::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pod(namespace: &str, name: &str, labels: Value) -> Value {
        json!({ "metadata": { "namespace": namespace, "name": name, "labels": labels } })
    }

    fn pods() -> Vec<Value> {
        let order = || json!({ "app": "order-api", "app.kubernetes.io/name": "order-service" });
        vec![
            pod("ecommerce", "order-api-7d9f-a", order()),
            pod("ecommerce", "order-api-7d9f-b", order()),
            pod("argocd", "argocd-repo-server-66c-x", json!({ "app.kubernetes.io/name": "argocd-repo-server" })),
            pod("ecommerce", "by-hand", json!({})),
        ]
    }

    fn line(arguments: Vec<OsString>) -> String {
        arguments.join(" ".as_ref()).into_string().unwrap()
    }

    #[test]
    fn pods_are_grouped_by_the_name_of_their_workload() {
        let found = workloads(&pods());
        let names: Vec<_> = found.iter().map(|w| (w.namespace.as_str(), w.name.as_str(), w.pods.len())).collect();
        assert_eq!(names, [("argocd", "argocd-repo-server", 1), ("ecommerce", "by-hand", 1), ("ecommerce", "order-api", 2)]);
    }

    #[test]
    fn several_pods_are_shown_by_their_label_one_by_its_name() {
        let found = workloads(&pods());
        assert_eq!(
            line(found[2].arguments(None, 50, true)),
            "logs --namespace ecommerce --selector app=order-api --prefix --max-log-requests 5 --all-containers --tail 50 --follow"
        );
        assert_eq!(
            line(found[2].arguments(Some("order-api-7d9f-b"), 5, false)),
            "logs --namespace ecommerce order-api-7d9f-b --all-containers --tail 5"
        );
        assert_eq!(
            line(found[0].arguments(None, 50, false)),
            "logs --namespace argocd argocd-repo-server-66c-x --all-containers --tail 50"
        );
    }
}
