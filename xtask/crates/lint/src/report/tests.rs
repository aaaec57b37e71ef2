//! Every form of a report, of the same findings.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::Findings;
use crate::index::files::Files;

fn files() -> Files {
    let text = "spec:\n  type: ExternalName\n  externalName: search # itself\n";
    Files::new([("charts/a b/values.yaml".to_string(), Ok(text.to_string()))])
}

fn findings() -> Findings {
    let mut out = Findings::default();
    let found = out.of("self-referencing-alias", Severity::Error).say("Service shop/search: an alias, of itself");
    found.at("charts/a b/values.yaml", 3, Some(17)).object("Service shop/search").help("name what it stands for\nor remove it");
    found.environments = vec!["dev".into(), "prod".into()];
    found.related("charts/a b/values.yaml", 2, None, "the type");
    out.of("unmounted-configmap", Severity::Warning).say("100% unread\u{1b}[31m").at("gone.yaml", 7, None);
    out.of("dangling-host", Severity::Error).unverified(None, Some("Pod shop/web".into()), "it is not known");
    out.ordered()
}

fn with<T>(tell: impl Fn(&Report<'_>) -> T) -> T {
    let (findings, files) = (findings(), files());
    let looked = Looked { files: 2, applications: 1, objects: 3, environments: vec!["dev".into(), "prod".into()] };
    tell(&Report { findings: &findings.found, unverified: &findings.unverified, suppressed: 1, known: 0, looked, files: &files })
}

#[test]
fn people_see_the_lines_of_the_file() {
    let expected = r#"error[self-referencing-alias]: Service shop/search: an alias, of itself
 --> charts/a b/values.yaml:3:17
  |
3 |   externalName: search # itself
  |                 ^^^^^^
  |
 ::: charts/a b/values.yaml:2:3
  |
2 |   type: ExternalName
  |   ------------------ the type
  |
  = note: Service shop/search in dev, prod
  = help: name what it stands for or remove it

warning[unmounted-configmap]: 100% unread [31m
--> gone.yaml:7"#;
    assert_eq!(with(|report| text(report, false)), expected);
    assert!(with(|report| text(report, true)).contains("\u{1b}["));
    let summary = "1 error, 1 warning, 0 infos; 1 suppressed; 1 not verified; looked at 2 files, 1 Application, 3 objects of dev and prod";
    assert_eq!(with(|report| report.summary()), summary);
}

#[test]
fn programs_see_the_documented_fields() {
    let told = with(json);
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(told["version"], 1);
    for key in ["rule", "severity", "message", "path", "line", "object", "application", "env", "help"] {
        assert!(keys(&told["findings"][0]).contains(&key.to_string()), "{key}");
    }
    assert_eq!((&told["findings"][0]["env"], &told["findings"][1]["env"]), (&Value::from("dev"), &Value::Null));
    assert_eq!(keys(&told["unverified"][0]), ["object", "path", "reason", "rule"]);
    assert_eq!((&told["suppressed"], &told["summary"]["errors"], &told["summary"]["infos"]), (&1.into(), &1.into(), &0.into()));
}

#[test]
fn pages_of_a_pull_request_see_one_line_each() {
    let told = with(github);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(
        lines,
        [
            "::error file=charts/a b/values.yaml,line=3,col=17,title=self-referencing-alias::Service shop/search: an alias, of itself%0Ahelp: name what it stands for%0Aor remove it",
            "::warning file=gone.yaml,line=7,title=unmounted-configmap::100%25 unread [31m",
        ]
    );
}

/// What the specification of SARIF 2.1.0 asks of the parts that are written here (sections 3.13 to 3.30).
#[test]
fn code_scanning_sees_what_the_specification_asks_for() {
    let log = with(|report| sarif(report, "1.2.3"));
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert!(driver["name"].is_string() && driver["version"] == "1.2.3");
    let rules = driver["rules"].as_array().unwrap();
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rules.len(), "ids of rules are unique");
    for rule in rules {
        assert!(rule["shortDescription"]["text"].is_string() && rule["help"]["text"].is_string());
        assert!(["error", "warning", "note"].contains(&rule["defaultConfiguration"]["level"].as_str().unwrap()));
    }
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    for result in results {
        let at = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[at]["id"], result["ruleId"]);
        assert!(result["message"]["text"].is_string() && result["partialFingerprints"]["xtask/v1"].is_string());
        assert!(["error", "warning", "note", "none"].contains(&result["level"].as_str().unwrap()));
        let mut seen = BTreeSet::new();
        let all = result["locations"].as_array().unwrap().iter().chain(result["relatedLocations"].as_array().into_iter().flatten());
        for location in all {
            let physical = &location["physicalLocation"];
            let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
            assert!(!uri.contains([' ', '\\', ':']) && !uri.starts_with('/'), "{uri} is a relative URI");
            assert!(physical["region"]["startLine"].as_u64().unwrap() >= 1);
            assert!(physical["region"].get("startColumn").is_none_or(|column| column.as_u64().unwrap() >= 1));
            assert!(location.get("id").is_none_or(|id| seen.insert(id.as_u64().unwrap())), "ids of locations are unique");
        }
    }
}
