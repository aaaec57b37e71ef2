//! What SOPS is asked to encrypt, and what a file says of its own encryption.
//!
//! Source: `config/config.go` and `sops.go` of getsops/sops 3.

use regex_lite::Regex;
use serde_json::{Map, Value};

use crate::index::Index;
use crate::index::files::{folder, name};
use crate::index::object::escaped;

/// A creation rule of a `.sops.yaml`.
#[derive(Debug)]
pub struct Rule {
    /// The file that has it, and its place in the list.
    pub config: String,
    pub at: usize,
    /// Compared with the path from the folder of the file; `None` fits every path.
    pub path: Option<Regex>,
    /// As written.
    pub pattern: String,
    pub recipients: Recipients,
    selection: Selection,
}

/// Who can decrypt, by kind; sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipients {
    pub age: Vec<String>,
    pub pgp: Vec<String>,
    pub kms: Vec<String>,
    /// Of other services: how many.
    pub others: usize,
}

/// Which values are encrypted.
#[derive(Debug, Default)]
struct Selection {
    unencrypted_suffix: Option<String>,
    encrypted_suffix: Option<String>,
    unencrypted_regex: Option<Regex>,
    encrypted_regex: Option<Regex>,
    /// A pattern that is not known here, or a choice by comments.
    is_unknown: bool,
}

/// Every creation rule of the tree, in the order of files; those of one file in its order. What cannot be read is left out.
pub fn rules(index: &Index<'_>) -> Vec<Rule> {
    let configs = index.input.files.iter().filter(|(path, _)| name(path) == ".sops.yaml");
    let mut all = Vec::new();
    for (path, file) in configs {
        let Some(document) = file.documents().ok().and_then(<[_]>::first) else { continue };
        let list = document.value.get("creation_rules").and_then(Value::as_array).into_iter().flatten();
        all.extend(list.enumerate().filter_map(|(at, rule)| of(path, at, rule)));
    }
    all
}

fn of(config: &str, at: usize, rule: &Value) -> Option<Rule> {
    let pattern = rule.get("path_regex").and_then(Value::as_str).unwrap_or_default();
    let path = match pattern {
        "" => None,
        // A pattern in a form that is not known here fits nobody knows what.
        pattern => Some(Regex::new(pattern).ok()?),
    };
    Some(Rule {
        config: config.to_string(),
        at,
        path,
        pattern: pattern.to_string(),
        recipients: Recipients::of_rule(rule),
        selection: Selection::of(rule),
    })
}

/// The rule that SOPS takes for a file: the first that fits, of the nearest `.sops.yaml` above it.
pub fn rule_for<'r>(rules: &'r [Rule], path: &str) -> Option<&'r Rule> {
    let above = |rule: &&Rule| folder(&rule.config).is_empty() || path.starts_with(&format!("{}/", folder(&rule.config)));
    let nearest = rules.iter().filter(above).map(|rule| folder(&rule.config).len()).max()?;
    rules.iter().filter(above).filter(|rule| folder(&rule.config).len() == nearest).find(|rule| rule.fits(path))
}

impl Rule {
    /// Is it about this file, given from the root?
    pub fn fits(&self, path: &str) -> bool {
        let own = path.strip_prefix(folder(&self.config)).unwrap_or(path).trim_start_matches('/');
        self.path.as_ref().is_none_or(|regex| regex.is_match(own))
    }
    /// JSON pointers of the values of a document that this rule wants encrypted and that are not.
    pub fn clear(&self, document: &Value) -> Vec<String> {
        self.selection.clear(document)
    }
}

/// The same, as the file itself says which values are encrypted.
pub fn clear(sops: &Map<String, Value>, document: &Value) -> Vec<String> {
    Selection::of(&Value::Object(sops.clone())).clear(document)
}

/// The metadata of a file that SOPS has encrypted.
pub fn metadata(document: &Value) -> Option<&Map<String, Value>> {
    let sops = document.get("sops")?.as_object()?;
    ["mac", "lastmodified", "version"].iter().any(|key| sops.contains_key(*key)).then_some(sops)
}

impl Recipients {
    pub fn count(&self) -> usize {
        self.age.len() + self.pgp.len() + self.kms.len() + self.others
    }

    fn of_rule(rule: &Value) -> Self {
        let mut all = Recipients::default();
        all.add(rule);
        for group in rule.get("key_groups").and_then(Value::as_array).into_iter().flatten() {
            all.add(group);
        }
        all.sorted()
    }

    fn add(&mut self, keys: &Value) {
        self.age.extend(texts(keys.get("age"), "recipient"));
        self.pgp.extend(texts(keys.get("pgp"), "fp"));
        self.kms.extend(texts(keys.get("kms"), "arn").map(|arn| arn.split('+').next().unwrap_or_default().to_string()));
        let others = ["gcp_kms", "azure_keyvault", "azure_kv", "hc_vault", "vault", "hc_vault_transit_uri", "hckms"];
        self.others += others.iter().filter_map(|key| keys.get(*key)).filter(|keys| !is_nothing(keys)).count();
    }

    /// Those of a file, by its metadata.
    pub fn of_file(sops: &Map<String, Value>) -> Self {
        let mut all = Recipients::default();
        all.add(&Value::Object(sops.clone()));
        for group in sops.get("key_groups").and_then(Value::as_array).into_iter().flatten() {
            all.add(group);
        }
        all.sorted()
    }

    fn sorted(mut self) -> Self {
        for list in [&mut self.age, &mut self.pgp, &mut self.kms] {
            list.sort_unstable();
            list.dedup();
        }
        self
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty)
}

/// A list by commas, a list of texts, or one of maps with a text.
fn texts<'v>(value: Option<&'v Value>, key: &'v str) -> Box<dyn Iterator<Item = String> + 'v> {
    match value {
        Some(Value::String(text)) => Box::new(text.split(',').map(|one| one.trim().to_string()).filter(|one| !one.is_empty())),
        Some(Value::Array(list)) => {
            let one = move |item: &Value| item.as_str().or_else(|| item.get(key)?.as_str()).map(|text| text.trim().to_string());
            Box::new(list.iter().filter_map(one).flat_map(|text| text.split(',').map(|one| one.trim().to_string()).collect::<Vec<_>>()))
        }
        _ => Box::new(std::iter::empty()),
    }
}

impl Selection {
    fn of(rule: &Value) -> Self {
        let text = |key: &str| rule.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let mut is_unknown = ["encrypted_comment_regex", "unencrypted_comment_regex"].iter().any(|key| text(key).is_some());
        let mut regex = |key: &str| {
            let regex = text(key).map(Regex::new)?;
            is_unknown |= regex.is_err();
            regex.ok()
        };
        let (unencrypted_regex, encrypted_regex) = (regex("unencrypted_regex"), regex("encrypted_regex"));
        let own = |key: &str| text(key).map(str::to_string);
        let (mut unencrypted_suffix, encrypted_suffix) = (own("unencrypted_suffix"), own("encrypted_suffix"));
        if unencrypted_suffix.is_none() && encrypted_suffix.is_none() && unencrypted_regex.is_none() && encrypted_regex.is_none() {
            unencrypted_suffix = Some("_unencrypted".to_string());
        }
        Selection { unencrypted_suffix, encrypted_suffix, unencrypted_regex, encrypted_regex, is_unknown }
    }

    fn clear(&self, document: &Value) -> Vec<String> {
        let mut found = Vec::new();
        for (key, value) in document.as_object().into_iter().flatten().filter(|(key, _)| !self.is_unknown && *key != "sops") {
            self.walk(value, &mut vec![key.clone()], &mut format!("/{}", escaped(key)), &mut found);
        }
        found
    }

    /// Keys of the way down decide, whichever of them.
    fn wants(&self, way: &[String]) -> bool {
        let mut wanted = true;
        if let Some(suffix) = &self.unencrypted_suffix {
            wanted &= !way.iter().any(|key| key.ends_with(suffix.as_str()));
        }
        if let Some(suffix) = &self.encrypted_suffix {
            wanted &= way.iter().any(|key| key.ends_with(suffix.as_str()));
        }
        if let Some(regex) = &self.unencrypted_regex {
            wanted &= !way.iter().any(|key| regex.is_match(key));
        }
        if let Some(regex) = &self.encrypted_regex {
            wanted &= way.iter().any(|key| regex.is_match(key));
        }
        wanted
    }

    fn walk(&self, value: &Value, way: &mut Vec<String>, pointer: &mut String, found: &mut Vec<String>) {
        let length = pointer.len();
        match value {
            Value::Object(map) => {
                for (key, item) in map {
                    pointer.push('/');
                    pointer.push_str(&escaped(key));
                    way.push(key.clone());
                    self.walk(item, way, pointer, found);
                    way.pop();
                    pointer.truncate(length);
                }
            }
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    // Items of a list have no key of their own.
                    pointer.push_str(&format!("/{i}"));
                    self.walk(item, way, pointer, found);
                    pointer.truncate(length);
                }
            }
            // SOPS leaves empty texts and nulls as they are.
            Value::Null => {}
            Value::String(text) if text.is_empty() || text.starts_with("ENC[") => {}
            _ if self.wants(way) => found.push(pointer.clone()),
            _ => {}
        }
    }
}
