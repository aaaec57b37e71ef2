//! A suppression that allows nothing, or gives no reason.
//!
//! ## What
//! A comment `xtask-lint: allow(…)` or an entry of `xtask-lint.toml` has no reason, names a rule that does not exist, or fits no finding.
//! ## Why
//! Whoever reads it believes in an exception that is not there, and the next real finding at that place is lost without a word.
//! ## Bad
//! ```yaml objects
//! apiVersion: v1
//! kind: Service
//! metadata: {name: search}
//! spec:
//!   type: ExternalName
//!   # xtask-lint: allow(self-referencing-alias): it was one, once # bad
//!   externalName: search.example.org
//! ```
//! ```toml xtask-lint.toml
//! [[allow]] # bad
//! rule = "dangling-hots"
//! path = "config/*"
//! reason = "hosts of the office"
//! ```
//! ## Good
//! ```yaml objects
//! apiVersion: v1
//! kind: Service
//! metadata: {name: search}
//! spec:
//!   type: ExternalName
//!   # xtask-lint: allow(self-referencing-alias): the name server of the office answers for it first
//!   externalName: search
//! ```
//! ## Trap
//! One comment for two rules at one place, of which a blank line is no part; and a rule that compares revisions has its say elsewhere.
//! ```yaml objects
//! apiVersion: v1
//! kind: Service
//! metadata: {name: search}
//! spec:
//!   type: ExternalName
//!   # xtask-lint: allow(self-referencing-alias): the name server of the office answers for it first
//!
//!   # A further comment.
//!   externalName: search
//!   # xtask-lint: allow(removed-crd): it is moved by hand, as the runbook says
//!   sessionAffinity: None
//! ```
//! ## Fix
//! Remove it, or mend its reason or rule. `cargo xtask lint --list` knows all rules.

use super::{Findings, Meta, Severity};

pub const ID: &str = "stale-suppression";

/// Suppressions are read beside the rules, after all of them.
pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: ID, severity: Severity::Error }
    }
}

/// What follows is of this rule.
pub fn begin(out: &mut Findings) {
    out.of(ID, Severity::Error);
}
