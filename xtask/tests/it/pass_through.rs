//! `helm -- …`: the pinned program with this environment's own cluster, whatever the shell around it points at.

use super::pinned;
use super::sandbox::{CLUSTER, Sandbox};

/// A stand-in on PATH: it knows its version, prints what it got, and ends with 7.
fn with_helm() -> Sandbox {
    let mut sandbox = Sandbox::new();
    let version = pinned::tool("helm").version;
    let script = format!(
        "[ \"$1 $2\" = 'version --template={{{{.Version}}}}' ] && echo v{version} && exit\n\
         printf '%s\\n' \"$@\"; echo \"KUBECONFIG=${{KUBECONFIG-none}}\"; exit 7"
    );
    sandbox.program("helm", &script);
    sandbox.variable("KUBECONFIG", Some("/somebody/else's/cluster"));
    sandbox
}

#[test]
fn the_ambient_cluster_is_never_used_and_the_exit_code_is_the_programs_own() {
    let ran = with_helm().run(&["helm", "--", "list", "--all-namespaces", "a b"]).exits(7).says("");
    ran.prints(&format!(
        "
        --kubeconfig
        [ROOT]/environments/dev/kubeconfig/config
        --kube-context
        kwok-{CLUSTER}
        list
        --all-namespaces
        a b
        KUBECONFIG=none
        "
    ));
}

#[test]
fn a_plan_prints_the_call_as_it_could_be_typed() {
    with_helm().run(&["--plan", "helm", "--", "list", "a b"]).exits(0).says("").prints(&format!(
        "
        helm --kubeconfig [ROOT]/environments/dev/kubeconfig/config --kube-context kwok-{CLUSTER} list 'a b'
        "
    ));
}
