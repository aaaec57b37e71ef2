//! Secrets of prod: what its ExternalSecrets deliver is what pods refer to, and what dev has under the same names.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::charts::{parse, value};
use super::pinned;
use super::this_repository::{copy, files, read};

const FOLDER: &str = "environments/prod/secrets/";

/// By namespace and name: the keys.
type Secrets = BTreeMap<(String, String), BTreeSet<String>>;

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no text at {pointer} in {value}")).to_string()
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn external_secrets() -> Vec<Value> {
    let folder = format!("{FOLDER}external-secrets/");
    let found: Vec<(String, Value)> =
        files().iter().filter_map(|f| Some((f.strip_prefix(&folder)?.to_string(), value(&read(f))))).collect();
    for (file, object) in &found {
        assert_eq!(*file, format!("{}.yaml", text(object, "/metadata/name")), "the file is named after its object");
    }
    found.into_iter().map(|(_, object)| object).collect()
}

/// The keys of the Secret that an ExternalSecret makes: those of its template, or else those of its data.
fn keys(object: &Value) -> BTreeSet<String> {
    match object.pointer("/spec/target/template/data") {
        Some(template) => template.as_object().unwrap().keys().cloned().collect(),
        None => list(object, "/spec/data").iter().map(|d| text(d, "/secretKey")).collect(),
    }
}

fn delivered() -> Secrets {
    let of = |o: &Value| ((text(o, "/metadata/namespace"), text(o, "/spec/target/name")), keys(o));
    external_secrets().iter().map(of).collect()
}

/// What dev-init makes.
fn generated() -> Secrets {
    let all = value(&read("environments/dev/secrets.yaml"));
    let of = |s: &Value| {
        let keys = s.get("keys").and_then(Value::as_object).map(|k| k.keys().cloned().collect());
        ((text(s, "/namespace"), text(s, "/name")), keys.unwrap_or_default())
    };
    all.as_array().unwrap().iter().map(of).collect()
}

/// What a service reads from its Secret, in every environment.
fn rows(service: &str) -> BTreeSet<String> {
    let pair = |prefix: &str| [format!("{prefix}_USERNAME"), format!("{prefix}_PASSWORD")];
    let mut rows = BTreeSet::from(pair("SPRING_DATASOURCE_MASTER"));
    rows.extend(pair("SPRING_DATASOURCE_REPLICA"));
    if service == "saga-tracker" {
        rows.extend(pair("SPRING_DATASOURCE"));
    } else {
        rows.extend(["SPRING_REDIS_PASSWORD", "SPRING_REDISSON_PASSWORD"].map(String::from));
    }
    if service == "customer-service" {
        rows.insert("JWT_SECRET".into());
    }
    rows
}

/// Chart and fullname of every service.
fn services() -> Vec<(String, String)> {
    let of = |f: &String| {
        let chart = f.strip_prefix("charts/services/")?.strip_suffix("/values.yaml")?;
        let values = value(&read(f));
        Some((chart.to_string(), text(&values, "/fullnameOverride")))
    };
    files().iter().filter_map(of).collect()
}

#[test]
fn prod_delivers_to_every_service_what_it_reads() {
    let delivered = delivered();
    let services = services();
    assert_eq!(services.len(), 7);
    for (chart, fullname) in services {
        let secret = ("ecommerce".to_string(), format!("{fullname}-secret"));
        assert_eq!(delivered.get(&secret), Some(&rows(&chart)), "{chart}");
    }
}

#[test]
fn dev_and_prod_have_the_same_secrets_but_for_what_only_one_of_them_runs() {
    let (dev, prod) = (generated(), delivered());
    // Databases with their exporter, certificates: in dev they are this cluster's, in prod they are managed.
    let of_dev = |name: &str| name.ends_with("-db-credentials") || name.ends_with("-tls-cert") || name == "postgres-exporter";
    let only_dev: Vec<&str> = dev.keys().filter(|k| !prod.contains_key(*k)).map(|(_, name)| name.as_str()).collect();
    assert!(only_dev.iter().all(|name| of_dev(name)), "prod lacks some of {only_dev:?}");
    // Dev has no Alertmanager.
    let only_prod: Vec<&str> = prod.keys().filter(|k| !dev.contains_key(*k)).map(|(_, name)| name.as_str()).collect();
    assert_eq!(only_prod, ["alertmanager-slack"]);
    for (secret, keys) in &prod {
        let Some(mut other) = dev.get(secret).cloned() else { continue };
        if secret.1 == "product-api-secret" {
            // In prod a role of its ServiceAccount opens the bucket.
            assert!(other.remove("AWS_ACCESS_KEY_ID") && other.remove("AWS_SECRET_ACCESS_KEY"), "the exception is out of date");
        }
        assert_eq!(*keys, other, "{}", secret.1);
    }
}

#[test]
fn an_externalsecret_names_the_store_and_uses_what_it_reads() {
    let store = value(&read(&format!("{FOLDER}secret-store.yaml")));
    let account = value(&read(&format!("{FOLDER}service-account.yaml")));
    for part in ["name", "namespace"] {
        let used = text(&store, &format!("/spec/provider/aws/auth/jwt/serviceAccountRef/{part}"));
        assert_eq!(used, text(&account, &format!("/metadata/{part}")));
    }
    let policy: Value = serde_json::from_str(&read(&format!("{FOLDER}iam/external-secrets-policy.json"))).unwrap();
    let (_, prefix) = text(&policy, "/Statement/0/Resource").rsplit_once(":secret:").map(|(a, b)| (a.to_string(), b.to_string())).unwrap();
    for object in external_secrets() {
        let name = text(&object, "/metadata/name");
        assert_eq!(text(&object, "/spec/target/name"), name);
        assert_eq!(text(&object, "/spec/secretStoreRef/name"), text(&store, "/metadata/name"), "{name}");
        assert_eq!(text(&object, "/spec/secretStoreRef/kind"), text(&store, "/kind"), "{name}");
        let data = list(&object, "/spec/data");
        assert!(!data.is_empty(), "{name} reads nothing");
        for entry in data {
            let remote = text(entry, "/remoteRef/key");
            assert!(remote.starts_with(prefix.trim_end_matches('*')), "{name}: the role may not read {remote}");
        }
        if let Some(template) = object.pointer("/spec/target/template/data").and_then(Value::as_object) {
            let read: BTreeSet<String> = data.iter().map(|d| format!("{{{{ .{} }}}}", text(d, "/secretKey"))).collect();
            let used: BTreeSet<String> = template.values().map(|v| v.as_str().unwrap().to_string()).collect();
            assert_eq!(used, read, "{name}: the template does not use what is read");
        }
    }
}

/// Names of Secrets that `value` refers to, each with its key if it names one.
fn references(value: &Value, found: &mut Vec<(String, Option<String>)>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                match key.as_str() {
                    "secretKeyRef" => found.push((text(inner, "/name"), Some(text(inner, "/key")))),
                    "secretRef" => found.push((text(inner, "/name"), None)),
                    "secretName" => found.push((inner.as_str().unwrap_or_default().to_string(), None)),
                    _ => references(inner, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|v| references(v, found)),
        _ => {}
    }
}

/// Chart and namespace of every component that has values for prod.
fn components() -> Vec<(String, String, String)> {
    let mut components = Vec::new();
    for file in files().iter().filter(|f| f.starts_with("argocd/applicationsets/")) {
        let set = value(&read(file));
        let namespace = text(&set, "/spec/template/spec/destination/namespace");
        for children in list(&set, "/spec/generators").iter().map(|g| list(g, "/matrix/generators")) {
            for element in children.iter().flat_map(|c| list(c, "/list/elements")) {
                let name = text(element, "/component");
                let chart = ["charts", "charts/services"].map(|folder| format!("{folder}/{name}"));
                let chart = chart.into_iter().find(|c| files().contains(&format!("{c}/Chart.yaml")));
                if let Some(chart) = chart.filter(|_| files().contains(&format!("config/prod/{name}.yaml"))) {
                    components.push((name, chart, namespace.clone()));
                }
            }
        }
    }
    components
}

#[test]
fn every_secret_that_a_pod_of_prod_refers_to_is_delivered() {
    let Some(helm) = pinned::program_or_skip("helm") else { return };
    let dir = copy(&["charts", "config"]);
    let delivered = delivered();
    for (name, chart, namespace) in components() {
        let run = |args: &[&str]| {
            let mut command = Command::new(&helm);
            command.args(args).current_dir(dir.path()).env_clear().env("HOME", dir.path().join("home")).stdin(Stdio::null());
            let ran = command.output().unwrap();
            assert!(ran.status.success(), "helm {args:?}: {}", String::from_utf8_lossy(&ran.stderr));
            String::from_utf8(ran.stdout).unwrap()
        };
        run(&["dependency", "build", &chart]);
        let manifests = run(&["template", &name, &chart, "--namespace", &namespace, "--values", &format!("config/prod/{name}.yaml")]);
        let mut found = Vec::new();
        parse(&manifests).iter().for_each(|o| references(o, &mut found));
        for (secret, key) in &found {
            let keys = delivered.get(&(namespace.clone(), secret.clone()));
            let whole = keys.is_some_and(|k| key.as_ref().is_none_or(|key| k.contains(key)));
            assert!(whole, "{name} refers to {secret} ({}) in {namespace}", key.as_deref().unwrap_or("all keys"));
        }
        let service = chart.starts_with("charts/services/");
        assert!(!service || found.iter().any(|(secret, _)| secret.ends_with("-api-secret")), "{name}: this test finds no reference");
    }
}
