//! An object breaks the schema of its kind.
//!
//! ## What
//! A value of the wrong type, a required field that is missing, a word that is not allowed, a number out of its bounds, a quantity or
//! label that cannot be read: what the API server checks when it takes an object.
//! ## Why
//! The API server refuses the object, and the sync stops there.
//! ## Bad
//! ```yaml definitions.yaml
//! apiVersion: apiextensions.k8s.io/v1
//! kind: CustomResourceDefinition
//! metadata: {name: caches.example.com}
//! spec:
//!   group: example.com
//!   names: {kind: Cache, plural: caches}
//!   scope: Namespaced
//!   versions:
//!     - name: v1
//!       served: true
//!       schema:
//!         openAPIV3Schema:
//!           type: object
//!           properties:
//!             spec:
//!               type: object
//!               required: [size]
//!               properties:
//!                 size: {type: integer, minimum: 1}
//!                 policy: {type: string, enum: [lru, lfu]}
//!                 extra: {type: object, x-kubernetes-preserve-unknown-fields: true}
//! ```
//! ```yaml objects
//! apiVersion: example.com/v1
//! kind: Cache
//! metadata: {name: web}
//! spec:
//!   size: many # bad
//!   policy: fifo # bad
//! ```
//! ## Good
//! ```yaml definitions.yaml
//! apiVersion: apiextensions.k8s.io/v1
//! kind: CustomResourceDefinition
//! metadata: {name: caches.example.com}
//! spec:
//!   group: example.com
//!   names: {kind: Cache, plural: caches}
//!   scope: Namespaced
//!   versions:
//!     - name: v1
//!       served: true
//!       schema:
//!         openAPIV3Schema:
//!           type: object
//!           properties:
//!             spec:
//!               type: object
//!               required: [size]
//!               properties:
//!                 size: {type: integer, minimum: 1}
//!                 policy: {type: string, enum: [lru, lfu]}
//!                 extra: {type: object, x-kubernetes-preserve-unknown-fields: true}
//! ```
//! ```yaml objects
//! apiVersion: example.com/v1
//! kind: Cache
//! metadata: {name: web}
//! spec: {size: 3, policy: lru}
//! ```
//! ## Trap
//! Of a kind without a schema nothing is known; what a schema leaves open is open.
//! ```yaml definitions.yaml
//! apiVersion: apiextensions.k8s.io/v1
//! kind: CustomResourceDefinition
//! metadata: {name: caches.example.com}
//! spec:
//!   group: example.com
//!   names: {kind: Cache, plural: caches}
//!   scope: Namespaced
//!   versions:
//!     - name: v1
//!       served: true
//!       schema:
//!         openAPIV3Schema:
//!           type: object
//!           properties:
//!             spec:
//!               type: object
//!               required: [size]
//!               properties:
//!                 size: {type: integer, minimum: 1}
//!                 policy: {type: string, enum: [lru, lfu]}
//!                 extra: {type: object, x-kubernetes-preserve-unknown-fields: true}
//! ```
//! ```yaml objects
//! apiVersion: example.com/v1
//! kind: Cache
//! metadata: {name: web}
//! spec: {size: 3, extra: {anything: [1, two]}}
//! ---
//! apiVersion: other.example.com/v1
//! kind: Thing
//! metadata: {name: web}
//! spec: {size: many}
//! ```
//! ## Fix
//! Write what the schema asks for; the message names it.

use super::{Findings, Meta, Severity, of_schemas};
use crate::index::Index;

pub struct Rule;

const ID: &str = "schema-violation";

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: ID, severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        of_schemas::tell(index, ID, out);
        of_schemas::unknown(index, out);
    }
}
