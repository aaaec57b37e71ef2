//! Secrets that charts refer to in dev: described in `environments/<env>/secrets.yaml`, made once at random.
//!
//! Values live in memory and in the cluster only. Nothing here is printed or written to a file.

use std::collections::BTreeMap;
use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::repo::yaml;
use crate::tools::self_signed;

/// A Secret as described: what each of its keys holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Wanted {
    pub name: String,
    pub namespace: String,
    #[serde(default)]
    pub keys: BTreeMap<String, Source>,
    /// Host of a self-signed TLS Secret; then there are no other keys.
    pub self_signed: Option<String>,
}

/// Where a value comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub enum Source {
    /// This text.
    Value(String),
    /// So many random bytes, as URL-safe base64.
    Random(usize),
    /// The value of `SECRET/KEY` in the same namespace, or of `NAMESPACE/SECRET/KEY`; described earlier in the file.
    From(String),
}

/// `NAMESPACE/SECRET/KEY` of what `from` names inside `namespace`.
fn full_name(namespace: &str, from: &str) -> String {
    if from.matches('/').count() == 2 { from.to_string() } else { format!("{namespace}/{from}") }
}

impl Wanted {
    fn key_names(&self) -> Vec<&str> {
        match self.self_signed {
            Some(_) => vec!["tls.crt", "tls.key"],
            None => self.keys.keys().map(String::as_str).collect(),
        }
    }

    fn kind(&self) -> &'static str {
        if self.self_signed.is_some() { "kubernetes.io/tls" } else { "Opaque" }
    }

    /// The object without values, to look for.
    pub fn reference(&self) -> Value {
        json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": self.name, "namespace": self.namespace } })
    }

    /// Does the live object hold a value for every key?
    pub fn is_complete(&self, live: Option<&Value>) -> bool {
        live.is_some_and(|l| self.key_names().iter().all(|k| l.pointer("/data").and_then(|d| d.get(k)).is_some()))
    }
}

/// The Secrets that this program makes in an environment; none where they come from elsewhere and the file is not there.
/// Errors: the file is not valid.
pub fn wanted(cx: &Context) -> Result<Vec<Wanted>> {
    let path = cx.repo.environments_dir().join(cx.env()).join("secrets.yaml");
    if !path.exists() {
        return Ok(Vec::new());
    }
    parse(yaml::read(&path)?).with_context(|| format!("{} is not valid", cx.repo.shown(&path)))
}

/// By way of JSON: the YAML crate reads an enum from a tag (`!random 24`), JSON from a map with one key.
fn parse(file: Value) -> Result<Vec<Wanted>> {
    Ok(serde_json::from_value(file)?)
}

/// Whole objects for `wanted`: what `live` holds already stays, the rest is made.
/// Shape: one object per entry of `wanted`, in its order; `live` is in that order too.
/// Errors: a `from` that names nothing described before it, or no randomness or openssl.
pub fn complete(cx: &Context, wanted: &[Wanted], live: &[Option<Value>]) -> Result<Vec<Value>> {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut objects = Vec::new();
    for (secret, live) in wanted.iter().zip(live) {
        let mut data = serde_json::Map::new();
        let have = |key: &str| live.as_ref().and_then(|l| l.pointer("/data")?.get(key)?.as_str().map(str::to_string));
        if let Some(host) = &secret.self_signed {
            match (have("tls.crt"), have("tls.key")) {
                (Some(certificate), Some(key)) => {
                    data.insert("tls.crt".into(), json!(certificate));
                    data.insert("tls.key".into(), json!(key));
                }
                _ => {
                    let made = self_signed(&cx.runner, host)?;
                    data.insert("tls.crt".into(), json!(BASE64.encode(made.certificate)));
                    data.insert("tls.key".into(), json!(BASE64.encode(made.key)));
                }
            }
        }
        for (key, source) in &secret.keys {
            let value = match (have(key), source) {
                (Some(value), _) => value,
                (None, Source::Value(text)) => BASE64.encode(text),
                (None, Source::Random(bytes)) => BASE64.encode(URL_SAFE_NO_PAD.encode(random(*bytes)?)),
                (None, Source::From(other)) => known.get(&full_name(&secret.namespace, other)).cloned().ok_or_else(|| {
                    Error::failed(format!("secrets.yaml: {}/{key} comes from `{other}`, which is not described before it", secret.name))
                })?,
            };
            known.insert(format!("{}/{}/{key}", secret.namespace, secret.name), value.clone());
            data.insert(key.clone(), json!(value));
        }
        objects.push(json!({
            "apiVersion": "v1", "kind": "Secret", "type": secret.kind(),
            "metadata": { "name": secret.name, "namespace": secret.namespace, "labels": { "app.kubernetes.io/managed-by": "cargo-xtask" } },
            "data": data,
        }));
    }
    Ok(objects)
}

/// Random bytes from the operating system.
pub fn random(count: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    let mut source = std::fs::File::open("/dev/urandom").context("no source of randomness")?;
    source.read_exact(&mut bytes).context("no source of randomness")?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEV: &str = include_str!("../../environments/dev/secrets.yaml");

    #[test]
    fn the_committed_description_is_valid_and_every_reference_is_described_before() {
        let wanted = parse(yaml::parse(DEV).unwrap()).unwrap();
        let mut known = std::collections::BTreeSet::new();
        for secret in &wanted {
            for (key, source) in &secret.keys {
                if let Source::From(other) = source {
                    assert!(known.contains(&full_name(&secret.namespace, other)), "{}: {other}", secret.name);
                }
                known.insert(format!("{}/{}/{key}", secret.namespace, secret.name));
            }
        }
        assert_eq!(wanted.len(), 19);
    }

    #[test]
    fn from_names_a_secret_of_its_own_namespace_unless_it_says_another() {
        assert_eq!(full_name("here", "secret/key"), "here/secret/key");
        assert_eq!(full_name("here", "there/secret/key"), "there/secret/key");
    }

    #[test]
    fn a_secret_is_complete_only_with_all_its_keys() {
        let wanted = parse(yaml::parse("[{name: a, namespace: ns, keys: {x: {random: 8}, z: {value: v}}}]").unwrap()).unwrap();
        assert!(!wanted[0].is_complete(None));
        assert!(!wanted[0].is_complete(Some(&json!({"data": {"x": "MQ=="}}))));
        assert!(wanted[0].is_complete(Some(&json!({"data": {"x": "MQ==", "z": "Mg=="}}))));
    }
}
