//! What was recorded from the Go library, and what no library is asked about.

use serde_json::{Value, json};

use crate::{MAX_DEPTH, Mark, json, parse_all, parse_all_last_wins, positions};

fn first(text: &str) -> Result<Value, String> {
    let documents = parse_all_last_wins(text).map_err(|e| e.to_string())?;
    Ok(documents.into_iter().next().map_or(Value::Null, |d| d.value))
}

/// Texts that Go takes and we refuse, with an error that names the place: forms of YAML 1.1 that 1.2 has given up.
const REFUSED: &[&str] = &[
    "[-]\n",
    "a:\t1\n",
    "{a: 1}}\n",            // Go does not read on behind the first document
    "a: 1\n---\n{broken\n", // the same
    "a: [\n1]\n",
    "a: {\nb: 1}\n",
    "a: 'x'# c\n",
    "a: [1]# c\n",
    "&x *x\n",
];

/// Texts that Go refuses and we take, or that have a character or form nobody writes, which means something else in YAML 1.2.
const ANOTHER: &[&str] = &[
    "[?a]\n",
    "[:a]\n",
    "[a?]\n",
    "{?a: 1}\n",
    "{a?: 1}\n",
    "a: [?x]\n",
    "...\n",
    "{\"a\": \"\\u00e9\\n\\t\\\"\\/\"}", // JSON, and so good for Kubernetes
    "{\"a\": \"\\ud834\\udd1e\"}",       // the same
    "%foo\n---\na: 1\n",
    "a: x\u{85}  y\n",
    "a: x\u{2028}  y\n",
    "a: &x-y.z 1\nb: *x-y.z\n",
    "a: &x:y 1\nb: *x:y\n",
];

#[test]
fn texts_mean_what_they_mean_to_go() {
    let recorded = json::parse(include_bytes!("recorded.json")).unwrap();
    let recorded = recorded.as_array().unwrap();
    assert!(recorded.len() >= 1000);
    let mut differ = Vec::new();
    for case in recorded {
        let text = case["in"].as_str().unwrap();
        let ours = first(text);
        let theirs = case["json"].as_str().map(|text| json::parse(text.as_bytes()).unwrap());
        let same = match (&ours, &theirs) {
            (Ok(ours), Some(theirs)) => ours == theirs,
            (Err(_), None) => true,
            _ => false,
        };
        let expected = if REFUSED.contains(&text) { ours.is_err() && !same } else { same != ANOTHER.contains(&text) };
        if !expected {
            differ.push(format!("{text:?}: ours {ours:?} go {} {}", case["json"], case["error"]));
        }
    }
    assert!(differ.is_empty(), "{}\n{}", differ.len(), differ.join("\n"));
}

#[test]
fn a_key_written_twice_is_refused_with_both_lines() {
    let refused = |text: &str| {
        let e = parse_all(text).unwrap_err();
        format!("{}:{} {}", e.line, e.column, e.about())
    };
    assert_eq!(refused("a: 1\nb: 2\na: 3\n"), "1:1 duplicate entry with key \"a\", again at line 3");
    assert_eq!(
        refused("x:\n  - n: 1\n    a:\n      a: 1\n    # a\n    \"a\": 2\n"),
        "3:5 x[0]: duplicate entry with key \"a\", again at line 6"
    );
    assert_eq!(refused("x: {q: {a: 1, a: 2}}\n"), "1:9 x.q: duplicate entry with key \"a\"");
    assert_eq!(refused("on: 1\ntrue: 2\n"), "1:1 duplicate entry with key \"true\", again at line 2");
    assert_eq!(refused("{\"a\": 1, \"a\": 2}"), "1:2 duplicate entry with key \"a\"");
    assert_eq!(first("a: 1\nb: 2\na: 3\n").unwrap(), json!({"a": 3, "b": 2}));
}

#[test]
fn what_is_merged_is_not_written_twice() {
    let value = |text: &str| parse_all(text).unwrap().remove(0).value["e"].clone();
    assert_eq!(value("d: &d {a: 1}\ne: {<<: *d, a: 2}\n"), json!({"a": 2}));
    assert_eq!(value("d: &d {a: 1}\ne: {a: 2, <<: *d}\n"), json!({"a": 1}));
    assert!(parse_all("d: &d {a: 1}\ne: {<<: *d, a: 2, a: 3}\n").is_err());
    assert!(parse_all("d: &d {a: 1}\ne: {a: 2, <<: *d, a: 3}\n").is_err());
}

#[test]
fn documents_know_their_line_and_empty_ones_are_left_out() {
    let lines = |text: &str| parse_all(text).unwrap().into_iter().map(|d| (d.line, d.value)).collect::<Vec<_>>();
    assert_eq!(lines("# c\n---\n# x\na: 1\n---\n# nothing\n---\n~\n...\n---\n- b\n"), [(4, json!({"a": 1})), (11, json!(["b"]))]);
    assert_eq!(lines("\u{feff}---\na: 1\n"), [(2, json!({"a": 1}))]);
    assert_eq!(lines("\n\n{\n\t\"a\":\t1\n}\n"), [(3, json!({"a": 1}))]);
    assert_eq!(lines(""), []);
}

#[test]
fn an_alias_means_its_own_document() {
    assert!(parse_all("a: &x 1\n---\nb: *x\n").unwrap_err().message.contains("unknown anchor"));
}

#[test]
fn errors_have_their_place() {
    for (text, place) in [
        ("a: 1\n\tb: 2\n", (1, 4)),
        ("a:\n\tb: 2\n", (2, 2)),
        ("a: 1\nb: [1\nc: 2\n", (3, 2)),
        ("a: \"x\n", (1, 4)),
        ("a: 1\nb: \u{1}\n", (2, 4)),
        ("x:\n  - q: .inf\n", (2, 8)),
        ("x:\n  ? [a]\n  : b\n", (2, 5)),
        ("a: !!int x\n", (1, 4)),
    ] {
        let e = parse_all(text).unwrap_err();
        assert_eq!((e.line, e.column), place, "{text:?} {e}");
    }
    assert_eq!(parse_all("x:\n  - q: .inf\n").unwrap_err().to_string(), "x[0].q: `.inf` has no form in JSON at line 2 column 8");
}

#[test]
fn depth_is_bounded_where_json_has_its_bound() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", "")] {
        let text = |n: usize| format!("{}1{}", open.repeat(n), close.repeat(n));
        let deepest = parse_all(&text(MAX_DEPTH)).unwrap().remove(0).value;
        assert_eq!(json::parse(json::print(&deepest).as_bytes()).unwrap(), deepest);
        for n in [MAX_DEPTH + 1, 100_000] {
            let e = parse_all(&text(n)).unwrap_err();
            assert!(e.message.contains("nested"), "{open} {n} {e}");
        }
    }
    // Aliases make it deeper than it looks.
    let mut text = "a0: &a0 [1]\n".to_string();
    (1..200).for_each(|i| text.push_str(&format!("a{i}: &a{i} [*a{}]\n", i - 1)));
    assert!(parse_all(&text).unwrap_err().message.contains("nested"));
}

#[test]
fn a_small_text_does_not_become_a_large_value() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_string();
    (1..10).for_each(|i| text.push_str(&format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 10].join(", "))));
    assert!(parse_all(&text).unwrap_err().message.contains("excessive aliasing"));
    let merges: String = (1..30).map(|i| format!("m{i}: &m{i} {{<<: [*m{0}, *m{0}], k{i}: 1}}\n", i - 1)).collect();
    assert!(parse_all(&format!("m0: &m0 {{a: 1}}\n{merges}")).unwrap_err().message.contains("excessive aliasing"));
}

#[test]
fn keys_and_values_have_their_positions() {
    let text = "# c\na:\n  b: [1, {c: 'é', d: x}] # e\n  l:\n    - k: 1\n    - 2\n\"x/y~\": z\n---\n---\nq: |\n  t\n";
    let found = positions(text);
    let at = |document, pointer: &str| {
        let p = found.get(document, pointer).unwrap();
        (p.key.map(|k| (k.line, k.column)), (p.value.line, p.value.column), (p.end.line, p.end.column), p.inline)
    };
    assert_eq!(at(0, ""), (None, (2, 1), (7, 10), false));
    assert_eq!(at(0, "/a"), (Some((2, 1)), (3, 3), (6, 8), false));
    assert_eq!(at(0, "/a/b"), (Some((3, 3)), (3, 6), (3, 25), true));
    assert_eq!(at(0, "/a/b/1/c"), (Some((3, 11)), (3, 14), (3, 17), true));
    assert_eq!(at(0, "/a/l"), (Some((4, 3)), (5, 5), (6, 8), false));
    assert_eq!(at(0, "/a/l/1"), (None, (6, 7), (6, 8), true));
    assert_eq!(at(0, "/x~1y~0"), (Some((7, 1)), (7, 9), (7, 10), true));
    assert_eq!(at(1, "/q").0, Some((10, 1)));
    assert_eq!(found.get(2, ""), None);
    assert_eq!(found.nearest(0, "/a/l/7/q").unwrap().key, Some(Mark { line: 4, column: 1 + 2 }));
    let order: Vec<&str> = found.all(0).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(order, ["", "/a", "/a/b", "/a/b/0", "/a/b/1", "/a/b/1/c", "/a/b/1/d", "/a/l", "/a/l/0", "/a/l/0/k", "/a/l/1", "/x~1y~0"]);
    let ends = |text: &str| positions(text).get(0, "/a").unwrap().end.column;
    assert_eq!([ends("a: 'it''s' # c\n"), ends("a: \"x\\\"y\"   # c\n"), ends("a: x y # c\n"), ends("a: [1] # c\n")], [11, 10, 7, 7]);
    assert_eq!(positions("a: 1\n---\n]").error.unwrap().line, 3);
}

/// Every prefix and many a broken form of real texts: an answer or an error, never a panic.
#[test]
fn no_text_breaks_the_reader() {
    let recorded = json::parse(include_bytes!("recorded.json")).unwrap();
    let texts: Vec<&str> = recorded.as_array().unwrap().iter().filter_map(|case| case["in"].as_str()).collect();
    let all = texts.join("---\n");
    let odd = [
        "\t", "\n", "{", "}", "[", "]", "&a", "*a", "!", "|", ">", "\"", "'", ": ", "- ", "? ", "%", "#", "\u{0}", "\r", "é", "<<: ",
        "...\n", "---\n",
    ];
    // A plain generator, so that a failure is the same one again.
    let mut seed = 1u32;
    let mut next = |bound: usize| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as usize % bound.max(1)
    };
    let ends: Vec<usize> = all.char_indices().map(|(i, _)| i).collect();
    for _ in 0..20_000 {
        let from = ends[next(ends.len())];
        let to = ends[next(ends.len()).min(ends.len() - 1)].clamp(from, (from + 120).min(all.len()));
        let Some(piece) = all.get(from..to) else { continue };
        let mut text = piece.to_string();
        for _ in 0..next(4) {
            let places: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
            text.insert_str(places[next(places.len())], odd[next(odd.len())]);
        }
        let _ = parse_all(&text);
        let _ = positions(&text);
    }
}
