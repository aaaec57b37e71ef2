//! An option that Argo CD does not know.
//!
//! ## What
//! A sync option, a compare option, a hook, a delete policy or a finalizer is misspelt, or has a value that it never has.
//! ## Why
//! It is ignored without a message: what should be kept is pruned, what should run first does not.
//! ## Bad
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//!   syncPolicy:
//!     syncOptions:
//!       - CreateNamespace=true
//!       - ServerSideAply=true # bad
//!       - PruneLast=yes # bad
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ```yaml objects of cart
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: cart
//!   annotations:
//!     argocd.argoproj.io/hook: PreSnyc # bad
//! ```
//! ## Good
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart, finalizers: [resources-finalizer.argocd.argoproj.io]}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//!   syncPolicy: {syncOptions: [CreateNamespace=true, ServerSideApply=true, PruneLast=true]}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ## Trap
//! Several in one annotation, with spaces; a finalizer of somebody else; the older finalizer with a path.
//! ```yaml apps.yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: cart, finalizers: [resources-finalizer.argocd.argoproj.io/background, example.com/own]}
//! spec:
//!   destination: {server: "https://kubernetes.default.svc", namespace: cart}
//!   source: {repoURL: "https://git.example.org/shop.git", path: cart}
//!   syncPolicy: {syncOptions: [CreateNamespace=true, PrunePropagationPolicy=foreground]}
//! ```
//! ```yaml cart/a.yaml
//! {apiVersion: v1, kind: Service, metadata: {name: cart}}
//! ```
//! ```yaml objects of cart
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: cart
//!   annotations:
//!     argocd.argoproj.io/sync-options: Prune=false, Delete=confirm
//!     argocd.argoproj.io/compare-options: IgnoreExtraneous,ServerSideDiff=true
//!     argocd.argoproj.io/hook: PreSync,Sync
//!     argocd.argoproj.io/hook-delete-policy: HookSucceeded
//! ```
//! ## Fix
//! Write the option as Argo CD's documentation has it; letters count.

use super::of_index::meant;
use super::{Findings, Meta, Severity};
use crate::index::{Index, Obj};

pub struct Rule;

/// Names, each with the values that mean something; none for what has no value.
type Options = &'static [(&'static str, &'static [&'static str])];

/// Options of a sync, for Applications and for objects: name, and the values that mean something. Source: `pkg/sync/common/types.go` of
/// gitops-engine, `controller/sync.go` and `controller/state.go` of Argo CD 3.5.
const SYNC: Options = &[
    ("ApplyOutOfSyncOnly", &["true", "false"]),
    ("ClientSideApplyMigration", &["true", "false"]),
    ("CreateNamespace", &["true", "false"]),
    ("Delete", &["false", "confirm", "true"]),
    ("FailOnSharedResource", &["true", "false"]),
    ("Force", &["true", "false"]),
    ("Prune", &["false", "confirm", "true"]),
    ("PruneLast", &["true", "false"]),
    ("PrunePropagationPolicy", &["background", "foreground", "orphan"]),
    ("Replace", &["true", "false"]),
    ("RespectIgnoreDifferences", &["true", "false"]),
    ("ServerSideApply", &["true", "false"]),
    ("SkipDryRunOnMissingResource", &["true", "false"]),
    ("Validate", &["true", "false"]),
];

const COMPARE: Options = &[
    ("IgnoreExtraneous", &[]),
    ("IgnoreResourceUpdates", &["true", "false"]),
    ("IncludeMutationWebhook", &["true", "false"]),
    ("ServerSideDiff", &["true", "false"]),
];

const HOOK: Options =
    &[("PreSync", &[]), ("Sync", &[]), ("PostSync", &[]), ("SyncFail", &[]), ("Skip", &[]), ("PreDelete", &[]), ("PostDelete", &[])];

const DELETE_POLICY: Options = &[("HookSucceeded", &[]), ("HookFailed", &[]), ("BeforeHookCreation", &[])];

/// Annotations of objects, with what they may hold.
const ANNOTATIONS: [(&str, Options, &str); 4] = [
    ("sync-options", SYNC, "sync option"),
    ("compare-options", COMPARE, "compare option"),
    ("hook", HOOK, "hook"),
    ("hook-delete-policy", DELETE_POLICY, "hook delete policy"),
];

const FINALIZERS: [&str; 3] =
    ["resources-finalizer.argocd.argoproj.io", "pre-delete-finalizer.argocd.argoproj.io", "post-delete-finalizer.argocd.argoproj.io"];

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "unknown-argocd-option", severity: Severity::Warning }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for deployed in index.applications() {
            let value = &deployed.application.value;
            let list = |pointer: &str| value.pointer(pointer).and_then(|list| list.as_array()).cloned().unwrap_or_default();
            for (i, option) in list("/spec/syncPolicy/syncOptions").iter().enumerate() {
                if let Some(wrong) = option.as_str().and_then(|option| wrong(option, SYNC)) {
                    let pointer = format!("/spec/syncPolicy/syncOptions/{i}");
                    out.on_application(index, deployed, &pointer, format!("Argo CD knows no sync option {wrong}")).help(HELP);
                }
            }
            for (i, finalizer) in list("/metadata/finalizers").iter().enumerate() {
                let name = finalizer.as_str().unwrap_or_default();
                let stem = name.split('/').next().unwrap_or_default();
                if name.contains("argocd.argoproj.io") && !FINALIZERS.contains(&stem) {
                    let message = format!("Argo CD knows no finalizer `{name}`{}", meant(stem, FINALIZERS));
                    out.on_application(index, deployed, &format!("/metadata/finalizers/{i}"), message).help(HELP);
                }
            }
        }
        for object in index.scopes.iter().flat_map(|scope| &scope.objects) {
            annotations(index, object, out);
        }
    }
}

const HELP: &str = "write it as Argo CD's documentation has it; letters count";

fn annotations(index: &Index<'_>, object: &Obj<'_>, out: &mut Findings) {
    for (name, known, what) in ANNOTATIONS {
        let Some(text) = object.annotation(&format!("argocd.argoproj.io/{name}")) else { continue };
        for wrong in text.split(',').map(str::trim).filter(|option| !option.is_empty()).filter_map(|option| wrong(option, known)) {
            let pointer = format!("/metadata/annotations/argocd.argoproj.io~1{name}");
            out.on(index, object, &pointer, format!("Argo CD knows no {what} {wrong}")).help(HELP);
        }
    }
}

/// What is wrong with an option, with the name that was meant.
fn wrong(option: &str, known: Options) -> Option<String> {
    let (name, value) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
    let Some((_, values)) = known.iter().find(|(known, _)| *known == name) else {
        return Some(format!("`{option}`{}", meant(name, known.iter().map(|(known, _)| *known))));
    };
    let is_fine = match value {
        Some(value) => values.contains(&value),
        None => values.is_empty(),
    };
    (!is_fine).then(|| format!("`{option}`: {name} takes {}", if values.is_empty() { "no value".into() } else { values.join(", ") }))
}
