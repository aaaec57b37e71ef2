//! Pods, Services and volume claims as tables.

use serde_json::Value;

use super::{items, name, text};
use crate::argocd::workloads;
use crate::ui::Table;

/// Pods with their containers, restarts, and why one does not run.
pub fn pods(pods: &[Value]) -> Table {
    let mut table = Table::new(&["POD", "READY", "RESTARTS", "STATE"]);
    for pod in pods {
        let containers = items(pod, "/status/containerStatuses");
        let ready = containers.iter().filter(|c| c["ready"] == true).count();
        let restarts: i64 = containers.iter().filter_map(|c| c["restartCount"].as_i64()).sum();
        let all = items(pod, "/spec/containers").len().max(containers.len());
        let state = workloads::reason(pod).unwrap_or_else(|| text(pod, "/status/phase").to_string());
        table.row([name(pod).to_string(), format!("{ready} of {all}"), restarts.to_string(), state]);
    }
    table
}

/// Services with their type and ports, each as `name:number`.
pub fn services(services: &[Value]) -> Table {
    let mut table = Table::new(&["SERVICE", "TYPE", "PORTS"]);
    for service in services {
        let port = |p: &Value| match text(p, "/name") {
            "" => p["port"].to_string(),
            name => format!("{name}:{}", p["port"]),
        };
        let ports: Vec<String> = items(service, "/spec/ports").iter().map(port).collect();
        table.row([name(service).to_string(), text(service, "/spec/type").to_string(), ports.join(", ")]);
    }
    table
}

/// Volume claims with their phase, the size that they have (else the one that they ask for), and their class.
pub fn claims(claims: &[Value]) -> Table {
    let mut table = Table::new(&["CLAIM", "PHASE", "SIZE", "CLASS"]);
    for claim in claims {
        let sizes = ["/status/capacity/storage", "/spec/resources/requests/storage"];
        let size = sizes.iter().map(|pointer| text(claim, pointer)).find(|size| !size.is_empty()).unwrap_or("-");
        let class = Some(text(claim, "/spec/storageClassName")).filter(|class| !class.is_empty()).unwrap_or("-");
        table.row([name(claim).to_string(), text(claim, "/status/phase").to_string(), size.to_string(), class.to_string()]);
    }
    table
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pod_says_how_many_of_its_containers_are_ready_and_why_not_all() {
        let waiting = json!({"ready": false, "restartCount": 4, "state": {"waiting": {"reason": "CrashLoopBackOff"}}});
        let pod = json!({"metadata": {"name": "grafana-0"}, "spec": {"containers": [{}, {}]},
            "status": {"phase": "Running", "containerStatuses": [{"ready": true, "restartCount": 1}, waiting]}});
        let expected = "POD        READY   RESTARTS  STATE\ngrafana-0  1 of 2  5         CrashLoopBackOff";
        assert_eq!(pods(&[pod]).to_string(), expected);
    }

    #[test]
    fn a_claim_that_is_not_bound_shows_what_it_asks_for() {
        let claim = json!({"metadata": {"name": "data-loki-0"}, "spec": {"resources": {"requests": {"storage": "5Gi"}}},
            "status": {"phase": "Pending"}});
        assert_eq!(claims(&[claim]).to_string(), "CLAIM        PHASE    SIZE  CLASS\ndata-loki-0  Pending  5Gi   -");
    }

    #[test]
    fn ports_are_named_where_they_have_a_name() {
        let service = json!({"metadata": {"name": "tempo"}, "spec": {"type": "ClusterIP", "ports": [{"port": 3200}, {"name": "otlp", "port": 4317}]}});
        assert_eq!(services(&[service]).to_string(), "SERVICE  TYPE       PORTS\ntempo    ClusterIP  3200, otlp:4317");
    }
}
