//! The monitoring on stand-ins: deployed by whoever owns it, and shown.

use serde_json::{Value, json};

use super::k3d_machine::Machine;
use super::pinned;

/// A k3d cluster; `application` is the Application of the monitoring, if Argo CD has one. A sync that was asked for is done at once.
fn machine(application: Option<Value>) -> Machine {
    let machine = Machine::created();
    if let Some(application) = application {
        std::fs::write(machine.file("application"), application.to_string()).unwrap();
    }
    machine.kubectl(
        r#"  *readyz*) echo ok;;
  *'get applications.argoproj.io monitoring-dev'*) [ -f "$FAKES/application" ] && cat "$FAKES/application" && exit; echo 'Error from server (NotFound)' >&2; exit 1;;
  *' annotate '*|*' patch '*) ;;
  *'get pods'*) echo '{ "items": [{ "metadata": { "name": "grafana-0" }, "spec": { "containers": [{}] }, "status": { "phase": "Pending" } }] }';;
  *'get services '*) echo '{ "items": [{ "metadata": { "name": "grafana" }, "spec": { "type": "ClusterIP", "ports": [{ "port": 3000 }] } }] }';;
  *'get persistentvolumeclaims'*) echo '{ "items": [] }';;
  *'get servicemonitors'*) echo '{ "items": [{ "metadata": { "name": "loki" }, "spec": { "endpoints": [{ "port": "http" }] } }] }';;
  *'get podmonitors'*) echo '{ "items": [] }';;
  *'get prometheusrules'*) echo '{ "items": [{ "spec": { "groups": [{ "rules": [{ "alert": "A" }] }] } }] }';;
  *'get configmaps'*) echo '{ "items": [{}, {}] }';;
  *) exit 1;;"#,
    );
    let version = pinned::tool("helm").version;
    let script = format!(
        r#"[ "$1 $2" = 'version --template={{{{.Version}}}}' ] && echo v{version} && exit
echo "helm $*" >> "$FAKES/log""#
    );
    machine.sandbox.program("helm", &script);
    machine
}

fn application(status: Value) -> Option<Value> {
    Some(json!({"metadata": {"name": "monitoring-dev"}, "status": status}))
}

fn healthy() -> Value {
    json!({"sync": {"status": "Synced", "revision": "abc"}, "health": {"status": "Healthy"}, "operationState": {"phase": "Succeeded"}})
}

/// The verbs of the calls that change something.
fn verbs(machine: &Machine) -> Vec<String> {
    let calls = machine.calls();
    let verb =
        |line: &str| ["annotate", "patch", "apply", "upgrade"].iter().find(|v| line.contains(&format!(" {v} "))).map(|v| v.to_string());
    calls.lines().filter_map(verb).collect()
}

#[test]
fn where_argo_cd_owns_it_it_is_told_to_look_and_to_sync_and_helm_is_not_asked() {
    let machine = machine(application(healthy()));
    let ran = machine.sandbox.run(&["deploy-monitoring"]).exits(0).prints("");
    ran.says_among("Argo CD owns `monitoring-dev`: it deploys what the last snapshot").says_among("monitoring-dev Synced and Healthy");
    assert_eq!(verbs(&machine), ["annotate", "patch"]);
}

#[test]
fn a_sync_that_cannot_succeed_ends_in_argo_cds_words() {
    let broken = json!({"sync": {"status": "Unknown"}, "health": {"status": "Healthy"},
        "conditions": [{"type": "ComparisonError", "message": "helm template failed: no such key"}]});
    let ran = machine(application(broken)).sandbox.run(&["deploy-monitoring"]).exits(3);
    ran.says_among(
        "error: `monitoring-dev` cannot become healthy without a change\nCaused by: Argo CD: helm template failed: no such key\n",
    )
    .says_among("Hint: mend it, then bring it: cargo xtask dev-sync");
}

#[test]
fn what_does_not_become_healthy_is_said_with_its_state() {
    let slow = json!({"sync": {"status": "Synced", "revision": "abc"}, "health": {"status": "Progressing"}, "operationState": {"phase": "Succeeded"}});
    let ran = machine(application(slow)).sandbox.run(&["deploy-monitoring", "--timeout", "0"]).exits(3);
    ran.says_among("error: `monitoring-dev` was not Synced and Healthy within 0.0 s\nCaused by: Synced, Progressing\n");
}

#[test]
fn the_plan_of_either_way_has_the_exact_calls_and_makes_none() {
    let owned = machine(application(healthy()));
    let ran = owned.sandbox.run(&["--plan", "deploy-monitoring"]).exits(0);
    ran.prints_among(" annotate applications.argoproj.io monitoring-dev ").prints_among(" patch applications.argoproj.io monitoring-dev ");
    assert_eq!(verbs(&owned), [""; 0]);

    let free = machine(None);
    free.sandbox.write("argocd/manifest/classes.yaml", "kind: PriorityClass\n---\nkind: Namespace\n");
    free.sandbox.write("argocd/manifest/namespaces.yaml", "kind: Namespace\n");
    free.sandbox.write("environments/dev/secrets.yaml", "secrets: []\n");
    let ran = free.sandbox.run(&["--plan", "deploy-monitoring"]).exits(0).says_among("no Argo CD owns the monitoring: Helm deploys it");
    ran.prints_among(
        "upgrade --install monitoring-dev [ROOT]/charts/monitoring --namespace monitoring --values [ROOT]/config/dev/monitoring.yaml \
         --wait --timeout 600s --output json",
    );
    assert_eq!(verbs(&free), [""; 0]);
}

#[test]
fn the_status_shows_objects_and_what_is_looked_at() {
    machine(None).sandbox.run(&["monitoring-status"]).exits(0).prints(
        "
        POD        READY   RESTARTS  STATE
        grafana-0  0 of 1  0         Pending

        SERVICE  TYPE       PORTS
        grafana  ClusterIP  3000

        CLAIM  PHASE  SIZE  CLASS

        MONITOR  KIND            LOOKS IN    ENDPOINTS
        loki     ServiceMonitor  monitoring  http/metrics

        1 alert rule, 2 dashboards
        ",
    );
}
