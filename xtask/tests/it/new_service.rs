//! `new-service` on a copy of this repository: what it writes, what it leaves alone, and what Helm makes of it.

use super::charts::helm;
use super::pinned;
use super::sandbox::Sandbox;

/// A sandbox with the eighth service.
fn added() -> Option<Sandbox> {
    let sandbox = Sandbox::of_this_repository()?;
    sandbox.run(&["new-service", "wishlist", "--yes"]).exits(0);
    Some(sandbox)
}

fn read(sandbox: &Sandbox, file: &str) -> String {
    std::fs::read_to_string(sandbox.root().join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
}

#[test]
fn a_plan_shows_every_file_and_writes_none() {
    let Some(sandbox) = Sandbox::of_this_repository() else { return };
    let before = sandbox.files();
    let ran = sandbox.run(&["new-service", "wishlist", "--plan"]).exits(0).says("");
    for file in ["charts/services/wishlist-service/values.yaml", "config/dev/wishlist-service.yaml", "config/prod/wishlist-service.yaml"] {
        assert!(ran.stdout.contains(&format!("--- /dev/null\n+++ {file}\n+")), "{file}: {}", ran.stdout);
    }
    for file in ["argocd/applicationsets/30-services.yaml", "charts/istio/values.yaml", "environments/dev/secrets.yaml"] {
        assert!(ran.stdout.contains(&format!("--- {file}\n+++ {file}\n@@ line ")), "{file}: {}", ran.stdout);
    }
    assert_eq!(before.changes(&sandbox.files()), [""; 0]);
}

#[test]
fn it_asks_and_without_a_terminal_it_needs_a_yes() {
    let Some(sandbox) = Sandbox::of_this_repository() else { return };
    let before = sandbox.files();
    sandbox.run(&["new-service", "wishlist"]).exits(2).says(
        "
        error: `new-service` asks before it writes, and there is no terminal to ask on
        Hint: answer beforehand: cargo xtask new-service wishlist --yes
        ",
    );
    assert_eq!(before.changes(&sandbox.files()), [""; 0]);
}

#[test]
fn a_second_run_says_that_it_is_there() {
    let Some(sandbox) = added() else { return };
    let before = sandbox.files();
    let ran = sandbox.run(&["new-service", "wishlist", "--yes"]).exits(0).prints("");
    ran.says("wishlist-service is there already: nothing to add");
    assert_eq!(before.changes(&sandbox.files()), [""; 0]);
}

#[test]
fn a_run_that_was_cut_short_is_completed_by_the_next() {
    let Some(sandbox) = added() else { return };
    let whole = sandbox.files();
    let list = "argocd/applicationsets/30-services.yaml";
    sandbox.replace(list, "                - component: wishlist-service\n", "");
    std::fs::remove_file(sandbox.root().join("config/prod/wishlist-service.yaml")).unwrap();
    sandbox.run(&["new-service", "wishlist", "--yes"]).exits(0).says_among("2 files written for wishlist-service\n");
    assert_eq!(whole.changes(&sandbox.files()), [""; 0]);
}

#[test]
fn a_name_that_is_taken_or_cannot_be_one_is_refused() {
    let Some(sandbox) = Sandbox::of_this_repository() else { return };
    sandbox.run(&["new-service", "saga"]).exits(2).says_among("`saga` is taken: charts/services/saga-tracker has ");
    sandbox.run(&["new-service", "Wish-List"]).exits(2).says_among("`Wish-List` cannot name a service\n");
}

#[test]
fn files_that_were_there_keep_every_line_in_order() {
    let Some(before) = Sandbox::of_this_repository() else { return };
    let Some(after) = added() else { return };
    for file in ["argocd/applicationsets/30-services.yaml", "charts/istio/values.yaml", "charts/external-services/values.yaml"] {
        let (old, new) = (read(&before, file), read(&after, file));
        let kept: String = new.lines().filter(|l| !l.contains("wishlist")).map(|l| format!("{l}\n")).collect();
        assert_eq!(old, kept, "{file}");
        assert_eq!(new.lines().count(), old.lines().count() + 1, "{file}");
    }
    // Entries of more than one line: a secret takes the lines below its name along.
    let (old, new) = (read(&before, "environments/dev/secrets.yaml"), read(&after, "environments/dev/secrets.yaml"));
    let mut rest = new.lines();
    assert!(old.lines().all(|line| rest.any(|l| l == line)), "environments/dev/secrets.yaml lost a line or its order");
    for entry in ["- name: wishlist-db-credentials\n", "- name: wishlist-api-secret\n"] {
        assert_eq!(new.matches(entry).count(), 1, "{entry}");
    }
}

#[test]
fn the_new_chart_renders_in_both_environments_what_its_model_renders() {
    let Some(program) = pinned::program_or_skip("helm") else { return };
    let Some(sandbox) = added() else { return };
    for env in ["dev", "prod"] {
        let rendered = ["recommendation", "wishlist"].map(|domain| {
            let chart = format!("charts/services/{domain}-service");
            let values = format!("config/{env}/{domain}-service.yaml");
            helm(&program, &sandbox.root(), &["dependency", "build", &chart]).unwrap();
            helm(&program, &sandbox.root(), &["lint", "--strict", &chart, "--values", &values]).unwrap();
            let release = format!("{domain}-service-{env}");
            let text =
                helm(&program, &sandbox.root(), &["template", &release, &chart, "--namespace", "ecommerce", "--values", &values]).unwrap();
            // The one value that is made from others.
            text.lines().filter(|l| !l.contains("checksum/config: ")).map(|l| format!("{l}\n")).collect::<String>()
        });
        let [model, new] = rendered;
        assert!(model.contains("kind: Rollout\n"), "{model}");
        assert_eq!(model.replace("recommendation", "wishlist"), new, "{env}");
    }
}

#[test]
fn the_new_service_has_a_database_and_a_place_in_the_mesh() {
    let Some(program) = pinned::program_or_skip("helm") else { return };
    let Some(sandbox) = added() else { return };
    helm(&program, &sandbox.root(), &["dependency", "build", "charts/external-services"]).unwrap();
    let objects = |chart: &str| {
        let values = format!("config/dev/{chart}.yaml");
        helm(&program, &sandbox.root(), &["template", chart, &format!("charts/{chart}"), "--values", &values]).unwrap()
    };
    assert!(objects("external-services").contains("wishlist-db-credentials"));
    let mesh = objects("istio");
    assert!(mesh.contains("name: wishlist-api-vs\n") && mesh.contains("name: wishlist-api-dr\n"));
}

#[test]
fn in_production_it_has_its_secret_and_its_database() {
    let Some(sandbox) = Sandbox::of_this_repository() else { return };
    let (secrets, stores) = ("environments/prod/secrets/external-secrets", "config/prod/external-services.yaml");
    let secret = "metadata:\n  name: NAME-api-secret\nspec:\n  data:\n    - remoteRef:\n        key: c4ang/NAME-service/database\n";
    sandbox.write(&format!("{secrets}/recommendation-api-secret.yaml"), secret.replace("NAME", "recommendation"));
    let store = |domain: &str| format!("    {domain}:\n      externalName: c4-{domain}-db.example.org\n");
    let list =
        |last: &str| format!("databases:\n  stores:\n{}{}{last}\n# Caches.\ncaches: {{}}\n", store("recommendation"), store("store"));
    sandbox.write(stores, list(""));
    sandbox.run(&["new-service", "wishlist", "--yes"]).exits(0);
    assert_eq!(read(&sandbox, &format!("{secrets}/wishlist-api-secret.yaml")), secret.replace("NAME", "wishlist"));
    assert_eq!(read(&sandbox, stores), list(&store("wishlist")));
}

#[test]
fn the_new_service_is_rendered_in_every_environment() {
    let Some(sandbox) = added() else { return };
    let ran = sandbox.run(&["render", "--write", "--app", "wishlist-service"]).exits(0);
    let dev = "golden/dev/wishlist-service.yaml\n  + ConfigMap ecommerce/wishlist-api-config (v1)\n";
    ran.prints_among(dev).prints_among(&dev.replace("/dev/", "/prod/")).says_among("2 components: 2 files written");
}
