//! Which kinds have no namespace: Kubernetes' own of the pinned version, and those of definitions that are well known.

use std::collections::BTreeSet;

use serde_json::Value;

/// `GROUP/KIND`; the core group is empty. Every other kind has a namespace, as Argo CD takes it for one that it does not know.
const CLUSTER_WIDE: &[&str] = &[
    "/ComponentStatus",
    "/Namespace",
    "/Node",
    "/PersistentVolume",
    "admissionregistration.k8s.io/MutatingAdmissionPolicy",
    "admissionregistration.k8s.io/MutatingAdmissionPolicyBinding",
    "admissionregistration.k8s.io/MutatingWebhookConfiguration",
    "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
    "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding",
    "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
    "apiextensions.k8s.io/CustomResourceDefinition",
    "apiregistration.k8s.io/APIService",
    "argoproj.io/ClusterAnalysisTemplate",
    "argoproj.io/ClusterWorkflowTemplate",
    "cert-manager.io/ClusterIssuer",
    "certificates.k8s.io/CertificateSigningRequest",
    "certificates.k8s.io/ClusterTrustBundle",
    "external-secrets.io/ClusterExternalSecret",
    "external-secrets.io/ClusterPushSecret",
    "external-secrets.io/ClusterSecretStore",
    "flowcontrol.apiserver.k8s.io/FlowSchema",
    "flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration",
    "gateway.networking.k8s.io/GatewayClass",
    "generators.external-secrets.io/ClusterGenerator",
    "internal.apiserver.k8s.io/StorageVersion",
    "karpenter.k8s.aws/EC2NodeClass",
    "karpenter.sh/NodeClaim",
    "karpenter.sh/NodePool",
    "kyverno.io/ClusterPolicy",
    "networking.k8s.io/IPAddress",
    "networking.k8s.io/IngressClass",
    "networking.k8s.io/ServiceCIDR",
    "node.k8s.io/RuntimeClass",
    "rbac.authorization.k8s.io/ClusterRole",
    "rbac.authorization.k8s.io/ClusterRoleBinding",
    "resource.k8s.io/DeviceClass",
    "resource.k8s.io/DeviceTaintRule",
    "resource.k8s.io/ResourceSlice",
    "scheduling.k8s.io/PriorityClass",
    "snapshot.storage.k8s.io/VolumeSnapshotClass",
    "snapshot.storage.k8s.io/VolumeSnapshotContent",
    "storage.k8s.io/CSIDriver",
    "storage.k8s.io/CSINode",
    "storage.k8s.io/StorageClass",
    "storage.k8s.io/VolumeAttachment",
    "storage.k8s.io/VolumeAttributesClass",
    "storagemigration.k8s.io/StorageVersionMigration",
];

/// What is known about kinds while the objects of one Application are looked at.
pub struct Kinds {
    /// What definitions among the objects themselves say.
    defined: Vec<(String, bool)>,
}

impl Kinds {
    pub fn of<'a>(objects: impl Iterator<Item = &'a Value>) -> Self {
        let definitions = objects.filter(|object| text(object, "/kind") == "CustomResourceDefinition");
        let named = |object: &Value| format!("{}/{}", text(object, "/spec/group"), text(object, "/spec/names/kind"));
        Kinds { defined: definitions.map(|object| (named(object), text(object, "/spec/scope") != "Cluster")).collect() }
    }

    pub fn has_namespace(&self, object: &Value) -> bool {
        let group = text(object, "/apiVersion").rsplit_once('/').map_or("", |(group, _)| group);
        let name = format!("{group}/{}", text(object, "/kind"));
        match self.defined.iter().find(|(defined, _)| *defined == name) {
            Some((_, namespaced)) => *namespaced,
            None => CLUSTER_WIDE.binary_search(&name.as_str()).is_err(),
        }
    }
}

/// Puts the namespace of the destination where one is missing, takes it away where none belongs, and keeps the last of objects
/// that are there several times (`NormalizeTargetObjects`). Returns which to keep, and a warning for each of the others.
pub fn normalize(objects: &mut [&mut Value], namespace: &str) -> (Vec<bool>, Vec<String>) {
    let kinds = Kinds::of(objects.iter().map(|object| &**object));
    for object in objects.iter_mut() {
        let namespaced = kinds.has_namespace(object);
        let has = !text(object, "/metadata/namespace").is_empty();
        if namespaced == has || namespaced && namespace.is_empty() {
            continue;
        }
        let Some(map) = object.as_object_mut() else { continue };
        let metadata = map.entry("metadata").or_insert_with(|| Value::Object(serde_json::Map::new()));
        match (metadata.as_object_mut(), namespaced) {
            (Some(metadata), true) => drop(metadata.insert("namespace".into(), namespace.into())),
            (Some(metadata), false) => drop(metadata.remove("namespace")),
            (None, _) => {}
        }
    }
    let mut keep = vec![true; objects.len()];
    let mut seen = BTreeSet::new();
    let mut warnings = Vec::new();
    for (object, keep) in objects.iter().zip(&mut keep).rev() {
        let group = text(object, "/apiVersion").rsplit_once('/').map_or("", |(group, _)| group);
        let [kind, namespace, name] = ["/kind", "/metadata/namespace", "/metadata/name"].map(|pointer| text(object, pointer));
        if !name.is_empty() && !seen.insert([group, kind, namespace, name]) {
            *keep = false;
            warnings.push(format!("{kind} {namespace}/{name} is there more than once; Argo CD takes the last one"));
        }
    }
    warnings.reverse();
    warnings.dedup();
    (keep, warnings)
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    // By hand: `Value::pointer` takes its pointer apart anew for every object.
    let mut value = Some(object);
    for key in pointer.split('/').skip(1) {
        value = value.and_then(|v| v.get(key));
    }
    value.and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(api: &str, kind: &str, namespace: &str, name: &str) -> Value {
        let mut value = json!({ "apiVersion": api, "kind": kind, "metadata": { "name": name } });
        if !namespace.is_empty() {
            value["metadata"]["namespace"] = namespace.into();
        }
        value
    }

    #[test]
    fn the_list_is_sorted() {
        assert!(CLUSTER_WIDE.is_sorted());
    }

    #[test]
    fn objects_get_the_namespace_of_the_destination_where_they_have_one() {
        let mut all = [
            object("v1", "ConfigMap", "", "a"),
            object("v1", "ConfigMap", "own", "a"),
            object("rbac.authorization.k8s.io/v1", "ClusterRole", "ns", "a"),
            object("x.io/v1", "Wide", "ns", "a"),
            object("x.io/v1", "Other", "", "a"),
            json!({ "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": { "name": "wides.x.io" },
                "spec": { "group": "x.io", "scope": "Cluster", "names": { "kind": "Wide" } } }),
        ];
        let (keep, warnings) = normalize(&mut all.iter_mut().collect::<Vec<_>>(), "ns");
        let namespaces: Vec<_> = all.iter().map(|o| text(o, "/metadata/namespace")).collect();
        assert_eq!(namespaces, ["ns", "own", "", "", "ns", ""]);
        assert!(keep.iter().all(|keep| *keep) && warnings.is_empty());
    }

    #[test]
    fn of_several_the_last_one_counts_whatever_its_version() {
        let mut all = [object("a/v1", "X", "ns", "a"), object("a/v2", "X", "", "a"), object("b/v1", "X", "", "a")];
        let (keep, warnings) = normalize(&mut all.iter_mut().collect::<Vec<_>>(), "ns");
        assert_eq!(keep, [false, true, true]);
        assert_eq!(warnings, ["X ns/a is there more than once; Argo CD takes the last one"]);
    }
}
