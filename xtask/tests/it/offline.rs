//! `graph`, `why` and `promote` on a copy of this repository.

use super::pinned;
use super::sandbox::Sandbox;

#[test]
fn graph_shows_the_waves_of_an_environment_in_three_forms() {
    let Some(sandbox) = Sandbox::of_this_repository() else { return };
    let text = sandbox.run(&["graph", "--env", "prod"]).exits(0).says("").stdout;
    assert!(text.starts_with("root-application  bootstrap/root-application.yaml\n├─ wave -1\n│  └─ namespaces  argocd/"), "{text}");
    assert!(
        text.contains("order-service-prod  project applications, charts/services/order-service with charts/library/service\n"),
        "{text}"
    );
    sandbox.run(&["graph", "--format", "mermaid"]).exits(0).prints_among("  wave10 ==> wave30");
    let svg = sandbox.run(&["graph", "--format", "svg"]).exits(0).stdout;
    assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"));
    assert_eq!(svg, sandbox.run(&["graph", "--format", "svg"]).exits(0).stdout);
}

#[test]
fn why_says_which_applications_a_file_reaches() {
    let Some(sandbox) = Sandbox::of_this_repository() else { return };
    let reached = |file: &str| sandbox.run(&["why", file]).exits(0).says("").stdout;
    assert_eq!(reached("config/prod/order-service.yaml"), "prod: 1 Application\n  order-service-prod  a file of its values\n");
    assert_eq!(reached("./config/prod/order-service.yaml"), reached("config/prod/order-service.yaml"));
    let library = reached("charts/library/service/values.yaml");
    assert!(library.starts_with("dev: 7 Applications\n  customer-service-dev  through the chart charts/library/service\n"), "{library}");
    assert!(library.contains("prod: 7 Applications\n"), "{library}");
    assert!(reached("argocd/projects/applications.yaml").contains("order-service-dev  its AppProject\n"));
    assert!(reached("environments/prod/environment.yaml").starts_with("prod: "));
    assert_eq!(reached("environments/dev/secrets.yaml"), "environments/dev/secrets.yaml reaches no Application\n");
    let ran = sandbox.run(&["why", "config/prod/oder-service.yaml"]).exits(2);
    ran.says_among("did you mean it? cargo xtask why config/prod/order-service.yaml");
}

#[test]
fn why_says_where_an_object_and_a_field_come_from() {
    if pinned::program_or_skip("helm").is_none() {
        return;
    }
    // On the repository itself: a sandbox has no Helm.
    let run = |what: &str| {
        let mut command = std::process::Command::new(super::sandbox::XTASK);
        let ran = command.args(["why", what]).current_dir(super::this_repository::root()).output().unwrap();
        (ran.status.code(), String::from_utf8(ran.stdout).unwrap(), String::from_utf8(ran.stderr).unwrap())
    };
    let (code, out, err) = run("ecommerce/Rollout/order-api:spec.template.spec.containers[0].resources.limits.cpu");
    assert_eq!(code, Some(0), "{err}");
    for part in [
        "order-service-dev, wave 30",
        "argocd/applicationsets/30-services.yaml:",
        "template        charts/services/order-service/templates/",
        "likely resources.limits.cpu",
        "config/dev/order-service.yaml:",
        "wins over \"500m\"  charts/library/service/values.yaml:",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    let (_, out, _) = run("Rollout/order-api:spec.template.spec.containers[0].image");
    assert!(out.contains("likely made of\n") && out.contains("config/dev/order-service.yaml:"), "{out}");
    let (code, _, err) = run("Rollout/oder-api");
    assert_eq!(code, Some(2));
    assert!(err.contains("did you mean it? cargo xtask why Rollout/order-api\n"), "{err}");
    assert!(run("Rollout/order-api:spec.replica").1.contains("did you mean `replicas`?"));
}

#[test]
fn promote_shows_asks_writes_and_has_nothing_to_do_the_second_time() {
    let Some(sandbox) = Sandbox::of_this_repository() else { return };
    let before = sandbox.files();
    sandbox.run(&["promote", "order"]).exits(0).prints_among("resources.limits.cpu");
    sandbox.run(&["promote", "order", "replicaCount", "--plan"]).exits(0).prints_among("+replicaCount: 1");
    sandbox.run(&["promote", "order", "replicaCount"]).exits(2).says_among("cargo xtask promote order-service replicaCount");
    assert_eq!(before.changes(&sandbox.files()), [""; 0]);

    let ran = sandbox.run(&["promote", "order", "replicaCount", "resources.limits.cpu", "--yes"]).exits(0);
    let ran = ran.prints_among("### Promote order-service from dev to prod");
    ran.prints_among("| `resources.limits.cpu` | `\"1000m\"` | `\"250m\"` |");
    assert_eq!(before.changes(&sandbox.files()), ["repo/config/prod/order-service.yaml"]);
    let text = std::fs::read_to_string(sandbox.root().join("config/prod/order-service.yaml")).unwrap();
    assert!(text.contains("replicaCount: 1\n") && text.contains("    cpu: 250m\n"), "{text}");

    let written = sandbox.files();
    let again = sandbox.run(&["promote", "order", "replicaCount", "resources.limits.cpu", "--yes"]).exits(0).prints("");
    again.says("config/prod/order-service.yaml has these values already: nothing to write");
    assert_eq!(written.changes(&sandbox.files()), [""; 0]);
}

#[test]
fn promote_refuses_what_it_does_not_know() {
    let Some(sandbox) = Sandbox::of_this_repository() else { return };
    sandbox.run(&["promote", "oder-service"]).exits(2).says_among("did you mean `order-service`?");
    sandbox.run(&["promote", "order", "replicacount"]).exits(2).says_among("did you mean `replicaCount`?");
    sandbox.run(&["promote", "order", "--to", "prodd"]).exits(2).says_among("did you mean `prod`?");
    sandbox.run(&["promote", "order", "--to", "dev"]).exits(2).says_among("--from and --to are both `dev`");
    sandbox.run(&["promote", "order", "autoscaling.enabled", "--yes"]).exits(2).says_among("there is nothing to copy");
    sandbox.run(&["promote", "order.secrets.enc"]).exits(2).says_among("secrets are not promoted");
}
