//! ConfigMaps and Secrets: who produces them, with which keys, and who refers to them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::object::{Obj, escaped, text};
use super::profile::Profile;
use super::workloads::Workload;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    ConfigMap,
    Secret,
}

/// A ConfigMap or Secret that will be there.
#[derive(Clone, Debug)]
pub struct Produced<'a> {
    /// The object itself or that for which a controller makes it; `None` for what the profile or a file of secrets says.
    pub object: Option<Obj<'a>>,
    /// `the ExternalSecret`, `Strimzi`, `environments/dev/secrets.yaml`.
    pub by: String,
    pub keys: Keys,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keys {
    Known(BTreeSet<String>),
    /// Something else decides them.
    Unknown,
}

/// By kind, namespace and name.
pub type Production<'a> = BTreeMap<(Kind, String, String), Vec<Produced<'a>>>;

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::ConfigMap => "ConfigMap",
            Kind::Secret => "Secret",
        }
    }
}

impl Keys {
    pub fn may_have(&self, key: &str) -> bool {
        match self {
            Keys::Known(keys) => keys.contains(key),
            Keys::Unknown => true,
        }
    }

    fn of(maps: &[Option<&Value>]) -> Self {
        let keys = maps.iter().flatten().filter_map(|map| map.as_object()).flatten().map(|(key, _)| key.clone());
        Keys::Known(keys.collect())
    }

    fn these(keys: &[&str]) -> Self {
        Keys::Known(keys.iter().map(|key| key.to_string()).collect())
    }
}

/// Adds what comes of an object.
///
/// Names are those of the controllers: External Secrets (`target.name`), Strimzi (`KafkaResources`, user operator), cert-manager,
/// Sealed Secrets, SOPS operator.
pub fn produce<'a>(object: &Obj<'a>, into: &mut Production<'a>) {
    let mut add = |kind: Kind, name: String, by: &str, keys: Keys| {
        let key = (kind, object.namespace.to_string(), name);
        into.entry(key).or_default().push(Produced { object: Some(*object), by: by.to_string(), keys });
    };
    let name = object.name.to_string();
    match (object.group, object.kind) {
        ("", "ConfigMap") => {
            add(Kind::ConfigMap, name, "the ConfigMap", Keys::of(&[object.at("/data"), object.at("/binaryData")]));
        }
        ("", "Secret") => add(Kind::Secret, name, "the Secret", Keys::of(&[object.at("/data"), object.at("/stringData")])),
        ("external-secrets.io", "ExternalSecret") => {
            let target = object.text("/spec/target/name");
            let target = if target.is_empty() { name } else { target.to_string() };
            add(Kind::Secret, target, "the ExternalSecret", external_keys(object.at("/spec")));
        }
        ("bitnami.com", "SealedSecret") => {
            let own = object.text("/spec/template/metadata/name");
            let own = if own.is_empty() { name } else { own.to_string() };
            add(Kind::Secret, own, "the SealedSecret", Keys::of(&[object.at("/spec/encryptedData"), object.at("/spec/template/data")]));
        }
        ("isindir.github.com", "SopsSecret") => {
            for (_, template) in object.list("/spec/secretTemplates") {
                let keys = Keys::of(&[template.get("stringData"), template.get("data")]);
                add(Kind::Secret, text(template, "name").to_string(), "the SopsSecret", keys);
            }
        }
        ("cert-manager.io", "Certificate") => {
            let keys = if object.at("/spec/keystores").is_some() || object.at("/spec/additionalOutputFormats").is_some() {
                Keys::Unknown
            } else {
                Keys::these(&["tls.crt", "tls.key", "ca.crt"])
            };
            add(Kind::Secret, object.text("/spec/secretName").to_string(), "cert-manager", keys);
        }
        // cert-manager's shim makes a Certificate for every TLS reference of an object that names an issuer.
        ("networking.k8s.io", "Ingress") | ("gateway.networking.k8s.io", "Gateway")
            if ["cert-manager.io/cluster-issuer", "cert-manager.io/issuer"].iter().any(|key| object.annotation(key).is_some()) =>
        {
            let mut made = Vec::new();
            of_object(object, &mut made);
            for reference in made.iter().filter(|reference| reference.how == How::Tls) {
                let key = (Kind::Secret, reference.namespace.to_string(), reference.name.to_string());
                let keys = Keys::these(&["tls.crt", "tls.key", "ca.crt"]);
                into.entry(key).or_default().push(Produced { object: Some(*object), by: "cert-manager".into(), keys });
            }
        }
        ("kafka.strimzi.io", "KafkaUser") => {
            let keys = match object.text("/spec/authentication/type") {
                "tls" => Keys::these(&["ca.crt", "user.crt", "user.key", "user.p12", "user.password"]),
                "scram-sha-512" => Keys::these(&["password", "sasl.jaas.config"]),
                _ => Keys::Unknown,
            };
            let prefix = object.text("/spec/template/secret/metadata/name");
            add(Kind::Secret, if prefix.is_empty() { name } else { prefix.to_string() }, "Strimzi", keys);
        }
        ("kafka.strimzi.io", "Kafka") => {
            for part in ["cluster-ca-cert", "clients-ca-cert"] {
                add(Kind::Secret, format!("{name}-{part}"), "Strimzi", Keys::these(&["ca.crt", "ca.p12", "ca.password"]));
            }
            for part in ["cluster-ca", "clients-ca"] {
                add(Kind::Secret, format!("{name}-{part}"), "Strimzi", Keys::these(&["ca.key"]));
            }
        }
        _ => {}
    }
}

/// Adds what the profile says is there.
pub fn produce_known<'a>(profile: &Profile, into: &mut Production<'a>) {
    for secret in &profile.secrets {
        let keys = secret.keys.as_ref().map_or(Keys::Unknown, |keys| Keys::Known(keys.iter().cloned().collect()));
        let key = (Kind::Secret, secret.namespace.clone(), secret.name.clone());
        into.entry(key).or_default().push(Produced { object: None, by: secret.said_in.clone(), keys });
    }
}

/// The keys that an ExternalSecret gives; a template that merges, or `dataFrom`, can give others.
fn external_keys(spec: Option<&Value>) -> Keys {
    let Some(spec) = spec else { return Keys::Unknown };
    let template = spec.pointer("/target/template");
    let is_open = spec.get("dataFrom").and_then(Value::as_array).is_some_and(|list| !list.is_empty())
        || template.is_some_and(|template| template.get("templateFrom").is_some())
        || matches!(text(spec.get("target").unwrap_or(&Value::Null), "creationPolicy"), "Merge" | "None");
    if is_open {
        return Keys::Unknown;
    }
    let data = spec.get("data").and_then(Value::as_array).into_iter().flatten().map(|item| text(item, "secretKey").to_string());
    let made = template.and_then(|template| template.get("data")).and_then(Value::as_object);
    match made {
        Some(made) if template.map(|t| text(t, "mergePolicy")) != Some("Merge") => Keys::Known(made.keys().cloned().collect()),
        Some(made) => Keys::Known(made.keys().cloned().chain(data).collect()),
        None => Keys::Known(data.collect()),
    }
}

/// Who speaks of a ConfigMap or Secret.
#[derive(Clone, Debug)]
pub struct Reference<'a> {
    pub object: Obj<'a>,
    /// JSON pointer of the name.
    pub pointer: String,
    pub kind: Kind,
    pub namespace: &'a str,
    pub name: &'a str,
    /// The key that is asked for, with the pointer to it.
    pub key: Option<(&'a str, String)>,
    /// Fine without it.
    pub is_optional: bool,
    pub how: How,
}

/// What a reference does with what it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// One variable.
    Variable,
    /// All keys as variables.
    Environment,
    Volume,
    PullSecret,
    Tls,
    /// A field of a kind that is no pod.
    Field,
}

/// Adds the references of a pod template.
pub fn of_pods<'a>(workload: &Workload<'a>, into: &mut Vec<Reference<'a>>) {
    let object = workload.object;
    let mut add = |kind: Kind, value: &'a Value, name_key: &str, pointer: String, how: How| {
        let name = text(value, name_key);
        if name.is_empty() {
            return;
        }
        let key = (how == How::Variable).then(|| (text(value, "key"), format!("{pointer}/key")));
        let is_optional = value.get("optional").and_then(Value::as_bool).unwrap_or(false);
        let pointer = format!("{pointer}/{name_key}");
        into.push(Reference { object, pointer, kind, namespace: object.namespace, name, key, is_optional, how });
    };
    for variable in workload.variables() {
        let Some(from) = variable.item.get("valueFrom") else { continue };
        for (field, kind) in [("secretKeyRef", Kind::Secret), ("configMapKeyRef", Kind::ConfigMap)] {
            if let Some(value) = from.get(field) {
                add(kind, value, "name", format!("{}/valueFrom/{field}", variable.pointer), How::Variable);
            }
        }
    }
    for container in workload.containers() {
        for (i, source) in container.value.get("envFrom").and_then(Value::as_array).into_iter().flatten().enumerate() {
            for (field, kind) in [("secretRef", Kind::Secret), ("configMapRef", Kind::ConfigMap)] {
                if let Some(value) = source.get(field) {
                    add(kind, value, "name", format!("{}/envFrom/{i}/{field}", container.pointer), How::Environment);
                }
            }
        }
    }
    for (i, volume) in workload.spec.get("volumes").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let pointer = workload.pointer_of(&format!("/volumes/{i}"));
        if let Some(value) = volume.get("secret") {
            add(Kind::Secret, value, "secretName", format!("{pointer}/secret"), How::Volume);
        }
        if let Some(value) = volume.get("configMap") {
            add(Kind::ConfigMap, value, "name", format!("{pointer}/configMap"), How::Volume);
        }
        let sources = volume.pointer("/projected/sources").and_then(Value::as_array);
        for (j, source) in sources.into_iter().flatten().enumerate() {
            for (field, kind) in [("secret", Kind::Secret), ("configMap", Kind::ConfigMap)] {
                if let Some(value) = source.get(field) {
                    add(kind, value, "name", format!("{pointer}/projected/sources/{j}/{field}"), How::Volume);
                }
            }
        }
    }
    for (i, value) in workload.spec.get("imagePullSecrets").and_then(Value::as_array).into_iter().flatten().enumerate() {
        add(Kind::Secret, value, "name", workload.pointer_of(&format!("/imagePullSecrets/{i}")), How::PullSecret);
    }
}

/// Adds the references of an object that is no workload.
pub fn of_object<'a>(object: &Obj<'a>, into: &mut Vec<Reference<'a>>) {
    let mut add = |kind: Kind, namespace: &'a str, name: &'a str, pointer: String, how: How| {
        if !name.is_empty() {
            into.push(Reference { object: *object, pointer, kind, namespace, name, key: None, is_optional: false, how });
        }
    };
    match (object.group, object.kind) {
        ("", "ServiceAccount") => {
            for (pointer, item) in object.list("/imagePullSecrets") {
                add(Kind::Secret, object.namespace, text(item, "name"), format!("{pointer}/name"), How::PullSecret);
            }
        }
        ("networking.k8s.io", "Ingress") => {
            for (pointer, item) in object.list("/spec/tls") {
                add(Kind::Secret, object.namespace, text(item, "secretName"), format!("{pointer}/secretName"), How::Tls);
            }
        }
        ("gateway.networking.k8s.io", "Gateway") => {
            for (listener, value) in object.list("/spec/listeners") {
                let references = value.pointer("/tls/certificateRefs").and_then(Value::as_array);
                for (i, reference) in references.into_iter().flatten().enumerate() {
                    if !matches!(text(reference, "kind"), "" | "Secret") || !text(reference, "group").is_empty() {
                        continue;
                    }
                    let namespace = match text(reference, "namespace") {
                        "" => object.namespace,
                        other => other,
                    };
                    add(Kind::Secret, namespace, text(reference, "name"), format!("{listener}/tls/certificateRefs/{i}/name"), How::Tls);
                }
            }
        }
        _ if super::workloads::of(object).is_empty() && object.group != "external-secrets.io" => {
            key_references(object, object.value, &mut String::new(), into);
        }
        _ => {}
    }
}

/// `secretKeyRef` and `configMapKeyRef` mean the same wherever they stand.
fn key_references<'a>(object: &Obj<'a>, value: &'a Value, pointer: &mut String, into: &mut Vec<Reference<'a>>) {
    let length = pointer.len();
    match value {
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                pointer.push_str(&format!("/{i}"));
                key_references(object, item, pointer, into);
                pointer.truncate(length);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                pointer.push('/');
                pointer.push_str(&escaped(key));
                let kind = match key.as_str() {
                    "secretKeyRef" => Some(Kind::Secret),
                    "configMapKeyRef" => Some(Kind::ConfigMap),
                    _ => None,
                };
                match kind.filter(|_| !text(item, "name").is_empty() && !text(item, "key").is_empty()) {
                    Some(kind) => into.push(Reference {
                        object: *object,
                        pointer: format!("{pointer}/name"),
                        kind,
                        namespace: object.namespace,
                        name: text(item, "name"),
                        key: Some((text(item, "key"), format!("{pointer}/key"))),
                        is_optional: item.get("optional").and_then(Value::as_bool).unwrap_or(false),
                        how: How::Field,
                    }),
                    None => key_references(object, item, pointer, into),
                }
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}
