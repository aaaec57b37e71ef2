//! `dev-logs`: which processes have a log, and what they last said.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use super::sandbox::Sandbox;

/// A stopped cluster that left three logs.
fn stopped() -> Sandbox {
    let sandbox = Sandbox::new();
    for (path, text) in [
        (log(&sandbox, "argocd-repo-server"), "one\ntwo\nthree\n"),
        (log(&sandbox, "argocd-server"), "served\n"),
        (sandbox.cluster().join("logs/etcd.log"), ""),
        (sandbox.cluster().join("logs/audit.log"), "{}\n"),
        (sandbox.cluster().join("logs/audit-2026-01-01T00-00-00.000.log"), "{}\n"),
    ] {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    sandbox
}

fn log(sandbox: &Sandbox, name: &str) -> PathBuf {
    sandbox.state().join(format!("run/logs/{name}.log"))
}

#[test]
fn without_a_name_everything_that_has_a_log_is_listed() {
    let ran = stopped().run(&["dev-logs"]).exits(0).says_among("next: cargo xtask dev-logs NAME");
    let rows: Vec<Vec<&str>> = ran.stdout.lines().map(|l| l.split_whitespace().collect()).collect();
    let names: Vec<&str> = rows.iter().map(|r| r[0]).collect();
    assert_eq!(names, ["NAME", "argocd-repo-server", "argocd-server", "audit", "etcd"]);
    assert_eq!((rows[1][1..3].join(" "), rows[1].last()), ("14 B".into(), Some(&"ago")));
    assert_eq!(rows[4][1..], ["0", "B", "-"]);
}

#[test]
fn the_last_lines_of_one_are_printed_and_a_part_of_the_name_will_do() {
    let sandbox = stopped();
    sandbox.run(&["dev-logs", "argocd-repo-server"]).exits(0).says("").prints("one\ntwo\nthree");
    sandbox.run(&["dev-logs", "repo", "--lines", "2"]).exits(0).says("").prints("two\nthree");
    sandbox.run(&["dev-logs", "argocd-server"]).exits(0).says("").prints("served");
    sandbox.run(&["dev-logs", "etcd"]).exits(0).says("").prints("");
}

#[test]
fn a_name_that_means_several_or_none_is_answered_with_the_known_ones() {
    let sandbox = stopped();
    sandbox.run(&["dev-logs", "argocd"]).exits(2).prints("").says(
        "
        error: `argocd` is part of several names
        Caused by: these: argocd-repo-server, argocd-server
        ",
    );
    sandbox.run(&["dev-logs", "nope"]).exits(2).prints("").says(
        "
        error: nothing named `nope` has a log
        Caused by: these have one: argocd-repo-server, argocd-server, audit, etcd
        ",
    );
}

#[test]
fn something_of_the_shop_prints_nothing_where_pods_are_simulated() {
    let sandbox = stopped();
    let component = std::fs::read_to_string(sandbox.root().join("argocd/applicationsets/01-services.yaml")).unwrap();
    assert!(component.contains("order-service"), "the fixture names another component");
    for name in ["order-service", "order-api"] {
        sandbox.run(&["dev-logs", name]).exits(4).prints("").says(&format!(
            "
            error: `dev-logs {name}` needs running containers, and pods are simulated on this engine
            Hint: see what Argo CD knows of it: cargo xtask kubectl -- get pods --namespace ecommerce
            "
        ));
    }
}

#[test]
fn following_goes_over_truncation_and_ends_quietly_with_ctrl_c() {
    let sandbox = stopped();
    let path = log(&sandbox, "argocd-server");
    let append = |text: &str| {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(&path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    };
    let mut running = sandbox.start(&["dev-logs", "argocd-server", "-f"]);
    running.wait_for_stdout("served\n");
    append("more\n");
    running.wait_for_stdout("more\n");
    std::fs::File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
    append("new\n");
    running.wait_for_stdout("new\n");
    running.interrupt();
    running.end().exits(130).says("").prints("served\nmore\nnew");
}
