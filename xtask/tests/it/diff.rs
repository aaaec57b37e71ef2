//! `diff`: what people, pull requests and programs read about a change. With the real Helm and git, on a copy of this repository.

use std::process::Command;

use super::sandbox::Sandbox;

/// A copy of this repository with one commit on `main`. `None` without Helm.
fn shop() -> Option<Sandbox> {
    let shop = Sandbox::of_this_repository()?;
    std::fs::copy(super::this_repository::root().join(".gitignore"), shop.root().join(".gitignore")).unwrap();
    git(&shop, "init --quiet --initial-branch main");
    commit(&shop);
    Some(shop)
}

fn git(shop: &Sandbox, command: &str) -> String {
    let who = ["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "commit.gpgsign=false"];
    let out = Command::new("git").args(who).args(command.split(' ')).current_dir(shop.root()).output().unwrap();
    assert!(out.status.success(), "git {command}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap().trim().to_string()
}

fn commit(shop: &Sandbox) {
    git(shop, "add --all");
    git(shop, "commit --quiet --message change");
}

fn json(shop: &Sandbox, args: &[&str]) -> serde_json::Value {
    let ran = shop.run(&[&["diff", "--format", "json"], args].concat()).exits(0);
    serde_json::from_str(&ran.stdout).unwrap()
}

/// The Applications that differ, with how.
fn changed(report: &serde_json::Value) -> Vec<String> {
    let all = report["applications"].as_array().unwrap().iter().filter(|a| a["change"] != "unchanged");
    all.map(|a| format!("{} {}", a["name"].as_str().unwrap(), a["change"].as_str().unwrap())).collect()
}

fn rules(report: &serde_json::Value) -> Vec<String> {
    report["findings"].as_array().unwrap().iter().map(|f| f["rule"].as_str().unwrap().to_string()).collect()
}

#[test]
fn a_clean_tree_on_main_does_not_differ() {
    let Some(shop) = shop() else { return };
    let ran = shop.run(&["diff", "--exit-code"]).exits(0);
    ran.prints_among("nothing differs in what Argo CD would apply").prints_among("dev: 0 of 16 Applications, 0 objects");
}

#[test]
fn one_line_of_values_is_one_field_of_one_application() {
    let Some(shop) = shop() else { return };
    shop.replace("config/dev/order-service.yaml", "replicaCount: 1", "replicaCount: 2");
    let ran = shop.run(&["diff", "--exit-code"]).exits(1);
    let base = git(&shop, "rev-parse HEAD");
    let short = &base[..10];
    ran.prints(&format!(
        "
        base {short}, head working tree

        ~ order-service-dev
          + PodDisruptionBudget ecommerce/order-api
          ~ Rollout ecommerce/order-api
              spec.replicas: 1 -> 2

        dev: 1 of 16 Applications, 2 objects
        prod: 0 of 18 Applications, 0 objects
        "
    ));
    let report = json(&shop, &["--env", "dev"]);
    assert_eq!(changed(&report), ["order-service-dev changed"]);
    assert_eq!(report["version"], 1);
    let one = report["applications"].as_array().unwrap().iter().find(|a| a["name"] == "order-service-dev").unwrap();
    let field = &one["objects"][1]["fields"][0];
    assert_eq!((&field["path"], &field["before"], &field["after"]), (&"spec.replicas".into(), &1.into(), &2.into()));
    assert!(json(&shop, &["--env", "prod"])["applications"].as_array().unwrap().iter().all(|a| a["environment"] == "prod"));
    assert_eq!(json(&shop, &["--app", "order"])["applications"].as_array().unwrap().len(), 2);
    shop.run(&["diff", "--app", "nothing"]).exits(2).says_among("there is no component `nothing` at either revision");
}

#[test]
fn new_files_count_and_ignored_ones_do_not() {
    let Some(shop) = shop() else { return };
    shop.write("charts/kafka-ui/templates/extra.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\n");
    shop.write("charts/kafka-ui/charts/left.tgz", "no archive at all");
    let report = json(&shop, &[]);
    assert_eq!(changed(&report), ["kafka-ui-dev changed", "kafka-ui-prod changed"]);
    shop.run(&["diff"]).prints_among("+ in 2 Applications: ConfigMap extra").prints_among("in kafka-ui-dev, kafka-ui-prod");
}

#[test]
fn the_base_is_where_the_branch_left_main_whatever_main_did_since() {
    let Some(shop) = shop() else { return };
    git(&shop, "checkout --quiet -b topic");
    shop.replace("config/dev/order-service.yaml", "replicaCount: 1", "replicaCount: 2");
    commit(&shop);
    git(&shop, "checkout --quiet main");
    shop.replace("config/dev/store-service.yaml", "replicaCount: 1", "replicaCount: 3");
    commit(&shop);
    git(&shop, "checkout --quiet --detach topic");
    assert_eq!(changed(&json(&shop, &[])), ["order-service-dev changed"]);
    // Two revisions, and the working tree does not matter.
    shop.write("config/dev/kafka-ui.yaml", "cluster: {bootstrapServers: x:1}\n");
    let report = json(&shop, &["--base", "main", "--head", "topic"]);
    assert_eq!(changed(&report), ["order-service-dev changed", "store-service-dev changed"]);
    shop.run(&["diff", "--base", "nowhere"]).exits(2).says(
        "
        error: there is no revision `nowhere` here
        Hint: see what there is: git log --oneline --all
        ",
    );
}

#[test]
fn without_a_trunk_or_in_a_shallow_clone_the_reason_and_what_helps_is_said() {
    let Some(shop) = shop() else { return };
    git(&shop, "checkout --quiet -b topic");
    shop.write("new", "x");
    commit(&shop);
    git(&shop, "checkout --quiet main");
    shop.write("other", "x");
    commit(&shop);
    git(&shop, "checkout --quiet topic");
    // As a shallow fetch of two branches leaves it.
    let tips = git(&shop, "rev-parse topic main");
    std::fs::write(shop.root().join(".git/shallow"), format!("{tips}\n")).unwrap();
    let ran = shop.run(&["diff"]).exits(2).says_among("error: HEAD and main have no commit in common here");
    ran.says_among("Caused by: this clone is shallow").says_among("Hint: fetch the rest: git fetch --unshallow");
    std::fs::remove_file(shop.root().join(".git/shallow")).unwrap();
    git(&shop, "branch --quiet -D main");
    let ran = shop.run(&["diff"]).exits(2).says_among("no branch `main` or `master`");
    ran.says_among("Hint: name a revision: cargo xtask diff --base REV");
    shop.run(&["diff", "--base", "HEAD"]).exits(0);
    git(&shop, "branch --quiet master");
    shop.run(&["diff"]).exits(0);
}

#[test]
fn a_stateful_set_that_goes_is_an_error_on_top() {
    let Some(shop) = shop() else { return };
    shop.write(
        "config/dev/external-services.yaml",
        "# Without the store of orders.\nstorageClassName: local-path\ndatabases: {stores: {order: null}}\n",
    );
    let report = json(&shop, &["--env", "dev"]);
    assert_eq!(changed(&report), ["external-services-dev changed"]);
    assert!(rules(&report).contains(&"removed-stateful-object".to_string()), "{:#}", report["findings"]);
    let ran = shop.run(&["diff", "--env", "dev"]).exits(0);
    let (first, rest) = ran.stdout.split_once("\n\n").unwrap();
    assert!(first.starts_with("base ") && rest.starts_with("error removed-stateful-object: StatefulSet ecommerce/"), "{rest}");
    let markdown = shop.run(&["diff", "--format", "markdown"]).exits(0).stdout;
    assert!(markdown.find("removed-stateful-object").unwrap() < markdown.find("<details>").unwrap());
}

#[test]
fn what_does_not_render_is_said_and_is_no_removal() {
    let Some(shop) = shop() else { return };
    shop.write("config/dev/kafka-ui.yaml", "cluster: [not what the chart takes\n");
    let report = json(&shop, &["--env", "dev"]);
    assert_eq!(changed(&report), ["kafka-ui-dev changed"]);
    assert_eq!(rules(&report), ["broken-render"]);
    assert!(report["findings"][0]["message"].as_str().unwrap().contains("config/dev/kafka-ui.yaml"), "{:#}", report["findings"]);
    shop.run(&["diff", "--exit-code"]).exits(1).prints_among("! it cannot be rendered now").prints_among("1 not rendered");
    // Mended by a change: nothing can be said about it, and it is said.
    commit(&shop);
    shop.write("config/dev/kafka-ui.yaml", "cluster:\n  bootstrapServers: kafka.ecommerce.svc.cluster.local:9092\n");
    let report = json(&shop, &["--env", "dev"]);
    assert_eq!((rules(&report), report["unverified"][0]["rule"].as_str()), (Vec::new(), Some("broken-render")));
}

#[test]
fn a_second_run_starts_no_program_and_writes_nothing() {
    let Some(shop) = shop() else { return };
    shop.replace("config/dev/order-service.yaml", "replicaCount: 1", "replicaCount: 2");
    let first = shop.run(&["diff"]).exits(0).stdout;
    let mut shop = shop;
    let nothing = tempfile::tempdir().unwrap();
    shop.variable("PATH", nothing.path().to_str());
    let before = shop.files();
    assert_eq!(shop.run(&["diff"]).exits(0).stdout, first);
    assert_eq!(before.changes(&shop.files()), [""; 0]);
}

#[test]
fn an_application_under_another_name_is_deleted_and_made_again() {
    let Some(shop) = shop() else { return };
    let set = "argocd/applicationsets/02-monitoring.yaml";
    shop.replace(set, "name: '{{ .component }}-", "name: 'shop-{{ .component }}-");
    let report = json(&shop, &["--env", "dev"]);
    let changed = changed(&report);
    assert!(
        changed.contains(&"monitoring-dev removed".to_string()) && changed.contains(&"shop-monitoring-dev added".to_string()),
        "{changed:?}"
    );
    let found = report["findings"].as_array().unwrap();
    let recreated = found.iter().find(|f| f["rule"] == "recreated-application").unwrap();
    assert_eq!((&recreated["severity"], &recreated["env"]), (&"error".into(), &"dev".into()), "dev has the finalizer: {found:#?}");
    // Of prod everything stays, and is adopted.
    let prod = json(&shop, &["--env", "prod"]);
    let recreated = prod["findings"].as_array().unwrap().iter().find(|f| f["rule"] == "recreated-application").unwrap();
    assert_eq!(recreated["severity"], "info");
}

#[test]
fn another_revision_of_an_environment_is_a_field_of_its_applications() {
    let Some(shop) = shop() else { return };
    shop.replace("environments/prod/environment.yaml", "revision: main", "revision: release");
    let report = json(&shop, &["--env", "prod"]);
    let services = report["applications"].as_array().unwrap().iter().find(|a| a["name"] == "order-service-prod").unwrap();
    let fields = services["fields"].as_array().unwrap();
    assert!(fields.iter().any(|f| f["before"] == "main" && f["after"] == "release"), "{fields:#?}");
}
