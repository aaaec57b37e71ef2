//! Go's own functions but for `and`, `or` and `call`, and for `slice`, which the library hides. Source: text/template/funcs.go,
//! also for their errors.

use crate::compare;
use crate::escape;
use crate::function::Failure;
use crate::node::Builtin;
use crate::print::{sprint, sprintln};
use crate::printf::sprintf;
use crate::slot::Slot;
use crate::text::Text;
use crate::value::Value;

pub fn call(builtin: Builtin, slots: &[Slot]) -> Result<Slot, Failure> {
    let value = match (builtin, slots) {
        (Builtin::Index, [item, indexes @ ..]) => return index(item, indexes),
        (Builtin::Len, [item]) => Value::Int(length(item)?),
        (Builtin::Not, [slot]) => Value::Bool(!slot.value.is_true()),
        (Builtin::Eq, [one, others @ ..]) => Value::Bool(compare::equal(&one.value, others)?),
        (Builtin::Ne, [one, other]) => Value::Bool(!compare::equal(&one.value, std::slice::from_ref(other))?),
        (Builtin::Lt, [one, other]) => Value::Bool(compare::less(&one.value, &other.value)?),
        (Builtin::Le, [one, other]) => Value::Bool(compare::less_or_equal(&one.value, other)?),
        (Builtin::Gt, [one, other]) => Value::Bool(!compare::less_or_equal(&one.value, other)?),
        (Builtin::Ge, [one, other]) => Value::Bool(!compare::less(&one.value, &other.value)?),
        (Builtin::Print, _) => sprint(&values(slots))?.into(),
        (Builtin::Println, _) => sprintln(&values(slots))?.into(),
        (Builtin::Printf, [format, arguments @ ..]) => {
            let format = format.value.as_text().map(Text::as_bytes).unwrap_or_default();
            sprintf(format, &values(arguments))?.into()
        }
        (Builtin::Html, _) => escaped(slots, escape::html)?,
        (Builtin::Js, _) => escaped(slots, escape::js)?,
        (Builtin::Urlquery, _) => escaped(slots, escape::query)?,
        _ => return Err(Failure::error("wrong number of args")),
    };
    Ok(Slot::plain(value))
}

fn values(slots: &[Slot]) -> Vec<Value> {
    slots.iter().map(|slot| slot.value.clone()).collect()
}

/// The escapers take what the arguments print all together; nil is `<no value>` to them.
fn escaped(slots: &[Slot], escape: fn(&[u8]) -> Vec<u8>) -> Result<Value, Failure> {
    let values: Vec<Value> = slots.iter().map(|slot| if slot.value.is_nil() { "<no value>".into() } else { slot.value.clone() }).collect();
    Ok(Value::String(escape(sprint(&values)?.as_bytes()).into()))
}

fn length(item: &Slot) -> Result<i64, Failure> {
    match &item.value {
        Value::String(text) => Ok(text.len() as i64),
        Value::Slice(slice) => Ok(slice.len() as i64),
        Value::Map(map) => Ok(map.len() as i64),
        Value::Nil if item.wrapped => Err(Failure::error("len of nil pointer")),
        Value::Nil => Err(Failure::error("reflect: call of reflect.Value.Type on zero Value")),
        other => Err(Failure::Error(format!("len of type {}", other.type_name()))),
    }
}

/// `index`, which checks less than it could: the length itself passes.
fn position(index: &Value, most: usize) -> Result<usize, Failure> {
    let number = index.as_int().or_else(|| index.as_uint().map(|n| n as i64));
    match (number, index) {
        (Some(n), _) if n >= 0 && n as u64 <= most as u64 => Ok(n as usize),
        (Some(n), _) => Err(Failure::Error(format!("index out of range: {n}"))),
        (None, Value::Nil) => Err(Failure::error("cannot index slice/array with nil")),
        (None, other) => Err(Failure::Error(format!("cannot index slice/array with type {}", other.type_name()))),
    }
}

fn index(item: &Slot, indexes: &[Slot]) -> Result<Slot, Failure> {
    if item.value.is_nil() {
        return Err(Failure::error("index of untyped nil"));
    }
    // The first item is unwrapped, the ones within are as their collection holds them.
    let mut item = Slot::plain(item.value.clone());
    for index in indexes {
        item = match &item.value {
            Value::Nil => return Err(Failure::error("index of nil pointer")),
            Value::String(text) => {
                let byte = text.as_bytes().get(position(&index.value, text.len())?);
                let byte = byte.ok_or_else(|| Failure::error("reflect: string index out of range"))?;
                Slot::plain(Value::Uint8(*byte))
            }
            Value::Slice(slice) => {
                let found = slice.get(position(&index.value, slice.len())?);
                Slot::item(found.ok_or_else(|| Failure::error("reflect: slice index out of range"))?, slice.element())
            }
            Value::Map(map) => match &index.value {
                Value::String(key) => {
                    let found = map.get(key.as_bytes()).unwrap_or_else(|| map.element().zero());
                    Slot::item(found, map.element())
                }
                Value::Nil => return Err(Failure::error("value is nil; should be of type string")),
                other => return Err(Failure::Error(format!("value has type {}; should be string", other.type_name()))),
            },
            other => return Err(Failure::Error(format!("can't index item of type {}", other.type_name()))),
        };
    }
    Ok(item)
}
