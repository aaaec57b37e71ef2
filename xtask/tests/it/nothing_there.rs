//! Every command on a machine where there is no cluster, no tool and no network: the right answer, and nothing written.

use super::sandbox::Sandbox;

/// A command as it is typed here, and what it answers where there is nothing.
pub struct Command {
    pub name: &'static str,
    pub args: &'static [&'static str],
    pub exit: i32,
    /// How stdout begins.
    prints: &'static str,
    /// How stderr begins.
    says: &'static str,
    /// Does it refuse every environment but dev?
    pub dev_only: bool,
    /// Does it leave the environment's state folder behind?
    leaves_state: bool,
}

/// A command on dev that needs a cluster.
const fn needs_cluster(name: &'static str, args: &'static [&'static str]) -> Command {
    let says = "error: there is no cluster for this environment in this clone\nHint: make one: cargo xtask dev-init\n";
    Command { name, args, exit: 4, prints: "", says, dev_only: true, leaves_state: false }
}

/// A command on dev that makes no sense where pods are simulated.
const fn needs_containers(name: &'static str, args: &'static [&'static str]) -> Command {
    let says = "error: `";
    Command { name, args, exit: 4, prints: "", says, dev_only: true, leaves_state: false }
}

/// A command of the engine k3d.
const fn needs_docker(name: &'static str, args: &'static [&'static str]) -> Command {
    let says = "error: the engine k3d needs Docker, and there is no `docker` on PATH\nHint: start Docker, ";
    Command { says, ..needs_cluster(name, args) }
}

/// A command on dev that is content.
const fn content(name: &'static str, args: &'static [&'static str], prints: &'static str, says: &'static str) -> Command {
    Command { name, args, exit: 0, prints, says, dev_only: true, leaves_state: false }
}

/// Every command; a test compares it with the list that `help` prints.
pub const COMMANDS: &[Command] = &[
    // It begins, and fails at the first program that nobody can bring.
    Command { leaves_state: true, says: "engine kwok", ..needs_cluster("dev-init", &["dev-init"]) },
    needs_cluster("dev-sync", &["dev-sync"]),
    content("dev-status", &["dev-status"], "engine kwok", ""),
    needs_cluster("dev-logs", &["dev-logs"]),
    content("dev-down", &["dev-down"], "", "nothing to stop: there is no cluster for this environment in this clone\n"),
    needs_cluster("dev-up", &["dev-up"]),
    needs_cluster("dev-restart", &["dev-restart"]),
    content("dev-clean", &["dev-clean"], "", "nothing to delete: there is no cluster for this environment in this clone\n"),
    needs_cluster("argocd-install", &["argocd-install"]),
    needs_cluster("argocd-uninstall", &["argocd-uninstall"]),
    needs_cluster("kafka-install", &["kafka-install"]),
    needs_cluster("kafka-status", &["kafka-status"]),
    needs_cluster("kafka-uninstall", &["kafka-uninstall"]),
    needs_containers("ecr-login", &["ecr-login"]),
    needs_containers("ecr-status", &["ecr-status"]),
    needs_containers("ecr-delete", &["ecr-delete"]),
    needs_containers("istio-install", &["istio-install"]),
    needs_containers("istio-uninstall", &["istio-uninstall"]),
    needs_cluster("istio-status", &["istio-status"]),
    needs_cluster("deploy-monitoring", &["deploy-monitoring"]),
    needs_cluster("monitoring-status", &["monitoring-status"]),
    needs_cluster("db-status", &["db-status"]),
    needs_containers("db-logs", &["db-logs", "order"]),
    needs_cluster("db-reset", &["db-reset", "order"]),
    needs_containers("port-forward", &["port-forward"]),
    Command { dev_only: false, ..content("helm-build", &["helm-build"], "", "nothing to pack: ") },
    Command { dev_only: false, ..content("helm-deps", &["helm-deps"], "", "nothing to pack: ") },
    Command { dev_only: false, ..content("clean-helm-cache", &["clean-helm-cache"], "", "nothing to delete: ") },
    needs_docker("k3d-create", &["k3d-create"]),
    needs_docker("k3d-start", &["k3d-start"]),
    needs_docker("k3d-stop", &["k3d-stop"]),
    needs_docker("k3d-delete", &["k3d-delete"]),
    needs_docker("k3d-list", &["k3d-list"]),
    needs_cluster("argocd-status", &["argocd-status"]),
    needs_cluster("argocd-password", &["argocd-password"]),
    Command {
        says: "error: there is no kubeconfig for this environment in this clone\nHint: make a cluster: cargo xtask dev-init\n",
        ..needs_cluster("kubectl-config", &["kubectl-config"])
    },
    needs_cluster("kubectl-ns", &["kubectl-ns"]),
    needs_cluster("kubectl-pods", &["kubectl-pods"]),
    needs_cluster("kubectl-svc", &["kubectl-svc"]),
    needs_cluster("kubectl", &["kubectl", "--", "get", "pods"]),
    needs_cluster("argocd", &["argocd", "--", "app", "list"]),
    // It needs no cluster, but itself.
    Command { says: "error: helm ", ..needs_cluster("helm", &["helm", "--", "version"]) },
    Command { dev_only: false, says: "error: kube-apiserver ", ..needs_cluster("install-tools", &["install-tools"]) },
    Command {
        dev_only: false,
        says: "error: this repository has no charts/services/recommendation-service to go by\n",
        ..needs_cluster("new-service", &["new-service", "wishlist"])
    },
    // Without a single program there is a lot to mend.
    Command { exit: 4, ..content("doctor", &["doctor"], "engine kwok\n\nSTATE     WHAT ", "") },
    Command { dev_only: false, ..content("cache", &["cache", "status"], "cache: ", "") },
    Command { dev_only: false, ..content("plan", &["plan", "dev-status"], "`dev-status` only looks", "") },
    Command { dev_only: false, ..content("completions", &["completions", "bash"], "_xtask() {", "") },
    Command { dev_only: false, says: "error: this repository has no xtask/tools.toml\n", ..needs_cluster("tools-lock", &["tools-lock"]) },
    Command { dev_only: false, ..content("version", &["version"], "xtask ", "") },
    Command { dev_only: false, ..content("help", &["help"], "The shop's infrastructure", "") },
    Command { dev_only: false, ..content("expand", &["expand"], "APPLICATION", "") },
    Command { exit: 1, dev_only: false, ..content("lint", &["lint"], "error[", "") },
    // The chart of its one component is not there.
    Command { exit: 3, dev_only: false, says: "error: could not render order-service-", ..needs_cluster("render", &["render"]) },
    // Nor is the root that deploys its ApplicationSet.
    Command { exit: 3, dev_only: false, says: "error: could not read ", ..needs_cluster("graph", &["graph"]) },
    Command {
        exit: 3,
        dev_only: false,
        says: "error: could not render order-service-",
        ..needs_cluster("why", &["why", "Rollout/order-api"])
    },
    Command {
        exit: 2,
        dev_only: false,
        says: "error: there is no component with values `order`\n",
        ..needs_cluster("promote", &["promote", "order"])
    },
    Command { dev_only: false, ..needs_cluster("verify-offline", &["verify-offline"]) },
    // It is compared with a commit, and there is none.
    Command {
        dev_only: false,
        says: "error: there is nothing to compare with: this is no git repository\n",
        ..needs_cluster("diff", &["diff"])
    },
    // It begins, fails at the first program that nobody can bring, and cleans up behind itself.
    Command { dev_only: false, says: "rehearsal of `dev`: engine kwok", ..needs_cluster("rehearse", &["rehearse"]) },
    // It goes on to the end and counts: nothing passed, and the cluster was not asked for.
    Command { exit: 1, prints: "\nFAILED   tools: ", ..content("ci", &["ci", "--only", "sources"], "", "✗ tools ") },
    Command { says: "error: `git` is not installed\n", ..needs_cluster("bench", &["bench", "cluster"]) },
];

/// The commands that `help` lists: lines of two blanks, a name, its text.
pub fn listed(help: &str) -> Vec<String> {
    let names = help.lines().filter_map(|l| l.strip_prefix("  ")).filter(|l| l.starts_with(|c: char| c.is_ascii_lowercase()));
    names.map(|l| l.split(' ').next().unwrap_or_default().to_string()).collect()
}

#[test]
fn every_command_has_a_row_in_this_table() {
    let names: Vec<&str> = COMMANDS.iter().map(|c| c.name).collect();
    let listed = listed(&Sandbox::new().run(&["help"]).stdout);
    assert_eq!(listed.len(), names.len(), "`help` and the table above differ: {listed:?} {names:?}");
    for name in listed {
        assert!(names.contains(&name.as_str()), "add `{name}` to the table above: what does it answer where there is nothing?");
    }
}

#[test]
fn every_command_gives_the_right_answer_and_writes_nothing_into_the_repository() {
    for command in COMMANDS {
        let sandbox = Sandbox::new();
        let before = sandbox.files();
        let ran = sandbox.run(command.args).exits(command.exit);
        assert!(ran.stdout.starts_with(command.prints), "{}: {}", command.name, ran.stdout);
        assert!(ran.stderr.starts_with(command.says), "{}: {}", command.name, ran.stderr);
        assert_eq!(command.prints.is_empty(), ran.stdout.is_empty(), "{}: {}", command.name, ran.stdout);
        let mut changes = before.changes(&sandbox.files());
        // A command that wants a program prepares the cache for it; the cache can be deleted at any time.
        changes.retain(|path| path != "cache" && !path.starts_with("cache/locks") && !path.starts_with("cache/modules"));
        if command.leaves_state {
            changes.retain(|path| path != "repo" && !path.starts_with("repo/.xtask"));
        }
        assert_eq!(changes, [""; 0], "`{}` writes", command.name);
    }
}

#[test]
fn a_plan_of_any_command_writes_nothing_at_all() {
    for command in COMMANDS.iter().filter(|c| !["ci", "bench"].contains(&c.name)) {
        plan_writes_nothing(command);
    }
}

#[test]
fn a_plan_of_the_checks_and_measurements_runs_none() {
    for command in COMMANDS.iter().filter(|c| ["ci", "bench"].contains(&c.name)) {
        plan_writes_nothing(command);
    }
}

fn plan_writes_nothing(command: &Command) {
    let sandbox = Sandbox::new();
    let before = sandbox.files();
    let ran = sandbox.run(&[&["--plan", "--yes"], command.args].concat());
    let Command { name, .. } = command;
    let tries = ["could not be provided", "is not installed"].iter().any(|words| ran.stderr.contains(words));
    assert!(!tries, "a plan of `{name}` does more than to look:\n{}", ran.stderr);
    assert_eq!(before.changes(&sandbox.files()), [""; 0], "a plan of `{name}` writes");
}

#[test]
fn checks_that_cannot_begin_are_in_the_report_like_all_others() {
    let ran = Sandbox::new().run(&["ci"]).exits(1);
    ran.prints_among("\nFAILED   tools: ").prints_among("\nskipped  k3d: ").prints_among(" failed, ");
}

#[test]
fn the_status_says_what_comes_next() {
    let ran = Sandbox::new().run(&["dev-status"]).exits(0).says("");
    let (introduction, rest) = ran.stdout.split_once('\n').unwrap();
    assert!(introduction.starts_with("engine kwok (there is no `docker` on PATH): pods are simulated; Kubernetes "), "{introduction}");
    assert_eq!(rest, "cluster: there is none in this clone\n\nnext: cargo xtask dev-init\n");
}

#[test]
fn quiet_means_results_and_errors_only() {
    let sandbox = Sandbox::new();
    for name in ["dev-down", "dev-clean"] {
        sandbox.run(&["-q", name]).exits(0).prints("").says("");
    }
    sandbox.run(&["-q", "dev-status"]).exits(0).prints_among("next: cargo xtask dev-init").says("");
    sandbox.run(&["-q", "dev-up"]).exits(4).says_among("error: there is no cluster").says_among("Hint: ");
}

#[test]
fn a_first_run_without_tools_and_network_fails_with_the_reason_and_what_helps() {
    let sandbox = Sandbox::with_programs(&["git"]);
    let ran = sandbox.run(&["dev-init"]).exits(4).prints("").says_among("error: the step `");
    ran.says_among("Hint: ").says_among("could not be provided\n");
    // The next run begins where this one stopped, and there is no cluster yet.
    sandbox.run(&["dev-status"]).exits(0).prints_among("next: cargo xtask dev-init");
    sandbox.run(&["dev-clean", "--yes"]).exits(0);
    assert!(!sandbox.root().join(".xtask").exists());
}
