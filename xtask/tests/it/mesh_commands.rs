//! Istio's control plane on stand-ins: installed by its step, shown, and taken away.

use super::k3d_machine::Machine;
use super::pinned;

/// A k3d cluster with Gateways and routes, and a namespace of Istio as long as nobody deleted it.
fn machine() -> Machine {
    let machine = Machine::created();
    machine.kubectl(
        r#"  *readyz*) echo ok;;
  *api-resources*) printf 'gateways.gateway.networking.k8s.io\nhttproutes.gateway.networking.k8s.io\nvirtualservices.networking.istio.io\n';;
  *'get namespace istio-system'*) [ ! -f "$FAKES/gone" ] && echo '{ "kind": "Namespace" }' && exit; echo 'Error from server (NotFound)' >&2; exit 1;;
  *'delete --filename'*) cat > "$FAKES/deleted"; : > "$FAKES/gone";;
  *'get pods'*) echo '{ "items": [{ "metadata": { "name": "istiod-1" }, "spec": { "containers": [{}] }, "status": { "phase": "Running", "containerStatuses": [{ "ready": true, "restartCount": 0 }] } }] }';;
  *'get gateways'*) echo '{ "items": [{ "metadata": { "name": "ecommerce-gateway" }, "spec": { "gatewayClassName": "istio", "listeners": [{ "name": "http", "protocol": "HTTP", "port": 80 }] }, "status": { "conditions": [{ "type": "Programmed", "status": "True" }] } }] }';;
  *'get httproutes'*) echo '{ "items": [{ "metadata": { "name": "order-api-route" }, "spec": { "parentRefs": [{ "name": "ecommerce-gateway" }], "hostnames": ["localhost"] } }] }';;
  *) exit 1;;"#,
    );
    let version = pinned::tool("istioctl").version;
    let script = format!(
        "[ \"$1\" = version ] && echo '{{ \"clientVersion\": {{ \"version\": \"{version}\" }} }}' && exit\necho \"istioctl $*\" >> \"$FAKES/log\""
    );
    machine.sandbox.program("istioctl", &script);
    machine
}

const PURGE: &str =
    "istioctl uninstall --purge --skip-confirmation --kubeconfig [ROOT]/environments/dev/kubeconfig/config --context k3d-small-shop";

fn purges(machine: &Machine) -> Vec<String> {
    machine.calls().lines().filter(|l| l.starts_with("istioctl uninstall")).map(str::to_string).collect()
}

#[test]
fn the_status_shows_kinds_pods_gateways_and_what_routes_wait_for() {
    machine().sandbox.run(&["istio-status"]).exits(0).prints(
        "
        gateway.networking.k8s.io  2 kinds
        networking.istio.io        1 kind
        security.istio.io          0 kinds
        telemetry.istio.io         0 kinds

        POD       READY   RESTARTS  STATE
        istiod-1  1 of 1  0         Running

        GATEWAY            CLASS  LISTENERS     ADDRESS  PROGRAMMED
        ecommerce-gateway  istio  http HTTP:80  -        yes

        HTTPROUTE        GATEWAY            HOSTS      ACCEPTED  BACKENDS
        order-api-route  ecommerce-gateway  localhost  not yet   not yet
        ",
    );
}

#[test]
fn uninstalling_purges_deletes_the_namespace_and_can_be_repeated() {
    let machine = machine();
    let ran = machine.sandbox.run(&["istio-uninstall", "--yes"]).exits(0).prints("");
    ran.says_among("the control plane and the namespace istio-system are gone").says_among("next: cargo xtask istio-install");
    assert_eq!(purges(&machine), [PURGE]);
    let deleted = std::fs::read_to_string(machine.file("deleted")).unwrap();
    assert!(deleted.contains(r#""kind":"Namespace""#) && deleted.contains("istio-system"), "{deleted}");
    machine.sandbox.run(&["istio-uninstall", "--yes"]).exits(0).says("nothing to delete: there is no namespace istio-system");
    assert_eq!(purges(&machine), [""; 0]);
}

#[test]
fn nothing_is_purged_without_an_answer_or_by_a_plan() {
    let machine = machine();
    machine.sandbox.run(&["istio-uninstall"]).exits(2).says_among("answer beforehand: cargo xtask istio-uninstall --yes");
    let ran = machine.sandbox.run(&["--plan", "istio-uninstall"]).exits(0);
    ran.prints_among("istioctl uninstall --purge --skip-confirmation ").prints_among(" delete --filename - --ignore-not-found < ");
    assert_eq!(purges(&machine), [""; 0]);
}

#[test]
fn the_plan_of_an_installation_has_its_steps_and_no_others() {
    let machine = machine();
    machine.sandbox.write("bootstrap/istio.yaml", "spec: {}\n");
    let ran = machine.sandbox.run(&["--plan", "istio-install"]).exits(0);
    let steps: Vec<&str> = ran.stdout.lines().filter(|l| !l.starts_with(' ')).map(|l| l.split(' ').next().unwrap()).collect();
    assert_eq!(steps, ["tools", "artifacts", "crds", "istio"]);
}
