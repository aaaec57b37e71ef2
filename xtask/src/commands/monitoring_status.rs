//! `cargo xtask monitoring-status`: what the namespace of the monitoring holds, and what Prometheus is told to look at.

use serde_json::Value;

use crate::cluster;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::objects::{self, items, name, text};
use crate::ui::{Table, count};

/// The namespace of the monitoring.
pub const NAMESPACE: &str = "monitoring";

/// Show pods, Services, claims and monitors of the monitoring
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d, kwok (simulated: nothing is measured)\n\nExamples:\n  cargo xtask monitoring-status\n  cargo xtask monitoring-status --env dev"
)]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("monitoring-status")?;
    let kubectl = super::running_kubectl(cx)?;
    let list = |kind: &str| kubectl.list(&[kind, "--namespace", NAMESPACE]);
    let pods = list("pods")?;
    if pods.is_empty() {
        cx.ui.out("no monitoring runs in this cluster\n\nnext: cargo xtask deploy-monitoring");
        return Ok(Exit::Done);
    }
    cx.ui.out(objects::pods(&pods));
    cx.ui.out(format!("\n{}", objects::services(&list("services")?)));
    cx.ui.out(format!("\n{}", objects::claims(&list("persistentvolumeclaims")?)));
    let monitors = [("ServiceMonitor", "servicemonitors"), ("PodMonitor", "podmonitors")];
    let mut table = Table::new(&["MONITOR", "KIND", "LOOKS IN", "ENDPOINTS"]);
    for (kind, plural) in monitors {
        for monitor in list(&format!("{plural}.monitoring.coreos.com"))? {
            table.row([name(&monitor).to_string(), kind.to_string(), namespaces(&monitor), endpoints(&monitor)]);
        }
    }
    cx.ui.out(format!("\n{table}"));
    let rules: usize = list("prometheusrules.monitoring.coreos.com")?.iter().map(rules).sum();
    let dashboards = kubectl.list(&["configmaps", "--namespace", NAMESPACE, "--selector", "grafana_dashboard=1"])?.len();
    cx.ui.out(format!("\n{}, {}", count(rules, "alert rule"), count(dashboards, "dashboard")));
    if !cluster::of(cx)?.runs_containers() {
        cx.ui.out("pods are simulated: nothing is measured, and nothing answers on these ports");
    }
    Ok(Exit::Done)
}

/// Where a monitor looks for its targets.
fn namespaces(monitor: &Value) -> String {
    if monitor.pointer("/spec/namespaceSelector/any").is_some_and(|any| any == true) {
        return "all namespaces".into();
    }
    let names: Vec<&str> = items(monitor, "/spec/namespaceSelector/matchNames").iter().filter_map(Value::as_str).collect();
    if names.is_empty() { NAMESPACE.into() } else { names.join(", ") }
}

/// Ports and paths that it asks for, as `port/path`.
fn endpoints(monitor: &Value) -> String {
    let list = [items(monitor, "/spec/endpoints"), items(monitor, "/spec/podMetricsEndpoints")].concat();
    let endpoint = |e: &Value| {
        let number = ["/targetPort", "/portNumber"].iter().find_map(|p| e.pointer(p)).map(|p| p.to_string().trim_matches('"').to_string());
        let port = Some(text(e, "/port")).filter(|p| !p.is_empty()).map(str::to_string).or(number).unwrap_or_default();
        let path = Some(text(e, "/path")).filter(|p| !p.is_empty()).unwrap_or("/metrics");
        format!("{port}{path}")
    };
    list.iter().map(endpoint).collect::<Vec<_>>().join(", ")
}

fn rules(rule: &Value) -> usize {
    items(rule, "/spec/groups").iter().flat_map(|group| items(group, "/rules")).filter(|r| r.get("alert").is_some()).count()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_monitor_says_where_it_looks_and_what_it_asks_for() {
        let monitor = json!({"spec": {"namespaceSelector": {"matchNames": ["ecommerce"]},
            "podMetricsEndpoints": [{"port": "http-envoy-prom", "path": "/stats/prometheus"}, {"portNumber": 15020}]}});
        assert_eq!(
            (namespaces(&monitor), endpoints(&monitor)),
            ("ecommerce".into(), "http-envoy-prom/stats/prometheus, 15020/metrics".into())
        );
        assert_eq!(namespaces(&json!({"spec": {"namespaceSelector": {"any": true}}})), "all namespaces");
        assert_eq!(namespaces(&json!({})), NAMESPACE);
    }

    #[test]
    fn recording_rules_are_no_alerts() {
        assert_eq!(rules(&json!({"spec": {"groups": [{"rules": [{"alert": "A"}, {"record": "r"}]}, {"rules": [{"alert": "B"}]}]}})), 2);
    }
}
