//! For programs: version 1 only grows.

use serde_json::{Value, json};

use super::Report;
use crate::{Finding, Severity};

/// `{"version":1,"findings":[…],"unverified":[…],"suppressed":N,"summary":{…}}`.
pub fn json(report: &Report<'_>) -> Value {
    let unverified = report.unverified.iter().map(|unverified| {
        let path = unverified.path.as_ref().map(|path| path.to_string_lossy());
        json!({ "rule": unverified.rule, "path": path, "object": unverified.object, "reason": unverified.reason })
    });
    json!({
        "version": 1,
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "unverified": unverified.collect::<Vec<_>>(),
        "suppressed": report.suppressed,
        "baseline": report.known,
        "summary": {
            "errors": report.count(Severity::Error),
            "warnings": report.count(Severity::Warning),
            "infos": report.count(Severity::Info),
            "files": report.looked.files,
            "applications": report.looked.applications,
            "objects": report.looked.objects,
            "environments": report.looked.environments,
        },
    })
}

fn finding(finding: &Finding) -> Value {
    let related = finding.related.iter().map(|related| {
        json!({ "path": related.path.to_string_lossy(), "line": related.line, "column": related.column, "message": related.message })
    });
    json!({
        "rule": finding.rule,
        "severity": finding.severity.name(),
        "message": finding.message,
        "path": finding.path.as_ref().map(|path| path.to_string_lossy()),
        "line": finding.line,
        "column": finding.column,
        "object": finding.object,
        "application": finding.application,
        "env": finding.environments.first(),
        "environments": finding.environments,
        "help": finding.help,
        "related": related.collect::<Vec<_>>(),
    })
}
