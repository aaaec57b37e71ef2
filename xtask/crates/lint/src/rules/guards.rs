//! How open a policy is, and how well the pods of a workload are locked in.

use std::collections::BTreeMap;

use gitops::comparison::text;
use serde_json::Value;

use super::pods::{containers, pod_template};

/// Does this guard hold nothing back? Then it is no loss.
pub fn is_open(guard: &Value) -> bool {
    match text(guard, "/kind") {
        "PeerAuthentication" => text(guard, "/spec/mtls/mode") != "STRICT",
        "AuthorizationPolicy" => match text(guard, "/spec/action") {
            "" | "ALLOW" => rules(guard, "rules").iter().any(|rule| rule.as_object().is_some_and(serde_json::Map::is_empty)),
            "DENY" => rules(guard, "rules").is_empty(),
            _ => true,
        },
        "PodDisruptionBudget" => {
            let number = |at: &str| guard.pointer(at).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_string));
            number("/spec/minAvailable").is_some_and(|n| n == "0" || n == "0%")
                || number("/spec/maxUnavailable").is_some_and(|n| n == "100%")
        }
        _ => false,
    }
}

fn rules<'a>(policy: &'a Value, list: &str) -> Vec<&'a Value> {
    policy.pointer(&format!("/spec/{list}")).and_then(Value::as_array).into_iter().flatten().collect()
}

/// How a network policy that still takes its pods lets everybody through, in words; `None` if it does not, or did so before.
pub fn loosened_policy(old: &Value, new: &Value) -> Option<&'static str> {
    let open = |policy: &Value, list: &str, peers: &str| {
        let all = |part: &Value| part.as_array().is_none_or(Vec::is_empty);
        rules(policy, list).iter().any(|rule| all(&rule[peers]) && all(&rule["ports"]))
    };
    if text(new, "/kind") != "NetworkPolicy" {
        return None;
    }
    match () {
        () if !open(old, "ingress", "from") && open(new, "ingress", "from") => Some("everything may come in"),
        () if !open(old, "egress", "to") && open(new, "egress", "to") => Some("everything may go out"),
        () => None,
    }
}

type Holds = fn(&Value) -> bool;

/// Settings of a container, or of its pod where it has none of its own.
const SETTINGS: &[(&str, Holds)] = &[
    ("runAsNonRoot", |value| *value == Value::Bool(true)),
    ("readOnlyRootFilesystem", |value| *value == Value::Bool(true)),
    ("allowPrivilegeEscalation", |value| *value == Value::Bool(false)),
    ("seccompProfile", |value| matches!(text(value, "/type"), "RuntimeDefault" | "Localhost")),
];

/// What the pods of a workload are no longer kept from, container by container. Containers that come or go do not count.
pub fn loosened_pods(old: &Value, new: &Value) -> Vec<String> {
    if let ("Namespace", was, is) = (text(old, "/kind"), level(old), level(new)) {
        return if is < was { vec![format!("a level of pod security: {} becomes {}", LEVELS[was], LEVELS[is])] } else { Vec::new() };
    }
    let (Some(old_pod), Some(new_pod)) = (pod_spec(old), pod_spec(new)) else { return Vec::new() };
    let mut lost = Vec::new();
    for key in ["hostNetwork", "hostPID", "hostIPC"] {
        if old_pod[key] != Value::Bool(true) && new_pod[key] == Value::Bool(true) {
            lost.push(format!("its own network or processes: `{key}` is true"));
        }
    }
    let after: BTreeMap<&str, &Value> = containers(new).into_iter().collect();
    for (name, was) in containers(old) {
        let Some(is) = after.get(name) else { continue };
        let (was, is) = (Context { pod: old_pod, container: was }, Context { pod: new_pod, container: is });
        for (key, holds) in SETTINGS {
            if was.get(key).is_some_and(holds) && !is.get(key).is_some_and(holds) {
                lost.push(format!("`{key}` of the container {name}"));
            }
        }
        let privileged = |context: &Context<'_>| context.get("privileged") == Some(&Value::Bool(true));
        if !privileged(&was) && privileged(&is) {
            lost.push(format!("its limits: the container {name} is privileged"));
        }
        if was.drops_all() && !is.drops_all() {
            lost.push(format!("`capabilities.drop: [ALL]` of the container {name}"));
        }
    }
    lost
}

struct Context<'a> {
    pod: &'a Value,
    container: &'a Value,
}

impl<'a> Context<'a> {
    fn get(&self, key: &str) -> Option<&'a Value> {
        let own = self.container.get("securityContext").and_then(|context| context.get(key));
        own.or_else(|| self.pod.get("securityContext").and_then(|context| context.get(key)))
    }

    fn drops_all(&self) -> bool {
        let list = self.get("capabilities").and_then(|c| c.get("drop")).and_then(Value::as_array);
        list.into_iter().flatten().any(|word| word == "ALL")
    }
}

fn pod_spec(object: &Value) -> Option<&Value> {
    if text(object, "/kind") == "Pod" { object.get("spec") } else { pod_template(object)?.get("spec") }
}

const LEVELS: [&str; 3] = ["privileged", "baseline", "restricted"];

/// How strict a namespace is about its pods: an index of [`LEVELS`].
fn level(namespace: &Value) -> usize {
    let label = text(namespace, "/metadata/labels/pod-security.kubernetes.io~1enforce");
    LEVELS.iter().position(|level| *level == label).unwrap_or_default()
}
