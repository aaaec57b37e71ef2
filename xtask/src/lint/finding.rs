//! What a rule says.

use std::path::PathBuf;

use serde::Serialize;

use crate::comparison::{Change, Delta, Deployed, Pair};

/// By consequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
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

/// One finding. The order is that in which they are reported: by severity, then by place, rule and object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    pub severity: Severity,
    /// From the root of the repository.
    pub path: Option<PathBuf>,
    /// From 1.
    pub line: Option<usize>,
    pub rule: &'static str,
    /// `Deployment monitoring/grafana`.
    pub object: Option<String>,
    pub application: Option<String>,
    #[serde(rename = "env")]
    pub environment: Option<String>,
    /// What is wrong, with the value, in one line.
    pub message: String,
    /// What to do instead.
    pub help: Option<String>,
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
}

/// What a rule could not decide, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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

    /// A finding about an object that differs.
    pub fn delta(&mut self, change: &Change<'_>, delta: &Delta<'_>, message: impl Into<String>) -> &mut Finding {
        let source = delta.after.or(delta.before).map(|object| object.source.clone()).filter(|source| !source.is_empty());
        let pair = change.pair(delta);
        let object = Some(delta.key.shown());
        let mut finding = self.new_finding(message.into(), pair);
        finding.object = object;
        if let Some(source) = source {
            (finding.path, finding.line) = (Some(source.into()), None);
        }
        self.push(finding)
    }

    /// A finding about an Application as a whole.
    pub fn pair(&mut self, pair: &Pair<'_>, message: impl Into<String>) -> &mut Finding {
        let finding = self.new_finding(message.into(), Some(pair));
        self.push(finding)
    }

    /// What this rule cannot decide about an object.
    pub fn unverified(&mut self, delta: &Delta<'_>, reason: impl Into<String>) {
        let path = delta.after.or(delta.before).map(|object| PathBuf::from(&object.source));
        self.unverified.push(Unverified { rule: self.rule, path, object: Some(delta.key.shown()), reason: reason.into() });
    }

    /// In the order of reports, each once.
    pub fn sorted(mut self) -> Self {
        self.found.sort();
        self.found.dedup();
        self.unverified.sort();
        self.unverified.dedup();
        self
    }

    fn new_finding(&self, message: String, pair: Option<&Pair<'_>>) -> Finding {
        let deployed: Option<&Deployed> = pair.and_then(Pair::deployed);
        let place = deployed.map(|d| &d.application.place);
        Finding {
            rule: self.rule,
            severity: self.severity.unwrap_or(Severity::Error),
            message,
            path: place.map(|place| place.file.clone()),
            line: place.map(|place| place.line),
            object: None,
            application: deployed.map(|d| d.application.name().to_string()),
            environment: deployed.and_then(|d| d.application.environment.clone()),
            help: None,
        }
    }

    fn push(&mut self, finding: Finding) -> &mut Finding {
        self.found.push(finding);
        let last = self.found.len() - 1;
        &mut self.found[last]
    }
}
