//! What an expression of a template may stand for, as far as values flow through it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::paths::Path;

/// One thing that an expression may stand for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Atom {
    /// The context that Helm gives to a template of this chart: `$` and `.` of its files.
    Root(usize),
    /// `.Chart` of that chart.
    About(usize),
    /// `.Template` of that chart.
    Current(usize),
    /// `.Files` of that chart.
    Files(usize),
    /// `.Subcharts` of that chart.
    Subcharts(usize),
    /// The value at a path.
    Path(Path),
    /// Something computed of the value at a path, which is read by then.
    Made(Path),
    /// A key of the map at a path, or an index of the list.
    Key(Path),
    /// A map that a template made.
    Dict(usize),
    /// A list that a template made; its items in order if `exact`, else one item that stands for all.
    List { items: Arc<Vec<Abs>>, exact: bool },
    /// A constant, written as Go prints it.
    Text(Arc<str>),
    /// Another one each time: a random text, the time. By its number among those found.
    Volatile(usize),
    /// Conditions on values may have chosen it: what a template prints, what a branch assigns.
    Chosen,
    /// Nothing of the values.
    Other,
    /// Some of the values, which are read by then.
    Anything,
}

/// All that an expression may stand for; nothing at all is nil.
pub type Abs = Vec<Atom>;

pub fn add(to: &mut Abs, atom: Atom) {
    if !to.contains(&atom) {
        to.push(atom);
    }
}

pub fn join(to: &mut Abs, more: impl IntoIterator<Item = Atom>) {
    more.into_iter().for_each(|atom| add(to, atom));
}

pub fn text(text: &str) -> Abs {
    vec![Atom::Text(text.into())]
}

/// The constants that it may be, if it can be nothing else.
pub fn texts(abs: &Abs) -> Option<Vec<Arc<str>>> {
    let all: Option<Vec<Arc<str>>> = abs
        .iter()
        .filter(|atom| **atom != Atom::Chosen)
        .map(|atom| if let Atom::Text(text) = atom { Some(text.clone()) } else { None })
        .collect();
    all.filter(|all| !all.is_empty())
}

/// The paths that it may be, if it can be nothing else.
pub fn only_paths(abs: &Abs) -> Option<Vec<Path>> {
    let all: Option<Vec<Path>> = abs.iter().map(|atom| if let Atom::Path(path) = atom { Some(*path) } else { None }).collect();
    all.filter(|all| !all.is_empty())
}

/// Does it depend on values?
pub fn is_of_values(abs: &Abs) -> bool {
    abs.iter().any(|atom| !matches!(atom, Atom::Text(_) | Atom::Other | Atom::About(_) | Atom::Current(_) | Atom::Files(_)))
}

/// A map that a template made. What is merged into it is not copied: a key is looked for in all.
#[derive(Clone, Debug, Default)]
pub struct Dict {
    pub keys: BTreeMap<Arc<str>, Abs>,
    pub bases: Abs,
    /// Values under keys that are not known, and what those keys are made of.
    pub rest: Abs,
}
