//! promtool: checks rules, runs their unit tests, and says which metrics expressions read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::Expression;
use super::rules::{Rules, Tests};
use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::proc::{Failure, Invocation};

/// The file of rules that the unit tests name.
const RULES: &str = "rules.json";
/// A label matcher that marks every selector in an expression, and the name of what stands between two expressions.
const MARK: &str = "xtask";

pub struct Promtool<'a> {
    cx: &'a Context,
    program: PathBuf,
    dir: TempDir,
}

impl<'a> Promtool<'a> {
    pub fn new(cx: &'a Context) -> Result<Self> {
        let dir = tempfile::tempdir().context("could not make a folder for rules")?;
        Ok(Promtool { program: cx.provision.tool("promtool")?, dir, cx })
    }

    /// What is wrong with the rules: syntax, templates of annotations, rules that stand there twice.
    pub fn check_rules(&self, rules: &Rules) -> Result<Vec<String>> {
        self.write(RULES, &rules.file())?;
        self.complaints(&["check", "rules", "--lint=all", "--lint-fatal", RULES])
    }

    /// What is wrong with expressions that are no rules: each is dressed as one, in a group named after its place.
    pub fn check_queries(&self, queries: &[Expression]) -> Result<Vec<String>> {
        let mut groups: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for query in queries {
            groups.entry(&query.place).or_default().push(json!({ "record": "query", "expr": query.query }));
        }
        let groups: Vec<Value> = groups.iter().map(|(place, rules)| json!({ "name": place, "rules": rules })).collect();
        self.write("queries.json", &json!({ "groups": groups }))?;
        self.complaints(&["check", "rules", "--lint=none", "queries.json"])
    }

    /// Runs the unit tests on the rules, whose runbooks they do not see. Returns what failed.
    pub fn test(&self, rules: &Rules, tests: &Tests) -> Result<Vec<String>> {
        self.write(RULES, &rules.file_without_runbooks())?;
        let mut args = vec!["test".to_string(), "rules".to_string()];
        for file in &tests.files {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            std::fs::copy(file, self.dir.path().join(&name)).with_context(|| format!("could not copy {name}"))?;
            args.push(name);
        }
        self.complaints(&args)
    }

    /// Returns the metrics that each expression reads, in the order of `expressions`, which promtool must have accepted.
    ///
    /// promtool has no command for this, but one that adds a label matcher to every selector and prints the expression: what
    /// stands before each brace then is a metric. All go in one call, joined by `or` and selectors that count them.
    pub fn metrics(&self, expressions: &[Expression]) -> Result<Vec<BTreeSet<String>>> {
        let joined: Vec<String> = expressions.iter().enumerate().map(|(i, e)| format!("({}\n) or {MARK}:{i}", e.query)).collect();
        let args = ["--experimental", "promql", "label-matchers", "set", &joined.join(" or "), MARK, ""];
        let printed = self.cx.runner.run(&self.call(&args))?.text();
        let found = split(selectors(&printed));
        match found.iter().zip(expressions).find(|(metrics, _)| metrics.is_empty() || metrics.contains("")) {
            None if found.len() == expressions.len() => Ok(found),
            Some((_, expression)) => Err(Error::failed(format!("{} reads no metric, or one without a name", expression.place))),
            None => Err(Error::failed(format!("promtool printed {} of {} expressions", found.len(), expressions.len()))),
        }
    }

    fn call<S: AsRef<std::ffi::OsStr>>(&self, args: &[S]) -> Invocation {
        Invocation::reads(&self.program).args(args).cwd(self.dir.path())
    }

    fn write(&self, name: &str, content: &Value) -> Result<()> {
        let path: &Path = &self.dir.path().join(name);
        std::fs::write(path, serde_json::to_vec_pretty(content)?).with_context(|| format!("could not write {name}"))
    }

    /// Runs it; what it prints about a failure is the answer. Errors: it could not run.
    fn complaints<S: AsRef<std::ffi::OsStr>>(&self, args: &[S]) -> Result<Vec<String>> {
        match self.cx.runner.run(&self.call(args)) {
            Ok(_) => Ok(Vec::new()),
            Err(Failure::Failed { tail, .. }) => {
                let lines = tail.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "FAILED:");
                Ok(vec![format!("promtool {} says:\n{}", args[1].as_ref().display(), lines.collect::<Vec<_>>().join("\n"))])
            }
            Err(failure) => Err(failure.into()),
        }
    }
}

/// The names before the braces of a printed expression, in its order. In it every selector has braces, and nothing else has.
fn selectors(printed: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut name = String::new();
    let mut chars = printed.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                // To the end of the text; a backslash takes the next character with it.
                while let Some(c) = chars.next().filter(|c| *c != '"') {
                    if c == '\\' {
                        chars.next();
                    }
                }
            }
            '{' => found.push(std::mem::take(&mut name)),
            c if c.is_ascii_alphanumeric() || c == '_' || c == ':' => name.push(c),
            _ => name.clear(),
        }
    }
    found
}

/// The selectors of each expression: those before the one that counts it.
fn split(selectors: Vec<String>) -> Vec<BTreeSet<String>> {
    let mut found = Vec::new();
    let mut metrics = BTreeSet::new();
    for name in selectors {
        if name.strip_prefix(MARK).is_some_and(|rest| rest.starts_with(':')) {
            found.push(std::mem::take(&mut metrics));
        } else {
            metrics.insert(name);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_what_stands_before_the_braces() {
        // Printed by promtool 3.13.0 for three expressions.
        let printed = r#"    (
        histogram_quantile(0.9, sum by (le, b) (rate(y_bucket{a="}{\"x{",xtask=""}[5m] offset 10m))) > 3
      and on (a, b)
        (a:b:c{xtask=""} == bool 1)
    ) or xtask:0{xtask=""}
  or
    (up{job="s",xtask=""} == 0 or absent(up{job="s",xtask=""}))
or
  xtask:1{xtask=""}
or
  ({__name__=~"q",xtask=""}) or xtask:2{xtask=""}"#;
        let set = |names: &[&str]| names.iter().map(|n| n.to_string()).collect::<BTreeSet<_>>();
        assert_eq!(split(selectors(printed)), [set(&["y_bucket", "a:b:c"]), set(&["up"]), set(&[""])]);
    }
}
