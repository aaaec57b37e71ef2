//! Alerts, dashboards and what they read: the check `metrics` of `cargo xtask ci` finds what is wrong, and the alerts are those
//! that the shop has agreed on.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::charts::value;
use super::pinned;
use super::sandbox::XTASK;
use super::this_repository::{copy, read};

const VALUES: &str = "charts/monitoring/values.yaml";
const RECORDS: &str = "charts/monitoring/templates/rules/recording-rules.yaml";
const LAG: &str = "charts/monitoring/dashboards/kafka-lag.json";

/// This repository with one environment, to be damaged; `None` where a program is missing.
fn repository() -> Option<tempfile::TempDir> {
    for program in ["helm", "promtool"] {
        pinned::program_or_skip(program)?;
    }
    let dir = copy(&["argocd", "bootstrap", "charts", "config", "environments", "xtask/tools.toml", "xtask/tools"]);
    std::fs::remove_dir_all(dir.path().join("environments/prod")).unwrap();
    Some(dir)
}

fn replace(dir: &Path, file: &str, old: &str, new: &str) {
    let text = std::fs::read_to_string(dir.join(file)).unwrap();
    assert_eq!(text.matches(old).count(), 1, "{file} has not exactly one `{old}`");
    std::fs::write(dir.join(file), text.replace(old, new)).unwrap();
}

/// Runs the check, which must fail. Returns what it prints.
fn failed_check(dir: &Path) -> String {
    let mut check = Command::new(XTASK);
    check.args(["ci", "--only", "metrics", "--root"]).arg(dir).current_dir(dir).stdin(Stdio::null());
    let ran = check.output().unwrap();
    let printed = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(1), "{printed}");
    printed
}

#[test]
fn what_would_never_fire_and_never_show_is_found_before_it_is_deployed() {
    let Some(dir) = repository() else { return };
    let dir = dir.path();
    let path = |file: &str| dir.join("charts/monitoring").join(file);
    // The limit of an alert that has a test.
    replace(dir, VALUES, "ratio_rate5m > 0.05", "ratio_rate5m > 0.5");
    // A metric that no program has.
    replace(dir, LAG, "\"sum(kafka_consumergroup_lag_sum)\"", "\"sum(kafka_lag_sum)\"");
    // A job that nobody has: this alert would always fire.
    replace(dir, VALUES, r#"absent(up{job="saga-tracker-api"})"#, r#"absent(up{job="saga-tracker"})"#);
    // The only way to a program that has some.
    std::fs::remove_file(path("templates/monitors/argo-rollouts.yaml")).unwrap();
    // Tests.
    std::fs::remove_file(path("rule-tests/kubernetes.yaml")).unwrap();
    // An expression that is recorded already.
    replace(dir, LAG, "\"count(kafka_topic_partition_current_offset)\"", "\"count(kafka_topic_partitions)\"");
    let printed = failed_check(dir);
    for problem in [
        "alertname: IstioHighErrorRate, time: 6m",
        "dev: no file of charts/monitoring/metrics has `kafka_lag_sum`, read by dashboard kafka-lag, Total lag (A)",
        "dev: nothing scrapes the job argo-rollouts, which has `rollout_info`, read by alert RolloutFailed; alert RolloutStuck;",
        "dev: alert SagaTrackerDown asks for the job `saga-tracker`, which nothing scrapes",
        "dev: alert NodeDiskPressure: no test in charts/monitoring/rule-tests in which it fires",
        "dev: alert NodeDiskPressure: no test in charts/monitoring/rule-tests in which it stays quiet",
        "dev: make it a recording rule: `count(kafka_topic_partitions)`, written by record cluster:kafka_topics:count; \
         dashboard kafka-lag, Partitions (A)",
    ] {
        assert!(printed.contains(problem), "not found: {problem}\n{printed}");
    }
    assert!(!printed.contains("IstioHighLatency"), "{printed}");
}

#[test]
fn an_expression_that_prometheus_would_refuse_is_named_with_its_place() {
    let Some(dir) = repository() else { return };
    let dir = dir.path();
    replace(dir, VALUES, "rate(kube_pod_container_status_restarts_total[5m])", "rate(kube_pod_container_status_restarts_total)");
    replace(dir, LAG, "\"sum(kafka_consumergroup_lag_sum)\"", "\"sum(kafka_consumergroup_lag_sum\"");
    let printed = failed_check(dir);
    for problem in [
        "group \"kubernetes\", rule 1, \"PodCrashLoopBackOff\": could not parse expression",
        "group \"dashboard kafka-lag, Total lag (A)\", rule 1",
    ] {
        assert!(printed.contains(problem), "not found: {problem}\n{printed}");
    }
}

/// Group, alert, expression, how long, severity.
type Agreed = (&'static str, &'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const AGREED: [Agreed; 21] = [
    ("kubernetes", "PodCrashLoopBackOff", "rate(kube_pod_container_status_restarts_total[5m]) > 0", "5m", "critical"),
    ("kubernetes", "HighErrorRate", r#"sum by (job) (rate(http_server_requests_seconds_count{status=~"5.."}[5m])) / sum by (job) (rate(http_server_requests_seconds_count[5m])) > 0.01"#, "10m", "warning"),
    ("kubernetes", "HighLatency", "histogram_quantile(0.90, sum by (le, job) (rate(http_server_requests_seconds_bucket[5m]))) > 0.3", "10m", "warning"),
    ("kubernetes", "NodeDiskPressure", r#"node_filesystem_avail_bytes{mountpoint="/"} / node_filesystem_size_bytes{mountpoint="/"} < 0.15"#, "5m", "warning"),
    ("rollouts", "RolloutFailed", r#"rollout_info{phase="Degraded"} == 1"#, "5m", "critical"),
    ("rollouts", "RolloutHighErrorRate", "rate(rollout_reconcile_error[5m]) > 0.1", "5m", "warning"),
    ("rollouts", "RolloutStuck", r#"rollout_info{phase="Progressing"} == 1"#, "15m", "warning"),
    ("rollouts", "RolloutReplicaMismatch", r#"(rollout_info_replicas_available != rollout_info_replicas_desired) and on (namespace, name) (rollout_info{phase="Healthy"} == 1)"#, "10m", "warning"),
    ("istio", "IstioHighErrorRate", r#"sum by (destination_service_name) (rate(istio_requests_total{reporter="source", response_code=~"5.."}[5m])) / sum by (destination_service_name) (rate(istio_requests_total{reporter="source"}[5m])) > 0.05"#, "5m", "critical"),
    ("istio", "IstioHighLatency", r#"histogram_quantile(0.99, sum by (destination_service_name, le) (rate(istio_request_duration_milliseconds_bucket{reporter="source"}[5m]))) > 1000"#, "10m", "warning"),
    ("istio", "IstioCircuitBreakerOpen", r#"sum by (destination_service_name) (rate(istio_requests_total{response_flags=~".*UO.*"}[5m])) > 0"#, "5m", "warning"),
    ("istio", "IstioConnectionPoolOverflow", r#"sum by (destination_service_name) (rate(istio_requests_total{response_flags=~".*UF.*"}[5m])) > 0"#, "5m", "warning"),
    ("istio", "EnvoyHighMemoryUsage", "envoy_server_memory_allocated / envoy_server_memory_heap_size > 0.9", "10m", "warning"),
    ("saga", "SagaFailureSpike", "sum(increase(saga_failed_total[5m])) > 10", "2m", "warning"),
    ("saga", "SagaTrackerConsumerLag", "saga_tracker_consumer_lag > 1000", "10m", "warning"),
    ("saga", "SagaTrackerDown", r#"up{job="saga-tracker-api"} == 0 or absent(up{job="saga-tracker-api"})"#, "1m", "critical"),
    ("saga", "SagaTrackerHighLatency", r#"histogram_quantile(0.99, sum by (le) (rate(http_server_requests_seconds_bucket{job="saga-tracker-api"}[5m]))) > 2"#, "5m", "warning"),
    ("saga", "SagaCompensationDelay", r#"sum(saga_active_total{status="FAILED"}) > 0 and sum(increase(saga_compensated_total[5m])) == 0"#, "5m", "warning"),
    ("saga", "SagaHighFailureRate", "sum(rate(saga_failed_total[15m])) / sum(rate(saga_events_processed_total[15m])) > 0.1", "5m", "warning"),
    ("saga", "SagaCompensationSlow", "histogram_quantile(0.95, sum by (le) (rate(saga_compensation_duration_seconds_bucket[15m]))) > 30", "10m", "warning"),
    ("saga", "SagaEventProcessingStalled", "sum(rate(saga_events_processed_total[5m])) == 0", "10m", "critical"),
];

/// Recorded series with their expressions: the template has them as they are.
fn records() -> BTreeMap<String, String> {
    let template = read(RECORDS);
    let mut lines = template.lines().map(str::trim);
    let mut records = BTreeMap::new();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("- record: ") {
            let expr = lines.next().unwrap().strip_prefix("expr: ").unwrap();
            records.insert(name.to_string(), expr.to_string());
        }
    }
    records
}

#[test]
fn the_alerts_are_the_agreed_ones_when_recorded_series_are_written_out() {
    let records = records();
    assert!(records.len() >= 15, "this test reads {RECORDS} wrong: {records:?}");
    let values = value(&read(VALUES));
    let groups = values["alerting"]["rules"].as_object().unwrap();
    assert_eq!(groups.values().map(|rules| rules.as_array().unwrap().len()).sum::<usize>(), AGREED.len());
    for (group, name, expr, duration, severity) in AGREED {
        let rule = groups[group].as_array().unwrap().iter().find(|rule| rule["name"] == name);
        let rule = rule.unwrap_or_else(|| panic!("the group {group} has no {name}"));
        let mut written_out = rule["expr"].as_str().unwrap().to_string();
        // A recorded series may read another one.
        for _ in 0..2 {
            written_out = records.iter().fold(written_out, |text, (name, expr)| text.replace(name, expr));
        }
        assert_eq!(written_out, expr, "{name}");
        assert_eq!((rule["duration"].as_str(), rule["severity"].as_str()), (Some(duration), Some(severity)), "{name}");
        assert_eq!(rule["enabled"], true, "{name}");
        for text in ["summary", "description", "runbook"] {
            assert!(rule[text].as_str().is_some_and(|t| !t.is_empty()), "{name} has no {text}");
        }
        for part in ["Means: ", "\nLook: ", "\nDo: "] {
            assert!(rule["runbook"].as_str().unwrap().contains(part), "the runbook of {name} has no `{}`", part.trim());
        }
    }
}

/// Name, uid, refresh, title of every panel that must be there.
type Dashboard = (&'static str, &'static str, &'static str, &'static [&'static str]);

#[rustfmt::skip]
const DASHBOARDS: [Dashboard; 8] = [
    ("argo-rollouts", "argo-rollouts-monitoring", "30s", &["Status", "Available replicas", "Desired replicas", "Updated replicas", "Reconcile duration", "Reconcile errors", "Total error rate", "Phase", "API request rate"]),
    ("istio-service", "istio-service-mesh", "10s", &["Request rate", "5xx share", "Latency p50", "Latency p90", "Latency p99", "TCP connections opened", "Request bytes", "Response bytes"]),
    ("kafka-comprehensive", "kafka-comprehensive", "10s", &["Brokers", "Topics", "Controller", "Under-replicated partitions", "Messages in per second", "Lag by group and topic", "Lag", "Offsets", "In-sync replicas and replicas", "Broker CPU", "Broker memory"]),
    ("kafka-lag", "kafka-lag", "10s", &["Total lag", "Lag by group", "Lag by topic", "Lag of every group and topic", "Topics", "Partitions", "Groups", "Offsets"]),
    ("kafka-broker-failure-test", "kafka-broker-failure-test", "5s", &["Broker timeline", "Alive brokers", "Offset", "Messages in per second", "Lag", "Under-replicated partitions", "Throughput trend", "Lag trend"]),
    ("kubernetes-cluster", "k8s-cluster-overview", "30s", &["Cluster CPU", "Cluster memory", "Running pods", "CPU by namespace", "Memory by namespace", "Pod status"]),
    ("kubernetes-pods", "k8s-pods", "30s", &["Pods", "Pods by phase", "CPU", "Memory", "Network in", "Network out", "Restarts within an hour"]),
    ("saga-tracker", "saga-tracker", "30s", &["Active sagas", "Failed (24 h)", "Compensated (24 h)", "Lag", "Status split", "Event rate", "Compensation duration", "Failures and compensations", "Compensation rate", "Failure rate", "Events (24 h)", "Up"]),
];

#[test]
fn the_dashboards_are_the_agreed_ones_and_no_panel_lies_on_another() {
    for (name, uid, refresh, panels) in DASHBOARDS {
        let dashboard: Value = serde_json::from_str(&read(&format!("charts/monitoring/dashboards/{name}.json"))).unwrap();
        assert_eq!((&dashboard["uid"], &dashboard["refresh"]), (&Value::from(uid), &Value::from(refresh)), "{name}");
        let all = dashboard["panels"].as_array().unwrap();
        for title in panels {
            assert!(all.iter().any(|panel| panel["title"] == *title), "{name} has no panel `{title}`");
        }
        let mut cells = std::collections::BTreeSet::new();
        for panel in all {
            let at = |key: &str| panel["gridPos"][key].as_u64().unwrap();
            assert!(at("x") + at("w") <= 24, "{name}: {} is wider than the screen", panel["title"]);
            for cell in (at("x")..at("x") + at("w")).flat_map(|x| (at("y")..at("y") + at("h")).map(move |y| (x, y))) {
                assert!(cells.insert(cell), "{name}: {} lies on another panel", panel["title"]);
            }
        }
    }
}
