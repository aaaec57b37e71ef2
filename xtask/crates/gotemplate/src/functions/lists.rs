//! Functions on lists. A list may be any slice, `[]string` too; the answer is nearly always `[]interface{}`.

use super::support::{self, Answer, any, fixed, int, nil_dereference, rest, variadic};
use super::{cast, reflection};
use crate::collections::{Element, Slice};
use crate::function::Type::{Any, Int};
use crate::function::{Failure, Function};
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    variadic("list", &[], Any, |a| Ok(list_of(a))),
    variadic("tuple", &[], Any, |a| Ok(list_of(a))),
    fixed("append", &[Any, Any], push),
    fixed("push", &[Any, Any], push),
    fixed("mustAppend", &[Any, Any], push),
    fixed("mustPush", &[Any, Any], push),
    fixed("prepend", &[Any, Any], prepend),
    fixed("mustPrepend", &[Any, Any], prepend),
    fixed("first", &[Any], first),
    fixed("mustFirst", &[Any], first),
    fixed("last", &[Any], last),
    fixed("mustLast", &[Any], last),
    fixed("rest", &[Any], rest_of),
    fixed("mustRest", &[Any], rest_of),
    fixed("initial", &[Any], initial),
    fixed("mustInitial", &[Any], initial),
    fixed("reverse", &[Any], reverse),
    fixed("mustReverse", &[Any], reverse),
    fixed("compact", &[Any], compact),
    fixed("mustCompact", &[Any], compact),
    fixed("uniq", &[Any], uniq),
    fixed("mustUniq", &[Any], uniq),
    variadic("without", &[Any], Any, without),
    variadic("mustWithout", &[Any], Any, without),
    fixed("has", &[Any, Any], has),
    fixed("mustHas", &[Any, Any], has),
    variadic("slice", &[Any], Any, slice),
    variadic("mustSlice", &[Any], Any, slice),
    variadic("concat", &[], Any, concat),
    fixed("chunk", &[Int, Any], chunk),
    fixed("mustChunk", &[Int, Any], chunk),
];

/// Go gives a variadic function without arguments a slice that is empty, not nil.
fn list_of(args: &[Value]) -> Value {
    Value::list(args.to_vec())
}

fn push(args: &[Value]) -> Answer {
    let mut items = support::slice(any(args, 0), "Cannot push on type")?.items().to_vec();
    items.push(any(args, 1).clone());
    Ok(Value::list(items))
}

fn prepend(args: &[Value]) -> Answer {
    let mut items = vec![any(args, 1).clone()];
    items.extend_from_slice(&support::slice(any(args, 0), "Cannot prepend on type")?.items());
    Ok(Value::list(items))
}

fn first(args: &[Value]) -> Answer {
    Ok(support::slice(any(args, 0), "Cannot find first on type")?.get(0).unwrap_or_default())
}

fn last(args: &[Value]) -> Answer {
    Ok(support::slice(any(args, 0), "Cannot find last on type")?.items().last().cloned().unwrap_or_default())
}

fn rest_of(args: &[Value]) -> Answer {
    let items = support::slice(any(args, 0), "Cannot find rest on type")?.items();
    Ok(items.split_first().map_or(nil_list(), |(_, rest)| Value::list(rest.to_vec())))
}

fn initial(args: &[Value]) -> Answer {
    let items = support::slice(any(args, 0), "Cannot find initial on type")?.items();
    Ok(items.split_last().map_or(nil_list(), |(_, rest)| Value::list(rest.to_vec())))
}

fn nil_list() -> Value {
    Value::Slice(Slice::nil(Element::Any))
}

fn reverse(args: &[Value]) -> Answer {
    let mut items = support::slice(any(args, 0), "Cannot find reverse on type")?.items().to_vec();
    items.reverse();
    Ok(Value::list(items))
}

fn compact(args: &[Value]) -> Answer {
    let items = support::slice(any(args, 0), "Cannot compact on type")?.items();
    Ok(Value::list(items.iter().filter(|item| !support::empty(item)).cloned().collect()))
}

fn uniq(args: &[Value]) -> Answer {
    let mut out: Vec<Value> = Vec::new();
    for item in support::slice(any(args, 0), "Cannot find uniq on type")?.items().iter() {
        if !contains(&out, item)? {
            out.push(item.clone());
        }
    }
    Ok(Value::list(out))
}

fn without(args: &[Value]) -> Answer {
    let mut out = Vec::new();
    for item in support::slice(any(args, 0), "Cannot find without on type")?.items().iter() {
        if !contains(rest(args, 1), item)? {
            out.push(item.clone());
        }
    }
    Ok(Value::list(out))
}

fn has(args: &[Value]) -> Answer {
    if any(args, 1).is_nil() {
        return Ok(Value::Bool(false));
    }
    Ok(contains(&support::slice(any(args, 1), "Cannot find has on type")?.items(), any(args, 0))?.into())
}

fn contains(items: &[Value], wanted: &Value) -> Result<bool, Failure> {
    for item in items {
        if reflection::deep_equal(wanted, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// It hides the built-in `slice`: only lists, and their own type stays.
fn slice(args: &[Value]) -> Answer {
    let list = support::slice(any(args, 0), "list should be type of slice or array but")?;
    if list.is_empty() {
        return Ok(Value::Nil);
    }
    let bounds = rest(args, 1);
    let start = bounds.first().map_or(0, cast::to_int64);
    let end = bounds.get(1).map_or(list.len() as i64, cast::to_int64);
    let cut = usize::try_from(start).ok().zip(usize::try_from(end).ok()).and_then(|(start, end)| list.cut(start, end));
    cut.map(Value::Slice).ok_or_else(|| Failure::error("reflect.Value.Slice: slice index out of bounds"))
}

fn concat(args: &[Value]) -> Answer {
    let mut out = Vec::new();
    for list in args {
        match list {
            Value::Slice(slice) => out.extend_from_slice(&slice.items()),
            Value::Nil => return Err(nil_dereference()),
            other => return Err(Failure::Error(format!("Cannot concat type {} as list", other.kind().name()))),
        }
    }
    Ok(if out.is_empty() { nil_list() } else { Value::list(out) })
}

fn chunk(args: &[Value]) -> Answer {
    let size = int(args, 0);
    let items = support::slice(any(args, 1), "Cannot chunk type")?.items();
    if size <= 0 {
        return bad_chunk(size, items.len());
    }
    let chunks = items.chunks(usize::try_from(size).unwrap_or(usize::MAX)).map(|part| Value::list(part.to_vec()));
    Ok(Value::Slice(Slice::new(Element::List, chunks.collect())))
}

/// `floor((len - 1) / size) + 1` lists, of which Go makes what it can.
fn bad_chunk(size: i64, len: usize) -> Answer {
    let lists = ((len as f64 - 1.0) / size as f64).floor() + 1.0;
    if len == 0 && size < 0 || lists == 0.0 {
        let one = lists >= 1.0;
        return if one {
            Err(Failure::error("runtime error: makeslice: len out of range"))
        } else {
            Ok(Value::Slice(Slice::new(Element::List, Vec::new())))
        };
    }
    Err(Failure::error("runtime error: makeslice: len out of range"))
}
