//! What people do to a cluster that runs, for real: a database is emptied, the monitoring is deployed with and without Argo CD.

use serde_json::{Value, json};

use super::{Verdict, expect};
use crate::argocd::{NAMESPACE, sync};
use crate::commands::monitoring_status;
use crate::error::{Error, Result};
use crate::objects::text;
use crate::tools::{Helm, Kubectl, Reference};
use crate::trial::Trial;
use crate::ui::seconds;

const APPLICATION: &str = "monitoring-dev";

/// On a healthy cluster, which stays one.
pub fn check(trial: &Trial) -> Result<Verdict> {
    let reset = reset(trial)?;
    let deployed = trial.run(&["deploy-monitoring"])?.succeeded()?;
    let application = trial.kubectl()?.find(&Reference { kind: "applications.argoproj.io", name: APPLICATION, namespace: NAMESPACE })?;
    let by = application.as_ref().map(|a| text(a, "/status/operationState/operation/initiatedBy/username")).unwrap_or_default();
    expect(by == sync::INITIATOR, format!("Argo CD did not sync because it was asked to, but for `{by}`"))?;
    super::cluster::all_ready(trial)?;
    Ok(Verdict::Passed(format!("an emptied database was back after {reset}, the monitoring synced in {}", seconds(deployed.took))))
}

/// One store gets a new claim and a new pod, its neighbour keeps its own.
fn reset(trial: &Trial) -> Result<String> {
    let parts = |store: &str| -> Result<[Option<Value>; 2]> {
        let uid = |kind: &str, name: String| trial.field(kind, &name, "/metadata/uid");
        Ok([uid("persistentvolumeclaim", format!("data-{store}-0"))?, uid("pod", format!("{store}-0"))?])
    };
    let before = [parts("order-db")?, parts("store-db")?];
    expect(before.iter().flatten().all(Option::is_some), "a data store has no claim or no pod")?;
    let run = trial.run(&["db-reset", "order", "--yes"])?.succeeded()?;
    let after = [parts("order-db")?, parts("store-db")?];
    let renewed = before[0].iter().zip(&after[0]).all(|(old, new)| new.is_some() && new != old);
    expect(renewed, format!("claim and pod before {:?}, after {:?}", before[0], after[0]))?;
    expect(before[1] == after[1], "another data store was touched")?;
    expect(
        trial.field("persistentvolumeclaim", "data-order-db-0", "/status/phase")? == Some(json!("Bound")),
        "the new claim is not bound",
    )?;
    Ok(seconds(run.took))
}

/// On a cluster without Argo CD and without the shop: a release of Helm's, which a second run leaves installed. Argo CD takes it
/// over later.
pub fn without_argocd(trial: &Trial, kubectl: &Kubectl, helm: &Helm) -> Result<String> {
    let mut took = String::new();
    for revision in ["1", "2"] {
        let run = trial.run(&["deploy-monitoring"])?.succeeded()?;
        let release = helm.find(APPLICATION, monitoring_status::NAMESPACE)?.ok_or_else(|| Error::failed("Helm has no release"))?;
        let have = (release.status.as_str(), release.revision.as_str(), release.name.as_str(), release.namespace.as_str());
        expect(have == ("deployed", revision, APPLICATION, monitoring_status::NAMESPACE), format!("the release is {release:?}"))?;
        took = seconds(run.took);
    }
    let grafana = kubectl.find(&Reference { kind: "deployment", name: "grafana", namespace: monitoring_status::NAMESPACE })?;
    expect(grafana.is_some_and(|d| crate::argocd::workloads::is_ready(&d)), "Grafana is not ready")?;
    Ok(format!("the monitoring by Helm in {took}"))
}
