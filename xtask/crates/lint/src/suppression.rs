//! Findings that somebody allows, with a reason: by a comment at the place, or in `xtask-lint.toml`.
//!
//! - `# xtask-lint: allow(RULE): reason` on the line above, or at the end of the line itself; several rules are separated by commas.
//! - `# xtask-lint: allow-file(RULE): reason` anywhere in the file.
//! - `[[allow]]` in `xtask-lint.toml` with `rule`, `reason`, and at least one of `path`, `object`, `application`, `environment`,
//!   `message`, each a pattern in which `*` stands for any text.
//!
//! One without a reason, of a rule that does not exist, or that allows nothing is itself a finding.

use std::path::Path;

use gitops::glob;

use crate::index::files::Files;
use crate::rules::{self, stale_suppression};
use crate::{Finding, Findings};

/// The file with suppressions for more than one place.
pub const FILE: &str = "xtask-lint.toml";

/// What is allowed.
#[derive(Debug)]
struct Allowed {
    path: String,
    line: usize,
    rule: String,
    reason: String,
    scope: Scope,
    used: bool,
}

#[derive(Debug)]
enum Scope {
    /// A line of the file that it stands in.
    Line(usize),
    File,
    /// Patterns for parts of a finding.
    Patterns(Vec<(String, String)>),
}

/// Takes out what is allowed. Returns how many findings that were.
///
/// `ran` says which rules were asked about the whole tree: only of those it is known that a suppression allows nothing.
pub fn apply(files: &Files, findings: &mut Findings, ran: &dyn Fn(&str) -> bool) -> usize {
    let mut problems = Findings::default();
    stale_suppression::begin(&mut problems);
    let mut all = read(files, &mut problems);
    let before = findings.found.len();
    findings.found.retain_mut(|finding| !is_allowed(finding, &mut all));
    let suppressed = before - findings.found.len();
    for allowed in all {
        let place = |message: String, out: &mut Findings| {
            out.say(message)
                .at(&allowed.path, allowed.line, None)
                .help("remove it, or mend it: each needs a rule that exists, a reason, and something to allow");
        };
        if rules::find(&allowed.rule).is_none() {
            let near = crate::text::nearest(&allowed.rule, rules::ALL.iter().map(|entry| entry.rule.meta().id));
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            place(format!("there is no rule `{}` to allow{near}", allowed.rule), &mut problems);
        } else if allowed.reason.is_empty() {
            place(format!("`{}` is allowed without a reason", allowed.rule), &mut problems);
        } else if !allowed.used && ran(&allowed.rule) {
            place(format!("`{}` is allowed here, and there is nothing to allow", allowed.rule), &mut problems);
        }
    }
    findings.found.append(&mut problems.found);
    suppressed
}

fn read(files: &Files, problems: &mut Findings) -> Vec<Allowed> {
    let mut all = Vec::new();
    for (path, file) in files.iter() {
        // What is written about suppressions is none.
        if path.ends_with(".md") || path.ends_with(".rs") {
            continue;
        }
        if let Some(text) = file.text().filter(|text| text.contains(MARK)) {
            comments(path, text, &mut all);
        }
    }
    if let Some(text) = files.text(FILE) {
        configured(text, &mut all, problems);
    }
    all
}

const MARK: &str = "xtask-lint:";

fn comments(path: &str, text: &str, all: &mut Vec<Allowed>) {
    let lines: Vec<&str> = text.lines().collect();
    for (i, line) in lines.iter().enumerate() {
        let Some((before, after)) = line.split_once(MARK) else { continue };
        let after = after.trim_start();
        let (is_file, rest) = match (after.strip_prefix("allow-file("), after.strip_prefix("allow(")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => continue,
        };
        let Some((ids, reason)) = rest.split_once(')') else { continue };
        let reason = reason.trim().strip_prefix(':').unwrap_or_default().trim();
        let reason =
            ["*/ -}}", "*/ }}", "*/}}", "*/-}}", "*/", "-->"].iter().fold(reason, |reason, end| reason.trim_end_matches(end)).trim();
        let opens = ["#", "//", "{{-/*", "{{/*", "{{- /*", "/*", "<!--", "--"];
        let alone = opens.iter().any(|open| before.trim() == *open);
        let next = || (i + 1..lines.len()).find(|at| lines.get(*at).is_some_and(|line| !is_comment(line))).unwrap_or(i);
        let scope = match (is_file, alone) {
            (true, _) => Scope::File,
            (_, true) => Scope::Line(next() + 1),
            (_, false) => Scope::Line(i + 1),
        };
        for id in ids.split(',').map(str::trim) {
            let scope = match &scope {
                Scope::Line(line) => Scope::Line(*line),
                _ => Scope::File,
            };
            all.push(Allowed { path: path.into(), line: i + 1, rule: id.into(), reason: reason.into(), scope, used: false });
        }
    }
}

fn is_comment(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || ["#", "//", "{{/*", "{{- /*", "{{-/*"].iter().any(|open| line.starts_with(open))
}

const PATTERNS: [&str; 5] = ["path", "object", "application", "environment", "message"];

fn configured(text: &str, all: &mut Vec<Allowed>, problems: &mut Findings) {
    let mut say = |line: usize, message: String| {
        problems.say(message).at(FILE, line, None).help("see the head of this program's `lint --help` for what the file holds");
    };
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(e) => {
            let line = e.span().and_then(|span| text.get(..span.start)).map_or(1, |before| before.matches('\n').count() + 1);
            return say(line, format!("{FILE} is not valid: {}", e.message()));
        }
    };
    for key in table.keys().filter(|key| *key != "allow") {
        say(1, format!("{FILE} has an unknown key `{key}`"));
    }
    let headers = text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("[[allow]]")).map(|(i, _)| i + 1);
    let lines: Vec<usize> = headers.collect();
    for (i, item) in table.get("allow").and_then(toml::Value::as_array).into_iter().flatten().enumerate() {
        let line = lines.get(i).copied().unwrap_or(1);
        let text = |key: &str| item.get(key).and_then(toml::Value::as_str).unwrap_or_default().trim().to_string();
        let patterns = PATTERNS.iter().filter_map(|key| Some((key.to_string(), item.get(key)?.as_str()?.to_string())));
        let patterns: Vec<(String, String)> = patterns.collect();
        let known = |key: &&String| PATTERNS.contains(&key.as_str()) || matches!(key.as_str(), "rule" | "reason");
        if let Some(key) = item.as_table().and_then(|table| table.keys().find(|key| !known(key))) {
            say(line, format!("an entry of {FILE} has an unknown key `{key}`"));
        } else if patterns.is_empty() {
            say(line, format!("an entry of {FILE} says nowhere that it is meant: give it one of {}", PATTERNS.join(", ")));
        } else {
            let scope = Scope::Patterns(patterns);
            all.push(Allowed { path: FILE.into(), line, rule: text("rule"), reason: text("reason"), scope, used: false });
        }
    }
}

/// Is a finding allowed? One that is allowed in some of its environments loses those.
fn is_allowed(finding: &mut Finding, all: &mut [Allowed]) -> bool {
    let mut is_allowed = false;
    for allowed in all.iter_mut().filter(|allowed| allowed.rule == finding.rule && !allowed.reason.is_empty()) {
        let is_here = finding.path.as_deref() == Some(Path::new(&allowed.path));
        let fits = match &allowed.scope {
            Scope::Line(line) => is_here && finding.line == Some(*line),
            Scope::File => is_here,
            Scope::Patterns(patterns) => {
                let own = |key: &str| match key {
                    "path" => finding.path.as_ref().map(|path| path.to_string_lossy().into_owned()),
                    "object" => finding.object.clone(),
                    "application" => finding.application.clone(),
                    "message" => Some(finding.message.clone()),
                    _ => None,
                };
                let mut patterns_of_environment =
                    patterns.iter().filter(|(key, _)| key == "environment").map(|(_, pattern)| pattern).peekable();
                let others = patterns.iter().filter(|(key, _)| key != "environment");
                if !others.into_iter().all(|(key, pattern)| own(key).is_some_and(|text| glob::fits(pattern, &text))) {
                    false
                } else if patterns_of_environment.peek().is_some() {
                    let before = finding.environments.len();
                    let patterns: Vec<&String> = patterns_of_environment.collect();
                    finding.environments.retain(|name| !patterns.iter().all(|pattern| glob::fits(pattern, name)));
                    allowed.used |= finding.environments.len() < before;
                    before > 0 && finding.environments.is_empty()
                } else {
                    true
                }
            }
        };
        allowed.used |= fits;
        is_allowed |= fits;
    }
    is_allowed
}
