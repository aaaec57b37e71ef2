//! A private key in the tree.
//!
//! ## What
//! A file holds the private half of a key: PEM, OpenSSH, PGP, age, or one in base64 as in a Secret or a kubeconfig.
//! ## Why
//! Whoever reads the repository, or an old clone of it, can be who the key stands for; deleting the file takes nothing back.
//! ## Bad
//! ```yaml config/prod/kubeconfig.yaml
//! users:
//!   - name: admin
//!     user:
//!       client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlFdlFJQkFEQU5CZ2txaGtpRzl3MEJB # bad
//! ```
//! ## Good
//! ```yaml config/prod/kubeconfig.yaml
//! users:
//!   - name: admin
//!     user:
//!       exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, args: [eks, get-token]}
//! ```
//! ## Trap
//! Certificates and public keys are public, what is encrypted is no key to anybody, and an ellipsis is an example.
//! ```yaml config/prod/values.yaml
//! caBundle: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSURkekNDQWwrZ0F3SUJBZ0lFQWdBQXVUQU5CZ2txaGtpRzl3MEI=
//! publicKey: |
//!   -----BEGIN PUBLIC KEY-----
//!   MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo
//!   -----END PUBLIC KEY-----
//! # -----BEGIN PRIVATE KEY-----
//! # MIIEvQ...
//! recipient: age1qqqq
//! tlsKey: ENC[AES256_GCM,data:LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQ,iv:def,tag:ghi,type:str]
//! ```
//! ## Fix
//! Make a new key, let the old one be refused, and keep the new one where only those are who need it.

use std::path::Path;

use super::{Findings, Meta, Severity};
use crate::index::Index;

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "committed-private-key", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for (path, file) in index.input.files.iter().filter(|(path, _)| !is_example(path)) {
            let Some(text) = file.text().filter(|text| MARKS.iter().any(|(mark, _)| text.contains(mark))) else { continue };
            for (line, column, what) in keys(text) {
                out.say(format!("this is {what}"))
                    .at(path, line, Some(column))
                    .help("make a new key and keep it out of the tree; the history of the repository keeps this one");
            }
        }
    }
}

/// How a key begins, and what it is. Those in base64 are `-----BEGIN … PRIVATE KEY`.
const MARKS: [(&str, &str); 6] = [
    ("PRIVATE KEY", "a private key"),
    ("AGE-SECRET-KEY-1", "a private key of age"),
    ("LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVkt", "a private key, in base64"),
    ("LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0t", "a private key, in base64"),
    ("LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS0t", "a private key, in base64"),
    ("LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUgS0VZ", "a private key, in base64"),
];

/// Line, column and kind of every key of a text.
fn keys(text: &str) -> Vec<(usize, usize, &'static str)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (i, line) in lines.iter().enumerate().filter(|(_, line)| !line.contains("ENC[")) {
        for (mark, what) in MARKS {
            let Some(at) = line.find(mark) else { continue };
            let behind = line.get(at + mark.len()..).unwrap_or_default();
            let (start, is_key) = match mark {
                "PRIVATE KEY" => {
                    let Some(start) = line.get(..at).and_then(|before| before.rfind("-----BEGIN ")) else { continue };
                    (start, has_body(behind, lines.get(i + 1..).unwrap_or_default()))
                }
                "AGE-SECRET-KEY-1" => (at, behind.bytes().take_while(u8::is_ascii_alphanumeric).count() >= 40),
                _ => (at, behind.bytes().take_while(|b| is_base64(*b)).count() >= 32),
            };
            if is_key {
                let column = line.get(..start).map_or(0, |before| before.chars().count()) + 1;
                found.push((i + 1, column, what));
                break;
            }
        }
    }
    found
}

fn is_base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'+' || b == b'/' || b == b'='
}

/// Does a key follow its first line? On the same one with `\\n` between, or on one of the next: headers may stand before it.
fn has_body(behind: &str, next: &[&str]) -> bool {
    let is_body = |line: &str| {
        let line = line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '#' | '|' | '\\'));
        line.len() >= 32 && line.bytes().all(is_base64)
    };
    let behind = behind.trim_start_matches(" BLOCK").trim_start_matches('-').replace("\\r", "");
    behind.split("\\n").any(is_body) || next.iter().take(5).take_while(|line| !line.contains("-----")).any(|line| is_body(line))
}

/// Is it a text about keys, or a file of somebody's tests?
fn is_example(path: &str) -> bool {
    let folders = ["test", "tests", "testing", "e2e", "example", "examples", "sample", "samples"];
    let is_one = |part: std::path::Component<'_>| part.as_os_str().to_str().is_some_and(|part| folders.contains(&part));
    path.ends_with(".md") || path.ends_with(".example") || Path::new(path).components().any(is_one)
}
