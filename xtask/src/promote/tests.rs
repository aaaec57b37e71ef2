//! Edits of texts: what is copied, and that everything else stays as it was.

use serde_json::json;

use super::*;

fn promote(from: &str, to: &str, keys: &[&str]) -> Result<String> {
    let (from, to) = (Values::new("from".into(), from.into())?, Values::new("to".into(), to.into())?);
    let all = differences(&from.value, &to.value);
    let chosen: Vec<&Difference> =
        all.iter().filter(|d| d.from.is_some() && (keys.is_empty() || keys.iter().any(|key| d.is_in(key)))).collect();
    promoted(&from, &to, &chosen)
}

#[test]
fn differences_are_leaves_and_lists_are_whole() {
    let from = json!({"a": {"b": 1, "c": [1]}, "d": 1, "m": {"x.y": 1}, "e": {}});
    let to = json!({"a": {"b": 2, "c": [1]}, "f": 1, "e": null});
    let keys: Vec<String> = differences(&from, &to).iter().map(Difference::key).collect();
    assert_eq!(keys, ["a.b", "d", "e", "f", "m.\"x.y\""]);
    assert!(differences(&from, &to)[0].is_in("a") && !differences(&from, &to)[0].is_in("a.bb"));
}

#[test]
fn a_value_is_replaced_and_its_line_keeps_what_is_behind_it() {
    let to = "# top\nreplicaCount: 2  # two zones\n\nimage:\n  tag: \"1.0\" # old\n  name: x\n";
    let from = "image: {tag: '1.1'}\nreplicaCount: 1\n";
    assert_eq!(promote(from, to, &[]).unwrap(), "# top\nreplicaCount: 1  # two zones\n\nimage:\n  tag: '1.1' # old\n  name: x\n");
    assert_eq!(promote(from, to, &["image"]).unwrap(), to.replace("\"1.0\"", "'1.1'"));
}

#[test]
fn new_keys_come_where_they_stand_in_the_other_file_with_their_comments() {
    let from =
        "# header\n\na: 1\n\n# about b\n# more\nb:\n    # inner\n    x: 1\n    l:\n    - p: 1\n      # deep\n      q: 2\n\n    - r\nc: 3\n";
    let to = "# mine\n\na: 1 # one\nc: 3\n";
    assert_eq!(
        promote(from, to, &[]).unwrap(),
        "# mine\n\na: 1 # one\n\n# about b\n# more\nb:\n    # inner\n    x: 1\n    l:\n    - p: 1\n      # deep\n      q: 2\n\n    - r\nc: 3\n"
    );
    assert_eq!(promote(from, to, &["b.x"]).unwrap(), "# mine\n\na: 1 # one\n\n# about b\n# more\nb:\n    # inner\n    x: 1\nc: 3\n");
}

#[test]
fn lists_maps_and_texts_are_copied_as_they_are_written() {
    let to = "l: [1]\nt: x\nm:\n  a: 1\nz: 1\n";
    let from = "l:\n  - 1\n  # two\n  - 2\nt: |\n  # no comment\n  line\n\n  last\nm:\n  a:\n    deep: true\nz: 1\n";
    assert_eq!(promote(from, to, &[]).unwrap(), from);
    let back = promote(to, from, &[]).unwrap();
    assert_eq!(back, "l: [1]\nt: x\nm:\n  a: 1\nz: 1\n");
}

#[test]
fn braces_stay_braces_and_empty_ones_open() {
    assert_eq!(promote("m:\n  a: 2\n  b: x y\n", "m: { a: 1 } # c\n", &[]).unwrap(), "m: { a: 2, \"b\": \"x y\" } # c\n");
    assert_eq!(promote("m:\n  a:\n    b: 2\n", "m: {} # c\nn: 1\n", &[]).unwrap(), "m: # c\n  a:\n    b: 2\nn: 1\n");
    assert_eq!(promote("a: 1\n", "# only a comment\n", &[]).unwrap(), "# only a comment\na: 1\n");
    assert_eq!(promote("m:\n  a: 1\n", "m:\nn: 1\n", &[]).unwrap(), "m:\n  a: 1\nn: 1\n");
}

#[test]
fn what_cannot_be_edited_is_refused_and_not_guessed() {
    let e = promote("a: 2\n", "a: &x 1\nb: *x\n", &["a"]).unwrap_err();
    assert!(e.what().contains("cannot be edited line by line"), "{e:?}");
    assert!(Values::new("f".into(), "sops: {}\na: ENC[x]\n".into()).is_err());
    assert!(Values::new("f".into(), "- a\n".into()).is_err());
}

#[test]
fn promoting_twice_changes_nothing_more() {
    let (from, to) = ("a: 1\nb: {c: [1, 2]}\nd:\n  e: x\n", "a: 2\n");
    let once = promote(from, to, &[]).unwrap();
    assert_eq!(promote(from, &once, &[]).unwrap(), once);
    assert_eq!(crate::repo::yaml::parse_all(&once).unwrap(), crate::repo::yaml::parse_all(from).unwrap());
}

#[test]
fn the_difference_of_two_texts_shows_what_is_around_it() {
    let before: String = (1..20).map(|n| format!("{n}\n")).collect();
    let after = before.replace("10\n", "ten\nmore\n");
    assert_eq!(diff(&before, &after), ["@@ line 7 @@", " 7", " 8", " 9", "-10", "+ten", "+more", " 11", " 12", " 13"]);
    assert!(diff(&before, &before).is_empty());
}
