//! The matrix generator: every set of one child with every set of another, which may use the first one's parameters.

use serde_json::{Map, Value};

use super::{Level, Run, child, list_of, mergo};
use crate::params::{Param, Params, Set};
use crate::replace::Fault;

pub fn generate(run: &Run, spec: &Map<String, Value>, level: Level) -> Result<Vec<Set>, Fault> {
    let (first, second) = match list_of(spec, "generators")? {
        [first, second] => (first, second),
        [] | [_] => return Err("found less than two generators, Matrix support only two".into()),
        _ => return Err("found more than two generators, Matrix support only two".into()),
    };
    let words = || "error failed to get params for first generator in matrix generator".to_string();
    let firsts = child(run, first, level, None).map_err(|e| e.within(words))?;
    let mut sets = Vec::new();
    for set in firsts {
        let given = run.params(set);
        let words = || "failed to get params for second generator in the matrix generator".to_string();
        for other in child(run, second, level, Some(&given)).map_err(|e| e.within(words))? {
            sets.push(combine(&given, other)?);
        }
    }
    Ok(sets)
}

fn combine(first: &Params, second: Set) -> Result<Set, Fault> {
    match first {
        Params::Go(first) => {
            let mut both = second;
            mergo::override_with(&mut both, first)?;
            Ok(both)
        }
        Params::Fast(first) => {
            let mut both: Set = first.iter().map(|(key, value)| (key.clone(), Param::from(value.printed()))).collect();
            for (key, value) in second {
                let value = value.printed();
                match both.get(&key).and_then(Param::as_str) {
                    Some(there) if there != value => {
                        return Err(Fault::Error(format!(
                            "failed to combine string maps with merging params for the matrix generator: \
                             found duplicate key {key} with different value, a: {there} ,b: {value}"
                        )));
                    }
                    _ => drop(both.insert(key, Param::from(value))),
                }
            }
            Ok(both)
        }
    }
}
