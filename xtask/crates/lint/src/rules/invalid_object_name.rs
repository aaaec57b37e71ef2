//! A name that Kubernetes does not take.
//!
//! ## What
//! A name, a label, the name of a port, or that of a generated Application breaks the rule for its kind: characters, or length.
//! ## Why
//! It is refused only when it is applied.
//! ## Bad
//! ```yaml objects
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: Cart_Service # bad
//! spec: {selector: {app: cart}, ports: [{port: 80}]}
//! ```
//! ## Good
//! ```yaml objects
//! apiVersion: v1
//! kind: Service
//! metadata: {name: cart-service}
//! spec: {selector: {app: cart}, ports: [{port: 80}]}
//! ```
//! ## Trap
//! Names of roles may have colons, and a generated name may end with a dash.
//! ```yaml objects
//! apiVersion: rbac.authorization.k8s.io/v1
//! kind: ClusterRole
//! metadata: {name: "shop:reader"}
//! rules: []
//! ---
//! apiVersion: batch/v1
//! kind: Job
//! metadata: {generateName: migrate-, annotations: {argocd.argoproj.io/hook: Sync}}
//! spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: "a:1.0.0"}]}}}
//! ```
//! ## Fix
//! Use small letters, digits and dashes, within 63 characters for most names.

use super::{Findings, Meta, Severity, of_schemas, refusals};
use crate::index::Index;

pub struct Rule;

const ID: &str = "invalid-object-name";

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: ID, severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        of_schemas::tell(index, ID, out);
        for (expansion, error, field) in refusals::of(&index.input.expansions, ID) {
            out.on_refused(index, expansion, field, error).help("let the template make a name of small letters, digits and dashes");
        }
    }
}
