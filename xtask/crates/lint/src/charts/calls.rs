//! Templates that call templates: each with what it is given, once for equal contexts.

use std::fmt::Write as _;
use std::hash::{Hash as _, Hasher as _};

use gotemplate::syntax::{Node, Pipe, Pos, Term};

use super::abs::{Abs, Atom, add};
use super::fast::Mixed;
use super::machine::{Frame, MAX_DEPTH, Machine, is_function};
use super::paths::{Path, Step};
use super::reads::How;

/// A template that calls itself this often with longer and longer paths walks any path.
const WIDEN_AT: usize = 2;

impl Machine<'_> {
    /// Runs a template by its name, and gives what its text is made of. `None` for one that is not there.
    pub fn call(&mut self, name: &str, dot: Abs, at: Option<(usize, Pos)>) -> Option<Abs> {
        let (file, nodes) = *self.defines.get(name)?;
        let depth = self.stack.iter().filter(|(other, _)| other == name).count();
        let dot = if depth >= WIDEN_AT { self.widened(dot) } else { dot };
        let mut key = String::with_capacity(name.len() + 64);
        key.push_str(name);
        let mut hasher = Mixed::default();
        self.facts.hash(&mut hasher);
        _ = write!(key, "\u{0}{:x}{}", hasher.finish(), if self.unclear > 0 { '?' } else { '.' });
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
                Atom::Text(text) => {
                    out.push('"');
                    out.push_str(text);
                    out.push('"');
                }
                Atom::Root(at) => _ = write!(out, "r{at},"),
                Atom::Path(path) => _ = write!(out, "p{path},"),
                Atom::Made(path) => _ = write!(out, "m{path},"),
                atom => _ = write!(out, "{atom:?},"),
            }
        }
        out.push(']');
        true
    }

    /// A template by its name; what is not there may read all that it is given.
    pub fn include(&mut self, name: &str, dot: Abs, frame: &mut Frame, pos: Pos) -> Abs {
        let mut found = None;
        let at = (frame.file, frame.fixed.unwrap_or(pos));
        let given = dot.clone();
        if frame.fixed.is_none() {
            self.out.calls.entry((frame.file, pos)).or_default().insert(name.to_string());
        }
        self.deeper(|machine| found = machine.call(name, dot, Some(at)));
        match found {
            Some(mut found) => {
                add(&mut found, Atom::Chosen);
                found
            }
            None => {
                self.out.unknown_templates.insert(name.to_string());
                self.consume(&given, How::Whole, frame, pos)
            }
        }
    }

    /// Does a list of nodes print nothing and change nothing, but for keys of maps?
    pub fn is_silent(&mut self, nodes: &[Node]) -> bool {
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
}
