//! The analysis templates under the real Argo Rollouts controller: promotions that pass, promotions that are taken back.
//!
//! A part of its own, with a clone of its own: the shop's files switch the analysis off on kwok for want of metrics, and
//! here a stand-in gives them. Only switches and times are changed in the clone; queries, conditions and limits are those
//! of the repository.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Report, Verdict, expect};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::trial::{Blow, StandIn, Trial};
use crate::ui::{count, seconds};

const ROLLOUT: &str = "rollouts.argoproj.io";
const VALUES: &str = "charts/services/order-service/values.yaml";
const PATIENCE: Duration = Duration::from_secs(60);

/// What a query of the templates asks for. Each has a place of its own in [`Rule`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Asks {
    ErrorRate,
    LatencyP95,
    LatencyP99,
    BusinessSuccess,
    TrafficDrop,
}

const ALL: [Asks; 5] = [Asks::ErrorRate, Asks::LatencyP95, Asks::LatencyP99, Asks::BusinessSuccess, Asks::TrafficDrop];

impl Asks {
    /// Told by its series; `None` for a query that nobody expects.
    fn of(query: &str) -> Option<Self> {
        let about_order_api = query.contains(r#"destination_service="order-api.ecommerce.svc.cluster.local""#);
        let has = |text: &str| query.contains(text);
        if !about_order_api || has("{{") {
            return None;
        }
        Some(match () {
            () if has(r#"business_success_total{service="order-api"}"#) => Asks::BusinessSuccess,
            () if has("histogram_quantile(0.95,") => Asks::LatencyP95,
            () if has("histogram_quantile(0.99,") => Asks::LatencyP99,
            () if has(r#"response_code=~"5..""#) => Asks::ErrorRate,
            () if has("offset 10m") => Asks::TrafficDrop,
            () => return None,
        })
    }

    /// A value that a healthy service has.
    fn healthy(self) -> f64 {
        match self {
            Asks::ErrorRate => 0.01,
            Asks::LatencyP95 => 0.4,
            Asks::LatencyP99 => 0.9,
            Asks::BusinessSuccess | Asks::TrafficDrop => 0.95,
        }
    }
}

/// What Prometheus answers without any series: what stands behind the last `or`.
fn without_traffic(query: &str) -> Option<f64> {
    let (_, fallback) = query.trim().rsplit_once(" or vector(")?;
    fallback.strip_suffix(')')?.trim().parse().ok()
}

pub fn run(cx: &Context, report: &mut Report<'_>) -> Result<()> {
    let mut ready = None;
    report.check("analysis: cluster", || {
        let stand_in = StandIn::start()?;
        let trial = small_shop(cx, &stand_in)?;
        let took = trial.run(&["dev-init"])?.succeeded()?.took;
        ready = Some((trial, stand_in));
        Ok(Verdict::Passed(format!("namespaces, Argo Rollouts and order-service in {}", seconds(took))))
    })?;
    let Some((trial, stand_in)) = ready else {
        CHECKS.iter().for_each(|(name, _)| report.skip(name, "there is no cluster to try it on"));
        return Ok(());
    };
    for (name, check) in CHECKS {
        report.check(name, || check(&trial, &stand_in))?;
    }
    report.check("analysis: dev-clean", || super::cluster::clean(&trial))?;
    Ok(())
}

type Check = fn(&Trial, &StandIn) -> Result<Verdict>;

/// In this order: each begins with the version that the one before left in service.
const CHECKS: [(&str, Check); 4] = [
    ("analysis: no traffic", |trial, stand_in| {
        stand_in.answer_by(|query| Asks::of(query).and_then(|_| without_traffic(query)));
        promoted(trial, stand_in, "v1.2.7")
    }),
    ("analysis: healthy", |trial, stand_in| {
        // One bad measurement is not yet a verdict.
        let first = AtomicUsize::new(0);
        stand_in.answer_by(move |query| {
            let asks = Asks::of(query)?;
            let bad = asks == Asks::ErrorRate && first.fetch_add(1, Ordering::SeqCst) == 0;
            Some(if bad { 0.9 } else { asks.healthy() })
        });
        promoted(trial, stand_in, "v1.2.8")
    }),
    ("analysis: errors", |trial, stand_in| taken_back(trial, stand_in, "v1.2.9", Asks::ErrorRate, 0.05)),
    ("analysis: latency", |trial, stand_in| taken_back(trial, stand_in, "v1.3.0", Asks::LatencyP95, 2.01)),
];

/// A clone with one service, the analysis on, and times that a test can wait for.
fn small_shop(cx: &Context, stand_in: &StandIn) -> Result<Trial> {
    let mut trial = Trial::new(cx)?;
    trial.set("ARGO_ROLLOUTS_PROMETHEUS_ADDRESS", stand_in.address());
    for wave in ["01-external-services", "02-monitoring", "03-istio"] {
        trial.remove(&format!("argocd/applicationsets/{wave}.yaml"))?;
    }
    for other in ["customer-service", "payment-service", "product-service", "recommendation-service", "saga-tracker", "store-service"] {
        let line = format!("                - component: {other}\n");
        trial.edit("argocd/applicationsets/30-services.yaml", |text| text.replace(&line, ""))?;
    }
    let on = "enabled: true\n  trafficDrop:\n    enabled: true";
    trial.edit("config/engine/kwok.yaml", |text| text.replace("enabled: false", on))?;
    let times = "initialDelay: 1s\n    interval: 2s\n    count: 3\n    comparisonInterval: 2s\n    comparisonCount: 3";
    trial.append("config/dev/argo-rollouts.yaml", &format!("\nanalysis:\n  times:\n    {times}\n"))?;
    Ok(trial)
}

/// A new version that is measured and stays.
fn promoted(trial: &Trial, stand_in: &StandIn, version: &str) -> Result<Verdict> {
    let started = Instant::now();
    let before = active(trial)?;
    change(trial, version)?;
    trial.run(&["dev-init"])?.succeeded()?;
    let after = active(trial)?;
    expect(before != after, "the active Service still selects the old version")?;
    let settled = || {
        let healthy = status(trial, "/status/phase")? == "Healthy" && status(trial, "/status/stableRS")? == after;
        Ok((healthy && phase_of(trial, &after, "PostPromotion")? == "Successful").then_some(()))
    };
    trial.until("the end of the analysis", PATIENCE, settled).map_err(|e| e.cause(runs(trial, &after)))?;
    expect(phase_of(trial, &after, "PrePromotion")? == "Successful", "the smoke test did not succeed")
        .map_err(|e| e.cause(runs(trial, &after)))?;
    let asked = every_query_was_answered(trial, stand_in, &after)?;
    Ok(Verdict::Passed(format!("{version} measured and kept; {asked}; {}", seconds(started.elapsed()))))
}

/// A new version of which `bad` is measured as `value` every time: the old one serves again.
fn taken_back(trial: &Trial, stand_in: &StandIn, version: &str, bad: Asks, value: f64) -> Result<Verdict> {
    let started = Instant::now();
    stand_in.answer_by(move |query| Asks::of(query).map(|asks| if asks == bad { value } else { asks.healthy() }));
    let before = active(trial)?;
    change(trial, version)?;
    // It would wait for a health that does not come.
    let run = trial.start(&["dev-init"])?;
    let switched = || Ok(active(trial).ok().filter(|hash| *hash != before));
    let result: Result<String> = (|| {
        let (new, _) = trial.until("the switch to the new version", PATIENCE, switched)?;
        let back = || {
            let degraded = status(trial, "/status/phase")? == "Degraded" && status(trial, "/status/abort")? == "true";
            Ok((degraded && phase_of(trial, &new, "PostPromotion")? == "Failed" && active(trial)? == before).then_some(()))
        };
        trial.until("the way back to the old version", PATIENCE, back).map_err(|e| e.cause(runs(trial, &new)))?;
        Ok(new)
    })();
    run.end(Blow::Interrupt)?;
    let new = result?;
    expect(status(trial, "/status/stableRS")? == before, "the new version counts as the stable one")?;
    every_query_is_known(stand_in)?;
    let failed = failed_metrics(trial, &new)?;
    let name = match bad {
        Asks::ErrorRate => "error-rate-safe",
        _ => "latency-p95",
    };
    expect(failed == [name], format!("instead of {name} failed: {failed:?}"))?;
    Ok(Verdict::Passed(format!("{name} failed twice at {value}, the old version serves again; {}", seconds(started.elapsed()))))
}

fn change(trial: &Trial, version: &str) -> Result<()> {
    let line = |line: &str| if line.starts_with("  tag:") { format!("  tag: {version}") } else { line.to_string() };
    trial.edit(VALUES, |text| text.lines().map(line).collect::<Vec<_>>().join("\n") + "\n")
}

/// The hash that the active Service selects: the version that serves.
fn active(trial: &Trial) -> Result<String> {
    let hash = trial.field("service", "order-api", "/spec/selector/rollouts-pod-template-hash")?;
    hash.as_ref().and_then(Value::as_str).map(str::to_string).ok_or_else(|| Error::failed("Service order-api selects no version"))
}

fn status(trial: &Trial, pointer: &str) -> Result<String> {
    let value = trial.field(ROLLOUT, "order-api", pointer)?.unwrap_or_default();
    Ok(value.as_str().map_or_else(|| value.to_string(), str::to_string))
}

/// The AnalysisRun of a version, `PrePromotion` or `PostPromotion`; null before it exists.
fn analysis_run(trial: &Trial, hash: &str, stage: &str) -> Result<Value> {
    let selector = format!("rollouts-pod-template-hash={hash},rollout-type={stage}");
    let found = trial.kubectl()?.list(&["analysisruns.argoproj.io", "--namespace", "ecommerce", "--selector", &selector])?;
    Ok(found.into_iter().next().unwrap_or_default())
}

fn phase_of(trial: &Trial, hash: &str, stage: &str) -> Result<String> {
    let run = analysis_run(trial, hash, stage)?;
    Ok(run.pointer("/status/phase").and_then(Value::as_str).unwrap_or_default().to_string())
}

fn failed_metrics(trial: &Trial, hash: &str) -> Result<Vec<String>> {
    let run = analysis_run(trial, hash, "PostPromotion")?;
    let results = run.pointer("/status/metricResults").and_then(Value::as_array).cloned().unwrap_or_default();
    let failed = results.iter().filter(|r| r["phase"] == "Failed");
    Ok(failed.filter_map(|r| r["name"].as_str()).map(str::to_string).collect())
}

/// What the analysis of a version came to, for an error.
fn runs(trial: &Trial, hash: &str) -> String {
    let one = |stage: &str| {
        let run = analysis_run(trial, hash, stage).unwrap_or_default();
        format!("{stage}: {}", run.pointer("/status").unwrap_or(&Value::Null))
    };
    format!("{}\n{}", one("PrePromotion"), one("PostPromotion"))
}

fn every_query_is_known(stand_in: &StandIn) -> Result<BTreeMap<Asks, usize>> {
    let mut counts = BTreeMap::new();
    for asked in stand_in.asked() {
        let known = Asks::of(&asked.query).filter(|_| asked.answer.is_some());
        let known = known.ok_or_else(|| Error::failed("a query that no rule answers").cause(asked.query.clone()))?;
        *counts.entry(known).or_default() += 1;
    }
    Ok(counts)
}

/// Each query of the templates arrived as it stands there, with its arguments filled in; nothing else did.
fn every_query_was_answered(trial: &Trial, stand_in: &StandIn, hash: &str) -> Result<String> {
    let counts = every_query_is_known(stand_in)?;
    let missing: Vec<Asks> = ALL.into_iter().filter(|asks| !counts.contains_key(asks)).collect();
    expect(missing.is_empty(), format!("never asked for: {missing:?}"))?;
    let run = analysis_run(trial, hash, "PostPromotion")?;
    let metrics = run.pointer("/spec/metrics").and_then(Value::as_array).cloned().unwrap_or_default();
    expect(metrics.len() == ALL.len(), format!("{} instead of {}", count(metrics.len(), "metric"), ALL.len()))?;
    Ok(format!("{} for {}", count(counts.values().sum(), "answer"), count(ALL.len(), "metric")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_without_a_fallback_has_no_answer_without_traffic() {
        assert_eq!(without_traffic("(\n  a / b\n) or vector(0)\n"), Some(0.0));
        assert_eq!(without_traffic("(a) or vector(1)"), Some(1.0));
        assert_eq!(without_traffic("a / b"), None);
    }

    #[test]
    fn a_query_for_another_service_or_with_an_open_argument_is_unknown() {
        let query = r#"sum(rate(x{destination_service="order-api.ecommerce.svc.cluster.local", response_code=~"5.."}[1m]))"#;
        assert_eq!(Asks::of(query), Some(Asks::ErrorRate));
        assert_eq!(Asks::of(&query.replace("order-api", "store-api")), None);
        assert_eq!(Asks::of(&query.replace("5..", "{{args.x}}")), None);
    }
}
