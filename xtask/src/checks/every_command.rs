//! Every command on a healthy kwok cluster: the right answer, or the right error.

use super::{Verdict, expect};
use crate::commands::GROUPS;
use crate::error::{Error, Result};
use crate::trial::Trial;
use crate::ui::count;

/// A command as it is typed, how it ends, and what it says: on stdout after a success, on stderr after a failure.
type Row = (&'static [&'static str], u8, &'static str);

/// Commands that run checks of their own, and would run this one, or have a check of their own.
const ELSEWHERE: [&str; 3] = ["ci", "bench", "rehearse"];

/// What asks before it deletes is not answered here: the checks that delete are others.
const ROWS: &[Row] = &[
    (&["dev-init"], 0, ""),
    (&["dev-sync"], 0, ""),
    (&["dev-status"], 0, "everything is as the working tree says"),
    (&["dev-logs"], 0, "argocd-repo-server"),
    (&["dev-logs", "repo", "--lines", "1"], 0, "level"),
    (&["dev-logs", "order-api"], 4, "pods are simulated"),
    (&["dev-down"], 0, ""),
    (&["dev-up"], 0, ""),
    (&["dev-restart"], 0, ""),
    (&["dev-clean"], 2, "answer beforehand: cargo xtask dev-clean --yes"),
    (&["k3d-create"], 2, "works on the engine `k3d` only"),
    (&["k3d-start"], 2, "works on the engine `k3d` only"),
    (&["k3d-stop"], 2, "works on the engine `k3d` only"),
    (&["k3d-delete"], 2, "works on the engine `k3d` only"),
    (&["k3d-list"], 2, "works on the engine `k3d` only"),
    (&["argocd-install"], 0, ""),
    (&["argocd-status"], 0, " Synced and Healthy"),
    (&["argocd-password"], 0, ""),
    (&["argocd-uninstall"], 2, "answer beforehand: cargo xtask argocd-uninstall --yes"),
    (&["kafka-install", "--plan"], 0, "kafka      will be looked at after: "),
    (&["kafka-status"], 0, "43 topics in the list, the Job that makes them succeeded"),
    (&["kafka-uninstall"], 0, ""),
    (&["ecr-login"], 4, "pods are simulated"),
    (&["ecr-status"], 4, "pods are simulated"),
    (&["ecr-delete"], 4, "pods are simulated"),
    (&["istio-install"], 4, "pods are simulated"),
    (&["istio-uninstall"], 4, "pods are simulated"),
    (&["istio-status"], 0, "ecommerce-gateway"),
    (&["deploy-monitoring"], 0, ""),
    (&["monitoring-status"], 0, "pods are simulated"),
    (&["db-status"], 0, "data-order-db-0"),
    (&["db-logs", "order"], 4, "pods are simulated"),
    (&["db-reset", "order"], 2, "answer beforehand: cargo xtask db-reset order --yes"),
    (&["port-forward"], 4, "pods are simulated"),
    (&["port-forward", "status"], 4, "pods are simulated"),
    (&["helm-build"], 0, "charts/services/order-service"),
    (&["helm-deps"], 0, "up to date: service-lib"),
    (&["clean-helm-cache"], 0, "deleted charts/services/order-service/charts/service-lib"),
    (&["kubectl-config"], 0, "export KUBECONFIG="),
    (&["kubectl-ns"], 0, "ecommerce"),
    (&["kubectl-pods"], 0, "order-api"),
    (&["kubectl-svc"], 0, "order-api-preview"),
    (&["kubectl", "--", "get", "rollouts", "--namespace", "ecommerce"], 0, "order-api"),
    (&["argocd", "--", "app", "get", "order-service-dev"], 0, "Healthy"),
    (&["helm", "--", "list", "--all-namespaces"], 0, "NAMESPACE"),
    (&["new-service", "wishlist", "--plan"], 0, "+++ charts/services/wishlist-service/Chart.yaml"),
    (&["promote", "order"], 0, "replicaCount"),
    (&["doctor"], 0, "everything that dev-init needs is here"),
    (&["install-tools"], 0, "kube-apiserver"),
    (&["tools-lock", "istioctl", "--plan"], 0, "istioctl"),
    (&["cache", "status"], 0, "tools"),
    (&["cache", "clean", "--plan"], 0, ""),
    (&["version"], 0, "xtask "),
    (&["graph"], 0, "wave 30"),
    (&["why", "Rollout/order-api"], 0, "order-service-dev"),
    (&["expand"], 0, "order-service-prod"),
    (&["lint", "--list"], 0, "dangling-host"),
    (&["render", "--app", "order-service"], 0, "kind: Rollout"),
    (&["verify-offline"], 0, "order-service-dev"),
    (&["diff", "--base", "HEAD"], 0, "Application"),
    (&["plan", "dev-up"], 0, "up to date"),
    (&["completions", "bash"], 0, "dev-init"),
    (&["help", "dev-sync"], 0, "Engines: "),
];

pub fn check(trial: &Trial) -> Result<Verdict> {
    let known = || GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).filter(|name| !ELSEWHERE.contains(name));
    let untried: Vec<&str> = known().filter(|name| !ROWS.iter().any(|(args, _, _)| args.first() == Some(name))).collect();
    expect(untried.is_empty(), format!("not in the table of checks/every_command.rs: {}", untried.join(", ")))?;
    for (args, code, says) in ROWS {
        let run = trial.run(args)?;
        let good = run.code == *code && (run.stdout.contains(says) || run.code != 0 && run.stderr.contains(says));
        if !good {
            let what = format!("`{}` ended with {} instead of {code} and `{says}`", args.join(" "), run.code);
            return Err(Error::failed(what).cause(run.stdout).cause(run.stderr));
        }
    }
    Ok(Verdict::Passed(format!("{} answered as they should", count(known().count(), "command"))))
}
