//! Both revisions side by side: which Applications and objects are there, which differ, which moved.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::fields::{Field, Noise, fields};
use super::{Broken, Deployed, Key, Rendered, Side, key, text};
use crate::model::Object;

/// An Application before and after; at least one of them is there.
#[derive(Debug)]
pub struct Pair<'a> {
    pub before: Option<&'a Deployed>,
    pub after: Option<&'a Deployed>,
    /// Of the Application object itself.
    pub fields: Vec<Field>,
    /// Its ApplicationSet or file cannot be read at the other revision, so it is not known whether it comes or goes.
    pub unknown: bool,
}

/// An object that differs, or that came, went or moved.
#[derive(Debug)]
pub struct Delta<'a> {
    /// Index of its Application in [`Change::pairs`].
    pub pair: usize,
    pub key: Key<'a>,
    pub before: Option<&'a Object>,
    pub after: Option<&'a Object>,
    /// The Application that had it before, if it moved here.
    pub from: Option<&'a str>,
    /// The Application that has it now, if it moved away. Then `after` is `None`, and there is a second delta at the other end.
    pub to: Option<&'a str>,
    pub fields: Vec<Field>,
}

/// Where an object is: in the list of Applications of a side, and in that Application.
type Found<'a> = Vec<(&'a Deployed, &'a Object)>;

/// Everything that differs between two revisions, and everything that is there.
pub struct Change<'a> {
    pub before: &'a Side,
    pub after: &'a Side,
    /// By environment and name.
    pub pairs: Vec<Pair<'a>>,
    /// By Application, then by key.
    pub deltas: Vec<Delta<'a>>,
    pub old: BTreeMap<Key<'a>, Found<'a>>,
    pub new: BTreeMap<Key<'a>, Found<'a>>,
}

impl<'a> Pair<'a> {
    /// The Application, as it is after the change if it is there.
    pub fn deployed(&self) -> Option<&'a Deployed> {
        self.after.or(self.before)
    }

    pub fn name(&self) -> &'a str {
        self.deployed().map_or("", |d| d.application.name())
    }

    pub fn environment(&self) -> &'a str {
        self.deployed().map_or("", Deployed::environment)
    }

    /// Was it, or is it now, not possible to render it?
    pub fn is_broken(&self) -> bool {
        [self.before, self.after].iter().flatten().any(|d| d.error().is_some())
    }
}

impl Delta<'_> {
    /// The only things that differ are of these kinds of noise; none if anything else differs.
    pub fn only_noise(&self) -> BTreeSet<Noise> {
        let moved = self.from.is_some() || self.to.is_some();
        if moved || self.before.is_none() || self.after.is_none() || self.fields.iter().any(|field| field.noise.is_none()) {
            return BTreeSet::new();
        }
        self.fields.iter().filter_map(|field| field.noise).collect()
    }

    /// The object as it is after the change if it is there.
    pub fn value(&self) -> Option<&Value> {
        self.after.or(self.before).map(|object| &object.value)
    }

    /// Both versions, for one that is there before and after.
    pub fn both(&self) -> Option<(&Value, &Value)> {
        Some((&self.before?.value, &self.after?.value))
    }

    /// `added`, `removed` or `changed`, for its Application.
    pub fn change(&self) -> &'static str {
        match (self.before, self.after) {
            (_, Some(_)) if self.from.is_some() => "added",
            (Some(_), Some(_)) => "changed",
            (None, _) => "added",
            (Some(_), None) => "removed",
        }
    }
}

impl<'a> Change<'a> {
    pub fn new(before: &'a Side, after: &'a Side) -> Self {
        let pairs = pairs(before, after);
        let mut change = Change { before, after, pairs, deltas: Vec::new(), old: index(before), new: index(after) };
        change.deltas = (0..change.pairs.len()).flat_map(|i| change.deltas_of(i)).collect();
        change
    }

    pub fn pair(&self, delta: &Delta<'_>) -> Option<&Pair<'a>> {
        self.pairs.get(delta.pair)
    }

    /// The objects of an Application, by its index in `pairs`.
    pub fn deltas_of_pair(&self, pair: usize) -> &[Delta<'a>] {
        let start = self.deltas.partition_point(|delta| delta.pair < pair);
        let end = self.deltas.partition_point(|delta| delta.pair <= pair);
        self.deltas.get(start..end).unwrap_or_default()
    }

    /// Was every Application of this cluster rendered, so that what is not found is not there?
    pub fn knows_all(&self, key: &Key<'_>) -> bool {
        let there = |d: &&Deployed| (d.environment(), d.destination()) == (key.environment, key.destination);
        self.after.broken.is_empty() && self.after.applications.iter().filter(there).all(|d| matches!(d.rendered, Rendered::Objects(_)))
    }

    /// The ApplicationSet of that name after the change.
    pub fn set_after(&self, name: &str) -> Option<&'a Value> {
        self.after.sets.iter().find(|set| text(set, "/metadata/name") == name)
    }

    fn deltas_of(&self, i: usize) -> Vec<Delta<'a>> {
        let Some(pair) = self.pairs.get(i) else { return Vec::new() };
        let known = |side: Option<&'a Deployed>| side.is_none_or(|d| matches!(d.rendered, Rendered::Objects(_)));
        if pair.unknown || !known(pair.before) || !known(pair.after) {
            return Vec::new();
        }
        let by_key = |side: Option<&'a Deployed>| -> BTreeMap<Key<'a>, &'a Object> {
            side.map(|d| d.objects().iter().map(|object| (key(d, object), object)).collect()).unwrap_or_default()
        };
        let (old, new) = (by_key(pair.before), by_key(pair.after));
        let keys: BTreeSet<Key<'a>> = old.keys().chain(new.keys()).copied().collect();
        keys.into_iter().filter_map(|key| self.delta(i, key, old.get(&key).copied(), new.get(&key).copied())).collect()
    }

    fn delta(&self, pair: usize, key: Key<'a>, before: Option<&'a Object>, after: Option<&'a Object>) -> Option<Delta<'a>> {
        let mut delta = Delta { pair, key, before, after, from: None, to: None, fields: Vec::new() };
        match (before, after) {
            (Some(a), Some(b)) if a.value == b.value => return None,
            (Some(_), None) => delta.to = self.new.get(&key).and_then(|all| all.first()).map(|(d, _)| d.application.name()),
            (None, Some(_)) => {
                let here = self.pairs.get(pair).map(Pair::name);
                let was = self.old.get(&key).into_iter().flatten().find(|(d, _)| Some(d.application.name()) != here);
                delta.from = was.map(|(d, _)| d.application.name());
                delta.before = was.map(|(_, object)| *object);
            }
            _ => {}
        }
        if let Some((a, b)) = delta.both() {
            delta.fields = fields(a, b);
        }
        Some(delta)
    }
}

fn index(side: &Side) -> BTreeMap<Key<'_>, Found<'_>> {
    let mut index: BTreeMap<Key<'_>, Found<'_>> = BTreeMap::new();
    for deployed in &side.applications {
        for object in deployed.objects() {
            index.entry(key(deployed, object)).or_default().push((deployed, object));
        }
    }
    index
}

fn pairs<'a>(before: &'a Side, after: &'a Side) -> Vec<Pair<'a>> {
    let by_name = |side: &'a Side| -> BTreeMap<(&'a str, &'a str), &'a Deployed> {
        side.applications.iter().map(|d| ((d.environment(), d.application.name()), d)).collect()
    };
    let (old, new) = (by_name(before), by_name(after));
    let names: BTreeSet<(&str, &str)> = old.keys().chain(new.keys()).copied().collect();
    let pair = |name| {
        let (before_, after_) = (old.get(&name).copied(), new.get(&name).copied());
        let unknown = match (before_, after_) {
            (Some(d), None) => is_of(d, &after.broken),
            (None, Some(d)) => is_of(d, &before.broken),
            _ => false,
        };
        let fields = match (before_, after_) {
            (Some(a), Some(b)) => fields(&a.application.value, &b.application.value),
            _ => Vec::new(),
        };
        Pair { before: before_, after: after_, fields, unknown }
    };
    names.into_iter().map(pair).collect()
}

/// Does the Application come of something that is broken at the other revision?
fn is_of(deployed: &Deployed, broken: &[Broken]) -> bool {
    let Deployed { application, .. } = deployed;
    broken.iter().any(|b| b.place.file == application.place.file || !b.name.is_empty() && application.set.as_ref() == Some(&b.name))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;
    use crate::comparison::Failure;
    use crate::model::{Application, Place};

    fn application(name: &str, rendered: Rendered) -> Deployed {
        let value = json!({ "metadata": { "name": name }, "spec": { "destination": { "server": "here", "namespace": "shop" } } });
        let place = Place { file: PathBuf::from("apps.yaml"), line: 1 };
        Deployed {
            application: Application { place, set: Some("all".into()), parent: None, environment: Some("dev".into()), value },
            rendered,
        }
    }

    fn map(name: &str, data: &str) -> Object {
        let value = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name }, "data": { "a": data } });
        Object { value, source: String::new() }
    }

    fn side(applications: Vec<Deployed>) -> Side {
        Side { applications, ..Side::default() }
    }

    fn told(change: &Change<'_>) -> Vec<String> {
        change.deltas.iter().map(|d| format!("{} {} {:?} {:?} {}", d.change(), d.key.name, d.from, d.to, d.fields.len())).collect()
    }

    #[test]
    fn an_object_that_another_application_has_now_moves() {
        let before = side(vec![
            application("one", Rendered::Objects(vec![map("a", "1"), map("b", "1")])),
            application("two", Rendered::Objects(vec![])),
        ]);
        let after = side(vec![
            application("one", Rendered::Objects(vec![map("c", "1")])),
            application("two", Rendered::Objects(vec![map("a", "2")])),
        ]);
        let change = Change::new(&before, &after);
        let wanted = ["removed a None Some(\"two\") 0", "removed b None None 0", "added c None None 0", "added a Some(\"one\") None 1"];
        assert_eq!(told(&change), wanted);
        assert_eq!(change.deltas_of_pair(1).len(), 1);
    }

    #[test]
    fn what_is_not_rendered_or_cannot_be_is_no_removal() {
        let before = side(vec![application("one", Rendered::Objects(vec![map("a", "1")])), application("two", Rendered::Same)]);
        let failed = Rendered::Failed(Failure { what: "no".into(), help: None });
        let after = side(vec![application("one", failed), application("two", Rendered::Same)]);
        let change = Change::new(&before, &after);
        assert_eq!(told(&change), [""; 0]);
        assert!(change.pairs[0].is_broken() && !change.pairs[1].is_broken());
    }

    #[test]
    fn applications_of_a_set_that_cannot_be_expanded_are_unknown() {
        let before = side(vec![application("one", Rendered::Objects(vec![map("a", "1")]))]);
        let broken = Broken { place: Place { file: PathBuf::from("other.yaml"), line: 1 }, name: "all".into(), error: "no".into() };
        let after = Side { broken: vec![broken], ..Side::default() };
        let change = Change::new(&before, &after);
        assert!(change.pairs[0].unknown && change.deltas.is_empty());
    }
}
