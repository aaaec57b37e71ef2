//! A template walks through a map of values that need not be there.
//!
//! ## What
//! A template reads `.Values.a.b` while the map `a` is missing from the chart's defaults, or from the values of an environment,
//! and nothing around the read makes sure of it.
//! ## Why
//! A field of nothing ends the whole render: the next environment, or the next block that somebody removes, and the Application
//! is stuck. A `default` around the read does not help, because the missing map is looked into first.
//! ## Bad
//! ```yaml charts/shop/values.yaml
//! name: shop
//! ```
//! ```yaml charts/shop/templates/config.yaml
//! name: {{ .Values.name }}
//! host: {{ default "none" .Values.cache.host }}
//! ```
//! ## Good
//! ```yaml charts/shop/values.yaml
//! name: shop
//! ```
//! ```yaml charts/shop/templates/config.yaml
//! name: {{ .Values.name }}
//! host: {{ dig "host" "none" (.Values.cache | default dict) }}
//! ```
//! ## Trap
//! Conditions on the map, parentheses, a toggle that is off where the map is missing, `required`, globals, and what a parent
//! chart passes to its dependency.
//! ```yaml charts/shop/Chart.yaml
//! name: shop
//! version: 1.0.0
//! dependencies:
//!   - {name: redis, version: 1.0.0, repository: "file://../redis", alias: cache}
//! ```
//! ```yaml charts/shop/values.yaml
//! ingress: {enabled: false}
//! cache: {auth: {user: shop}}
//! ```
//! ```yaml charts/shop/templates/config.yaml
//! {{- if .Values.db }}
//! db: {{ .Values.db.host }}
//! {{- end }}
//! {{- with .Values.queue }}
//! queue: {{ .host.name }}
//! {{- end }}
//! mail: {{ (.Values.mail).host }}
//! {{- if and .Values.proxy .Values.proxy.enabled }}
//! proxy: {{ .Values.proxy.host }}
//! {{- end }}
//! {{- if .Values.ingress.enabled }}
//! tls: {{ .Values.ingress.tls.secret }}
//! {{- end }}
//! bucket: {{ (required "store is required" .Values.store).bucket }} {{ .Values.store.region }}
//! zone: {{ .Values.global.zone }}
//! {{- if hasKey .Values "extra" }}
//! extra: {{ .Values.extra.name }}
//! {{- end }}
//! ```
//! ```yaml charts/redis/Chart.yaml
//! name: redis
//! version: 1.0.0
//! ```
//! ```yaml charts/redis/templates/config.yaml
//! user: {{ .Values.auth.user }}
//! ```
//! ## Fix
//! Give the map a default in values.yaml, or read it as `dig "host" "none" (.Values.cache | default dict)`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::charts::facts::child;
use crate::charts::subject::{Subject, is_brought_along};
use crate::charts::{Path, Paths, Place, Step, Walk};
use crate::{Findings, Severity};

pub const ID: &str = "unguarded-values-path";
pub const SEVERITY: Severity = Severity::Warning;

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> super::Meta {
        super::Meta { id: ID, severity: SEVERITY }
    }

    fn check(&self, index: &crate::index::Index<'_>, out: &mut Findings) {
        check(index.subjects, out);
    }
}

/// A map that is missing, with all that walks through it.
#[derive(Default)]
struct Gap {
    places: Vec<(Place, String)>,
    environments: Vec<String>,
    applications: Vec<String>,
    in_defaults: bool,
}

pub fn check(subjects: &[Subject<'_>], out: &mut Findings) {
    out.of(ID, SEVERITY);
    for subject in subjects {
        let mut gaps: BTreeMap<String, Gap> = BTreeMap::new();
        let walks = of_interest(subject);
        if !is_brought_along(subject, subjects) {
            look(subject, &walks, &subject.defaults, None, &mut gaps);
        }
        for (at, values) in subject.effective.iter().enumerate() {
            look(subject, &walks, values, Some(at), &mut gaps);
        }
        for (map, mut gap) in gaps {
            gap.places.sort();
            gap.places.dedup();
            let Some((first, read)) = gap.places.first().cloned() else { continue };
            let mut wheres = gap.environments;
            wheres.sort();
            wheres.dedup();
            let missing = match (gap.in_defaults, wheres.as_slice()) {
                (true, []) => format!("the defaults of {}", subject.name()),
                (_, []) => format!("the values of {}", gap.applications.join(", ")),
                (false, some) => format!("the values of {}", some.join(" and ")),
                (true, some) => format!("the defaults of {} and the values of {}", subject.name(), some.join(" and ")),
            };
            let name = map.rsplit('.').next().unwrap_or_default();
            let found = out.say(format!("`{read}` is read through `{map}`, which is missing from {missing}"));
            found.at(first.path, first.line, first.column).help(format!(
                "give `{name}` a default in values.yaml, if only `{{}}`, or read it through `({map} | default dict)`: `default` around the \
                 whole read comes too late"
            ));
            found.environments = wheres;
            for (place, read) in gap.places.into_iter().skip(1) {
                found.related(place.path, place.line, place.column, format!("`{read}` too"));
            }
        }
    }
}

/// A walk with its maps as plain keys, as far as they are: most are there, and that is all that there is to find out.
struct Way<'s> {
    walk: &'s Walk,
    maps: Vec<Vec<Step>>,
}

impl Way<'_> {
    fn is_there(&self, values: &Value) -> bool {
        self.maps.iter().any(|steps| {
            let found = steps.iter().try_fold(values, |value, step| match step {
                Step::Key(key) => value.get(&**key),
                _ => None,
            });
            found.is_some_and(|found| !found.is_null())
        })
    }
}

fn of_interest<'s>(subject: &'s Subject<'_>) -> Vec<Way<'s>> {
    let walks = subject.reads.walks.iter().filter(|walk| walk.clear && !is_global(subject, walk));
    walks.map(|walk| Way { walk, maps: walk.maps.iter().map(|path| subject.reads.paths.steps(*path)).collect() }).collect()
}

fn look(subject: &Subject<'_>, walks: &[Way<'_>], values: &Value, deployment: Option<usize>, gaps: &mut BTreeMap<String, Gap>) {
    let reads = &subject.reads;
    for walk in walks.iter().filter(|way| !way.is_there(values)).map(|way| way.walk) {
        let Some((map, keys)) = missing(subject, walk, values) else { continue };
        let shown = reads.paths.show(map);
        // Of a list or map it is said which item it is.
        let shown = if shown.contains('*') { format!(".Values.{}", keys.join(".")) } else { shown };
        let gap = gaps.entry(shown).or_default();
        let read = walk.maps.last().map(|path| reads.paths.show(*path)).unwrap_or_default();
        gap.places.push((subject.place(walk.file, walk.pos), expression(subject, walk, read)));
        match deployment.and_then(|at| subject.deployments.get(at)) {
            Some(deployment) => {
                gap.environments.extend(deployment.environment.clone());
                gap.applications.push(deployment.application.clone());
            }
            None => gap.in_defaults = true,
        }
    }
}

/// The read as it is written.
fn expression(subject: &Subject<'_>, walk: &Walk, map: String) -> String {
    let written = subject.family.templates.get(walk.file).map_or("", |(_, file)| file.expression(walk.pos).1);
    if written.starts_with(['.', '$']) && written.len() > 1 { written.to_string() } else { map }
}

fn is_global(subject: &Subject<'_>, walk: &Walk) -> bool {
    walk.maps.iter().any(|path| {
        let steps = subject.reads.paths.steps(*path);
        let scopes = subject.family.members.iter().map(|member| member.keys.len());
        scopes.into_iter().any(|depth| matches!(steps.get(depth), Some(Step::Key(key)) if &**key == "global"))
    })
}

/// The map that is not there, with its keys in these values; of several that are merged, none may be there.
fn missing(subject: &Subject<'_>, walk: &Walk, values: &Value) -> Option<(Path, Vec<String>)> {
    let mut found = None;
    for path in &walk.maps {
        match gap(subject, walk, *path, values) {
            Looked::There => return None,
            Looked::Missing(map, keys) => found = Some((map, keys)),
            Looked::Unreached => {}
        }
    }
    found
}

enum Looked {
    There,
    Missing(Path, Vec<String>),
    /// The template does not come so far with these values.
    Unreached,
}

fn gap(subject: &Subject<'_>, walk: &Walk, path: Path, values: &Value) -> Looked {
    let paths = &subject.reads.paths;
    let mut prefixes: Vec<Path> = std::iter::successors(Some(path), |at| (paths.depth(*at) > 0).then(|| paths.parent(*at))).collect();
    prefixes.reverse();
    let floor = paths.depth(path).saturating_sub(walk.checked);
    let Some(base) = prefixes.get(floor) else { return Looked::Unreached };
    let mut looked = Looked::Unreached;
    for start in subject.reads.matching(*base, values) {
        let below = prefixes.get(floor + 1..).unwrap_or_default();
        match descend(subject, walk, below, values, start) {
            Looked::Missing(map, keys) => return Looked::Missing(map, keys),
            Looked::There => looked = Looked::There,
            Looked::Unreached => {}
        }
    }
    looked
}

fn descend(subject: &Subject<'_>, walk: &Walk, below: &[Path], values: &Value, keys: Vec<String>) -> Looked {
    let paths = &subject.reads.paths;
    let Some((next, rest)) = below.split_first() else { return Looked::There };
    let Some(here) = keys.iter().try_fold(values, |value, key| child(value, key)) else { return Looked::Unreached };
    let all: Vec<String> = match (paths.last(*next), here) {
        // What is nothing here gives nothing below.
        (_, Value::Null) => return Looked::Unreached,
        (Some(Step::Key(key)), _) => vec![key.to_string()],
        (_, Value::Object(map)) => map.keys().cloned().collect(),
        (_, Value::Array(list)) => (0..list.len()).map(|at| at.to_string()).collect(),
        _ => Vec::new(),
    };
    let mut looked = Looked::Unreached;
    for key in all {
        let found = child(here, &key).filter(|value| !value.is_null());
        let mut keys = keys.clone();
        keys.push(key);
        if found.is_none() {
            if is_guarded(subject, walk, *next, &keys, values, paths) {
                continue;
            }
            return Looked::Missing(*next, keys);
        }
        match descend(subject, walk, rest, values, keys) {
            Looked::Missing(map, keys) => return Looked::Missing(map, keys),
            Looked::There => looked = Looked::There,
            Looked::Unreached => {}
        }
    }
    looked
}

/// Does somebody see to it that `map` is there, or that the template is not so far with these values?
fn is_guarded(subject: &Subject<'_>, walk: &Walk, map: Path, keys: &[String], values: &Value, paths: &Paths) -> bool {
    let by_fact = walk
        .facts
        .iter()
        .any(|fact| fact.has_value() && fact.paths.iter().any(|path| paths.is_within(*path, map)) || fact.contradicts(paths, values, keys));
    by_fact || subject.reads.demanded.contains(&map) || is_required(subject, keys)
}

/// Does a schema refuse values without it, in words of its own?
fn is_required(subject: &Subject<'_>, keys: &[String]) -> bool {
    subject.family.members.iter().any(|member| {
        let own = keys.strip_prefix(member.keys.as_slice());
        let Some((schema, (last, above))) = member.chart.schema.as_ref().zip(own.and_then(|own| own.split_last())) else { return false };
        let map = above.iter().try_fold(schema, |schema, key| schema.get("properties")?.get(key));
        let required = map.and_then(|map| map.get("required")).and_then(Value::as_array);
        required.is_some_and(|required| required.iter().any(|name| name.as_str() == Some(last)))
    })
}
