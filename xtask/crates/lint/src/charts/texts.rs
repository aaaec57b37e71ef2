//! `tpl`: texts of the values that are templates themselves.

use std::collections::BTreeSet;

use gotemplate::syntax::Pos;
use serde_json::Value;

use super::abs::{Abs, Atom, join};
use super::facts::{Holds, child};
use super::machine::{Frame, Machine};
use super::paths::Step;
use super::reads::How;
use super::template;

/// Texts with templates in them that are run for one `tpl`.
const MAX_TEXTS: usize = 200;

impl Machine<'_> {
    /// Runs what the texts at hand have in them.
    pub fn tpl(&mut self, of: &Abs, dot: Abs, frame: &mut Frame, pos: Pos) -> Abs {
        let mut found = self.consume(of, How::Text, frame, pos);
        let mut templates = BTreeSet::new();
        let mut known = true;
        for atom in of.iter().chain(&found) {
            match atom {
                Atom::Text(text) => drop(templates.insert(text.to_string())),
                Atom::Path(path) | Atom::Made(path) => {
                    self.out.expanded.insert(*path);
                    for value in self.values {
                        gather(value, &self.paths.steps(*path), &mut templates);
                    }
                }
                Atom::Other | Atom::Chosen | Atom::Volatile(_) | Atom::Key(_) => {}
                Atom::Dict(_) | Atom::List { .. } => {}
                _ => known = false,
            }
        }
        let nothing = |atom: &Atom| matches!(atom, Atom::Other | Atom::Chosen | Atom::Files(_));
        if !known || of.iter().all(nothing) || templates.len() > MAX_TEXTS {
            self.consume(&dot, How::Whole, frame, pos);
            return vec![Atom::Anything];
        }
        let fixed = frame.fixed.unwrap_or(pos);
        for text in templates.iter().filter(|text| text.contains("{{")) {
            let Ok(trees) = template::parse("tpl", text) else { continue };
            for tree in trees.iter().filter(|tree| tree.name == "tpl") {
                let mut inner = Frame {
                    file: frame.file,
                    fixed: Some(fixed),
                    dollar: dot.clone(),
                    dot: dot.clone(),
                    variables: Vec::new(),
                    printed: Vec::new(),
                };
                self.under(Holds::default(), |machine| machine.nodes(&tree.nodes, &mut inner));
                join(&mut found, inner.printed);
            }
        }
        found
    }
}

/// Texts with templates in them at a path and below.
fn gather(value: &Value, steps: &[Step], found: &mut BTreeSet<String>) {
    let Some((step, rest)) = steps.split_first() else {
        match value {
            Value::String(text) if text.contains("{{") => drop(found.insert(text.clone())),
            Value::Array(list) => list.iter().for_each(|item| gather(item, steps, found)),
            Value::Object(map) => map.iter().for_each(|(key, item)| {
                if key.contains("{{") {
                    found.insert(key.clone());
                }
                gather(item, steps, found);
            }),
            _ => {}
        }
        return;
    };
    match (step, value) {
        (Step::Key(key), value) => {
            if let Some(below) = child(value, key) {
                gather(below, rest, found);
            }
        }
        (Step::Any | Step::Deep, Value::Array(list)) => list.iter().for_each(|item| below(item, step, steps, rest, found)),
        (Step::Any | Step::Deep, Value::Object(map)) => map.values().for_each(|item| below(item, step, steps, rest, found)),
        _ => {}
    }
}

fn below(item: &Value, step: &Step, steps: &[Step], rest: &[Step], found: &mut BTreeSet<String>) {
    gather(item, rest, found);
    if *step == Step::Deep {
        gather(item, steps, found);
    }
}
