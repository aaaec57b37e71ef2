//! charts/istio: what must hold of gateways and mesh in dev and prod, and what the chart refuses.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::charts::parse;
use super::pinned;
use super::this_repository::root;

const ENVIRONMENTS: [&str; 2] = ["dev", "prod"];

/// The objects of an environment with further arguments of Helm. Errors: what Helm printed.
fn render(helm: &Path, env: &str, more: &[&str]) -> Result<Vec<Value>, String> {
    let values = format!("config/{env}/istio.yaml");
    let mut command = Command::new(helm);
    command.args(["template", "istio", "charts/istio", "--namespace", "ecommerce", "--values", &values]).args(more);
    let ran = command.current_dir(root()).env_clear().env("HOME", "/nonexistent").stdin(Stdio::null()).output().unwrap();
    if !ran.status.success() {
        return Err(String::from_utf8(ran.stderr).unwrap());
    }
    let manifests = String::from_utf8(ran.stdout).unwrap();
    Ok(parse(&manifests))
}

/// Spec of every object of a kind, by name.
fn specs(objects: &[Value], kind: &str) -> BTreeMap<String, Value> {
    let of_kind = objects.iter().filter(|o| o["kind"] == kind);
    of_kind.map(|o| (o["metadata"]["name"].as_str().unwrap().to_string(), o["spec"].clone())).collect()
}

#[test]
fn values_that_would_not_protect_or_say_nothing_are_refused_by_their_name() {
    let Some(helm) = pinned::program_or_skip("helm") else { return };
    let refused = [
        (["--set", "security.jwt.jwks="], "security.jwt.jwks is required"),
        (["--set-json", r#"security.jwt.jwks="{\"keys\":[{\"kty\":\"RSA\",\"d\":\"x\"}]}""#], "holds a private key"),
        (["--set", "security.webhook.ipWhitelist=null"], "security.webhook.ipWhitelist is empty"),
        (["--set", "circuitBreaker.services.payments.outlierDetection.interval=1s"], "circuitBreaker.services.payments is not one of"),
        (["--set", "rateLimit.enabeld=true"], "enabeld"),
        (["--set", "mesh.outlierDetection.consecutive5xxErors=3"], "consecutive5xxErors"),
    ];
    for (arguments, words) in refused {
        let printed = render(&helm, "prod", &arguments).expect_err(&format!("{arguments:?} was rendered"));
        assert!(printed.contains(words), "{arguments:?}: {printed}");
    }
    // Dev has no hardened numbers.
    let printed = render(&helm, "dev", &["--set", "circuitBreaker.enabled=true"]).unwrap_err();
    assert!(printed.contains("circuitBreaker.connectionPool is required"), "{printed}");
}

#[test]
fn default_deny_holds_and_without_a_token_only_public_calls_pass() {
    let Some(helm) = pinned::program_or_skip("helm") else { return };
    for env in ENVIRONMENTS {
        let policies = specs(&render(&helm, env, &[]).unwrap(), "AuthorizationPolicy");
        assert_eq!(policies.len(), 8);
        // Any other action would not deny what it does not name.
        assert!(policies.values().all(|p| p["action"] == "ALLOW"), "{env}");
        let everywhere = |p: &Value| p.get("selector").is_none() && p.get("targetRefs").is_none();
        let covering: Vec<&String> = policies.iter().filter(|(_, p)| everywhere(p)).map(|(name, _)| name).collect();
        assert_eq!(covering, ["allow-mesh-internal"], "{env}: this one covers every workload, so the rest is denied");
        let mut open: Vec<&str> = Vec::new();
        for (name, policy) in &policies {
            for rule in policy["rules"].as_array().unwrap() {
                assert!(rule.get("to").is_some() || name == "allow-mesh-internal", "{env}: {name} allows every path");
                if rule.get("from").is_none() {
                    open.push(name);
                }
            }
        }
        // Nobody lists a payment provider for a laptop.
        let expected: &[&str] = if env == "dev" { &["allow-public-endpoints", "webhook-access"] } else { &["allow-public-endpoints"] };
        assert_eq!(open, expected, "{env}");
    }
}

#[test]
fn hardened_limits_replace_the_everyday_ones_and_services_keep_their_own() {
    let Some(helm) = pinned::program_or_skip("helm") else { return };
    let everyday = specs(&render(&helm, "prod", &[]).unwrap(), "DestinationRule");
    assert_eq!(everyday.len(), 7);
    assert!(everyday.values().all(|r| r["trafficPolicy"]["connectionPool"]["http"]["http2MaxRequests"] == 100));
    let hardened = specs(&render(&helm, "prod", &["--set", "circuitBreaker.enabled=true"]).unwrap(), "DestinationRule");
    for (name, rule) in hardened {
        let policy = &rule["trafficPolicy"];
        assert_eq!(policy["connectionPool"]["http"]["http2MaxRequests"], 1000, "{name}");
        let (errors, ejection) = match name.as_str() {
            "payment-api-dr" => (3, "30s"),
            "product-api-dr" => (10, "30s"),
            "order-api-dr" => (5, "15s"),
            _ => (5, "30s"),
        };
        let outlier = &policy["outlierDetection"];
        for counter in ["consecutive5xxErrors", "consecutiveGatewayErrors", "consecutiveLocalOriginFailures"] {
            assert_eq!(outlier[counter], errors, "{name}: {counter}");
        }
        assert_eq!(outlier["baseEjectionTime"], ejection, "{name}");
        assert_eq!(outlier["minHealthPercent"], 30, "{name}");
    }
}

#[test]
fn rate_limits_are_off_until_switched_on_and_then_count_before_and_after_the_token_check() {
    let Some(helm) = pinned::program_or_skip("helm") else { return };
    for env in ENVIRONMENTS {
        let filters = specs(&render(&helm, env, &[]).unwrap(), "EnvoyFilter");
        assert_eq!(filters.keys().collect::<Vec<_>>(), ["auth-error-response", "strip-identity-headers"], "{env}");
        let filters = specs(&render(&helm, env, &["--set", "rateLimit.enabled=true"]).unwrap(), "EnvoyFilter");
        let patches = filters["gateway-rate-limit"]["configPatches"].as_array().unwrap();
        let operations: Vec<&Value> = patches.iter().map(|p| &p["patch"]["operation"]).collect();
        assert_eq!(operations, ["INSERT_FIRST", "INSERT_AFTER"], "{env}");
        let mut buckets = BTreeMap::new();
        for config in patches.iter().map(|p| &p["patch"]["value"]["typed_config"]) {
            let mut add = |name: String, bucket: &Value| buckets.insert(name, json!([bucket["tokens_per_fill"], bucket["max_tokens"]]));
            add("global".into(), &config["token_bucket"]);
            for descriptor in config["descriptors"].as_array().unwrap() {
                let entry = &descriptor["entries"][0];
                let name = entry.get("value").unwrap_or(&entry["key"]).as_str().unwrap();
                add(name.to_string(), &descriptor["token_bucket"]);
            }
        }
        let expected = json!({
            "global": [1000, 2000], "remote_address": [100, 200], "user": [50, 100],
            "auth": [10, 20], "orders": [20, 50], "payments": [10, 30],
        });
        assert_eq!(json!(buckets), expected, "{env}");
    }
}
