//! The rules, one file each, in the order in which they are documented. A new one is a file and a word in this list.
//!
//! A rule is pure: what it needs is handed in, no clock, no file, no order between rules. One that cannot decide says so with
//! [`Findings::unverified`]; a wrong alarm costs more trust than a miss.

#[cfg(test)]
mod chart_examples;
#[cfg(test)]
mod chart_fixtures;
#[cfg(test)]
mod chart_umbrella;
#[cfg(test)]
mod examples;
mod guards;
#[cfg(test)]
mod index_examples;
mod of_change;
mod of_files;
mod of_index;
mod of_schemas;
mod pods;
mod refusals;

use gitops::comparison::Change;

use super::{Findings, Severity};
use crate::index::Index;

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

    /// A tree.
    fn check(&self, _: &Index<'_>, _: &mut Findings) {}

    /// Two revisions.
    fn change(&self, _: &Change<'_>, _: &mut Findings) {}
}

/// A rule with its own documentation: what, why, and examples that are run.
pub struct Entry {
    pub rule: &'static dyn Rule,
    /// What it is about.
    pub group: &'static str,
    /// Its file: the examples in it are run.
    pub source: &'static str,
}

impl Entry {
    /// What it finds, in one sentence.
    pub fn summary(&self) -> &'static str {
        self.source.lines().next().and_then(|line| line.strip_prefix("//! ")).unwrap_or_default()
    }

    /// Its documentation.
    pub fn markdown(&self) -> String {
        let lines = self.source.lines().map_while(|line| line.strip_prefix("//!"));
        let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
        lines.fold(String::new(), |all, line| all + line + "\n")
    }

    /// Does it compare two revisions? Such a rule has nothing to say about one tree.
    pub fn compares(&self) -> bool {
        self.source.contains("//! ```yaml before")
    }
}

macro_rules! rules {
    ($($group:literal { $($name:ident),* $(,)? })*) => {
        $($(pub mod $name;)*)*
        /// Every rule, in the order of its documentation.
        pub static ALL: &[Entry] = &[$($(
            Entry { rule: &$name::Rule, group: $group, source: include_str!(concat!(stringify!($name), ".rs")) }
        ),*),*];
    };
}

rules! {
    "Files" {
        unreadable_file,
        broken_yaml,
        duplicate_values_key,
    }
    "Rendering and objects" {
        broken_render,
        invalid_yaml_output,
        unguarded_values_path,
        unescaped_foreign_template,
        schema_violation,
        duplicate_object,
        missing_chart_dependency,
        unknown_field,
        invalid_pod_template,
        invalid_object_name,
        unstable_render,
        empty_render,
    }
    "Argo CD topology" {
        off_branch_revision,
        missing_values_file,
        mixed_revisions,
        forbidden_project_kind,
        missing_source_path,
        missing_project,
        duplicate_application,
        unresolved_template_key,
        failed_generation,
        unloaded_manifest,
        unreferenced_config,
        shared_object_ownership,
        unknown_destination,
        project_scope_violation,
        inert_sync_wave,
        missing_namespace,
        fought_over_field,
        unknown_argocd_option,
        floating_chart_version,
    }
    "References between objects" {
        mismatched_service_port,
        dangling_host,
        missing_crd,
        dangling_secret,
        unmounted_configmap,
        unknown_datasource,
        dangling_configmap,
        dangling_backend,
        missing_scale_target,
        missing_storage_class,
        self_referencing_alias,
        dangling_gateway,
    }
    "Values" {
        unread_values_key,
        ineffective_subchart_key,
        retyped_values_key,
        ambiguous_scalar,
    }
    "Secrets and images" {
        floating_image_tag,
        unencrypted_sops_file,
        wrong_sops_recipients,
        unmatched_sops_rule,
        committed_private_key,
        unusable_secret_store,
        unread_secret,
    }
    "Change safety between two revisions" {
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
    "The linter itself" {
        stale_suppression,
    }
}

/// The rule of this id.
pub fn find(id: &str) -> Option<&'static Entry> {
    ALL.iter().find(|entry| entry.rule.meta().id == id)
}

/// What the rules that are wanted say about a tree. What differs only in the environment is one finding.
pub fn of_index(index: &Index<'_>, is_wanted: &dyn Fn(&str) -> bool) -> Findings {
    let mut findings = Findings::default();
    for entry in ALL {
        let Meta { id, severity } = entry.rule.meta();
        if is_wanted(id) {
            entry.rule.check(index, findings.of(id, severity));
        }
    }
    findings.sorted()
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
