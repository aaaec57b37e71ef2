//! `lint`: what people, programs and forges read, how exceptions are written down, and how it ends. With the real git, without Helm.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::pinned;
use super::sandbox::{Ran, Sandbox};

const SERVICE: &str = "kind: Service\napiVersion: v1\nmetadata: {name: search}\nspec:\n  type: ExternalName\n  externalName: search\n";

/// A repository that is no shop: one Application with a folder of manifests, and nothing wrong with it.
fn tree() -> Sandbox {
    let sandbox = Sandbox::with_programs(&["git"]);
    std::fs::remove_dir_all(sandbox.root()).unwrap();
    sandbox.write("apps/search.yaml", application("search"));
    sandbox.write("manifests/search/config.yaml", "kind: Namespace\napiVersion: v1\nmetadata: {name: search}\n");
    sandbox
}

fn application(name: &str) -> String {
    let source = format!("{{repoURL: https://git.example.org/shop.git, targetRevision: HEAD, path: manifests/{name}}}");
    let destination = format!("{{server: \"https://kubernetes.default.svc\", namespace: {name}}}");
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}, namespace: argocd}}\nspec:\n  project: default\n  source: {source}\n  destination: {destination}\n"
    )
}

/// The same with two errors in one file and one in another.
fn broken() -> Sandbox {
    let sandbox = tree();
    sandbox.write("manifests/search/twice.yaml", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata: {a: b}\ndata: {c: d}\n");
    sandbox.write("values/dev.yaml", "a: 1\na: 2\n---\nb: [1\n");
    sandbox
}

fn run(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run(&[&["lint", "--root", "."], args].concat())
}

fn json(sandbox: &Sandbox, args: &[&str], code: i32) -> Value {
    let ran = run(sandbox, &[&["--format", "json"], args].concat()).exits(code);
    serde_json::from_str(&ran.stdout).unwrap()
}

/// `RULE PATH:LINE` of every finding.
fn findings(report: &Value) -> Vec<String> {
    let one = |f: &Value| format!("{} {}:{}", f["rule"].as_str().unwrap(), f["path"].as_str().unwrap(), f["line"]);
    report["findings"].as_array().unwrap().iter().map(one).collect()
}

fn git(sandbox: &Sandbox, command: &str) {
    let who = ["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "commit.gpgsign=false"];
    let out = Command::new("git").args(who).args(command.split(' ')).current_dir(sandbox.root()).output().unwrap();
    assert!(out.status.success(), "git {command}: {}", String::from_utf8_lossy(&out.stderr));
}

const RULES: &str = "--rule=broken-yaml,duplicate-values-key,unreadable-file,stale-suppression";

#[test]
fn a_tree_without_mistakes_says_what_was_looked_at() {
    let ran = run(&tree(), &[]).exits(0).prints("");
    ran.says_among("0 errors, 0 warnings, 0 infos; 1 not verified; looked at 2 files, 1 Application, 1 object");
}

#[test]
fn people_see_the_lines_and_both_ends() {
    let ran = run(&broken(), &[RULES]).exits(1);
    let ran = ran.prints(
        "
        error[duplicate-values-key]: the key `data` stands twice in one map: what stands there first is lost
         --> manifests/search/twice.yaml:5:1
          |
        5 | data: {c: d}
          | ^^^^^
          |
         ::: manifests/search/twice.yaml:4:1
          |
        4 | data: {a: b}
          | ----- it stands here first
          |
          = help: write one key with what both of them hold

        error[broken-yaml]: this is no YAML: while parsing a flow sequence, expected ',' or ']'
        --> values/dev.yaml:5
         = help: mend the indentation, a quote or a tab here or on the line above; nothing of the file is read until then
        ",
    );
    ran.says_among("2 errors, 0 warnings, 0 infos; looked at 4 files, 1 Application,");
}

#[test]
fn colours_are_only_where_they_are_wanted() {
    let sandbox = broken();
    assert!(!run(&sandbox, &[RULES]).stdout.contains('\u{1b}'));
    assert!(run(&sandbox, &[RULES, "--color", "always"]).stdout.contains("\u{1b}["));
    let out = sandbox.root().join("report.txt");
    run(&sandbox, &[RULES, "--color", "always", "--out", out.to_str().unwrap()]).exits(1).prints("");
    let written = std::fs::read_to_string(out).unwrap();
    assert!(written.starts_with("error[duplicate-values-key]: ") && !written.contains('\u{1b}'), "{written}");
}

#[test]
fn programs_read_the_documented_fields() {
    let report = json(&broken(), &[RULES], 1);
    assert_eq!(findings(&report), ["duplicate-values-key manifests/search/twice.yaml:5", "broken-yaml values/dev.yaml:5"]);
    assert_eq!(report["version"], 1);
    let first = report["findings"][0].as_object().unwrap();
    for key in ["rule", "severity", "message", "path", "line", "object", "application", "env", "help", "column", "environments", "related"]
    {
        assert!(first.contains_key(key), "{key}");
    }
    assert_eq!((first["severity"].as_str(), first["column"].as_u64(), &first["env"]), (Some("error"), Some(1), &Value::Null));
    assert_eq!(first["related"][0]["line"], 4);
    assert_eq!((&report["suppressed"], &report["unverified"]), (&0.into(), &Value::Array(Vec::new())));
    assert_eq!(
        (&report["summary"]["errors"], &report["summary"]["warnings"], &report["summary"]["infos"]),
        (&2.into(), &0.into(), &0.into())
    );
}

#[test]
fn code_scanning_and_forges_read_theirs() {
    let sandbox = broken();
    let ran = run(&sandbox, &[RULES, "--format", "sarif"]).exits(1);
    let log: Value = serde_json::from_str(&ran.stdout).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!((&log["version"], results.len()), (&"2.1.0".into(), 2));
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!((&place["artifactLocation"]["uri"], &place["region"]["startLine"]), (&"manifests/search/twice.yaml".into(), &5.into()));
    assert_eq!(results[0]["relatedLocations"][0]["physicalLocation"]["region"]["startLine"], 4);
    // The same finding further down is the same finding.
    let print = |results: &[Value]| results[0]["partialFingerprints"].clone();
    let before = print(results);
    sandbox.write(
        "manifests/search/twice.yaml",
        "# A line more.\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata: {a: b}\ndata: {c: d}\n",
    );
    let again: Value = serde_json::from_str(&run(&sandbox, &[RULES, "--format", "sarif"]).stdout).unwrap();
    let again = again["runs"][0]["results"].as_array().unwrap();
    assert_eq!((print(again), &again[0]["locations"][0]["physicalLocation"]["region"]["startLine"]), (before, &6.into()));

    let ran = run(&sandbox, &[RULES, "--format", "github"]).exits(1);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[1].starts_with("::error file=values/dev.yaml,line=5,col=1,title=broken-yaml::this is no YAML: "), "{}", lines[1]);
}

#[test]
fn the_same_tree_gives_the_same_bytes() {
    let sandbox = broken();
    for format in ["text", "json", "sarif", "github"] {
        let once = || run(&sandbox, &["--format", format]).exits(1);
        let (first, second) = (once(), once());
        assert_eq!((first.stdout, first.stderr), (second.stdout, second.stderr), "{format}");
    }
}

#[test]
fn an_exception_needs_a_reason_and_something_to_allow() {
    let sandbox = tree();
    let with = |comment: &str| {
        sandbox.write("values/dev.yaml", format!("a: 1\n{comment}\na: 2\n"));
        json(&sandbox, &[RULES], if comment.contains(": why") { 0 } else { 1 })
    };
    let allowed = with("# xtask-lint: allow(duplicate-values-key): why not");
    assert_eq!((findings(&allowed).len(), &allowed["suppressed"]), (0, &1.into()));
    let bare = with("# xtask-lint: allow(duplicate-values-key)");
    assert_eq!(findings(&bare), ["stale-suppression values/dev.yaml:2", "duplicate-values-key values/dev.yaml:3"]);
    let unknown = with("# xtask-lint: allow(duplicate-value-key): a typo");
    assert!(unknown["findings"][0]["message"].as_str().unwrap().contains("did you mean `duplicate-values-key`?"), "{unknown}");
    sandbox.write("values/dev.yaml", "a: 1\n");
    sandbox.write("xtask-lint.toml", "[[allow]]\nrule = \"broken-yaml\"\npath = \"values/*\"\nreason = \"it was broken once\"\n");
    assert_eq!(findings(&json(&sandbox, &[RULES], 1)), ["stale-suppression xtask-lint.toml:1"]);
    // Nobody can tell of a rule that was not asked.
    assert_eq!(findings(&json(&sandbox, &["--rule=unreadable-file,stale-suppression"], 0)), [""; 0]);
    sandbox.write("values/dev.yaml", "a: [\n");
    assert_eq!(json(&sandbox, &[RULES], 0)["suppressed"], 1);
}

#[test]
fn a_baseline_hides_what_is_known_and_says_what_is_gone() {
    let sandbox = broken();
    run(&sandbox, &[RULES, "--write-baseline", "known.txt"]).exits(0).prints("").says_among("2 findings written to known.txt");
    let known = std::fs::read_to_string(sandbox.root().join("known.txt")).unwrap();
    let lines: Vec<&str> = known.lines().filter(|line| !line.starts_with('#')).collect();
    let mut sorted = lines.clone();
    sorted.sort_unstable();
    assert_eq!((lines.len(), &lines), (2, &sorted));
    run(&sandbox, &[RULES, "--baseline", "known.txt"]).exits(0).prints("").says_among("2 in the baseline");
    sandbox.write("values/dev.yaml", "a: 1\n");
    sandbox.write("values/prod.yaml", "a: 1\na: 2\n");
    let ran = run(&sandbox, &[RULES, "--baseline", "known.txt"]).exits(1).says_among("1 finding of known.txt no longer there");
    ran.prints_among("values/prod.yaml:2").says_among("1 error, 0 warnings, 0 infos; 1 in the baseline");
    sandbox.write("known.txt", "what is this\n");
    run(&sandbox, &[RULES, "--baseline", "known.txt"]).exits(3).says_among("known.txt:1: no line of a baseline");
}

#[test]
fn only_what_changed_files_can_have_caused() {
    let sandbox = broken();
    git(&sandbox, "init --quiet --initial-branch main");
    git(&sandbox, "add --all");
    git(&sandbox, "commit --quiet --message all");
    run(&sandbox, &[RULES, "--changed"]).exits(0).prints("");
    sandbox.write("values/new.yaml", "a: 1\na: 2\n");
    assert_eq!(findings(&json(&sandbox, &[RULES, "--changed"], 1)), ["duplicate-values-key values/new.yaml:2"]);
    sandbox.replace("values/dev.yaml", "b: [1", "b: [2");
    assert_eq!(findings(&json(&sandbox, &[RULES, "--changed"], 1)).len(), 2);
    git(&sandbox, "add --all");
    git(&sandbox, "commit --quiet --message more");
    run(&sandbox, &[RULES, "--changed"]).exits(0);
    assert_eq!(findings(&json(&sandbox, &[RULES, "--changed", "--base", "HEAD~1"], 1)).len(), 2);
    run(&sandbox, &["--base", "HEAD~1"]).exits(2);
}

#[test]
fn warnings_fail_only_where_that_is_asked_for() {
    let sandbox = tree();
    sandbox.write(
        "manifests/search/config.yaml",
        "kind: ConfigMap\napiVersion: v1\nmetadata: {name: lonely, namespace: search}\ndata: {a: b}\n---\nkind: Namespace\napiVersion: v1\nmetadata: {name: search}\n",
    );
    let ran = run(&sandbox, &["--rule", "unmounted-configmap"]).exits(0);
    ran.prints_among("warning[unmounted-configmap]").says_among("0 errors, 1 warning, 0 infos");
    run(&sandbox, &["--rule", "unmounted-configmap", "--deny-warnings"]).exits(1);
}

#[test]
fn an_object_s_finding_names_object_and_application() {
    let sandbox = tree();
    sandbox.write("manifests/search/search.yaml", SERVICE);
    let report = json(&sandbox, &["--rule", "self-referencing-alias"], 1);
    let first = &report["findings"][0];
    assert_eq!(findings(&report), ["self-referencing-alias manifests/search/search.yaml:6"]);
    assert_eq!((&first["object"], &first["application"]), (&"Service search/search".into(), &"search".into()));
}

#[test]
fn every_rule_is_listed_and_explained() {
    let sandbox = tree();
    let list = run(&sandbox, &["--list"]).exits(0).stdout;
    for entry in lint::rules::ALL {
        let id = entry.rule.meta().id;
        assert!(list.lines().any(|line| line.trim_start().starts_with(&format!("{id} "))), "{id}");
    }
    let explained = run(&sandbox, &["--explain", "shrunk-volume"]).exits(0);
    explained.prints_among("\nWhy\n").prints_among("\nTrap\n").prints_among("\nFix\n");
    run(&sandbox, &["--explain", "shrunk-volum"]).exits(2).prints("").says(
        "
        error: there is no rule `shrunk-volum`
        Hint: did you mean it: cargo xtask lint --explain shrunk-volume
        ",
    );
    run(&sandbox, &["--rule", "nothing-at-all"]).exits(2).says_among("Hint: see all of them: cargo xtask lint --list");
    run(&sandbox, &["--format", "xml"]).exits(2);
}

#[test]
fn a_tree_that_is_half_broken_is_looked_at_all_the_same() {
    let sandbox = tree();
    sandbox.write("values/latin.yaml", b"name: caf\xe9\n");
    sandbox.write("values/crypt.yaml", b"\0GITCRYPT\0\x01\x02");
    sandbox.write("docs/picture.png", b"\x89PNG\xff");
    std::os::unix::fs::symlink("nowhere.yaml", sandbox.root().join("values/link.yaml")).unwrap();
    std::os::unix::fs::symlink("latin.yaml", sandbox.root().join("values/alias.yaml")).unwrap();
    sandbox.write("values/deep.yaml", "[".repeat(5000));
    sandbox.write("apps/half.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: [\n");
    let report = json(&sandbox, &[RULES], 1);
    assert_eq!(
        findings(&report),
        [
            "broken-yaml apps/half.yaml:4",
            "broken-yaml values/deep.yaml:1",
            "unreadable-file values/latin.yaml:1",
            "unreadable-file values/link.yaml:1"
        ]
    );
    assert_eq!(report["unverified"].as_array().unwrap().len(), 1, "{report}");
}

/// Copies a folder into the root of a sandbox.
fn copy(sandbox: &Sandbox, folder: &Path, below: &str) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{below}{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            copy(sandbox, &path, &format!("{name}/"));
        } else if name != "DEFECTS" {
            sandbox.write(&name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Repositories of other layouts, each with the list of what is wrong in it: all of that is found, and nothing else.
#[test]
fn other_peoples_repositories() {
    let Some(helm) = pinned::program_or_skip("helm") else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/foreign");
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let sandbox = Sandbox::with_programs(&["git"]);
        std::fs::remove_dir_all(sandbox.root()).unwrap();
        copy(&sandbox, &path, "");
        sandbox.program("helm", &format!("exec '{}' \"$@\"", helm.display()));
        let listed = std::fs::read_to_string(path.join("DEFECTS")).unwrap();
        let mut listed: Vec<String> = listed.lines().filter(|line| !line.starts_with('#')).map(str::to_string).collect();
        let mut found = findings(&json(&sandbox, &[], 1));
        listed.sort();
        found.sort();
        assert_eq!(found, listed, "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 3, "there are {seen} repositories in {}", folder.display());
}
