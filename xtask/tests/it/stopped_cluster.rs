//! A cluster that is there but stopped: every command says how to start it.

use super::nothing_there::COMMANDS;
use super::sandbox::Sandbox;

/// The files that a stopped cluster leaves: kwokctl's description, the ports, the kubeconfig.
pub fn stopped() -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.cluster().join("pids")).unwrap();
    std::fs::write(sandbox.cluster().join("kwok.yaml"), "# written by kwokctl\n").unwrap();
    let names = [
        "kube-apiserver",
        "etcd",
        "etcd-peer",
        "kube-controller-manager",
        "kube-scheduler",
        "kwok-controller",
        "argocd-server",
        "argocd-server-metrics",
        "argocd-repo-server",
        "argocd-repo-server-metrics",
        "argocd-application-controller-metrics",
        "argocd-applicationset-controller-metrics",
        "argocd-applicationset-controller-probe",
        "argocd-applicationset-controller-webhook",
        "redis",
        "rollouts-metrics",
        "rollouts-health",
    ];
    let ports: serde_json::Map<_, _> = names.into_iter().zip(18_000..).map(|(n, p)| (n.to_string(), p.into())).collect();
    sandbox.write(".xtask/dev/ports.json", serde_json::to_vec(&ports).unwrap());
    sandbox.write("environments/dev/kubeconfig/config", "{}");
    sandbox
}

#[test]
fn the_status_says_that_data_is_kept_and_how_to_go_on() {
    let ran = stopped().run(&["dev-status"]).exits(0).says("");
    let (_, rest) = ran.stdout.split_once('\n').unwrap();
    assert_eq!(rest, "cluster: stopped; its data is kept\n\nnext: cargo xtask dev-up\n", "are all ports in the list above?");
}

#[test]
fn every_command_that_needs_a_running_cluster_says_how_to_start_it() {
    let sandbox = stopped();
    let before = sandbox.files();
    for name in ["argocd-status", "argocd-password", "kubectl-ns", "kubectl-pods", "kubectl-svc", "kubectl", "argocd"] {
        let command = COMMANDS.iter().find(|c| c.name == name).unwrap();
        sandbox.run(command.args).exits(4).prints("").says(
            "
            error: the cluster is stopped
            Hint: start it: cargo xtask dev-up
            ",
        );
    }
    assert_eq!(before.changes(&sandbox.files()), [""; 0]);
}

#[test]
fn its_kubeconfig_can_be_had() {
    let ran = stopped().run(&["kubectl-config"]).exits(0);
    ran.prints("export KUBECONFIG=[ROOT]/environments/dev/kubeconfig/config").says("# use it with: eval \"$(cargo xtask kubectl-config)\"");
}

#[test]
fn a_cluster_that_lost_a_part_says_which() {
    let cases = [
        (".xtask/dev/ports.json", "its ports are not known any more"),
        ("environments/dev/kubeconfig/config", "its kubeconfig is gone"),
        (".xtask/dev/kwok/clusters/small-shop/kwok.yaml", "it was only half created"),
    ];
    for (file, why) in cases {
        let sandbox = stopped();
        std::fs::remove_file(sandbox.root().join(file)).unwrap();
        sandbox.run(&["dev-status"]).exits(0).prints_among(&format!("cluster: does not work: {why}\n"));
        sandbox.run(&["kubectl-ns"]).exits(4).says(&format!(
            "
            error: the cluster does not work: {why}
            Hint: repair it: cargo xtask dev-up
            "
        ));
    }
}
