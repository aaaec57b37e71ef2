//! A pod template that would be accepted, and gives no pod.
//!
//! ## What
//! A template inside of a kind that leaves it open (a Rollout, the Job of an analysis) breaks the schema of pods: a container without an
//! image, a mount without a volume, a name that stands twice.
//! ## Why
//! The object is accepted; the failure comes when pods are to be made.
//! ## Bad
//! ```text schemas
//! ```
//! ```yaml objects
//! apiVersion: argoproj.io/v1alpha1
//! kind: Rollout
//! metadata: {name: web}
//! spec:
//!   selector: {matchLabels: {app: web}}
//!   template:
//!     metadata: {labels: {app: web}}
//!     spec:
//!       containers:
//!         - name: web
//!           image: web:1.0.0
//!           volumeMounts:
//!             - name: data # bad
//!               mountPath: /data
//! ```
//! ## Good
//! ```text schemas
//! ```
//! ```yaml objects
//! apiVersion: argoproj.io/v1alpha1
//! kind: Rollout
//! metadata: {name: web}
//! spec:
//!   selector: {matchLabels: {app: web}}
//!   template:
//!     metadata: {labels: {app: web}}
//!     spec:
//!       volumes: [{name: data, emptyDir: {}}]
//!       containers: [{name: web, image: "web:1.0.0", volumeMounts: [{name: data, mountPath: /data}]}]
//! ```
//! ## Trap
//! A Rollout may take the template of a Deployment.
//! ```text schemas
//! ```
//! ```yaml objects
//! apiVersion: argoproj.io/v1alpha1
//! kind: Rollout
//! metadata: {name: web}
//! spec: {workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}, selector: {matchLabels: {app: web}}}
//! ```
//! ## Fix
//! Mend the template as that of a Deployment would have to be; the message names the field.

use super::{Findings, Meta, Severity, of_schemas};
use crate::index::Index;

pub struct Rule;

const ID: &str = "invalid-pod-template";

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: ID, severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        of_schemas::tell(index, ID, out);
    }
}
