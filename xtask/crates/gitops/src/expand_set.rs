//! The Applications of one ApplicationSet.
//!
//! Source: `GenerateApplications` and `validateGeneratedApplications` of Argo CD's applicationset controller.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::application::Blueprint;
use super::clusters::{Cluster, ControlPlane, IN_CLUSTER};
use super::generators::{Level, Run, Surroundings, kinds, transform};
use super::listing::Listing;
use super::model::{Application, Document, Expansion, Kind, Tree, Unverified};
use super::params::Params;
use super::projects::{Known, Projects};
use super::refused::refused;
use super::replace::{Fault, Renderer, Templates, missing_key};
use gotemplate::MissingKey;

/// Expands the ApplicationSets of one tree.
pub struct Expander<'a> {
    tree: &'a Tree,
    listing: &'a Listing,
    projects: Projects,
    templates: Templates,
}

impl<'a> Expander<'a> {
    /// `documents` are all those of the tree: its projects are looked up.
    pub fn new(tree: &'a Tree, listing: &'a Listing, documents: &[Document]) -> Self {
        Expander { tree, listing, projects: Projects::of(documents), templates: Templates::default() }
    }

    /// What the Argo CD of `plane` makes of an ApplicationSet.
    ///
    /// An error of a generator or a parameter set leaves no Application at all. One that is found when they are validated
    /// (a name twice, no such project, no such destination) leaves the others, as in Argo CD.
    pub fn expand(&self, plane: &ControlPlane, document: &Document) -> Expansion {
        let set = &document.value;
        let name = set.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_string();
        let mut doubts = Vec::new();
        let generated = self.generate(plane, set, &mut doubts);
        let (mut values, mut error) = match generated {
            Ok(values) => self.validate(plane, &name, values, &mut doubts),
            Err(words) => (Vec::new(), Some(words)),
        };
        values.sort_by(|a, b| name_of(a).cmp(name_of(b)));
        // They are applied in this order, and the first that is refused is what Argo CD tells.
        let refusals: Vec<Option<String>> = values.iter().map(refused).collect();
        error = refusals.iter().flatten().next().cloned().or(error);
        let applications = values.into_iter().zip(refusals).filter(|(_, refusal)| refusal.is_none());
        let applications = applications
            .map(|(value, _)| Application {
                place: document.place.clone(),
                set: Some(name.clone()),
                parent: Some(name.clone()),
                environment: plane.environment.clone(),
                value,
            })
            .collect();
        doubts.dedup();
        let unverified = doubts.into_iter().map(|reason| Unverified { place: document.place.clone(), name: name.clone(), reason });
        Expansion { place: document.place.clone(), kind: Kind::ApplicationSet, unverified: unverified.collect(), name, applications, error }
    }

    /// Every Application, or the first error; those that follow an error are looked at too, for what is unverified in them.
    fn generate(&self, plane: &ControlPlane, set: &Value, doubts: &mut Vec<String>) -> Result<Vec<Generated>, String> {
        let spec = set.get("spec").unwrap_or(&Value::Null);
        let go = spec.get("goTemplate") == Some(&Value::Bool(true));
        let options: Vec<&str> =
            spec.get("goTemplateOptions").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let missing = match missing_key(&options) {
            Err(Fault::Error(words)) if go => return Err(words),
            found => found.unwrap_or(MissingKey::Default),
        };
        let base = spec.get("template").unwrap_or(&Value::Null);
        let around = Surroundings {
            tree: self.tree,
            listing: self.listing,
            clusters: &plane.clusters,
            projects: &self.projects,
            templates: &self.templates,
        };
        let project = base.pointer("/spec/project").and_then(Value::as_str).unwrap_or_default();
        let run = Run { around: &around, go, missing, project };
        let Some(entries) = spec.get("generators").and_then(Value::as_array) else {
            return Err("spec.generators must be a list".to_string());
        };
        let mut values = Vec::new();
        let mut first = None;
        let mut note = |fault| match fault {
            Fault::Error(words) => drop(first.get_or_insert(words)),
            Fault::Unverified(reason) => doubts.push(reason),
        };
        for entry in entries {
            let results = match transform(&run, entry, Level::Top, None) {
                Ok(results) => results,
                Err(fault) => {
                    note(fault);
                    continue;
                }
            };
            for (kind, sets) in results {
                let own = kinds(entry, Level::Top).find(|(name, _)| *name == kind).and_then(|(_, spec)| spec.get("template"));
                let project = [own, Some(base)].into_iter().flatten().filter_map(|t| t.pointer("/spec/project")?.as_str());
                let project = project.into_iter().find(|project| !project.is_empty()).unwrap_or_default();
                // One that cannot be read is refused by the API server.
                let blueprint = Blueprint::new(set, own)?;
                for params in sets {
                    let params = if go { Params::Go(params) } else { Params::Fast(params) };
                    let renderer = Renderer::new(&params, &self.templates);
                    let mut fill = |text: &str| renderer.replace(text, missing);
                    match blueprint.build(params.is_empty(), &mut fill) {
                        Ok(value) => values.push(Generated { value, no_project: !params.is_empty() && fill(project) == Ok(String::new()) }),
                        Err(fault) => note(fault),
                    }
                }
            }
        }
        first.map_or(Ok(values), Err)
    }

    fn validate(&self, plane: &ControlPlane, set: &str, values: Vec<Generated>, doubts: &mut Vec<String>) -> (Vec<Value>, Option<String>) {
        let text = |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_string();
        let mut errors: BTreeMap<String, String> = BTreeMap::new();
        let mut names = BTreeSet::new();
        for Generated { value, no_project } in &values {
            let name = text(value, "/metadata/name");
            if !names.insert(name.clone()) {
                errors.insert(name.clone(), format!("ApplicationSet {set} contains applications with duplicate name: {name}"));
                continue;
            }
            // An empty one becomes `default` only afterwards.
            let project = if *no_project { String::new() } else { text(value, "/spec/project") };
            match self.projects.look(&project) {
                Known::Yes => {}
                Known::No => {
                    errors.insert(name, format!("application references project {project} which does not exist"));
                    continue;
                }
                Known::Perhaps => doubts.push(format!("this tree declares no AppProject, so it is not known whether `{project}` exists")),
            }
            match destination(plane, &text(value, "/spec/destination/server"), &text(value, "/spec/destination/name")) {
                Ok(()) => {}
                Err(Fault::Error(words)) => drop(errors.insert(name, format!("application destination spec is invalid: {words}"))),
                Err(Fault::Unverified(reason)) => doubts.push(reason),
            }
        }
        let values = values.into_iter().map(|generated| generated.value);
        let Some(last) = errors.values().next_back() else { return (values.collect(), None) };
        // Argo CD keeps the last one only, to keep its status short.
        let words = if errors.len() == 1 { last.clone() } else { format!("{last} (and {} more)", errors.len() - 1) };
        let valid = values.filter(|value| !errors.contains_key(&text(value, "/metadata/name"))).collect();
        (valid, Some(words))
    }
}

/// An Application with what its final form does not tell.
struct Generated {
    value: Value,
    /// Its project is empty, which is an error, though the final form says `default`.
    no_project: bool,
}

fn name_of(application: &Value) -> &str {
    application.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default()
}

/// Is there such a cluster? Source: `GetDestinationCluster` of Argo CD's `util/argo`.
fn destination(plane: &ControlPlane, server: &str, name: &str) -> Result<(), Fault> {
    let unknown = |what: String, error: String| {
        // Without any Secret, nobody said which clusters there are.
        if plane.clusters.is_empty() {
            Fault::Unverified(format!("no cluster is known, so it is not known whether there is one {what}"))
        } else {
            Fault::Error(error)
        }
    };
    let plain = |server: &str| server.trim_end_matches('/').to_string();
    let servers = |fits: &dyn Fn(&&Cluster) -> bool| plane.clusters.iter().filter(fits).map(|c| plain(&c.server)).collect::<Vec<_>>();
    match (server, name) {
        ("", "") => Err("Destination server missing from app spec".into()),
        ("", name) => match servers(&|c| c.name == name).as_slice() {
            [_] => Ok(()),
            [] if name == "in-cluster" => Ok(()),
            [] => Err(unknown(format!("called `{name}`"), format!("there are no clusters with this name: {name}"))),
            several => {
                let (count, list) = (several.len(), several.join(" "));
                Err(Fault::Error(format!("there are {count} clusters with the same name: [{list}]")))
            }
        },
        (server, "") => {
            let wanted = plain(server);
            if wanted == IN_CLUSTER || !servers(&|c| plain(&c.server) == wanted).is_empty() {
                return Ok(());
            }
            let words =
                format!("error getting cluster by server {server:?}: rpc error: code = NotFound desc = cluster {wanted:?} not found");
            Err(unknown(format!("at {server}"), words))
        }
        (server, name) => Err(Fault::Error(format!("application destination can't have both name and server defined: {name} {server}"))),
    }
}
