//! What holds of the values where a template reads: the conditions around the place.

use std::sync::Arc;

use serde_json::Value;

use super::paths::{Path, Paths, Step};

/// A condition on the value at a path. Several paths: on whichever of them Helm's merges leave.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fact {
    pub paths: Vec<Path>,
    pub is: Is,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Is {
    /// Not nil, not empty, not zero, not false.
    True,
    False,
    /// There, whatever it is.
    Present,
    Absent,
    Equal(Arc<str>),
    Unequal(Arc<str>),
}

/// What holds on one side of a condition.
#[derive(Clone, Debug, Default)]
pub struct Holds {
    pub facts: Vec<Fact>,
    /// There is no more to it than these, as far as values go.
    pub clear: bool,
}

/// Both sides of a condition.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    pub yes: Holds,
    pub no: Holds,
}

impl Condition {
    /// Nothing is known of it; `clear` if it has nothing to do with values.
    pub fn unknown(clear: bool) -> Self {
        Condition { yes: Holds { facts: Vec::new(), clear }, no: Holds { facts: Vec::new(), clear } }
    }

    pub fn on(paths: Vec<Path>, yes: Is, no: Is) -> Self {
        let one = |is| Holds { facts: vec![Fact { paths: paths.clone(), is }], clear: true };
        Condition { yes: one(yes), no: one(no) }
    }

    pub fn negated(self) -> Self {
        Condition { yes: self.no, no: self.yes }
    }

    /// `self and other`.
    pub fn and(mut self, other: Condition) -> Self {
        let free = |one: &Holds| one.facts.is_empty() && one.clear;
        let no_clear = free(&self.no) && free(&other.no);
        self.yes.facts.extend(other.yes.facts);
        self.yes.clear &= other.yes.clear;
        self.no = Holds { facts: Vec::new(), clear: no_clear };
        self
    }
}

impl Fact {
    /// Does it imply that the maps above its path are there, and its own value too?
    pub fn has_value(&self) -> bool {
        matches!(self.is, Is::True | Is::Present | Is::Equal(_))
    }

    /// Can it not hold for these values? `at` are concrete steps that stand for those of a path that begins alike.
    pub fn contradicts(&self, paths: &Paths, values: &Value, at: &[String]) -> bool {
        let [path] = self.paths.as_slice() else { return false };
        let Some(found) = look(paths, values, *path, at) else { return false };
        !match (&self.is, found) {
            (Is::True, found) => found.is_some_and(truth),
            (Is::False, found) => !found.is_some_and(truth),
            (Is::Present, found) => found.is_some(),
            (Is::Absent, found) => found.is_none(),
            (Is::Equal(text), found) => found.is_some_and(|value| printed(value) == **text),
            (Is::Unequal(text), found) => found.is_none_or(|value| printed(value) != **text),
        }
    }
}

/// The value at a path; `None` if the path has steps that stand for many and `at` does not say which one is meant.
fn look<'v>(paths: &Paths, values: &'v Value, path: Path, at: &[String]) -> Option<Option<&'v Value>> {
    let mut value = Some(values);
    let mut alike = true;
    for (i, step) in paths.steps(path).iter().enumerate() {
        let key: &str = match step {
            Step::Key(key) => {
                alike &= at.get(i).is_some_and(|concrete| **concrete == **key);
                key
            }
            Step::Any if alike => at.get(i)?,
            _ => return None,
        };
        value = value.and_then(|value| child(value, key));
    }
    Some(value)
}

/// The value under a key or index.
pub fn child<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    match value {
        Value::Array(list) => key.parse::<usize>().ok().and_then(|at| list.get(at)),
        value => value.get(key),
    }
}

/// As a template's `if` has it.
pub fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::Number(n) => n.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

fn printed(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
