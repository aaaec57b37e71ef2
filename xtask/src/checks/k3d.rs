//! What can be checked of the engine k3d without a cluster: the real k3d reads the configuration that this program writes.

use serde_json::Value;

use super::{Report, Verdict, expect};
use crate::cluster::{K3d, k3d};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::repo::yaml;

/// A duration, which k3d prints in nanoseconds.
const LIMIT: &str = "/options/k3d/timeout";

pub fn run(cx: &Context, report: &mut Report<'_>) -> Result<()> {
    report.check("k3d config", || config(cx))?;
    let why = match cx.engines.docker(&cx.runner)? {
        Ok(version) => format!("Docker {version} answers, but no check brings up a cluster there yet: its name is shared by all clones"),
        Err(why) => why.clone(),
    };
    report.skip("k3d", &why);
    Ok(())
}

/// `config migrate` refuses unknown fields and wrong types, needs no Docker, and prints what k3d understood.
fn config(cx: &Context) -> Result<Verdict> {
    let written = k3d::config(cx)?;
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("config.json");
    std::fs::write(&file, serde_json::to_vec_pretty(&written)?)?;
    let call = K3d::understood_call(cx, &cx.provision.tool("k3d")?, &file);
    let understood: Value = yaml::parse(&cx.runner.run(&call)?.text())?;
    let fields = leaves(&written);
    for (pointer, value) in fields.iter().filter(|(pointer, _)| pointer != LIMIT) {
        let have = understood.pointer(pointer);
        // It leaves out what says no or nothing.
        let same = have.map_or(*value == 0 || *value == false, |have| have == value);
        expect(same, format!("k3d understands {pointer} as {have:?} and not as {value}"))?;
    }
    let nanoseconds = understood.pointer(LIMIT).and_then(Value::as_u64);
    let limit = k3d::WAIT_SECONDS;
    expect(nanoseconds == Some(limit * 1_000_000_000), format!("k3d understands its limit as {nanoseconds:?} ns and not as {limit} s"))?;
    if fields.len() < 15 {
        return Err(Error::failed("the configuration says next to nothing"));
    }
    Ok(Verdict::Passed(format!("k3d understands {} fields as they are meant", fields.len())))
}

/// JSON pointer and value of everything that is neither a map nor a list.
fn leaves(value: &Value) -> Vec<(String, Value)> {
    let below = |key: String, value: &Value| leaves(value).into_iter().map(move |(p, v)| (format!("/{key}{p}"), v)).collect::<Vec<_>>();
    match value {
        Value::Object(map) => map.iter().flat_map(|(key, value)| below(key.clone(), value)).collect(),
        Value::Array(list) => list.iter().enumerate().flat_map(|(i, value)| below(i.to_string(), value)).collect(),
        leaf => vec![(String::new(), leaf.clone())],
    }
}
