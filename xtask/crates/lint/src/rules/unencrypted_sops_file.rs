//! A file, or a value in it, that SOPS should have encrypted and that is readable.
//!
//! ## What
//! A creation rule of `.sops.yaml` is for a file that is not encrypted, or an encrypted file has a value that is not, such as a key that
//! somebody added with an editor.
//! ## Why
//! It looks protected and is not: whoever reads the repository has the value.
//! ## Bad
//! ```yaml .sops.yaml
//! creation_rules:
//!   - path_regex: \.secrets\.yaml$
//!     age: age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq
//! ```
//! ```yaml config/shop.secrets.yaml
//! password: ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]
//! apiToken: abc123 # bad
//! sops:
//!   age: [{recipient: age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq, enc: x}]
//!   mac: ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]
//!   version: 3.9.0
//! ```
//! ```yaml config/other.secrets.yaml
//! password: abc123 # bad
//! ```
//! ## Good
//! ```yaml .sops.yaml
//! creation_rules:
//!   - path_regex: \.secrets\.yaml$
//!     age: age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq
//! ```
//! ```yaml config/shop.secrets.yaml
//! password: ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]
//! sops:
//!   age: [{recipient: age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq, enc: x}]
//!   mac: ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]
//!   version: 3.9.0
//! ```
//! ## Trap
//! What the rule leaves out stays readable, empty texts and nulls are never encrypted, and an example is none.
//! ```yaml .sops.yaml
//! creation_rules:
//!   - path_regex: secrets/.*\.yaml(\.example)?$
//!     encrypted_regex: ^(data|stringData)$
//!     age: age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq
//! ```
//! ```yaml secrets/shop.yaml
//! apiVersion: v1
//! kind: Secret
//! metadata: {name: shop}
//! stringData: {password: "ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]", nothing: "", none: null}
//! sops:
//!   age: [{recipient: age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq, enc: x}]
//!   encrypted_regex: ^(data|stringData)$
//!   mac: ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]
//!   version: 3.9.0
//! ```
//! ```yaml secrets/shop.yaml.example
//! stringData: {password: yours}
//! ```
//! ```yaml secrets/store.yaml
//! apiVersion: external-secrets.io/v1
//! kind: ExternalSecret
//! metadata: {name: store}
//! spec: {secretStoreRef: {name: aws, kind: ClusterSecretStore}, data: []}
//! ```
//! ## Fix
//! Edit it with `sops`, and replace the value at its source: it stays in the history of the repository.

use serde_json::Value;

use super::{Findings, Meta, Severity};
use crate::index::Index;
use crate::index::files::{is_yaml, name};
use crate::index::object::text;
use crate::sops;

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "unencrypted-sops-file", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        let rules = sops::rules(index);
        let texts = index.input.files.iter().filter_map(|(path, file)| Some((path, file, file.text()?)));
        for (path, file, text) in texts.filter(|(path, ..)| is_yaml(path) && name(path) != ".sops.yaml") {
            let rule = sops::rule_for(&rules, path);
            if rule.is_none() && !text.contains("sops:") {
                continue;
            }
            for (at, document) in file.documents().into_iter().flatten().enumerate() {
                let (clear, is_encrypted) = match (sops::metadata(&document.value), rule) {
                    (Some(sops), _) => (sops::clear(sops, &document.value), true),
                    (None, Some(rule)) if is_meant(&rule.pattern, &document.value) => (rule.clear(&document.value), false),
                    _ => continue,
                };
                for pointer in clear.iter().take(if is_encrypted { usize::MAX } else { 1 }) {
                    let Some(site) = index.key_in_document(path, at, pointer) else { continue };
                    let key = pointer.trim_start_matches('/').replace('/', ".");
                    let message = match is_encrypted {
                        true => format!("`{key}` is not encrypted, and the rest of the file is"),
                        false => "this file is not encrypted, and a rule of .sops.yaml says that it is".to_string(),
                    };
                    out.say(message)
                        .at(site.path, site.line, site.column)
                        .help("encrypt it with `sops`, and replace what was readable: the history of the repository keeps it");
                }
            }
        }
    }
}

/// Is a file that such a pattern fits a secret, and no other thing? Many patterns fit all YAML files of a folder.
fn is_meant(pattern: &str, document: &Value) -> bool {
    match text(document, "kind") {
        "" => ["secret", "enc", "sops", "credential", "private"].iter().any(|word| pattern.to_ascii_lowercase().contains(word)),
        kind => kind == "Secret",
    }
}
