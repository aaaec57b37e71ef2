//! For programs. Documented in the help of `diff`; it only grows.

use gitops::comparison::{Delta, Deployed, Field, text};
use lint::{Finding, Unverified};
use serde_json::{Value, json};

use super::Report;

/// Returns the report as one object with `"version": 1`.
pub fn json(report: &Report<'_>) -> Value {
    let change = &report.change;
    let applications: Vec<Value> = change
        .pairs
        .iter()
        .enumerate()
        .map(|(i, pair)| {
            let objects: Vec<Value> = change.deltas_of_pair(i).iter().map(object).collect();
            let word = match (pair.before, pair.after) {
                _ if pair.unknown => "changed",
                (None, _) => "added",
                (_, None) => "removed",
                _ if objects.is_empty() && pair.fields.is_empty() && !pair.is_broken() => "unchanged",
                _ => "changed",
            };
            let error = |side: Option<&Deployed>| side.and_then(|d| d.error()).map(|e| e.what.clone());
            let fields: Vec<Value> = pair.fields.iter().map(field).collect();
            let mut one = json!({
                "name": pair.name(), "environment": pair.deployed().and_then(|d| d.application.environment.as_deref()),
                "change": word, "fields": fields, "objects": objects,
            });
            if pair.is_broken() {
                one["errors"] = json!({ "base": error(pair.before), "head": error(pair.after) });
            }
            one
        })
        .collect();
    let reach: Vec<Value> = report
        .reach
        .iter()
        .map(|r| {
            json!({ "environment": r.environment, "applications": r.applications, "of": r.of, "objects": r.objects, "noise": r.noise,
                "broken": r.broken })
        })
        .collect();
    let findings: Vec<Value> = report.findings.found.iter().map(finding).collect();
    let unverified: Vec<Value> = report.findings.unverified.iter().map(undecided).collect();
    json!({
        "version": 1, "base": report.base, "head": report.head, "applications": applications,
        "findings": findings, "unverified": unverified, "reach": reach,
    })
}

fn object(delta: &Delta<'_>) -> Value {
    let version = delta.value().map_or("", |value| text(value, "/apiVersion"));
    let mut one = json!({
        "apiVersion": version, "kind": delta.key.kind, "namespace": delta.key.namespace, "name": delta.key.name,
        "change": delta.change(), "fields": delta.fields.iter().map(field).collect::<Vec<_>>(),
    });
    for (key, other) in [("movedFrom", delta.from), ("movedTo", delta.to)] {
        if let Some(other) = other {
            one[key] = other.into();
        }
    }
    one
}

/// What differs is of one environment.
fn finding(found: &Finding) -> Value {
    json!({
        "severity": found.severity.name(), "path": found.path, "line": found.line, "rule": found.rule, "object": found.object,
        "application": found.application, "env": found.environments.first(), "message": found.message, "help": found.help,
    })
}

fn undecided(one: &Unverified) -> Value {
    json!({ "rule": one.rule, "path": one.path, "object": one.object, "reason": one.reason })
}

fn field(field: &Field) -> Value {
    let change = match (&field.before, &field.after) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    };
    json!({ "path": field.path, "change": change, "before": field.before, "after": field.after, "noise": field.noise.is_some() })
}
