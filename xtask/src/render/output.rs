//! From text to objects, as Argo CD's repo-server makes them: documents, lists unfolded, each with where it comes from.

use serde_json::Value;

use crate::error::{Context as _, Error, Result};
use crate::repo::yaml;

/// An object with what printed it.
pub type Made = (String, Value);

/// What separates the objects that Helm prints.
const SOURCE: &str = "# Source: ";

/// The objects that Helm printed, with the templates they come from, as Helm names them; and what Argo CD does not mind.
pub fn of_helm(printed: &str) -> Result<(Vec<Made>, Vec<String>)> {
    let mut made = Vec::new();
    let mut warnings = Vec::new();
    for (template, text) in chunks(printed) {
        let what = || format!("what {template} renders is not valid");
        let (documents, twice) = yaml::parse_all_last_wins(text).with_context(what)?;
        warnings.extend(twice.map(|twice| format!("what {template} renders: {twice}; Argo CD takes the last one")));
        for document in documents {
            unfold(document, template, &mut made).with_context(what)?;
        }
    }
    Ok((made, warnings))
}

/// The parts of what Helm printed, each with the template that its first line names.
fn chunks(printed: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = printed;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        // An object with a text that looks like the next one's first lines has it indented.
        let end = rest.get(1..).and_then(|later| later.find("\n---\n# Source: ")).map_or(rest.len(), |at| at + 2);
        let (chunk, later) = rest.split_at(end);
        rest = later;
        let template = chunk.lines().take(2).find_map(|line| line.strip_prefix(SOURCE)).unwrap_or_default();
        Some((template, chunk))
    })
}

/// One document, or what its list holds. Errors: it is no object with a kind.
pub fn unfold(document: Value, from: &str, made: &mut Vec<Made>) -> Result<()> {
    let document = with_kind(document)?;
    match document.get("items") {
        Some(Value::Array(_)) => {}
        Some(Value::Null) if document.get("spec").is_none() && document.get("status").is_none() => return Ok(()),
        _ => {
            made.push((from.to_string(), document));
            return Ok(());
        }
    }
    let Value::Object(mut map) = document else { return Ok(()) };
    let Some(Value::Array(items)) = map.remove("items") else { return Ok(()) };
    for item in items {
        if !item.is_object() {
            return Err(Error::failed("items member should be an object"));
        }
        made.push((from.to_string(), with_kind(item)?));
    }
    Ok(())
}

fn with_kind(document: Value) -> Result<Value> {
    match document.get("kind").and_then(Value::as_str) {
        Some(kind) if !kind.is_empty() => Ok(document),
        _ if document.is_object() => {
            let text = document.to_string();
            let short: String = text.chars().take(100).collect();
            Err(Error::failed(format!("Object 'Kind' is missing in '{short}{}'", if short.len() < text.len() { "…" } else { "" })))
        }
        _ => Err(Error::failed(format!("an object is expected, not `{}`", document.to_string().chars().take(100).collect::<String>()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_knows_its_template() {
        let printed = "---\n# Source: a/crds/x.yaml\nkind: A\n---\nkind: B\n---\n# Source: a/templates/b.yaml\n# note\nkind: C\ntext: |\n  x\n  ---\n  # Source: no\n\
                       ---\n# Source: a/templates/none.yaml\n# nothing\n---\n# Source: a/templates/l.yaml\nkind: List\nitems:\n- kind: D\n- kind: E\n";
        let (made, warnings) = of_helm(printed).unwrap();
        assert!(warnings.is_empty());
        let shown: Vec<String> = made.iter().map(|(from, object)| format!("{from} {}", object["kind"].as_str().unwrap())).collect();
        let wanted = ["a/crds/x.yaml A", "a/crds/x.yaml B", "a/templates/b.yaml C", "a/templates/l.yaml D", "a/templates/l.yaml E"];
        assert_eq!(shown, wanted);
        assert_eq!(made[2].1["text"], "x\n---\n# Source: no\n");
        assert!(of_helm("").unwrap().0.is_empty());
        let (made, warnings) = of_helm("---\n# Source: a/b.yaml\nkind: A\nx: 1\nx: 2\n").unwrap();
        assert!(made[0].1["x"] == 2 && warnings[0].starts_with("what a/b.yaml renders: duplicate entry with key \"x\""), "{warnings:?}");
    }

    #[test]
    fn a_document_without_a_kind_is_named_with_its_template() {
        let e = of_helm("---\n# Source: a/templates/b.yaml\napiVersion: v1\n").unwrap_err();
        assert_eq!(e.one_line(), "what a/templates/b.yaml renders is not valid: Object 'Kind' is missing in '{\"apiVersion\":\"v1\"}'");
        assert!(of_helm("---\n# Source: a/b\n- x\n").unwrap_err().one_line().contains("not `[\"x\"]`"));
        assert!(of_helm("---\n# Source: a/b\nkind: A\nitems: null\n").unwrap().0.is_empty());
    }
}
