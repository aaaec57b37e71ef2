//! What the API server checks in code, not by schema, for Kubernetes' own kinds: a table from definition to function.
//!
//! Each function says which Go function it follows. They report less than those where a default that the API server fills in
//! decides, never more.

mod autoscaling;
mod batch;
mod cluster;
mod meta;
mod network;
mod pod;
mod rbac;
mod storage;
mod workload;

use serde_json::{Map, Value};

use super::ViolationKind as Kind;
use super::walk::Walk;

type Fields = Map<String, Value>;
pub(super) type Check = for<'v> fn(&'v Fields, &mut Walk<'v>);

const TABLE: &[(&str, Check)] = &[
    ("admissionregistration.v1.MutatingWebhook", cluster::webhook),
    ("admissionregistration.v1.ValidatingWebhook", cluster::webhook),
    ("apiextensions.v1.CustomResourceDefinitionSpec", cluster::definition),
    ("apis.meta.v1.LabelSelector", meta::selector),
    ("apis.meta.v1.ObjectMeta", meta::object),
    ("apps.v1.DaemonSetSpec", workload::daemon_set),
    ("apps.v1.DeploymentSpec", workload::deployment),
    ("apps.v1.ReplicaSetSpec", workload::replica_set),
    ("apps.v1.StatefulSetSpec", workload::stateful_set),
    ("autoscaling.v1.HorizontalPodAutoscalerSpec", autoscaling::bounds),
    ("autoscaling.v2.HorizontalPodAutoscalerSpec", autoscaling::spec),
    ("batch.v1.CronJobSpec", batch::cron_job),
    ("batch.v1.JobSpec", batch::job),
    ("core.v1.ConfigMap", storage::config_map),
    ("core.v1.Container", pod::container),
    ("core.v1.LimitRangeItem", storage::limit),
    ("core.v1.NodeSelector", pod::node_selector),
    ("core.v1.NodeSelectorRequirement", pod::node_requirement),
    ("core.v1.PersistentVolumeClaimSpec", storage::claim),
    ("core.v1.PersistentVolumeSpec", storage::volume),
    ("core.v1.PodSpec", pod::spec),
    ("core.v1.PreferredSchedulingTerm", pod::weighted),
    ("core.v1.Secret", storage::secret),
    ("core.v1.ServiceSpec", network::service),
    ("core.v1.WeightedPodAffinityTerm", pod::weighted),
    ("networking.v1.IngressClassSpec", cluster::ingress_class),
    ("networking.v1.IngressSpec", network::ingress),
    ("networking.v1.NetworkPolicySpec", network::policy),
    ("policy.v1.PodDisruptionBudgetSpec", autoscaling::disruption_budget),
    ("rbac.v1.ClusterRole", rbac::cluster_role),
    ("rbac.v1.ClusterRoleBinding", rbac::cluster_role_binding),
    ("rbac.v1.Role", rbac::role),
    ("rbac.v1.RoleBinding", rbac::role_binding),
    ("scheduling.v1.PriorityClass", cluster::priority_class),
];

/// The check of a definition, if it has one.
pub(super) fn of(definition: &str) -> Option<Check> {
    let at = TABLE.binary_search_by(|(name, _)| (*name).cmp(definition)).ok()?;
    TABLE.get(at).map(|(_, check)| *check)
}

/// Volumes that a pod below gets beside its own: those of claim templates.
pub(super) fn volumes(definition: &str, fields: &Fields) -> Vec<String> {
    if definition != "apps.v1.StatefulSetSpec" {
        return Vec::new();
    }
    let names = entries(fields, "volumeClaimTemplates").iter().filter_map(|claim| claim.pointer("/metadata/name")?.as_str());
    names.map(str::to_string).collect()
}

fn text<'v>(fields: &'v Fields, key: &str) -> &'v str {
    fields.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn object<'v>(fields: &'v Fields, key: &str) -> Option<&'v Fields> {
    fields.get(key).and_then(Value::as_object)
}

fn entries<'v>(fields: &'v Fields, key: &str) -> &'v [Value] {
    fields.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Is it given, and not null?
fn given(fields: &Fields, key: &str) -> bool {
    fields.get(key).is_some_and(|value| !value.is_null())
}

fn number(fields: &Fields, key: &str) -> Option<f64> {
    fields.get(key).and_then(Value::as_f64)
}

/// A text that must be there and not empty. What is absent altogether the schema reports, where it is required there.
fn not_empty<'v>(fields: &'v Fields, key: &'v str, walk: &mut Walk<'v>) {
    if fields.get(key).and_then(Value::as_str) == Some("") {
        walk.say_at(key, Kind::Empty, "must not be empty");
    }
}

/// The same for what no schema requires.
fn required_text<'v>(fields: &'v Fields, key: &'v str, walk: &mut Walk<'v>) {
    match fields.get(key) {
        None | Some(Value::Null) if !walk.partial => walk.say_at(key, Kind::Missing, "is required"),
        _ => not_empty(fields, key, walk),
    }
}

fn not_negative<'v>(fields: &'v Fields, keys: &[&'v str], walk: &mut Walk<'v>) {
    for key in keys {
        if let Some(n) = number(fields, key).filter(|n| *n < 0.0) {
            walk.say_at(key, Kind::OutOfRange, format!("is {n}, and must not be negative"));
        }
    }
}

/// A port number.
fn port<'v>(fields: &'v Fields, key: &'v str, walk: &mut Walk<'v>) {
    if let Some(n) = number(fields, key).filter(|n| !(1.0..=65535.0).contains(n)) {
        walk.say_at(key, Kind::OutOfRange, format!("is {n}, and ports are 1 to 65535"));
    }
}

/// A port number or the name of one.
///
/// Source: `ValidatePortNumOrName` of pkg/apis/core/validation.
fn port_or_name<'v>(fields: &'v Fields, key: &'v str, walk: &mut Walk<'v>) {
    match fields.get(key) {
        Some(Value::String(name)) if !walk.is_filled_in(name) => {
            if let Some(why) = super::names::port_name(name) {
                walk.say_at(key, Kind::PortName, format!("is `{name}`, no name of a port: {why}"));
            }
        }
        _ => port(fields, key, walk),
    }
}

/// A number, or a percentage as text; not negative, and where `most_100` at most 100%.
///
/// Source: `ValidatePositiveIntOrPercent`, `IsNotMoreThan100Percent` of pkg/apis/apps/validation.
fn number_or_percent<'v>(fields: &'v Fields, key: &'v str, most_100: bool, walk: &mut Walk<'v>) {
    match fields.get(key) {
        Some(Value::String(text)) if !walk.is_filled_in(text) => {
            let percent = text.strip_suffix('%').filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
            match percent.and_then(|n| n.parse::<u64>().ok()) {
                None => walk.say_at(key, Kind::Format, format!("is \"{text}\", neither a number nor a percentage such as \"25%\"")),
                Some(n) if most_100 && n > 100 => walk.say_at(key, Kind::OutOfRange, format!("is {text}, more than 100%")),
                Some(_) => {}
            }
        }
        _ => not_negative(fields, &[key], walk),
    }
}

/// Says of every text that is there a second time where it is.
fn no_doubles<'v>(fields: &'v Fields, list: &'v str, key: &'v str, kind: Kind, walk: &mut Walk<'v>) {
    let mut seen: Vec<&str> = Vec::new();
    walk.each(fields, list, |walk, entry| {
        let Some(name) = entry.get(key).and_then(Value::as_str).filter(|name| !name.is_empty()) else { return };
        if seen.contains(&name) {
            walk.say_at(key, kind, format!("is `{name}`, which is in the list already"));
        } else {
            seen.push(name);
        }
    });
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_is_sorted() {
        assert!(super::TABLE.is_sorted_by_key(|(name, _)| *name));
    }
}
