//! Mistakes in files of values, as `ci` names them: the file, the key, what is wrong.

use super::sandbox::{Ran, Sandbox};

const DEV: &str = "config/dev/order-service.yaml";
const CHART: &str = "charts/services/order-service/values.yaml";

/// After one change to a file that is in order. Only this service has values: the others would only take time.
fn after(file: &str, old: &str, new: &str) -> Option<Ran> {
    let sandbox = Sandbox::of_this_repository()?;
    for env in ["dev", "prod"] {
        for entry in std::fs::read_dir(sandbox.root().join("config").join(env)).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name() != "order-service.yaml" {
                std::fs::remove_file(entry.path()).unwrap();
            }
        }
    }
    sandbox.replace(file, old, new);
    Some(sandbox.run(&["ci", "--only", "values"]).exits(1))
}

#[test]
fn an_unknown_key_is_named_with_its_file() {
    let Some(ran) = after(DEV, "replicaCount: 1", "replicaCuont: 1") else { return };
    ran.says_among("config/dev/order-service.yaml: there is no key `replicaCuont`\n");
}

#[test]
fn an_unknown_key_deep_inside_is_named_in_full() {
    let Some(ran) = after("config/prod/order-service.yaml", "    memory: 1Gi", "    memori: 1Gi") else { return };
    ran.says_among("config/prod/order-service.yaml: there is no key `resources.requests.memori`\n");
}

#[test]
fn a_value_of_the_wrong_type_is_named_with_its_file() {
    let Some(ran) = after(DEV, "replicaCount: 1", "replicaCount: \"1\"") else { return };
    ran.says_among("config/dev/order-service.yaml: `replicaCount`: got string, want integer\n");
}

#[test]
fn a_variable_that_is_no_text_is_named_with_its_file() {
    let Some(ran) = after(DEV, "SERVER_PORT: \"8081\"", "SERVER_PORT: 8081") else { return };
    ran.says_among("config/dev/order-service.yaml: `config.SERVER_PORT`: got number, want string\n");
}

#[test]
fn a_missing_key_is_named_with_the_files_that_could_have_it() {
    let Some(ran) = after(CHART, "  tag: v1.2.6\n", "") else { return };
    ran.says_among(
        "`image.tag` is required and stands in none of charts/services/order-service/values.yaml, config/dev/order-service.yaml, ",
    );
}

#[test]
fn a_key_written_twice_is_named_with_its_file_and_line() {
    let Some(ran) = after(DEV, "replicaCount: 1", "replicaCount: 1\nreplicaCount: 2") else { return };
    ran.says_among("config/dev/order-service.yaml is not valid: duplicate entry with key \"replicaCount\", again at line 4\n")
        .prints_among("\nskipped  values: schemas: ");
}

#[test]
fn a_refusal_of_a_template_names_the_files() {
    let Some(ran) = after(DEV, "replicaCount: 1", "analysis:\n  post: {enabled: false}\n  trafficDrop: {enabled: true}") else { return };
    ran.says_among("config/dev/order-service.yaml + config/engine/").says_among("analysis.trafficDrop.enabled needs analysis.post.enabled");
}
