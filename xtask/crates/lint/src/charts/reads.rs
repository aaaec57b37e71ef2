//! What the templates of a chart read of its values, and where.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gotemplate::syntax::Pos;
use serde_json::Value;

use super::chart::Place;
use super::facts::{Fact, child};
use super::family::Family;
use super::paths::{Path, Paths, Step};

/// How a value is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum How {
    /// Printed as it is.
    Printed,
    /// Made into text: `quote`, `printf`, `b64enc`, a checksum.
    Text,
    /// Made into a number.
    Number,
    Compared,
    /// With everything in it: `toYaml`, a context that is passed to what is not known.
    Whole,
    /// In the message of a `fail`.
    Message,
    /// For its truth or type only; what is in it is not read.
    Tested,
    /// Something is printed for each item.
    Ranged,
    /// The names of its keys.
    Keys,
}

#[derive(Clone, Copy, Debug)]
pub struct Read {
    pub path: Path,
    pub how: How,
    /// By its number in [`Family::templates`].
    pub file: usize,
    pub pos: Pos,
}

/// A walk through maps that fails if one of them is not there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Walk {
    /// One of them must be a map; more than one where maps were merged.
    pub maps: Vec<Path>,
    /// How many maps of each path are needed, from the last one up; what is above them is known to be there, or gives nil.
    pub checked: usize,
    pub file: usize,
    pub pos: Pos,
    /// The conditions under which it is reached.
    pub facts: Vec<Fact>,
    /// There are no others than these.
    pub clear: bool,
}

/// A function that gives something else each time.
#[derive(Clone, Debug)]
pub struct Unstable {
    pub function: String,
    pub file: usize,
    pub pos: Pos,
    pub facts: Vec<Fact>,
    pub clear: bool,
    /// Values that are taken in its place if they are set.
    pub pins: Vec<Path>,
}

/// A field that the context of Helm's templates has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    pub field: String,
    pub file: usize,
    pub pos: Pos,
}

/// All that the templates of a chart and its dependencies read, as paths from the values of the chart itself.
#[derive(Clone, Debug, Default)]
pub struct Reads {
    pub paths: Paths,
    pub reads: Vec<Read>,
    pub walks: Vec<Walk>,
    pub unstable: Vec<Unstable>,
    pub foreign: Vec<Foreign>,
    /// Fields that templates themselves add to the context; an empty name stands for any.
    pub added: BTreeSet<String>,
    /// Paths that `required` or a `fail` asks for.
    pub demanded: BTreeSet<Path>,
    /// Paths whose type is asked for: templates take several.
    pub typed: BTreeSet<Path>,
    /// Paths whose texts are templates.
    pub expanded: BTreeSet<Path>,
    /// Templates that are called, by file and position of the call.
    pub calls: BTreeMap<(usize, Pos), BTreeSet<String>>,
    /// Templates that are called and not there.
    pub unknown_templates: BTreeSet<String>,
    /// The templates were too much to follow; everything counts as read.
    pub gave_up: bool,
}

impl Reads {
    /// Is the value under these keys read, or something in it, or something that it is in?
    pub fn covers(&self, keys: &[&str]) -> bool {
        self.paths.covers(keys)
    }

    pub fn place(&self, family: &Family<'_>, file: usize, pos: Pos) -> Place {
        match family.templates.get(file) {
            Some((_, template)) => template.place(pos),
            None => Place { path: PathBuf::new(), line: 1, column: None },
        }
    }

    /// How the value under these keys is used: by reads of itself and of what it is in.
    pub fn uses(&self, keys: &[&str]) -> BTreeSet<How> {
        let mut found = BTreeSet::new();
        for read in &self.reads {
            let steps = self.paths.steps(read.path);
            let above = matches!(read.how, How::Whole | How::Text | How::Printed | How::Compared | How::Message | How::Number);
            if (steps.len() == keys.len() || above && steps.len() < keys.len()) && fits(&steps, keys) {
                found.insert(read.how);
            }
        }
        found
    }

    /// Names of keys that are read below these keys.
    pub fn names_below(&self, keys: &[&str]) -> Vec<String> {
        self.paths.names_below(keys)
    }

    /// Keys of values that stand at a path.
    pub fn matching(&self, path: Path, values: &Value) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        select(&self.paths.steps(path), values, &mut Vec::new(), &mut found);
        found
    }
}

/// Do the keys begin as the steps have it?
pub fn fits(steps: &[Step], keys: &[&str]) -> bool {
    match (steps.split_first(), keys.split_first()) {
        (None, _) => true,
        (Some((Step::Key(name), steps)), Some((key, keys))) => **name == **key && fits(steps, keys),
        (Some((Step::Any, steps)), Some((_, keys))) => fits(steps, keys),
        (Some((Step::Deep, rest)), Some((_, keys))) => fits(rest, keys) || fits(steps, keys),
        (Some(_), None) => false,
    }
}

fn select(steps: &[Step], value: &Value, keys: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let Some((step, rest)) = steps.split_first() else {
        found.push(keys.clone());
        return;
    };
    let all: Vec<String> = match (step, value) {
        (Step::Key(key), value) if child(value, key).is_some() => vec![key.to_string()],
        (Step::Any | Step::Deep, Value::Object(map)) => map.keys().cloned().collect(),
        (Step::Any | Step::Deep, Value::Array(list)) => (0..list.len()).map(|at| at.to_string()).collect(),
        _ => Vec::new(),
    };
    for key in all {
        let Some(below) = child(value, &key) else { continue };
        keys.push(key);
        select(rest, below, keys, found);
        if *step == Step::Deep {
            select(steps, below, keys, found);
        }
        keys.pop();
    }
}
