//! `doctor`: what a machine has, what it lacks, and what mends it.

use std::collections::BTreeMap;
use std::net::TcpListener;

use serde_json::Value;

use super::pinned;
use super::sandbox::{Ran, Sandbox};
use super::stopped_cluster::stopped;

/// A machine with every program that contributors install, all of them fakes.
fn furnished() -> Sandbox {
    let sandbox = Sandbox::new();
    furnish(&sandbox);
    sandbox
}

fn furnish(sandbox: &Sandbox) {
    for (name, prints) in [
        ("git", "git version 2.47.3"),
        ("openssl", "OpenSSL 3.5.4 30 Sep 2025"),
        ("curl", "curl 8.14.1 (x86_64-pc-linux-gnu)"),
        ("go", "go version go1.99.0 linux/amd64"),
        ("cc", "cc (Debian 14.2.0-19) 14.2.0"),
    ] {
        sandbox.program(name, &format!("echo '{prints}'"));
    }
}

/// The rows of the JSON, by group and id.
fn checks(ran: &Ran) -> BTreeMap<(String, String), Value> {
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let text = |check: &Value, key: &str| check[key].as_str().unwrap().to_string();
    let rows = report["checks"].as_array().unwrap();
    let found: BTreeMap<_, _> = rows.iter().map(|c| ((text(c, "group"), text(c, "id")), c.clone())).collect();
    assert_eq!(found.len(), rows.len(), "two rows of a group have the same id");
    found
}

fn row(ran: &Ran, group: &str, id: &str) -> Value {
    checks(ran).remove(&(group.to_string(), id.to_string())).unwrap_or_else(|| panic!("no {group} {id} in\n{}", ran.stdout))
}

#[test]
fn on_an_empty_machine_everything_that_is_missing_is_named_first() {
    let ran = Sandbox::new().run(&["doctor"]).exits(4).says("");
    let lines: Vec<&str> = ran.stdout.lines().skip(3).take_while(|l| !l.trim().is_empty()).collect();
    let what = |line: &&str| Some(line.strip_prefix("missing ")?.split_whitespace().take(2).collect::<Vec<_>>().join(" "));
    let missing: Vec<String> = lines.iter().filter_map(what).collect();
    let mut wanted: Vec<String> = ["git", "openssl", "curl", "go"].map(|p| format!("programs {p}")).into();
    wanted.extend(pinned::tools_of_kwok().into_iter().map(|t| format!("tools {}", t.name)));
    wanted.extend(["argocd-crds", "strimzi-crds"].map(|set| format!("artifacts {set}")));
    assert_eq!(missing, wanted);
    let more = missing.len() - 4;
    ran.prints_among(&format!("\n4 things are missing, and {more} more; first: git: install git\n"));
}

#[test]
fn a_furnished_machine_has_everything_and_says_what_it_will_build_first() {
    let ran = furnished().run(&["doctor"]).exits(0).says("");
    let to_build = pinned::tools_of_kwok().iter().filter(|t| t.release.is_none()).count();
    let ran = ran.prints_among(&format!("\neverything that dev-init needs is here; it begins by building {to_build} programs, about "));
    for part in
        ["git          ", "2.47.3 ", "3.5.4 ", "8.14.1 ", "1.99.0 ", "14.2.0 ", "would be downloaded from ", "would be built, about "]
    {
        assert!(ran.stdout.contains(part), "no `{part}` in\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains("missing ") && !ran.stdout.contains("warning "), "{}", ran.stdout);
}

#[test]
fn with_every_tool_in_the_cache_neither_go_nor_curl_is_needed() {
    let sandbox = Sandbox::with_programs(&["git", "openssl"]);
    // Where a build of each ends up is in its plan; a mirror stands in for what would be downloaded.
    let plan = sandbox.run(&["install-tools", "--plan"]).exits(0).stdout;
    let built: Vec<&str> = plan.split(" -o [CACHE]/").skip(1).map(|rest| rest.split(' ').next().unwrap()).collect();
    for path in &built {
        let path = sandbox.cache().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::copy("/bin/sh", path).unwrap();
    }
    let ran = sandbox.run(&["doctor", "--format", "json"]);
    for tool in pinned::tools_of_kwok().iter().filter(|t| t.release.is_none()) {
        let row = row(&ran, "tools", &tool.name);
        assert_eq!((row["state"].as_str(), row["from"].as_str()), (Some("ok"), Some("cache, built here")), "{}", tool.name);
        assert_eq!(row["version"], tool.version);
    }
    assert!(!built.is_empty());
}

#[test]
fn the_json_has_the_same_content_as_the_table() {
    for sandbox in [Sandbox::new(), furnished()] {
        let json = sandbox.run(&["doctor", "--format", "json"]).says("");
        let text = sandbox.run(&["doctor"]).stdout;
        let report: Value = serde_json::from_str(&json.stdout).unwrap();
        assert_eq!((report["version"].as_i64(), report["engine"].as_str()), (Some(1), Some("kwok")));
        let mut stops = false;
        for ((group, id), check) in checks(&json) {
            let state = check["state"].as_str().unwrap();
            assert!(["ok", "missing", "too old", "warning", "optional"].contains(&state), "{state}");
            stops |= check["needed"] == true && ["missing", "too old"].contains(&state);
            let line = text.lines().find(|l| {
                let mut words = l.strip_prefix(state).unwrap_or_default().split_whitespace();
                let first = words.next();
                first == Some(&id) || (first == Some(&group) && words.next() == Some(&id))
            });
            let line = line.unwrap_or_else(|| panic!("{group} {id} is not in the table\n{text}"));
            // Free space changes while tests run.
            if !id.starts_with("disk-") {
                assert!(line.contains(check["version"].as_str().unwrap()), "{line}");
            }
            assert!(line.contains(check["from"].as_str().unwrap()), "{line}");
            if let Some(mend) = check["mend"].as_str() {
                assert!(text.contains(&format!("-> {mend}")), "{mend}");
            }
        }
        assert_eq!(report["ok"], !stops);
    }
}

#[test]
fn a_go_that_is_too_old_is_called_so_with_the_version_that_is_needed() {
    let sandbox = furnished();
    sandbox.program("go", "[ $1 = version ] && echo go version go1.20.1 linux/amd64");
    let ran = sandbox.run(&["doctor", "--format", "json"]).exits(4);
    let go = row(&ran, "programs", "go");
    assert_eq!((go["state"].as_str(), go["version"].as_str(), go["needed"].as_bool()), (Some("too old"), Some("1.20.1"), Some(true)));
    let newest = ["kubernetes", "kwok", "argocd", "argo-rollouts", "redis"].map(pinned::go_version).into_iter().max().unwrap();
    assert_eq!(go["mend"], format!("install Go {newest} or newer: https://go.dev/dl"));
    assert_eq!(row(&ran, "tools", "kwok")["state"], "missing");

    // This one brings the right one by itself.
    sandbox.program("go", "if [ $1 = version ]; then echo go version go1.24.4 linux/amd64; else echo auto; fi");
    let ran = sandbox.run(&["doctor", "--format", "json"]).exits(0);
    assert_eq!(row(&ran, "programs", "go")["state"], "warning");
}

#[test]
fn a_port_that_another_program_has_is_named_with_who_that_is() {
    let sandbox = stopped();
    furnish(&sandbox);
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port();
    sandbox.replace(".xtask/dev/ports.json", "\"redis\":18014", &format!("\"redis\":{port}"));
    let ran = sandbox.run(&["doctor", "--format", "json"]).exits(4);
    let redis = row(&ran, "ports", "redis");
    assert_eq!((redis["state"].as_str(), redis["version"].as_str()), (Some("missing"), Some(port.to_string().as_str())));
    assert!(redis["mend"].as_str().unwrap().contains("cargo xtask dev-clean"), "{redis}");
    if cfg!(target_os = "linux") {
        assert!(redis["from"].as_str().unwrap().ends_with(&format!("(pid {})", std::process::id())), "{redis}");
    }
    drop(held);
    let free = sandbox.run(&["doctor", "--format", "json"]);
    assert!(!checks(&free).contains_key(&("ports".to_string(), "redis".to_string())), "{}", free.stdout);
    assert_eq!(row(&free, "ports", "beyond-loopback")["version"], "18010 18015 18016");
}

#[test]
fn docker_is_optional_here_and_its_engine_is_asked_only_if_it_is_installed() {
    let sandbox = furnished();
    let ran = sandbox.run(&["doctor", "--format", "json"]).exits(0);
    assert_eq!(row(&ran, "engine", "docker")["state"], "optional");
    sandbox.program("docker", r#"echo '{"ServerVersion":"","ServerErrors":["Cannot connect to the Docker daemon"]}'; exit 1"#);
    let ran = sandbox.run(&["doctor", "--format", "json"]).exits(0);
    let docker = row(&ran, "engine", "docker");
    assert_eq!(docker["from"], "needed for the engine k3d; it does not answer: Cannot connect to the Docker daemon");
    sandbox.program("docker", r#"echo '{"ServerVersion":"27.3.1","MemTotal":1073741824}'"#);
    for (engine, state, exit) in [("kwok", "optional", 0), ("k3d", "missing", 4)] {
        let ran = sandbox.run(&["doctor", "--engine", engine, "--format", "json"]).exits(exit);
        assert_eq!(row(&ran, "engine", "docker")["version"], "27.3.1");
        let memory = row(&ran, "engine", "docker-memory");
        assert_eq!((memory["state"].as_str(), memory["version"].as_str()), (Some(state), Some("1.0 GiB")));
    }
}

#[test]
fn the_command_that_installs_is_that_of_this_machine() {
    let sandbox = Sandbox::new();
    sandbox.program("apt-get", "exit 1");
    let ran = sandbox.run(&["doctor", "--format", "json"]).exits(4);
    assert_eq!(row(&ran, "programs", "git")["mend"], "sudo apt-get install git");
    assert_eq!(row(&ran, "programs", "cc")["mend"], "sudo apt-get install build-essential");
}
