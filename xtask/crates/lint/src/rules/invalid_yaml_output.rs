//! A template runs, and what it prints is no YAML.
//!
//! ## What
//! The output of a template cannot be read: an indentation of `nindent` that does not fit, a tab, a colon in a text without quotes,
//! braces that a formatter has torn apart.
//! ## Why
//! All objects of the chart are refused, not only the broken one.
//! ## Bad
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: default}
//!   source: {repoURL: "https://git.example.org/shop.git", path: charts/cart}
//! ```
//! ```yaml charts/cart/Chart.yaml
//! {apiVersion: v2, name: cart, version: 1.0.0}
//! ```
//! ```yaml charts/cart/templates/settings.yaml
//! {{- if true }}
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: cart}
//! data:
//!   greeting: hello: world # bad
//! {{- end }}
//! ```
//! ```text failure of cart
//! Error: YAML parse error on cart/templates/settings.yaml: error converting YAML to JSON: yaml: line 6: mapping values are not allowed in this context
//! ```
//! ## Good
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: default}
//!   source: {repoURL: "https://git.example.org/shop.git", path: charts/cart}
//! ```
//! ```yaml charts/cart/Chart.yaml
//! {apiVersion: v2, name: cart, version: 1.0.0}
//! ```
//! ```yaml charts/cart/templates/settings.yaml
//! {{- if true }}
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: cart, labels: {reload: "true"}}
//! data:
//!   greeting: "hello: world"
//! {{- end }}
//! ```
//! ```yaml objects of cart
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: cart, labels: {reload: "true"}}
//! data: {greeting: "hello: world"}
//! ```
//! ## Trap
//! A partial template prints nothing by itself, and what it holds need not be YAML.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: default}
//!   source: {repoURL: "https://git.example.org/shop.git", path: charts/cart}
//! ```
//! ```yaml charts/cart/Chart.yaml
//! {apiVersion: v2, name: cart, version: 1.0.0}
//! ```
//! ```yaml charts/cart/templates/_words.tpl
//! {{- define "words" }}hello: world: again{{ end }}
//! ```
//! ```yaml objects of cart
//! apiVersion: v1
//! kind: Service
//! metadata: {name: cart}
//! ```
//! ## Fix
//! Mend the indentation, or quote the value: `{{ … | quote }}`, `{{- toYaml … | nindent N }}`.

use std::collections::BTreeSet;

use super::{Findings, Meta, Severity};
use crate::index::failures::{self, Cause};
use crate::index::Index;

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "invalid-yaml-output", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        let mut told = BTreeSet::new();
        for (deployed, cause) in failures::of(index).filter(|(_, cause)| cause.is_output) {
            if told.insert((deployed.application.environment.as_deref(), cause.clone())) {
                let why = cause.message.rsplit_once("yaml: ").map_or(cause.message.as_str(), |(_, why)| why);
                let finding = out.say(format!("what the template prints is no YAML: {why}"));
                finding.at(&cause.path, line(index, &cause), None).help("mend the indentation, or quote the value");
                finding.application = Some(deployed.application.name().to_string());
                finding.environments = deployed.application.environment.iter().cloned().collect();
            }
        }
    }
}

/// The line of the template behind a line of its output.
///
/// Lines with nothing but actions print none, as they are commonly trimmed; where that leads astray the nearest line that looks like the
/// mistake is taken.
fn line(index: &Index<'_>, cause: &Cause) -> usize {
    let lines: Vec<&str> = index.input.files.text(&cause.path).map(|text| text.lines().collect()).unwrap_or_default();
    let printed = cause.line.unwrap_or(1);
    let prints = lines.iter().enumerate().filter(|(_, line)| !is_action(line)).map(|(i, _)| i + 1);
    let guess = prints.take(printed).last().unwrap_or(1);
    let suspects = lines.iter().enumerate().filter(|(_, line)| is_suspect(line)).map(|(i, _)| i + 1);
    suspects.min_by_key(|line| line.abs_diff(guess)).unwrap_or(guess)
}

fn is_action(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("{{-") && line.ends_with("}}") && !line.contains("toYaml") && !line.contains("include")
}

/// A tab, torn braces, or a second colon in a text without quotes.
fn is_suspect(line: &str) -> bool {
    let bare = line.split(" #").next().unwrap_or_default();
    let value = bare.split_once(": ").map_or("", |(_, value)| value.trim());
    let is_plain = !value.starts_with(['"', '\'', '{', '[', '|', '>', '&', '*']);
    line.starts_with('\t') || line.contains("{ {") || line.contains("} }") || is_plain && value.contains(": ")
}
