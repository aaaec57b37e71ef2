//! The registry of the shop's own images, and the Secret with which a cluster pulls from it.
//!
//! Amazon gives passwords that are good for 12 hours. The Secret says when it was made; what is in force is read from it
//! and from nothing else, so that every run comes to the same answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::tools::{Aws, Kubectl, Password, Reference};

/// The Secret that the values of dev name in `imagePullSecrets`.
pub const SECRET: Reference<'static> = Reference { kind: "secret", name: "ecr-secret", namespace: "ecommerce" };

const CREATED_AT: &str = "ecr-secret/created-at";

/// How long a password is good, in seconds.
pub const VALID: u64 = 12 * 3600;
/// From this age on it is renewed when it can be.
pub const RENEW: u64 = 11 * 3600;

/// `ACCOUNT.dkr.ecr.REGION.amazonaws.com`.
#[derive(Debug, PartialEq, Eq)]
pub struct Registry {
    pub host: String,
    pub account: String,
    pub region: String,
}

impl Registry {
    /// Errors: usage, when the host is not one of Amazon's.
    pub fn parse(host: &str) -> Result<Self> {
        let parts: Vec<&str> = host.split('.').collect();
        match parts.as_slice() {
            [account, "dkr", "ecr", region, "amazonaws", "com", ..] if account.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(Registry { host: host.to_string(), account: account.to_string(), region: region.to_string() })
            }
            _ => Err(Error::usage(format!("the registry `{host}` is not one of Amazon's"))
                .cause("wanted: ACCOUNT.dkr.ecr.REGION.amazonaws.com, the key `registry` of environment.yaml")),
        }
    }

    /// A fresh password, of a login that belongs to the registry's account.
    /// Errors: prerequisite, when there is no program, no login, or one of another account.
    pub fn password(&self, aws: &Aws<'_>) -> Result<Password> {
        self.require_login(aws)?;
        aws.password(&self.region)
    }

    /// Errors: as [`Registry::password`].
    pub fn require_login(&self, aws: &Aws<'_>) -> Result<()> {
        let account = aws.account()?;
        if account == self.account {
            return Ok(());
        }
        Err(Error::prerequisite(format!("this shell is logged in to AWS account {account}, and the registry belongs to {}", self.account))
            .hint("choose the profile of that account: AWS_PROFILE=NAME cargo xtask ecr-login"))
    }

    /// The whole Secret, made at `now` (seconds since 1970).
    pub fn secret(&self, password: &Password, now: u64) -> Value {
        let auth = BASE64.encode(format!("AWS:{}", password.0));
        let mut auths = serde_json::Map::new();
        auths.insert(self.host.clone(), json!({ "username": "AWS", "password": password.0, "auth": auth }));
        let config = json!({ "auths": auths }).to_string();
        json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson",
            "metadata": {
                "name": SECRET.name,
                "namespace": SECRET.namespace,
                "labels": { "app.kubernetes.io/managed-by": "cargo-xtask" },
                "annotations": { CREATED_AT: crate::utc::format(now) },
            },
            "data": { ".dockerconfigjson": BASE64.encode(config) },
        })
    }

    /// What the live Secret is worth at `now`.
    pub fn login(&self, secret: Option<&Value>, now: u64) -> Login {
        let Some(secret) = secret else { return Login::None };
        if !hosts(secret).contains(&self.host) {
            return Login::Useless(format!("it is not for {}", self.host));
        }
        let annotations = secret.pointer("/metadata/annotations");
        let created = annotations.and_then(|a| a.get(CREATED_AT)?.as_str()).and_then(crate::utc::parse);
        match created.map(|at| now.saturating_sub(at)) {
            None => Login::Useless("it does not say when it was made".into()),
            Some(age) if age >= VALID => Login::Expired { age },
            Some(age) => Login::Valid { age },
        }
    }

    /// Looks it up. Errors: the API does not answer.
    pub fn live_login(&self, kubectl: &Kubectl) -> Result<Login> {
        Ok(self.login(kubectl.find(&SECRET)?.as_ref(), crate::utc::now()))
    }
}

/// What a pull Secret is worth; ages in seconds.
#[derive(Debug, PartialEq, Eq)]
pub enum Login {
    None,
    Useless(String),
    Expired { age: u64 },
    Valid { age: u64 },
}

/// Hosts that the Secret has a password for.
fn hosts(secret: &Value) -> Vec<String> {
    let encoded = secret.pointer("/data/.dockerconfigjson").and_then(Value::as_str).unwrap_or_default();
    let config: Value = BASE64.decode(encoded).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    config.get("auths").and_then(Value::as_object).map(|auths| auths.keys().cloned().collect()).unwrap_or_default()
}

/// `3 h 20 min`, for people.
pub fn duration(seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    if hours == 0 { format!("{minutes} min") } else { format!("{hours} h {minutes} min") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "111122223333.dkr.ecr.ap-northeast-2.amazonaws.com";

    #[test]
    fn account_and_region_stand_in_the_host() {
        let registry = Registry::parse(HOST).unwrap();
        assert_eq!((registry.account.as_str(), registry.region.as_str()), ("111122223333", "ap-northeast-2"));
        for other in ["registry.example", "docker.io", "x.dkr.ecr.r.amazonaws.com", ""] {
            assert!(Registry::parse(other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_secret_is_good_for_twelve_hours_and_for_its_own_registry() {
        let registry = Registry::parse(HOST).unwrap();
        let made = 1_795_442_709;
        let secret = registry.secret(&Password("token".into()), made);
        assert_eq!(secret["metadata"]["annotations"][CREATED_AT], "2026-11-23T14:05:09Z");
        assert_eq!(registry.login(Some(&secret), made + 60), Login::Valid { age: 60 });
        assert_eq!(registry.login(Some(&secret), made + VALID), Login::Expired { age: VALID });
        assert_eq!(registry.login(None, made), Login::None);
        let other = Registry::parse(&HOST.replace("ap-northeast-2", "eu-west-1")).unwrap();
        assert!(matches!(other.login(Some(&secret), made), Login::Useless(_)));
        let mut undated = secret;
        undated["metadata"]["annotations"] = json!({});
        assert!(matches!(registry.login(Some(&undated), made), Login::Useless(_)));
    }

    #[test]
    fn the_password_is_where_docker_looks_for_it() {
        let secret = Registry::parse(HOST).unwrap().secret(&Password("token".into()), 0);
        let config = BASE64.decode(secret["data"][".dockerconfigjson"].as_str().unwrap()).unwrap();
        let config: Value = serde_json::from_slice(&config).unwrap();
        assert_eq!(config["auths"][HOST], json!({"username": "AWS", "password": "token", "auth": BASE64.encode("AWS:token")}));
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(duration(59 * 60), "59 min");
        assert_eq!(duration(VALID - 60), "11 h 59 min");
    }
}
