//! The clusters that an Argo CD knows, from their Secrets.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};

use super::model::Tree;
use crate::error::{Error, Result};

/// The namespace of Argo CD and its objects.
pub const NAMESPACE: &str = "argocd";

/// The address under which Argo CD knows the cluster that it runs in.
pub const IN_CLUSTER: &str = "https://kubernetes.default.svc";

/// Tells a Secret of a cluster from others.
pub const TYPE_LABEL: &str = "argocd.argoproj.io/secret-type";

/// Label and annotations of the cluster Secret, which every ApplicationSet reads.
const ENV_LABEL: &str = "c4ang.io/env";
const ENGINE_LABEL: &str = "c4ang.io/engine";
const URL_ANNOTATION: &str = "c4ang.io/repo-url";
const REVISION_ANNOTATION: &str = "c4ang.io/revision";

/// What ApplicationSets see of a cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cluster {
    pub name: String,
    pub server: String,
    /// Empty for a cluster of no project.
    pub project: String,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
}

/// An Argo CD with the clusters that it knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ControlPlane {
    /// `None` where a tree declares no environments.
    pub environment: Option<String>,
    pub clusters: Vec<Cluster>,
}

impl ControlPlane {
    /// It knows its own cluster only.
    pub fn with(own: &Own<'_>) -> Result<Self> {
        let clusters = Cluster::from_secret(&own.secret())?.into_iter().collect();
        Ok(ControlPlane { environment: Some(own.env.to_string()), clusters })
    }

    /// The URL of the repository that the Argo CD of an environment follows.
    pub fn repository(&self) -> Option<&str> {
        self.clusters.iter().find_map(|cluster| cluster.annotations.get(URL_ANNOTATION)).map(String::as_str)
    }
}

/// What the Secret of an environment's own cluster says.
#[derive(Clone, Copy, Debug)]
pub struct Own<'a> {
    pub env: &'a str,
    /// The cluster's name.
    pub name: &'a str,
    /// The file of `config/engine`, without `.yaml`.
    pub values: &'a str,
    pub url: &'a str,
    pub revision: &'a str,
}

impl Own<'_> {
    /// Says where the cluster is, which environment and engine it is, and what it follows.
    pub fn secret(&self) -> Value {
        let encode = |text: &str| BASE64.encode(text);
        json!({
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": {
                "name": format!("cluster-{}", self.env),
                "namespace": NAMESPACE,
                "labels": { TYPE_LABEL: "cluster", ENV_LABEL: self.env, ENGINE_LABEL: self.values },
                "annotations": { URL_ANNOTATION: self.url, REVISION_ANNOTATION: self.revision },
            },
            "data": {
                "name": encode(self.name),
                "server": encode(IN_CLUSTER),
                "config": encode(r#"{"tlsClientConfig":{"insecure":false}}"#),
            },
        })
    }
}

impl Cluster {
    /// Reads a Secret; `None` for one that is no cluster's. Errors: data that is not base64 or not UTF-8, a label that is no
    /// string.
    pub fn from_secret(secret: &Value) -> Result<Option<Self>> {
        let strings = |pointer: &str| match secret.pointer(pointer) {
            None | Some(Value::Null) => Ok(BTreeMap::new()),
            Some(Value::Object(map)) => strings(map, pointer),
            Some(_) => Err(Error::new(format!("{pointer} is no map"))),
        };
        let labels = strings("/metadata/labels")?;
        if secret.get("kind").is_none_or(|kind| kind != "Secret") || labels.get(TYPE_LABEL).is_none_or(|of| of != "cluster") {
            return Ok(None);
        }
        let mut data = BTreeMap::new();
        for (key, text) in strings("/data")? {
            let wrong = |what: &str| Error::new(format!("data.{key} is not {what}"));
            // Only these are looked at; another one need not be text.
            if ["name", "server", "project"].contains(&key.as_str()) {
                let bytes = BASE64.decode(text.split_whitespace().collect::<String>()).map_err(|_| wrong("base64"))?;
                let text = String::from_utf8(bytes).map_err(|_| wrong("UTF-8"))?;
                data.insert(key, text);
            }
        }
        // The API server lets it win over `data`.
        data.extend(strings("/stringData")?);
        let mut take = |key: &str| data.remove(key).unwrap_or_default();
        let (name, server, project) = (take("name"), take("server"), take("project"));
        Ok(Some(Cluster { name, server, project, labels, annotations: strings("/metadata/annotations")? }))
    }
}

fn strings(map: &Map<String, Value>, pointer: &str) -> Result<BTreeMap<String, String>> {
    let string = |(key, value): (&String, &Value)| match value {
        Value::String(text) => Ok((key.clone(), text.clone())),
        Value::Null => Ok((key.clone(), String::new())),
        _ => Err(Error::new(format!("{pointer}/{key} is no string"))),
    };
    map.iter().map(string).collect()
}

/// The clusters of a file of Secrets, several documents or a List; other objects are passed over.
/// Errors: the file cannot be read, or has no Secret at all.
pub fn read(file: &Path) -> Result<Vec<Cluster>> {
    let shown = file.display();
    let mut secrets = Vec::new();
    for document in values(file)? {
        match document.get("items").and_then(Value::as_array) {
            Some(items) => secrets.extend(items.iter().cloned()),
            None => secrets.push(document),
        }
    }
    // An API server lists them by name, and the later of two clusters with one name counts.
    secrets.sort_by_cached_key(|secret| {
        let text = |pointer: &str| secret.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_string();
        (text("/metadata/namespace"), text("/metadata/name"))
    });
    let mut clusters = Vec::new();
    for secret in &secrets {
        let name = secret.pointer("/metadata/name").and_then(Value::as_str).unwrap_or("without a name");
        clusters.extend(Cluster::from_secret(secret).map_err(|e| e.context(format!("could not read the Secret {name} of {shown}")))?);
    }
    if !secrets.iter().any(|secret| secret.get("kind").is_some_and(|kind| kind == "Secret")) {
        return Err(Error::new(format!("{shown} has no Secret with the label {TYPE_LABEL}: cluster")));
    }
    Ok(clusters)
}

/// The Argo CD of each environment that the tree declares, by name: it knows its own cluster, with the preferred engine.
/// Errors: a description without what the Secret says.
pub fn of_environments(tree: &Tree) -> Result<Vec<ControlPlane>> {
    let Ok(entries) = std::fs::read_dir(tree.path(Path::new("environments"))) else { return Ok(Vec::new()) };
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path().join("environment.yaml")).filter(|path| path.is_file()).collect();
    files.sort();
    let mut planes = Vec::new();
    for file in files {
        let mut all = values(&file)?;
        let described = all.pop().unwrap_or_default();
        if !all.is_empty() {
            let e = Error::new(format!("{} documents where one is expected", all.len() + 1));
            return Err(e.context(format!("{} is not valid", file.display())));
        }
        planes.push(of_environment(&described).map_err(|e| e.context(format!("{} does not describe an environment", file.display())))?);
    }
    Ok(planes)
}

/// The documents of a file. Errors: it cannot be read, is not valid.
fn values(file: &Path) -> Result<Vec<Value>> {
    let text =
        std::fs::read_to_string(file).map_err(|e| Error::new(e.to_string()).context(format!("could not read {}", file.display())))?;
    let documents =
        documents::parse_all(&text).map_err(|e| Error::new(e.to_string()).context(format!("{} is not valid", file.display())))?;
    Ok(documents.into_iter().map(|document| document.value).collect())
}

fn of_environment(described: &Value) -> Result<ControlPlane> {
    let text = |pointer: &str| {
        let text = described.pointer(pointer).and_then(Value::as_str);
        text.ok_or_else(|| Error::new(format!("it has no text at {pointer}")))
    };
    ControlPlane::with(&Own {
        env: text("/name")?,
        name: text("/cluster/name")?,
        values: text("/cluster/engines/0")?,
        url: text("/repository/url")?,
        revision: text("/repository/revision")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn this_tree() -> Tree {
        Tree { root: Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.."), urls: Vec::new() }
    }

    #[test]
    fn each_environment_has_an_argo_cd_with_its_own_cluster() {
        let planes = of_environments(&this_tree()).unwrap();
        let seen: Vec<_> = planes.iter().map(|p| (p.environment.as_deref(), p.clusters[0].labels[ENGINE_LABEL].as_str())).collect();
        assert_eq!(seen, [(Some("dev"), "k3d"), (Some("prod"), "eks")]);
        let dev = &planes[0].clusters[0];
        assert_eq!((dev.name.as_str(), dev.server.as_str(), dev.project.as_str()), ("msa-quality-cluster", IN_CLUSTER, ""));
        assert_eq!(dev.annotations[REVISION_ANNOTATION], "main");
    }

    #[test]
    fn secrets_may_be_listed_and_plain() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.yaml");
        let label = "labels: {argocd.argoproj.io/secret-type: cluster}";
        let text = format!(
            "kind: List\nitems:\n- kind: Secret\n  metadata: {{name: b, {label}}}\n  data: {{name: Yg==, config: /w==}}\n  stringData: {{server: https://b}}\n\
             - kind: Secret\n  metadata: {{name: other}}\n---\nkind: Secret\nmetadata: {{name: a, {label}}}\nstringData: {{name: a, project: p}}\n"
        );
        std::fs::write(&file, text).unwrap();
        let clusters = read(&file).unwrap();
        let seen: Vec<_> = clusters.iter().map(|c| (c.name.as_str(), c.server.as_str(), c.project.as_str())).collect();
        assert_eq!(seen, [("a", "", "p"), ("b", "https://b", "")]);
        std::fs::write(&file, format!("kind: Secret\nmetadata: {{name: x, {label}}}\ndata: {{name: '*'}}\n")).unwrap();
        assert!(read(&file).is_err_and(|e| format!("{e:?}").contains("data.name is not base64")));
        std::fs::write(&file, "a: 1\n").unwrap();
        assert!(read(&file).is_err());
    }
}
