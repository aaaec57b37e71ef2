//! Calls: counts, checks and converts arguments as Go's reflection does. Source: text/template/exec.go.

use crate::collections::{Element, Map, Slice};
use crate::eval::Arguments;
use crate::exec::{At, Eval, Exec};
use crate::function::{Failure, Function, Type};
use crate::node::{Builtin, Operand, Term};
use crate::object::{Method, Object};
use crate::slot::Slot;
use crate::value::{Kind, Value};

/// The parameters of what is called.
#[derive(Clone, Copy)]
struct Signature {
    params: &'static [Type],
    variadic: Option<Type>,
}

impl<'t> Exec<'t> {
    pub fn library(&mut self, dot: &Slot, function: &'static Function, at: At<'t>, arguments: Arguments<'t>) -> Eval<Slot> {
        let signature = Signature { params: function.params, variadic: function.variadic };
        let values = self.values(dot, function.name, signature, arguments)?;
        let result = (function.call)(&values);
        self.called(function.name, at, result)
    }

    pub fn method(
        &mut self,
        dot: &Slot,
        object: &dyn Object,
        method: &Method,
        name: &str,
        at: At<'t>,
        arguments: Arguments<'t>,
    ) -> Eval<Slot> {
        let signature = Signature { params: method.params, variadic: method.variadic };
        let values = self.values(dot, name, signature, arguments)?;
        let result = (method.call)(object, &values);
        self.called(name, at, result)
    }

    pub fn builtin(&mut self, dot: &Slot, builtin: Builtin, name: &'t str, at: At<'t>, arguments: Arguments<'t>) -> Eval<Slot> {
        let (params, variadic): (&[Type], _) = match builtin {
            Builtin::And | Builtin::Or => return self.short_circuit(dot, builtin, name, arguments),
            Builtin::Call => return self.call(dot, name, at, arguments),
            Builtin::Html | Builtin::Js | Builtin::Urlquery | Builtin::Print | Builtin::Println => (&[], Some(Type::Any)),
            Builtin::Printf => (&[Type::String], Some(Type::Any)),
            Builtin::Eq | Builtin::Index => (&[Type::Reflect], Some(Type::Reflect)),
            Builtin::Len | Builtin::Not => (&[Type::Reflect], None),
            Builtin::Ge | Builtin::Gt | Builtin::Le | Builtin::Lt | Builtin::Ne => (&[Type::Reflect, Type::Reflect], None),
        };
        let slots = self.arguments(dot, name, Signature { params, variadic }, arguments)?;
        let result = crate::builtins::call(builtin, &slots);
        let slot = self.finished(name, at, result)?;
        self.made(&slot.value)?;
        Ok(slot)
    }

    fn called(&mut self, name: &str, at: At<'t>, result: Result<Value, Failure>) -> Eval<Slot> {
        let value = self.finished(name, at, result)?;
        self.made(&value)?;
        // A function that gives nil gives it as an interface{}.
        Ok(Slot { wrapped: value.is_nil(), value })
    }

    fn finished<T>(&mut self, name: &str, at: At<'t>, result: Result<T, Failure>) -> Eval<T> {
        match result {
            Ok(value) => Ok(value),
            Err(Failure::Error(text)) => {
                self.at = Some(at);
                self.error(format!("error calling {name}: {text}"))
            }
            Err(Failure::Unverifiable(reason)) => {
                self.at = Some(at);
                self.unverifiable(format!("{name}: {reason}"))
            }
        }
    }

    fn count(&self, name: &str, signature: Signature, arguments: &Arguments<'t>) -> Eval<usize> {
        let operands = arguments.operands.len().saturating_sub(1);
        let count = operands + usize::from(arguments.last.is_some());
        let wanted = signature.params.len();
        if signature.variadic.is_some() {
            if count < wanted {
                return self.error(format!("wrong number of args for {name}: want at least {wanted} got {operands}"));
            }
        } else if count != wanted {
            return self.error(format!("wrong number of args for {name}: want {wanted} got {count}"));
        }
        Ok(count)
    }

    fn values(&mut self, dot: &Slot, name: &str, signature: Signature, arguments: Arguments<'t>) -> Eval<Vec<Value>> {
        Ok(self.arguments(dot, name, signature, arguments)?.into_iter().map(|slot| slot.value).collect())
    }

    fn arguments(&mut self, dot: &Slot, name: &str, signature: Signature, arguments: Arguments<'t>) -> Eval<Vec<Slot>> {
        let count = self.count(name, signature, &arguments)?;
        let mut slots = Vec::with_capacity(count);
        let wanted = |at: usize| signature.params.get(at).copied().or(signature.variadic).unwrap_or(Type::Any);
        for operand in arguments.operands.iter().skip(1) {
            let slot = self.argument(dot, wanted(slots.len()), operand)?;
            slots.push(slot);
        }
        if let Some(last) = arguments.last {
            slots.push(self.validate(last, wanted(slots.len()))?);
        }
        let texts: usize = slots.iter().filter_map(|slot| slot.value.as_text()).map(|text| text.len() / 64).sum();
        self.step(1 + texts)?;
        Ok(slots)
    }

    /// `and` and `or` evaluate no more than they need.
    fn short_circuit(&mut self, dot: &Slot, builtin: Builtin, name: &str, arguments: Arguments<'t>) -> Eval<Slot> {
        self.count(name, Signature { params: &[Type::Reflect], variadic: Some(Type::Reflect) }, &arguments)?;
        let mut slot = Slot::invalid();
        for operand in arguments.operands.iter().skip(1) {
            slot = self.argument(dot, Type::Reflect, operand)?;
            if slot.value.is_true() == (builtin == Builtin::Or) {
                return Ok(slot);
            }
        }
        Ok(arguments.last.unwrap_or(slot))
    }

    /// No value of a template is a function, so this is an error with many faces.
    fn call(&mut self, dot: &Slot, name: &str, at: At<'t>, arguments: Arguments<'t>) -> Eval<Slot> {
        let callee = arguments.operands.get(1).map(Operand::text);
        let slots = self.arguments(dot, name, Signature { params: &[Type::Reflect], variadic: Some(Type::Reflect) }, arguments)?;
        let value = slots.first().map(|slot| slot.value.clone()).unwrap_or_default();
        let callee = callee.unwrap_or_else(|| match &value {
            Value::String(text) => text.lossy().into_owned(),
            Value::Nil => "<invalid Value>".into(),
            other => format!("<{} Value>", other.type_name()),
        });
        let text = if value.is_nil() { "call of nil".into() } else { format!("non-function {callee} of type {}", value.type_name()) };
        self.finished(name, at, Err(Failure::Error(text)))
    }

    fn argument(&mut self, dot: &Slot, wanted: Type, operand: &'t Operand) -> Eval<Slot> {
        self.at = Some(At::Operand(operand));
        self.step(1)?;
        let slot = match &operand.term {
            Term::Dot => dot.clone(),
            Term::Nil => {
                return match zero(wanted) {
                    Some(slot) => Ok(slot),
                    None => self.error(format!("cannot assign nil to {}", wanted.name())),
                };
            }
            Term::Field(names) => self.chain(dot, dot.clone(), At::Operand(operand), names, Arguments::none())?,
            Term::Variable(names) => self.named(dot, operand, names, Arguments::none())?,
            Term::Pipe(pipe) => self.pipeline(dot, pipe)?,
            Term::Function { name, function } => self.bare(dot, operand, *function, name)?,
            Term::Chain { .. } => self.chained(dot, operand, Arguments::none())?,
            constant => return self.constant(wanted, operand, constant),
        };
        self.validate(slot, wanted)
    }

    fn constant(&mut self, wanted: Type, operand: &'t Operand, term: &'t Term) -> Eval<Slot> {
        let value = match (wanted.kind(), term) {
            (Kind::Interface, _) | (Kind::Struct, _) if matches!(wanted, Type::Any | Type::Reflect) => match term {
                Term::Bool(truth) => Value::Bool(*truth),
                Term::Number(number) => self.ideal(operand, number)?,
                Term::String { text, .. } => Value::String(text.clone()),
                _ => return self.error(format!("can't handle assignment of {} to empty interface argument", operand.text())),
            },
            (Kind::Bool, Term::Bool(truth)) => Value::Bool(*truth),
            (Kind::Bool, _) => return self.error(format!("expected bool; found {}", operand.text())),
            (Kind::String, Term::String { text, .. }) => Value::String(text.clone()),
            (Kind::String, _) => return self.error(format!("expected string; found {}", operand.text())),
            (kind @ (Kind::Int | Kind::Int64), term) => match term {
                Term::Number(number) if number.int.is_some() => {
                    let n = number.int.unwrap_or_default();
                    if kind == Kind::Int { Value::Int(n) } else { Value::Int64(n) }
                }
                _ => return self.error(format!("expected integer; found {}", operand.text())),
            },
            (Kind::Uint64, term) => match term {
                Term::Number(number) if number.uint.is_some() => Value::Uint64(number.uint.unwrap_or_default()),
                _ => return self.error(format!("expected unsigned integer; found {}", operand.text())),
            },
            (Kind::Float64, term) => match term {
                Term::Number(number) if number.float.is_some() => Value::Float64(number.float.unwrap_or_default()),
                _ => return self.error(format!("expected float; found {}", operand.text())),
            },
            _ => return self.error(format!("can't handle {} for arg of type {}", operand.text(), wanted.name())),
        };
        Ok(Slot::plain(value))
    }

    /// Sees to it that a value can be given for a parameter of this type.
    fn validate(&self, slot: Slot, wanted: Type) -> Eval<Slot> {
        if !slot.is_valid() {
            return match zero(wanted) {
                Some(slot) => Ok(slot),
                None => self.error(format!("invalid value; expected {}", wanted.name())),
            };
        }
        match wanted {
            Type::Any | Type::Reflect => Ok(slot),
            _ if slot.is_nil_interface() => self.error(format!("wrong type for value; expected {}; got interface {{}}", wanted.name())),
            _ if slot.value.type_name() == wanted.name() => Ok(Slot::plain(slot.value)),
            _ => self.error(format!("wrong type for value; expected {}; got {}", wanted.name(), slot.value.type_name())),
        }
    }
}

/// What an untyped nil is as a parameter of this type, if it may be nil.
fn zero(wanted: Type) -> Option<Slot> {
    match wanted {
        Type::Any => Some(Slot { value: Value::Nil, wrapped: true }),
        Type::Reflect | Type::Pointer(_) => Some(Slot::invalid()),
        Type::Map => Some(Slot::plain(Value::Map(Map::nil(Element::Any)))),
        Type::List => Some(Slot::plain(Value::Slice(Slice::nil(Element::Any)))),
        Type::Strings => Some(Slot::plain(Value::Slice(Slice::nil(Element::String)))),
        _ => None,
    }
}
