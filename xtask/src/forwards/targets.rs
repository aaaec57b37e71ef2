//! What can be forwarded: names, Services, and the ports that everybody knows.

use serde_json::{Value, json};

/// A Service of the cluster that people open on this machine.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    pub name: &'static str,
    pub namespace: &'static str,
    pub service: &'static str,
    /// Port of the Service.
    pub remote: u16,
    /// Port of 127.0.0.1, unless the user takes another.
    pub port: u16,
    pub scheme: &'static str,
    /// For people.
    pub serves: &'static str,
}

pub const ALL: [Target; 5] = [
    Target {
        name: "argocd",
        namespace: crate::argocd::NAMESPACE,
        service: "argocd-server",
        remote: 443,
        port: 8080,
        scheme: "https",
        serves: "Argo CD; user admin, password: cargo xtask argocd-password",
    },
    Target {
        name: "grafana",
        namespace: "monitoring",
        service: "grafana",
        remote: 3000,
        port: 3000,
        scheme: "http",
        serves: "dashboards; user and password: Secret grafana-admin",
    },
    Target {
        name: "prometheus",
        namespace: "monitoring",
        service: "prometheus",
        remote: 9090,
        port: 9090,
        scheme: "http",
        serves: "metrics, targets, rules and alerts",
    },
    Target {
        name: "kafka-ui",
        namespace: "kafka",
        service: "kafka-ui",
        remote: 8080,
        port: 8088,
        scheme: "http",
        serves: "topics, consumer groups, schemas",
    },
    Target {
        name: "argo-rollouts",
        namespace: "argo-rollouts",
        service: "argo-rollouts-dashboard",
        remote: 3100,
        port: 3100,
        scheme: "http",
        serves: "rollouts of the services",
    },
];

impl Target {
    /// Its Service, as far as it takes to look it up.
    pub fn service_object(&self) -> Value {
        json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": self.service, "namespace": self.namespace } })
    }
}

/// The target of that name.
pub fn find(name: &str) -> Option<&'static Target> {
    ALL.iter().find(|t| t.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_take_the_same_port() {
        let ports: BTreeSet<u16> = ALL.iter().map(|t| t.port).collect();
        assert_eq!(ports.len(), ALL.len());
    }
}
