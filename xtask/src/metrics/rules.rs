//! Rules for Prometheus, as the rendered PrometheusRules have them, and the unit tests that alerts must have.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Expression, list, of_kind, text};
use crate::error::{Context as _, Result};
use crate::repo::{Repo, yaml};

/// Where the unit tests lie, one file for each group of alerts.
const TESTS: &str = "charts/monitoring/rule-tests";

/// The groups of all PrometheusRules of an environment.
#[derive(Clone, PartialEq)]
pub struct Rules {
    groups: Vec<Value>,
}

impl Rules {
    pub fn of(objects: &[Value]) -> Self {
        Rules { groups: of_kind(objects, "PrometheusRule").flat_map(|object| list(object, "/spec/groups")).cloned().collect() }
    }

    fn all(&self) -> impl Iterator<Item = &Value> {
        self.groups.iter().flat_map(|group| list(group, "/rules"))
    }

    pub fn alerts(&self) -> impl Iterator<Item = &Value> {
        self.all().filter(|rule| rule.get("alert").is_some())
    }

    /// The names of the recorded series.
    pub fn records(&self) -> BTreeSet<String> {
        self.all().filter_map(|rule| rule["record"].as_str()).map(str::to_string).collect()
    }

    pub fn expressions(&self) -> Vec<Expression> {
        let of_rule = |rule: &Value| {
            let kind = if rule.get("alert").is_some() { "alert" } else { "record" };
            Expression::new(format!("{kind} {}", text(rule, &format!("/{kind}"))), text(rule, "/expr"))
        };
        self.all().map(of_rule).collect()
    }

    /// As a file of rules for Prometheus.
    pub fn file(&self) -> Value {
        json!({ "groups": self.groups })
    }

    /// The same for unit tests, which compare annotations letter by letter: without the runbooks.
    pub fn file_without_runbooks(&self) -> Value {
        let mut file = self.file();
        let groups = file["groups"].as_array_mut().into_iter().flatten();
        for rule in groups.filter_map(|group| group["rules"].as_array_mut()).flatten() {
            if let Some(annotations) = rule.pointer_mut("/annotations").and_then(Value::as_object_mut) {
                annotations.remove("runbook");
            }
        }
        file
    }

    /// Alerts that lack what somebody who is woken by them needs.
    pub fn incomplete(&self) -> Vec<String> {
        let needed = ["/annotations/summary", "/annotations/description", "/annotations/runbook", "/labels/severity"];
        let lacks = |rule: &Value| needed.into_iter().filter(|pointer| text(rule, pointer).is_empty()).map(str::to_string).collect();
        let found: Vec<(&Value, Vec<String>)> = self.alerts().map(|rule| (rule, lacks(rule))).collect();
        let bad = found.into_iter().filter(|(_, lacks)| !lacks.is_empty());
        bad.map(|(rule, lacks)| format!("alert {} has no {}", text(rule, "/alert"), lacks.join(", "))).collect()
    }

    /// Alerts without a test in which they fire, or without one in which they stay quiet; tests of alerts that do not exist.
    pub fn untested(&self, tests: &Tests) -> Vec<String> {
        let mut problems = Vec::new();
        for name in self.alerts().map(|rule| text(rule, "/alert")) {
            for (cases, what) in [(&tests.firing, "fires"), (&tests.quiet, "stays quiet")] {
                if !cases.contains(name) {
                    problems.push(format!("alert {name}: no test in {TESTS} in which it {what}"));
                }
            }
        }
        let known: BTreeSet<&str> = self.alerts().map(|rule| text(rule, "/alert")).collect();
        let strangers = tests.firing.union(&tests.quiet).filter(|name| !known.contains(name.as_str()));
        problems.extend(strangers.map(|name| format!("{TESTS} tests the alert {name}, which does not exist here")));
        problems
    }
}

/// The unit tests, and which alerts they are about.
#[derive(Default)]
pub struct Tests {
    pub files: Vec<PathBuf>,
    firing: BTreeSet<String>,
    quiet: BTreeSet<String>,
}

impl Tests {
    /// Errors: the folder cannot be read; a file is no YAML.
    pub fn read(repo: &Repo) -> Result<Self> {
        let mut tests = Tests::default();
        for entry in std::fs::read_dir(repo.root().join(TESTS)).with_context(|| format!("could not read {TESTS}"))? {
            let path = entry?.path();
            tests.add(&yaml::read(&path)?);
            tests.files.push(path);
        }
        tests.files.sort();
        Ok(tests)
    }

    fn add(&mut self, file: &Value) {
        for case in list(file, "/tests").flat_map(|test| list(test, "/alert_rule_test")) {
            let fires = list(case, "/exp_alerts").next().is_some();
            let cases = if fires { &mut self.firing } else { &mut self.quiet };
            cases.insert(text(case, "/alertname").to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        let annotations = json!({ "summary": "s", "description": "d", "runbook": "r" });
        Rules::of(&[json!({ "kind": "PrometheusRule", "spec": { "groups": [{ "name": "g", "rules": [
            { "record": "a:b:c", "expr": "sum(b)" },
            { "alert": "Whole", "expr": "a:b:c > 1", "labels": { "severity": "warning" }, "annotations": annotations },
            { "alert": "Mute", "expr": "b > 1", "labels": { "severity": "warning" }, "annotations": { "summary": "s", "description": "d" } },
        ] }] } })])
    }

    #[test]
    fn an_alert_without_a_runbook_is_incomplete() {
        assert_eq!(rules().incomplete(), ["alert Mute has no /annotations/runbook"]);
    }

    #[test]
    fn an_alert_needs_a_test_that_makes_it_fire_and_one_that_keeps_it_quiet() {
        let mut tests = Tests::default();
        tests.add(&json!({ "tests": [{ "alert_rule_test": [
            { "alertname": "Whole", "exp_alerts": [{}] },
            { "alertname": "Whole", "exp_alerts": [] },
            { "alertname": "Mute" },
            { "alertname": "Gone" },
        ] }] }));
        let problems = rules().untested(&tests);
        assert_eq!(
            problems,
            [
                "alert Mute: no test in charts/monitoring/rule-tests in which it fires",
                "charts/monitoring/rule-tests tests the alert Gone, which does not exist here"
            ]
        );
    }

    #[test]
    fn only_the_runbook_is_kept_from_the_tests() {
        let file = rules().file_without_runbooks();
        assert_eq!(file["groups"][0]["rules"][1]["annotations"], json!({ "summary": "s", "description": "d" }));
        assert_eq!(rules().records().into_iter().collect::<Vec<_>>(), ["a:b:c"]);
    }
}
