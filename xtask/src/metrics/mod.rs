//! What Prometheus is asked for, and whether somebody answers: alerts, recorded series, dashboards and the analysis of
//! releases of an environment, against the targets that are scraped there.
//!
//! PromQL is not parsed here: promtool says what is wrong with an expression, and which metrics it reads.

mod analysis;
mod catalogue;
mod dashboards;
mod promtool;
mod rules;
mod targets;
mod twice;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::context::Context;
use crate::error::Result;
use crate::render;
use catalogue::Catalogue;
use promtool::Promtool;

/// The programs that this needs.
pub const TOOLS: [&str; 2] = ["helm", "promtool"];

/// An expression as it stands in the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Expression {
    /// Where to look for it: `alert HighLatency`.
    place: String,
    /// With Grafana's variables, if it is one of a dashboard.
    text: String,
    /// As Prometheus gets it, with an example for each variable.
    query: String,
}

impl Expression {
    fn new(place: impl Into<String>, text: &str) -> Self {
        Expression { place: place.into(), text: text.to_string(), query: text.to_string() }
    }
}

/// What was looked at, by the environment with most of it, and what is wrong anywhere.
#[derive(Default)]
pub struct Findings {
    pub alerts: usize,
    pub records: usize,
    pub dashboards: usize,
    pub expressions: usize,
    pub metrics: usize,
    pub problems: Vec<String>,
    /// Rules that the unit tests have run on.
    tested: Vec<rules::Rules>,
}

/// Looks at every environment in `environments`. Errors: one of them cannot be rendered, promtool is not to be had, a file of
/// the catalogue is not valid.
pub fn look(cx: &Context, environments: &[String]) -> Result<Findings> {
    let promtool = Promtool::new(cx)?;
    let catalogue = Catalogue::read(&cx.repo)?;
    let tests = rules::Tests::read(&cx.repo)?;
    let mut findings = Findings::default();
    let mut used = BTreeSet::new();
    for env in environments {
        let mut one = Environment { env, objects: rendered(cx, env)?, problems: Vec::new() };
        used.extend(one.look(&promtool, &catalogue, &tests, &mut findings)?);
        findings.problems.extend(one.problems.into_iter().map(|problem| format!("{env}: {problem}")));
    }
    // Broken expressions read nothing, and the catalogue would look too long.
    if findings.problems.is_empty() {
        findings.problems.extend(catalogue.unused(&used));
    }
    findings.metrics = used.len();
    Ok(findings)
}

/// One environment under examination.
struct Environment<'a> {
    env: &'a str,
    objects: Vec<Value>,
    problems: Vec<String>,
}

impl Environment<'_> {
    /// Returns the series of targets that are read here.
    fn look(
        &mut self,
        promtool: &Promtool<'_>,
        catalogue: &Catalogue,
        tests: &rules::Tests,
        findings: &mut Findings,
    ) -> Result<BTreeSet<String>> {
        let rules = rules::Rules::of(&self.objects);
        let dashboards = dashboards::read(&self.objects);
        self.problems.extend(rules.incomplete());
        self.problems.extend(rules.untested(tests));
        self.problems.extend(dashboards.problems);
        let queries = [dashboards.expressions, analysis::expressions(&self.objects)].concat();
        let broken = [promtool.check_rules(&rules)?, promtool.check_queries(&queries)?].concat();
        findings.alerts = findings.alerts.max(rules.alerts().count());
        findings.records = findings.records.max(rules.records().len());
        findings.dashboards = findings.dashboards.max(dashboards.count);
        if !broken.is_empty() {
            self.problems.extend(broken);
            return Ok(BTreeSet::new());
        }
        let expressions = [rules.expressions(), queries].concat();
        findings.expressions = findings.expressions.max(expressions.len());
        // Mostly the same in every environment, and slow.
        if !findings.tested.contains(&rules) {
            self.problems.extend(promtool.test(&rules, tests)?);
            findings.tested.push(rules.clone());
        }
        let read = promtool.metrics(&expressions)?;
        let recorded = rules.records();
        self.problems.extend(twice::problems(&expressions, &read));
        let mut places: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (expression, metrics) in expressions.iter().zip(read) {
            for metric in metrics.into_iter().filter(|m| !recorded.contains(m)) {
                places.entry(metric).or_default().push(&expression.place);
            }
        }
        let scraped = targets::Targets::of(&self.objects);
        self.problems.extend(scraped.problems.clone());
        for expression in &expressions {
            let unknown = jobs_named(&expression.query).into_iter().filter(|job| !scraped.has(job));
            self.problems.extend(unknown.map(|job| format!("{} asks for the job `{job}`, which nothing scrapes", expression.place)));
        }
        self.problems.extend(catalogue.unanswered(&places, &scraped));
        self.problems.extend(catalogue.outdated(&self.objects, &scraped, self.env));
        Ok(places.into_keys().collect())
    }
}

/// The jobs that an expression asks for by name. An alert on the absence of another one would always fire.
fn jobs_named(query: &str) -> BTreeSet<&str> {
    let parts = query.split("job=\"").skip(1);
    parts.filter_map(|part| part.split_once('"')).map(|(job, _)| job).collect()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// The objects of a kind.
fn of_kind<'a>(objects: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    objects.iter().filter(move |object| object["kind"] == kind)
}

/// Everything that an environment deploys: services and their ports are of other components than the monitors.
fn rendered(cx: &Context, env: &str) -> Result<Vec<Value>> {
    let there = cx.in_environment(env)?;
    let targets = render::targets(&there)?;
    let objects = render::at_once(&targets, |target| render::render(&there, target));
    Ok(objects.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_those_in_matchers_for_exactly_one() {
        let query = "up{job=\"a\"} == 0 or absent(up{pod=\"x\", job=\"b\"}) or up{job=~\"c|d\"}";
        assert_eq!(jobs_named(query), BTreeSet::from(["a", "b"]));
    }
}
