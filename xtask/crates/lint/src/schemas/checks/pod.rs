//! Pods: containers, what they mount, how they are probed, what they ask for.

use serde_json::Value;

use super::super::ViolationKind as Kind;
use super::super::walk::Walk;
use super::super::{formats, names};
use super::{Fields, entries, given, meta, no_doubles, not_empty, not_negative, number, object, port, port_or_name, required_text, text};

/// `ValidatePodSpec` of pkg/apis/core/validation.
pub(super) fn spec<'v>(pod: &'v Fields, walk: &mut Walk<'v>) {
    if pod.contains_key("containers") && entries(pod, "containers").is_empty() && !walk.partial {
        walk.say_at("containers", Kind::Empty, "must have an entry");
    }
    volumes(pod, walk);
    let lists = ["containers", "initContainers"];
    let mut seen: Vec<&str> = Vec::new();
    for list in lists {
        walk.each(pod, list, |walk, container| {
            let Some(container) = container.as_object() else { return };
            let name = text(container, "name");
            if !name.is_empty() && seen.contains(&name) {
                walk.say_at("name", Kind::Duplicate, format!("is `{name}`, which another container of the pod has"));
            }
            seen.push(name);
            let known = |name: &str, walk: &Walk| {
                walk.volumes.iter().any(|volume| volume == name)
                    || entries(pod, "volumes").iter().any(|volume| volume.get("name").and_then(Value::as_str) == Some(name))
            };
            for (mounts, at) in [("volumeMounts", "mountPath"), ("volumeDevices", "devicePath")] {
                walk.each(container, mounts, |walk, mount| {
                    let name = mount.get("name").and_then(Value::as_str).unwrap_or_default();
                    if !name.is_empty() && !walk.partial && !walk.is_filled_in(name) && !known(name, walk) {
                        walk.say_at("name", Kind::Inconsistent, format!("is `{name}`, and the pod has no such volume"));
                    }
                    let sub = mount.get("subPath").and_then(Value::as_str).unwrap_or_default();
                    if sub.starts_with('/') || sub.split('/').any(|part| part == "..") {
                        walk.say_at("subPath", Kind::Format, format!("is `{sub}`, and must be a path downwards, without `..`"));
                    }
                    if mount.get(at).and_then(Value::as_str) == Some("") {
                        walk.say_at(at, Kind::Empty, "must not be empty");
                    }
                });
                no_doubles(container, mounts, at, Kind::Duplicate, walk);
            }
            if pod.get("hostNetwork") == Some(&Value::Bool(true)) {
                walk.each(container, "ports", |walk, port| {
                    let host = port.get("hostPort").and_then(Value::as_f64).filter(|n| *n != 0.0);
                    if host.is_some() && host != port.get("containerPort").and_then(Value::as_f64) {
                        walk.say_at("hostPort", Kind::Inconsistent, "must be the containerPort in a pod with hostNetwork");
                    }
                });
            }
            if list == "initContainers" && text(container, "restartPolicy") != "Always" {
                for key in ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle"].iter().filter(|key| given(container, key)) {
                    walk.say_at(key, Kind::Inconsistent, "must not be given in an init container, unless its restartPolicy is `Always`");
                }
            }
        });
    }
    meta::labels(pod, "nodeSelector", walk);
    for (key, what) in [("serviceAccountName", "ServiceAccount"), ("priorityClassName", "PriorityClass")] {
        let name = text(pod, key);
        if let Some(why) = (!name.is_empty() && !walk.is_filled_in(name)).then(|| names::dns_subdomain(name)).flatten() {
            walk.say_at(key, Kind::Name, format!("is `{name}`, no name of a {what}: {why}"));
        }
    }
    for key in ["hostname", "subdomain"] {
        let name = text(pod, key);
        if let Some(why) = (!name.is_empty() && !walk.is_filled_in(name)).then(|| names::dns_label(name)).flatten() {
            walk.say_at(key, Kind::Name, format!("is `{name}`, no DNS label: {why}"));
        }
    }
    walk.each(pod, "hostAliases", |walk, alias| {
        if let Some(ip) = alias.get("ip").and_then(Value::as_str).filter(|ip| !formats::is_ip(ip)) {
            walk.say_at("ip", Kind::Format, format!("is `{ip}`, no IP address"));
        }
    });
    if let Some(context) = object(pod, "securityContext") {
        walk.key("securityContext", |walk| not_negative(context, &["runAsUser", "runAsGroup", "fsGroup"], walk));
    }
    tolerations(pod, walk);
    if let Some(n) = number(pod, "activeDeadlineSeconds").filter(|n| *n < 1.0) {
        walk.say_at("activeDeadlineSeconds", Kind::OutOfRange, format!("is {n}, and must be at least 1"));
    }
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    walk.each(pod, "topologySpreadConstraints", |walk, constraint| {
        let Some(constraint) = constraint.as_object() else { return };
        let pair = (text(constraint, "topologyKey"), text(constraint, "whenUnsatisfiable"));
        if pairs.contains(&pair) {
            walk.say(Kind::Duplicate, format!("has `{}` and `{}`, as another constraint of the pod", pair.0, pair.1));
        }
        pairs.push(pair);
        if let Some(n) = number(constraint, "maxSkew").filter(|n| *n < 1.0) {
            walk.say_at("maxSkew", Kind::OutOfRange, format!("is {n}, and must be more than 0"));
        }
        not_empty(constraint, "topologyKey", walk);
        not_empty(constraint, "whenUnsatisfiable", walk);
    });
}

/// `ValidateTolerations` of pkg/apis/core/validation.
fn tolerations<'v>(pod: &'v Fields, walk: &mut Walk<'v>) {
    walk.each(pod, "tolerations", |walk, toleration| {
        let Some(toleration) = toleration.as_object() else { return };
        let (key, operator) = (text(toleration, "key"), text(toleration, "operator"));
        if let Some(why) = (!key.is_empty()).then(|| names::qualified_name(key)).flatten() {
            walk.say_at("key", Kind::LabelKey, format!("is `{key}`, no key of a taint: {why}"));
        }
        if key.is_empty() && operator != "Exists" {
            walk.say_at("operator", Kind::Inconsistent, "must be `Exists` where there is no key");
        }
        if operator == "Exists" && !text(toleration, "value").is_empty() {
            walk.say_at("operator", Kind::Inconsistent, "must not be `Exists` beside a value");
        }
        if given(toleration, "tolerationSeconds") && text(toleration, "effect") != "NoExecute" {
            walk.say_at("effect", Kind::Inconsistent, "must be `NoExecute` beside tolerationSeconds");
        }
    });
}

/// `ValidateVolumes` of pkg/apis/core/validation: a name, and one source at most (without one it is an emptyDir).
fn volumes<'v>(pod: &'v Fields, walk: &mut Walk<'v>) {
    walk.each(pod, "volumes", |walk, volume| {
        let Some(volume) = volume.as_object() else { return };
        not_empty(volume, "name", walk);
        let name = text(volume, "name");
        if let Some(why) = (!name.is_empty() && !walk.is_filled_in(name)).then(|| names::dns_label(name)).flatten() {
            walk.say_at("name", Kind::Name, format!("is `{name}`, no name of a volume: {why}"));
        }
        let sources: Vec<&String> = volume.iter().filter(|(key, value)| *key != "name" && !value.is_null()).map(|(key, _)| key).collect();
        if sources.len() > 1 {
            let list = sources.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            walk.say(Kind::Inconsistent, format!("has more than one source: {list}"));
        }
        for (source, key) in [("configMap", "name"), ("secret", "secretName")] {
            let Some(fields) = object(volume, source) else { continue };
            walk.key(source, |walk| {
                required_text(fields, key, walk);
                if let Some(mode) = number(fields, "defaultMode").filter(|mode| !(0.0..=511.0).contains(mode)) {
                    walk.say_at("defaultMode", Kind::OutOfRange, format!("is {mode}, and must be 0 to 0777 (511)"));
                }
            });
        }
        if let Some(claim) = object(volume, "persistentVolumeClaim") {
            walk.key("persistentVolumeClaim", |walk| not_empty(claim, "claimName", walk));
        }
        if let Some(path) = object(volume, "hostPath") {
            walk.key("hostPath", |walk| not_empty(path, "path", walk));
        }
    });
    no_doubles(pod, "volumes", "name", Kind::Duplicate, walk);
}

/// `validateContainerCommon` of pkg/apis/core/validation.
pub(super) fn container<'v>(container: &'v Fields, walk: &mut Walk<'v>) {
    not_empty(container, "name", walk);
    let name = text(container, "name");
    if let Some(why) = (!name.is_empty() && !walk.is_filled_in(name)).then(|| names::dns_label(name)).flatten() {
        walk.say_at("name", Kind::Name, format!("is `{name}`, no name of a container: {why}"));
    }
    required_text(container, "image", walk);
    if let Some(context) = object(container, "securityContext") {
        walk.key("securityContext", |walk| {
            not_negative(context, &["runAsUser", "runAsGroup"], walk);
            let is = |key: &str, value: bool| context.get(key) == Some(&Value::Bool(value));
            if is("allowPrivilegeEscalation", false) && is("privileged", true) {
                walk.say_at("privileged", Kind::Inconsistent, "must not be true where allowPrivilegeEscalation is false");
            }
        });
    }
    ports(container, walk);
    env(container, walk);
    for key in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(fields) = object(container, key) {
            walk.key(key, |walk| probe(key, fields, walk));
        }
    }
    if let Some(lifecycle) = object(container, "lifecycle") {
        walk.key("lifecycle", |walk| {
            for key in ["postStart", "preStop"] {
                if let Some(fields) = object(lifecycle, key) {
                    walk.key(key, |walk| handler(fields, walk));
                }
            }
        });
    }
    if let Some(resources) = object(container, "resources") {
        walk.key("resources", |walk| requirements(resources, walk));
    }
}

/// `validateContainerPorts` of pkg/apis/core/validation.
fn ports<'v>(container: &'v Fields, walk: &mut Walk<'v>) {
    walk.each(container, "ports", |walk, entry| {
        let Some(entry) = entry.as_object() else { return };
        port(entry, "containerPort", walk);
        if number(entry, "hostPort").is_some_and(|n| n != 0.0) {
            port(entry, "hostPort", walk);
        }
        let name = text(entry, "name");
        if let Some(why) = (!name.is_empty() && !walk.is_filled_in(name)).then(|| names::port_name(name)).flatten() {
            walk.say_at("name", Kind::PortName, format!("is `{name}`, no name of a port: {why}"));
        }
    });
    no_doubles(container, "ports", "name", Kind::Duplicate, walk);
}

/// `ValidateEnv` and `ValidateEnvFrom` of pkg/apis/core/validation.
fn env<'v>(container: &'v Fields, walk: &mut Walk<'v>) {
    const SOURCES: &[&str] = &["configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef"];
    walk.each(container, "env", |walk, variable| {
        let Some(variable) = variable.as_object() else { return };
        not_empty(variable, "name", walk);
        let name = text(variable, "name");
        if let Some(why) = names::env_name(name) {
            walk.say_at("name", Kind::Format, format!("is `{name}`, no name of a variable: {why}"));
        }
        let Some(from) = object(variable, "valueFrom") else { return };
        let sources = SOURCES.iter().filter(|key| given(from, key)).count();
        if !text(variable, "value").is_empty() && sources > 0 {
            return walk.say_at("valueFrom", Kind::Inconsistent, "must not be given beside a value");
        }
        match sources {
            0 => walk.say_at("valueFrom", Kind::Missing, format!("needs one of {}", SOURCES.join(", "))),
            1 => {}
            _ => walk.say_at("valueFrom", Kind::Inconsistent, "has more than one source"),
        }
        walk.key("valueFrom", |walk| {
            downward(from, walk);
            for key in ["configMapKeyRef", "secretKeyRef"] {
                let Some(reference) = object(from, key) else { continue };
                walk.key(key, |walk| {
                    required_text(reference, "name", walk);
                    not_empty(reference, "key", walk);
                });
            }
        });
    });
    no_doubles(container, "env", "name", Kind::Repeated, walk);
    walk.each(container, "envFrom", |walk, source| {
        let Some(source) = source.as_object() else { return };
        let given = ["configMapRef", "secretRef"].map(|key| object(source, key).map(|reference| (key, reference)));
        match given {
            [None, None] => walk.say(Kind::Missing, "needs a configMapRef or a secretRef"),
            [Some(_), Some(_)] => walk.say(Kind::Inconsistent, "has both a configMapRef and a secretRef"),
            [Some((key, reference)), None] | [None, Some((key, reference))] => {
                walk.key(key, |walk| required_text(reference, "name", walk));
            }
        }
    });
}

/// `validateObjectFieldSelector` and `validateContainerResourceFieldSelector` of pkg/apis/core/validation, for variables.
fn downward<'v>(from: &'v Fields, walk: &mut Walk<'v>) {
    const FIELDS: &[&str] = &[
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
    ];
    const RESOURCES: &[&str] = &["cpu", "memory", "ephemeral-storage"];
    if let Some(path) = object(from, "fieldRef").map(|field| text(field, "fieldPath")).filter(|path| !path.is_empty()) {
        let subscript = ["metadata.labels['", "metadata.annotations['"].iter().any(|start| path.starts_with(start) && path.ends_with("']"));
        if !subscript && !FIELDS.contains(&path) {
            let list = FIELDS.join(", ");
            walk.key("fieldRef", |walk| {
                walk.say_at("fieldPath", Kind::NotAllowed, format!("is `{path}`; allowed: {list}, and one label or annotation"));
            });
        }
    }
    if let Some(resource) = object(from, "resourceFieldRef").map(|field| text(field, "resource")).filter(|text| !text.is_empty()) {
        let name = resource.strip_prefix("limits.").or_else(|| resource.strip_prefix("requests."));
        if !name.is_some_and(|name| RESOURCES.contains(&name) || name.starts_with("hugepages-")) {
            walk.key("resourceFieldRef", |walk| {
                walk.say_at(
                    "resource",
                    Kind::NotAllowed,
                    format!("is `{resource}`; allowed: limits and requests of {}", RESOURCES.join(", ")),
                );
            });
        }
    }
}

/// `ValidatePreferredSchedulingTerms` and `validatePodAffinityTerms` of pkg/apis/core/validation.
pub(super) fn weighted<'v>(term: &'v Fields, walk: &mut Walk<'v>) {
    if let Some(n) = number(term, "weight").filter(|n| !(1.0..=100.0).contains(n)) {
        walk.say_at("weight", Kind::OutOfRange, format!("is {n}, and must be 1 to 100"));
    }
}

/// `ValidateNodeSelector` of pkg/apis/core/validation.
pub(super) fn node_selector<'v>(selector: &'v Fields, walk: &mut Walk<'v>) {
    if given(selector, "nodeSelectorTerms") && entries(selector, "nodeSelectorTerms").is_empty() {
        walk.say_at("nodeSelectorTerms", Kind::Empty, "must have an entry");
    }
}

/// `ValidateNodeSelectorRequirement` of pkg/apis/core/validation.
pub(super) fn node_requirement<'v>(requirement: &'v Fields, walk: &mut Walk<'v>) {
    let values = entries(requirement, "values").len();
    match text(requirement, "operator") {
        operator @ ("In" | "NotIn") if values == 0 => walk.say_at("values", Kind::Missing, format!("is required with `{operator}`")),
        operator @ ("Exists" | "DoesNotExist") if values > 0 => {
            walk.say_at("values", Kind::Inconsistent, format!("must not be given with `{operator}`"));
        }
        operator @ ("Gt" | "Lt") if values != 1 => {
            walk.say_at("values", Kind::Inconsistent, format!("must have one entry with `{operator}`"))
        }
        _ => {}
    }
}

/// `validateProbe` of pkg/apis/core/validation.
fn probe<'v>(key: &'v str, probe: &'v Fields, walk: &mut Walk<'v>) {
    handler(probe, walk);
    not_negative(probe, &["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"], walk);
    if key != "readinessProbe"
        && let Some(n) = number(probe, "successThreshold").filter(|n| *n > 1.0)
    {
        walk.say_at("successThreshold", Kind::OutOfRange, format!("is {n}, and must be 1 here"));
    }
    if let Some(n) = number(probe, "terminationGracePeriodSeconds") {
        if key == "readinessProbe" {
            walk.say_at("terminationGracePeriodSeconds", Kind::Inconsistent, "must not be given in a readinessProbe");
        } else if n < 1.0 {
            walk.say_at("terminationGracePeriodSeconds", Kind::OutOfRange, format!("is {n}, and must be more than 0"));
        }
    }
}

/// `validateHandler` of pkg/apis/core/validation: exactly one.
fn handler<'v>(fields: &'v Fields, walk: &mut Walk<'v>) {
    const KINDS: &[&str] = &["exec", "grpc", "httpGet", "sleep", "tcpSocket"];
    let have: Vec<&str> = KINDS.iter().copied().filter(|key| given(fields, key)).collect();
    match have.as_slice() {
        [] if walk.partial => {}
        [] => walk.say(Kind::Missing, format!("needs one of {}", KINDS.join(", "))),
        [_] => {}
        [.., last] => walk.say_at(last, Kind::Inconsistent, "must not be given beside another handler"),
    }
    for key in ["httpGet", "tcpSocket", "grpc"] {
        if let Some(handler) = object(fields, key) {
            walk.key(key, |walk| port_or_name(handler, "port", walk));
        }
    }
    if let Some(exec) = object(fields, "exec").filter(|exec| entries(exec, "command").is_empty()) {
        let kind = if exec.contains_key("command") { Kind::Empty } else { Kind::Missing };
        walk.key("exec", |walk| walk.say_at("command", kind, "must have an entry"));
    }
}

/// `validateResourceRequirements` of pkg/apis/core/validation.
fn requirements<'v>(resources: &'v Fields, walk: &mut Walk<'v>) {
    let limits = object(resources, "limits");
    for bag in ["limits", "requests"] {
        let Some(amounts) = object(resources, bag) else { continue };
        walk.key(bag, |walk| {
            for (name, value) in amounts {
                if let Some(why) = resource_name(name) {
                    walk.say_at(name, Kind::Name, format!("is no resource of a container: {why}"));
                }
                let Some(n) = amount(value) else { continue };
                if n < 0.0 {
                    walk.say_at(name, Kind::OutOfRange, "must not be negative");
                }
                let limit = limits.filter(|_| bag == "requests").and_then(|limits| limits.get(name));
                if let Some(limit) = limit
                    && amount(limit).is_some_and(|limit| n > limit)
                {
                    walk.say_at(name, Kind::Inconsistent, format!("is {value}, more than the limit, {limit}"));
                }
            }
        });
    }
}

fn amount(value: &Value) -> Option<f64> {
    value.as_str().and_then(gitops::quantity::parse).or(value.as_f64())
}

/// `ValidateContainerResourceName` of pkg/apis/core/validation.
fn resource_name(name: &str) -> Option<String> {
    if let Some(why) = names::qualified_name(name) {
        return Some(why);
    }
    let known = matches!(name, "cpu" | "memory" | "ephemeral-storage") || name.starts_with("hugepages-") || name.contains('/');
    (!known).then(|| "cpu, memory, ephemeral-storage, hugepages-… or a name with a prefix is wanted".into())
}
