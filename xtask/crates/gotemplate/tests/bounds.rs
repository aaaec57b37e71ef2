//! Templates that would never end, or end the memory or the stack: an error that says so, soon.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]

use gotemplate::{ErrorKind, MissingKey, Options, Template, Text, Value, is_plain, render};

fn unverifiable(template: &str, data: &Value, reason: &str) {
    let error = Template::parse(template).and_then(|template| template.execute(data, MissingKey::Default)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unverifiable, "{error}");
    assert!(error.message.contains(reason), "{error}");
}

#[test]
fn a_template_that_calls_itself_for_ever_is_an_error() {
    unverifiable(r#"{{template "base" .}}"#, &Value::Nil, "nest more than 800 deep");
    unverifiable(
        r#"{{define "a"}}{{with 1}}{{template "b"}}{{end}}{{end}}{{define "b"}}{{template "a"}}{{end}}{{template "a"}}"#,
        &Value::Nil,
        "deep",
    );
}

#[test]
fn a_loop_without_end_is_an_error() {
    unverifiable("{{range 9223372036854775807}}{{end}}", &Value::Nil, "takes too long");
    unverifiable("{{range 1000000}}{{range 1000000}}{{end}}{{end}}", &Value::Nil, "takes too long");
}

#[test]
fn output_and_text_without_end_are_errors() {
    unverifiable(r#"{{range 9000000}}{{printf "%100000d" 1}}{{end}}"#, &Value::Nil, "prints more than 64 MiB");
    unverifiable(r#"{{$s := "x"}}{{range 1000}}{{$s = printf "%s%s" $s $s}}{{end}}"#, &Value::Nil, "more than");
    unverifiable(r#"{{range 100000}}{{$s := printf "%1000000d" 1}}{{end}}"#, &Value::Nil, "makes more than");
}

#[test]
fn a_map_that_holds_itself_is_an_error_to_print() {
    let map = Value::map([("a", Value::Nil)]);
    let Value::Map(inner) = &map else { panic!() };
    inner.insert(Text::from("a"), map.clone());
    unverifiable("{{.}}", &map, "within itself");
    assert!(map.deep_copy().is_err());
    assert!(map.to_json().is_err());
    inner.remove(b"a");
}

#[test]
fn a_value_that_doubles_at_each_level_is_an_error_to_copy() {
    let mut value = Value::list(vec![]);
    for _ in 0..60 {
        value = Value::map([("a", value.clone()), ("b", value)]);
    }
    assert!(value.deep_copy().is_err());
    assert!(value.to_json().is_err());
    unverifiable("{{.}}", &value, "prints more than");
}

#[test]
fn a_value_of_many_levels_is_dropped_without_ending_the_stack() {
    let mut map = Value::map([("a", Value::Nil)]);
    let mut list = Value::list(vec![]);
    for _ in 0..200_000 {
        map = Value::map([("a", map)]);
        list = Value::list(vec![list]);
    }
    drop((map, list));
}

#[test]
fn nesting_without_end_is_an_error() {
    unverifiable(&format!("{{{{{}1{}}}}}", "(".repeat(100_000), ")".repeat(100_000)), &Value::Nil, "nests more than 300");
    unverifiable(&"{{if 1}}".repeat(100_000), &Value::Nil, "nests more than 300");
    unverifiable(&format!("{{{{if 0}}}}{}", "{{else if 0}}".repeat(100_000)), &Value::Nil, "nests more than 300");
}

/// As deep as is allowed in every way at once, in the smallest stack that a thread of ours has.
#[test]
fn the_deepest_template_fits_the_stack_of_a_thread() {
    let parens = 290;
    let deep = format!("{}1{}", "(print ".repeat(parens), ")".repeat(parens));
    let template = format!(
        r#"{{{{define "a"}}}}{{{{with .d}}}}{{{{if 1}}}}{{{{range 1}}}}{{{{template "a" $.d}}}}{{{{end}}}}{{{{end}}}}{{{{else}}}}{{{{{deep}}}}}{{{{end}}}}{{{{end}}}}{{{{template "a" .}}}}"#
    );
    let mut data = Value::map([("e", Value::Nil)]);
    for _ in 0..198 {
        data = Value::map([("d", data)]);
    }
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(move || render(&template, &data, MissingKey::Default));
    assert_eq!(thread.unwrap().join().unwrap(), Ok("1".to_owned()));
}

#[test]
fn the_last_option_wins_and_an_unknown_one_is_what_go_panics_with() {
    let parse = |options: &[&str]| Options::parse(options).map(|options| options.missing_key);
    assert_eq!(parse(&[]), Ok(MissingKey::Default));
    assert_eq!(parse(&["missingkey=error", "missingkey=zero"]), Ok(MissingKey::Zero));
    assert_eq!(parse(&["missingkey=zero", "missingkey=invalid"]), Ok(MissingKey::Default));
    assert_eq!(parse(&["missingkey=error", "missingkey=none"]), Err("unrecognized option: missingkey=none".to_owned()));
    assert_eq!(parse(&[""]), Err("empty option string".to_owned()));
}

#[test]
fn text_without_an_action_need_not_be_parsed() {
    assert!(is_plain("a } { }} b"));
    assert_eq!(render("a }} b", &Value::Nil, MissingKey::Error), Ok("a }} b".to_owned()));
}

#[test]
fn text_that_is_cut_within_a_character_is_written_as_json_writes_it() {
    let data = Value::map([("cut", Value::String(Text::from_bytes(b"\xe2\x82.\xff")))]);
    assert_eq!(render("{{.cut}}", &data, MissingKey::Error), Ok("\u{fffd}\u{fffd}.\u{fffd}".to_owned()));
}

#[test]
fn an_error_says_its_line_and_column() {
    let error = render("a\n{{ .x }}\n  {{ .x.y }}", &Value::map([("x", Value::from("s"))]), MissingKey::Error).unwrap_err();
    assert_eq!((error.kind, error.line, error.column), (ErrorKind::Exec, Some(3), Some(7)));
    let error = render("a\n{{ .x }", &Value::Nil, MissingKey::Error).unwrap_err();
    assert_eq!((error.kind, error.line, error.column), (ErrorKind::Parse, Some(2), None));
}
