//! YAML for people and for golden files; programs are fed JSON.
//!
//! Not the YAML crate's own writer: it leaves words bare that readers of YAML 1.1 take for booleans and numbers (`no`, `1_000`).
//! `apiVersion`, `kind` and `metadata` come first, the other keys in the order of the alphabet.

use serde_json::{Map, Value};

/// The documents, each after a line `---`.
pub fn documents<'a>(objects: impl IntoIterator<Item = &'a Value>) -> String {
    objects.into_iter().fold(String::new(), |text, object| text + "---\n" + &document(object))
}

/// One document, with a newline at its end.
pub fn document(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => block_map(&mut text, map, 0),
        Value::Array(list) if !list.is_empty() => block_list(&mut text, list, 0),
        _ => text = format!("{}\n", scalar(value, 0)),
    }
    text
}

fn block_map(text: &mut String, map: &Map<String, Value>, indent: usize) {
    let first = ["apiVersion", "kind", "metadata"];
    let rank = |key: &str| first.iter().position(|f| *f == key).unwrap_or(first.len());
    let mut keys: Vec<(&String, &Value)> = map.iter().collect();
    keys.sort_by_key(|(key, _)| (rank(key), *key));
    for (i, (key, value)) in keys.into_iter().enumerate() {
        // The first key of an entry of a list stands behind its dash.
        if i > 0 || !text.ends_with("- ") {
            text.push_str(&" ".repeat(indent));
        }
        text.push_str(&word(key));
        text.push(':');
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                text.push('\n');
                block_map(text, inner, indent + 2);
            }
            Value::Array(inner) if !inner.is_empty() => {
                text.push('\n');
                block_list(text, inner, indent + 2);
            }
            _ => text.push_str(&format!(" {}\n", scalar(value, indent + 2))),
        }
    }
}

fn block_list(text: &mut String, list: &[Value], indent: usize) {
    for value in list {
        text.push_str(&" ".repeat(indent));
        text.push_str("- ");
        match value {
            Value::Object(inner) if !inner.is_empty() => block_map(text, inner, indent + 2),
            Value::Array(inner) if !inner.is_empty() => {
                text.truncate(text.len() - 1);
                text.push('\n');
                block_list(text, inner, indent + 2);
            }
            _ => text.push_str(&format!("{}\n", scalar(value, indent + 2))),
        }
    }
}

/// `indent`: that of the lines of a text block.
fn scalar(value: &Value, indent: usize) -> String {
    match value {
        Value::String(text) => literal(text, indent).unwrap_or_else(|| word(text)),
        Value::Object(_) => "{}".into(),
        Value::Array(_) => "[]".into(),
        other => other.to_string(),
    }
}

/// Several lines as they are. `None` where that would change them or hide something: it is quoted then.
fn literal(text: &str, indent: usize) -> Option<String> {
    let body = text.trim_end_matches('\n');
    let hidden = |line: &str| line.ends_with([' ', '\t']) || line.starts_with('\t') || line.contains(|c: char| unprintable(c) && c != '\t');
    if !body.contains('\n') || body.starts_with([' ', '\n']) || body.lines().any(hidden) || body.contains('\r') {
        return None;
    }
    let chomp = match text.len() - body.len() {
        0 => "-",
        1 => "",
        _ => return None,
    };
    let lines = body.split('\n').map(|line| if line.is_empty() { "\n".into() } else { format!("\n{}{line}", " ".repeat(indent)) });
    Some(format!("|{chomp}{}", lines.collect::<String>()))
}

/// Text bare where every reader of YAML takes it for text, else quoted as in JSON, which is YAML too.
fn word(text: &str) -> String {
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let bare = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./@=+".contains(c) || c == ' ')
        && !text.ends_with(' ')
        && !words.contains(&text.to_ascii_lowercase().as_str());
    if bare {
        return text.to_string();
    }
    let quoted = Value::String(text.to_string()).to_string();
    quoted.chars().map(|c| if unprintable(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() }).collect()
}

/// What JSON leaves as it is, and YAML does not allow or takes for the end of a line.
fn unprintable(c: char) -> bool {
    c.is_control() || ['\u{2028}', '\u{2029}', '\u{feff}'].contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::yaml;
    use serde_json::json;

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let texts = [
            "",
            "no",
            "On",
            "1_000",
            "0777",
            "1e3",
            "1.10",
            "a: b",
            "a #b",
            "#a",
            "- a",
            "*a",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a",
            "{a}",
            "a\n",
            "a\nb",
            "a\nb\n",
            "a\nb\n\n",
            "\na",
            " a\nb",
            "a \nb",
            "a\tb\nc",
            "a\n\n\tb",
            "a\r\nb",
            "é\nü",
            "---",
            "~",
            "=",
            "<<",
            "\u{7f}",
            "a\n\nb",
            "x:",
            "2001-01-01",
            "12:30:45",
            "a\\b\"c'",
            "\u{2028}\nx",
        ];
        for text in texts {
            let value =
                json!({ "kind": text, "a": [text, [text, { text: { "x": text } }], {}, []], "b": { "c": null, "d": 1.5, "e": true } });
            let written = documents(&[value.clone(), value.clone()]);
            assert_eq!(yaml::parse_all(&written).unwrap(), [value.clone(), value], "{text:?}\n{written}");
        }
    }

    #[test]
    fn it_reads_well() {
        let value = json!({
            "kind": "ConfigMap", "apiVersion": "v1", "data": { "a": "x\ny\n", "b": "no", "c": "8081" },
            "metadata": { "name": "m" }, "args": ["--a=b", { "name": "first", "empty": [] }],
        });
        let wanted = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\nargs:\n  - \"--a=b\"\n  - empty: []\n    name: first\n\
                      data:\n  a: |\n    x\n    y\n  b: \"no\"\n  c: \"8081\"\n";
        assert_eq!(document(&value), wanted);
    }
}
