//! Pod templates and Jobs in kinds whose schemas leave them open: what only shows when pods are created.

use serde_json::Value;

use super::store::Kind;
use super::walk::{Step, Walk};
use super::{Schemas, Violation};

/// What a template is a template of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Pod,
    /// Of a pod that an operator has already: only what is given is said about it.
    PartOfPod,
    Job,
}

/// Group, kind, way to the template (`*`: each entry of a list), what it makes.
const PLACES: &[(&str, &str, &[&str], Of)] = &[
    ("argoproj.io", "Rollout", &["spec", "template"], Of::Pod),
    ("argoproj.io", "Experiment", &["spec", "templates", "*", "template"], Of::Pod),
    ("argoproj.io", "AnalysisTemplate", &["spec", "metrics", "*", "provider", "job", "spec"], Of::Job),
    ("argoproj.io", "ClusterAnalysisTemplate", &["spec", "metrics", "*", "provider", "job", "spec"], Of::Job),
    ("argoproj.io", "AnalysisRun", &["spec", "metrics", "*", "provider", "job", "spec"], Of::Job),
    ("keda.sh", "ScaledJob", &["spec", "jobTargetRef"], Of::Job),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch", &["spec", "nodeSets", "*", "podTemplate"], Of::PartOfPod),
    ("kibana.k8s.elastic.co", "Kibana", &["spec", "podTemplate"], Of::PartOfPod),
    ("apm.k8s.elastic.co", "ApmServer", &["spec", "podTemplate"], Of::PartOfPod),
    ("logstash.k8s.elastic.co", "Logstash", &["spec", "podTemplate"], Of::PartOfPod),
    ("beat.k8s.elastic.co", "Beat", &["spec", "daemonSet", "podTemplate"], Of::PartOfPod),
    ("beat.k8s.elastic.co", "Beat", &["spec", "deployment", "podTemplate"], Of::PartOfPod),
];

/// Checks the templates of a custom object as those of Kubernetes' own kinds. What its own schema found is not said twice.
pub(super) fn check(walk: &mut Walk, schemas: &Schemas, object: &Value, kind: &Kind) {
    for (_, _, way, of) in PLACES.iter().filter(|(group, name, ..)| *group == kind.group && *name == kind.kind) {
        let (model, path): (Kind, &[&str]) = match of {
            Of::Pod | Of::PartOfPod => (Kind::new("apps", "v1", "Deployment"), &["spec", "template"]),
            Of::Job => (Kind::new("batch", "v1", "Job"), &["spec"]),
        };
        let Some(id) = schemas.pinned.named(&model, path) else { continue };
        let mut inner = Walk::new(&schemas.pinned, true);
        // Argo Rollouts fills in `{{args.…}}` in analysis Jobs.
        inner.templated = *of == Of::Job && kind.group == "argoproj.io";
        inner.partial = *of == Of::PartOfPod;
        descend(&mut inner, object, way, &mut |inner, template| inner.value(template, id));
        let fresh = |v: &Violation| !walk.found.iter().any(|known| known.pointer == v.pointer);
        let fresh: Vec<Violation> = inner.found.into_iter().filter(fresh).map(|v| Violation { in_template: true, ..v }).collect();
        walk.found.extend(fresh);
    }
}

fn descend<'v>(walk: &mut Walk<'v>, value: &'v Value, way: &[&'v str], found: &mut dyn FnMut(&mut Walk<'v>, &'v Value)) {
    let Some((step, rest)) = way.split_first() else { return found(walk, value) };
    if *step == "*" {
        for (at, entry) in value.as_array().into_iter().flatten().enumerate() {
            walk.at(Step::Index(at), |walk| descend(walk, entry, rest, found));
        }
    } else if let Some(inner) = value.get(*step) {
        walk.key(step, |walk| descend(walk, inner, rest, found));
    }
}
