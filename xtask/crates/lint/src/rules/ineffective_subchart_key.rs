//! A switch or block for a dependency under a name that the dependency has not.
//!
//! ## What
//! A condition, a tag or a block of values that goes by another name than the dependency: its name although it has an alias, or a
//! name that no dependency has.
//! ## Why
//! Helm looks under the alias, finds nothing and says nothing: the switch does not switch, the settings do not arrive.
//! ## Bad
//! ```yaml charts/shop/Chart.yaml
//! name: shop
//! version: 1.0.0
//! dependencies:
//!   - name: postgresql
//!     version: 1.0.0
//!     repository: file://../postgresql
//!     alias: db
//!     condition: postgresql.enabled
//! ```
//! ```yaml charts/shop/values.yaml
//! postgresql: {port: 5433}
//! tags: {database: false}
//! ```
//! ```yaml charts/postgresql/Chart.yaml
//! name: postgresql
//! version: 1.0.0
//! ```
//! ```yaml charts/postgresql/templates/service.yaml
//! port: {{ .Values.port }}
//! ```
//! ## Good
//! ```yaml charts/shop/Chart.yaml
//! name: shop
//! version: 1.0.0
//! dependencies:
//!   - name: postgresql
//!     version: 1.0.0
//!     repository: file://../postgresql
//!     alias: db
//!     condition: db.enabled
//!     tags: [database]
//! ```
//! ```yaml charts/shop/values.yaml
//! db: {enabled: true, port: 5433}
//! tags: {database: true}
//! ```
//! ```yaml charts/postgresql/Chart.yaml
//! name: postgresql
//! version: 1.0.0
//! ```
//! ```yaml charts/postgresql/templates/service.yaml
//! port: {{ .Values.port }}
//! ```
//! ## Trap
//! A list of conditions of which one is set, a switch of the chart's own, and a block that the chart's own templates read.
//! ```yaml charts/shop/Chart.yaml
//! name: shop
//! version: 1.0.0
//! dependencies:
//!   - {name: postgresql, version: 1.0.0, repository: "file://../postgresql", alias: db, condition: "postgresql.enabled,features.db"}
//!   - {name: redis, version: 1.0.0, repository: "https://charts.example.com", condition: redis.enabled}
//! ```
//! ```yaml charts/shop/values.yaml
//! features: {db: true}
//! postgresql: {host: db}
//! ```
//! ```yaml charts/shop/templates/config.yaml
//! host: {{ .Values.postgresql.host }}
//! ```
//! ```yaml charts/postgresql/Chart.yaml
//! name: postgresql
//! version: 1.0.0
//! ```
//! ## Fix
//! Use the alias, or the name where there is none.

use serde_json::Value;

use crate::text::nearest;
use crate::charts::reads::fits;
use crate::charts::{Dependency, Subject, pointer};
use crate::{Findings, Severity};

pub const ID: &str = "ineffective-subchart-key";
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
        let Some(chart) = subject.chart() else { continue };
        for dependency in &chart.dependencies {
            condition(subject, dependency, out);
        }
        if !chart.dependencies.is_empty() {
            blocks(subject, out);
        }
    }
}

/// All values that a chart is used with.
fn values<'s>(subject: &'s Subject<'_>) -> impl Iterator<Item = &'s Value> {
    std::iter::once(&subject.defaults).chain(&subject.effective)
}

fn condition(subject: &Subject<'_>, dependency: &Dependency, out: &mut Findings) {
    let key = dependency.key();
    // What begins with its own name is a switch, whether somebody has set it yet or not.
    let works = |condition: &String| {
        let mut steps = condition.split('.');
        let own = steps.next() == Some(key);
        let set =
            values(subject).any(|values| condition.split('.').try_fold(values, |value, key| value.get(key)).is_some_and(Value::is_boolean));
        own || set
    };
    if dependency.conditions.is_empty() || dependency.conditions.iter().any(works) {
        return;
    }
    let Some(place) = dependency.place.clone() else { return };
    let name = if dependency.alias.is_some() { format!("`{}` as `{key}`", dependency.name) } else { format!("`{key}`") };
    let shown = dependency.conditions.join(",");
    out.say(format!("the condition `{shown}` of the dependency {name} names no value that is set"))
        .at(place.path, place.line, place.column)
        .help(format!("a dependency's values are under its alias: `{key}.enabled`"));
}

fn blocks(subject: &Subject<'_>, out: &mut Findings) {
    let Some(chart) = subject.chart() else { return };
    for used in subject.layers.iter().filter(|used| used.keys.is_empty()) {
        let Some(map) = used.layer.value.as_object() else { continue };
        let suspects = map.keys().filter_map(|name| meant(subject, name).map(|dependency| (name, dependency)));
        let suspects: Vec<_> = suspects.collect();
        let tags: Vec<&String> = map.get("tags").and_then(Value::as_object).into_iter().flat_map(|tags| tags.keys()).collect();
        let unknown: Vec<&&String> =
            tags.iter().filter(|tag| !subject.reads.covers(&["tags", tag]) && subject.family.missing.is_empty()).collect();
        if suspects.is_empty() && unknown.is_empty() {
            continue;
        }
        let positions = used.layer.positions();
        for (name, dependency) in suspects {
            let place = used.layer.place(positions, &pointer(&[name]));
            let key = dependency.key();
            let reads = if dependency.name == *name {
                format!("the dependency `{name}` reads its values under its alias `{key}`, not under its name")
            } else {
                format!("no dependency is called `{name}`, and no template reads it")
            };
            let found = out.say(reads);
            found.at(place.path, place.line, place.column).help(format!("call the block `{key}`"));
            found.environments = used.environments.clone();
        }
        for tag in unknown {
            let place = used.layer.place(positions, &pointer(&["tags", tag]));
            let known: Vec<&str> = chart.dependencies.iter().flat_map(|d| &d.tags).map(String::as_str).collect();
            let near = nearest(tag, known.iter().copied()).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            let found = out.say(format!("no dependency has the tag `{tag}`"));
            found.at(place.path, place.line, place.column).help(format!("tags are those of `dependencies` in Chart.yaml{near}"));
            found.environments = used.environments.clone();
        }
    }
}

/// The dependency that a block at the top is likely meant for, under a wrong name.
fn meant<'s>(subject: &'s Subject<'_>, name: &str) -> Option<&'s Dependency> {
    let chart = subject.chart()?;
    if is_read(subject, name) || ["global", "tags", "exports"].contains(&name) {
        return None;
    }
    let is_map = values(subject).any(|values| values.get(name).is_some_and(Value::is_object));
    if !is_map || chart.dependencies.iter().any(|dependency| dependency.key() == name) {
        return None;
    }
    let by_name = chart.dependencies.iter().find(|dependency| dependency.name == name);
    by_name.or_else(|| {
        let near = nearest(name, chart.dependencies.iter().map(Dependency::key))?;
        chart.dependencies.iter().find(|dependency| dependency.key() == near)
    })
}

/// By a template; the condition of a dependency alone does not make a block of values.
fn is_read(subject: &Subject<'_>, name: &str) -> bool {
    let reads = &subject.reads;
    reads.gave_up || reads.reads.iter().any(|read| fits(&reads.paths.steps(read.path), &[name]) || reads.paths.is_below(read.path, name))
}

/// Is the key, or the block that it is in, what this rule speaks of?
pub fn is_misnamed_block(subject: &Subject<'_>, keys: &[&str]) -> bool {
    let Some(chart) = subject.chart().filter(|chart| !chart.dependencies.is_empty()) else { return false };
    match keys {
        ["tags", ..] => !chart.dependencies.is_empty(),
        [first, ..] => meant(subject, first).is_some(),
        [] => false,
    }
}
