//! The versions that charts may ask for (`.Capabilities`): of Kubernetes, and of the kinds that an environment serves.

use crate::context::Context;

/// Groups and versions by set of definitions in tools.toml. Not read from the definitions themselves: rendering must work before
/// they are downloaded.
const APIS: &[(&str, &[&str])] = &[
    ("argocd-crds", &["argoproj.io/v1alpha1"]),
    ("rollouts-crds", &["argoproj.io/v1alpha1"]),
    ("gateway-api-crds", &["gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1"]),
    (
        "istio-crds",
        &[
            "extensions.istio.io/v1alpha1",
            "networking.istio.io/v1",
            "networking.istio.io/v1alpha3",
            "networking.istio.io/v1beta1",
            "security.istio.io/v1",
            "security.istio.io/v1beta1",
            "telemetry.istio.io/v1",
            "telemetry.istio.io/v1alpha1",
        ],
    ),
    ("prometheus-operator-crds", &["monitoring.coreos.com/v1", "monitoring.coreos.com/v1alpha1"]),
    ("external-secrets-crds", &["external-secrets.io/v1", "external-secrets.io/v1alpha1", "generators.external-secrets.io/v1alpha1"]),
    ("strimzi-crds", &["core.strimzi.io/v1", "kafka.strimzi.io/v1"]),
];

/// What a cluster can do, as charts may ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Version of Kubernetes.
    pub kubernetes: String,
    /// Groups and versions, beside those that Helm knows by itself.
    pub apis: Vec<String>,
}

impl Capabilities {
    /// Those of the environment's cluster.
    pub fn of(cx: &Context) -> Self {
        Capabilities { kubernetes: kubernetes(cx), apis: apis(cx).into_iter().map(str::to_string).collect() }
    }
}

/// Groups and versions that this environment serves beside Kubernetes' own, sorted.
fn apis(cx: &Context) -> Vec<&'static str> {
    let defined = &cx.environment.provides.definitions;
    let rows = APIS.iter().filter(|(set, _)| defined.iter().any(|name| name == set));
    let mut apis: Vec<&str> = rows.flat_map(|(_, apis)| apis.iter().copied()).collect();
    apis.sort_unstable();
    apis.dedup();
    apis
}

/// The version of Kubernetes that is pinned.
fn kubernetes(cx: &Context) -> String {
    let kubectl = cx.provision.tools().iter().find(|tool| tool.name == "kubectl");
    kubectl.map(|tool| tool.version.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::{Environment, yaml};

    #[test]
    fn every_set_of_definitions_of_an_environment_has_its_versions() {
        for text in
            [include_str!("../../../environments/dev/environment.yaml"), include_str!("../../../environments/prod/environment.yaml")]
        {
            let environment: Environment = yaml::parse(text).unwrap();
            for set in environment.provides.definitions {
                assert!(APIS.iter().any(|(name, _)| *name == set), "add `{set}` with its groups and versions to render/versions.rs");
            }
        }
    }
}
