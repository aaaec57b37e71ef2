//! Objects leave the desired state, but nobody deletes them.
//!
//! ## What
//! Objects are rendered no more while their Application does not prune by itself, goes without them, or turns to another cluster.
//! ## Why
//! They keep running as they are: nobody updates them, nobody sees them.
//! ## Bad
//! ```yaml before
//! kind: Application
//! metadata: {name: order}
//! spec: {destination: {server: "https://kubernetes.default.svc", namespace: shop}, syncPolicy: {automated: {prune: false}}}
//! ---
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: order}
//! ```
//! ```yaml after
//! kind: Application
//! metadata: {name: order}
//! spec: {destination: {server: "https://kubernetes.default.svc", namespace: shop}, syncPolicy: {automated: {prune: false}}}
//! ```
//! ## Good
//! ```yaml before
//! kind: Application
//! metadata: {name: order}
//! spec: {destination: {server: "https://kubernetes.default.svc", namespace: shop}, syncPolicy: {automated: {prune: true}}}
//! ---
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: order}
//! ```
//! ```yaml after
//! kind: Application
//! metadata: {name: order}
//! spec: {destination: {server: "https://kubernetes.default.svc", namespace: shop}, syncPolicy: {automated: {prune: true}}}
//! ```
//! ## Trap
//! Handed over: a mark says that it stays on purpose, or another Application has it now. A hook is no object that stays.
//! ```yaml before
//! kind: Application
//! metadata: {name: order}
//! spec: {destination: {server: "https://kubernetes.default.svc", namespace: shop}}
//! ---
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: order, annotations: {argocd.argoproj.io/sync-options: Prune=false}}
//! ---
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: shared}
//! ---
//! apiVersion: batch/v1
//! kind: Job
//! metadata: {name: migrate, annotations: {argocd.argoproj.io/hook: PreSync}}
//! ```
//! ```yaml after
//! kind: Application
//! metadata: {name: order}
//! spec: {destination: {server: "https://kubernetes.default.svc", namespace: shop}}
//! ---
//! kind: Application
//! metadata: {name: common}
//! spec: {destination: {server: "https://kubernetes.default.svc", namespace: shop}}
//! ---
//! apiVersion: v1
//! kind: ConfigMap
//! metadata: {name: shared}
//! ```
//! ## Fix
//! Delete them by hand after the sync, let the Application prune, or mark what shall stay with `Prune=false` first.

use std::collections::BTreeMap;

use gitops::comparison::{Change, Fate};
use gitops::words::count;

use super::pods::some;
use super::recreated_application::recreations;
use super::{Findings, Meta, Severity};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "abandoned-object", severity: Severity::Warning }
    }

    fn change(&self, change: &Change<'_>, out: &mut Findings) {
        // One for each Application: it has one cause.
        let mut left: BTreeMap<(usize, &'static str), Vec<String>> = BTreeMap::new();
        for delta in &change.deltas {
            if let Some(Fate::Abandoned(why)) = change.fate(delta) {
                left.entry((delta.pair, why)).or_default().push(delta.key.shown());
            }
        }
        let again: Vec<usize> = recreations(change).into_iter().map(|(gone, _)| gone).collect();
        for ((i, why), names) in left {
            let Some(pair) = change.pairs.get(i).filter(|_| !again.contains(&i)) else { continue };
            let message = format!("{} of {} will stay on the cluster: {why} ({})", count(names.len(), "object"), pair.name(), some(&names));
            out.pair(pair, message)
                .help("delete them by hand after the sync, or let the Application prune; mark with Prune=false what shall stay");
        }
    }
}
