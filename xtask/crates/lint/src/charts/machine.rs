//! Runs templates over what expressions may stand for, instead of values: every branch, every `include` with what is passed to it.
//!
//! What is not understood counts as read: a key that is said to be unread must be so.

use std::collections::BTreeMap;
use std::sync::Arc;

use gotemplate::syntax::{Branch, Node, Pos, Term};
use serde_json::Value;

use super::abs::{Abs, Atom, Dict, add, join, only_paths, texts};
use super::facts::{Condition, Fact, Holds};
use super::family::Family;
use super::fast::{Map, Set};
use super::paths::{Path, Paths, ROOT, Step};
use super::reads::{Foreign, How, Read, Reads, Unstable, Walk};
use super::template::Template;

/// Nodes that are looked at before everything counts as read. The largest charts need a tenth.
const MAX_STEPS: usize = 150_000;
/// Templates, blocks and parentheses within one another.
pub const MAX_DEPTH: usize = 150;
/// Paths that the text of one `include` is known to be made of.
const MAX_PRINTED: usize = 64;

/// What one execution of a template sees.
pub struct Frame {
    pub file: usize,
    /// The place of everything, for text that is no file's: what `tpl` is given.
    pub fixed: Option<Pos>,
    pub dollar: Abs,
    pub dot: Abs,
    pub variables: Vec<(Box<str>, Abs)>,
    /// What its text is made of.
    pub printed: Abs,
}

pub struct Machine<'a> {
    pub family: &'a Family<'a>,
    /// Values that texts with templates are looked for in, for `tpl`.
    pub values: &'a [&'a Value],
    pub files: Vec<&'a Template>,
    pub defines: Map<String, (usize, &'a [Node])>,
    pub paths: Paths,
    pub heap: Vec<Dict>,
    /// Counts changes of maps that were there before.
    pub changes: usize,
    pub out: Reads,
    seen: Set<(Path, How, usize, Pos)>,
    seen_walks: Set<Walk>,
    pub facts: Vec<Fact>,
    /// Conditions around that are not understood.
    pub unclear: usize,
    steps: usize,
    pub depth: usize,
    /// Templates under way, by name, with the key of their context.
    pub stack: Vec<(String, String)>,
    pub memo: Map<String, Abs>,
    pub silent: Map<String, bool>,
    /// Values of a chart that come of a dependency's, by `import-values`.
    pub imports: BTreeMap<Path, Vec<Path>>,
    /// Where the values of the charts of the family are, and which of them are not the first one's.
    pub scopes: Vec<Path>,
}

impl<'a> Machine<'a> {
    pub fn new(family: &'a Family<'a>, values: &'a [&'a Value]) -> Self {
        let mut paths = Paths::default();
        let mut scopes = Vec::new();
        let mut imports: BTreeMap<Path, Vec<Path>> = BTreeMap::new();
        for member in &family.members {
            let scope = member.keys.iter().fold(ROOT, |path, key| paths.key(path, key));
            scopes.push(scope);
        }
        for (member, scope) in family.members.iter().zip(&scopes) {
            let split = |path: &str| path.split('.').filter(|key| !key.is_empty()).map(str::to_string).collect::<Vec<_>>();
            for dependency in &member.chart.dependencies {
                for (child, parent) in &dependency.imports {
                    let from = paths.key(*scope, dependency.key());
                    let from = split(child).iter().fold(from, |path, key| paths.key(path, key));
                    let to = split(parent).iter().fold(*scope, |path, key| paths.key(path, key));
                    imports.entry(to).or_default().push(from);
                }
            }
        }
        let mut machine = Machine {
            family,
            values,
            files: Vec::new(),
            defines: Map::default(),
            paths,
            heap: Vec::new(),
            changes: 0,
            out: Reads::default(),
            seen: Set::default(),
            seen_walks: Set::default(),
            facts: Vec::new(),
            unclear: 0,
            steps: 0,
            depth: 0,
            stack: Vec::new(),
            memo: Map::default(),
            silent: Map::default(),
            imports,
            scopes,
        };
        for (at, file) in family.templates.iter().copied() {
            let index = machine.files.len();
            machine.files.push(file);
            for tree in &file.trees {
                let own = tree.span.0 == 0 && tree.name.ends_with(&file.name);
                let name = if own { format!("{}/{}", family.base(at), file.name) } else { tree.name.clone() };
                let empty = tree.nodes.iter().all(Node::is_empty);
                if !empty || !machine.defines.contains_key(&name) {
                    machine.defines.insert(name, (index, &tree.nodes));
                }
            }
        }
        machine
    }

    /// Every file of every chart, each with its chart's context.
    pub fn run(mut self) -> Reads {
        for (at, member) in self.family.members.iter().enumerate() {
            if member.chart.library {
                continue;
            }
            for file in &member.chart.templates {
                if !file.is_partial() {
                    let name = format!("{}/{}", self.family.base(at), file.name);
                    self.call(&name, vec![Atom::Root(at)], None);
                }
            }
        }
        self.family.settle(&mut self.paths, &self.scopes);
        let mut out = self.out;
        if self.steps >= MAX_STEPS {
            self.paths.touch(ROOT, true);
            out.gave_up = true;
        }
        out.paths = self.paths;
        out
    }

    pub fn made(&mut self, dict: Dict) -> Atom {
        self.heap.push(dict);
        Atom::Dict(self.heap.len() - 1)
    }

    pub fn nodes(&mut self, nodes: &[Node], frame: &mut Frame) {
        let variables = frame.variables.len();
        for node in nodes {
            self.steps += 1;
            if self.steps >= MAX_STEPS {
                break;
            }
            match node {
                Node::Text { .. } | Node::Break | Node::Continue => {}
                Node::Action(action) => {
                    let found = self.pipe(&action.pipe, frame);
                    if action.pipe.variables.is_empty() {
                        let made = self.consume(&found, How::Printed, frame, action.pos);
                        join(&mut frame.printed, made);
                        if frame.printed.len() > MAX_PRINTED {
                            frame.printed = vec![Atom::Anything];
                        }
                    }
                }
                Node::If(branch) => self.branch(branch, frame, false),
                Node::With(branch) => self.branch(branch, frame, true),
                Node::Range(branch) => self.range(branch, frame),
                Node::Template(call) => {
                    let dot = call.pipe.as_ref().map(|pipe| self.pipe(pipe, frame)).unwrap_or_default();
                    let found = self.include(&call.name.lossy(), dot, frame, call.pos);
                    join(&mut frame.printed, found);
                }
            }
        }
        frame.variables.truncate(variables);
    }

    /// Deeper by one; nothing is done beyond the limit, and everything counts as read.
    pub fn deeper(&mut self, run: impl FnOnce(&mut Self)) {
        if self.depth >= MAX_DEPTH {
            self.steps = MAX_STEPS;
            return;
        }
        self.depth += 1;
        run(self);
        self.depth -= 1;
    }

    fn branch(&mut self, branch: &Branch, frame: &mut Frame, with: bool) {
        let variables = frame.variables.len();
        let found = self.pipe(&branch.pipe, frame);
        self.tested(&found, frame, branch.pos);
        let Condition { yes, no } = self.conditions(&branch.pipe, frame);
        if fails(&branch.list) {
            // The author says so if it is not there.
            let demanded = no.facts.iter().filter(|fact| fact.has_value()).flat_map(|fact| fact.paths.clone());
            self.out.demanded.extend(demanded);
        }
        let outer = std::mem::take(&mut frame.dot);
        frame.dot = if with { found } else { outer.clone() };
        self.under(yes, |machine| machine.nodes(&branch.list, frame));
        frame.dot = outer;
        if let Some(other) = &branch.other {
            self.under(no, |machine| machine.nodes(other, frame));
        }
        frame.variables.truncate(variables);
    }

    /// Where these conditions hold.
    pub fn under(&mut self, Holds { facts, clear }: Holds, run: impl FnOnce(&mut Self)) {
        let outer = self.facts.len();
        facts.into_iter().for_each(|fact| {
            if !self.facts.contains(&fact) {
                self.facts.push(fact);
            }
        });
        self.unclear += usize::from(!clear);
        self.deeper(run);
        self.unclear -= usize::from(!clear);
        self.facts.truncate(outer);
    }

    fn range(&mut self, branch: &Branch, frame: &mut Frame) {
        let variables = frame.variables.len();
        let over = self.value_of(&branch.pipe, frame);
        for atom in &over {
            if let Atom::Path(path) = atom {
                self.looked_at(*path, frame, branch.pos);
            }
        }
        let items = self.items(&over);
        if !self.is_silent(&branch.list) {
            for atom in &items {
                if let Atom::Path(path) = atom {
                    self.read(*path, How::Ranged, frame, branch.pos);
                    self.paths.touch(*path, false);
                }
            }
        }
        let mut keys = Vec::new();
        for atom in &over {
            match atom {
                Atom::Path(path) => add(&mut keys, Atom::Key(*path)),
                Atom::Dict(dict) => join(&mut keys, self.keys(*dict)),
                Atom::Made(path) => add(&mut keys, Atom::Made(*path)),
                _ => add(&mut keys, Atom::Other),
            }
        }
        match branch.pipe.variables.as_slice() {
            [key, item] => frame.variables.extend([(key.clone(), keys), (item.clone(), items.clone())]),
            [item] => frame.variables.push((item.clone(), items.clone())),
            _ => {}
        }
        let outer = std::mem::replace(&mut frame.dot, items);
        // What an iteration assigns, the next one sees.
        let times = 1 + usize::from(assigns(&branch.list));
        for _ in 0..times {
            self.deeper(|machine| machine.nodes(&branch.list, frame));
        }
        frame.dot = outer;
        if let Some(other) = &branch.other {
            self.deeper(|machine| machine.nodes(other, frame));
        }
        frame.variables.truncate(variables);
    }

    /// Keys of a map that a template made.
    pub fn keys(&self, dict: usize) -> Abs {
        let Some(dict) = self.heap.get(dict) else { return Vec::new() };
        let mut keys: Abs = dict.keys.keys().map(|key| Atom::Text(key.clone())).collect();
        for base in &dict.bases {
            match base {
                Atom::Path(path) => add(&mut keys, Atom::Key(*path)),
                Atom::Dict(_) => add(&mut keys, Atom::Other),
                _ => {}
            }
        }
        join(&mut keys, dict.rest.iter().filter(|atom| matches!(atom, Atom::Key(_))).cloned());
        keys
    }

    /// The items of a list, the values of a map.
    pub fn items(&mut self, of: &Abs) -> Abs {
        let mut items = Vec::new();
        for atom in of {
            match atom {
                Atom::Path(path) => add(&mut items, Atom::Path(self.paths.child(*path, Step::Any))),
                Atom::List { items: list, .. } => list.iter().for_each(|item| join(&mut items, item.clone())),
                Atom::Dict(dict) => {
                    let Some(dict) = self.heap.get(*dict).cloned() else { continue };
                    dict.keys.into_values().chain([dict.rest]).for_each(|value| join(&mut items, value));
                    let below = self.items(&dict.bases);
                    join(&mut items, below);
                }
                Atom::Made(_) | Atom::Key(_) | Atom::Volatile(_) | Atom::Chosen | Atom::Anything => add(&mut items, atom.clone()),
                _ => add(&mut items, Atom::Other),
            }
        }
        items
    }

    pub fn read(&mut self, path: Path, how: How, frame: &Frame, pos: Pos) {
        let pos = frame.fixed.unwrap_or(pos);
        if self.seen.insert((path, how, frame.file, pos)) {
            self.out.reads.push(Read { path, how, file: frame.file, pos });
        }
    }

    /// Values are looked at for their truth or type only.
    pub fn tested(&mut self, abs: &Abs, frame: &Frame, pos: Pos) {
        let mut seen = Set::default();
        let mut left = abs.clone();
        while let Some(atom) = left.pop() {
            match atom {
                Atom::Path(path) => self.looked_at(path, frame, pos),
                // Whether a map that a template makes of others is empty, any key of theirs decides.
                Atom::Dict(dict) if seen.insert(dict) => {
                    let Some(dict) = self.heap.get(dict).cloned() else { continue };
                    left.extend(dict.keys.into_values().flatten().chain(dict.rest));
                    for base in dict.bases {
                        match base {
                            Atom::Path(path) => {
                                let any = self.paths.child(path, Step::Any);
                                self.paths.touch(any, false);
                            }
                            base => left.push(base),
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// What a key stands for; an item of a list is looked at by whoever loops over it.
    fn looked_at(&mut self, path: Path, frame: &Frame, pos: Pos) {
        if matches!(self.paths.last(path), Some(Step::Key(_))) {
            self.read(path, How::Tested, frame, pos);
            self.paths.touch(path, false);
        }
    }

    /// Values are used with everything in them; gives what is made of them.
    pub fn consume(&mut self, abs: &Abs, how: How, frame: &mut Frame, pos: Pos) -> Abs {
        let mut made = Vec::new();
        let mut dicts = Set::default();
        let mut left: Vec<Atom> = abs.clone();
        while let Some(atom) = left.pop() {
            match atom {
                Atom::Path(path) => {
                    self.read(path, how, frame, pos);
                    self.paths.touch(path, true);
                    add(&mut made, Atom::Made(path));
                }
                Atom::Key(path) => {
                    let any = self.paths.child(path, Step::Any);
                    self.read(path, How::Keys, frame, pos);
                    self.paths.touch(any, false);
                    add(&mut made, Atom::Made(path));
                }
                Atom::Root(at) => {
                    let scope = self.scopes.get(at).copied().unwrap_or(ROOT);
                    left.push(Atom::Path(scope));
                }
                Atom::Dict(dict) => {
                    if dicts.insert(dict)
                        && let Some(dict) = self.heap.get(dict)
                    {
                        left.extend(dict.keys.values().flatten().chain(&dict.bases).chain(&dict.rest).cloned());
                    }
                }
                Atom::List { items, .. } => left.extend(items.iter().flatten().cloned()),
                Atom::Made(_) | Atom::Volatile(_) | Atom::Chosen | Atom::Anything => add(&mut made, atom),
                _ => {}
            }
        }
        if made.is_empty() && !abs.is_empty() {
            made.push(Atom::Other);
        }
        made
    }

    /// The maps at these paths, and `checked - 1` above each, must be there.
    pub fn require(&mut self, abs: &Abs, checked: usize, frame: &Frame, pos: Pos) {
        let Some(maps) = only_paths(abs).filter(|_| checked > 0) else { return };
        let pos = frame.fixed.unwrap_or(pos);
        let walk = Walk { maps, checked, file: frame.file, pos, facts: self.facts.clone(), clear: self.unclear == 0 };
        // Nobody may use what is found there, but without it the template fails.
        walk.maps.iter().for_each(|map| self.paths.touch(*map, false));
        if self.seen_walks.insert(walk.clone()) {
            self.out.walks.push(walk);
        }
    }

    pub fn unstable(&mut self, function: &str, frame: &Frame, pos: Pos) -> Atom {
        let pos = frame.fixed.unwrap_or(pos);
        let same = |known: &Unstable| known.file == frame.file && known.pos == pos && known.facts == self.facts;
        let at = self.out.unstable.iter().position(same).unwrap_or_else(|| {
            let (facts, clear) = (self.facts.clone(), self.unclear == 0);
            self.out.unstable.push(Unstable { function: function.to_string(), file: frame.file, pos, facts, clear, pins: Vec::new() });
            self.out.unstable.len() - 1
        });
        Atom::Volatile(at)
    }

    pub fn foreign(&mut self, name: &str, frame: &Frame, pos: Pos) {
        let found = Foreign { field: name.to_string(), file: frame.file, pos: frame.fixed.unwrap_or(pos) };
        if frame.fixed.is_none() && !self.out.foreign.contains(&found) {
            self.out.foreign.push(found);
        }
    }

    /// The one constant that it is.
    pub fn constant(abs: &Abs) -> Option<Arc<str>> {
        texts(abs).filter(|all| all.len() == 1).and_then(|all| all.into_iter().next())
    }
}

pub fn is_function(term: Option<&Term>, name: &str) -> bool {
    matches!(term, Some(Term::Function { name: found, .. }) if **found == *name)
}

/// Does one of these nodes itself end the rendering?
fn fails(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Action(action) => action.pipe.commands.iter().any(|c| is_function(c.operands.first().map(|o| &o.term), "fail")),
        _ => false,
    })
}

/// Is there an assignment to a variable that was declared before?
fn assigns(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Action(action) => action.pipe.assigns,
        Node::If(branch) | Node::With(branch) | Node::Range(branch) => {
            assigns(&branch.list) || branch.other.as_ref().is_some_and(|other| assigns(other))
        }
        _ => false,
    })
}
