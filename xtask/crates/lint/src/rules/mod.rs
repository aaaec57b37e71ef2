//! The rules, one file each, in the order in which they are documented. A new one is a file and a word in this list.
//!
//! A rule is pure: what it needs is handed in, no clock, no file, no order between rules. One that cannot decide says so with
//! [`Findings::unverified`]; a wrong alarm costs more trust than a miss.

#[cfg(test)]
mod examples;
mod guards;
mod of_change;
mod pods;

use super::{Findings, Severity};
use gitops::comparison::Change;

/// What a rule is called, and how bad it is if it does not say otherwise. An id once released is never used again.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// The defect, so that an exception reads as a sentence: the file's name with `-` for `_`.
    pub id: &'static str,
    pub severity: Severity,
}

/// A ladder: a rule writes only the rungs that it needs.
pub trait Rule: Sync {
    fn meta(&self) -> Meta;

    /// Two revisions.
    fn change(&self, _: &Change<'_>, _: &mut Findings) {}
}

/// A rule with its own documentation: what, why, and examples that are run.
pub struct Entry {
    pub rule: &'static dyn Rule,
    /// Its file: the examples in it are run.
    pub source: &'static str,
}

macro_rules! rules {
    ($($name:ident),* $(,)?) => {
        $(mod $name;)*
        /// Every rule.
        pub static ALL: &[Entry] =
            &[$(Entry { rule: &$name::Rule, source: include_str!(concat!(stringify!($name), ".rs")) }),*];
    };
}

rules! {
    removed_stateful_object,
    recreated_application,
    removed_namespace,
    removed_crd,
    lost_prune_protection,
    immutable_field_change,
    changed_selector,
    shrunk_volume,
    widened_rbac,
    zeroed_replicas,
    removed_guard,
    dropped_crd_version,
    shrunk_topic,
    abandoned_object,
    major_version_jump,
}

/// What the rules say about a change, in the order of reports. Environments are not folded: each has its own finding.
pub fn of_change(change: &Change<'_>) -> Findings {
    let mut findings = Findings::default();
    for entry in ALL {
        let Meta { id, severity } = entry.rule.meta();
        entry.rule.change(change, findings.of(id, severity));
    }
    findings.ordered()
}
