//! What differs between two lists of objects, for people: parsed documents are compared, so order and quotes do not count.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::identity;

/// Lines of a text that are shown, and characters of a value.
const LINES: usize = 10;
const WIDTH: usize = 100;

/// Returns a line for each object that differs, followed by its fields, indented. Empty: they are the same.
pub fn objects(before: &[Value], after: &[Value]) -> Vec<String> {
    let (before, after) = (by_identity(before), by_identity(after));
    let all: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
    let mut lines = Vec::new();
    for id in all {
        let name = shown(id);
        match (before.get(&id), after.get(&id)) {
            (Some(_), None) => lines.push(format!("- {name}")),
            (None, Some(_)) => lines.push(format!("+ {name}")),
            (Some(a), Some(b)) if a != b => {
                lines.push(format!("~ {name}"));
                let mut fields = Vec::new();
                compare(a, b, "", &mut fields);
                lines.extend(fields.into_iter().map(|field| format!("    {field}")));
            }
            _ => {}
        }
    }
    lines
}

fn by_identity(objects: &[Value]) -> BTreeMap<[&str; 4], &Value> {
    objects.iter().map(|object| (identity(object), object)).collect()
}

/// `Deployment monitoring/grafana (apps/v1)`.
fn shown([kind, namespace, name, version]: [&str; 4]) -> String {
    let namespace = if namespace.is_empty() { String::new() } else { format!("{namespace}/") };
    format!("{kind} {namespace}{name} ({version})")
}

fn compare(a: &Value, b: &Value, at: &str, lines: &mut Vec<String>) {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            keys.into_iter().for_each(|key| pair(a.get(key), b.get(key), &below(at, key), lines));
        }
        (Value::Array(a), Value::Array(b)) => match (by_name(a), by_name(b)) {
            (Some(x), Some(y)) => {
                let before = lines.len();
                let names: BTreeSet<&str> = x.keys().chain(y.keys()).copied().collect();
                names.into_iter().for_each(|name| pair(x.get(name).copied(), y.get(name).copied(), &format!("{at}[{name}]"), lines));
                if lines.len() == before && a != b {
                    lines.push(format!("{at}: in another order"));
                }
            }
            _ => (0..a.len().max(b.len())).for_each(|i| pair(a.get(i), b.get(i), &format!("{at}[{i}]"), lines)),
        },
        (Value::String(a), Value::String(b)) if a != b && (a.contains('\n') || b.contains('\n')) => text(a, b, at, lines),
        (a, b) if a != b => lines.push(format!("{at}: {} → {}", short(a), short(b))),
        _ => {}
    }
}

fn pair(a: Option<&Value>, b: Option<&Value>, at: &str, lines: &mut Vec<String>) {
    match (a, b) {
        (Some(a), Some(b)) => compare(a, b, at, lines),
        (Some(a), None) => lines.push(format!("{at}: {} is gone", short(a))),
        (None, Some(b)) => lines.push(format!("{at}: {} is new", short(b))),
        (None, None) => {}
    }
}

/// The entries by their `name`, where each has one of its own: an entry in the middle then moves nothing.
fn by_name(list: &[Value]) -> Option<BTreeMap<&str, &Value>> {
    let named: BTreeMap<&str, &Value> = list.iter().filter_map(|entry| Some((entry.get("name")?.as_str()?, entry))).collect();
    (named.len() == list.len() && !list.is_empty()).then_some(named)
}

/// The lines between the first and the last one that differ.
fn text(a: &str, b: &str, at: &str, lines: &mut Vec<String>) {
    let (a, b): (Vec<&str>, Vec<&str>) = (a.lines().collect(), b.lines().collect());
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let most = a.len().min(b.len()) - start;
    let end = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    lines.push(format!("{at}: from line {}", start + 1));
    for (sign, part) in [('-', a.get(start..a.len() - end)), ('+', b.get(start..b.len() - end))] {
        let part = part.unwrap_or_default();
        lines.extend(part.iter().take(LINES).map(|line| format!("  {sign} {line}")));
        if part.len() > LINES {
            lines.push(format!("  {sign} … and {} more", crate::ui::count(part.len() - LINES, "line")));
        }
    }
}

fn below(at: &str, key: &str) -> String {
    match (at.is_empty(), key.contains(['.', '/'])) {
        (true, _) => key.to_string(),
        (false, true) => format!("{at}[{key}]"),
        (false, false) => format!("{at}.{key}"),
    }
}

/// A value on one line of bounded length.
fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= WIDTH { text } else { text.chars().take(WIDTH).collect::<String>() + "…" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn deployment(spec: Value) -> Value {
        json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "namespace": "a", "name": "b" }, "spec": spec })
    }

    fn map(name: &str) -> Value {
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name } })
    }

    #[test]
    fn fields_are_named_with_both_values() {
        let before = deployment(json!({ "replicas": 1, "containers": [{ "name": "x", "image": "x:1" }, { "name": "y" }], "args": ["a"] }));
        let after =
            deployment(json!({ "containers": [{ "name": "z" }, { "name": "x", "image": "x:2" }, { "name": "y" }], "args": ["b", "c"] }));
        let wanted = [
            "~ Deployment a/b (apps/v1)",
            "    spec.args[0]: \"a\" → \"b\"",
            "    spec.args[1]: \"c\" is new",
            "    spec.containers[x].image: \"x:1\" → \"x:2\"",
            "    spec.containers[z]: {\"name\":\"z\"} is new",
            "    spec.replicas: 1 is gone",
        ];
        assert_eq!(objects(&[before], &[after]), wanted);
    }

    #[test]
    fn of_a_text_only_the_lines_that_differ_are_shown() {
        let before = deployment(json!({ "a.b/c": "1\n2\n3\n4\n" }));
        let after = deployment(json!({ "a.b/c": "1\nx\n4\n" }));
        let wanted = ["~ Deployment a/b (apps/v1)", "    spec[a.b/c]: from line 2", "      - 2", "      - 3", "      + x"];
        assert_eq!(objects(&[before], &[after]), wanted);
    }

    #[test]
    fn objects_come_and_go_and_equal_ones_are_not_mentioned() {
        let (a, b, c) = (map("a"), map("b"), deployment(json!({})));
        assert_eq!(objects(&[a, c.clone()], &[c.clone(), b]), ["- ConfigMap a (v1)", "+ ConfigMap b (v1)"]);
        let same = [c];
        assert!(objects(&same, &same).is_empty());
    }

    #[test]
    fn another_order_of_named_entries_is_a_difference() {
        let one = deployment(json!({ "env": [{ "name": "x" }, { "name": "y" }] }));
        let two = deployment(json!({ "env": [{ "name": "y" }, { "name": "x" }] }));
        assert_eq!(objects(&[one], &[two]), ["~ Deployment a/b (apps/v1)", "    spec.env: in another order"]);
    }
}
