//! Small schemas of both kinds, and what is found in objects of theirs. The real ones are asked in `xtask/tests/it/schemas.rs`.

use serde_json::{Value, json};

use super::*;

fn yaml(text: &str) -> Value {
    documents::parse_all(text).unwrap().remove(0).value
}

/// Deployments and ConfigMaps, as much of them as the tests need, in the form of Kubernetes' own document.
fn openapi() -> Value {
    let of = |group: &str, kind: &str| json!([{"group": group, "version": "v1", "kind": kind}]);
    let refer = |name: &str| json!({"$ref": format!("#/definitions/{name}")});
    let meta = refer("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
    let text = json!({"type": "string"});
    let map = json!({"type": "object", "additionalProperties": {"type": "string"}});
    json!({
        "paths": {
            "/apis/apps/v1/namespaces/{namespace}/deployments": {"post": {"x-kubernetes-group-version-kind": {"group": "apps", "version": "v1", "kind": "Deployment"}}},
            "/api/v1/namespaces": {"post": {"x-kubernetes-group-version-kind": {"group": "", "version": "v1", "kind": "Namespace"}}},
        },
        "definitions": {
            "io.k8s.api.apps.v1.Deployment": {
                "type": "object",
                "properties": {"apiVersion": text, "kind": text, "metadata": meta, "spec": refer("io.k8s.api.apps.v1.DeploymentSpec")},
                "x-kubernetes-group-version-kind": of("apps", "Deployment"),
            },
            "io.k8s.api.apps.v1.DeploymentSpec": {
                "type": "object",
                "required": ["selector", "template"],
                "properties": {
                    "replicas": {"type": "integer", "format": "int32"},
                    "selector": refer("io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector"),
                    "template": refer("io.k8s.api.core.v1.PodTemplateSpec"),
                },
            },
            "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector": {"type": "object", "properties": {"matchLabels": map}},
            "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta": {
                "type": "object",
                "properties": {"name": text, "generateName": text, "namespace": text, "labels": map, "annotations": map},
            },
            "io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": "string"},
            "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"type": "string", "format": "int-or-string"},
            "io.k8s.api.core.v1.PodTemplateSpec": {"type": "object", "properties": {"metadata": meta, "spec": refer("io.k8s.api.core.v1.PodSpec")}},
            "io.k8s.api.core.v1.PodSpec": {
                "type": "object",
                "required": ["containers"],
                "properties": {
                    "containers": {"type": "array", "items": refer("io.k8s.api.core.v1.Container")},
                    "restartPolicy": text,
                    "volumes": {"type": "array", "items": {"type": "object", "properties": {"name": text, "emptyDir": {"type": "object"}}}},
                },
            },
            "io.k8s.api.core.v1.Container": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": text, "image": text, "imagePullPolicy": text,
                    "args": {"type": "array", "items": text},
                    "env": {"type": "array", "items": {"type": "object", "required": ["name"], "properties": {"name": text, "value": text}}},
                    "ports": {"type": "array", "items": {"type": "object", "properties": {"name": text, "containerPort": {"type": "integer"}}}},
                    "resources": {"type": "object", "properties": {
                        "limits": {"type": "object", "additionalProperties": refer("io.k8s.apimachinery.pkg.api.resource.Quantity")},
                        "requests": {"type": "object", "additionalProperties": refer("io.k8s.apimachinery.pkg.api.resource.Quantity")},
                    }},
                    "volumeMounts": {"type": "array", "items": {"type": "object", "properties": {"name": text, "mountPath": text}}},
                },
            },
            "io.k8s.api.core.v1.ConfigMap": {
                "type": "object",
                "properties": {"apiVersion": text, "kind": text, "metadata": meta, "data": map, "binaryData": map},
                "x-kubernetes-group-version-kind": of("", "ConfigMap"),
            },
        },
    })
}

const CRD: &str = "
kind: CustomResourceDefinition
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        type: object
        required: [spec]
        properties:
          metadata: {type: object}
          spec:
            type: object
            required: [size, mode]
            properties:
              size: {x-kubernetes-int-or-string: true}
              mode: {type: string, default: fast, enum: [fast, slow]}
              name: {type: string, pattern: '^[a-z]+$', maxLength: 5}
              count: {type: integer, minimum: 1, maximum: 9}
              note: {type: string, nullable: true}
              extra: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {known: {type: boolean}}}
              source:
                type: object
                properties: {git: {type: string}, oci: {type: string}}
                oneOf: [{required: [git]}, {required: [oci]}]
              parts:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [port, protocol]
                items: {type: object, properties: {port: {type: integer}, protocol: {type: string, default: TCP}}}
          status: {type: object, required: [phase], properties: {phase: {type: string}}}
";

fn found(object: &str) -> Vec<(String, ViolationKind)> {
    let crd = yaml(CRD);
    let pinned = Store::read(compile(Some(&openapi()), []).into_bytes()).unwrap();
    let schemas = Schemas::of(pinned, [&crd]);
    match schemas.validate(&yaml(object)) {
        Outcome::Checked(found) => found.into_iter().map(|v| (v.place(), v.kind)).collect(),
        Outcome::Unknown { why, .. } => panic!("{}", why.reason()),
    }
}

fn widget(spec: &str) -> Vec<(String, ViolationKind)> {
    found(&format!("{{apiVersion: example.com/v1, kind: Widget, metadata: {{name: a}}, spec: {{size: 1, {spec}}}}}"))
}

fn one(place: &str, kind: ViolationKind) -> Vec<(String, ViolationKind)> {
    vec![(place.to_string(), kind)]
}

/// A Deployment that is well; `more` goes into its container.
fn deployment(more: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec:\n  selector: {{matchLabels: {{app: a}}}}\n  template:\n    metadata: {{labels: {{app: a}}}}\n    spec:\n      containers:\n      - {{name: a, image: i{more}}}\n"
    )
}

#[test]
fn a_good_object_has_no_violations() {
    assert_eq!(found(&deployment("")), []);
    assert_eq!(widget("mode: slow, name: abc, count: 3, note: null, extra: {any: {thing: 1}}, source: {git: x}"), []);
}

#[test]
fn an_unknown_field_names_the_level_that_has_it() {
    let pinned = Store::read(compile(Some(&openapi()), []).into_bytes()).unwrap();
    let schemas = Schemas::of(pinned, []);
    let help = |object: &str| {
        let said = said(&schemas, &yaml(object)).0.remove(0);
        assert_eq!(said.rule, "unknown-field");
        format!("{} ({})", said.message, said.help.unwrap_or_default())
    };
    let object = deployment("").replace("      containers:", "      replicas: 2\n      containers:");
    assert_eq!(help(&object), "spec.template.spec has no field `replicas` (`spec` has `replicas`)");
    assert_eq!(help(&deployment(", resource: {}")), "spec.template.spec.containers[0] has no field `resource` (did you mean `resources`?)");
    assert_eq!(
        help(&deployment(", limits: {}")),
        "spec.template.spec.containers[0] has no field `limits` (`spec.template.spec.containers[0].resources` has `limits`)"
    );
}

#[test]
fn types_are_go_s_for_kubernetes_own_kinds() {
    assert_eq!(
        found(&deployment(", env: [{name: A, value: 1}]")),
        one("spec.template.spec.containers[0].env[0].value", ViolationKind::WrongType)
    );
    assert_eq!(found(&deployment(", args: [1]")), one("spec.template.spec.containers[0].args[0]", ViolationKind::WrongType));
    assert_eq!(found(&deployment(", args: null, resources: {limits: {cpu: 1, memory: 1Gi}}")), []);
    assert_eq!(
        found(&deployment(", resources: {limits: {memory: 1GB}}")),
        one("spec.template.spec.containers[0].resources.limits.memory", ViolationKind::Format)
    );
    assert_eq!(
        found(&deployment("").replace("  template:", "  replicas: \"2\"\n  template:")),
        one("spec.replicas", ViolationKind::WrongType)
    );
    assert_eq!(
        found("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {port: 80}}"),
        one("data.port", ViolationKind::WrongType)
    );
}

#[test]
fn what_the_api_server_checks_in_code_is_checked() {
    let at = "spec.template.spec.containers[0]";
    let place = |rest: &str| format!("{at}.{rest}");
    assert_eq!(found(&deployment("").replace(", image: i", "")), one(&place("image"), ViolationKind::Missing));
    assert_eq!(found(&deployment(", imagePullPolicy: always")), one(&place("imagePullPolicy"), ViolationKind::NotAllowed));
    assert_eq!(
        found(&deployment(", volumeMounts: [{name: v, mountPath: /v}]")),
        one(&place("volumeMounts[0].name"), ViolationKind::Inconsistent)
    );
    assert_eq!(
        found(&deployment(", env: [{name: A, value: x}, {name: B}, {name: A, value: z}]")),
        one(&place("env[2].name"), ViolationKind::Repeated)
    );
    assert_eq!(found(&deployment(", ports: [{containerPort: 80, name: HTTP}]")), one(&place("ports[0].name"), ViolationKind::PortName));
    assert_eq!(found(&deployment(", ports: [{containerPort: 70000}]")), one(&place("ports[0].containerPort"), ViolationKind::OutOfRange));
    assert_eq!(
        found(&deployment(", resources: {limits: {cpu: 500m}, requests: {cpu: 1}}")),
        one(&place("resources.requests.cpu"), ViolationKind::Inconsistent)
    );
    assert_eq!(
        found(&deployment("").replace("matchLabels: {app: a}", "matchLabels: {app: b}")),
        one("spec.template.metadata.labels", ViolationKind::Inconsistent)
    );
}

#[test]
fn names_and_labels_are_those_of_the_kind() {
    let map = |meta: &str| found(&format!("{{apiVersion: v1, kind: ConfigMap, metadata: {meta}}}"));
    assert_eq!(map("{name: A}"), one("metadata.name", ViolationKind::Name));
    assert_eq!(map("{}"), one("metadata.name", ViolationKind::Missing));
    assert_eq!(map("{generateName: a-}"), []);
    assert_eq!(map("{name: a, labels: {app: 'a b'}}"), one("metadata.labels.app", ViolationKind::LabelValue));
    assert_eq!(map("{name: a, labels: {app: true}}"), one("metadata.labels.app", ViolationKind::WrongType));
    assert_eq!(map("{name: a, annotations: {'a b': x}}"), one("metadata.annotations.a b", ViolationKind::AnnotationKey));
    assert_eq!(
        found("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a/b: x}}"),
        one("data[\"a/b\"]", ViolationKind::Format)
    );
}

#[test]
fn a_crd_says_everything() {
    assert_eq!(widget("color: red"), one("spec.color", ViolationKind::UnknownField));
    assert_eq!(widget("mode: fats"), one("spec.mode", ViolationKind::NotAllowed));
    assert_eq!(widget("name: ABC"), one("spec.name", ViolationKind::Pattern));
    assert_eq!(widget("name: abcdef"), one("spec.name", ViolationKind::OutOfRange));
    assert_eq!(widget("count: 0"), one("spec.count", ViolationKind::OutOfRange));
    assert_eq!(widget("count: 1.5"), one("spec.count", ViolationKind::WrongType));
    assert_eq!(widget("name: null"), [], "it is dropped");
    assert_eq!(widget("extra: {known: 1}"), one("spec.extra.known", ViolationKind::WrongType));
    assert_eq!(widget("source: {git: x, oci: z}"), one("spec.source", ViolationKind::Alternatives));
    assert_eq!(widget("source: {}"), one("spec.source", ViolationKind::Alternatives));
    assert_eq!(widget("parts: [{port: 1}, {port: 1, protocol: TCP}]"), one("spec.parts[1]", ViolationKind::Duplicate));
    assert_eq!(widget("parts: [{port: 1}, {port: 1, protocol: UDP}]"), []);
    assert_eq!(
        found("{apiVersion: example.com/v1, kind: Widget, metadata: {name: a}, spec: {size: []}}"),
        one("spec.size", ViolationKind::WrongType)
    );
}

#[test]
fn defaults_are_filled_in_before_anything_is_required() {
    assert_eq!(widget(""), [], "`mode` is required, and has a default");
    assert_eq!(widget("mode: null"), [], "null of what has a default is absent");
    let none = found("{apiVersion: example.com/v1, kind: Widget, metadata: {name: a, labels: {a: b}}}");
    assert_eq!(none, one("spec", ViolationKind::Missing));
}

#[test]
fn status_is_the_controller_s() {
    assert_eq!(found("{apiVersion: example.com/v1, kind: Widget, metadata: {name: a}, spec: {size: 1}, status: {foo: 1}}"), []);
}

#[test]
fn what_has_no_schema_is_named() {
    let crd = yaml(CRD);
    let pinned = Store::read(compile(Some(&openapi()), []).into_bytes()).unwrap();
    let schemas = Schemas::of(pinned, [&crd]);
    let reason = |api: &str, kind: &str| match schemas.validate(&json!({"apiVersion": api, "kind": kind, "metadata": {"name": "a"}})) {
        Outcome::Unknown { why, .. } => why.reason(),
        Outcome::Checked(found) => found.into_iter().map(|v| v.message).collect(),
    };
    assert_eq!(reason("example.com/v2", "Widget"), "no schema at hand for Widget of example.com/v2; known in example.com/v1");
    assert_eq!(reason("other.io/v1", "Gadget"), "no schema at hand for Gadget of other.io/v1");
    assert_eq!(reason("extensions/v1beta1", "Deployment"), "no schema at hand for Deployment of extensions/v1beta1");
    assert_eq!(reason("apps/v1", "Deploymnt"), "is `Deploymnt`, which apps/v1 does not have");
    assert_eq!(reason("apps/v1", "ConfigMap"), "is `ConfigMap`, which apps/v1 does not have");
    assert_eq!(schemas.scope(&Kind::of("apps/v1", "Deployment")), Some(Scope::Namespaced));
    assert_eq!(schemas.scope(&Kind::of("example.com/v1", "Widget")), Some(Scope::Namespaced));
}

#[test]
fn a_pod_template_that_a_crd_leaves_open_is_checked() {
    let crd = yaml(
        "{kind: CustomResourceDefinition, spec: {group: argoproj.io, scope: Namespaced, names: {kind: Rollout}, versions: [{name: v1alpha1, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]}}",
    );
    let pinned = Store::read(compile(Some(&openapi()), []).into_bytes()).unwrap();
    let schemas = Schemas::of(pinned, [&crd]);
    let object = deployment(", ports: [{containerPort: 80, name: a}, {containerPort: 81, name: a}]")
        .replace("apps/v1", "argoproj.io/v1alpha1")
        .replace("Deployment", "Rollout");
    let (said, _) = said(&schemas, &yaml(&object));
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!((said[0].rule, said[0].pointer.as_str()), ("invalid-pod-template", "/spec/template/spec/containers/0/ports/1/name"));
    let by_reference = yaml("{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: a}, spec: {workloadRef: {name: a}}}");
    assert_eq!(schemas.validate(&by_reference), Outcome::Checked(Vec::new()));
}

#[test]
fn of_a_kind_without_schema_what_all_objects_have_is_checked() {
    let pinned = Store::read(compile(Some(&openapi()), []).into_bytes()).unwrap();
    let schemas = Schemas::of(pinned, []);
    let places = |object: &str| match schemas.validate(&yaml(object)) {
        Outcome::Unknown { violations, .. } => violations.iter().map(Violation::place).collect::<Vec<_>>(),
        Outcome::Checked(found) => panic!("{found:?}"),
    };
    assert_eq!(
        places("{apiVersion: other.io/v1, kind: Gadget, metadata: {name: a, labels: {app: a b}}, spec: 1}"),
        ["metadata.labels.app"]
    );
    assert_eq!(places("{apiVersion: other.io/v1, kind: Gadget, metadata: {name: A}}"), ["metadata.name"]);
    assert_eq!(places("{apiVersion: user.openshift.io/v1, kind: User, metadata: {name: 'kube:admin'}}"), [""; 0]);
    assert_eq!(places("{apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration}"), [""; 0]);
    let template = "{spec: {containers: [{name: a, resources: {limits: {memory: 1GB}}}]}}";
    let kibana =
        format!("{{apiVersion: kibana.k8s.elastic.co/v1, kind: Kibana, metadata: {{name: a}}, spec: {{podTemplate: {template}}}}}");
    assert_eq!(places(&kibana), ["spec.podTemplate.spec.containers[0].resources.limits.memory"], "an image is not asked for");
}

#[test]
fn no_message_shows_a_secret() {
    let secret = "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {pin: 4711, key: hunter2}, stringData: {pin: 4711}}";
    let mut openapi = openapi();
    let text = json!({"type": "string"});
    openapi["definitions"]["io.k8s.api.core.v1.Secret"] = json!({
        "type": "object",
        "properties": {
            "data": {"type": "object", "additionalProperties": {"type": "string", "format": "byte"}},
            "stringData": {"type": "object", "additionalProperties": text},
            "apiVersion": text, "kind": text,
            "metadata": {"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"},
        },
        "x-kubernetes-group-version-kind": [{"group": "", "version": "v1", "kind": "Secret"}],
    });
    let schemas = Schemas::of(Store::read(compile(Some(&openapi), []).into_bytes()).unwrap(), []);
    let (said, _) = said(&schemas, &yaml(secret));
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said.iter().all(|said| !said.message.contains("4711") && !said.message.contains("hunter2")), "{said:?}");
}

#[test]
fn a_text_that_is_none_is_refused() {
    for text in ["", "[]", "x\n", "[[1]]\n", "[[\"a\",\"v1\",\"A\",1,0,true]]"] {
        assert!(Store::read(text.as_bytes().to_vec()).is_none(), "{text}");
    }
    // A node that is not there says nothing.
    let store = Store::read(b"[[\"a\",\"v1\",\"A\",1,7,true]]\n{}\n".to_vec()).unwrap();
    let schemas = Schemas::of(store, []);
    assert_eq!(schemas.validate(&json!({"apiVersion": "a/v1", "kind": "A", "metadata": {"name": "a"}})), Outcome::Checked(Vec::new()));
}

#[test]
fn no_value_breaks_it() {
    let crd = yaml(CRD);
    let pinned = Store::read(compile(Some(&openapi()), []).into_bytes()).unwrap();
    let schemas = Schemas::of(pinned, [&crd]);
    let mut deep = json!("x");
    for _ in 0..3000 {
        deep = json!({"extra": deep});
    }
    for value in [
        json!(null),
        json!([]),
        json!("a"),
        json!({}),
        json!({"kind": 1, "apiVersion": 2}),
        json!({"apiVersion": "example.com/v1", "kind": "Widget", "spec": deep, "metadata": []}),
    ] {
        schemas.validate(&value);
        drop(schemas.validate(&json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": value.clone(), "spec": value})));
    }
    std::mem::forget(deep);
}
