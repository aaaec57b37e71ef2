//! `render` on what is broken, random, too large or not there: everything else is rendered, and nothing is silently wrong.

use std::path::PathBuf;

use serde_json::Value;

use super::render::shop;
use super::sandbox::Sandbox;

/// The shop with a second component, `cart-service`: one object, no dependencies.
fn two() -> Option<Sandbox> {
    let shop = shop()?;
    shop.replace(
        "argocd/applicationsets/01-services.yaml",
        "- component: order-service\n",
        "- component: cart-service\n                - component: order-service\n",
    );
    shop.write("charts/cart-service/Chart.yaml", "apiVersion: v2\nname: cart-service\nversion: 1.0.0\n");
    shop.write("charts/cart-service/values.yaml", "text: cart\n");
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cart\n  namespace: shop\ndata:\n  text: {{ .Values.text | quote }}\n";
    shop.write("charts/cart-service/templates/cart.yaml", object);
    ["dev", "prod"].iter().for_each(|env| shop.write(&format!("config/{env}/cart-service.yaml"), "{}\n"));
    Some(shop)
}

const CART: &str = "---
apiVersion: v1
kind: ConfigMap
metadata:
  name: cart
  namespace: shop
data:
  text: cart
";

/// The entries of the cache.
fn entries(shop: &Sandbox) -> Vec<PathBuf> {
    let folders = std::fs::read_dir(shop.cache().join("renders")).unwrap().map(|e| e.unwrap().path());
    folders.flat_map(|dir| std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path())).collect()
}

#[test]
fn one_that_fails_does_not_hold_up_the_others() {
    let Some(shop) = two() else { return };
    shop.write("charts/order-service/templates/c.yaml", "{{ fail \"no\" }}\n");
    shop.run(&["render"])
        .exits(3)
        .prints(CART)
        .says_among("error: could not render order-service-dev\n")
        .says_among("1 object of 1 component");
    std::fs::remove_dir_all(shop.root().join("charts/order-service")).unwrap();
    let ran = shop.run(&["render"]).exits(3).prints(CART);
    ran.says_among(
        "error: could not render order-service-dev\nCaused by: source 2 of 2\nCaused by: charts/order-service: app path does not exist",
    );
}

#[test]
fn a_link_out_of_the_repository_and_a_text_in_another_encoding_are_named() {
    let Some(shop) = two() else { return };
    shop.write("config/dev/order-service.yaml", b"host: x\n# \xe9\n");
    shop.run(&["render"]).exits(3).prints(CART).says_among("Caused by: config/dev/order-service.yaml:2: it is not UTF-8");
    shop.write("config/dev/order-service.yaml", "host: x\n");
    std::os::unix::fs::symlink("../../../../outside", shop.root().join("charts/order-service/templates/link.yaml")).unwrap();
    let link = "Caused by: charts/order-service/templates/link.yaml: the link leads out of the repository, which Argo CD refuses";
    shop.run(&["render"]).exits(3).prints(CART).says_among(link);
}

#[test]
fn a_file_of_values_may_be_large() {
    let Some(shop) = two() else { return };
    let text = "x".repeat(1000);
    let large: String = (0..10_000).map(|n| format!("  k{n}: {text}\n")).collect();
    shop.write("config/dev/cart-service.yaml", format!("text: large\nmore:\n{large}"));
    shop.run(&["render", "--app", "cart-service"]).exits(0).prints(&CART.replace("text: cart", "text: large"));
}

#[test]
fn helm_is_ended_when_it_takes_too_long() {
    let Some(shop) = two() else { return };
    shop.run(&["render", "--app", "cart-service"]).exits(0);
    shop.program("helm", "[ $1 = version ] && echo v4.2.1 && exit; exec tail -f /dev/null");
    let ran = shop.run(&["render", "--timeout", "0"]).exits(3).prints(CART);
    ran.says_among("error: could not render order-service-dev\nCaused by: `helm template ")
        .says_among(" did not end within 0.0 s and was ended");
}

#[test]
fn a_damaged_entry_of_the_cache_is_noticed_and_replaced() {
    let Some(shop) = two() else { return };
    let whole = shop.run(&["render"]).exits(0).stdout;
    let all = entries(&shop);
    assert_eq!(all.len(), 2, "{all:?}");
    let good = std::fs::read(&all[0]).unwrap();
    let mut flipped = good.clone();
    let at = good.len() - 60;
    flipped[at] ^= 1;
    let foreign = std::fs::read(&all[1]).unwrap();
    for bad in [&good[..good.len() / 2], &flipped, &foreign, b""] {
        std::fs::write(&all[0], bad).unwrap();
        assert_eq!(shop.run(&["render"]).exits(0).stdout, whole);
        assert_eq!(std::fs::read(&all[0]).unwrap(), good, "it was replaced");
    }
    std::fs::remove_file(&all[0]).unwrap();
    std::fs::create_dir(&all[0]).unwrap();
    assert_eq!(shop.run(&["render"]).exits(0).stdout, whole);
    assert_eq!(std::fs::read(&all[0]).unwrap(), good);
}

#[test]
fn without_a_cache_it_renders_and_says_so() {
    let Some(shop) = two() else { return };
    std::fs::create_dir_all(shop.cache()).unwrap();
    std::fs::write(shop.cache().join("renders"), "a file").unwrap();
    shop.run(&["render", "--app", "cart-service"]).exits(0).prints(CART).says_among("nothing was kept for the next run: could not write ");
}

#[test]
fn what_is_another_one_each_time_is_said_also_from_the_cache() {
    let Some(shop) = two() else { return };
    let object = |name: &str, text: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: shop\ndata:\n  text: {text}\n")
    };
    shop.write("charts/cart-service/templates/random.yaml", object("random", "{{ randAlphaNum 20 }}"));
    shop.write("charts/cart-service/templates/year.yaml", object("year", "{{ now | date \"2006\" | quote }}"));
    shop.write("charts/cart-service/templates/calm.yaml", object("calm", "{{ .Values.now | default \"now\" }}"));
    let says = "
         cart-service-dev: unverified: ConfigMap shop/random is another one each time it is rendered (charts/cart-service/templates/random.yaml)
         cart-service-dev: unverified: ConfigMap shop/year is another one each time it is rendered (charts/cart-service/templates/year.yaml)
         4 objects of 1 component";
    let first = shop.run(&["render", "--app", "cart-service"]).exits(0);
    let printed = first.stdout.clone();
    first.says(says);
    assert_eq!(shop.run(&["render", "--app", "cart-service"]).exits(0).says(says).stdout, printed);
    shop.run(&["render", "--check"]).exits(3).says_among("is another one each time");
}

#[test]
fn json_names_the_template_of_every_object() {
    let Some(shop) = two() else { return };
    let template = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: s, annotations: {helm.sh/hook: pre-install}}}\n- {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r, namespace: x}}\n";
    shop.write("charts/words/templates/list.yaml", template);
    shop.replace("charts/words/Chart.yaml", "type: library\n", "");
    let printed = shop.run(&["render", "--app", "order-service", "--format", "json"]).exits(0).stdout;
    let all: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((&all["version"], &all["applications"][0]["name"]), (&1.into(), &"order-service-dev".into()));
    let objects = all["applications"][0]["objects"].as_array().unwrap();
    let shown = |o: &Value| format!("{} {} {} {}", o["object"]["kind"], o["object"]["metadata"]["namespace"], o["source"], o["hook"]);
    let wanted = [
        r#""ClusterRole" null "charts/words/templates/list.yaml" null"#,
        r#""ConfigMap" "shop" "charts/order-service/templates/a.yaml" null"#,
        r#""ConfigMap" "shop" "charts/order-service/templates/b.yaml" null"#,
        r#""Secret" "shop" "charts/words/templates/list.yaml" "pre-install""#,
    ];
    assert_eq!(objects.iter().map(shown).collect::<Vec<_>>(), wanted);
}

#[test]
fn a_range_of_versions_is_for_helm_to_decide() {
    let Some(shop) = two() else { return };
    let before = shop.run(&["render"]).exits(0).stdout;
    shop.replace("charts/order-service/Chart.yaml", "version: 1.0.0, repository", "version: ^1.0.0, repository");
    assert_eq!(shop.run(&["render"]).exits(0).stdout, before);
    shop.run(&["render", "--plan"]).exits(0).prints_among("$ helm dependency build --skip-refresh charts/order-service\n");
    shop.replace("charts/order-service/Chart.yaml", "version: ^1.0.0, repository", "version: 2.0.0, repository");
    let ran = shop.run(&["render"]).exits(3).prints(CART);
    ran.says_among(
        "error: could not render order-service-dev\nCaused by: `helm dependency build --skip-refresh charts/order-service` exited",
    );
}

/// A repository of another layout: an ApplicationSet in the old mode with multi-source, an Application of plain files, one of a
/// chart that is elsewhere, and one whose namespace is left to Argo CD.
#[test]
fn a_repository_of_any_layout_is_rendered_application_by_application() {
    let Some(shop) = two() else { return };
    let other = shop.root().join("../other");
    let write = |file: &str, text: &str| {
        let path = other.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let application = |name: &str, source: &str| {
        format!(
            "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\nspec:\n  project: default\n  destination: {{namespace: ns, name: in-cluster}}\n  source: {source}\n"
        )
    };
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: set}\nspec:\n  generators: [{list: {elements: [{key: one}, {key: two}]}}]\n  template:\n    metadata: {name: 'app-{{key}}'}\n    spec:\n      project: default\n      destination: {namespace: ns, name: in-cluster}\n      sources:\n      - {repoURL: 'https://git.example/other', ref: v}\n      - repoURL: https://git.example/other\n        path: deploy/chart\n        helm: {valueFiles: ['$v/values/{{key}}.yaml'], valuesObject: {more: true}, parameters: [{name: last, value: 'x,y'}]}\n";
    write("gitops/sets.yml", set);
    let plain = application("plain", "{repoURL: 'https://git.example/other', path: plain}");
    let far = application("far", "{repoURL: 'https://charts.example', chart: redis, targetRevision: 1.0.0}");
    let lost = application("lost", "{repoURL: 'https://git.example/other', path: nowhere}");
    write("gitops/apps.yaml", &format!("{plain}{far}"));
    write("plain/role.yaml", "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\n");
    write("plain/map.json", r#"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}}"#);
    write("deploy/chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 0.1.0\n");
    write(
        "deploy/chart/templates/a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\ndata: {key: {{ .Values.key | quote }}, more: {{ .Values.more | quote }}, last: {{ .Values.last | quote }}}\n",
    );
    write("values/one.yaml", "key: 1\n");
    write("values/two.yaml", "key: 2\n");
    let root = other.canonicalize().unwrap();
    let run = |more: &[&str]| shop.run(&[&["--root", root.to_str().unwrap(), "render"], more].concat());
    let map = |name: &str, n: &str| {
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: ns\ndata:\n  key: \"{n}\"\n  last: \"x,y\"\n  more: \"true\"\n"
        )
    };
    let plain = "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: r\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\n  namespace: ns\n";
    let ran = run(&[]).exits(0).prints_among(plain).prints_among(&map("app-one", "1")).prints_among(&map("app-two", "2"));
    ran.says_among("far: unverified: the chart redis of https://charts.example is not in this repository")
        .says_among("4 objects of 4 Applications");
    run(&["--app", "app-two"]).exits(0).prints(&map("app-two", "2"));
    run(&["--app", "app-three"]).exits(2);
    run(&["--check"]).exits(2);
    write("gitops/lost.yaml", &lost);
    run(&["--app", "app-one"]).exits(0).prints(&map("app-one", "1"));
    run(&[])
        .exits(3)
        .prints_among(&map("app-one", "1"))
        .says_among("error: could not render lost\nCaused by: nowhere: app path does not exist");
}
