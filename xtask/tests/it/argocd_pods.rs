//! Argo CD on an engine that runs containers, on stand-ins for docker, k3d and kubectl.

use super::k3d_machine::Machine;
use super::pinned;

/// The steps that a plan names, in its order.
fn steps(plan: &str) -> Vec<&str> {
    plan.lines().filter(|l| !l.starts_with(' ')).filter_map(|l| l.split_whitespace().next()).collect()
}

#[test]
fn it_is_installed_as_pods_and_not_as_processes() {
    let machine = Machine::created();
    let ran = machine.sandbox.run(&["--plan", "argocd-install"]).exits(0);
    let expected = ["tools", "artifacts", "source", "crds", "namespaces", "secrets", "registry", "argocd", "install", "root"];
    let (mut steps, mut wanted) = (steps(&ran.stdout), expected);
    steps.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(steps, wanted);
}

#[test]
fn the_whole_cluster_has_istio_and_the_registry_too() {
    let machine = Machine::created();
    let ran = machine.sandbox.run(&["--plan", "dev-init"]).exits(0);
    let steps = steps(&ran.stdout);
    for step in ["istio", "registry", "install"] {
        assert!(steps.contains(&step), "{}", ran.stdout);
    }
    for step in ["processes", "simulation"] {
        assert!(!steps.contains(&step), "{}", ran.stdout);
    }
}

#[test]
fn where_there_is_none_there_is_nothing_to_uninstall() {
    let machine = Machine::created();
    let version = pinned::tool("kubectl").version;
    let script = format!(
        r#"[ "$1" = version ] && echo '{{ "gitVersion": "v{version}" }}' && exit
case "$*" in *readyz*) echo ok;; *--filename*) ;; *) echo '{{ "kind": "List", "items": [] }}';; esac"#
    );
    machine.sandbox.program("kubectl", &script);
    let says = "nothing to delete: there is no Argo CD on this cluster\n";
    machine.sandbox.run(&["--plan", "argocd-uninstall"]).exits(0).prints("").says_among(says);
}
