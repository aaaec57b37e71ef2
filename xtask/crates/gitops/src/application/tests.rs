//! What the controller's own code made of the same templates: `recorded.jsonl` is written by xtask/tests/oracle/application.

use serde_json::Value;

use super::Blueprint;
use crate::replace::Fault;

/// The old `{{name}}`, as far as the cases use it: what fills in texts has tests of its own.
fn fill(text: &str, params: &Value) -> String {
    let Some((before, rest)) = text.split_once("{{") else { return text.to_string() };
    let Some((tag, after)) = rest.split_once("}}") else { return text.to_string() };
    let value = params.get(tag.trim()).and_then(Value::as_str).map_or_else(|| format!("{{{{{tag}}}}}"), str::to_string);
    format!("{before}{value}{}", fill(after, params))
}

fn build(case: &Value) -> Result<Value, String> {
    let params = &case["params"];
    let blueprint = Blueprint::new(&case["set"], case.get("own"))?;
    let built = blueprint.build(params.as_object().unwrap().is_empty(), &mut |text| Ok(fill(text, params)));
    let built = built.map(|mut built| {
        // Filled in only after the controller has looked for the project, and refused the empty one.
        match built.pointer_mut("/spec/project") {
            Some(project) if *project == "" => *project = "default".into(),
            _ => {}
        }
        built
    });
    built.map_err(|fault| match fault {
        Fault::Error(words) | Fault::Unverified(words) => words,
    })
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => a.len() == b.len() && a.iter().all(|(k, a)| b.get(k).is_some_and(|b| same(a, b))),
        _ => a == b,
    }
}

fn before_yaml(words: &str) -> &str {
    words.split_once(": yaml: ").map_or(words, |(before, _)| before)
}

#[test]
fn every_recorded_application_is_what_the_controller_made_of_it() {
    let mut wrong = Vec::new();
    let cases: Vec<Value> = include_str!("recorded.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(cases.len() >= 240);
    for case in &cases {
        let got = build(case);
        let fits = match (&got, case.get("application"), case.get("error")) {
            (Ok(got), Some(wanted), _) => same(got, wanted),
            // The two YAML parsers complain in words of their own.
            (Err(got), _, Some(wanted)) => before_yaml(got) == before_yaml(wanted.as_str().unwrap()),
            _ => false,
        };
        if !fits {
            wrong.push(format!("{case}\n  got {}", got.map_or_else(|e| format!("error {e}"), |v| v.to_string())));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
