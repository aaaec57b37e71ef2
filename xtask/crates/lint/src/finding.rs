//! What a rule says.

use std::path::PathBuf;

/// By consequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It breaks, leaks, or data is at risk.
    Error,
    /// It will surprise somebody.
    Warning,
    /// Good to know; never fails a run.
    Info,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        }
    }
}

/// Another place that belongs to a finding: the other end of a reference, the first of two that clash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Related {
    /// From the root of the repository.
    pub path: PathBuf,
    /// From 1.
    pub line: usize,
    /// From 1, in characters; the whole line where it is not known.
    pub column: Option<usize>,
    /// What is there, in a few words.
    pub message: String,
}

/// One finding. The order is that in which they are reported: by severity, then by place, rule and object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub severity: Severity,
    /// From the root of the repository.
    pub path: Option<PathBuf>,
    /// From 1.
    pub line: Option<usize>,
    /// From 1, in characters; the whole line where it is not known.
    pub column: Option<usize>,
    pub rule: &'static str,
    /// `Deployment monitoring/grafana`.
    pub object: Option<String>,
    pub application: Option<String>,
    /// Where it is so, sorted; empty where it has nothing to do with an environment.
    pub environments: Vec<String>,
    /// What is wrong, with the value, in one line.
    pub message: String,
    /// What to do instead.
    pub help: Option<String>,
    pub related: Vec<Related>,
}

impl Finding {
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    pub fn severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }

    /// Where to edit.
    pub fn at(&mut self, path: impl Into<PathBuf>, line: usize, column: Option<usize>) -> &mut Self {
        (self.path, self.line, self.column) = (Some(path.into()), Some(line), column);
        self
    }

    pub fn object(&mut self, object: impl Into<String>) -> &mut Self {
        self.object = Some(object.into());
        self
    }

    pub fn related(&mut self, path: impl Into<PathBuf>, line: usize, column: Option<usize>, message: impl Into<String>) -> &mut Self {
        self.related.push(Related { path: path.into(), line, column, message: message.into() });
        self
    }
}

/// What a rule could not decide, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unverified {
    pub rule: &'static str,
    pub path: Option<PathBuf>,
    pub object: Option<String>,
    pub reason: String,
}

/// Where a rule puts what it finds.
#[derive(Debug, Default)]
pub struct Findings {
    rule: &'static str,
    severity: Option<Severity>,
    pub found: Vec<Finding>,
    pub unverified: Vec<Unverified>,
}

impl Findings {
    /// What follows is of this rule, and of this severity unless it says otherwise.
    pub fn of(&mut self, rule: &'static str, severity: Severity) -> &mut Self {
        self.rule = rule;
        self.severity = Some(severity);
        self
    }

    /// A finding of the rule at hand, without a place yet.
    pub fn say(&mut self, message: impl Into<String>) -> &mut Finding {
        self.found.push(Finding {
            severity: self.severity.unwrap_or(Severity::Error),
            path: None,
            line: None,
            column: None,
            rule: self.rule,
            object: None,
            application: None,
            environments: Vec::new(),
            message: message.into(),
            help: None,
            related: Vec::new(),
        });
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    /// What the rule at hand cannot decide.
    pub fn unverified(&mut self, path: Option<PathBuf>, object: Option<String>, reason: impl Into<String>) {
        self.unverified.push(Unverified { rule: self.rule, path, object, reason: reason.into() });
    }

    /// In the order of reports, each once.
    pub fn ordered(mut self) -> Self {
        self.found.sort();
        self.found.dedup();
        self.unverified.sort();
        self.unverified.dedup();
        self
    }

    /// In the order of reports. What differs only in the environment, the Application or the object is one finding.
    pub fn sorted(mut self) -> Self {
        for finding in &mut self.found {
            finding.related.sort();
            finding.related.dedup();
        }
        let mut merged: Vec<Finding> = Vec::with_capacity(self.found.len());
        // One line of a template makes many objects: where the same is said at the same place, it is one mistake.
        let blank = |finding: &Finding| Finding { environments: Vec::new(), application: None, object: None, ..finding.clone() };
        self.found.sort_by_cached_key(|finding| (blank(finding), finding.clone()));
        for finding in self.found {
            match merged.last_mut() {
                Some(last) if blank(last) == blank(&finding) => last.environments.extend(finding.environments),
                _ => merged.push(finding),
            }
        }
        for finding in &mut merged {
            finding.environments.sort();
            finding.environments.dedup();
        }
        self.found = merged;
        self.unverified.sort();
        self.unverified.dedup();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_only_in_the_environment_is_one_finding() {
        let mut findings = Findings::default();
        for env in ["prod", "dev"] {
            let found = findings.of("a-rule", Severity::Warning).say("wrong").at("a.yaml", 3, None);
            found.environments.push(env.into());
            found.application = Some(format!("a-{env}"));
        }
        findings.of("a-rule", Severity::Error).say("wrong elsewhere").at("a.yaml", 4, None);
        let sorted = findings.sorted();
        assert_eq!(sorted.found.len(), 2);
        assert_eq!(sorted.found[0].line, Some(4), "errors come first");
        assert_eq!(sorted.found[1].environments, ["dev", "prod"]);
    }
}
