//! Paths with slashes. The functions for files are the same ones: Argo CD runs on Linux.

use super::support::{Answer, bytes, fixed, string};
use crate::function::Function;
use crate::function::Type::String as Str;
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    fixed("base", &[Str], base),
    fixed("dir", &[Str], dir),
    fixed("clean", &[Str], |a| string(&clean(bytes(a, 0)))),
    fixed("ext", &[Str], ext),
    fixed("isAbs", &[Str], is_abs),
    fixed("osBase", &[Str], base),
    fixed("osDir", &[Str], dir),
    fixed("osClean", &[Str], |a| string(&clean(bytes(a, 0)))),
    fixed("osExt", &[Str], ext),
    fixed("osIsAbs", &[Str], is_abs),
];

fn base(args: &[Value]) -> Answer {
    let path = bytes(args, 0);
    let Some(end) = path.iter().rposition(|b| *b != b'/') else {
        return Ok(Value::from(if path.is_empty() { "." } else { "/" }));
    };
    let path = path.get(..=end).unwrap_or_default();
    string(path.rsplit(|b| *b == b'/').next().unwrap_or_default())
}

fn dir(args: &[Value]) -> Answer {
    let path = bytes(args, 0);
    let end = path.iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
    string(&clean(path.get(..end).unwrap_or_default()))
}

fn ext(args: &[Value]) -> Answer {
    let name = bytes(args, 0).rsplit(|b| *b == b'/').next().unwrap_or_default();
    let start = name.iter().rposition(|b| *b == b'.').unwrap_or(name.len());
    string(name.get(start..).unwrap_or_default())
}

fn is_abs(args: &[Value]) -> Answer {
    Ok(bytes(args, 0).starts_with(b"/").into())
}

fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.starts_with(b"/");
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|last| *last != b"..") => {
                parts.pop();
            }
            b".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join(b"/".as_slice());
    match (rooted, joined.is_empty()) {
        (true, _) => [b"/".as_slice(), &joined].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}
