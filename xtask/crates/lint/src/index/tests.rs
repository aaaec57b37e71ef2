//! The index of a small shop.

use std::path::PathBuf;

use gitops::model::{Application, Object, Place};
use serde_json::json;

use super::configuration::{Keys, Kind};
use super::hosts;
use super::input::{Deployed, Input, Plane};
use super::profile::{KnownSecret, Profile};
use super::{Index, Resolved, Scope};

fn deployed(name: &str, namespace: &str, text: &str) -> Deployed {
    let value = json!({
        "metadata": { "name": name },
        "spec": { "destination": { "server": "https://kubernetes.default.svc", "namespace": namespace },
            "syncPolicy": { "syncOptions": ["CreateNamespace=true"] } },
    });
    let place = Place { file: PathBuf::from("apps.yaml"), line: 1 };
    let application = Application { place, set: None, parent: None, environment: Some("dev".into()), value };
    let objects = documents::parse_all(text).unwrap_or_else(|e| panic!("{e:?}\n{text}"));
    let objects = objects.into_iter().map(|document| Object { value: document.value, source: "x.yaml".into() }).collect();
    Deployed { application, objects: Ok(objects), unverified: Vec::new() }
}

fn input(applications: Vec<Deployed>) -> Input {
    let secrets = vec![KnownSecret { namespace: "shop".into(), name: "made".into(), keys: None, said_in: "secrets.yaml".into() }];
    let profile = Profile { secrets, ..Profile::default() };
    Input { planes: vec![Plane { environment: Some("dev".into()), profile, applications, clusters: Vec::new() }], ..Input::default() }
}

const SHOP: &str = "
apiVersion: v1
kind: Service
metadata: {name: cart}
spec: {selector: {app: cart}, ports: [{port: 80, targetPort: 3000}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: data}
spec: {clusterIP: None, ports: [{port: 5432}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec:
  template:
    metadata: {labels: {app: cart, tier: web}}
    spec:
      imagePullSecrets: [{name: pull}]
      volumes: [{name: v, projected: {sources: [{configMap: {name: settings}}]}}]
      initContainers: [{name: wait, image: busybox:1}]
      containers:
        - name: cart
          image: cart:1
          env:
            - {name: TOKEN, valueFrom: {secretKeyRef: {name: keys, key: token, optional: true}}}
            - {name: DB, value: postgres://db.data/cart}
          envFrom: [{secretRef: {name: made}}]
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: cart-keys}
spec: {target: {name: keys}, data: [{secretKey: token}]}
---
apiVersion: kafka.strimzi.io/v1
kind: Kafka
metadata: {name: events}
spec: {kafka: {listeners: [{name: plain, port: 9092, type: internal}]}}
";

fn with(test: impl Fn(&Scope)) {
    let input = input(vec![deployed("shop-dev", "shop", SHOP)]);
    let index = Index::new(&input);
    assert_eq!(index.scopes.len(), 1);
    test(&index.scopes[0]);
}

#[test]
fn objects_live_in_the_namespace_of_their_application() {
    with(|scope| {
        assert!(scope.get("", "Service", "shop", "cart").is_some());
        assert!(scope.get("", "Service", "data", "db").is_some());
        assert!(scope.get("apps", "Service", "shop", "cart").is_none(), "another group is another kind");
        assert!(scope.namespaces.contains("shop") && !scope.namespaces.contains("data"));
    });
}

#[test]
fn a_pod_knows_its_containers_and_what_they_ask_for() {
    with(|scope| {
        let workload = &scope.workloads[0];
        assert_eq!(workload.containers().iter().map(|c| (c.name, c.is_init)).collect::<Vec<_>>(), [("wait", true), ("cart", false)]);
        let variables = workload.variables();
        assert_eq!(variables[1].pointer, "/spec/template/spec/containers/0/env/1");
        let mut asked: Vec<(&str, bool)> = scope.references.iter().map(|r| (r.name, r.is_optional)).collect();
        asked.sort_unstable();
        assert_eq!(asked, [("keys", true), ("made", false), ("pull", false), ("settings", false)]);
        let service = scope.service("shop", "cart").unwrap();
        assert_eq!(scope.selected(service).count(), 1);
    });
}

#[test]
fn secrets_come_from_objects_controllers_and_the_profile() {
    with(|scope| {
        let keys = |name: &str| scope.producers(Kind::Secret, "shop", name).first().map(|produced| produced.keys.clone());
        assert!(keys("keys").is_some_and(|keys| keys.may_have("token") && !keys.may_have("other")));
        assert_eq!(keys("made"), Some(Keys::Unknown));
        assert!(keys("events-cluster-ca-cert").is_some_and(|keys| keys.may_have("ca.crt")));
        assert_eq!(keys("cart-keys"), None, "its Secret has another name");
    });
}

#[test]
fn hosts_lead_to_services() {
    with(|scope| {
        let resolve = |text: &str| {
            let found = hosts::in_text(text, "");
            match scope.resolve(&found[0], "shop") {
                Resolved::Service(service) => format!("{}/{}", service.namespace, service.name),
                Resolved::Pod(service) => format!("a pod of {}", service.name),
                Resolved::Missing { namespace, name } => format!("no {namespace}/{name}"),
                other => format!("{other:?}"),
            }
        };
        assert_eq!(resolve("http://cart"), "shop/cart");
        assert_eq!(resolve("http://cart.shop.svc.cluster.local"), "shop/cart");
        assert_eq!(resolve("postgres://db.data"), "data/db");
        assert_eq!(resolve("postgres://db-0.db.data.svc"), "a pod of db");
        assert_eq!(resolve("events-kafka-bootstrap:9092"), "shop/events-kafka-bootstrap");
        assert_eq!(resolve("http://basket"), "no shop/basket");
        assert_eq!(resolve("http://cart.dat.svc"), "no dat/cart", "a namespace that is written almost like one of ours");
        assert_eq!(resolve("http://cart.other.svc"), r#"Elsewhere { namespace: "other", name: "cart" }"#);
        assert_eq!(resolve("https://kubernetes.default.svc"), "Known");
        assert_eq!(resolve("http://example.com"), "Outside");
        assert_eq!(resolve("http://www.example.com"), "Outside");
        assert_eq!(resolve("http://localhost"), "Loopback");
    });
}

#[test]
fn what_cannot_be_rendered_is_a_gap() {
    let mut broken = deployed("broken-dev", "shop", "");
    broken.unverified.push("its chart comes from the network".into());
    let input = input(vec![broken]);
    let index = Index::new(&input);
    assert_eq!(index.scopes[0].gap().as_deref(), Some("broken-dev is not known whole (its chart comes from the network)"));
}
