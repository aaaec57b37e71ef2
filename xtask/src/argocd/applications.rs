//! What Argo CD says about its Applications.

use serde_json::Value;

use super::NAMESPACE;
use crate::error::Result;
use crate::tools::Kubectl;

/// The kind, spelled out: other groups have Applications too.
pub const KIND: &str = "applications.argoproj.io";
const VERSIONED_KIND: &str = "applications.v1alpha1.argoproj.io";

/// An Application as Argo CD reports it.
#[derive(Clone, Debug, Default)]
pub struct Application {
    pub name: String,
    pub wave: Option<i64>,
    pub sync: String,
    pub health: String,
    /// Commit ids that it was compared with, one per source.
    pub revisions: Vec<String>,
    /// Errors that Argo CD found: `(type, message)`.
    pub conditions: Vec<(String, String)>,
    /// The last or running operation: phase and message.
    pub operation: Option<(String, String)>,
    /// Commit ids of that operation, one per source.
    pub operation_revisions: Vec<String>,
    /// Was it asked to look again, and has not done so yet? Until then its errors may be those of another commit.
    pub refreshing: bool,
    /// Objects that an operation could not bring, with Argo CD's reason.
    pub failed_objects: Vec<String>,
    /// Objects that are not healthy: `Kind name: status, message`.
    pub unhealthy: Vec<String>,
    pub objects: usize,
    /// Did an ApplicationSet make it?
    pub generated: bool,
}

impl Application {
    /// Reads the object. What is missing is `Unknown`, as Argo CD itself calls it.
    pub fn from(object: &Value) -> Self {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_string);
        let items = |pointer: &str| object.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
        let field = |v: &Value, key: &str| v.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
        let resources = items("/status/resources");
        let revisions = |one: &str, many: &str| -> Vec<String> {
            let many: Vec<String> = items(many).iter().filter_map(|r| r.as_str().map(str::to_string)).collect();
            if many.is_empty() { text(one).into_iter().collect() } else { many }
        };
        Application {
            name: text("/metadata/name").unwrap_or_default(),
            wave: text("/metadata/annotations/argocd.argoproj.io~1sync-wave").and_then(|w| w.parse().ok()),
            sync: text("/status/sync/status").unwrap_or_else(|| "Unknown".into()),
            health: text("/status/health/status").unwrap_or_else(|| "Unknown".into()),
            revisions: revisions("/status/sync/revision", "/status/sync/revisions"),
            conditions: items("/status/conditions").iter().map(|c| (field(c, "type"), field(c, "message"))).collect(),
            operation: text("/status/operationState/phase").map(|p| (p, text("/status/operationState/message").unwrap_or_default())),
            operation_revisions: revisions(
                "/status/operationState/operation/sync/revision",
                "/status/operationState/operation/sync/revisions",
            ),
            refreshing: text("/metadata/annotations/argocd.argoproj.io~1refresh").is_some(),
            failed_objects: items("/status/operationState/syncResult/resources")
                .iter()
                .filter(|r| field(r, "status") == "SyncFailed")
                .map(|r| format!("{} {}: {}", field(r, "kind"), field(r, "name"), field(r, "message")))
                .collect(),
            unhealthy: resources
                .iter()
                .filter_map(|r| {
                    let status = r.pointer("/health/status")?.as_str().filter(|s| *s != "Healthy")?;
                    let message = r.pointer("/health/message").and_then(Value::as_str).unwrap_or_default();
                    let what = format!("{} {}: {status}", field(r, "kind"), field(r, "name"));
                    Some(if message.is_empty() { what } else { format!("{what}, {message}") })
                })
                .collect(),
            objects: resources.len(),
            generated: items("/metadata/ownerReferences").iter().any(|o| field(o, "kind") == "ApplicationSet"),
        }
    }

    pub fn is_ready(&self) -> bool {
        self.sync == "Synced" && self.health == "Healthy"
    }

    /// Ready, with the wanted commit. An operation that still runs may change things yet.
    pub fn is_ready_at(&self, revision: &str) -> bool {
        let running = self.operation.as_ref().is_some_and(|(phase, _)| phase == "Running" || phase == "Terminating");
        self.is_ready() && !running && self.is_at(revision)
    }

    /// Was it compared with this commit?
    pub fn is_at(&self, revision: &str) -> bool {
        !self.revisions.is_empty() && self.revisions.iter().all(|r| r == revision)
    }

    /// Are its objects those of this commit, healthy yet or not?
    pub fn has_applied(&self, revision: &str) -> bool {
        let succeeded = self.operation.as_ref().is_some_and(|(phase, _)| phase == "Succeeded");
        let by_operation = succeeded && !self.operation_revisions.is_empty() && !self.operates_on_another(revision);
        by_operation || self.sync == "Synced" && self.is_at(revision)
    }

    /// Why it is not ready, in Argo CD's words, on one line; empty when it is.
    pub fn message(&self) -> String {
        let error = self.conditions.iter().find(|(kind, _)| kind.ends_with("Error")).map(|(_, m)| m.clone());
        let running = self.operation.as_ref().filter(|(phase, _)| phase != "Succeeded").map(|(_, m)| m.clone());
        let unhealthy = self.unhealthy.first().map(|first| match self.unhealthy.len() {
            1 => first.clone(),
            n => format!("{first} and {} more", n - 1),
        });
        if self.is_ready() && error.is_none() {
            return String::new();
        }
        let found = error.or_else(|| self.failed_objects.first().cloned()).or(unhealthy).or(running.filter(|m| !m.is_empty()));
        found.unwrap_or_default().lines().collect::<Vec<_>>().join(" ")
    }

    /// The message, or what Argo CD calls its state when there is none.
    pub fn state(&self) -> String {
        let message = self.message();
        if message.is_empty() { format!("{}, {}", self.sync, self.health) } else { message }
    }

    /// What Argo CD calls its state, with the message when there is one.
    pub fn summary(&self) -> String {
        let message = self.message();
        let colon = if message.is_empty() { "" } else { ": " };
        format!("{}, {}{colon}{message}", self.sync, self.health)
    }

    /// Does its operation work with another commit than `revision`?
    pub fn operates_on_another(&self, revision: &str) -> bool {
        self.operation_revisions.iter().any(|r| r != revision)
    }

    /// An error of `revision` that waiting cannot mend; `None` while there is hope.
    pub fn hopeless(&self, revision: &str) -> Option<String> {
        if self.refreshing {
            return None;
        }
        let condition = self.conditions.iter().find(|(kind, message)| match kind.as_str() {
            "InvalidSpecError" => true,
            "ComparisonError" => !is_passing(message),
            _ => false,
        });
        if let Some((_, message)) = condition {
            return Some(message.clone());
        }
        if self.operates_on_another(revision) {
            return None;
        }
        let forbidden = self.failed_objects.iter().find(|m| m.contains("is not permitted in project"));
        forbidden.or_else(|| self.failed_objects.iter().find(|m| is_refused(m))).cloned()
    }
}

/// Errors of a component that is just starting, restarting or loaded: they go away by themselves.
fn is_passing(message: &str) -> bool {
    let passing = [
        "connection refused",
        "connection error",
        "Unavailable",
        "context deadline exceeded",
        "context canceled",
        "EOF",
        "i/o timeout",
        "the server is currently unable",
        "the server could not find the requested resource",
        "TLS handshake",
        "error reading server preface",
        "transport is closing",
        "failed to get cluster info",
        "failed to sync cluster",
    ];
    passing.iter().any(|p| message.contains(p))
}

/// Does the API server say that the object itself is wrong?
fn is_refused(message: &str) -> bool {
    message.contains(" is invalid: ") || message.contains("ValidationError") || message.contains("strict decoding error")
}

/// Every Application, by wave and name. Empty when Argo CD's kinds do not exist.
pub fn list(kubectl: &Kubectl) -> Result<Vec<Application>> {
    let mut applications: Vec<_> = objects(kubectl)?.iter().map(Application::from).collect();
    applications.sort_by(|a, b| (a.wave, &a.name).cmp(&(b.wave, &b.name)));
    Ok(applications)
}

/// The objects themselves.
pub fn objects(kubectl: &Kubectl) -> Result<Vec<Value>> {
    kubectl.list_raw(VERSIONED_KIND, NAMESPACE)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn application(status: Value) -> Application {
        Application::from(&json!({"metadata": {"name": "a"}, "status": status}))
    }

    #[test]
    fn ready_means_synced_healthy_and_the_wanted_commit() {
        let a = application(json!({"sync": {"status": "Synced", "revisions": ["c", "c"]}, "health": {"status": "Healthy"}}));
        assert!(a.is_ready_at("c"));
        assert!(!a.is_ready_at("d"));
        assert_eq!(a.message(), "");
    }

    #[test]
    fn a_starting_repo_server_is_waited_for_and_a_broken_chart_is_not() {
        let comparison = |message: &str| application(json!({"conditions": [{"type": "ComparisonError", "message": message}]}));
        assert!(comparison("rpc error: code = Unavailable desc = connection refused").hopeless("c").is_none());
        let broken = "Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = Manifest generation error";
        assert_eq!(comparison(broken).hopeless("c").unwrap(), broken);
    }

    #[test]
    fn a_forbidden_kind_is_hopeless_and_named() {
        let a = application(json!({"operationState": {"phase": "Failed", "message": "one or more objects failed to apply",
            "syncResult": {"resources": [{"kind": "Secret", "name": "s", "status": "SyncFailed",
                "message": "resource :Secret is not permitted in project applications"}]}}}));
        assert_eq!(a.hopeless("c").unwrap(), "Secret s: resource :Secret is not permitted in project applications");
    }

    #[test]
    fn errors_of_another_commit_do_not_count() {
        let a = application(json!({"operationState": {"phase": "Running", "operation": {"sync": {"revisions": ["old", "old"]}},
            "syncResult": {"resources": [{"kind": "Secret", "name": "s", "status": "SyncFailed",
                "message": "resource :Secret is not permitted in project applications"}]}}}));
        assert!(a.hopeless("new").is_none());
        assert!(a.hopeless("old").is_some());
    }

    #[test]
    fn the_message_names_the_first_unhealthy_object() {
        let a = application(json!({"sync": {"status": "Synced"}, "health": {"status": "Progressing"}, "resources": [
            {"kind": "Service", "name": "s", "health": {"status": "Healthy"}},
            {"kind": "Deployment", "name": "grafana", "health": {"status": "Progressing", "message": "0 of 1 ready"}},
            {"kind": "StatefulSet", "name": "loki", "health": {"status": "Progressing"}}]}));
        assert_eq!(a.message(), "Deployment grafana: Progressing, 0 of 1 ready and 1 more");
    }
}
