//! A chart that cannot be rendered with the values of an environment that deploys it.
//!
//! ## What
//! Helm fails: a template does not parse, a function does not exist, a map is missing, `required` or `fail` says so, a dependency or the
//! schema of the values is violated.
//! ## Why
//! The Application keeps its old state, and every later change to it is stuck.
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
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: cart}
//! data:
//!   host: {{ required "a host is needed" .Values.host }} # bad
//! ```
//! ```text failure of cart
//! `helm template charts/cart` exited with code 1 after 0.3 s
//! Error: execution error at (cart/templates/settings.yaml:5:11): a host is needed
//! Use --debug flag to render out invalid YAML
//! ```
//! ## Good
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: default}
//!   source: {repoURL: "https://git.example.org/shop.git", path: charts/cart, helm: {valuesObject: {host: a.example.org}}}
//! ```
//! ```yaml charts/cart/Chart.yaml
//! {apiVersion: v2, name: cart, version: 1.0.0}
//! ```
//! ```yaml charts/cart/templates/settings.yaml
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: cart, labels: {reload: "true"}}
//! data:
//!   host: {{ required "a host is needed" .Values.host }}
//! ```
//! ```yaml objects of cart
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: cart, labels: {reload: "true"}}
//! data: {host: a.example.org}
//! ```
//! ## Trap
//! A chart whose own defaults do not render, because every environment has to say something, is fine; so is one that comes from the
//! network.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: default}
//!   source: {repoURL: "https://charts.example.org", chart: cart, targetRevision: 1.0.0}
//! ```
//! ```text gap of cart
//! the chart cart of https://charts.example.org is not in this repository
//! ```
//! ```yaml charts/other/Chart.yaml
//! {apiVersion: v2, name: other, version: 1.0.0, type: library}
//! ```
//! ## Fix
//! Mend the line that Helm names, or the value that it misses. Mind a space before a trimming dash (`{{ -`), and that actions in
//! comments of YAML run as well.

use std::collections::BTreeSet;

use super::{Findings, Meta, Severity};
use crate::index::{Index, failures};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "broken-render", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        let mut told = BTreeSet::new();
        for (deployed, cause) in failures::of(index).filter(|(_, cause)| !cause.is_output) {
            // One root cause breaks every environment that has it.
            if told.insert((deployed.application.environment.as_deref(), cause.clone())) {
                let line = cause.line.and_then(|line| index.input.files.text(&cause.path)?.lines().nth(line.checked_sub(1)?));
                let finding = out.say(format!("the chart cannot be rendered: {}", cause.message));
                finding.at(&cause.path, cause.line.unwrap_or(1), cause.column.map(|column| column + 1)).help(help(line));
                finding.application = Some(deployed.application.name().to_string());
                finding.environments = deployed.application.environment.iter().cloned().collect();
            }
        }
    }
}

fn help(line: Option<&str>) -> &'static str {
    match line {
        Some(line) if line.contains("{{ -") || line.contains("- }}") && !line.contains(" -}}") => {
            "no space may stand between the braces and the dash: `{{-`, `-}}`"
        }
        Some(line) if line.trim_start().starts_with('#') => "actions in comments run as well: take the braces out, or comment with {{/* */}}",
        _ => "mend the template, or set the value that it reads",
    }
}
