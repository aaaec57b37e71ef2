//! `render`: what it prints, the golden renders, and what people read when values are wrong. With the real Helm.

use super::pinned;
use super::sandbox::{Ran, Sandbox};
use super::this_repository::{copy, files};

/// A repository with one component, its chart with a library, and the values of two environments. `None` without Helm.
pub(super) fn shop() -> Option<Sandbox> {
    let helm = pinned::program_or_skip("helm")?;
    let shop = Sandbox::new();
    shop.program("helm", &format!("exec '{}' \"$@\"", helm.display()));
    let set = std::fs::read_to_string(shop.root().join("argocd/applicationsets/01-services.yaml")).unwrap();
    let label = |name: &str| format!(r#"{{{{ index .metadata.labels "c4ang.io/{name}" }}}}"#);
    let (env, engine) = (label("env"), label("engine"));
    let url = r#"{{ index .metadata.annotations "c4ang.io/repo-url" }}"#;
    let template = format!(
        "    spec:
      project: default
      sources:
        - repoURL: '{url}'
          ref: values
        - repoURL: '{url}'
          path: charts/{{{{ .component }}}}
          helm:
            releaseName: '{{{{ .component }}}}-{env}'
            valueFiles:
              - values.yaml
              - $values/config/{env}/{{{{ .component }}}}.yaml
              - $values/config/engine/{engine}.yaml
      destination:
        server: https://kubernetes.default.svc
        namespace: shop
"
    );
    let (head, _) = set.split_once("    spec:\n").unwrap();
    shop.write("argocd/applicationsets/01-services.yaml", format!("{head}{template}"));
    shop.write(
        "charts/order-service/Chart.yaml",
        "apiVersion: v2\nname: order-service\ndescription: Orders\nversion: 1.0.0\ndependencies:\n  - {name: words-lib, version: 1.0.0, repository: file://../words}\n",
    );
    let schema = r#"{"type": "object", "additionalProperties": false, "required": ["host"], "properties": {
        "global": {}, "words-lib": {}, "host": {"type": "string"}, "replicas": {"type": "integer"},
        "image": {"type": "object", "additionalProperties": false, "properties": {"tag": {"type": "string"}}}}}"#;
    shop.write("charts/order-service/values.schema.json", schema);
    shop.write("charts/order-service/values.yaml", "# Orders.\n\nreplicas: 1  # pods\nimage:\n  tag: \"1.0\"\n");
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: NAME\n  namespace: {{ .Release.Namespace }}\ndata:\n  host: {{ .Values.host | quote }}\n  replicas: {{ .Values.replicas | quote }}\n  tag: {{ .Values.image.tag | quote }}\n  words: {{ include \"words.hello\" . }}\n";
    shop.write("charts/order-service/templates/b.yaml", object.replace("NAME", "b"));
    shop.write("charts/order-service/templates/a.yaml", object.replace("NAME", "a"));
    shop.write("charts/words/Chart.yaml", "apiVersion: v2\nname: words-lib\ndescription: Words\ntype: library\nversion: 1.0.0\n");
    shop.write("charts/words/templates/_words.tpl", "{{- define \"words.hello\" }}hello {{ .Release.Name }}{{ end }}");
    shop.write("config/dev/order-service.yaml", "# dev\nhost: localhost\n");
    shop.write("config/prod/order-service.yaml", "# prod\nhost: shop.example\nreplicas: 3\n");
    ["k3d", "kwok", "eks"].iter().for_each(|engine| shop.write(&format!("config/engine/{engine}.yaml"), "{}\n"));
    shop.write("config/engine/kwok.yaml", "replicas: 7\n");
    Some(shop)
}

/// Everything in the repository that a command changed.
fn changes(shop: &Sandbox, command: impl FnOnce(&Sandbox) -> Ran) -> (Ran, Vec<String>) {
    let before = shop.files();
    let ran = command(shop);
    let mut changes = before.changes(&shop.files());
    changes.retain(|path| path != "repo" && path.starts_with("repo"));
    (ran, changes)
}

const A: &str = "---
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  namespace: shop
data:
  host: localhost
  replicas: \"1\"
  tag: \"1.0\"
  words: hello order-service-dev
";

#[test]
fn objects_are_printed_sorted_and_nothing_is_written_into_the_repository() {
    let Some(shop) = shop() else { return };
    let (ran, changes) = changes(&shop, |shop| shop.run(&["render"]));
    ran.exits(0).prints(&format!("{A}{}", A.replace("name: a", "name: b"))).says("2 objects of 1 component");
    assert_eq!(changes, [""; 0], "no packed dependency, no lock file");
}

#[test]
fn the_environment_and_the_engine_choose_the_values() {
    let Some(shop) = shop() else { return };
    shop.run(&["render", "--env", "prod"]).exits(0).prints_among("host: shop.example\n  replicas: \"3\"");
    shop.run(&["render", "--engine", "kwok", "--app", "order"]).exits(0).prints_among("replicas: \"7\"");
}

#[test]
fn what_was_rendered_before_needs_no_helm() {
    let Some(shop) = shop() else { return };
    let first = shop.run(&["render"]).exits(0).stdout;
    let calls = shop.root().join("../calls");
    shop.program("helm", &format!("[ $1 = version ] && echo v4.2.1 && exit; echo \"$@\" >> '{}'; exit 1", calls.display()));
    assert_eq!(shop.run(&["render"]).exits(0).stdout, first);
    assert!(!calls.exists());
    // Another byte in the library, and it has to be asked.
    shop.write("charts/words/templates/_words.tpl", "{{- define \"words.hello\" }}bye{{ end }}");
    shop.run(&["render"]).exits(3).says_among(
        "error: could not render order-service-dev\nCaused by: `helm template charts/order-service --name-template order-service-dev ",
    );
}

#[test]
fn several_runs_with_an_empty_cache_do_not_disturb_each_other() {
    let Some(shop) = shop() else { return };
    let runs: Vec<_> = (0..4).map(|_| shop.start(&["render"])).collect();
    let printed: Vec<String> = runs.into_iter().map(|run| run.end().exits(0).stdout).collect();
    assert!(printed.iter().all(|text| *text == printed[0] && text.starts_with(A)));
}

#[test]
fn a_folder_gets_one_file_per_component() {
    let Some(shop) = shop() else { return };
    shop.run(&["render", "--out", "target/dev"]).exits(0).prints("").says("2 objects of 1 component in target/dev");
    assert!(std::fs::read_to_string(shop.root().join("target/dev/order-service.yaml")).unwrap().starts_with(A));
}

#[test]
fn a_plan_prints_the_calls_and_writes_nothing() {
    let Some(shop) = shop() else { return };
    let before = shop.files();
    let ran = shop.run(&["render", "--plan"]).exits(0).says("");
    ran.prints(
        "
         $ helm template charts/order-service --name-template order-service-dev --namespace shop --kube-version VERSION --values charts/order-service/values.yaml --values config/dev/order-service.yaml --values config/engine/k3d.yaml --api-versions argoproj.io/v1alpha1 --api-versions core.strimzi.io/v1 --api-versions kafka.strimzi.io/v1 --include-crds"
            .replace("VERSION", &pinned::tool("kubectl").version)
            .as_str(),
    );
    for mode in ["--check", "--write"] {
        shop.run(&["render", mode, "--plan"]).exits(0).prints_among("config/prod/order-service.yaml --values config/engine/eks.yaml");
    }
    assert_eq!(before.changes(&shop.files()), [""; 0]);
}

#[test]
fn an_unknown_component_is_wrong_usage() {
    let Some(shop) = shop() else { return };
    shop.run(&["render", "--app", "orders"]).exits(2).says(
        "
         error: there is no component `orders` in dev
         Caused by: known ones: order-service",
    );
    shop.run(&["render", "--check", "--app", "orders"]).exits(2).says_among("error: there is no component `orders`");
}

#[test]
fn golden_renders_are_written_once_and_compared_by_what_they_say() {
    let Some(shop) = shop() else { return };
    let (ran, _) = changes(&shop, |shop| shop.run(&["render", "--check"]));
    ran.exits(1).prints_among("golden/prod/order-service.yaml\n  + ConfigMap shop/a (v1)\n").says_among("cargo xtask render --write");
    let (ran, mut changed) = changes(&shop, |shop| shop.run(&["render", "--write"]));
    ran.exits(0).says("4 objects of 2 components: 4 files written");
    changed.retain(|path| path.ends_with(".md") || path.ends_with(".yaml"));
    let golden = ["repo/golden/dev/order-service.yaml", "repo/golden/prod/order-service.yaml"];
    assert_eq!(changed, [&["repo/charts/README.md", "repo/charts/order-service/README.md"], &golden[..]].concat());
    let (ran, changed) = changes(&shop, |shop| shop.run(&["render", "--write"]));
    ran.exits(0).prints("").says("4 objects of 2 components: all as committed");
    assert_eq!(changed, [""; 0]);
    // Comments, quotes and order are no difference.
    let golden = "golden/dev/order-service.yaml";
    shop.replace(golden, "host: localhost\n", "# by hand\n  tag: '1.0'\n  host: \"localhost\"\n");
    shop.replace(golden, "  replicas: \"1\"\n  tag: \"1.0\"\n", "  replicas: '1'\n");
    shop.run(&["render", "--check"]).exits(0).prints("").says("4 objects of 2 components: all as committed");
}

#[test]
fn the_documentation_says_what_is_deployed_where_and_what_differs() {
    let Some(shop) = shop() else { return };
    shop.run(&["render", "--write"]).exits(0);
    let overview = std::fs::read_to_string(shop.root().join("charts/README.md")).unwrap();
    let rows = [
        "| [order-service](order-service) | 1 | shop | dev, prod | ConfigMap |",
        "- [order-service](order-service/README.md)",
        "### order-service",
        "| `host` | `localhost` | `shop.example` |",
        "| `replicas` | – | `3` |",
    ];
    rows.iter().for_each(|row| assert!(overview.lines().any(|line| line == *row), "{row}\n{overview}"));
    let page = std::fs::read_to_string(shop.root().join("charts/order-service/README.md")).unwrap();
    assert!(
        page.contains("\n# order-service\n\nOrders.\n") && page.ends_with("| `replicas` | `1` | pods |\n| `image.tag` | `1.0` |  |\n"),
        "{page}"
    );
    // A comment in the values is the documentation.
    shop.replace("charts/order-service/values.yaml", "# pods", "# pods at least");
    shop.run(&["render", "--check"]).exits(1).prints("charts/order-service/README.md\n  ~ not what charts and values say");
}

#[test]
fn a_change_is_shown_by_object_and_field_and_a_check_writes_nothing() {
    let Some(shop) = shop() else { return };
    shop.run(&["render", "--write"]).exits(0);
    shop.write("config/prod/order-service.yaml", "# prod\nhost: shop.example\nreplicas: 4\n");
    std::fs::remove_file(shop.root().join("charts/order-service/templates/b.yaml")).unwrap();
    let shown = "golden/prod/order-service.yaml
  ~ ConfigMap shop/a (v1)
      data.replicas: \"3\" → \"4\"
  - ConfigMap shop/b (v1)
";
    let (ran, changed) = changes(&shop, |shop| shop.run(&["render", "--check"]));
    let says = "2 objects of 2 components: 3 files not as committed; if that is meant: cargo xtask render --write";
    ran.exits(1).prints_among(shown).prints_among("charts/README.md\n").says(says);
    assert_eq!(changed, [""; 0]);
    // Of one component only, and without the documents.
    shop.run(&["render", "--write", "--app", "order-service"]).exits(0).prints_among(shown).says_among("2 files written");
    shop.run(&["render", "--check", "--app", "order-service"]).exits(0);
    shop.run(&["render", "--check"]).exits(1).prints_among("charts/README.md");
}

#[test]
fn the_golden_render_of_a_component_that_is_gone_goes_too() {
    let Some(shop) = shop() else { return };
    shop.run(&["render", "--write"]).exits(0);
    shop.write("golden/prod/other.yaml", "# old\n");
    shop.run(&["render", "--check"]).exits(1).prints_among("golden/prod/other.yaml\n  - no component of this environment");
    shop.run(&["render", "--write"]).exits(0);
    assert!(!shop.root().join("golden/prod/other.yaml").exists());
    // What a merge leaves is no obstacle.
    shop.replace("golden/prod/order-service.yaml", "kind: ConfigMap\n", "<<<<<<< HEAD\nkind: ConfigMap\n");
    shop.run(&["render", "--check"]).exits(1).prints_among("golden/prod/order-service.yaml\n  ~ it cannot be read: ");
    shop.run(&["render", "--write"]).exits(0);
    shop.run(&["render", "--check"]).exits(0);
}

/// The error of `render --app order-service` with these values in dev.
fn refused(shop: &Sandbox, values: &str) -> Ran {
    shop.write("config/dev/order-service.yaml", values);
    shop.run(&["render"]).exits(3).prints("")
}

#[test]
fn an_unknown_key_is_named_with_its_file_and_line() {
    let Some(shop) = shop() else { return };
    refused(&shop, "# dev\nhost: localhost\nimage:\n  # of today\n  tagg: \"2\"\n").says(
        "
         error: could not render order-service-dev
         Caused by: its values are not what the chart allows
         Caused by: config/dev/order-service.yaml:5: image.tagg: additional properties 'tagg' not allowed",
    );
}

#[test]
fn a_wrong_type_is_named_with_the_file_that_sets_it_last() {
    let Some(shop) = shop() else { return };
    // To YAML a bare `1.10` is a number; the chart's own file sets both keys too.
    refused(&shop, "# dev\nhost: localhost\nreplicas: two\nimage: {tag: 1.10}\n").says(
        "
         error: could not render order-service-dev
         Caused by: its values are not what the chart allows
         Caused by: config/dev/order-service.yaml:3: replicas: got string, want integer
         Caused by: config/dev/order-service.yaml:4: image.tag: got number, want string",
    );
}

#[test]
fn a_missing_key_is_named_with_the_files_that_could_set_it() {
    let Some(shop) = shop() else { return };
    refused(&shop, "# dev\nreplicas: 2\n").says(
        "
         error: could not render order-service-dev
         Caused by: its values are not what the chart allows
         Caused by: host: missing property 'host' (not set in charts/order-service/values.yaml, config/dev/order-service.yaml, config/engine/k3d.yaml)",
    );
}

#[test]
fn a_key_that_is_written_twice_is_refused_with_its_line() {
    let Some(shop) = shop() else { return };
    refused(&shop, "# dev\nhost: localhost\nimage:\n  tag: \"2\"\n  tag: \"3\"\n").says(
        "
         error: could not render order-service-dev
         Caused by: config/dev/order-service.yaml is not valid
         Caused by: image: duplicate entry with key \"tag\", again at line 5",
    );
}

#[test]
fn a_file_of_values_that_is_missing_is_named() {
    let Some(shop) = shop() else { return };
    std::fs::remove_file(shop.root().join("config/prod/order-service.yaml")).unwrap();
    shop.run(&["render", "--env", "prod"]).exits(3).says(
        "
         error: could not render order-service-prod
         Caused by: there is no config/prod/order-service.yaml, which argocd/applicationsets/01-services.yaml:2 names",
    );
}

#[test]
fn what_a_template_refuses_comes_with_its_own_words() {
    let Some(shop) = shop() else { return };
    shop.write("charts/order-service/templates/_check.yaml", "");
    shop.write("charts/order-service/templates/c.yaml", "{{ fail \"host must not be localhost\" }}\n");
    let ran = shop.run(&["render"]).exits(3);
    ran.says_among("host must not be localhost")
        .says_among("Caused by: its values, the later ones stronger: charts/order-service/values.yaml, ");
}

#[test]
fn the_checks_lint_and_compare_every_component_in_every_environment() {
    let Some(shop) = shop() else { return };
    // The programs of the cluster are missing here, and nothing else is wrong.
    let checks = || shop.run(&["ci", "--only", "charts"]).exits(1);
    checks()
        .prints_among("\nran      helm lint: 2 components pass --strict, in dev and prod ")
        .prints_among("\nFAILED   golden renders: 4 files ");
    shop.run(&["render", "--write"]).exits(0);
    checks().prints_among("\nran      golden renders: 4 objects of 2 components as committed, ");
    shop.write("config/prod/order-service.yaml", "# prod\nhost: shop.example\nport: 80\n");
    let says = "order-service-prod does not pass `helm lint --strict`: its values are not what the chart allows: config/prod/order-service.yaml:3: port: ";
    checks().prints_among(&format!("\nFAILED   helm lint: {says}"));
}

/// The charts of this repository themselves: each with a schema refuses a key that nobody knows, wherever its values come from.
#[test]
fn every_chart_with_a_schema_refuses_a_key_that_it_does_not_know() {
    let Some(helm) = pinned::program_or_skip("helm") else { return };
    let shop = Sandbox::new();
    shop.program("helm", &format!("exec '{}' \"$@\"", helm.display()));
    let copy = copy(&["argocd", "charts", "config", "environments"]);
    let mut strict = Vec::new();
    for file in files().iter().filter(|file| file.starts_with("config/dev/")) {
        let name = file.strip_prefix("config/dev/").and_then(|f| f.strip_suffix(".yaml")).unwrap_or_default();
        let has_schema = |folder: &str| copy.path().join(folder).join(name).join("values.schema.json").is_file();
        if has_schema("charts") || has_schema("charts/services") {
            let path = copy.path().join(file);
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.trim_end().strip_suffix("{}").unwrap_or(&text).to_string() + "\nnobodyKnows: true\n";
            strict.push(format!("{file}:{}: nobodyKnows: additional properties 'nobodyKnows' not allowed", text.lines().count()));
            std::fs::write(&path, text).unwrap();
        }
    }
    assert!(strict.len() >= 4, "{strict:?}");
    let ran = shop.run(&["--root", copy.path().to_str().unwrap(), "render"]).exits(3);
    let ran = strict.iter().fold(ran, |ran, line| ran.says_among(line));
    assert_eq!(ran.stderr.matches("nobodyKnows: additional").count(), strict.len(), "{}", ran.stderr);
}
