//! The engine k3d on stand-ins for its programs: the exact calls, and what happens when something ends half-way.

use super::k3d_machine::{ASK, INFO, LIST, Machine, READY};
use super::pinned;
use super::sandbox::CLUSTER;

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
    let ran = machine.sandbox.run(&["k3d-create"]).exits(0).prints("");
    // What this very machine has too little of is its own business.
    let said: Vec<&str> = ran.stderr.lines().filter(|l| !l.starts_with("warning: needed: fs.inotify.")).collect();
    let expected = [
        format!("engine k3d (as asked for): Kubernetes {version} in a container of this machine; pods really run"),
        "✓ tools      2 programs ready [TIME]".to_string(),
        format!("✓ cluster    Kubernetes {version} on 127.0.0.1:6443 [TIME]"),
        "next: cargo xtask dev-init".to_string(),
    ];
    assert_eq!(said, expected);
    let created = format!(
        "{ASK}\n{LIST}\n{LIST}\n{INFO}\nk3d cluster create --config [ROOT]/.xtask/dev/k3d/config.json\nk3d kubeconfig get small-shop\n{READY}\n{LIST}\n{READY}"
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
fn status_pages_show_pods_and_addresses_and_what_is_not_like_prod() {
    let machine = Machine::created();
    let ran = machine.sandbox.run(&["dev-status"]).exits(0);
    let ran =
        ran.prints_among("\nKubernetes API  https://127.0.0.1:6443\n").prints_among("\nnot like prod on this engine:\n  - one node, ");
    assert!(!ran.stdout.contains("simulated") && !ran.stdout.contains("supervisor"), "{}", ran.stdout);
    let ran = machine.sandbox.run(&["argocd-status"]).exits(0);
    ran.prints_among("POD              READY   RESTARTS  STATE\nargocd-server-0  1 of 1  2         Running\n");
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

#[test]
fn dev_init_does_not_begin_what_it_could_not_end() {
    let machine = Machine::new();
    machine.sandbox.program("istioctl", "echo '{ \"clientVersion\": { \"version\": \"1.0.0\" } }'");
    let ran = machine.sandbox.run(&["dev-init", "--engine", "k3d"]).exits(4);
    ran.says_among("error: the engine `k3d` cannot carry the shop here: istioctl ").says_among("cargo xtask tools-lock istioctl");
    assert!(!machine.has_nodes());
}

#[test]
fn too_little_memory_is_said_before_anything_is_made() {
    let machine = Machine::new();
    machine.docker(r#"[ "$1" = info ] && echo '{ "ServerVersion": "28.1.1", "MemTotal": 4294967296 }' && exit"#);
    let ran = machine.sandbox.run(&["k3d-create"]).exits(4).says_among("too little for a k3d cluster\n");
    ran.says_among("Caused by: needed: memory for Docker: 12").says_among("Hint: give Docker more");
    assert!(!machine.has_nodes());
}
