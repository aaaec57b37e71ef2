//! The engine k3d on stand-ins for docker, k3d and kubectl: which engine is taken and why, the exact calls, and what happens
//! when something ends half-way. The stand-ins keep the containers of the cluster in files of the sandbox.

use std::path::PathBuf;

use super::pinned;
use super::sandbox::{CLUSTER, Sandbox};

/// A machine with a Docker engine and the programs of the engine.
struct Machine {
    sandbox: Sandbox,
}

impl Machine {
    fn new() -> Self {
        let mut sandbox = Sandbox::with_programs(&["cat", "mkdir", "rm", "sed"]);
        let fakes = sandbox.root().join("../fakes").components().collect::<PathBuf>();
        std::fs::create_dir(&fakes).unwrap();
        let fakes = fakes.to_string_lossy().replace("/repo/..", "");
        sandbox.variable("FAKES", Some(&fakes));
        let machine = Machine { sandbox };
        machine.docker("");
        machine.k3d("");
        let version = pinned::tool("kubectl").version;
        machine.sandbox.program(
            "kubectl",
            &format!(
                r#"[ "$1" = version ] && echo '{{ "gitVersion": "v{version}" }}' && exit
echo "kubectl $*" >> "$FAKES/log"
case "$*" in
  *readyz*) read -r first < "$FAKES/nodes"; case "$first" in running*) echo ok;; *) exit 1;; esac;;
  *"--raw /apis/"*) echo '{{ "items": [] }}';;
  *'config view'*) echo '{{ "contexts": [{{ "context": {{}} }}] }}';;
  *'--output json') echo '{{ "items": [{POD}] }}';;
esac"#
            ),
        );
        machine
    }

    /// A Docker that does `first` before anything else.
    fn docker(&self, first: &str) {
        let script = r#"echo "docker $*" >> "$FAKES/log"
case "$1" in
  version) echo 28.1.1;;
  ps) [ ! -f "$FAKES/nodes" ] || cat "$FAKES/nodes";;
esac"#;
        self.sandbox.program("docker", &format!("{first}\n{script}"));
    }

    /// A k3d that does `first` before anything else but its version.
    fn k3d(&self, first: &str) {
        let version = pinned::tool("k3d").version;
        let root = self.sandbox.root();
        let root = root.display();
        let script = format!(
            r#"[ "$1" = version ] && echo 'k3d version v{version}' && exit
echo "k3d $*" >> "$FAKES/log"
echo "$KUBECONFIG $XDG_CONFIG_HOME $LOG_COLORS" >> "$FAKES/seen"
{first}
case "$1 $2" in
  'cluster create') echo 'time="now" level=info msg="Creating node"'; printf 'running server {root}\nrunning loadbalancer {root}\n' > "$FAKES/nodes";;
  'cluster start') sed 's/^exited/running/' "$FAKES/nodes" > "$FAKES/now"; cat "$FAKES/now" > "$FAKES/nodes";;
  'cluster stop') sed 's/^running/exited/' "$FAKES/nodes" > "$FAKES/now"; cat "$FAKES/now" > "$FAKES/nodes";;
  'cluster delete') rm "$FAKES/nodes";;
  'cluster list') echo 'NAME SERVERS'; exit 5;;
  'kubeconfig get') printf -- '---\nkind: Config\n';;
esac"#
        );
        self.sandbox.program("k3d", &script);
    }

    fn file(&self, name: &str) -> PathBuf {
        self.sandbox.root().parent().unwrap().join("fakes").join(name)
    }

    /// The containers as Docker lists them.
    fn nodes(&self, text: &str) {
        std::fs::write(self.file("nodes"), text.replace("[ROOT]", &self.sandbox.root().to_string_lossy())).unwrap();
    }

    fn has_nodes(&self) -> bool {
        self.file("nodes").exists()
    }

    /// The calls since the last time it was asked.
    fn calls(&self) -> String {
        let text = std::fs::read_to_string(self.file("log")).unwrap_or_default();
        std::fs::write(self.file("log"), "").unwrap();
        text.replace(&*self.sandbox.root().to_string_lossy(), "[ROOT]").trim_end().to_string()
    }

    /// The calls that do more than to look.
    fn work(&self) -> Vec<String> {
        self.calls().lines().filter(|l| l.starts_with("k3d ")).map(str::to_string).collect()
    }

    fn asked(&self) -> usize {
        self.calls().lines().filter(|l| l.starts_with("docker version")).count()
    }

    fn created() -> Self {
        let machine = Machine::new();
        machine.sandbox.run(&["k3d-create"]).exits(0);
        machine.calls();
        machine
    }

    /// The first words of what `dev-status` prints: the engine and why it was taken.
    fn introduction(&self, args: &[&str]) -> String {
        let ran = self.sandbox.run(&[&["dev-status"], args].concat()).exits(0);
        ran.stdout.split_once("): ").map(|(before, _)| format!("{before})")).unwrap_or(ran.stdout)
    }
}

const POD: &str = r#"{ "metadata": { "name": "argocd-server-0", "namespace": "argocd" },
  "status": { "phase": "Running", "containerStatuses": [{ "ready": true, "restartCount": 2 }] } }"#;
const READY: &str = "kubectl --kubeconfig [ROOT]/environments/dev/kubeconfig/config --context k3d-small-shop \
                     --cache-dir [ROOT]/.xtask/dev/kubectl get --raw /readyz --request-timeout=2s";
const LIST: &str =
    "docker ps --all --filter label=k3d.cluster=small-shop --format {{.State}} {{.Label \"k3d.role\"}} {{.Label \"c4ang.io/clone\"}}";
const ASK: &str = "docker version --format {{.Server.Version}}";

#[test]
fn create_writes_exactly_this_configuration() {
    let machine = Machine::created();
    let root = machine.sandbox.root();
    let text = std::fs::read_to_string(machine.sandbox.state().join("k3d/config.json")).unwrap();
    let kubernetes = pinned::tool("kubectl").version;
    let expected = r#"{
  "agents": 0,
  "apiVersion": "k3d.io/v1alpha5",
  "image": "rancher/k3s:v[KUBERNETES]-k3s1",
  "kind": "Simple",
  "kubeAPI": {
    "hostIP": "127.0.0.1",
    "hostPort": "6443"
  },
  "metadata": {
    "name": "small-shop"
  },
  "options": {
    "k3d": {
      "timeout": "300s",
      "wait": true
    },
    "k3s": {
      "extraArgs": [
        {
          "arg": "--disable=traefik",
          "nodeFilters": [
            "server:*"
          ]
        }
      ]
    },
    "kubeconfig": {
      "switchCurrentContext": false,
      "updateDefaultKubeconfig": false
    },
    "runtime": {
      "labels": [
        {
          "label": "c4ang.io/clone=[ROOT]",
          "nodeFilters": [
            "all"
          ]
        }
      ]
    }
  },
  "ports": [
    {
      "nodeFilters": [
        "loadbalancer"
      ],
      "port": "127.0.0.1:80:80"
    },
    {
      "nodeFilters": [
        "loadbalancer"
      ],
      "port": "127.0.0.1:443:443"
    },
    {
      "nodeFilters": [
        "server:0"
      ],
      "port": "127.0.0.1:30000-30100:30000-30100"
    }
  ],
  "servers": 1,
  "volumes": [
    {
      "nodeFilters": [
        "server:0"
      ],
      "volume": "[ROOT]/.xtask/dev/source.git:/srv/c4ang/source.git:ro"
    }
  ]
}"#;
    assert_eq!(text.replace(&*root.to_string_lossy(), "[ROOT]"), expected.replace("[KUBERNETES]", &kubernetes));
    assert!(root.join(".xtask/dev/source.git").is_dir(), "Docker would make it, for root");
}

#[test]
fn create_looks_creates_and_takes_the_kubeconfig_and_a_second_one_only_looks() {
    let machine = Machine::new();
    let version = pinned::tool("kubectl").version;
    machine.sandbox.run(&["k3d-create"]).exits(0).prints("").says(&format!(
        "
        engine k3d (as asked for): Kubernetes {version} in a container of this machine; pods really run
        ✓ tools      2 programs ready [TIME]
        ✓ cluster    Kubernetes {version} on 127.0.0.1:6443 [TIME]
        next: cargo xtask dev-init
        "
    ));
    let created = format!(
        "{ASK}\n{LIST}\n{LIST}\nk3d cluster create --config [ROOT]/.xtask/dev/k3d/config.json\nk3d kubeconfig get small-shop\n{READY}\n{LIST}\n{READY}"
    );
    assert_eq!(machine.calls(), created);
    let kubeconfig = machine.sandbox.root().join("environments/dev/kubeconfig/config");
    assert_eq!(std::fs::read_to_string(&kubeconfig).unwrap(), "---\nkind: Config\n");
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&kubeconfig).unwrap().permissions()) & 0o777, 0o600);

    machine.sandbox.run(&["k3d-create"]).exits(0).says_among("engine k3d (this clone's cluster): ");
    assert_eq!(machine.calls(), format!("{ASK}\n{LIST}\n{READY}"));
}

#[test]
fn the_users_own_kubeconfig_is_out_of_reach_of_every_call() {
    let mut machine = Machine::created();
    machine.sandbox.variable("KUBECONFIG", Some("/somebody/else's/config"));
    machine.sandbox.run(&["k3d-stop"]).exits(0);
    machine.sandbox.run(&["k3d-start"]).exits(0);
    machine.sandbox.run(&["k3d-delete", "--yes"]).exits(0);
    let seen = std::fs::read_to_string(machine.file("seen")).unwrap();
    let root = machine.sandbox.root();
    let ours = format!("{0}/environments/dev/kubeconfig/config {0}/.xtask/dev/k3d false", root.display());
    assert_eq!(seen.lines().count(), 6);
    assert!(seen.lines().all(|line| line == ours), "{seen}");
}

#[test]
fn stop_start_and_delete_are_one_call_each() {
    let machine = Machine::created();
    machine.sandbox.run(&["k3d-stop"]).exits(0).says("✓ stop       the cluster is stopped [TIME]");
    assert_eq!(machine.work(), ["k3d cluster stop small-shop"]);
    machine.sandbox.run(&["k3d-stop"]).exits(0).says("✓ stop       nothing was running [TIME]");
    assert_eq!(machine.work(), [""; 0]);
    machine.sandbox.run(&["dev-status"]).exits(0).prints_among("cluster: stopped; its data is kept\n\nnext: cargo xtask dev-up\n");
    machine.sandbox.run(&["k3d-start"]).exits(0).says_among(" on 127.0.0.1:6443");
    assert_eq!(machine.work(), ["k3d cluster start small-shop --wait --timeout 300s", "k3d kubeconfig get small-shop"]);
    machine.sandbox.run(&["k3d-delete", "--yes"]).exits(0).says("✓ delete     cluster, data and kubeconfig are gone [TIME]");
    assert_eq!(machine.work(), ["k3d cluster delete small-shop"]);
    assert!(!machine.sandbox.state().join("k3d").exists() && !machine.sandbox.root().join("environments/dev/kubeconfig").exists());
    machine.sandbox.run(&["k3d-start"]).exits(4).says(
        "
        error: there is no cluster for this environment in Docker
        Hint: make one: cargo xtask k3d-create
        ",
    );
}

#[test]
fn deleting_without_a_terminal_and_without_yes_is_refused() {
    let machine = Machine::created();
    machine.sandbox.run(&["k3d-delete"]).exits(2).says_among("no terminal to ask on").says_among("cargo xtask k3d-delete --yes");
    assert!(machine.has_nodes());
}

#[test]
fn the_list_is_k3ds_own_with_its_exit_code() {
    let machine = Machine::new();
    machine.sandbox.run(&["k3d-list"]).exits(5).prints("NAME SERVERS").says("");
    assert_eq!(machine.work(), ["k3d cluster list"]);
}

#[test]
fn plans_print_the_calls_and_make_none() {
    let machine = Machine::new();
    let steps = "tools      up to date: 2 programs ready\ncluster    missing\n";
    let create = "k3d cluster create --config [ROOT]/.xtask/dev/k3d/config.json";
    let ran = machine.sandbox.run(&["--plan", "k3d-create"]).exits(0);
    ran.prints(&format!("{steps}           $ {create}\n           $ k3d kubeconfig get small-shop"));
    machine.sandbox.run(&["--plan", "k3d-list"]).exits(0).prints("$ k3d cluster list");
    assert_eq!(machine.work(), [""; 0]);
    let machine = Machine::created();
    machine.sandbox.run(&["--plan", "k3d-stop"]).exits(0).prints("$ k3d cluster stop small-shop");
    machine.sandbox.run(&["--plan", "k3d-delete"]).exits(0).prints("$ k3d cluster delete small-shop");
    machine.sandbox.run(&["--plan", "dev-down"]).exits(0).prints("$ k3d cluster stop small-shop");
    machine.sandbox.run(&["--plan", "dev-clean"]).exits(0).prints(
        "
        $ k3d cluster delete small-shop
        would delete .xtask/dev
        would delete environments/dev/kubeconfig/config
        ",
    );
    assert_eq!(machine.work(), [""; 0]);
}

#[test]
fn the_plan_of_dev_init_has_the_steps_of_k3d() {
    let machine = Machine::new();
    let ran = machine.sandbox.run(&["--plan", "dev-init"]).exits(0).says_among("engine k3d (Docker 28.1.1 answers): ");
    let steps: Vec<&str> = ran.stdout.lines().filter(|l| !l.starts_with(' ')).map(|l| l.split(' ').next().unwrap()).collect();
    for step in ["tools", "artifacts", "source", "cluster", "crds", "namespaces", "secrets", "argocd", "root"] {
        assert!(steps.contains(&step), "{step} is missing: {steps:?}");
    }
    assert!(!steps.contains(&"simulation") && !steps.contains(&"processes"), "{steps:?}");
}

#[test]
fn dev_down_and_dev_clean_stop_and_delete_the_cluster_in_docker() {
    let machine = Machine::created();
    machine.sandbox.run(&["dev-down"]).exits(0).says_among("✓ stop       the cluster is stopped").says_among("next: cargo xtask dev-up");
    assert_eq!(machine.work(), ["k3d cluster stop small-shop"]);
    machine.sandbox.run(&["dev-clean", "--yes"]).exits(0);
    assert_eq!(machine.work(), ["k3d cluster delete small-shop"]);
    assert!(!machine.has_nodes() && !machine.sandbox.root().join(".xtask").exists());
}

#[test]
fn a_create_that_fails_says_why_and_the_next_one_mends_it() {
    let machine = Machine::new();
    machine.k3d(r#"case "$2" in create) echo 'time="now" level=fatal msg="no such image"' >&2; exit 1;; esac"#);
    let ran = machine.sandbox.run(&["k3d-create"]).exits(3).says_among("no such image").says_among("error: the step `cluster` failed");
    ran.says_among("Hint: kwok needs no containers: cargo xtask dev-clean, then cargo xtask dev-init --engine kwok");
    machine.nodes("created server [ROOT]\nrunning noRole \n");
    machine.k3d("");
    // It is remembered that this clone is on k3d, although there never was a whole cluster.
    assert_eq!(machine.introduction(&[]), "engine k3d (this clone's cluster)");
    machine.sandbox.run(&["dev-status"]).exits(0).prints_among("cluster: does not work: it was only half created\n");
    machine.calls();
    machine.sandbox.run(&["k3d-create"]).exits(0);
    let mended =
        ["k3d cluster delete small-shop", "k3d cluster create --config [ROOT]/.xtask/dev/k3d/config.json", "k3d kubeconfig get small-shop"];
    assert_eq!(machine.work(), mended);
}

#[test]
fn ctrl_c_while_it_creates_is_mended_by_the_next_run() {
    let machine = Machine::new();
    machine.k3d(r#"case "$2" in create) echo 'created server [ROOT]' > "$FAKES/nodes"; while :; do :; done;; esac"#);
    let running = machine.sandbox.start(&["k3d-create"]);
    let begun = std::time::Instant::now();
    while !machine.has_nodes() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "it never creates anything");
        std::thread::yield_now();
    }
    running.interrupt();
    running.end().exits(130).says_among("mended by the next run: cargo xtask k3d-create\n");
    machine.nodes("created server [ROOT]\n");
    machine.k3d("");
    machine.sandbox.run(&["k3d-create"]).exits(0);
    assert!(machine.work().contains(&"k3d cluster delete small-shop".to_string()));
}

#[test]
fn a_create_that_left_nothing_in_docker_can_be_forgotten() {
    let machine = Machine::new();
    machine.k3d("exit 1");
    machine.sandbox.run(&["k3d-create"]).exits(3);
    machine.k3d("");
    machine.calls();
    machine.sandbox.run(&["k3d-delete", "--yes"]).exits(0);
    assert_eq!(machine.work(), [""; 0]);
    assert_eq!(machine.introduction(&["--engine", "kwok"]), "engine kwok (as asked for)");
}

#[test]
fn a_cluster_without_its_kubeconfig_gets_it_back() {
    let machine = Machine::created();
    std::fs::remove_file(machine.sandbox.root().join("environments/dev/kubeconfig/config")).unwrap();
    machine.sandbox.run(&["kubectl-ns"]).exits(4).says_among("error: the cluster does not work: its kubeconfig is gone\n");
    machine.calls();
    machine.sandbox.run(&["k3d-create"]).exits(0);
    assert_eq!(machine.work(), ["k3d kubeconfig get small-shop"]);
}

#[test]
fn another_clones_cluster_is_neither_taken_nor_stopped_nor_deleted() {
    let machine = Machine::new();
    for nodes in ["running server /home/other/shop\nrunning loadbalancer /home/other/shop\n", "exited server /home/other/shop\n"] {
        machine.nodes(nodes);
        let refusal = "error: the k3d cluster `small-shop` belongs to the clone /home/other/shop\nHint: delete it there: cargo xtask dev-clean \
                       (or, if that clone is gone: k3d cluster delete small-shop); kwok works beside it: cargo xtask dev-init --engine kwok";
        for command in ["k3d-start", "k3d-stop", "k3d-delete"] {
            machine.sandbox.run(&[command, "--yes"]).exits(4).says(refusal);
        }
        let ran = machine.sandbox.run(&["k3d-create"]).exits(4).says_among("belongs to the clone /home/other/shop\n");
        ran.says_among("error: the step `cluster` failed\n").says_among("Hint: delete it there: ");
    }
    machine.nodes("running server \nrunning loadbalancer \n");
    machine
        .sandbox
        .run(&["k3d-delete", "--yes"])
        .exits(4)
        .says_among("error: there is a k3d cluster `small-shop` that this program did not make\n");
    // Not even by forgetting everything of this clone.
    machine.sandbox.write(".xtask/dev/k3d/config.json", "{}");
    machine.sandbox.run(&["dev-clean", "--yes"]).exits(0);
    assert_eq!(machine.work(), [""; 0]);
    assert!(machine.has_nodes());
}

#[test]
fn without_docker_the_commands_of_k3d_say_so_and_a_cluster_there_is_not_forgotten() {
    let machine = Machine::created();
    machine.docker("exit 1");
    let cause = "error: the engine k3d needs Docker, and no Docker engine answers\n";
    let hint = "Hint: start Docker, then run the same command again; if it is gone for good, delete the folder .xtask/dev\n";
    for command in ["k3d-create", "k3d-start", "k3d-stop", "k3d-delete", "k3d-list"] {
        machine.sandbox.run(&[command, "--yes"]).exits(4).prints("").says(&format!("{cause}{hint}"));
    }
    machine.sandbox.run(&["dev-down"]).exits(4).says_among(cause);
    machine.sandbox.run(&["dev-clean", "--yes"]).exits(4).says_among(cause);
    machine.sandbox.run(&["kubectl-ns"]).exits(4).says_among("error: no Docker engine answers\n");
    assert_eq!(machine.introduction(&[]), "engine k3d (this clone's cluster)");
    let ran = machine.sandbox.run(&["dev-status"]).exits(0);
    ran.prints_among("cluster: cannot run: no Docker engine answers\nHint: start Docker");
}

#[test]
fn auto_takes_k3d_when_docker_answers_and_kwok_when_not_and_says_why() {
    let machine = Machine::new();
    assert_eq!(machine.introduction(&[]), "engine k3d (Docker 28.1.1 answers)");
    assert_eq!(machine.introduction(&["--engine", "k3d"]), "engine k3d (as asked for)");
    assert_eq!(machine.introduction(&["--engine", "kwok"]), "engine kwok (as asked for)");
    machine.docker("exit 1");
    assert_eq!(machine.introduction(&[]), "engine kwok (no Docker engine answers)");
    // A client without an engine prints an empty version.
    machine.docker("echo; exit");
    assert_eq!(machine.introduction(&[]), "engine kwok (no Docker engine answers)");
    machine.docker("");
    machine.sandbox.replace("environments/dev/environment.yaml", "engines: [k3d, kwok]", "engines: [kwok]");
    machine.calls();
    assert_eq!(machine.introduction(&[]), "engine kwok (no Docker needed)");
    assert_eq!(machine.asked(), 0);
}

#[test]
fn an_environment_of_k3d_only_needs_docker() {
    let machine = Machine::new();
    machine.sandbox.replace("environments/dev/environment.yaml", "engines: [k3d, kwok]", "engines: [k3d]");
    assert_eq!(machine.introduction(&[]), "engine k3d (Docker 28.1.1 answers)");
    machine.docker("exit 1");
    machine.sandbox.run(&["dev-init"]).exits(4).says(
        "
        error: the environment `dev` runs on k3d only
        Caused by: no Docker engine answers
        Hint: start Docker, then run the same command again
        ",
    );
}

#[test]
fn who_insists_on_k3d_without_docker_is_told_that_kwok_needs_none() {
    let machine = Machine::new();
    machine.docker("exit 1");
    machine.sandbox.run(&["dev-init", "--engine", "k3d"]).exits(4).prints("").says(
        "
        error: the engine k3d needs Docker, and no Docker engine answers
        Hint: start Docker, then run the same command again; the engine kwok needs none: cargo xtask dev-init --engine kwok
        ",
    );
    assert!(!machine.sandbox.root().join(".xtask").exists());
}

#[test]
fn the_engine_of_a_clone_stays_until_dev_clean() {
    let machine = Machine::created();
    machine.sandbox.run(&["dev-status", "--engine", "kwok"]).exits(2).prints("").says(
        "
        error: this clone's cluster is on the engine `k3d`, not on `kwok`
        Hint: leave --engine out, or delete it first: cargo xtask dev-clean (then --engine kwok makes a new one)
        ",
    );
    machine.sandbox.run(&["dev-clean", "--yes"]).exits(0);
    assert_eq!(machine.introduction(&["--engine", "kwok"]), "engine kwok (as asked for)");
    machine.sandbox.write(".xtask/dev/kwok/config.json", "{}");
    machine.calls();
    assert_eq!(machine.introduction(&[]), "engine kwok (this clone's cluster)");
    machine.sandbox.run(&["dev-init", "--engine", "k3d"]).exits(2).says_among("is on the engine `kwok`, not on `k3d`\n");
    for (command, nearest) in [
        ("k3d-create", "dev-up"),
        ("k3d-start", "dev-up"),
        ("k3d-stop", "dev-down"),
        ("k3d-delete", "dev-clean"),
        ("k3d-list", "dev-status"),
    ] {
        machine.sandbox.run(&[command]).exits(4).prints("").says(&format!(
            "
            error: this clone's cluster is on the engine `kwok`, and `{command}` works on k3d
            Hint: what does it there: cargo xtask {nearest}
            "
        ));
    }
    assert_eq!(machine.asked(), 0, "what the clone has decides alone");
}

#[test]
fn the_commands_of_k3d_do_not_work_on_another_engine() {
    Machine::new().sandbox.run(&["k3d-create", "--engine", "kwok"]).exits(2).prints("").says(
        "
        error: `k3d-create` works on the engine `k3d` only, not on `kwok`
        Hint: leave --engine out: cargo xtask k3d-create
        ",
    );
}

#[test]
fn docker_is_asked_once_and_only_when_the_answer_matters() {
    let machine = Machine::new();
    for args in [
        &["--help"][..],
        &["help", "dev-init"],
        &["version"],
        &["dev-down"],
        &["dev-up"],
        &["dev-sync"],
        &["kubectl-ns"],
        &["kubectl-config"],
    ] {
        machine.sandbox.run(args);
        assert_eq!(machine.asked(), 0, "{args:?}");
    }
    for args in [&["--plan", "dev-init"][..], &["dev-status"], &["k3d-create"], &["k3d-stop"], &["dev-status"], &["dev-down"]] {
        machine.sandbox.run(args).exits(0);
        assert_eq!(machine.asked(), 1, "{args:?}");
    }
}

#[test]
fn status_pages_show_pods_and_addresses_and_what_is_not_like_prod() {
    let machine = Machine::created();
    let ran = machine.sandbox.run(&["dev-status"]).exits(0);
    let ran =
        ran.prints_among("\nKubernetes API  https://127.0.0.1:6443\n").prints_among("\nnot like prod on this engine:\n  - one node, ");
    assert!(!ran.stdout.contains("simulated") && !ran.stdout.contains("supervisor"), "{}", ran.stdout);
    let ran = machine.sandbox.run(&["argocd-status"]).exits(0);
    ran.prints_among("POD              PHASE    READY   RESTARTS\nargocd-server-0  Running  1 of 1  2\n");
}

#[test]
fn argocd_works_on_the_kubernetes_api_with_a_kubeconfig_of_its_own() {
    let mut machine = Machine::created();
    let version = pinned::tool("argocd").version;
    let script = format!(
        "[ \"$1 $2\" = 'version --client' ] && echo argocd: v{version} && exit\necho \"$KUBECONFIG ${{ARGOCD_SERVER-none}} $*\"; exit 6"
    );
    machine.sandbox.program("argocd", &script);
    machine.sandbox.variable("ARGOCD_SERVER", Some("somewhere.example"));
    let before = machine.sandbox.files();
    machine.sandbox.run(&["--plan", "argocd", "--", "app", "list"]).exits(0).prints("argocd --core app list");
    assert_eq!(before.changes(&machine.sandbox.files()), [""; 0]);
    let ran = machine.sandbox.run(&["argocd", "--", "app", "list"]).exits(6);
    ran.prints("[ROOT]/.xtask/dev/k3d/argocd/kubeconfig.json none --core app list");
    let kubeconfig = std::fs::read(machine.sandbox.state().join("k3d/argocd/kubeconfig.json")).unwrap();
    let kubeconfig: serde_json::Value = serde_json::from_slice(&kubeconfig).unwrap();
    assert_eq!(kubeconfig.pointer("/contexts/0/context/namespace").unwrap(), "argocd");
}

#[test]
fn pass_throughs_take_the_context_of_k3d() {
    let machine = Machine::created();
    let version = pinned::tool("helm").version;
    let script = format!("[ \"$1 $2\" = 'version --template={{{{.Version}}}}' ] && echo v{version} && exit\nprintf '%s ' \"$@\"");
    machine.sandbox.program("helm", &script);
    let ran = machine.sandbox.run(&["helm", "--", "list"]).exits(0);
    ran.prints_among(&format!("--kube-context k3d-{CLUSTER} list"));
}
