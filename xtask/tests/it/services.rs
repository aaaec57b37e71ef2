//! The services as their charts render them: one schema, the same variables in both environments, and both ways of releasing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::charts::{helm, parse, value};
use super::pinned;
use super::this_repository::{copy, files, read};

const SCHEMA: &str = "charts/library/service/schema/values.schema.json";

fn yaml(file: &str) -> Value {
    value(&read(file))
}

/// Names of the service charts.
fn services() -> Vec<String> {
    let names = files().into_iter().filter_map(|f| Some(f.strip_prefix("charts/services/")?.strip_suffix("/Chart.yaml")?.to_string()));
    let names: Vec<String> = names.collect();
    assert!(names.len() >= 7, "service charts were lost: {names:?}");
    names
}

/// What Helm makes of a service.
fn rendered(service: &str, env: &str, set: &[&str]) -> Option<BTreeMap<String, Value>> {
    let program = pinned::program_or_skip("helm")?;
    let copy = copy(&["charts/library", "charts/services", "config"]);
    let chart = format!("charts/services/{service}");
    helm(&program, copy.path(), &["dependency", "build", &chart]).unwrap();
    let values = format!("config/{env}/{service}.yaml");
    let set: Vec<&str> = set.iter().flat_map(|s| ["--set", *s]).collect();
    let place = [format!("{service}-{env}"), chart];
    let args = ["template", &place[0], &place[1], "--namespace", "ecommerce", "--values", &values];
    let objects = parse(&helm(&program, copy.path(), &[&args, &set[..]].concat()).unwrap());
    let name = |o: &Value| format!("{} {}", o["kind"].as_str().unwrap(), o["metadata"]["name"].as_str().unwrap());
    Some(objects.into_iter().map(|o| (name(&o), o)).collect())
}

#[test]
fn every_service_chart_has_the_schema_of_the_library() {
    let schema = read(SCHEMA);
    for service in services() {
        let copy = format!("charts/services/{service}/values.schema.json");
        let same = files().contains(&copy) && read(&copy) == schema;
        assert!(same, "{copy} differs: for c in charts/services/*/; do cp {SCHEMA} $c; done");
    }
}

/// Paths of the keys of a map; what the schema leaves open ends a path.
fn keys(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    const OPEN: [&str; 8] =
        ["config", "serviceAccount.annotations", "nodeSelector", "preferredNodeLabels", "tolerations", "extraEnv", "global", "service-lib"];
    for (key, below) in value.as_object().into_iter().flatten() {
        let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
        if !OPEN.contains(&path.as_str()) {
            keys(below, &path, found);
        }
        found.insert(path);
    }
}

/// The schema as a map of the same form as the values.
fn as_values(schema: &Value, of: &Value) -> Value {
    let target = schema["$ref"].as_str().map(|r| of.pointer(r.trim_start_matches('#')).unwrap_or_else(|| panic!("no {r}")));
    let schema = target.unwrap_or(schema);
    let Some(properties) = schema["properties"].as_object().filter(|_| schema["type"] == "object") else { return Value::Null };
    Value::Object(properties.iter().map(|(k, v)| (k.clone(), as_values(v, of))).collect())
}

#[test]
fn the_schema_knows_exactly_the_keys_that_the_library_gives_a_default() {
    let schema: Value = serde_json::from_str(&read(SCHEMA)).unwrap();
    let (mut known, mut defaults) = (BTreeSet::new(), BTreeSet::new());
    keys(&as_values(&schema, &schema), "", &mut known);
    keys(&yaml("charts/library/service/values.yaml"), "", &mut defaults);
    known.retain(|k| !["global", "service-lib"].contains(&k.as_str()));
    assert_eq!(known, defaults);
}

#[test]
fn both_environments_give_every_service_the_same_variables() {
    for service in services() {
        let variables = ["dev", "prod"].map(|env| {
            let values = yaml(&format!("config/{env}/{service}.yaml"));
            values["config"].as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>()
        });
        assert_eq!(variables[0], variables[1], "config/{{dev,prod}}/{service}.yaml: one environment lacks a variable");
    }
}

#[test]
fn no_value_of_prod_is_one_of_a_development_cluster() {
    for service in services() {
        let text = read(&format!("config/prod/{service}.yaml"));
        for word in ["localhost", "imagePullSecrets", "kafka:9092", "\"dev\"", "-dev\""] {
            assert!(!text.contains(word), "config/prod/{service}.yaml: `{word}`");
        }
    }
}

#[test]
fn the_sizes_of_prod_are_the_agreed_ones() {
    for (service, requests, replicas, scaled, node) in [
        ("customer-service", "500m/1Gi", None, Some((2, 10)), "high-traffic"),
        ("order-service", "500m/1Gi", None, Some((2, 10)), "high-traffic"),
        ("payment-service", "500m/1Gi", None, Some((2, 10)), "high-traffic"),
        ("product-service", "500m/1Gi", None, Some((2, 10)), "high-traffic"),
        ("recommendation-service", "500m/1Gi", None, Some((2, 10)), "low-traffic"),
        ("saga-tracker", "250m/512Mi", Some(1), None, "low-traffic"),
        ("store-service", "100m/512Mi", Some(2), None, "low-traffic"),
    ] {
        let Some(objects) = rendered(service, "prod", &[]) else { return };
        let fullname = format!("{}-api", service.strip_suffix("-service").unwrap_or(service));
        let rollout = &objects[&format!("Rollout {fullname}")]["spec"];
        let resources = &rollout["template"]["spec"]["containers"][0]["resources"]["requests"];
        let size = format!("{}/{}", resources["cpu"].as_str().unwrap(), resources["memory"].as_str().unwrap());
        assert_eq!(size, requests, "{service}");
        assert_eq!(rollout.get("replicas").and_then(Value::as_i64), replicas, "{service}");
        let scaler = objects.get(&format!("HorizontalPodAutoscaler {fullname}")).map(|o| &o["spec"]);
        assert_eq!(scaler.map(|s| (s["minReplicas"].as_i64().unwrap(), s["maxReplicas"].as_i64().unwrap())), scaled, "{service}");
        assert_eq!(objects.contains_key(&format!("PodDisruptionBudget {fullname}")), replicas != Some(1), "{service}");
        let affinity = rollout["template"]["spec"]["affinity"].to_string();
        assert!(
            affinity.contains(node) && affinity.contains("preferredDuring") && !affinity.contains("requiredDuring"),
            "{service}: {affinity}"
        );
        assert_eq!(rollout["template"]["spec"].get("imagePullSecrets"), None, "{service}");
    }
}

#[test]
fn a_selector_has_nothing_that_changes_with_a_version() {
    for service in services() {
        let Some(objects) = rendered(&service, "dev", &["image.tag=v9"]) else { return };
        let wanted = json!({ "app.kubernetes.io/name": service, "app.kubernetes.io/instance": format!("{service}-dev") });
        for (name, object) in &objects {
            let spec = &object["spec"];
            let selectors = match object["kind"].as_str().unwrap() {
                "Service" => vec![&spec["selector"]],
                "NetworkPolicy" => vec![&spec["podSelector"]["matchLabels"]],
                "Rollout" => vec![
                    &spec["selector"]["matchLabels"],
                    &spec["template"]["spec"]["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"],
                ],
                _ => vec![],
            };
            selectors.into_iter().for_each(|s| assert_eq!(*s, wanted, "{name}"));
        }
    }
}

#[test]
fn a_changed_variable_changes_the_pods_and_a_label_does_not() {
    let checksum = |set: &[&str]| {
        let objects = rendered("order-service", "dev", set)?;
        Some(objects["Rollout order-api"]["spec"]["template"]["metadata"]["annotations"]["checksum/config"].clone())
    };
    let Some(before) = checksum(&[]) else { return };
    assert_eq!(checksum(&["replicaCount=3"]).unwrap(), before);
    assert_ne!(checksum(&["config.SPRING_PROFILES_ACTIVE=other"]).unwrap(), before);
}

#[test]
fn every_rollout_subscribes_to_the_nine_messages_and_can_do_without() {
    let subscriptions = |set: &[&str]| {
        let objects = rendered("order-service", "dev", set)?;
        let annotations = objects["Rollout order-api"]["metadata"].get("annotations").cloned().unwrap_or_default();
        let names = annotations.as_object().into_iter().flatten();
        let is_one = |k: &str| k.starts_with("notifications.argoproj.io/subscribe.on-") && k.ends_with(".discord");
        Some(names.filter(|(k, v)| is_one(k) && **v == "").count())
    };
    let Some(by_default) = subscriptions(&[]) else { return };
    assert_eq!(by_default, 9);
    assert_eq!(subscriptions(&["notifications.discord.enabled=false"]), Some(0));
}

#[test]
fn a_canary_has_a_service_of_its_own_and_goes_by_the_weights_of_the_mesh() {
    let Some(canary) = rendered("product-service", "prod", &["strategy=canary"]) else { return };
    assert!(canary.contains_key("Service product-api-canary") && !canary.contains_key("Service product-api-preview"));
    let strategy = &canary["Rollout product-api"]["spec"]["strategy"];
    assert!(strategy.get("blueGreen").is_none());
    let strategy = &strategy["canary"];
    assert_eq!((&strategy["stableService"], &strategy["canaryService"]), (&json!("product-api"), &json!("product-api-canary")));
    let route = json!({ "istio": { "virtualService": { "name": "product-api-vs", "routes": ["primary"] } } });
    assert_eq!(strategy["trafficRouting"], route);
    let steps = strategy["steps"].as_array().unwrap();
    let words: Vec<String> = steps
        .iter()
        .map(|s| s.get("setWeight").map_or_else(|| s.as_object().unwrap().keys().cloned().collect(), Value::to_string))
        .collect();
    assert_eq!(words, ["10", "analysis", "30", "pause", "60", "pause"]);
    let target = &steps[1]["analysis"]["args"][0];
    assert_eq!(*target, json!({ "name": "service-name", "value": "product-api-canary" }));

    let blue_green = rendered("product-service", "prod", &[]).unwrap();
    assert!(blue_green.contains_key("Service product-api-preview") && !blue_green.contains_key("Service product-api-canary"));
}

#[test]
fn the_mesh_splits_the_traffic_of_canaries_only() {
    let Some(program) = pinned::program_or_skip("helm") else { return };
    let copy = copy(&["charts/istio", "config/dev"]);
    let args = ["template", "istio", "charts/istio", "--values", "config/dev/istio.yaml", "--set"];
    let render = |set: &str| helm(&program, copy.path(), &[&args[..], &[set]].concat());
    let objects = parse(&render("canary={product-api}").unwrap());
    let destinations = |name: &str| {
        let route = objects.iter().find(|o| o["kind"] == "VirtualService" && o["metadata"]["name"] == name).unwrap();
        let http = &route["spec"]["http"][0];
        assert_eq!(http["name"], "primary");
        let parts = http["route"].as_array().unwrap().iter();
        parts.map(|d| (d["destination"]["host"].as_str().unwrap().to_string(), d["weight"].as_i64())).collect::<Vec<_>>()
    };
    assert_eq!(destinations("product-api-vs"), [("product-api".to_string(), Some(100)), ("product-api-canary".to_string(), Some(0))]);
    assert_eq!(destinations("order-api-vs"), [("order-api".to_string(), None)]);
    let rules = objects.iter().filter(|o| o["kind"] == "DestinationRule" && o["spec"]["host"] == "product-api-canary").count();
    assert_eq!(rules, 1);
    assert!(render("canary={product-ap}").unwrap_err().contains("canary: `product-ap` is not in the list services"));
}

#[test]
fn argo_cd_leaves_the_weights_of_a_canary_alone() {
    let set = yaml("argocd/applicationsets/03-istio.yaml");
    let spec = &set["spec"]["template"]["spec"];
    let wanted =
        json!([{ "group": "networking.istio.io", "kind": "VirtualService", "jqPathExpressions": [".spec.http[].route[].weight"] }]);
    assert_eq!(spec["ignoreDifferences"], wanted);
    assert!(spec["syncPolicy"]["syncOptions"].as_array().unwrap().contains(&json!("RespectIgnoreDifferences=true")));
}
