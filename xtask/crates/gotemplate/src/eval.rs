//! Evaluation of pipelines, commands and fields. Source: text/template/exec.go.

use crate::exec::{At, Eval, Exec};
use crate::node::{Callee, Command, Number, Operand, Pipe, Term};
use crate::object::Object;
use crate::options::MissingKey;
use crate::slot::Slot;
use crate::value::Value;

/// The arguments of a command: its operands with the called one first, and what the pipeline hands on as the last.
pub struct Arguments<'t> {
    pub operands: &'t [Operand],
    pub last: Option<Slot>,
}

impl Arguments<'_> {
    pub fn none() -> Self {
        Self { operands: &[], last: None }
    }

    fn any(&self) -> bool {
        self.operands.len() > 1 || self.last.is_some()
    }
}

impl<'t> Exec<'t> {
    pub fn pipeline(&mut self, dot: &Slot, pipe: &'t Pipe) -> Eval<Slot> {
        self.at = Some(At::Pipe(pipe));
        let mut last = None;
        for command in &pipe.commands {
            let mut slot = self.command(dot, command, last)?;
            slot.wrapped = false;
            last = Some(slot);
        }
        let slot = last.unwrap_or_default();
        for name in &pipe.variables {
            if pipe.assigns {
                self.assign(name, slot.clone())?;
            } else {
                self.variables.push((name, slot.clone()));
            }
        }
        Ok(slot)
    }

    fn command(&mut self, dot: &Slot, command: &'t Command, last: Option<Slot>) -> Eval<Slot> {
        self.step(1)?;
        let arguments = Arguments { operands: &command.operands, last };
        let Some(first) = command.operands.first() else { return Ok(Slot::invalid()) };
        match &first.term {
            Term::Field(names) => {
                self.at = Some(At::Operand(first));
                self.chain(dot, dot.clone(), At::Operand(first), names, arguments)
            }
            Term::Chain { .. } => self.chained(dot, first, arguments),
            Term::Function { name, function } => self.function(dot, first, *function, name, At::Command(command), arguments),
            Term::Pipe(pipe) => {
                self.not_a_function(&arguments)?;
                self.pipeline(dot, pipe)
            }
            Term::Variable(names) => self.named(dot, first, names, arguments),
            constant => {
                self.at = Some(At::Operand(first));
                self.not_a_function(&arguments)?;
                match constant {
                    Term::Dot => Ok(dot.clone()),
                    Term::Bool(truth) => Ok(Slot::plain(Value::Bool(*truth))),
                    Term::Number(number) => Ok(Slot::plain(self.ideal(first, number)?)),
                    Term::String { text, .. } => Ok(Slot::plain(Value::String(text.clone()))),
                    _ => self.error("nil is not a command"),
                }
            }
        }
    }

    fn not_a_function(&self, arguments: &Arguments<'t>) -> Eval<()> {
        match arguments.operands.first() {
            Some(first) if arguments.any() => self.error(format!("can't give argument to non-function {}", first.text())),
            _ => Ok(()),
        }
    }

    /// A constant where no type is asked for.
    pub fn ideal(&mut self, operand: &'t Operand, number: &Number) -> Eval<Value> {
        self.at = Some(At::Operand(operand));
        let literal = &*number.literal;
        let hex = literal.len() > 2 && (literal.starts_with("0x") || literal.starts_with("0X")) && !literal.contains(['p', 'P']);
        match number {
            Number { complex: Some((re, im)), .. } => Ok(Value::Complex128(*re, *im)),
            Number { float: Some(n), .. } if !hex && !literal.starts_with('\'') && literal.contains(['.', 'e', 'E', 'p', 'P']) => {
                Ok(Value::Float64(*n))
            }
            Number { int: Some(n), .. } => Ok(Value::Int(*n)),
            _ => self.error(format!("{literal} overflows int")),
        }
    }

    pub fn chained(&mut self, dot: &Slot, operand: &'t Operand, arguments: Arguments<'t>) -> Eval<Slot> {
        let Term::Chain { of, fields } = &operand.term else { return Ok(Slot::invalid()) };
        self.at = Some(At::Operand(operand));
        self.at = Some(At::Operand(of));
        let base = match &of.term {
            Term::Pipe(pipe) => self.pipeline(dot, pipe)?,
            Term::Function { name, function } => self.function(dot, of, *function, name, At::Operand(of), Arguments::none())?,
            _ => return self.error(format!("can't evaluate command {}", of.text())),
        };
        self.chain(dot, base, At::Operand(operand), fields, arguments)
    }

    /// `$x` or `$x.Field`.
    pub fn named(&mut self, dot: &Slot, operand: &'t Operand, names: &'t [Box<str>], arguments: Arguments<'t>) -> Eval<Slot> {
        self.at = Some(At::Operand(operand));
        let Some((variable, fields)) = names.split_first() else { return Ok(Slot::invalid()) };
        let slot = self.variable(variable)?;
        if fields.is_empty() {
            self.not_a_function(&arguments)?;
            return Ok(slot);
        }
        self.chain(dot, slot, At::Operand(operand), fields, arguments)
    }

    /// `.X.Y.Z`: only the last one gets the arguments.
    pub fn chain(&mut self, dot: &Slot, mut receiver: Slot, at: At<'t>, names: &'t [Box<str>], arguments: Arguments<'t>) -> Eval<Slot> {
        let Some((last, names)) = names.split_last() else { return Ok(receiver) };
        for name in names {
            receiver = self.field(dot, name, at, Arguments::none(), receiver)?;
        }
        self.field(dot, last, at, arguments, receiver)
    }

    fn field(&mut self, dot: &Slot, name: &'t str, at: At<'t>, arguments: Arguments<'t>, receiver: Slot) -> Eval<Slot> {
        if !receiver.is_valid() {
            if self.options.missing_key == MissingKey::Error {
                return self.error(format!("nil data; no entry for key {}", crate::quote::quote(name.as_bytes())));
            }
            return Ok(Slot::invalid());
        }
        if receiver.is_nil_interface() {
            return self.error(format!("nil pointer evaluating interface {{}}.{name}"));
        }
        match &receiver.value {
            Value::Object(object) => self.member(dot, &**object, name, at, arguments),
            Value::Map(map) => {
                if arguments.any() {
                    return self.error(format!("{name} is not a method but has arguments"));
                }
                match (map.get(name.as_bytes()), self.options.missing_key) {
                    (Some(value), _) => Ok(Slot::item(value, map.element())),
                    (None, MissingKey::Default) => Ok(Slot::invalid()),
                    (None, MissingKey::Zero) => Ok(Slot::item(map.element().zero(), map.element())),
                    (None, MissingKey::Error) => self.error(format!("map has no entry for key {}", crate::quote::quote(name.as_bytes()))),
                }
            }
            _ => self.error(format!("can't evaluate field {name} in type {}", receiver.type_name())),
        }
    }

    fn member(&mut self, dot: &Slot, object: &dyn Object, name: &str, at: At<'t>, arguments: Arguments<'t>) -> Eval<Slot> {
        if let Some(method) = object.method(name) {
            return self.method(dot, object, &method, name, at, arguments);
        }
        let field = object.fields().into_iter().find(|(field, _)| *field == name);
        match field {
            Some(_) if arguments.any() => self.error(format!("{name} has arguments but cannot be invoked as function")),
            Some((_, value)) => Ok(Slot::plain(value)),
            // Go's type may have it; to say that it has not could be wrong.
            None => self.unverifiable(format!("{name} of a {}", object.type_name())),
        }
    }

    fn function(
        &mut self,
        dot: &Slot,
        operand: &'t Operand,
        function: Callee,
        name: &'t str,
        at: At<'t>,
        arguments: Arguments<'t>,
    ) -> Eval<Slot> {
        self.at = Some(At::Operand(operand));
        match function {
            Callee::Builtin(builtin) => self.builtin(dot, builtin, name, at, arguments),
            Callee::Library(function) => self.library(dot, function, at, arguments),
            Callee::Foreign => self.unverifiable(format!("`{name}` is not a function of Argo CD")),
        }
    }

    /// A function without arguments, in the place of an argument.
    pub fn bare(&mut self, dot: &Slot, operand: &'t Operand, function: Callee, name: &'t str) -> Eval<Slot> {
        self.function(dot, operand, function, name, At::Operand(operand), Arguments::none())
    }
}
