//! A template that gives another text each time.
//!
//! ## What
//! A template uses a random text, the time, a certificate or key that it makes, or `lookup`.
//! ## Why
//! Argo CD renders again and again: the Application is OutOfSync for ever, and with self-heal a password changes every few
//! minutes. `lookup` finds nothing there, so the branch for a first installation always runs.
//! ## Bad
//! ```yaml charts/shop/values.yaml
//! password: ""
//! ```
//! ```yaml charts/shop/templates/secret.yaml
//! password: {{ .Values.password | default (randAlphaNum 16) | b64enc }}
//! renderedAt: {{ now | date "2006-01-02" }}
//! ```
//! ## Good
//! ```yaml charts/shop/templates/secret.yaml
//! password: {{ required "password is required" .Values.password | b64enc }}
//! checksum: {{ toYaml .Values.config | sha256sum }}
//! ```
//! ## Trap
//! A value that every environment sets in its place, a hook, a template that nobody calls.
//! ```yaml charts/shop/values.yaml
//! password: ""
//! token: ""
//! ```
//! ```yaml config/prod/shop.yaml
//! password: vault
//! token: vault
//! ```
//! ```yaml charts/shop/templates/secret.yaml
//! password: {{ .Values.password | default (randAlphaNum 16) | b64enc }}
//! {{- if not .Values.token }}
//! token: {{ randAlphaNum 32 }}
//! {{- end }}
//! ```
//! ```yaml charts/shop/templates/job.yaml
//! kind: Job
//! metadata:
//!   name: migrate-{{ randAlphaNum 5 | lower }}
//!   annotations:
//!     "helm.sh/hook": pre-upgrade
//! ```
//! ```yaml charts/shop/templates/_helpers.tpl
//! {{- define "shop.unused" }}{{ now }}{{ end }}
//! ```
//! ## Fix
//! Make the value once and give it to the chart: as a Secret that is made outside, or as a value that each environment sets.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::charts::facts::truth;
use crate::charts::subject::{Subject, is_brought_along};
use crate::charts::{Place, Template, Unstable};
use crate::{Findings, Severity};

pub const ID: &str = "unstable-render";
pub const SEVERITY: Severity = Severity::Warning;

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> super::Meta {
        super::Meta { id: ID, severity: SEVERITY }
    }

    fn check(&self, index: &crate::index::Index<'_>, out: &mut Findings) {
        check(index.subjects, out);
    }
}

pub fn check(subjects: &[Subject<'_>], out: &mut Findings) {
    out.of(ID, SEVERITY);
    for subject in subjects {
        let mut found: BTreeMap<Place, (Vec<&str>, Vec<String>)> = BTreeMap::new();
        for unstable in &subject.reads.unstable {
            let hook = subject.family.templates.get(unstable.file).is_some_and(|(_, file)| is_hook(file, file.line_of(unstable.pos)));
            if hook {
                continue;
            }
            let runs = |values: &Value| runs(subject, unstable, values);
            let mut environments = Vec::new();
            let mut ever = false;
            for (deployment, values) in subject.deployments.iter().zip(&subject.effective) {
                if runs(values) {
                    ever = true;
                    environments.extend(deployment.environment.clone());
                }
            }
            let alone = subject.deployments.is_empty() && !is_brought_along(subject, subjects) && runs(&subject.defaults);
            if ever || alone {
                let place = subject.place(unstable.file, unstable.pos);
                let (functions, wheres) = found.entry(Place { column: None, ..place }).or_default();
                functions.push(&unstable.function);
                wheres.extend(environments);
            }
        }
        for (place, (mut functions, mut environments)) in found {
            functions.sort_unstable();
            functions.dedup();
            environments.sort();
            environments.dedup();
            let names: Vec<String> = functions.iter().map(|name| format!("`{name}`")).collect();
            let gives = if functions == ["lookup"] { "finds nothing in Argo CD" } else { "gives something else in every render" };
            let found = out.say(format!("{} {gives}", names.join(" and ")));
            found.at(place.path, place.line, place.column);
            found.help("set it as a value, or make it once outside of the chart, as a Secret that the chart refers to");
            found.environments = environments;
        }
    }
}

/// Is it reached with these values, and does none of them take its place?
fn runs(subject: &Subject<'_>, unstable: &Unstable, values: &Value) -> bool {
    let paths = &subject.reads.paths;
    let is_set = |keys: &Vec<String>| {
        let value = keys.iter().try_fold(values, |value, key| crate::charts::facts::child(value, key));
        value.is_some_and(truth)
    };
    let pinned = unstable.pins.iter().any(|path| {
        let found = subject.reads.matching(*path, values);
        !found.is_empty() && found.iter().all(is_set)
    });
    !pinned && !unstable.facts.iter().any(|fact| fact.contradicts(paths, values, &[]))
}

/// Is the document around the line a hook? Hooks are made anew each time, and not compared.
fn is_hook(file: &Template, line: usize) -> bool {
    let is_end = |line: &str| line.trim_end() == "---";
    let from = (1..line).rev().find(|at| is_end(file.line(*at))).unwrap_or(0) + 1;
    let to = (line..=file.lines()).find(|at| is_end(file.line(*at))).unwrap_or(file.lines() + 1);
    (from..to).any(|at| {
        ["helm.sh/hook:", "helm.sh/hook\":", "argocd.argoproj.io/hook:", "argocd.argoproj.io/hook\":"]
            .iter()
            .any(|key| file.line(at).contains(key))
    })
}
