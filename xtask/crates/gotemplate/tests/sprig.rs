//! Every function against what Argo CD was recorded with (`xtask/tests/oracle/sprig`): the same result, or the same error text.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]

use gotemplate::{ErrorKind, MissingKey, Template, Value};
use serde_json::Value as Json;

const RECORDED: &str = include_str!("../../../tests/oracle/sprig/recorded.json");

/// Answered as unverifiable although Argo CD gives a result: what begins with one of these.
const NOT_COMPUTED: &[&str] = &[];

fn recorded() -> Json {
    serde_json::from_str(RECORDED).unwrap()
}

/// The data of the recording; labels and words have Go's narrower types there.
fn data(recorded: &Json) -> Value {
    let Value::Map(data) = Value::from(&recorded["data"]) else { panic!("data is a map") };
    data.insert("labels".into(), Value::string_map([("app", "shop"), ("tier", "web"), ("empty", "")]));
    data.insert("words".into(), Value::strings(["red", "green", "", "red"]));
    Value::Map(data)
}

fn template_of(expression: &str) -> String {
    if expression.starts_with("{{") {
        return expression.to_owned();
    }
    format!("{{{{ $r := {expression} }}}}{{{{ typeOf $r }}}}|{{{{ $r }}}}|{{{{ toJson $r }}}}")
}

#[test]
fn every_function_answers_as_argo_cd_does() {
    let recorded = recorded();
    let cases = recorded["cases"].as_array().unwrap();
    let (mut wrong, mut not_computed) = (Vec::new(), 0);
    for case in cases {
        let expression = case["t"].as_str().unwrap();
        let data = data(&recorded);
        let got = Template::parse(&template_of(expression)).and_then(|template| template.execute(&data, MissingKey::Default));
        let unverifiable = matches!(&got, Err(error) if error.kind == ErrorKind::Unverifiable);
        let fits = if case["r"].as_bool() == Some(true) {
            unverifiable
        } else if unverifiable && NOT_COMPUTED.iter().any(|start| expression.starts_with(start)) {
            not_computed += 1;
            true
        } else {
            match (&got, case["e"].as_str()) {
                (Ok(got), None) => case["o"].as_str().unwrap_or_default() == got,
                (Err(got), Some(error)) => {
                    !unverifiable && (got.message == error || error.ends_with(&format!("{expression}: {}", got.message)))
                }
                _ => false,
            }
        };
        if !fits {
            wrong.push(format!("{expression}\n  Argo CD: {case}\n  here:    {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases differ, {not_computed} are not computed:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(cases.len() > 1500, "{} cases", cases.len());
}

#[test]
fn no_function_of_argo_cd_is_missing() {
    let recorded = recorded();
    let names: Vec<&str> = recorded["functions"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(names.len(), 213);
    let missing: Vec<_> = names.iter().filter(|name| Template::parse(&format!("{{{{ {name} }}}}")).is_err()).collect();
    assert!(missing.is_empty(), "missing: {missing:?}");
    for gone in ["env", "expandenv", "getHostByName", "include", "tpl", "required"] {
        assert!(Template::parse(&format!("{{{{ {gone} }}}}")).is_err(), "{gone} is no function there");
    }
}
