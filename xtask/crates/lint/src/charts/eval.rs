//! Pipelines, operands and fields, and the conditions that pipelines are.

use std::sync::Arc;

use gotemplate::syntax::{Command, Operand, Pipe, Pos, Term};

use super::abs::{Abs, Atom, add, is_of_values, join, only_paths, text};
use super::facts::{Condition, Fact, Is};
use super::machine::{Frame, Machine, is_function};
use super::paths::ROOT;
use super::reads::How;

/// An argument of a function.
pub struct Arg {
    pub abs: Abs,
    /// A field as it stands: nil there is no map, where a variable or parentheses would make an empty one of it.
    pub direct: bool,
}

/// What the contexts of Helm's templates have.
const CONTEXT: &[&str] = &["Values", "Chart", "Release", "Capabilities", "Template", "Files", "Subcharts"];

impl Machine<'_> {
    pub fn pipe(&mut self, pipe: &Pipe, frame: &mut Frame) -> Abs {
        let found = self.value_of(pipe, frame);
        for name in &pipe.variables {
            match frame.variables.iter_mut().rev().find(|(known, _)| known == name).filter(|_| pipe.assigns) {
                Some((_, known)) => {
                    join(known, found.clone());
                    add(known, Atom::Chosen);
                }
                None => frame.variables.push((name.clone(), found.clone())),
            }
        }
        found
    }

    /// Without what it declares.
    pub fn value_of(&mut self, pipe: &Pipe, frame: &mut Frame) -> Abs {
        let mut last = None;
        self.deeper(|machine| {
            for command in &pipe.commands {
                last = Some(machine.command(command, last.take(), frame));
            }
        });
        last.unwrap_or_default()
    }

    fn command(&mut self, command: &Command, last: Option<Abs>, frame: &mut Frame) -> Abs {
        let Some((first, rest)) = command.operands.split_first() else { return Vec::new() };
        if let Term::Function { name, .. } = &first.term {
            return self.function(name, rest, last, frame, first.pos);
        }
        let found = self.operand(first, frame);
        if rest.is_empty() && last.is_none() {
            return found;
        }
        // A method: of what the context has, so of no values. What is given to it is used.
        let mut made = Vec::new();
        for argument in rest {
            let argument = self.operand(argument, frame);
            join(&mut made, self.consume(&argument, How::Text, frame, first.pos));
        }
        if let Some(last) = last {
            join(&mut made, self.consume(&last, How::Text, frame, first.pos));
        }
        join(&mut made, found);
        made
    }

    pub fn argument(&mut self, operand: &Operand, frame: &mut Frame) -> Arg {
        let direct = match &operand.term {
            Term::Field(_) | Term::Chain { .. } => true,
            Term::Variable(names) => names.len() > 1,
            _ => false,
        };
        Arg { abs: self.operand(operand, frame), direct }
    }

    pub fn operand(&mut self, operand: &Operand, frame: &mut Frame) -> Abs {
        match &operand.term {
            Term::Dot => frame.dot.clone(),
            Term::Nil => Vec::new(),
            Term::Bool(b) => text(if *b { "true" } else { "false" }),
            Term::Number(number) => text(&number.literal),
            Term::String { text: found, .. } => text(&found.lossy()),
            Term::Field(fields) => {
                let dot = frame.dot.clone();
                self.fields(dot, fields, frame, operand.pos)
            }
            Term::Variable(names) => {
                let Some((name, fields)) = names.split_first() else { return Vec::new() };
                let found = if &**name == "$" {
                    frame.dollar.clone()
                } else {
                    frame.variables.iter().rev().find(|(known, _)| known == name).map(|(_, abs)| abs.clone()).unwrap_or_default()
                };
                self.fields(found, fields, frame, operand.pos)
            }
            Term::Function { name, .. } => self.function(name, &[], None, frame, operand.pos),
            Term::Pipe(pipe) => self.value_of(pipe, frame),
            Term::Chain { of, fields } => {
                let of = self.operand(of, frame);
                self.fields(of, fields, frame, operand.pos)
            }
        }
    }

    /// A chain of fields. Go gives nil for a field of nil, but what a field of a map gave must be there for the next one.
    fn fields(&mut self, of: Abs, fields: &[Box<str>], frame: &mut Frame, pos: Pos) -> Abs {
        let mut found = of;
        // Steps of the chain that must be maps.
        let mut checked = 0;
        let mut begun = only_paths(&found).is_some();
        for (at, name) in fields.iter().enumerate() {
            if at > 0 && at + 1 == fields.len() {
                self.require(&found, checked, frame, pos);
            }
            let of_context = found.iter().any(|atom| matches!(atom, Atom::Root(_)));
            let next = self.field(&found, name, frame, pos);
            if begun {
                checked += 1;
            } else if only_paths(&next).is_some() {
                begun = true;
                checked = usize::from(!of_context);
            }
            found = next;
        }
        found
    }

    pub fn field(&mut self, of: &Abs, name: &str, frame: &Frame, pos: Pos) -> Abs {
        let mut found = Vec::new();
        for atom in of {
            match atom {
                Atom::Root(at) => join(&mut found, self.context(*at, name, frame, pos)),
                Atom::Path(path) => {
                    let child = self.paths.key(*path, name);
                    add(&mut found, Atom::Path(child));
                    // Helm lays the globals of a parent over those of its dependencies.
                    if name == "global" && *path != ROOT && self.scopes.contains(path) {
                        let global = self.paths.key(ROOT, "global");
                        add(&mut found, Atom::Path(global));
                    }
                    for from in self.imports.get(path).cloned().unwrap_or_default() {
                        let imported = self.paths.key(from, name);
                        add(&mut found, Atom::Path(imported));
                    }
                }
                Atom::About(at) if name == "Name" => {
                    let member = self.family.members.get(*at);
                    join(&mut found, text(member.map_or("", |member| member.name.as_str())));
                }
                Atom::Current(at) if name == "BasePath" => join(&mut found, text(&format!("{}/templates", self.family.base(*at)))),
                Atom::Subcharts(at) => add(&mut found, self.family.child(*at, name).map_or(Atom::Other, Atom::Root)),
                Atom::Dict(dict) => {
                    let Some(Dictionary { own, rest, bases }) = self.dictionary(*dict, name) else { continue };
                    join(&mut found, own);
                    join(&mut found, rest.into_iter().filter(|atom| !matches!(atom, Atom::Key(_))));
                    if !bases.is_empty() {
                        // A map with a context in it has more than the context.
                        let before = self.out.foreign.len();
                        join(&mut found, self.field(&bases, name, frame, pos));
                        self.out.foreign.truncate(before);
                    }
                }
                Atom::Made(_) | Atom::Volatile(_) | Atom::Chosen | Atom::Anything => add(&mut found, atom.clone()),
                _ => add(&mut found, Atom::Other),
            }
        }
        found
    }

    fn dictionary(&self, dict: usize, name: &str) -> Option<Dictionary> {
        let dict = self.heap.get(dict)?;
        Some(Dictionary { own: dict.keys.get(name).cloned().unwrap_or_default(), rest: dict.rest.clone(), bases: dict.bases.clone() })
    }

    fn context(&mut self, at: usize, name: &str, frame: &Frame, pos: Pos) -> Abs {
        match name {
            "Values" => vec![Atom::Path(self.scopes.get(at).copied().unwrap_or(ROOT))],
            "Chart" => vec![Atom::About(at)],
            "Template" => vec![Atom::Current(at)],
            "Files" => vec![Atom::Files(at)],
            "Subcharts" => vec![Atom::Subcharts(at)],
            _ => {
                if !CONTEXT.contains(&name) {
                    self.foreign(name, frame, pos);
                }
                vec![Atom::Other]
            }
        }
    }

    /// A child under a key that may be a constant.
    pub fn under_key(&mut self, of: &Abs, key: &Abs, frame: &mut Frame, pos: Pos) -> Abs {
        let mut found = Vec::new();
        for atom in key {
            match atom {
                Atom::Text(name) if name.parse::<usize>().is_ok() && !of.iter().any(|atom| matches!(atom, Atom::Dict(_))) => {
                    join(&mut found, self.item(of, name));
                }
                Atom::Text(name) => join(&mut found, self.field(of, name, frame, pos)),
                _ => join(&mut found, self.items(of)),
            }
        }
        if !key.iter().all(|atom| matches!(atom, Atom::Text(_) | Atom::Key(_))) {
            self.consume(key, How::Text, frame, pos);
        }
        found
    }

    /// The item of a list at a constant index, or the value under a key that is a number.
    fn item(&mut self, of: &Abs, index: &Arc<str>) -> Abs {
        let mut found = Vec::new();
        for atom in of {
            match atom {
                Atom::List { items, exact: true } => {
                    let item = index.parse::<usize>().ok().and_then(|at| items.get(at)).cloned();
                    join(&mut found, item.unwrap_or_default());
                }
                atom => join(&mut found, self.items(&vec![atom.clone()])),
            }
        }
        found
    }

    /// What holds where a pipeline is true, and where it is not.
    pub fn conditions(&mut self, pipe: &Pipe, frame: &mut Frame) -> Condition {
        let variables = frame.variables.len();
        let found = match pipe.commands.as_slice() {
            [one] => self.condition(one, frame),
            [first, last] => match last.operands.as_slice() {
                [function] if is_function(Some(&function.term), "not") || is_function(Some(&function.term), "empty") => {
                    self.condition(first, frame).negated()
                }
                [function, value] if is_function(Some(&function.term), "default") && is_false(value) => self.condition(first, frame),
                _ => self.unknown(pipe, frame),
            },
            _ => self.unknown(pipe, frame),
        };
        frame.variables.truncate(variables);
        found
    }

    /// It may depend on values in a way that is not understood.
    fn unknown(&mut self, pipe: &Pipe, frame: &mut Frame) -> Condition {
        let found = self.value_of(pipe, frame);
        Condition::unknown(!is_of_values(&found))
    }

    fn condition(&mut self, command: &Command, frame: &mut Frame) -> Condition {
        let Some((first, arguments)) = command.operands.split_first() else { return Condition::unknown(false) };
        match (&first.term, arguments) {
            (Term::Pipe(pipe), []) => self.conditions(pipe, frame),
            (Term::Function { name, .. }, arguments) => match (&**name, arguments) {
                ("not" | "empty", [one]) => self.of_operand(one, frame).negated(),
                ("and", all) => self.all(all, frame, false),
                ("or", all) => self.all(all, frame, true),
                ("eq" | "ne", [a, b]) => {
                    let (a, b) = (self.operand(a, frame), self.operand(b, frame));
                    let (of, constant) = if Self::constant(&b).is_some() { (a, b) } else { (b, a) };
                    match (only_paths(&of), Self::constant(&constant)) {
                        (Some(paths), Some(text)) => {
                            let equal = Condition::on(paths, Is::Equal(text.clone()), Is::Unequal(text));
                            if &**name == "eq" { equal } else { equal.negated() }
                        }
                        _ => Condition::unknown(!is_of_values(&of) && !is_of_values(&constant)),
                    }
                }
                ("hasKey", [map, key]) => {
                    let (map, key) = (self.operand(map, frame), self.operand(key, frame));
                    let found = Self::constant(&key).map(|key| self.field(&map, &key, frame, first.pos)).unwrap_or_default();
                    match only_paths(&found) {
                        Some(paths) => Condition::on(paths, Is::Present, Is::Absent),
                        None => Condition::unknown(!is_of_values(&map)),
                    }
                }
                ("kindIs" | "typeIs" | "kindIsLike" | "typeIsLike", [_, value]) => {
                    let value = self.operand(value, frame);
                    let mut found = Condition::unknown(!is_of_values(&value));
                    // Of another type it may be as well as nothing.
                    found.yes.facts.extend(only_paths(&value).map(|paths| Fact { paths, is: Is::Present }));
                    found
                }
                ("default", [value, of]) if is_false(value) => self.of_operand(of, frame),
                ("dig", _) => Condition::unknown(false),
                _ => {
                    let found = self.command(command, None, frame);
                    Condition::unknown(!is_of_values(&found))
                }
            },
            (_, []) => self.of_operand(first, frame),
            _ => {
                let found = self.command(command, None, frame);
                Condition::unknown(!is_of_values(&found))
            }
        }
    }

    pub fn of_operand(&mut self, operand: &Operand, frame: &mut Frame) -> Condition {
        if let Term::Pipe(pipe) = &operand.term {
            return self.conditions(pipe, frame);
        }
        let found = self.operand(operand, frame);
        match only_paths(&found) {
            Some(paths) => Condition::on(paths, Is::True, Is::False),
            None => Condition::unknown(!is_of_values(&found)),
        }
    }

    /// `and` and `or`: the one holds as all its parts do, the other is negated as all its parts are.
    fn all(&mut self, parts: &[Operand], frame: &mut Frame, or: bool) -> Condition {
        let mut whole: Option<Condition> = None;
        let (outer, unclear) = (self.facts.len(), self.unclear);
        for part in parts {
            let found = self.of_operand(part, frame);
            let found = if or { found.negated() } else { found };
            // Go looks at the next part only where this holds.
            self.facts.extend(found.yes.facts.iter().cloned());
            self.unclear += usize::from(!found.yes.clear);
            whole = Some(match whole {
                Some(whole) => whole.and(found),
                None => found,
            });
        }
        self.facts.truncate(outer);
        self.unclear = unclear;
        let whole = whole.unwrap_or_default();
        if or { whole.negated() } else { whole }
    }
}

struct Dictionary {
    own: Abs,
    rest: Abs,
    bases: Abs,
}

/// A constant that is false in a condition.
fn is_false(operand: &Operand) -> bool {
    match &operand.term {
        Term::Bool(b) => !b,
        Term::Nil => true,
        Term::String { text, .. } => text.is_empty(),
        Term::Number(number) => number.float == Some(0.0),
        Term::Function { name, .. } => matches!(&**name, "dict" | "list"),
        Term::Pipe(pipe) => match pipe.commands.as_slice() {
            [command] => matches!(command.operands.as_slice(), [one] if is_false(one)),
            _ => false,
        },
        _ => false,
    }
}
