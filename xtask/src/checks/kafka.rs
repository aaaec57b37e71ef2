//! The Kafka cluster for failure tests on a kwok cluster: brought, looked at, brought again without a write, damaged and mended,
//! taken away.

use serde_json::json;

use super::{Verdict, expect};
use crate::cluster::Kwok;
use crate::error::{Exit, Result};
use crate::steps::kafka::{NAMESPACE, SETS};
use crate::tools::Reference;
use crate::trial::{Trial, writes_since};
use crate::ui::seconds;

pub fn check(trial: &Trial) -> Result<Verdict> {
    for set in SETS.names(&trial.cx) {
        match trial.cx.provision.artifact(set) {
            Err(e) if e.exit() == Exit::Prerequisite => return Ok(Verdict::Skipped(format!("{set} cannot be had here: {}", e.one_line()))),
            other => drop(other?),
        }
    }
    let install = trial.run(&["kafka-install"])?.succeeded()?;
    let page = trial.run(&["kafka-status"])?.succeeded()?.stdout;
    for text in ["c4-kafka   Ready", "3 of 3 nodes", "topics: 43 of 43 ready", "simulated on this engine"] {
        expect(page.contains(text), format!("kafka-status does not say `{text}`")).map_err(|e| e.cause(page.clone()))?;
    }

    let log = Kwok::audit_log(&trial.cx);
    let offset = std::fs::metadata(&log)?.len();
    trial.run(&["kafka-install"])?.succeeded()?;
    let writes = writes_since(&log, offset)?;
    expect(writes.is_empty(), format!("a second kafka-install wrote to the cluster: {writes:?}"))?;
    let revisions = || trial.kubectl()?.list(&["secrets", "--namespace", NAMESPACE, "--selector", "owner=helm"]).map(|s| s.len());
    expect(revisions()? == 2, "a second kafka-install made Helm write a revision")?;

    damaged_and_mended(trial)?;

    let uninstall = trial.run(&["kafka-uninstall", "--yes"])?.succeeded()?;
    let left = trial.kubectl()?.list(&["kafkas,kafkanodepools,kafkatopics", "--namespace", NAMESPACE])?.len() + revisions()?;
    expect(left == 0, format!("kafka-uninstall left {left} objects"))?;
    let again = trial.run(&["kafka-uninstall", "--yes"])?.succeeded()?;
    expect(again.stdout.is_empty(), format!("a second kafka-uninstall did something: {}", again.stdout))?;
    let page = trial.run(&["kafka-status"])?.succeeded()?.stdout;
    expect(page.contains("the Job that makes them succeeded"), "the shop's own topics went with the add-on")?;
    let (came, went) = (seconds(install.took), seconds(uninstall.took));
    Ok(Verdict::Passed(format!("3 brokers and 43 topics in {came}, a second run wrote nothing, damage mended, gone in {went}")))
}

/// A topic deleted, and a field taken over by somebody else's hand.
fn damaged_and_mended(trial: &Trial) -> Result<()> {
    let kubectl = trial.kubectl()?;
    kubectl.delete(&Reference { kind: "kafkatopics", name: "order.created", namespace: NAMESPACE })?;
    let pool = Reference { kind: "kafkanodepools", name: "dual-role", namespace: NAMESPACE };
    kubectl.patch(&pool, &json!({ "spec": { "replicas": 5 } }))?;
    trial.run(&["kafka-install"])?.succeeded()?;
    let nodes = kubectl.find(&pool)?.and_then(|p| p.pointer("/spec/replicas").cloned());
    expect(nodes == Some(json!(3)), format!("a changed pool was not set back: {nodes:?}"))?;
    let topic = kubectl.find(&Reference { kind: "kafkatopics", name: "order.created", namespace: NAMESPACE })?;
    expect(topic.is_some(), "a deleted topic did not come back")
}
