//! What people see when a program cannot be had: every source with its reason, and what helps.

use super::pinned;
use super::sandbox::Sandbox;

#[test]
fn without_curl_and_go_every_source_is_named_with_its_reason() {
    let etcd = pinned::tool("etcd");
    let (version, url, go) = (&etcd.version, etcd.release.unwrap(), pinned::go_version("etcd"));
    Sandbox::new().run(&["install-tools", "etcd"]).exits(4).prints("").says(&format!(
        "
        error: etcd {version} could not be provided
        Caused by: cache: not in [CACHE]/tools/etcd
        Caused by: PATH: there is no `etcd`
        Caused by: release: {url}: `curl` is not installed
        Caused by: Go build: `go` is not installed
        Hint: install curl
        Hint: install Go {go} or newer (https://go.dev/dl), then run the same command again
        "
    ));
}

#[test]
fn without_a_network_the_host_to_reach_is_named() {
    let mut sandbox = Sandbox::with_programs(&["curl"]);
    // Nothing listens there.
    sandbox.variable("HTTPS_PROXY", Some("http://127.0.0.1:9"));
    let etcd = pinned::tool("etcd");
    let (version, url, go) = (&etcd.version, etcd.release.unwrap(), pinned::go_version("etcd"));
    let mut ran = sandbox.run(&["install-tools", "etcd"]).exits(4).prints("");
    // Versions of curl differ in their words.
    let curl = ran.stderr.lines().find_map(|l| l.split_once(": curl: (7) ")).map(|(_, words)| words.to_string());
    let curl = curl.unwrap_or_else(|| panic!("curl did not fail to connect:\n{}", ran.stderr));
    ran.stderr = ran.stderr.replace(&curl, "[CURL]");
    ran.says(&format!(
        "
        error: etcd {version} could not be provided
        Caused by: cache: not in [CACHE]/tools/etcd
        Caused by: PATH: there is no `etcd`
        Caused by: release: {url}: curl: (7) [CURL]
        Caused by: Go build: `go` is not installed
        Hint: let this machine reach github.com, then run the same command again
        Hint: install Go {go} or newer (https://go.dev/dl), then run the same command again
        "
    ));
}

#[test]
fn a_tool_without_a_release_and_an_old_go_say_so() {
    let sandbox = Sandbox::new();
    sandbox.program("go", "echo go version go1.20.1 linux/amd64");
    let (version, go) = (pinned::tool("rollouts-controller").version, pinned::go_version("argo-rollouts"));
    sandbox.run(&["install-tools", "rollouts-controller"]).exits(4).prints("").says(&format!(
        "
        error: rollouts-controller {version} could not be provided
        Caused by: cache: not in [CACHE]/tools/rollouts-controller
        Caused by: PATH: not asked, as tools.toml has no path_version for it
        Caused by: release: tools.toml names none
        Caused by: Go build: [TMP]/bin/go is Go 1.20.1, and {go} is needed
        Hint: install Go {go} or newer (https://go.dev/dl), then run the same command again
        "
    ));
}

#[test]
fn a_go_without_git_says_what_git_is_for() {
    let sandbox = Sandbox::new();
    sandbox.program("go", "echo go version go1.99.0 linux/amd64");
    let ran = sandbox.run(&["install-tools", "redis-server"]).exits(4);
    ran.says_among("Caused by: Go build: `git` is not installed\n").says_among("Hint: install git, which Go fetches modules with\n");
}

#[test]
fn an_unknown_tool_is_answered_with_the_known_ones() {
    let known: Vec<String> = pinned::tools().into_iter().map(|t| t.name).collect();
    Sandbox::new().run(&["install-tools", "nope"]).exits(2).prints("").says(&format!(
        "
        error: `nope` is not a tool of this repository
        Caused by: known ones: {}
        ",
        known.join(", ")
    ));
}

#[test]
fn a_check_finds_everything_missing_and_says_what_helps() {
    let sandbox = Sandbox::new();
    let before = sandbox.files();
    let ran = sandbox.run(&["install-tools", "--check"]).exits(1);
    let tools = pinned::tools();
    let needed = pinned::tools_of_kwok().len();
    let ran = ran.says(&format!("{needed} programs missing; bring them: cargo xtask install-tools"));
    let rows: Vec<Vec<&str>> = ran.stdout.lines().map(|l| l.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["TOOL", "VERSION", "FROM"]);
    for (row, tool) in rows[1..].iter().zip(&tools) {
        assert_eq!(row[..4], [tool.name.as_str(), &tool.version, "not", if tool.buildable { "here" } else { "here," }]);
    }
    assert_eq!(rows.len(), tools.len() + 1);
    assert_eq!(before.changes(&sandbox.files()), [""; 0]);
}

#[test]
fn a_program_on_path_counts_only_in_exactly_the_pinned_version() {
    let version = pinned::tool("helm").version;
    let sandbox = Sandbox::new();
    sandbox.program("helm", &format!("echo v{version}"));
    let ran = sandbox.run(&["install-tools", "--check", "helm"]).exits(0).says("");
    ran.prints_among("PATH, [TMP]/bin/helm\n");

    sandbox.program("helm", "echo v3.0.0");
    sandbox.run(&["install-tools", "--check", "helm"]).exits(1).says("1 program missing; bring them: cargo xtask install-tools");
    let ran = sandbox.run(&["install-tools", "helm"]).exits(4);
    ran.says_among(&format!("Caused by: PATH: [TMP]/bin/helm is 3.0.0, not {version}\n"));
}

#[test]
fn a_tool_that_nobody_can_bring_says_who_can_change_that() {
    let istioctl = pinned::tool("istioctl");
    if istioctl.release.is_some() {
        return pinned::skipped("the release of istioctl is recorded for this platform");
    }
    let (version, platform) = (istioctl.version, pinned::platform());
    let sandbox = Sandbox::new();
    sandbox.run(&["install-tools", "istioctl"]).exits(4).prints("").says(&format!(
        "
        error: istioctl {version} could not be provided
        Caused by: cache: not in [CACHE]/tools/istioctl
        Caused by: PATH: there is no `istioctl`
        Caused by: release: its sha256 is unrecorded for {platform}
        Caused by: Go build: tools.toml names no Go module for it
        Hint: record it on a machine that reaches the release, and commit it: cargo xtask tools-lock istioctl
        "
    ));
    let ran = sandbox.run(&["install-tools", "--check", "istioctl"]).exits(1);
    ran.says(&format!(
        "
        istioctl {version} is not here, and the sha256 of its release is unrecorded for {platform}; record it on a machine that reaches the release, and commit it: cargo xtask tools-lock istioctl
        1 program missing; bring them: cargo xtask install-tools
        "
    ));
    sandbox.program(
        "istioctl",
        &format!("[ \"$*\" = 'version --remote=false --output=json' ] && echo '{{ \"clientVersion\": {{ \"version\": \"{version}\" }} }}'"),
    );
    sandbox.run(&["install-tools", "--check", "istioctl"]).exits(0).says("").prints_among("PATH, [TMP]/bin/istioctl\n");
}
