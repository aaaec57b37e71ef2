//! The data stores on stand-ins: what is shown of them, and in which order one is emptied.

use serde_json::{Value, json};

use super::k3d_machine::Machine;

fn set(name: &str, kind: &str, database: Option<&str>) -> Value {
    let env: Vec<Value> = database.iter().map(|d| json!({"name": "POSTGRES_DB", "value": d})).collect();
    json!({
        "metadata": {"name": name, "generation": 1, "labels": {"app.kubernetes.io/component": kind}},
        "spec": {"replicas": 1, "volumeClaimTemplates": [{"metadata": {"name": "data"}}], "template": {"spec": {"containers": [{"env": env}]}}},
        "status": {"observedGeneration": 1, "updatedReplicas": 1, "readyReplicas": 1},
    })
}

fn part(kind: &str, name: &str, uid: u32) -> Value {
    json!({
        "apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "ecommerce", "uid": uid.to_string()},
        "status": {"phase": "Bound", "capacity": {"storage": "2Gi"}, "conditions": [{"type": "Ready", "status": "True"}]},
    })
}

fn list(items: &[Value]) -> String {
    json!({"kind": "List", "apiVersion": "v1", "items": items}).to_string()
}

/// A k3d cluster with two databases and a cache. Its claims and pods are new ones once both were deleted, claims first.
fn machine() -> Machine {
    let machine = Machine::created();
    let sets =
        [set("order-db", "database", Some("order_db")), set("store-db", "database", Some("store_db")), set("cache-redis", "cache", None)];
    std::fs::write(machine.file("sets"), list(&sets)).unwrap();
    let parts = |uid: u32| {
        let of = |store: &str| [part("PersistentVolumeClaim", &format!("data-{store}-0"), uid), part("Pod", &format!("{store}-0"), uid)];
        list(&[of("order-db"), of("store-db"), of("cache-redis")].concat())
    };
    std::fs::write(machine.file("old"), parts(1)).unwrap();
    std::fs::write(machine.file("new"), parts(2)).unwrap();
    machine.kubectl(
        r#"  *readyz*) echo ok;;
  *'get statefulsets'*) cat "$FAKES/sets";;
  *'get persistentvolumeclaims'*) cat "$FAKES/old";;
  *'delete persistentvolumeclaims'*) : > "$FAKES/marked";;
  *'delete pods'*) if [ -f "$FAKES/marked" ]; then : > "$FAKES/emptied"; fi;;
  *'get --filename'*) if [ -f "$FAKES/emptied" ]; then cat "$FAKES/new"; else cat "$FAKES/old"; fi;;
  *' logs '*) echo 'database system is ready';;
  *) exit 1;;"#,
    );
    machine
}

/// The calls that delete something, without the address of the cluster.
fn deletions(machine: &Machine) -> Vec<String> {
    let calls = machine.calls();
    let calls = calls.lines().filter_map(|l| l.split_once(" delete "));
    calls.map(|(_, what)| what.to_string()).collect()
}

#[test]
fn the_status_shows_every_store_with_its_claim() {
    machine().sandbox.run(&["db-status"]).exits(0).prints(
        "
        STORE        KIND      READY   DATABASE  CLAIM               SIZE  PHASE
        order-db     database  1 of 1  order_db  data-order-db-0     2Gi   Bound
        store-db     database  1 of 1  store_db  data-store-db-0     2Gi   Bound
        cache-redis  cache     1 of 1  -         data-cache-redis-0  2Gi   Bound
        ",
    );
}

#[test]
fn a_store_that_is_not_ready_is_a_problem() {
    let machine = machine();
    let mut late = set("order-db", "database", None);
    late["status"] = json!({});
    std::fs::write(machine.file("sets"), list(&[late])).unwrap();
    machine.sandbox.run(&["db-status"]).exits(1).prints_among("order-db  database  0 of 1");
}

#[test]
fn the_claim_is_deleted_before_the_pod_that_uses_it() {
    let machine = machine();
    let ran = machine.sandbox.run(&["db-reset", "order", "--yes"]).exits(0).prints("").says_among("order-db: 1 new claim, empty");
    ran.says_among("next: cargo xtask kubectl -- delete pods --namespace ecommerce --selector 'app in (order-api)'\n");
    let rest = "--namespace ecommerce --ignore-not-found --wait=false";
    assert_eq!(deletions(&machine), [format!("persistentvolumeclaims data-order-db-0 {rest}"), format!("pods order-db-0 {rest}")]);
}

#[test]
fn all_means_every_database_and_no_cache() {
    let machine = machine();
    machine.sandbox.run(&["db-reset", "all", "--yes"]).exits(0).says_among("order-db, store-db: 2 new claims, empty");
    assert!(deletions(&machine)[0].starts_with("persistentvolumeclaims data-order-db-0 data-store-db-0 "));
}

#[test]
fn ctrl_c_says_how_to_go_on_with_the_name_of_the_store() {
    let machine = machine();
    std::fs::copy(machine.file("old"), machine.file("new")).unwrap();
    let running = machine.sandbox.start(&["db-reset", "order", "--yes"]);
    let begun = std::time::Instant::now();
    while !machine.file("emptied").exists() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "it never deletes anything");
        std::thread::yield_now();
    }
    running.interrupt();
    running.end().exits(130).says_among("mended by the next run: cargo xtask db-reset order\n");
}

#[test]
fn what_does_not_come_back_is_named() {
    let machine = machine();
    std::fs::copy(machine.file("old"), machine.file("new")).unwrap();
    let ran = machine.sandbox.run(&["db-reset", "order", "--yes", "--timeout", "0"]).exits(3);
    ran.says_among("Caused by: PersistentVolumeClaim data-order-db-0: still the old one\n")
        .says_among("Hint: how far they are: cargo xtask db-status");
}

#[test]
fn nothing_is_deleted_without_an_answer_by_a_plan_or_for_an_unknown_name() {
    let machine = machine();
    machine.sandbox.run(&["db-reset", "order"]).exits(2).says_among("answer beforehand: cargo xtask db-reset order --yes");
    let ran = machine.sandbox.run(&["--plan", "db-reset", "order"]).exits(0);
    ran.prints_among("delete persistentvolumeclaims data-order-db-0 ").prints_among("delete pods order-db-0 ");
    let ran = machine.sandbox.run(&["db-reset", "orders", "--yes"]).exits(2);
    ran.says_among("error: there is no data store `orders`\nCaused by: there are: order-db, store-db, cache-redis\n");
    assert_eq!(deletions(&machine), [""; 0]);
}

#[test]
fn logs_are_those_of_the_servers_pod() {
    let machine = machine();
    machine.sandbox.run(&["db-logs"]).exits(0).prints("order-db\nstore-db\ncache-redis");
    machine.calls();
    machine.sandbox.run(&["db-logs", "order", "--lines", "5", "-f"]).exits(0).prints("database system is ready");
    assert!(machine.calls().ends_with(" logs --namespace ecommerce order-db-0 --all-containers --tail 5 --follow"));
}
