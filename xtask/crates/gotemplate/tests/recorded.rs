//! Every case that Go's text/template was recorded with (`xtask/tests/oracle/template`): the same output, or the same error text.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]

use gotemplate::{Element, ErrorKind, Map, Options, Slice, Template, Value};
use serde_json::Value as Json;

const RECORDED: &str = include_str!("../../../tests/oracle/template/recorded.json");

#[test]
fn what_go_was_recorded_with_is_what_comes_out() {
    let recorded: Json = serde_json::from_str(RECORDED).unwrap();
    let cases = recorded["cases"].as_array().unwrap();
    assert!(cases.len() > 600, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let data = typed(&recorded["data"]);
        let template = case["template"].as_str().unwrap();
        let option: Vec<&str> = case["option"].as_str().into_iter().collect();
        let got = run(template, &data, &option);
        let want = match case["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(case["output"].as_str().unwrap().to_owned()),
        };
        if got != want {
            wrong.push(format!("{template} {option:?}\n  Go:   {want:?}\n  here: {got:?}"));
        }
    }
    let shown = wrong.iter().take(40).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {} cases differ:\n{shown}", wrong.len(), cases.len());
}

fn run(template: &str, data: &Value, options: &[&str]) -> Result<String, String> {
    let options = Options::parse(options)?;
    let describe = |error: gotemplate::Error| match error.kind {
        ErrorKind::Unverifiable => format!("unverifiable: {error}"),
        _ => error.to_string(),
    };
    Template::parse(template).map_err(describe)?.execute(data, options.missing_key).map_err(describe)
}

/// `{"$int64": 5}` and the like are values that JSON has no words for.
fn typed(json: &Json) -> Value {
    match json {
        Json::Object(entries) => match entries.iter().next() {
            Some((kind, inner)) if kind.starts_with('$') => special(kind, inner),
            _ => Value::map(entries.iter().map(|(key, value)| (key.as_str(), typed(value)))),
        },
        Json::Array(items) => Value::list(items.iter().map(typed).collect()),
        other => Value::from(other),
    }
}

fn special(kind: &str, inner: &Json) -> Value {
    let int = || inner.as_i64().unwrap();
    let items = || inner.as_array().unwrap().iter();
    match kind {
        "$int" => Value::Int(int()),
        "$int64" => Value::Int64(int()),
        "$int32" => Value::Int32(int() as i32),
        "$uint8" => Value::Uint8(int() as u8),
        "$uint64" => Value::Uint64(inner.as_u64().unwrap()),
        "$float32" => Value::Float32(inner.as_f64().unwrap() as f32),
        "$strings" => Value::strings(items().map(|item| item.as_str().unwrap())),
        "$ints" => Value::Slice(Slice::new(Element::Int, items().map(|item| Value::Int(item.as_i64().unwrap())).collect())),
        "$labels" => Value::string_map(inner.as_object().unwrap().iter().map(|(key, value)| (key.as_str(), value.as_str().unwrap()))),
        "$bytes" => Value::Slice(Slice::new(Element::Byte, inner.as_str().unwrap().bytes().map(Value::Uint8).collect())),
        "$nillist" => Value::Slice(Slice::nil(Element::Any)),
        "$nilmap" => Value::Map(Map::nil(Element::Any)),
        _ => panic!("{kind}"),
    }
}
