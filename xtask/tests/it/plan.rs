//! `--plan`: what would be done, to the command line, and nothing of it is done.

use super::pinned;
use super::sandbox::Sandbox;

/// The lines of a plan by step: the line with its state, then its command lines.
fn steps(plan: &str) -> Vec<(String, Vec<String>)> {
    let mut steps: Vec<(String, Vec<String>)> = Vec::new();
    for line in plan.lines() {
        match (line.strip_prefix("           $ "), steps.last_mut()) {
            (Some(call), Some((_, calls))) => calls.push(call.to_string()),
            _ => steps.push((line.to_string(), Vec::new())),
        }
    }
    steps
}

#[test]
fn the_plan_of_a_first_run_names_every_step_in_order() {
    let sandbox = Sandbox::with_programs(&["git"]);
    let before = sandbox.files();
    let ran = sandbox.run(&["--plan", "dev-init"]).exits(0).says_among("engine kwok");
    let states: Vec<String> = steps(&ran.stdout).into_iter().map(|(state, _)| state).collect();
    let expected = "\
tools      missing
artifacts  missing
source     missing
cluster    will be looked at after: tools
crds       will be looked at after: cluster, artifacts
namespaces will be looked at after: cluster
simulation will be looked at after: crds
secrets    will be looked at after: namespaces
argocd     will be looked at after: crds, source
processes  will be looked at after: argocd, cluster
root       will be looked at after: processes, secrets, simulation";
    assert_eq!(states.join("\n"), expected);
    assert_eq!(before.changes(&sandbox.files()), [""; 0]);
}

#[test]
fn the_plan_of_a_first_run_has_exact_command_lines() {
    let ran = Sandbox::with_programs(&["git"]).run(&["--plan", "dev-init"]).exits(0);
    let steps = steps(&ran.stdout);
    let calls = |step: &str| &steps.iter().find(|(state, _)| state.starts_with(step)).unwrap().1;

    assert_eq!(
        calls("source").join("\n"),
        "\
git init --quiet --bare --shared=0644 --initial-branch worktree [ROOT]/.xtask/dev/source.git
git --git-dir [ROOT]/.xtask/dev/source.git --work-tree [ROOT] add --all -- .
git --git-dir [ROOT]/.xtask/dev/source.git --work-tree [ROOT] commit-tree TREE -m 'Working tree'
git --git-dir [ROOT]/.xtask/dev/source.git --work-tree [ROOT] update-ref refs/heads/worktree COMMIT"
    );

    // Each program by a download of its release, or a build from its pinned modules into its own place in the cache.
    let tools = calls("tools");
    let needed = pinned::tools_of_kwok();
    assert_eq!(tools.len(), needed.len());
    for tool in needed {
        let place = format!(" -o [CACHE]/tools/{}/{}-", tool.name, tool.version);
        let built = tools.iter().any(|c| c.starts_with("go build -C [CACHE]/modules/") && c.contains(&place));
        let url = tool.release.unwrap_or("none".into());
        let downloaded = tools.iter().any(|c| c.starts_with("curl ") && c.ends_with(&format!(" {url}")));
        assert!(built != downloaded, "{} is brought in no way or in two:\n{}", tool.name, tools.join("\n"));
    }

    // Each file of the sets that the fixture's environment names by a download.
    let artifacts = calls("artifacts");
    for call in artifacts {
        assert!(call.starts_with("curl --silent --show-error --fail --location ") && call.contains(" --proto =https "), "{call}");
    }
    let named = ["argocd-crds", "strimzi-crds"];
    let sets = pinned::artifacts().into_iter().filter(|set| named.contains(&set.name.as_str()));
    let files: Vec<String> = sets.flat_map(|set| set.urls).collect();
    assert_eq!(artifacts.len(), files.len());
    for url in files {
        assert!(artifacts.iter().any(|c| c.ends_with(&format!(" {url}"))), "nobody downloads {url}");
    }
}

#[test]
fn dry_run_is_another_word_for_plan() {
    let sandbox = Sandbox::with_programs(&["git"]);
    assert_eq!(sandbox.run(&["dev-init", "--dry-run"]).exits(0).stdout, sandbox.run(&["--plan", "dev-init"]).exits(0).stdout);
}

#[test]
fn the_plan_of_the_tools_is_that_of_their_step() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["--plan", "install-tools", "redis-server"]).exits(0).says("");
    let version = pinned::tool("redis-server").version;
    let place = format!(" -trimpath -v -mod=readonly -buildvcs=false -ldflags '-s -w' -o [CACHE]/tools/redis-server/{version}-");
    ran.prints_among("$ go build -C [CACHE]/modules/redis-").prints_among(&place);
}

#[test]
fn the_plan_of_deleting_names_what_goes() {
    let sandbox = Sandbox::new();
    sandbox.write(".xtask/dev/kwok/config.json", "{}");
    sandbox.write("environments/dev/kubeconfig/config", "a kubeconfig");
    let before = sandbox.files();
    sandbox.run(&["--plan", "dev-clean"]).exits(0).says("").prints(
        "
        would delete .xtask/dev
        would delete environments/dev/kubeconfig/config
        ",
    );
    assert_eq!(before.changes(&sandbox.files()), [""; 0]);
}
