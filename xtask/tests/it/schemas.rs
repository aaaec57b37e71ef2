//! The API server's answers to the cases of `tests/oracle/schemas`, beside what the linter finds in the same objects.

use lint::schemas::{Outcome, Schemas, Store, ViolationKind, compile};
use serde_json::Value;

use super::pinned;
use super::this_repository::root;

/// Cases in which the linter says something else on purpose, with the reason.
const OTHERWISE: &[(&str, &str)] = &[
    ("widget status", "refused only when asked to be strict; Argo CD does not ask, and the server drops what was written there"),
    ("bare ReplicationController", "of what nobody writes any more only fields and types are checked"),
    ("no such version", "whether a cluster serves a version is another question"),
];

/// Cases in which the linter names the field to edit, and the server one that it made from it.
const ELSEWHERE: &[&str] = &["bare DaemonSet", "job name long", "secret docker config no json"];

/// Places that the server calls by another name, or does not name at all.
const PLACES: &[(&str, &str)] = &[
    ("spec.template.labels", "spec.template.metadata.labels"),
    ("spec.resources.storage", "spec.resources.requests.storage"),
    ("spec.volumeClaimTemplates.spec.resources.storage", "spec.volumeClaimTemplates.spec.resources.requests.storage"),
    ("spec.clusterIPs", "spec.clusterIP"),
    ("spec.LoadBalancerSourceRanges", "spec.loadBalancerSourceRanges"),
    ("spec.template.spec.volumes.VolumeSource.configMap.defaultMode", "spec.template.spec.volumes.configMap.defaultMode"),
];

/// Without the places in lists; keys in brackets are keys.
fn flat(place: &str) -> String {
    let mut text = String::new();
    for part in place.split('[') {
        let (key, rest) = part.split_once(']').map_or(("", part), |(key, rest)| (key, rest));
        let key = key.trim_matches('"');
        if !key.is_empty() && key.parse::<usize>().is_err() {
            text.push('.');
            text.push_str(key);
        }
        text.push_str(rest);
    }
    PLACES.iter().find(|(server, _)| *server == text).map_or(text, |(_, ours)| ours.to_string())
}

/// The fields that an answer names.
fn fields(answer: &Value) -> Vec<String> {
    let message = answer["message"].as_str().unwrap_or_default();
    let mut found: Vec<String> = answer["fields"].as_array().into_iter().flatten().filter_map(|f| f.as_str().map(str::to_string)).collect();
    found.extend(message.split("unknown field \"").skip(1).filter_map(|rest| rest.split('"').next().map(str::to_string)));
    let decoded = message.split("Go struct field ").nth(1).and_then(|rest| rest.split(' ').next()?.split_once('.'));
    found.extend(decoded.map(|(_, path)| path.to_string()));
    found.retain(|field| field != "<nil>");
    found.iter().map(|field| flat(field)).collect()
}

/// One is the other, or lies in it.
fn agree(a: &str, b: &str) -> bool {
    let within = |outer: &str, inner: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    within(a, b) || within(b, a)
}

#[test]
fn the_linter_says_what_the_api_server_says() {
    let set = pinned::artifacts().into_iter().find(|set| set.name == "kubernetes-openapi").unwrap();
    let Some(path) = pinned::in_cache("artifacts/kubernetes-openapi", &set.version, "swagger.json") else {
        return pinned::skipped("kubernetes-openapi is not provisioned");
    };
    let read = |path: &std::path::Path| -> Value { serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap() };
    let dir = root().join("xtask/tests/oracle/schemas");
    let (cases, answers, crd) = (read(&dir.join("cases.json")), read(&dir.join("answers.json")), read(&dir.join("widgets.json")));
    assert_eq!(
        answers["kubernetes"],
        format!("v{}", set.version),
        "record the answers of the pinned version: tests/oracle/schemas/README.md"
    );
    let schemas = Schemas::of(Store::read(compile(Some(&read(&path)), []).into_bytes()).unwrap(), [&crd]);

    let mut wrong = Vec::new();
    let cases = cases.as_array().unwrap();
    assert_eq!(cases.len(), answers["answers"].as_object().unwrap().len());
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let answer = &answers["answers"][name];
        let refused = answer["status"] != 201;
        let found = match schemas.validate(&case["object"]) {
            Outcome::Checked(found) => found,
            Outcome::Unknown { violations, .. } => violations,
        };
        let ours: Vec<String> = found.iter().filter(|v| v.kind.is_refused()).map(|v| flat(&v.place())).collect();
        let server = fields(answer);
        let named = |ours: &String| server.iter().any(|field| agree(ours, field));
        // Reading stops at the first field that is wrong; what is checked afterwards is all there.
        let said = if answer["status"] == 400 { ours.iter().any(named) } else { ours.iter().all(named) };
        let said = said || ours.is_empty() || server.is_empty() || ELSEWHERE.contains(&name);
        let same = refused != ours.is_empty() && said;
        let otherwise = OTHERWISE.iter().any(|(case, _)| *case == name);
        if same == otherwise {
            wrong.push(format!("{name}: server {} {server:?}, here {found:?}", answer["status"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(!ViolationKind::Repeated.is_refused());
}
