//! Execution: walks the nodes and writes what they print. Source: text/template/exec.go, also for its errors.

use crate::error::{Error, ErrorKind};
use crate::function::Failure;
use crate::node::{Action, Branch, Call, Command, Node, Operand, Pipe};
use crate::options::Options;
use crate::parse::{Trees, place};
use crate::print::{MAX_OUTPUT, print_into, with_verb};
use crate::quote::quote;
use crate::slot::Slot;
use crate::text::Text;
use crate::value::{Kind, Value};

/// Nodes, commands and operands that one execution may visit: some seconds.
const MAX_STEPS: usize = 20_000_000;
/// Bytes that its functions may give all together.
const MAX_MADE: usize = 1 << 30;
/// Blocks within templates within blocks. Go allows 100,000 templates.
const MAX_DEPTH: usize = 800;

pub type Eval<T> = Result<T, Box<Error>>;

/// Whether a range goes on.
pub enum Flow {
    Next,
    Break,
    Continue,
}

/// The node that an error is about.
#[derive(Clone, Copy)]
pub enum At<'t> {
    Action(&'t Action),
    Branch(&'t Branch, &'static str),
    Call(&'t Call),
    Pipe(&'t Pipe),
    Command(&'t Command),
    Operand(&'t Operand),
}

pub struct Exec<'t> {
    pub trees: &'t Trees,
    pub text: &'t str,
    /// Of the template that was parsed, for places.
    pub parsed: &'t str,
    /// Of the template that is being executed.
    pub name: Text,
    pub options: Options,
    pub out: Vec<u8>,
    pub at: Option<At<'t>>,
    pub variables: Vec<(&'t str, Slot)>,
    /// Where the variables of this template begin.
    pub base: usize,
    depth: usize,
    steps: usize,
    made: usize,
}

impl<'t> Exec<'t> {
    pub fn new(trees: &'t Trees, text: &'t str, parsed: &'t str, options: Options, data: &Value) -> Self {
        let dot = Slot::plain(data.clone());
        Self {
            trees,
            text,
            parsed,
            name: parsed.into(),
            options,
            out: Vec::with_capacity(text.len() + 32),
            at: None,
            variables: vec![("$", dot)],
            base: 0,
            depth: 0,
            steps: 0,
            made: 0,
        }
    }

    /// Line, column and text of the node that is at work.
    fn context(&self) -> (usize, usize, String) {
        let mut text = String::new();
        let pos = match self.at {
            None => return (1, 0, text),
            Some(At::Action(node)) => {
                node.write(&mut text);
                node.pos
            }
            Some(At::Branch(node, name)) => {
                node.write(name, &mut text);
                node.pos
            }
            Some(At::Call(node)) => {
                node.write(&mut text);
                node.pos
            }
            Some(At::Pipe(node)) => {
                node.write(&mut text);
                node.pos
            }
            Some(At::Command(node)) => {
                node.write(&mut text);
                node.pos
            }
            Some(At::Operand(node)) => {
                node.write(&mut text);
                node.pos
            }
        };
        let (line, column) = place(self.text, pos);
        (line, column, text)
    }

    #[cold]
    pub fn error<T>(&self, text: impl AsRef<str>) -> Eval<T> {
        let (line, column, context) = self.context();
        let (name, parsed) = (quote(self.name.as_bytes()), self.parsed);
        let message = format!("template: {parsed}:{line}:{column}: executing {name} at <{context}>: {}", text.as_ref());
        Err(Box::new(Error { kind: ErrorKind::Exec, line: Some(line), column: Some(column), message }))
    }

    #[cold]
    pub fn unverifiable<T>(&self, reason: impl AsRef<str>) -> Eval<T> {
        let (line, column, context) = self.context();
        let message = format!("<{context}>: {}", reason.as_ref());
        Err(Box::new(Error { kind: ErrorKind::Unverifiable, line: Some(line), column: Some(column), message }))
    }

    /// A failure of a function or of printing, which is not an error of the function `name`.
    pub fn printed<T>(&self, result: Result<T, Failure>) -> Eval<T> {
        match result {
            Ok(value) => Ok(value),
            Err(Failure::Error(text)) => self.error(text),
            Err(Failure::Unverifiable(reason)) => self.unverifiable(reason),
        }
    }

    pub fn step(&mut self, count: usize) -> Eval<()> {
        self.steps += count;
        if self.steps > MAX_STEPS {
            return self.unverifiable("the template takes too long");
        }
        Ok(())
    }

    /// Counts what a function gave.
    pub fn made(&mut self, value: &Value) -> Eval<()> {
        let size = match value {
            Value::String(text) => text.len(),
            Value::Slice(slice) => slice.len() * size_of::<Value>(),
            Value::Map(map) => map.len() * size_of::<Value>() * 2,
            _ => return Ok(()),
        };
        self.made += size;
        if self.made > MAX_MADE {
            return self.unverifiable(format!("the template makes more than {} MiB", MAX_MADE >> 20));
        }
        self.step(size / 64)
    }

    fn write(&mut self, bytes: &[u8]) -> Eval<()> {
        self.out.extend_from_slice(bytes);
        if self.out.len() > MAX_OUTPUT {
            return self.unverifiable(format!("the template prints more than {} MiB", MAX_OUTPUT >> 20));
        }
        Ok(())
    }

    pub fn list(&mut self, dot: &Slot, nodes: &'t [Node]) -> Eval<Flow> {
        if self.depth >= MAX_DEPTH {
            return self.unverifiable(format!("templates and blocks nest more than {MAX_DEPTH} deep; Go ends at 100000 templates"));
        }
        self.depth += 1;
        for node in nodes {
            match self.walk(dot, node)? {
                Flow::Next => {}
                flow => {
                    self.depth -= 1;
                    return Ok(flow);
                }
            }
        }
        self.depth -= 1;
        Ok(Flow::Next)
    }

    fn walk(&mut self, dot: &Slot, node: &'t Node) -> Eval<Flow> {
        self.step(1)?;
        match node {
            Node::Text { text, .. } => self.write(text.as_bytes())?,
            Node::Action(action) => {
                self.at = Some(At::Action(action));
                let slot = self.pipeline(dot, &action.pipe)?;
                if action.pipe.variables.is_empty() {
                    self.at = Some(At::Action(action));
                    self.print(&slot)?;
                }
            }
            Node::If(branch) => return self.choose(dot, branch, "if"),
            Node::With(branch) => return self.choose(dot, branch, "with"),
            Node::Range(branch) => return self.range(dot, branch),
            Node::Template(call) => self.template(dot, call)?,
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    fn print(&mut self, slot: &Slot) -> Eval<()> {
        if !slot.is_valid() {
            return self.write(b"<no value>");
        }
        let mut out = std::mem::take(&mut self.out);
        let done = print_into(&mut out, &slot.value);
        self.out = out;
        self.printed(done)?;
        self.write(b"")
    }

    fn choose(&mut self, dot: &Slot, branch: &'t Branch, name: &'static str) -> Eval<Flow> {
        self.at = Some(At::Branch(branch, name));
        let mark = self.variables.len();
        let slot = self.pipeline(dot, &branch.pipe)?;
        let flow = match (slot.value.is_true(), &branch.other) {
            (true, _) if name == "with" => self.list(&slot, &branch.list)?,
            (true, _) => self.list(dot, &branch.list)?,
            (false, Some(other)) => self.list(dot, other)?,
            (false, None) => Flow::Next,
        };
        self.variables.truncate(mark);
        Ok(flow)
    }

    fn range(&mut self, dot: &Slot, branch: &'t Branch) -> Eval<Flow> {
        self.at = Some(At::Branch(branch, "range"));
        let outer = self.variables.len();
        let over = self.pipeline(dot, &branch.pipe)?.value;
        let mark = self.variables.len();
        let ran = match &over {
            Value::Nil => false,
            Value::Slice(slice) if slice.has_open_order() => {
                return self.unverifiable("ranges over a map's keys or values in an order that is another one each time: sort them");
            }
            Value::Slice(slice) => {
                for (at, item) in slice.items().iter().enumerate() {
                    let item = Slot::item(item.clone(), slice.element());
                    if !self.iteration(branch, Slot::plain(Value::Int(at as i64)), item, mark)? {
                        break;
                    }
                }
                !slice.is_empty()
            }
            Value::Map(map) => {
                let entries = map.entries();
                let any = !entries.is_empty();
                for (key, item) in entries {
                    if !self.iteration(branch, Slot::plain(Value::String(key)), Slot::item(item, map.element()), mark)? {
                        break;
                    }
                }
                any
            }
            Value::Object(object) if object.integer().is_some() => {
                return self.unverifiable(format!("ranges over a {}", object.type_name()));
            }
            number if number.as_int().is_some() || number.as_uint().is_some() => {
                let count = number.as_int().map_or_else(|| number.as_uint().unwrap_or_default(), |n| n.max(0).unsigned_abs());
                if branch.pipe.variables.len() > 1 {
                    let shown = number.as_int().map_or_else(|| count.to_string(), |n| n.to_string());
                    return self.error(format!("can't use {shown} to iterate over more than one variable"));
                }
                for n in 0..count {
                    if !self.iteration(branch, Slot::invalid(), Slot::plain(counted(number.kind(), n)), mark)? {
                        break;
                    }
                }
                count > 0
            }
            other => {
                let shown = self.printed(with_verb(other, 'v'))?;
                return self.error(format!("range can't iterate over {}", shown.lossy()));
            }
        };
        let mut flow = Flow::Next;
        if let (false, Some(other)) = (ran, &branch.other) {
            // Within `else` both mean an outer range; in Go a break gets no further than this one all the same.
            flow = match self.list(dot, other)? {
                Flow::Continue => Flow::Continue,
                Flow::Break | Flow::Next => Flow::Next,
            };
        }
        self.variables.truncate(outer);
        Ok(flow)
    }

    /// One turn; false after a break.
    fn iteration(&mut self, branch: &'t Branch, index: Slot, item: Slot, mark: usize) -> Eval<bool> {
        self.step(1)?;
        let names = &branch.pipe.variables;
        if branch.pipe.assigns {
            if let [index_name, item_name] = names.as_slice() {
                self.assign(index_name, index)?;
                self.assign(item_name, item.clone())?;
            } else if let [item_name] = names.as_slice() {
                self.assign(item_name, item.clone())?;
            }
        } else {
            let top = self.variables.len();
            if !names.is_empty()
                && let Some(variable) = top.checked_sub(1).and_then(|at| self.variables.get_mut(at))
            {
                variable.1 = item.clone();
            }
            if names.len() > 1
                && let Some(variable) = top.checked_sub(2).and_then(|at| self.variables.get_mut(at))
            {
                variable.1 = index;
            }
        }
        let flow = self.list(&item, &branch.list)?;
        self.variables.truncate(mark);
        Ok(!matches!(flow, Flow::Break))
    }

    fn template(&mut self, dot: &Slot, call: &'t Call) -> Eval<()> {
        self.at = Some(At::Call(call));
        let Some((name, root)) = self.trees.get_key_value(&call.name) else {
            return self.error(format!("template {} not defined", quote(call.name.as_bytes())));
        };
        let dot = match &call.pipe {
            Some(pipe) => self.pipeline(dot, pipe)?,
            None => Slot::invalid(),
        };
        let at = self.at;
        let base = std::mem::replace(&mut self.base, self.variables.len());
        let outer = std::mem::replace(&mut self.name, name.clone());
        self.variables.push(("$", dot.clone()));
        self.list(&dot, root)?;
        self.variables.truncate(self.base);
        self.base = base;
        self.name = outer;
        self.at = at;
        Ok(())
    }

    pub fn assign(&mut self, name: &str, slot: Slot) -> Eval<()> {
        let base = self.base;
        match self.variables.get_mut(base..).and_then(|own| own.iter_mut().rev().find(|variable| variable.0 == name)) {
            Some(variable) => {
                variable.1 = slot;
                Ok(())
            }
            None => self.error(format!("undefined variable: {name}")),
        }
    }

    pub fn variable(&self, name: &str) -> Eval<Slot> {
        match self.variables.get(self.base..).and_then(|own| own.iter().rev().find(|variable| variable.0 == name)) {
            Some(variable) => Ok(variable.1.clone()),
            None => self.error(format!("undefined variable: {name}")),
        }
    }
}

/// The nth number of a range over a number of this kind.
fn counted(kind: Kind, n: u64) -> Value {
    match kind {
        Kind::Int8 => Value::Int8(n as i8),
        Kind::Int16 => Value::Int16(n as i16),
        Kind::Int32 => Value::Int32(n as i32),
        Kind::Int64 => Value::Int64(n as i64),
        Kind::Uint => Value::Uint(n),
        Kind::Uint8 => Value::Uint8(n as u8),
        Kind::Uint16 => Value::Uint16(n as u16),
        Kind::Uint32 => Value::Uint32(n as u32),
        Kind::Uint64 => Value::Uint64(n),
        _ => Value::Int(n as i64),
    }
}
