//! Port forwards on stand-ins: kept alive in the background, ended by us and nobody else, never on a port of somebody else's.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::json;

use super::k3d_machine::Machine;
use super::sandbox::Stranger;

/// A k3d cluster where Argo CD and Grafana have their Services. A forward notes that it began, and runs until it is ended.
fn machine() -> Machine {
    let machine = Machine::created();
    machine.kubectl(
        r#"  *readyz*) echo ok;;
  *'get --filename'*) echo '{ "kind": "List", "items": [
      { "apiVersion": "v1", "kind": "Service", "metadata": { "name": "argocd-server", "namespace": "argocd" } },
      { "apiVersion": "v1", "kind": "Service", "metadata": { "name": "grafana", "namespace": "monitoring" } }] }';;
  *--watch*) cat "$FAKES/events"; exec /bin/sleep 600;;
  *'--raw /apis/'*) cat "$FAKES/applications";;
  *port-forward*) echo begun >> "$FAKES/begun"; exec /bin/sleep 600;;
  *) exit 1;;"#,
    );
    machine
}

/// Ports that nobody listens on. The system gives no number twice within this moment.
fn free_ports() -> (u16, u16) {
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let port = |i: usize| listeners[i].local_addr().unwrap().port();
    (port(0), port(1))
}

/// Waits until as many forwards began; a stand-in does not listen, so the test does in its place.
fn begun(machine: &Machine, times: usize) {
    let start = Instant::now();
    while std::fs::read_to_string(machine.file("begun")).unwrap_or_default().lines().count() < times {
        assert!(start.elapsed() < Duration::from_secs(60), "no forward begins");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Starts one forward, and listens in its place.
fn started(machine: &Machine) -> (u16, TcpListener) {
    let (port, _) = free_ports();
    let running = machine.sandbox.start(&["port-forward", "start", "--only", "grafana", "--at", &format!("grafana={port}")]);
    begun(machine, 1);
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let row = format!("grafana  http://127.0.0.1:{port}  listens  dashboards");
    running.end().exits(0).prints_among(&row).says_among("they go on in the background; end them: cargo xtask port-forward stop");
    // The stand-in says that it began before its supervisor has noted its number.
    let start = Instant::now();
    while processes(machine).is_empty() {
        assert!(start.elapsed() < Duration::from_secs(60), "no forward is noted");
        std::thread::sleep(Duration::from_millis(5));
    }
    (port, listener)
}

/// Processes that its supervisor notes, by name, with their ids.
fn processes(machine: &Machine) -> Vec<(String, u64)> {
    let dir = machine.sandbox.state().join("port-forward/run/pids");
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let process = |path: std::path::PathBuf| {
        let who: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).ok()?).ok()?;
        Some((path.file_stem()?.to_string_lossy().into_owned(), who["pid"].as_u64()?))
    };
    entries.filter_map(|e| process(e.path())).collect()
}

fn is_alive(pid: u64) -> bool {
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid as i32), None).is_ok()
}

#[test]
fn a_forward_goes_on_when_the_command_has_ended_and_is_shown_and_ended() {
    let machine = machine();
    let (port, _listener) = started(&machine);
    let calls = machine.calls();
    let call = format!("port-forward --address 127.0.0.1 --namespace monitoring service/grafana {port}:3000");
    assert!(calls.lines().any(|l| l.ends_with(&call)), "{calls}");
    let before = processes(&machine);
    assert_eq!(before.len(), 1);
    machine.sandbox.run(&["port-forward", "status"]).exits(0).prints_among(&format!("http://127.0.0.1:{port}  listens"));
    // Nothing to do: it is not begun again.
    machine.sandbox.run(&["port-forward", "start", "--only", "grafana", "--at", &format!("grafana={port}")]).exits(0);
    assert_eq!(processes(&machine), before);
    machine.sandbox.run(&["--plan", "port-forward", "stop"]).exits(0).prints_among("would end port-forward grafana (pid ");
    assert!(is_alive(before[0].1));
    machine.sandbox.run(&["port-forward", "stop"]).exits(0).says("1 port forward ended");
    assert!(!is_alive(before[0].1));
    machine.sandbox.run(&["port-forward", "stop"]).exits(0).says("nothing to stop: nothing of it is forwarded");
    machine.sandbox.run(&["port-forward", "status"]).exits(0).prints_among("nothing is forwarded\n");
}

#[test]
fn a_forward_that_ended_is_begun_again() {
    let machine = machine();
    let (_, _listener) = started(&machine);
    let (_, pid) = processes(&machine)[0].clone();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid as i32), nix::sys::signal::Signal::SIGKILL).unwrap();
    begun(&machine, 2);
    machine.sandbox.run(&["port-forward", "stop"]).exits(0);
}

/// The shop is up: its Applications as a list, and as a watch that begins with them.
fn bring_the_shop(machine: &Machine) {
    let application = |name: &str| json!({"metadata": {"name": name}, "status": {"sync": {"status": "Synced", "revisions": [""]}, "health": {"status": "Healthy"}}});
    let all = ["root-application", "order-service-dev"].map(application);
    let events: String = all.iter().map(|a| format!("ADDED {a}\n")).collect();
    std::fs::write(machine.file("events"), events).unwrap();
    std::fs::write(machine.file("applications"), json!({"items": all}).to_string()).unwrap();
}

#[test]
fn dev_up_forwards_what_is_there_on_the_ports_of_the_last_time() {
    let machine = machine();
    bring_the_shop(&machine);
    let (one, two) = free_ports();
    let at = [format!("argocd={one}"), format!("grafana={two}")];
    let start = machine.sandbox.start(&["port-forward", "start", "--at", &at[0], "--at", &at[1], "--only", "argocd"]);
    begun(&machine, 2);
    let listen = || [one, two].map(|port| TcpListener::bind(("127.0.0.1", port)).unwrap());
    let listeners = listen();
    start.end().exits(0);
    machine.sandbox.run(&["dev-down"]).exits(0);
    drop(listeners);

    let up = machine.sandbox.start(&["dev-up"]);
    begun(&machine, 4);
    let _listeners = listen();
    let ran = up.end().exits(0).says_among("2 of 5 listen on 127.0.0.1").says_among(&format!("  grafana         http://127.0.0.1:{two}\n"));
    assert!(!ran.stderr.contains("not forwarded"), "{}", ran.stderr);
    machine.sandbox.run(&["port-forward", "stop"]).exits(0).says("2 port forwards ended");
}

#[test]
fn stopping_the_cluster_ends_the_forwards_first() {
    for command in [&["dev-down"][..], &["k3d-stop"], &["k3d-delete", "--yes"], &["dev-clean", "--yes"]] {
        let machine = machine();
        let (_, _listener) = started(&machine);
        let (_, pid) = processes(&machine)[0].clone();
        machine.sandbox.run(command).exits(0);
        assert!(!is_alive(pid), "{command:?} leaves a forward behind");
    }
}

#[test]
fn a_port_of_somebody_else_is_left_alone_and_its_holder_is_named() {
    let machine = machine();
    let (port, _) = free_ports();
    let _listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let ran = machine.sandbox.run(&["port-forward", "start", "--at", &format!("grafana={port}"), "--only", "grafana"]).exits(4);
    let ran = ran.says_among(&format!("error: port {port} of 127.0.0.1 is taken by "));
    ran.says_among("Hint: end it, or take another port: cargo xtask port-forward start --at grafana=");
    assert_eq!(processes(&machine), []);
}

#[test]
fn a_number_that_is_somebody_elses_now_is_not_ended() {
    let machine = machine();
    let mut stranger = Stranger::start();
    let noted = format!(r#"{{"pid": {}, "started": "long ago"}}"#, stranger.pid());
    machine.sandbox.write(".xtask/dev/port-forward/run/pids/grafana.json", &noted);
    machine.sandbox.write(".xtask/dev/port-forward/run/supervisor.pid.json", noted);
    machine.sandbox.run(&["port-forward", "stop"]).exits(0);
    machine.sandbox.run(&["dev-down"]).exits(0);
    assert!(stranger.is_alive());
}

#[test]
fn what_has_no_service_yet_is_refused_when_it_is_asked_for_by_name() {
    let machine = machine();
    let ran = machine.sandbox.run(&["port-forward", "start", "--only", "kafka-ui"]).exits(4);
    ran.says("error: there is no Service kafka-ui in the namespace kafka\nHint: see how far the shop is: cargo xtask dev-status");
}

#[test]
fn a_plan_prints_the_calls_and_a_wrong_name_is_answered_with_the_right_ones() {
    let machine = machine();
    let (port, _) = free_ports();
    let before = machine.sandbox.files();
    let ran = machine.sandbox.run(&["--plan", "port-forward", "start", "--only", "argocd", "--at", &format!("argocd={port}")]).exits(0);
    ran.prints_among(&format!(" port-forward --address 127.0.0.1 --namespace argocd service/argocd-server {port}:443"));
    assert_eq!(before.changes(&machine.sandbox.files()), [""; 0]);
    machine.sandbox.run(&["port-forward", "start", "--only", "loki"]).exits(2).says_among("there are: argocd, grafana, prometheus");
}
