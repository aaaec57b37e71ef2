//! A file that SOPS has encrypted for other people than its rule names.
//!
//! ## What
//! The recipients of an encrypted file are not those of the first rule of `.sops.yaml` that fits its path, a recipient is malformed, or
//! only one key opens what belongs to prod (a warning).
//! ## Why
//! Who was added cannot decrypt it, who was removed still can, and with the only key the secrets are lost.
//! ## Bad
//! ```yaml .sops.yaml
//! creation_rules:
//!   - path_regex: config/.*\.enc\.yaml$
//!     age: >-
//!       age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq,
//!       age1pppppppppppppppppppppppppppppppppppppppppppppppppppppppppp
//! ```
//! ```yaml config/shop.enc.yaml
//! password: ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]
//! sops: # bad
//!   age: [{recipient: age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq, enc: x}]
//!   mac: ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]
//!   version: 3.9.0
//! ```
//! ## Good
//! ```yaml .sops.yaml
//! creation_rules:
//!   - path_regex: config/.*\.enc\.yaml$
//!     age: age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq
//! ```
//! ```yaml config/shop.enc.yaml
//! password: ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]
//! sops:
//!   age: [{recipient: age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq, enc: x}]
//!   mac: ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]
//!   version: 3.9.0
//! ```
//! ## Trap
//! The order of recipients is nothing, nor is it whether they stand in groups.
//! ```yaml .sops.yaml
//! creation_rules:
//!   - path_regex: config/.*\.enc\.yaml$
//!     key_groups:
//!       - age:
//!           - age1pppppppppppppppppppppppppppppppppppppppppppppppppppppppppp
//!           - age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq
//! ```
//! ```yaml config/shop.enc.yaml
//! password: ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]
//! sops:
//!   age:
//!     - {recipient: age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq, enc: x}
//!     - {recipient: age1pppppppppppppppppppppppppppppppppppppppppppppppppppppppppp, enc: x}
//!   mac: ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]
//!   version: 3.9.0
//! ```
//! ## Fix
//! `sops updatekeys FILE` brings a file to what its rule says; a recipient who was removed needs new secrets as well.

use super::{Findings, Meta, Severity};
use crate::index::Index;
use crate::index::files::{is_yaml, name};
use crate::sops::{self, Recipients};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "wrong-sops-recipients", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        let rules = sops::rules(index);
        for rule in &rules {
            let place = |out: &mut Findings, message: String, help: &str, severity: Severity| {
                let Some(site) = index.in_document(&rule.config, 0, &format!("/creation_rules/{}", rule.at)) else { return };
                out.say(message).at(site.path, site.line, site.column).help(help).severity(severity);
            };
            for recipient in malformed(&rule.recipients) {
                place(out, format!("`{recipient}` is no recipient"), "write the whole public key, fingerprint or ARN", Severity::Error);
            }
            let is_single = rule.recipients.age.len() + rule.recipients.pgp.len() == 1 && rule.recipients.count() == 1;
            if is_single && rule.pattern.contains("prod") {
                let message = "only one key opens what this rule encrypts for prod".to_string();
                place(out, message, "add the key of a second person, or one that is kept apart", Severity::Warning);
            }
        }
        let texts = index.input.files.iter().filter(|(path, file)| is_yaml(path) && file.text().is_some_and(|text| text.contains("sops:")));
        for (path, file) in texts.filter(|(path, _)| name(path) != ".sops.yaml") {
            let Some(rule) = sops::rule_for(&rules, path).filter(|rule| rule.recipients.count() > 0) else { continue };
            // Every document of a file has the same metadata.
            let documents = file.documents().into_iter().flatten().enumerate();
            let Some((at, sops)) = documents.filter_map(|(at, d)| Some((at, sops::metadata(&d.value)?))).next() else { continue };
            let (own, wanted) = (Recipients::of_file(sops), &rule.recipients);
            let pairs = [(&own.age, &wanted.age), (&own.pgp, &wanted.pgp), (&own.kms, &wanted.kms)];
            let missing: Vec<&String> = pairs.iter().flat_map(|(own, wanted)| wanted.iter().filter(|one| !own.contains(one))).collect();
            let extra: Vec<&String> = pairs.iter().flat_map(|(own, wanted)| own.iter().filter(|one| !wanted.contains(one))).collect();
            if missing.is_empty() && extra.is_empty() {
                continue;
            }
            let Some(site) = index.key_in_document(path, at, "/sops") else { continue };
            let mut words = Vec::new();
            words.extend((!missing.is_empty()).then(|| format!("{} cannot open it", short(&missing))));
            words.extend((!extra.is_empty()).then(|| format!("{} still can", short(&extra))));
            let message = format!("this file is not encrypted for those whom its rule names: {}", words.join(", "));
            let found = out.say(message).at(site.path, site.line, site.column);
            found.help("bring it up to date with `sops updatekeys`; who was removed also knows the old values");
            if let Some(site) = index.in_document(&rule.config, 0, &format!("/creation_rules/{}", rule.at)) {
                found.related(site.path, site.line, site.column, "the rule for it");
            }
        }
    }
}

/// Public keys, as far as they are needed to tell them apart.
fn short(recipients: &[&String]) -> String {
    let one = |recipient: &&&String| match recipient.char_indices().nth(16) {
        Some((end, _)) if !recipient.starts_with("arn:") => format!("`{}…`", recipient.get(..end).unwrap_or_default()),
        _ => format!("`{recipient}`"),
    };
    recipients.iter().map(|recipient| one(&recipient)).collect::<Vec<_>>().join(" and ")
}

/// Recipients that cannot be ones. Those of plugins of age are taken as they are.
fn malformed(recipients: &Recipients) -> Vec<&String> {
    let is_age = |key: &str| match key.strip_prefix("age1") {
        // A native one has 58 letters behind its prefix, and `1` is none of them.
        Some(rest) => rest.contains('1') || rest.len() == 58 && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()),
        None => key.starts_with("ssh-"),
    };
    let is_fingerprint = |key: &str| key.len() >= 8 && key.bytes().all(|b| b.is_ascii_hexdigit() || b == b' ');
    let age = recipients.age.iter().filter(|key| !is_age(key));
    let pgp = recipients.pgp.iter().filter(|key| !is_fingerprint(key) && !key.contains('@'));
    let kms = recipients.kms.iter().filter(|arn| !arn.starts_with("arn:"));
    age.chain(pgp).chain(kms).collect()
}
