//! Parameter sets of the generators of an ApplicationSet.
//!
//! Source: `applicationset/generators` of Argo CD, whose errors are given in its own words.

mod clusters;
mod git;
mod interpolate;
mod list;
mod matrix;
mod merge;
mod mergo;
#[cfg(test)]
mod recorded;
mod values;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::clusters::Cluster;
use super::listing::Listing;
use super::model::Tree;
use super::params::{Param, Params, Set};
use super::projects::Projects;
use super::replace::{Fault, Renderer, Templates};
use super::selector::{Selector, Values};
use gotemplate::MissingKey;

/// What generators may look at.
pub struct Surroundings<'a> {
    pub tree: &'a Tree,
    pub listing: &'a Listing,
    /// Those that the Argo CD of this ApplicationSet knows.
    pub clusters: &'a [Cluster],
    pub projects: &'a Projects,
    pub templates: &'a Templates,
}

/// One ApplicationSet whose parameters are asked for.
pub struct Run<'a> {
    pub around: &'a Surroundings<'a>,
    /// `goTemplate`
    pub go: bool,
    pub missing: MissingKey,
    /// Project of the template, which git generators look up.
    pub project: &'a str,
}

impl Run<'_> {
    fn params(&self, set: Set) -> Params {
        if self.go { Params::Go(set) } else { Params::Fast(set) }
    }

    fn renderer<'p>(&'p self, params: &'p Params) -> Renderer<'p> {
        Renderer::new(params, self.around.templates)
    }
}

/// How deep a generator stands; Argo CD's types allow three levels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Level {
    Top,
    /// In a matrix or merge.
    Nested,
    /// In a matrix or merge that stands in another one: those of a third level do not exist for Argo CD.
    Terminal,
}

impl Level {
    fn below(self) -> Self {
        if self == Level::Top { Level::Nested } else { Level::Terminal }
    }
}

/// Kinds of generators, in the order in which those of one entry are run.
const KINDS: &[&str] = &["list", "clusters", "git", "scmProvider", "clusterDecisionResource", "pullRequest", "matrix", "merge", "plugin"];

/// The kinds of an entry that Argo CD knows; unknown ones do not exist for it.
pub fn kinds(entry: &Value, level: Level) -> impl Iterator<Item = (&'static str, &Value)> {
    let known = KINDS.iter().filter(move |kind| level != Level::Terminal || !matches!(**kind, "matrix" | "merge"));
    known.filter_map(move |kind| Some((*kind, entry.get(kind).filter(|spec| !spec.is_null())?)))
}

/// The parameter sets of one entry of `generators`, by kind. `given` are those of the first child of a matrix for its second.
/// Errors: of any kind of the entry, which then gives nothing at all.
pub fn transform(run: &Run, entry: &Value, level: Level, given: Option<&Params>) -> Result<Vec<(&'static str, Vec<Set>)>, Fault> {
    let selector = entry.get("selector").filter(|s| !s.is_null());
    let selector = selector.map(|s| Selector::read(s, Values::Free)).transpose();
    let selector = selector.map_err(|e| Fault::Error(format!("error parsing label selector: {e}")))?;
    let interpolated = match given {
        Some(params) if !params.is_empty() => Some(interpolate::entry(run, entry, level, params)?),
        _ => None,
    };
    let mut results = Vec::new();
    for (kind, spec) in kinds(interpolated.as_ref().unwrap_or(entry), level) {
        let spec = spec.as_object().ok_or_else(|| Fault::Error(format!("{kind} must be an object")))?;
        let mut sets = generate(run, kind, spec, level)?;
        if let Some(selector) = &selector {
            sets.retain(|set| selector.matches(&flat(set)));
        }
        results.push((kind, sets));
    }
    Ok(results)
}

fn generate(run: &Run, kind: &str, spec: &Map<String, Value>, level: Level) -> Result<Vec<Set>, Fault> {
    match kind {
        "list" => list::generate(run, spec),
        "clusters" => clusters::generate(run, spec),
        "git" => git::generate(run, spec),
        "matrix" => matrix::generate(run, spec, level),
        "merge" => merge::generate(run, spec, level),
        "scmProvider" => Err(Fault::Unverified("the scmProvider generator asks a code host for its repositories".to_string())),
        "pullRequest" => Err(Fault::Unverified("the pullRequest generator asks a code host for its pull requests".to_string())),
        "plugin" => Err(Fault::Unverified("the plugin generator asks a service for its parameters".to_string())),
        _ => Err(Fault::Unverified("the clusterDecisionResource generator reads objects of a running cluster".to_string())),
    }
}

/// The sets of a child of a matrix or merge, which must be exactly one generator.
fn child(run: &Run, entry: &Value, level: Level, given: Option<&Params>) -> Result<Vec<Set>, Fault> {
    let words = || "child generator returned an error on parameter generation".to_string();
    let mut results = transform(run, entry, level.below(), given).map_err(|e| e.within(words))?;
    match (results.pop(), results.is_empty()) {
        (Some((_, sets)), true) => Ok(sets),
        (None, _) => Err("child generator generated no parameters".into()),
        (Some(_), false) => Err("found more than one generator in matrix.Generators".into()),
    }
}

/// Names as `metadata.labels.x` with what Go prints; empty maps and lists have none.
fn flat(set: &Set) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for (key, value) in set {
        flat_into(key.clone(), value, &mut out);
    }
    out
}

fn flat_into(key: String, value: &Param, out: &mut BTreeMap<String, String>) {
    match value {
        Param::Map(set) => set.iter().for_each(|(k, v)| flat_into(format!("{key}.{k}"), v, out)),
        Param::StringMap(map) => out.extend(map.iter().map(|(k, v)| (format!("{key}.{k}"), v.clone()))),
        Param::Json(value) => flat_json(key, value, out),
        Param::Strings(_) | Param::Maps(_) => drop(out.insert(key, value.printed())),
    }
}

fn flat_json(key: String, value: &Value, out: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(k, v)| flat_json(format!("{key}.{k}"), v, out)),
        Value::Array(list) => list.iter().enumerate().for_each(|(i, v)| flat_json(format!("{key}.{i}"), v, out)),
        leaf => drop(out.insert(key, Param::Json(leaf.clone()).printed())),
    }
}

/// A text of a generator; none is empty. Errors: it is something else, which the API server refuses.
fn text<'a>(spec: &'a Map<String, Value>, key: &str) -> Result<&'a str, Fault> {
    match spec.get(key) {
        None | Some(Value::Null) => Ok(""),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(Fault::Error(format!("{key} must be a string"))),
    }
}

/// A list of a generator; none is empty.
fn list_of<'a>(spec: &'a Map<String, Value>, key: &str) -> Result<&'a [Value], Fault> {
    match spec.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(Fault::Error(format!("{key} must be a list"))),
    }
}
