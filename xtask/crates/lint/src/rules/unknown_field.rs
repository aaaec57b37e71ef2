//! A field that the kind does not have.
//!
//! ## What
//! The schema of the kind knows no field of this name at this place; often it belongs one level higher or deeper.
//! ## Why
//! The API server drops it without a word, so the setting never applies.
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
//!   size: 3
//!   polycy: lru # bad
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
//! Labels, annotations and what a schema leaves open hold any key.
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
//! metadata: {name: web, labels: {anything: goes}, annotations: {example.com/too: "yes"}}
//! spec: {size: 3, extra: {polycy: lru}}
//! ```
//! ## Fix
//! Write the field as the schema has it, at its level; the message names the nearest.

use super::{Findings, Meta, Severity, of_schemas};
use crate::index::Index;

pub struct Rule;

const ID: &str = "unknown-field";

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: ID, severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        of_schemas::tell(index, ID, out);
    }
}
