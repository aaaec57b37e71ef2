//! For code scanning: SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format").

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Report;
use crate::rules;
use crate::{Finding, Severity, fingerprint};

/// One run, with the rules that have findings.
pub fn sarif(report: &Report<'_>, version: &str) -> Value {
    let mut used: Vec<&str> = report.findings.iter().map(|finding| finding.rule).collect();
    used.sort_unstable();
    used.dedup();
    let descriptors: Vec<Value> = used.iter().map(|id| descriptor(id)).collect();
    let places: BTreeMap<&str, usize> = used.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    let prints = fingerprint::all(report.findings);
    let results = report.findings.iter().zip(prints).map(|(finding, print)| result(finding, &print, places.get(finding.rule)));
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "xtask lint", "version": version, "rules": descriptors } },
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

fn descriptor(id: &str) -> Value {
    let Some(entry) = rules::find(id) else { return json!({ "id": id }) };
    let help = entry.markdown();
    json!({
        "id": id,
        "shortDescription": { "text": entry.summary() },
        "help": { "text": help, "markdown": help },
        "defaultConfiguration": { "level": level(entry.rule.meta().severity) },
    })
}

fn result(finding: &Finding, print: &str, place: Option<&usize>) -> Value {
    let mut text = finding.message.clone();
    if let Some(help) = &finding.help {
        text.push_str(&format!("\nhelp: {help}"));
    }
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": text },
        "partialFingerprints": { "xtask/v1": print },
    });
    let Some(map) = result.as_object_mut() else { return result };
    if let Some(place) = place {
        map.insert("ruleIndex".into(), json!(place));
    }
    if let Some(path) = &finding.path {
        map.insert("locations".into(), json!([location(&path.to_string_lossy(), finding.line, finding.column)]));
    }
    if !finding.related.is_empty() {
        let related = finding.related.iter().enumerate().map(|(id, related)| {
            let mut location = location(&related.path.to_string_lossy(), Some(related.line), related.column);
            if let Some(map) = location.as_object_mut() {
                map.insert("id".into(), json!(id + 1));
                map.insert("message".into(), json!({ "text": related.message }));
            }
            location
        });
        map.insert("relatedLocations".into(), related.collect());
    }
    let facts = [("object", finding.object.as_ref()), ("application", finding.application.as_ref())];
    let mut properties: serde_json::Map<String, Value> =
        facts.into_iter().filter_map(|(key, value)| Some((key.to_string(), json!(value?)))).collect();
    if !finding.environments.is_empty() {
        properties.insert("environments".into(), json!(finding.environments));
    }
    if !properties.is_empty() {
        map.insert("properties".into(), Value::Object(properties));
    }
    result
}

fn location(path: &str, line: Option<usize>, column: Option<usize>) -> Value {
    let mut region = json!({ "startLine": line.unwrap_or(1) });
    if let (Some(column), Some(map)) = (column, region.as_object_mut()) {
        map.insert("startColumn".into(), json!(column));
    }
    json!({ "physicalLocation": { "artifactLocation": { "uri": uri(path), "uriBaseId": "%SRCROOT%" }, "region": region } })
}

/// A path as a relative URI (RFC 3986): what is no unreserved character and no `/` is escaped.
fn uri(path: &str) -> String {
    let byte = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(b).to_string(),
        other => format!("%{other:02X}"),
    };
    path.bytes().map(byte).collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}
