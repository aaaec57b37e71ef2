//! The jobs that Prometheus scrapes, as the rendered monitors say, and whether the Services they look for exist.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{list, of_kind, text};

/// The jobs of an environment.
pub struct Targets {
    jobs: BTreeSet<String>,
    /// Monitors that would find nothing.
    pub problems: Vec<String>,
}

impl Targets {
    pub fn of(objects: &[Value]) -> Self {
        let mut targets = Targets { jobs: BTreeSet::new(), problems: Vec::new() };
        for monitor in of_kind(objects, "PodMonitor") {
            targets.add_pods(monitor, objects);
        }
        let with_kubelets = [objects, &kubelets(objects)].concat();
        for monitor in of_kind(objects, "ServiceMonitor") {
            targets.add_services(monitor, &with_kubelets);
        }
        targets
    }

    pub fn has(&self, job: &str) -> bool {
        self.jobs.contains(job)
    }

    fn add_pods(&mut self, monitor: &Value, objects: &[Value]) {
        let name = text(monitor, "/metadata/name");
        let labels = labels(monitor, "/spec/selector/matchLabels");
        let namespaces = namespaces(monitor);
        let selected = |object: &&Value| {
            namespaces.contains(&text(object, "/metadata/namespace")) && is_part(&labels, object.pointer("/spec/template/metadata/labels"))
        };
        let pods: Vec<&Value> = objects.iter().filter(selected).collect();
        for endpoint in list(monitor, "/spec/podMetricsEndpoints") {
            let has_port = |pod: &&Value| {
                let containers = list(pod, "/spec/template/spec/containers");
                containers.flat_map(|container| list(container, "/ports")).any(|port| port["name"] == endpoint["port"])
            };
            // A selector without labels means what is put into pods later, such as proxies.
            if !labels.is_empty() && !pods.iter().any(has_port) {
                let (namespaces, port) = (namespaces.join(", "), text(endpoint, "/port"));
                self.problems.push(format!("PodMonitor {name}: no pod of {namespaces} has its labels and a port `{port}`"));
                continue;
            }
            self.jobs.insert(job(endpoint).unwrap_or(name).to_string());
            // One job for each value of a label of the pods.
            if let Some(label) = job_label(endpoint) {
                let values = pods.iter().map(|pod| text(pod, &format!("/spec/template/metadata/labels/{label}")));
                self.jobs.extend(values.map(str::to_string));
            }
        }
    }

    fn add_services(&mut self, monitor: &Value, objects: &[Value]) {
        let name = text(monitor, "/metadata/name");
        let own = text(monitor, "/metadata/namespace");
        let namespaces: Vec<&str> = match list(monitor, "/spec/namespaceSelector/matchNames").filter_map(Value::as_str).collect::<Vec<_>>()
        {
            names if names.is_empty() => vec![own],
            names => names,
        };
        let here = |namespace: &str| of_kind(objects, "Service").any(|service| text(service, "/metadata/namespace") == namespace);
        // Services that other charts or the cluster itself bring are not seen from here.
        let seen = namespaces.iter().all(|namespace| here(namespace));
        let labels = labels(monitor, "/spec/selector/matchLabels");
        let selected = |service: &&Value| {
            namespaces.contains(&text(service, "/metadata/namespace")) && is_part(&labels, service.pointer("/metadata/labels"))
        };
        let services: Vec<&Value> = of_kind(objects, "Service").filter(selected).collect();
        for endpoint in list(monitor, "/spec/endpoints") {
            let port = text(endpoint, "/port");
            let with_port: Vec<&&Value> =
                services.iter().filter(|service| list(service, "/spec/ports").any(|p| p["name"] == port)).collect();
            if seen && with_port.is_empty() {
                self.problems
                    .push(format!("ServiceMonitor {name}: no Service of {} has its labels and a port `{port}`", namespaces.join(", ")));
                continue;
            }
            for service in &with_port {
                if !has_pods(service, objects) {
                    self.problems.push(format!("ServiceMonitor {name}: its Service {} selects no pod", text(service, "/metadata/name")));
                }
            }
            // The operator takes the name of the Service unless a relabelling says otherwise.
            let by_service = with_port.first().map(|service| text(service, "/metadata/name"));
            self.jobs.insert(job(endpoint).or(by_service).unwrap_or(name).to_string());
        }
    }
}

/// Where a monitor looks: in its own namespace unless it says otherwise.
fn namespaces(monitor: &Value) -> Vec<&str> {
    let named: Vec<&str> = list(monitor, "/spec/namespaceSelector/matchNames").filter_map(Value::as_str).collect();
    if named.is_empty() { vec![text(monitor, "/metadata/namespace")] } else { named }
}

/// The Service that the Prometheus Operator keeps for the kubelets when it is told to (v0.92, pkg/kubelet/controller.go).
fn kubelets(objects: &[Value]) -> Vec<Value> {
    let containers = of_kind(objects, "Deployment").flat_map(|object| list(object, "/spec/template/spec/containers"));
    let args = containers.flat_map(|container| list(container, "/args")).filter_map(Value::as_str);
    let service = |name: &str| {
        let (namespace, name) = name.split_once('/')?;
        let labels =
            json!({ "k8s-app": "kubelet", "app.kubernetes.io/name": "kubelet", "app.kubernetes.io/managed-by": "prometheus-operator" });
        let ports = ["https-metrics", "http-metrics", "cadvisor"].map(|port| json!({ "name": port }));
        let metadata = json!({ "namespace": namespace, "name": name, "labels": labels });
        Some(json!({ "kind": "Service", "metadata": metadata, "spec": { "clusterIP": "None", "ports": ports } }))
    };
    args.filter_map(|arg| arg.strip_prefix("--kubelet-service=")).filter_map(service).collect()
}

/// The job that the relabellings of an endpoint write; `None` when they write none, or take it from a label of the target.
fn job(endpoint: &Value) -> Option<&str> {
    job_rule(endpoint)?["replacement"].as_str().filter(|job| !job.contains('$'))
}

/// The label of pods whose value becomes the job.
fn job_label(endpoint: &Value) -> Option<&str> {
    text(job_rule(endpoint)?, "/sourceLabels/0").strip_prefix("__meta_kubernetes_pod_label_")
}

fn job_rule(endpoint: &Value) -> Option<&Value> {
    list(endpoint, "/relabelings").filter(|rule| rule["targetLabel"] == "job").last()
}

fn labels(value: &Value, pointer: &str) -> Map<String, Value> {
    value.pointer(pointer).and_then(Value::as_object).cloned().unwrap_or_default()
}

fn is_part(wanted: &Map<String, Value>, of: Option<&Value>) -> bool {
    wanted.iter().all(|(key, value)| of.and_then(|labels| labels.get(key)) == Some(value))
}

/// Does a workload beside it make pods with the labels that a Service selects? Those of Prometheus and Alertmanager are made by
/// their operator. A Service without a selector has its addresses from somebody.
fn has_pods(service: &Value, objects: &[Value]) -> bool {
    let selector = labels(service, "/spec/selector");
    if selector.is_empty() {
        return true;
    }
    let by_operator = selector.keys().any(|key| key == "operator.prometheus.io/name" || key == "alertmanager");
    let namespace = text(service, "/metadata/namespace");
    let beside = objects.iter().filter(|object| text(object, "/metadata/namespace") == namespace);
    by_operator
        || beside.into_iter().any(|object| object.pointer("/spec/template/metadata/labels").is_some_and(|l| is_part(&selector, Some(l))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shop(service_labels: &Value, port: &str, pod_labels: &Value) -> Vec<Value> {
        let monitor = json!({ "kind": "ServiceMonitor", "metadata": { "name": "m", "namespace": "n" },
            "spec": { "selector": { "matchLabels": { "app": "x" } }, "endpoints": [{ "port": "metrics" }] } });
        let service = json!({ "kind": "Service", "metadata": { "name": "exporter", "namespace": "n", "labels": service_labels },
            "spec": { "selector": { "app": "x" }, "ports": [{ "name": port }] } });
        let deployment = json!({ "kind": "Deployment", "metadata": { "name": "d", "namespace": "n" },
            "spec": { "template": { "metadata": { "labels": pod_labels } } } });
        vec![monitor, service, deployment]
    }

    #[test]
    fn a_job_is_called_after_the_service_unless_a_relabelling_names_it() {
        let mut objects = shop(&json!({ "app": "x" }), "metrics", &json!({ "app": "x", "more": "y" }));
        let targets = Targets::of(&objects);
        assert!(targets.has("exporter") && targets.problems.is_empty(), "{:?} {:?}", targets.jobs, targets.problems);
        objects[0]["spec"]["endpoints"][0]["relabelings"] = json!([{ "targetLabel": "job", "replacement": "j" }]);
        assert!(Targets::of(&objects).has("j"));
        objects[0]["spec"]["endpoints"][0]["relabelings"] = json!([{ "targetLabel": "job", "replacement": "$1" }]);
        assert!(Targets::of(&objects).has("exporter"));
    }

    #[test]
    fn a_monitor_that_finds_no_service_port_or_pod_scrapes_nothing() {
        let right = json!({ "app": "x" });
        for (service, port, pod) in [(json!({}), "metrics", &right), (right.clone(), "http", &right)] {
            let targets = Targets::of(&shop(&service, port, pod));
            assert!(!targets.has("exporter") && !targets.has("m"), "{:?}", targets.jobs);
            assert_eq!(targets.problems, ["ServiceMonitor m: no Service of n has its labels and a port `metrics`"]);
        }
        let targets = Targets::of(&shop(&right, "metrics", &json!({})));
        assert_eq!(targets.problems, ["ServiceMonitor m: its Service exporter selects no pod"]);
    }

    #[test]
    fn pods_are_found_by_labels_and_port_and_proxies_are_taken_for_granted() {
        let monitor = |labels: &Value| {
            let rule = json!({ "targetLabel": "job", "sourceLabels": ["__meta_kubernetes_pod_label_a"] });
            let endpoints = json!([{ "port": "http", "relabelings": [rule] }]);
            json!({ "kind": "PodMonitor", "metadata": { "name": "m", "namespace": "n" }, "spec": {
                "namespaceSelector": { "matchNames": ["shop"] }, "selector": { "matchLabels": labels }, "podMetricsEndpoints": endpoints } })
        };
        let rollout = |port: &str| {
            let spec = json!({ "containers": [{ "ports": [{ "name": port }] }] });
            json!({ "kind": "Rollout", "metadata": { "namespace": "shop" }, "spec": { "template": { "metadata": { "labels": { "a": "b" } }, "spec": spec } } })
        };
        let found = |labels: &Value, port: &str| Targets::of(&[monitor(labels), rollout(port)]);
        let jobs = found(&json!({ "a": "b" }), "http");
        assert!(jobs.has("m") && jobs.has("b"), "{:?}", jobs.jobs);
        assert!(found(&json!({}), "other").has("m"));
        for (label, port) in [("c", "http"), ("b", "other")] {
            let targets = found(&json!({ "a": label }), port);
            assert_eq!(targets.problems, ["PodMonitor m: no pod of shop has its labels and a port `http`"]);
            assert!(!targets.has("m"));
        }
    }

    #[test]
    fn kubelets_are_found_when_the_operator_keeps_their_service() {
        let monitor = json!({ "kind": "ServiceMonitor", "metadata": { "name": "m", "namespace": "n" }, "spec": {
            "selector": { "matchLabels": { "app.kubernetes.io/name": "kubelet" } }, "endpoints": [{ "port": "https-metrics" }] } });
        let operator = |arg: &str| {
            let containers = json!([{ "args": [arg] }]);
            json!({ "kind": "Deployment", "metadata": { "namespace": "n" }, "spec": { "template": { "spec": { "containers": containers } } } })
        };
        let found = |arg: &str| Targets::of(&[monitor.clone(), operator(arg)]);
        assert!(found("--kubelet-service=n/kubelet").has("kubelet"));
        let elsewhere = json!({ "kind": "Service", "metadata": { "namespace": "n" } });
        assert_eq!(Targets::of(&[monitor.clone(), operator("--other"), elsewhere]).problems.len(), 1);
    }

    #[test]
    fn a_service_of_another_chart_is_not_looked_for() {
        let monitor = json!({ "kind": "ServiceMonitor", "metadata": { "name": "istiod", "namespace": "n" },
            "spec": { "namespaceSelector": { "matchNames": ["istio-system"] }, "endpoints": [{ "port": "http-monitoring" }] } });
        let targets = Targets::of(&[monitor]);
        assert!(targets.has("istiod") && targets.problems.is_empty());
    }
}
