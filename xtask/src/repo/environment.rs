//! `environments/<env>/environment.yaml`: what an environment is and what exists there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Repo, yaml};
use crate::error::{Error, Exit, Result};

/// An environment. Unknown keys are refused: a typo must not be read as a default.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Environment {
    /// `dev` or `prod`, the same as the folder's name.
    pub name: String,
    pub cluster: Cluster,
    #[expect(dead_code, reason = "see Hosts")]
    pub hosts: Hosts,
    /// Container registry of the shop's own images.
    pub registry: String,
    pub repository: Repository,
    /// What exists there without being in this repository.
    pub provides: Provides,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Cluster {
    pub name: String,
    /// Engines that can carry it, the preferred one first.
    pub engines: Vec<Engine>,
    pub region: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    K3d,
    Kwok,
    Eks,
}

impl Environment {
    /// One of which nothing is known but its name, for trees that describe none.
    pub fn unknown(name: &str) -> Self {
        Environment {
            name: name.to_string(),
            cluster: Cluster { name: String::new(), engines: Vec::new(), region: None },
            hosts: Hosts { api: String::new(), webhook: String::new(), extra: Vec::new() },
            registry: String::new(),
            repository: Repository { url: String::new(), revision: String::new() },
            provides: Provides {
                kubernetes: String::new(),
                storage_classes: Vec::new(),
                gateway_classes: Vec::new(),
                namespaces: Vec::new(),
                node_pools: Vec::new(),
                secrets: Vec::new(),
                definitions: Vec::new(),
                account: BTreeMap::new(),
            },
        }
    }
}

impl Engine {
    pub fn name(self) -> &'static str {
        match self {
            Engine::K3d => "k3d",
            Engine::Kwok => "kwok",
            Engine::Eks => "eks",
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "the contract of the file: the type refuses what it does not know")]
pub struct Hosts {
    pub api: String,
    pub webhook: String,
    #[serde(default)]
    pub extra: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Repository {
    pub url: String,
    pub revision: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Provides {
    /// Minor version of Kubernetes, such as `1.36`.
    #[expect(dead_code, reason = "see Hosts")]
    pub kubernetes: String,
    pub storage_classes: Vec<StorageClass>,
    pub gateway_classes: Vec<String>,
    /// Namespaces of what the cluster's own set-up installs, beside those that Argo CD brings.
    #[serde(default)]
    pub namespaces: Vec<String>,
    pub node_pools: Vec<NodePool>,
    /// Secrets that are neither in this repository nor made by it, for the linter.
    #[serde(default)]
    #[expect(dead_code, reason = "see Hosts")]
    pub secrets: Vec<KnownSecret>,
    /// Sets of definitions of other projects' kinds, as named in tools.toml, in the order in which they are registered.
    pub definitions: Vec<String>,
    /// What belongs to the cloud account, by name. Charts and values repeat them; a test compares.
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "a test compares it with the values"))]
    pub account: BTreeMap<String, AccountValue>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StorageClass {
    pub name: String,
    pub provisioner: String,
    /// Does a claim without a class get this one?
    #[serde(default)]
    pub default: bool,
}

/// A Secret that is there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "see Hosts")]
pub struct KnownSecret {
    pub namespace: String,
    pub name: String,
    #[serde(default)]
    pub keys: Vec<String>,
}

/// Nodes of one kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NodePool {
    pub name: String,
    /// The cloud's name of the machine, such as `t3.large`.
    #[expect(dead_code, reason = "see Hosts")]
    pub instance_type: Option<String>,
    /// How many nodes there may be.
    pub max: usize,
    #[expect(dead_code, reason = "see Hosts")]
    pub min: usize,
    pub desired: usize,
    /// The nodes are spread over them in turn.
    pub zones: Vec<String>,
    pub allocatable: Allocatable,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    #[serde(default)]
    pub taints: Vec<Taint>,
}

/// What pods may ask of one node, in the units of Kubernetes' quantities.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Allocatable {
    pub cpu: String,
    pub memory: String,
    pub pods: u16,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Taint {
    pub key: String,
    pub value: String,
    pub effect: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[cfg_attr(not(test), expect(dead_code, reason = "see Provides::account"))]
pub struct AccountValue {
    pub value: String,
    /// Invented, so that everything renders; no cluster may be set up with it.
    #[serde(default)]
    pub fictional: bool,
}

impl Environment {
    /// Reads an environment. Errors: usage, when there is none of that name or its file is not valid.
    pub fn read(repo: &Repo, name: &str) -> Result<Self> {
        let path = repo.environment_file(name);
        // By its name, so that a path is not taken for one.
        if !Self::names(repo).iter().any(|known| known == name) {
            let known = Self::names(repo).join(", ");
            return Err(Error::usage(format!("there is no environment `{name}`")).cause(format!("known ones: {known}")));
        }
        let environment: Environment = yaml::read(&path).map_err(|e| as_usage(e, repo, name))?;
        if environment.name != name {
            let have = &environment.name;
            return Err(Error::usage(format!("{} says `name: {have}`", repo.shown(&path))).hint(format!("write `name: {name}`")));
        }
        Ok(environment)
    }

    /// The environments that have a description, sorted.
    pub fn names(repo: &Repo) -> Vec<String> {
        let entries = std::fs::read_dir(repo.environments_dir()).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.filter(|e| e.path().join("environment.yaml").is_file()).map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

/// A broken description is the user's to mend before anything is done: exit code 2.
fn as_usage(e: Error, repo: &Repo, name: &str) -> Error {
    debug_assert_ne!(e.exit(), Exit::Interrupted);
    let shown = repo.shown(&repo.environment_file(name));
    let usage = Error::usage(format!("{shown} is not valid"));
    e.causes().iter().fold(usage, |u, cause| u.cause(cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEV: &str = include_str!("../../../environments/dev/environment.yaml");

    #[test]
    fn the_committed_ones_are_valid() {
        let dev: Environment = yaml::parse(DEV).unwrap();
        assert_eq!(dev.cluster.engines, [Engine::K3d, Engine::Kwok]);
        let prod: Environment = yaml::parse(include_str!("../../../environments/prod/environment.yaml")).unwrap();
        assert_eq!(prod.cluster.engines, [Engine::Eks]);
    }

    #[test]
    fn every_value_of_the_account_is_used_and_an_invented_one_says_so() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut text = String::new();
        let mut folders = vec![root.join("config/prod"), root.join("environments/prod/secrets")];
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else {
                    text.push_str(&std::fs::read_to_string(path).unwrap());
                }
            }
        }
        let prod: Environment = yaml::parse(include_str!("../../../environments/prod/environment.yaml")).unwrap();
        assert!(!prod.provides.account.is_empty());
        for (name, value) in prod.provides.account {
            assert!(value.fictional || !value.value.contains("111122223333"), "{name} looks invented and does not say so");
            assert!(text.contains(&value.value), "{name} `{}` is used nowhere", value.value);
        }
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let e = yaml::parse::<Environment>(&DEV.replace("registry:", "registri:")).unwrap_err();
        assert!(e.what().contains("registri"), "{e}");
        assert!(e.what().contains("line"), "{e}");
    }
}
