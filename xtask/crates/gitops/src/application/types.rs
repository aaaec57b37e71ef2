//! The fields of Argo CD's Application, written by xtask/tests/oracle/application/types from the types of Argo CD 3.5.3.

use super::schema::Kind::{Bool, Int, IntOrString, List, Map, Nested, Pointer, Raw, Status, String, Time};
use super::schema::{Struct, always, optional};

pub static APPLICATION: Struct = Struct {
    name: "v1alpha1.Application",
    fields: &[
        optional("kind", String).within("TypeMeta."),
        optional("apiVersion", String).within("TypeMeta."),
        always("metadata", Nested(&OBJECT_META)),
        always("spec", Nested(&APPLICATION_SPEC)),
        optional("status", Status),
        optional("operation", Pointer(&Nested(&OPERATION))),
    ],
};

pub static APPLICATION_DESTINATION: Struct = Struct {
    name: "v1alpha1.ApplicationDestination",
    fields: &[optional("server", String), optional("namespace", String), optional("name", String)],
};

pub static APPLICATION_SET_TEMPLATE: Struct = Struct {
    name: "v1alpha1.ApplicationSetTemplate",
    fields: &[always("metadata", Nested(&APPLICATION_SET_TEMPLATE_META)), always("spec", Nested(&APPLICATION_SPEC))],
};

pub static APPLICATION_SET_TEMPLATE_META: Struct = Struct {
    name: "v1alpha1.ApplicationSetTemplateMeta",
    fields: &[
        optional("name", String),
        optional("namespace", String),
        optional("labels", Map(&String, "map[string]string")),
        optional("annotations", Map(&String, "map[string]string")),
        optional("finalizers", List(&String, "[]string")),
    ],
};

pub static APPLICATION_SOURCE: Struct = Struct {
    name: "v1alpha1.ApplicationSource",
    fields: &[
        always("repoURL", String),
        optional("path", String),
        optional("targetRevision", String),
        optional("helm", Pointer(&Nested(&APPLICATION_SOURCE_HELM))),
        optional("kustomize", Pointer(&Nested(&APPLICATION_SOURCE_KUSTOMIZE))),
        optional("directory", Pointer(&Nested(&APPLICATION_SOURCE_DIRECTORY))),
        optional("plugin", Pointer(&Nested(&APPLICATION_SOURCE_PLUGIN))),
        optional("chart", String),
        optional("ref", String),
        optional("name", String),
        optional("tagPrefix", String),
    ],
};

pub static APPLICATION_SOURCE_DIRECTORY: Struct = Struct {
    name: "v1alpha1.ApplicationSourceDirectory",
    fields: &[
        optional("recurse", Bool),
        optional("jsonnet", Nested(&APPLICATION_SOURCE_JSONNET)).unless_zero(),
        optional("exclude", String),
        optional("include", String),
    ],
};

pub static APPLICATION_SOURCE_HELM: Struct = Struct {
    name: "v1alpha1.ApplicationSourceHelm",
    fields: &[
        optional("valueFiles", List(&String, "[]string")),
        optional("parameters", List(&Nested(&HELM_PARAMETER), "[]v1alpha1.HelmParameter")),
        optional("releaseName", String),
        optional("values", String).patched("replace", ""),
        optional("fileParameters", List(&Nested(&HELM_FILE_PARAMETER), "[]v1alpha1.HelmFileParameter")),
        optional("version", String),
        optional("passCredentials", Bool),
        optional("ignoreMissingValueFiles", Bool),
        optional("skipCrds", Bool),
        optional("valuesObject", Pointer(&Raw)),
        optional("namespace", String),
        optional("kubeVersion", String),
        optional("apiVersions", List(&String, "[]string")),
        optional("skipTests", Bool),
        optional("skipSchemaValidation", Bool),
    ],
};

pub static APPLICATION_SOURCE_JSONNET: Struct = Struct {
    name: "v1alpha1.ApplicationSourceJsonnet",
    fields: &[
        optional("extVars", List(&Nested(&JSONNET_VAR), "[]v1alpha1.JsonnetVar")),
        optional("tlas", List(&Nested(&JSONNET_VAR), "[]v1alpha1.JsonnetVar")),
        optional("libs", List(&String, "[]string")),
    ],
};

pub static APPLICATION_SOURCE_KUSTOMIZE: Struct = Struct {
    name: "v1alpha1.ApplicationSourceKustomize",
    fields: &[
        optional("namePrefix", String),
        optional("nameSuffix", String),
        optional("images", List(&String, "v1alpha1.KustomizeImages")),
        optional("commonLabels", Map(&String, "map[string]string")),
        optional("version", String),
        optional("commonAnnotations", Map(&String, "map[string]string")),
        optional("forceCommonLabels", Bool),
        optional("forceCommonAnnotations", Bool),
        optional("namespace", String),
        optional("commonAnnotationsEnvsubst", Bool),
        optional("replicas", List(&Nested(&KUSTOMIZE_REPLICA), "v1alpha1.KustomizeReplicas")),
        optional("patches", List(&Nested(&KUSTOMIZE_PATCH), "v1alpha1.KustomizePatches")),
        optional("components", List(&String, "[]string")),
        optional("ignoreMissingComponents", Bool),
        optional("labelWithoutSelector", Bool),
        optional("kubeVersion", String),
        optional("apiVersions", List(&String, "[]string")),
        optional("labelIncludeTemplates", Bool),
    ],
};

pub static APPLICATION_SOURCE_PLUGIN: Struct = Struct {
    name: "v1alpha1.ApplicationSourcePlugin",
    fields: &[
        optional("name", String),
        optional("env", List(&Pointer(&Nested(&ENV_ENTRY)), "v1alpha1.Env")),
        optional("parameters", List(&Nested(&APPLICATION_SOURCE_PLUGIN_PARAMETER), "v1alpha1.ApplicationSourcePluginParameters")),
    ],
};

pub static APPLICATION_SOURCE_PLUGIN_PARAMETER: Struct = Struct {
    name: "v1alpha1.ApplicationSourcePluginParameter",
    fields: &[
        always("name", String),
        optional("string", Pointer(&String)),
        always("map", Map(&String, "map[string]string")).within("OptionalMap.").if_given(),
        always("array", List(&String, "[]string")).within("OptionalArray.").if_given(),
    ],
};

pub static APPLICATION_SPEC: Struct = Struct {
    name: "v1alpha1.ApplicationSpec",
    fields: &[
        optional("source", Pointer(&Nested(&APPLICATION_SOURCE))),
        always("destination", Nested(&APPLICATION_DESTINATION)),
        always("project", String),
        optional("syncPolicy", Pointer(&Nested(&SYNC_POLICY))),
        optional("ignoreDifferences", List(&Nested(&RESOURCE_IGNORE_DIFFERENCES), "v1alpha1.IgnoreDifferences")),
        optional("info", List(&Nested(&INFO), "[]v1alpha1.Info")),
        optional("revisionHistoryLimit", Pointer(&Int("int64"))),
        optional("sources", List(&Nested(&APPLICATION_SOURCE), "v1alpha1.ApplicationSources")),
        optional("sourceHydrator", Pointer(&Nested(&SOURCE_HYDRATOR))),
    ],
};

pub static BACKOFF: Struct = Struct {
    name: "v1alpha1.Backoff",
    fields: &[optional("duration", String), optional("factor", Pointer(&Int("int64"))), optional("maxDuration", String)],
};

pub static DRY_SOURCE: Struct = Struct {
    name: "v1alpha1.DrySource",
    fields: &[
        always("repoURL", String),
        always("targetRevision", String),
        always("path", String),
        optional("helm", Pointer(&Nested(&APPLICATION_SOURCE_HELM))),
        optional("kustomize", Pointer(&Nested(&APPLICATION_SOURCE_KUSTOMIZE))),
        optional("directory", Pointer(&Nested(&APPLICATION_SOURCE_DIRECTORY))),
        optional("plugin", Pointer(&Nested(&APPLICATION_SOURCE_PLUGIN))),
    ],
};

pub static ENV_ENTRY: Struct = Struct { name: "v1alpha1.EnvEntry", fields: &[always("name", String), always("value", String)] };

pub static HELM_FILE_PARAMETER: Struct =
    Struct { name: "v1alpha1.HelmFileParameter", fields: &[optional("name", String), optional("path", String)] };

pub static HELM_PARAMETER: Struct = Struct {
    name: "v1alpha1.HelmParameter",
    fields: &[optional("name", String), optional("value", String), optional("forceString", Bool)],
};

pub static HYDRATE_TO: Struct = Struct { name: "v1alpha1.HydrateTo", fields: &[always("targetBranch", String)] };

pub static INFO: Struct = Struct { name: "v1alpha1.Info", fields: &[always("name", String), always("value", String)] };

pub static JSONNET_VAR: Struct =
    Struct { name: "v1alpha1.JsonnetVar", fields: &[always("name", String), always("value", String), optional("code", Bool)] };

pub static KUSTOMIZE_PATCH: Struct = Struct {
    name: "v1alpha1.KustomizePatch",
    fields: &[
        optional("path", String),
        optional("patch", String),
        optional("target", Pointer(&Nested(&KUSTOMIZE_SELECTOR))),
        optional("options", Map(&Bool, "map[string]bool")),
    ],
};

pub static KUSTOMIZE_REPLICA: Struct =
    Struct { name: "v1alpha1.KustomizeReplica", fields: &[always("name", String), always("count", IntOrString)] };

pub static KUSTOMIZE_SELECTOR: Struct = Struct {
    name: "v1alpha1.KustomizeSelector",
    fields: &[
        optional("group", String).within("KustomizeResId.KustomizeGvk."),
        optional("version", String).within("KustomizeResId.KustomizeGvk."),
        optional("kind", String).within("KustomizeResId.KustomizeGvk."),
        optional("name", String).within("KustomizeResId."),
        optional("namespace", String).within("KustomizeResId."),
        optional("annotationSelector", String),
        optional("labelSelector", String),
    ],
};

pub static MANAGED_FIELDS_ENTRY: Struct = Struct {
    name: "v1.ManagedFieldsEntry",
    fields: &[
        optional("manager", String),
        optional("operation", String),
        optional("apiVersion", String),
        optional("time", Pointer(&Time)),
        optional("fieldsType", String),
        optional("fieldsV1", Pointer(&Raw)),
        optional("subresource", String),
    ],
};

pub static MANAGED_NAMESPACE_METADATA: Struct = Struct {
    name: "v1alpha1.ManagedNamespaceMetadata",
    fields: &[optional("labels", Map(&String, "map[string]string")), optional("annotations", Map(&String, "map[string]string"))],
};

pub static OBJECT_META: Struct = Struct {
    name: "v1.ObjectMeta",
    fields: &[
        optional("name", String),
        optional("generateName", String),
        optional("namespace", String),
        optional("selfLink", String),
        optional("uid", String),
        optional("resourceVersion", String),
        optional("generation", Int("int64")),
        optional("creationTimestamp", Time).unless_zero(),
        optional("deletionTimestamp", Pointer(&Time)),
        optional("deletionGracePeriodSeconds", Pointer(&Int("int64"))),
        optional("labels", Map(&String, "map[string]string")),
        optional("annotations", Map(&String, "map[string]string")),
        optional("ownerReferences", List(&Nested(&OWNER_REFERENCE), "[]v1.OwnerReference")).patched("merge", "uid"),
        optional("finalizers", List(&String, "[]string")).patched("merge", ""),
        optional("managedFields", List(&Nested(&MANAGED_FIELDS_ENTRY), "[]v1.ManagedFieldsEntry")),
    ],
};

pub static OPERATION: Struct = Struct {
    name: "v1alpha1.Operation",
    fields: &[
        optional("sync", Pointer(&Nested(&SYNC_OPERATION))),
        optional("initiatedBy", Nested(&OPERATION_INITIATOR)),
        optional("info", List(&Pointer(&Nested(&INFO)), "[]*v1alpha1.Info")),
        optional("retry", Nested(&RETRY_STRATEGY)),
    ],
};

pub static OPERATION_INITIATOR: Struct =
    Struct { name: "v1alpha1.OperationInitiator", fields: &[optional("username", String), optional("automated", Bool)] };

pub static OWNER_REFERENCE: Struct = Struct {
    name: "v1.OwnerReference",
    fields: &[
        always("apiVersion", String),
        always("kind", String),
        always("name", String),
        always("uid", String),
        optional("controller", Pointer(&Bool)),
        optional("blockOwnerDeletion", Pointer(&Bool)),
    ],
};

pub static RESOURCE_IGNORE_DIFFERENCES: Struct = Struct {
    name: "v1alpha1.ResourceIgnoreDifferences",
    fields: &[
        optional("group", String),
        always("kind", String),
        optional("name", String),
        optional("namespace", String),
        optional("jsonPointers", List(&String, "[]string")),
        optional("jqPathExpressions", List(&String, "[]string")),
        optional("managedFieldsManagers", List(&String, "[]string")),
    ],
};

pub static RETRY_STRATEGY: Struct = Struct {
    name: "v1alpha1.RetryStrategy",
    fields: &[optional("limit", Int("int64")), optional("backoff", Pointer(&Nested(&BACKOFF))), optional("refresh", Bool)],
};

pub static SOURCE_HYDRATOR: Struct = Struct {
    name: "v1alpha1.SourceHydrator",
    fields: &[
        always("drySource", Nested(&DRY_SOURCE)),
        always("syncSource", Nested(&SYNC_SOURCE)),
        optional("hydrateTo", Pointer(&Nested(&HYDRATE_TO))),
    ],
};

pub static SYNC_OPERATION: Struct = Struct {
    name: "v1alpha1.SyncOperation",
    fields: &[
        optional("revision", String),
        optional("prune", Bool),
        optional("dryRun", Bool),
        optional("syncStrategy", Pointer(&Nested(&SYNC_STRATEGY))),
        optional("resources", List(&Nested(&SYNC_OPERATION_RESOURCE), "[]v1alpha1.SyncOperationResource")),
        optional("source", Pointer(&Nested(&APPLICATION_SOURCE))),
        optional("manifests", List(&String, "[]string")),
        optional("syncOptions", List(&String, "v1alpha1.SyncOptions")),
        optional("sources", List(&Nested(&APPLICATION_SOURCE), "v1alpha1.ApplicationSources")),
        optional("revisions", List(&String, "[]string")),
        optional("autoHealAttemptsCount", Int("int64")),
    ],
};

pub static SYNC_OPERATION_RESOURCE: Struct = Struct {
    name: "v1alpha1.SyncOperationResource",
    fields: &[optional("group", String), always("kind", String), always("name", String), optional("namespace", String)],
};

pub static SYNC_POLICY: Struct = Struct {
    name: "v1alpha1.SyncPolicy",
    fields: &[
        optional("automated", Pointer(&Nested(&SYNC_POLICY_AUTOMATED))),
        optional("syncOptions", List(&String, "v1alpha1.SyncOptions")),
        optional("retry", Pointer(&Nested(&RETRY_STRATEGY))),
        optional("managedNamespaceMetadata", Pointer(&Nested(&MANAGED_NAMESPACE_METADATA))),
    ],
};

pub static SYNC_POLICY_AUTOMATED: Struct = Struct {
    name: "v1alpha1.SyncPolicyAutomated",
    fields: &[
        optional("prune", Pointer(&Bool)),
        optional("selfHeal", Pointer(&Bool)),
        optional("allowEmpty", Pointer(&Bool)),
        optional("enabled", Pointer(&Bool)),
    ],
};

pub static SYNC_SOURCE: Struct =
    Struct { name: "v1alpha1.SyncSource", fields: &[always("targetBranch", String), always("path", String), optional("repoURL", String)] };

pub static SYNC_STRATEGY: Struct = Struct {
    name: "v1alpha1.SyncStrategy",
    fields: &[optional("apply", Pointer(&Nested(&SYNC_STRATEGY_APPLY))), optional("hook", Pointer(&Nested(&SYNC_STRATEGY_HOOK)))],
};

pub static SYNC_STRATEGY_APPLY: Struct = Struct { name: "v1alpha1.SyncStrategyApply", fields: &[optional("force", Bool)] };

pub static SYNC_STRATEGY_HOOK: Struct =
    Struct { name: "v1alpha1.SyncStrategyHook", fields: &[optional("force", Bool).within("SyncStrategyApply.")] };
