//! Runs templates over what expressions may stand for, instead of values: every branch, every `include` with what is passed to it.
//!
//! What is not understood counts as read: a key that is said to be unread must be so.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use gotemplate::syntax::{Branch, Node, Pipe, Pos, Term};
use serde_json::Value;

use super::abs::{Abs, Atom, Dict, add, join, only_paths, texts};
use super::facts::{Fact, Is};
use super::family::Family;
use super::paths::{Path, Paths, ROOT, Step};
use super::reads::{Foreign, How, Read, Reads, Unstable, Walk};
use super::template::Template;

/// Nodes that are looked at before everything counts as read. The largest charts need a tenth.
const MAX_STEPS: usize = 150_000;
/// Templates, blocks and parentheses within one another.
const MAX_DEPTH: usize = 150;
/// A template that calls itself this often with longer and longer paths walks any path.
const WIDEN_AT: usize = 2;
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
    pub defines: HashMap<String, (usize, &'a [Node])>,
    pub paths: Paths,
    pub heap: Vec<Dict>,
    /// Counts changes of maps that were there before.
    pub changes: usize,
    pub out: Reads,
    seen: HashSet<(Path, How, usize, Pos)>,
    seen_walks: HashSet<(Vec<Path>, usize, usize, Pos, Vec<Fact>, bool)>,
    pub facts: Vec<Fact>,
    /// Conditions around that are not understood.
    pub unclear: usize,
    steps: usize,
    depth: usize,
    /// Templates under way, by name, with the key of their context.
    stack: Vec<(String, String)>,
    memo: HashMap<String, Abs>,
    silent: HashMap<String, bool>,
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
            defines: HashMap::new(),
            paths,
            heap: Vec::new(),
            changes: 0,
            out: Reads::default(),
            seen: HashSet::new(),
            seen_walks: HashSet::new(),
            facts: Vec::new(),
            unclear: 0,
            steps: 0,
            depth: 0,
            stack: Vec::new(),
            memo: HashMap::new(),
            silent: HashMap::new(),
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

    /// Runs a template by its name, and gives what its text is made of. `None` for one that is not there.
    pub fn call(&mut self, name: &str, dot: Abs, at: Option<(usize, Pos)>) -> Option<Abs> {
        let (file, nodes) = *self.defines.get(name)?;
        let depth = self.stack.iter().filter(|(other, _)| other == name).count();
        let dot = if depth >= WIDEN_AT { self.widened(dot) } else { dot };
        let mut key = format!("{name}\u{0}{:?}\u{0}{}", self.facts, self.unclear > 0);
        let known = self.describe(&dot, &mut key, 0);
        if known {
            if let Some(found) = self.memo.get(&key) {
                return Some(found.clone());
            }
            if self.stack.iter().any(|(_, other)| *other == key) {
                return Some(Vec::new());
            }
        }
        if depth >= 8 || self.depth >= MAX_DEPTH {
            let mut frame = Frame { file, fixed: None, dollar: Vec::new(), dot: Vec::new(), variables: Vec::new(), printed: Vec::new() };
            (frame.file, frame.fixed) = at.map_or((file, Some(0)), |(file, pos)| (file, Some(pos)));
            self.consume(&dot, How::Whole, &mut frame, 0);
            return Some(vec![Atom::Anything]);
        }
        let (heap, changes) = (self.heap.len(), self.changes);
        self.stack.push((name.to_string(), key.clone()));
        let mut frame = Frame { file, fixed: None, dollar: dot.clone(), dot, variables: Vec::new(), printed: Vec::new() };
        self.nodes(nodes, &mut frame);
        self.stack.pop();
        // A map that is made within and handed out would be one for all callers: that is no harm, its content is the same.
        if known && changes == self.changes && heap <= self.heap.len() {
            self.memo.insert(key, frame.printed.clone());
        }
        Some(frame.printed)
    }

    /// Paths with the steps that stand for many made one that stands for any number.
    fn widened(&mut self, dot: Abs) -> Abs {
        let widen = |machine: &mut Self, path: Path| {
            let mut at = path;
            while matches!(machine.paths.last(at), Some(Step::Any)) {
                at = machine.paths.parent(at);
            }
            if at == path { path } else { machine.paths.child(at, Step::Deep) }
        };
        let mut wide = Vec::new();
        for atom in dot {
            let atom = match atom {
                Atom::Path(path) => Atom::Path(widen(self, path)),
                Atom::Dict(dict) => {
                    let mut copy = self.heap.get(dict).cloned().unwrap_or_default();
                    for abs in copy.keys.values_mut().chain([&mut copy.bases, &mut copy.rest]) {
                        for atom in abs.iter_mut() {
                            if let Atom::Path(path) = atom {
                                *path = widen(self, *path);
                            }
                        }
                    }
                    self.made(copy)
                }
                atom => atom,
            };
            add(&mut wide, atom);
        }
        wide
    }

    /// Writes down what a context is, so that equal ones are found again. `false` if it is too much.
    fn describe(&self, abs: &Abs, out: &mut String, depth: usize) -> bool {
        const MAX_KEY: usize = 4000;
        if depth > 8 || out.len() > MAX_KEY {
            return false;
        }
        out.push('[');
        for atom in abs {
            match atom {
                Atom::Dict(dict) => {
                    let Some(dict) = self.heap.get(*dict) else { return false };
                    out.push('{');
                    for (key, value) in &dict.keys {
                        out.push_str(key);
                        out.push(':');
                        if !self.describe(value, out, depth + 1) {
                            return false;
                        }
                    }
                    if !self.describe(&dict.bases, out, depth + 1) || !self.describe(&dict.rest, out, depth + 1) {
                        return false;
                    }
                    out.push('}');
                }
                Atom::List { items, exact } => {
                    out.push_str(if *exact { "(" } else { "<" });
                    for item in items.iter() {
                        if !self.describe(item, out, depth + 1) {
                            return false;
                        }
                    }
                    out.push(')');
                }
                atom => out.push_str(&format!("{atom:?},")),
            }
        }
        out.push(']');
        true
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
        let (yes, yes_clear) = self.conditions(&branch.pipe, frame, false);
        let (no, no_clear) = self.conditions(&branch.pipe, frame, true);
        if fails(&branch.list) {
            // The author says so if it is not there.
            let demanded = no.iter().filter(|fact| fact.has_value()).flat_map(|fact| fact.paths.clone());
            self.out.demanded.extend(demanded);
        }
        let outer = std::mem::take(&mut frame.dot);
        frame.dot = if with { found } else { outer.clone() };
        self.under(yes, yes_clear, |machine| machine.nodes(&branch.list, frame));
        frame.dot = outer;
        if let Some(other) = &branch.other {
            self.under(no, no_clear, |machine| machine.nodes(other, frame));
        }
        frame.variables.truncate(variables);
    }

    /// Where these conditions hold.
    pub fn under(&mut self, facts: Vec<Fact>, clear: bool, run: impl FnOnce(&mut Self)) {
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
        self.tested(&over, frame, branch.pos);
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

    /// Does a list of nodes print nothing and change nothing, but for keys of maps?
    fn is_silent(&mut self, nodes: &[Node]) -> bool {
        nodes.iter().all(|node| match node {
            Node::Text { .. } => node.is_empty(),
            Node::Action(action) if !action.pipe.variables.is_empty() => !action.pipe.assigns,
            Node::Action(action) => self.is_silent_pipe(&action.pipe),
            Node::If(branch) | Node::With(branch) | Node::Range(branch) => {
                self.is_silent(&branch.list) && branch.other.as_ref().is_none_or(|other| self.is_silent(other))
            }
            Node::Template(call) => self.is_silent_template(&call.name.lossy()),
            Node::Break | Node::Continue => true,
        })
    }

    fn is_silent_pipe(&mut self, pipe: &Pipe) -> bool {
        let [command] = pipe.commands.as_slice() else {
            return pipe.commands.last().is_some_and(|last| is_function(last.operands.first().map(|o| &o.term), "fail"));
        };
        match command.operands.as_slice() {
            [first, ..] if is_function(Some(&first.term), "fail") => true,
            [first, name, ..] if is_function(Some(&first.term), "include") => match &name.term {
                Term::String { text, .. } => self.is_silent_template(&text.lossy()),
                _ => false,
            },
            _ => false,
        }
    }

    fn is_silent_template(&mut self, name: &str) -> bool {
        if let Some(known) = self.silent.get(name) {
            return *known;
        }
        // One that calls itself is as silent as the rest of it.
        self.silent.insert(name.to_string(), true);
        let nodes = self.defines.get(name).map(|(_, nodes)| *nodes);
        let silent = self.stack.len() < MAX_DEPTH && nodes.is_some_and(|nodes| self.is_silent(nodes));
        self.silent.insert(name.to_string(), silent);
        silent
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
                Atom::Made(_) | Atom::Key(_) | Atom::Volatile(_) | Atom::Anything => add(&mut items, atom.clone()),
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
        for atom in abs {
            match atom {
                Atom::Path(path) if matches!(self.paths.last(*path), Some(Step::Key(_))) => {
                    self.read(*path, How::Tested, frame, pos);
                    self.paths.touch(*path, false);
                }
                Atom::Dict(dict) => {
                    let bases = self.heap.get(*dict).map(|dict| dict.bases.clone()).unwrap_or_default();
                    if !bases.iter().any(|base| matches!(base, Atom::Dict(_))) {
                        self.tested(&bases, frame, pos);
                    }
                }
                _ => {}
            }
        }
    }

    /// Values are used with everything in them; gives what is made of them.
    pub fn consume(&mut self, abs: &Abs, how: How, frame: &mut Frame, pos: Pos) -> Abs {
        let mut made = Vec::new();
        let mut dicts = HashSet::new();
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
                Atom::Made(_) | Atom::Volatile(_) | Atom::Anything => add(&mut made, atom),
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
        let clear = self.unclear == 0;
        if self.seen_walks.insert((maps.clone(), checked, frame.file, pos, self.facts.clone(), clear)) {
            self.out.walks.push(Walk { maps, checked, file: frame.file, pos, facts: self.facts.clone(), clear });
        }
    }

    /// A template by its name; what is not there may read all that it is given.
    pub fn include(&mut self, name: &str, dot: Abs, frame: &mut Frame, pos: Pos) -> Abs {
        let mut found = None;
        let at = (frame.file, frame.fixed.unwrap_or(pos));
        let given = dot.clone();
        self.deeper(|machine| found = machine.call(name, dot, Some(at)));
        match found {
            Some(found) => found,
            None => {
                self.out.unknown_templates.insert(name.to_string());
                self.consume(&given, How::Whole, frame, pos)
            }
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

    pub fn fact(abs: &Abs, is: Is) -> Option<Fact> {
        only_paths(abs).map(|paths| Fact { paths, is })
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
