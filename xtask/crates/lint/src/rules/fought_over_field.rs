//! Git sets a field that a controller sets as well.
//!
//! ## What
//! With self-heal on, a rendered object has a field that something else writes in the cluster: `replicas` of a workload with an
//! autoscaler, or the weights of a route during a canary.
//! ## Why
//! Argo CD sets it back, in the middle of scaling up or of a canary.
//! ## Bad
//! ```yaml objects
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: web}
//! spec:
//!   replicas: 2 # bad
//!   selector: {matchLabels: {app: web}}
//!   template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "web:1.0.0"}]}}
//! ---
//! apiVersion: autoscaling/v2
//! kind: HorizontalPodAutoscaler
//! metadata: {name: web}
//! spec: {maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
//! ```
//! ## Good
//! ```yaml objects
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: web}
//! spec:
//!   selector: {matchLabels: {app: web}}
//!   template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "web:1.0.0"}]}}
//! ---
//! apiVersion: autoscaling/v2
//! kind: HorizontalPodAutoscaler
//! metadata: {name: web}
//! spec: {maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
//! ```
//! ## Trap
//! The Application ignores the field; or it does not heal by itself; or nothing scales the workload.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: web}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: default}
//!   source: {repoURL: "https://git.example.org/shop.git", path: web}
//!   syncPolicy: {automated: {selfHeal: true}}
//!   ignoreDifferences: [{group: "*", kind: Deployment, jsonPointers: [/spec/replicas]}]
//! ---
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: other}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: default}
//!   source: {repoURL: "https://git.example.org/shop.git", path: web, directory: {recurse: true}}
//!   syncPolicy: {automated: {selfHeal: false}}
//! ```
//! ```yaml web/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: web}}
//! ```
//! ```yaml objects of web
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: web}
//! spec: {replicas: 2, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "web:1.0.0"}]}}}
//! ---
//! apiVersion: autoscaling/v2
//! kind: HorizontalPodAutoscaler
//! metadata: {name: web}
//! spec: {maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
//! ```
//! ```yaml objects of other
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata: {name: db}
//! spec: {replicas: 2, serviceName: db, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: "db:1.0.0"}]}}}
//! ---
//! apiVersion: autoscaling/v2
//! kind: HorizontalPodAutoscaler
//! metadata: {name: db}
//! spec: {maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: db}}
//! ```
//! ## Fix
//! Leave the field out of Git, or name it under `ignoreDifferences` of the Application, with the option `RespectIgnoreDifferences=true`.

use gitops::glob::fits;
use serde_json::Value;

use super::{Findings, Meta, Severity};
use crate::index::object::text;
use crate::index::{Index, Obj, Scope};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "fought-over-field", severity: Severity::Warning }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for scope in &index.scopes {
            replicas(index, scope, out);
            weights(index, scope, out);
        }
    }
}

fn replicas(index: &Index<'_>, scope: &Scope<'_>, out: &mut Findings) {
    for (group, kind) in [("autoscaling", "HorizontalPodAutoscaler"), ("keda.sh", "ScaledObject")] {
        for scaler in scope.all(group, kind) {
            let Some(target) = scaler.at("/spec/scaleTargetRef") else { continue };
            let or = |key: &str, default: &'static str| if text(target, key).is_empty() { default } else { text(target, key) };
            let (kind, api) = (or("kind", "Deployment"), or("apiVersion", "apps/v1"));
            let group = api.split_once('/').map_or("", |(group, _)| group);
            let Some(workload) = scope.get(group, kind, scaler.namespace, text(target, "name")) else { continue };
            let is_fixed = workload.at("/spec/replicas").is_some_and(|replicas| !replicas.is_null());
            if is_fixed && heals(workload) && !is_ignored(index, scope, workload, "/spec/replicas") {
                let message = format!("{workload} sets replicas, and {scaler} sets them as well");
                out.on(index, workload, "/spec/replicas", message)
                    .help("leave `replicas` out where an autoscaler is on, or ignore it in the Application")
                    .related_to(index, scaler, "/spec/scaleTargetRef", "the autoscaler");
            }
        }
    }
}

/// Weights of routes that a canary moves.
fn weights(index: &Index<'_>, scope: &Scope<'_>, out: &mut Findings) {
    for rollout in scope.all("argoproj.io", "Rollout") {
        let Some(routing) = rollout.at("/spec/strategy/canary/trafficRouting") else { continue };
        let istio = routing.get("istio");
        let one = istio.and_then(|istio| istio.get("virtualService")).into_iter();
        let many = istio.and_then(|istio| istio.get("virtualServices")?.as_array()).into_iter().flatten();
        for named in one.chain(many) {
            let (name, namespace) = text(named, "name").split_once('.').unwrap_or((text(named, "name"), rollout.namespace));
            let Some(route) = scope.get("networking.istio.io", "VirtualService", namespace, name) else { continue };
            let has_weights = route.list("/spec/http").any(|(_, http)| {
                let routes = http.get("route").and_then(Value::as_array);
                routes.is_some_and(|routes| routes.len() > 1 && routes.iter().any(|route| route.get("weight").is_some()))
            });
            if has_weights && heals(route) && !is_ignored(index, scope, route, "/spec/http/0/route/0/weight") {
                let message = format!("{route} sets weights, and the canary of {rollout} moves them");
                out.on(index, route, "/spec/http", message)
                    .help("ignore the weights in the Application: `ignoreDifferences` with jqPathExpressions, and RespectIgnoreDifferences=true")
                    .related_to(index, rollout, "/spec/strategy/canary/trafficRouting", "the canary");
            }
        }
    }
}

/// Does the Application put back what others change?
fn heals(object: &Obj<'_>) -> bool {
    object.deployed.application.value.pointer("/spec/syncPolicy/automated/selfHeal") == Some(&Value::Bool(true))
}

/// Is a field, or something around or inside of it, left alone: by the Application, or by Argo CD's own settings?
fn is_ignored(index: &Index<'_>, scope: &Scope<'_>, object: &Obj<'_>, field: &str) -> bool {
    let list = object.deployed.application.value.pointer("/spec/ignoreDifferences").and_then(Value::as_array);
    let by_application = list.into_iter().flatten().any(|entry| {
        let or_all = |key: &str, own: &str| text(entry, key).is_empty() || fits(text(entry, key), own);
        let is_it = fits(text(entry, "group"), object.group) && fits(text(entry, "kind"), object.kind);
        is_it && or_all("name", object.name) && or_all("namespace", object.namespace) && names(entry, field)
    });
    // `resource.customizations.ignoreDifferences.GROUP_KIND` and `….all` of argocd-cm.
    let last = field.rsplit('/').next().unwrap_or_default();
    let own = format!("ignoreDifferences.{}_{}", object.group, object.kind);
    let settings = scope.all("", "ConfigMap").filter(|map| map.name == "argocd-cm").filter_map(|map| map.at("/data")?.as_object());
    let in_settings = settings.flatten().any(|(key, value)| {
        (key.contains(&own) || key.contains("ignoreDifferences.all")) && value.as_str().is_some_and(|text| text.contains(last))
    });
    let in_files = || {
        let texts = index.input.files.iter().filter_map(|(_, file)| file.text());
        texts.into_iter().any(|text| text.lines().any(|line| line.contains(&own) || line.contains("ignoreDifferences.all")) && text.contains(last))
    };
    by_application || in_settings || in_files()
}

fn names(entry: &Value, field: &str) -> bool {
    let texts = |key: &str| entry.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let last = field.rsplit('/').next().unwrap_or_default();
    let by_pointer = texts("jsonPointers").any(|pointer| field.starts_with(pointer) || pointer.ends_with(last));
    by_pointer || texts("jqPathExpressions").any(|path| path.contains(last)) || texts("managedFieldsManagers").next().is_some()
}
