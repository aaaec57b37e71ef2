//! A value beside its schema, from the top down.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::schema::{Id, ListType, Schema, Type};
use super::store::Store;
use super::suggest::{self, Better};
use super::values::{article, described, doubled, doubles, fits, kind_of, out_of_bounds, same, wrong_format};
use super::{Violation, ViolationKind as Kind, checks};

/// Levels of an object that are looked at; `documents` reads no more.
const MAX_DEPTH: usize = 128;

/// What a part that is absent is to Go.
static NOTHING: LazyLock<Value> = LazyLock::new(|| Value::Object(Map::new()));

/// One step down.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'v> {
    Key(&'v str),
    Index(usize),
}

/// What is walked through, and what was found.
pub(super) struct Walk<'s> {
    pub store: &'s Store,
    /// Kubernetes' own kinds: their Go code reads null as absent, and checks what no schema says.
    pub core: bool,
    /// Only some fields are given; somebody else adds the rest.
    pub partial: bool,
    /// `{{…}}` in a text is filled in by a controller: the text may become anything.
    pub templated: bool,
    /// Its values are secret: no message shows them.
    pub secret: bool,
    /// Fields nobody knows are no matter here: an alternative speaks of a part only.
    lenient: bool,
    /// Volumes that somebody adds to a pod before it is created: those of claim templates.
    pub(super) volumes: Vec<String>,
    pub found: Vec<Violation>,
    path: Vec<Step<'s>>,
    trail: Vec<Id>,
}

impl<'s> Walk<'s> {
    pub(super) fn new(store: &'s Store, core: bool) -> Self {
        Walk {
            store,
            core,
            partial: false,
            templated: false,
            secret: false,
            lenient: false,
            volumes: Vec::new(),
            found: Vec::new(),
            path: Vec::new(),
            trail: Vec::new(),
        }
    }

    /// Goes on in other schemas, at the same place.
    pub(super) fn within<R>(&mut self, store: &'s Store, core: bool, go_on: impl FnOnce(&mut Self) -> R) -> R {
        let before = (std::mem::replace(&mut self.store, store), std::mem::replace(&mut self.core, core));
        let trail = std::mem::take(&mut self.trail);
        let answer = go_on(self);
        (self.store, self.core) = before;
        self.trail = trail;
        answer
    }

    /// Goes on one step down.
    pub(super) fn at<R>(&mut self, step: Step<'s>, go_on: impl FnOnce(&mut Self) -> R) -> R {
        self.path.push(step);
        let answer = go_on(self);
        self.path.pop();
        answer
    }

    pub(super) fn key<R>(&mut self, key: &'s str, go_on: impl FnOnce(&mut Self) -> R) -> R {
        self.at(Step::Key(key), go_on)
    }

    /// Every entry of the list `key`, with the walk at its place.
    pub(super) fn each(&mut self, map: &'s Map<String, Value>, key: &'s str, mut go_on: impl FnMut(&mut Self, &'s Value)) {
        let Some(list) = map.get(key).and_then(Value::as_array) else { return };
        self.key(key, |walk| {
            for (at, entry) in list.iter().enumerate() {
                walk.at(Step::Index(at), |walk| go_on(walk, entry));
            }
        });
    }

    /// A violation at the place where the walk is.
    pub(super) fn say(&mut self, kind: Kind, message: impl Into<String>) {
        self.say_with(kind, message, None);
    }

    pub(super) fn say_with(&mut self, kind: Kind, message: impl Into<String>, help: Option<String>) {
        self.found.push(Violation { pointer: pointer(&self.path), kind, message: message.into(), help, in_template: false });
    }

    /// A violation of a field below the place where the walk is.
    pub(super) fn say_at(&mut self, field: &'s str, kind: Kind, message: impl Into<String>) {
        self.key(field, |walk| walk.say(kind, message));
    }

    /// Does a controller fill this text in?
    pub(super) fn is_filled_in(&self, text: &str) -> bool {
        self.templated && text.contains("{{")
    }

    pub(super) fn value(&mut self, value: &'s Value, id: Id) {
        let schema = self.store.node(id);
        if self.path.len() > MAX_DEPTH {
            return;
        }
        if value.is_null() {
            // As a field it is dropped; an entry of a list stays.
            let stays = matches!(self.path.last(), Some(Step::Index(_)));
            if !self.core && stays && !schema.nullable && (schema.kind != Type::Any || schema.int_or_string) {
                self.say(Kind::WrongType, format!("is null, and must be {}", article(schema)));
            }
            return;
        }
        if value.as_str().is_some_and(|text| self.is_filled_in(text)) {
            return;
        }
        if !fits(value, schema) {
            let shown = if self.secret { kind_of(value).to_string() } else { described(value) };
            self.say(Kind::WrongType, format!("must be {}, and is {shown}", article(schema)));
            return;
        }
        let unset = self.core && value.as_str() == Some("");
        if !schema.allowed.is_empty() && !unset && !schema.allowed.iter().any(|one| same(one, value)) {
            let words: Vec<String> = schema.allowed.iter().map(Value::to_string).collect();
            let near = value.as_str().and_then(|text| suggest::nearest(text, schema.allowed.iter().filter_map(Value::as_str)));
            let help = near.map(|(_, near)| format!("did you mean `{near}`?"));
            self.say_with(Kind::NotAllowed, format!("is {}; allowed: {}", described(value), words.join(", ")), help);
        }
        match value {
            Value::String(text) => self.text(text, schema),
            Value::Number(number) => self.number(number.as_f64().unwrap_or_default(), schema),
            Value::Array(list) => self.list(list, schema),
            Value::Object(map) => self.object(map, schema, id),
            _ => {}
        }
        if !self.core {
            self.alternatives(value, schema);
        }
    }

    fn text(&mut self, text: &str, schema: &Schema) {
        if let Some(bounds) = &schema.bounds {
            let length = text.chars().count() as u64;
            if let Some(least) = bounds.min_length.filter(|least| length < *least) {
                if text.is_empty() {
                    return self.say(Kind::Empty, "must not be empty");
                }
                self.say(Kind::OutOfRange, format!("must have at least {least} characters, and has {length}"));
            }
            if let Some(most) = bounds.max_length.filter(|most| length > *most) {
                self.say(Kind::OutOfRange, format!("may have at most {most} characters, and has {length}"));
            }
        }
        if let (Some(pattern), Some(regex)) = (&schema.pattern, schema.regex())
            && regex.is_match(text) == Some(false)
        {
            self.say(Kind::Pattern, format!("is `{text}`, which does not match `{pattern}`"));
        }
        if let Some(why) = wrong_format(text, schema, self.core) {
            // Bytes are what Secrets have.
            let shown = if schema.format == "byte" { why.to_string() } else { format!("`{text}`, which is {why}") };
            self.say(Kind::Format, format!("is {shown}"));
        }
    }

    fn number(&mut self, number: f64, schema: &Schema) {
        if schema.kind == Type::Integer && schema.format == "int32" && !(-2_147_483_648.0..=2_147_483_647.0).contains(&number) {
            self.say(Kind::OutOfRange, format!("is {number}, which is no 32-bit number"));
        }
        let Some(bounds) = &schema.bounds else { return };
        if let Some(why) = out_of_bounds(number, bounds) {
            self.say(Kind::OutOfRange, format!("is {number}, and must be {why}"));
        }
    }

    fn list(&mut self, list: &'s [Value], schema: &'s Schema) {
        if let Some(bounds) = &schema.bounds {
            let length = list.len() as u64;
            if let Some(least) = bounds.min_items.filter(|least| length < *least) {
                let kind = if length == 0 { Kind::Empty } else { Kind::OutOfRange };
                self.say(kind, format!("must have at least {least} entries, and has {length}"));
            }
            if let Some(most) = bounds.max_items.filter(|most| length > *most) {
                self.say(Kind::OutOfRange, format!("may have at most {most} entries, and has {length}"));
            }
        }
        if let Some(items) = schema.items {
            for (at, entry) in list.iter().enumerate() {
                self.at(Step::Index(at), |walk| {
                    if entry.is_null() && walk.core && walk.store.node(items).kind == Type::Object {
                        walk.say(Kind::WrongType, "is null, and must be an object");
                    }
                    walk.value(entry, items);
                });
            }
        }
        // What is so in Kubernetes' own lists is known to `checks`: the API server takes some doubles, and some not.
        if self.core {
            return;
        }
        let keys: Option<Vec<Value>> = match &schema.list {
            ListType::Set => Some(list.to_vec()),
            ListType::Map(names) => Some(list.iter().map(|entry| self.map_key(entry, names, schema)).collect()),
            ListType::Atomic if schema.unique => Some(list.to_vec()),
            ListType::Atomic => None,
        };
        for (at, first) in keys.as_deref().map(doubles).unwrap_or_default() {
            let what = list.get(at).map(|entry| doubled(entry, &schema.list)).unwrap_or_default();
            self.at(Step::Index(at), |walk| walk.say(Kind::Duplicate, format!("{what} is in entry {first} already")));
        }
    }

    /// What tells an entry from others. Entries that are no objects are told apart by their place.
    fn map_key(&self, entry: &Value, names: &[String], schema: &Schema) -> Value {
        let items = schema.items.map(|items| self.store.node(items));
        let field = |name: &String| {
            let default = || items?.property(name).and_then(|id| self.store.node(id).default.clone());
            entry.get(name).cloned().or_else(default).unwrap_or(Value::Null)
        };
        names.iter().map(field).collect()
    }

    fn object(&mut self, map: &'s Map<String, Value>, schema: &'s Schema, id: Id) {
        self.trail.push(id);
        if let Some(bounds) = &schema.bounds {
            let length = map.len() as u64;
            if let Some(least) = bounds.min_properties.filter(|least| length < *least) {
                let kind = if length == 0 { Kind::Empty } else { Kind::OutOfRange };
                self.say(kind, format!("must have at least {least} fields, and has {length}"));
            }
            if let Some(most) = bounds.max_properties.filter(|most| length > *most) {
                self.say(Kind::OutOfRange, format!("may have at most {most} fields, and has {length}"));
            }
        }
        let root = self.trail.len() == 1 && self.path.is_empty();
        let volumes = self.volumes.len();
        if schema.check.is_some() {
            self.volumes.extend(checks::volumes(&schema.name, map));
        }
        for (name, value) in map {
            // What happened to an object is the API server's business: it drops what is written there.
            if root && name == "status" && !self.lenient {
                continue;
            }
            let child = schema.property(name).or(schema.additional);
            // Every object has these; what a CRD says about them adds to that.
            let of_every_object = !self.core && (root || schema.embedded) && matches!(name.as_str(), "apiVersion" | "kind" | "metadata");
            match child {
                Some(child) if of_every_object => self.key(name, |walk| {
                    let lenient = std::mem::replace(&mut walk.lenient, true);
                    walk.value(value, child);
                    walk.lenient = lenient;
                }),
                None if of_every_object => {}
                Some(child) => self.key(name, |walk| walk.value(value, child)),
                None if schema.open || self.lenient => {}
                // A node that says nothing at all.
                None if schema.kind == Type::Any && schema.properties.is_empty() => {}
                None => self.unknown(name),
            }
        }
        if schema.needs_spec
            && !self.partial
            && map.get("spec").is_none_or(Value::is_null)
            && let Some(child) = schema.property("spec")
        {
            self.key("spec", |walk| walk.value(&NOTHING, child));
        }
        if !self.partial {
            for name in &schema.required {
                let nullable = || !self.core && schema.property(name).is_some_and(|id| self.store.node(id).nullable);
                // null is an absent field, unless the schema of a custom object has a use for it.
                if map.get(name).is_none_or(|value| value.is_null() && !nullable()) {
                    self.say_at(name, Kind::Missing, "is required");
                }
            }
            if schema.embedded {
                for name in ["apiVersion", "kind"].into_iter().filter(|name| !map.contains_key(*name)) {
                    self.say_at(name, Kind::Missing, "is required");
                }
            }
        }
        if let (true, Some(check)) = (self.core, schema.check) {
            check(map, self);
        }
        self.volumes.truncate(volumes);
        self.trail.pop();
    }

    fn unknown(&mut self, name: &'s str) {
        let help = match suggest::better(self.store, &self.trail, name) {
            Some(Better::Name(near)) => Some(format!("did you mean `{near}`?")),
            Some(Better::Level(up, down)) => {
                // The path has a step for each schema of the trail, and more for entries of lists.
                let mut steps = self.path.clone();
                for _ in 0..up {
                    while let Some(Step::Index(_)) = steps.last() {
                        steps.pop();
                    }
                    steps.pop();
                }
                steps.extend(down.into_iter().map(Step::Key));
                let at = dotted(&steps);
                Some(if at.is_empty() { format!("the object itself has `{name}`") } else { format!("`{at}` has `{name}`") })
            }
            None => None,
        };
        self.key(name, |walk| walk.say_with(Kind::UnknownField, format!("there is no field `{name}` here"), help));
    }

    /// `allOf`, `anyOf`, `oneOf`, `not`: of a custom object, each says something about its values, nothing about fields.
    fn alternatives(&mut self, value: &'s Value, schema: &'s Schema) {
        for part in &schema.all_of {
            let found = self.trial(value, *part);
            self.found.extend(found);
        }
        if !schema.any_of.is_empty() && !schema.any_of.iter().any(|part| self.trial(value, *part).is_empty()) {
            let first = schema.any_of.first().map(|part| self.trial(value, *part)).unwrap_or_default();
            let why = first.first().map(|v| format!("; of the first: {} {}", v.place(), v.message)).unwrap_or_default();
            self.say(Kind::Alternatives, format!("fits none of {} alternatives{why}", schema.any_of.len()));
        }
        if !schema.one_of.is_empty() {
            let fitting = schema.one_of.iter().filter(|part| self.trial(value, **part).is_empty()).count();
            if fitting != 1 {
                let fields: Vec<String> = schema.one_of.iter().flat_map(|part| self.store.node(*part).required.clone()).collect();
                let of = match fields.len() == schema.one_of.len() {
                    true => {
                        format!(": exactly one of {} must be given", fields.iter().map(|f| format!("`{f}`")).collect::<Vec<_>>().join(", "))
                    }
                    false => String::new(),
                };
                self.say(Kind::Alternatives, format!("fits {fitting} of {} alternatives instead of one{of}", schema.one_of.len()));
            }
        }
        if let Some(not) = schema.not
            && self.trial(value, not).is_empty()
        {
            let fields = self.store.node(not).required.iter().map(|f| format!("`{f}`")).collect::<Vec<_>>().join(", ");
            let which = if fields.is_empty() { String::new() } else { format!(": {fields} must not be given together") };
            self.say(Kind::Alternatives, format!("is what its schema excludes{which}"));
        }
    }

    /// What would be found; fields that the part does not know do not count.
    fn trial(&mut self, value: &'s Value, part: Id) -> Vec<Violation> {
        let before = std::mem::take(&mut self.found);
        let lenient = std::mem::replace(&mut self.lenient, true);
        self.value(value, part);
        self.lenient = lenient;
        std::mem::replace(&mut self.found, before)
    }
}

/// `spec.containers[0].image`.
fn dotted(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Index(at) => text.push_str(&format!("[{at}]")),
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
        }
    }
    text
}

/// `/spec/containers/0/image`, as RFC 6901 has it.
fn pointer(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        text.push('/');
        match step {
            Step::Index(at) => text.push_str(&at.to_string()),
            Step::Key(key) => text.push_str(&key.replace('~', "~0").replace('/', "~1")),
        }
    }
    text
}
