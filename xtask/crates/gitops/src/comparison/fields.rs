//! Which fields of an object differ, and which of that is noise.

use std::collections::BTreeSet;

use serde_json::Value;

use super::lists;

/// Deeper than any object that Kubernetes takes; what differs below is one field.
const DEEPEST: usize = 100;

/// A field that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// As people write it: `spec.template.spec.containers[app].image`.
    pub path: String,
    /// `None`: it is new. A hidden value is [`HIDDEN`].
    pub before: Option<Value>,
    /// `None`: it is gone.
    pub after: Option<Value>,
    pub noise: Option<Noise>,
}

/// What differs whenever a chart gets a new version, and says nothing by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Noise {
    /// A checksum in an annotation: something else changed that pods are restarted for.
    Checksum,
    /// The labels with the version of chart and program.
    Label,
}

/// Stands for a value that is never shown.
pub const HIDDEN: &str = "(hidden)";

/// Returns the fields that differ between two objects, in the order of their paths. Values of Secrets are hidden.
pub fn fields(before: &Value, after: &Value) -> Vec<Field> {
    let mut found = Found { fields: Vec::new(), secret: [before, after].iter().any(|object| super::text(object, "/kind") == "Secret") };
    found.compare(before, after, &mut Vec::new(), 0);
    found.fields
}

struct Found {
    fields: Vec<Field>,
    secret: bool,
}

/// A step of a path.
#[derive(Clone)]
enum Step<'a> {
    Key(&'a str),
    Item(String),
}

impl Found {
    fn compare<'a>(&mut self, before: &'a Value, after: &'a Value, path: &mut Vec<Step<'a>>, depth: usize) {
        if before == after {
            return;
        }
        match (before, after) {
            (Value::Object(a), Value::Object(b)) if depth < DEEPEST => {
                let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
                for key in keys {
                    path.push(Step::Key(key));
                    self.pair(a.get(key), b.get(key), path, depth);
                    path.pop();
                }
            }
            (Value::Array(a), Value::Array(b)) if depth < DEEPEST => {
                let had = self.fields.len();
                for item in lists::matches(a, b) {
                    path.push(Step::Item(item.label));
                    self.pair(item.before, item.after, path, depth);
                    path.pop();
                }
                if self.fields.len() == had {
                    let order = |word: &str| Some(Value::String(word.into()));
                    self.push(order("in one order"), order("in another order"), path);
                }
            }
            (a, b) => self.push(Some(a.clone()), Some(b.clone()), path),
        }
    }

    fn pair<'a>(&mut self, before: Option<&'a Value>, after: Option<&'a Value>, path: &mut Vec<Step<'a>>, depth: usize) {
        match (before, after) {
            (Some(a), Some(b)) => self.compare(a, b, path, depth + 1),
            // A map of several entries that comes or goes: each entry is a field, so that noise and secrets are told apart.
            (Some(Value::Object(a)), None) if !a.is_empty() && splits(path) => {
                a.iter().for_each(|(key, value)| self.entry(key, Some(value), None, path));
            }
            (None, Some(Value::Object(b))) if !b.is_empty() && splits(path) => {
                b.iter().for_each(|(key, value)| self.entry(key, None, Some(value), path));
            }
            (a, b) => self.push(a.cloned(), b.cloned(), path),
        }
    }

    fn entry<'a>(&mut self, key: &'a str, before: Option<&Value>, after: Option<&Value>, path: &mut Vec<Step<'a>>) {
        path.push(Step::Key(key));
        self.push(before.cloned(), after.cloned(), path);
        path.pop();
    }

    fn push(&mut self, before: Option<Value>, after: Option<Value>, path: &[Step<'_>]) {
        let hide = |value: Option<Value>| value.map(|value| if self.hidden(path) { Value::String(HIDDEN.into()) } else { value });
        let (before, after) = (hide(before), hide(after));
        self.fields.push(Field { path: shown(path), before, after, noise: noise(path) });
    }

    /// Values of a Secret, and what a tool may have copied of them into an annotation.
    fn hidden(&self, path: &[Step<'_>]) -> bool {
        let key = |i: usize| path.get(i).and_then(Step::key).unwrap_or_default();
        let known = ["argocd.argoproj.io/", "helm.sh/", "checksum/"].iter().any(|prefix| key(2).starts_with(prefix));
        self.secret && (matches!(key(0), "data" | "stringData") || key(0) == "metadata" && key(1) == "annotations" && !known)
    }
}

impl<'a> Step<'a> {
    fn key(&self) -> Option<&'a str> {
        match self {
            Step::Key(key) => Some(key),
            Step::Item(_) => None,
        }
    }
}

fn splits(path: &[Step<'_>]) -> bool {
    path.last().and_then(Step::key).is_some_and(|key| matches!(key, "labels" | "annotations" | "data" | "stringData" | "matchLabels"))
}

fn noise(path: &[Step<'_>]) -> Option<Noise> {
    let mut last = path.iter().rev().map(Step::key);
    let (Some(Some(key)), Some(Some(map)), Some(Some("metadata"))) = (last.next(), last.next(), last.next()) else { return None };
    match map {
        "annotations" if key.starts_with("checksum/") => Some(Noise::Checksum),
        "labels" if matches!(key, "helm.sh/chart" | "app.kubernetes.io/version") => Some(Noise::Label),
        _ => None,
    }
}

fn shown(path: &[Step<'_>]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Item(label) => text.push_str(&format!("[{label}]")),
            Step::Key(key) if key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') && !key.is_empty() => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
            Step::Key(key) => text.push_str(&format!("[\"{key}\"]")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lines(before: Value, after: Value) -> Vec<String> {
        let word = |value: &Option<Value>| value.as_ref().map_or("nothing".into(), Value::to_string);
        fields(&before, &after).iter().map(|f| format!("{}: {} -> {}", f.path, word(&f.before), word(&f.after))).collect()
    }

    #[test]
    fn a_field_is_named_as_people_write_it() {
        let pod = |image: &str| {
            json!({"spec": {"template": {"metadata": {"labels": {"a.b/c": image}},
                "spec": {"containers": [{"name": "side", "image": "s"}, {"name": "app", "image": image}]}}}})
        };
        let mut other = pod("b");
        other["spec"]["template"]["spec"]["containers"].as_array_mut().unwrap().reverse();
        assert_eq!(
            lines(pod("a"), other),
            ["spec.template.metadata.labels[\"a.b/c\"]: \"a\" -> \"b\"", "spec.template.spec.containers[app].image: \"a\" -> \"b\""]
        );
    }

    #[test]
    fn values_of_secrets_never_get_out() {
        let secret = |password: &str| {
            json!({"kind": "Secret", "data": {"password": password}, "stringData": {"x": password},
            "metadata": {"annotations": {"last": password}, "labels": {"l": password}}})
        };
        let text = format!("{:?}", fields(&secret("s3cret"), &secret("0ther")));
        assert_eq!(text.matches("s3cret").count(), 1, "only the label: {text}");
        let gone = format!("{:?}", fields(&secret("s3cret"), &json!({"kind": "Secret", "metadata": {"labels": {}, "annotations": {}}})));
        assert_eq!(gone.matches("s3cret").count(), 1, "only the label: {gone}");
        assert!(gone.contains("data.password"), "{gone}");
        let mut retyped = secret("0ther");
        retyped["kind"] = "ConfigMap".into();
        assert_eq!(format!("{:?}", fields(&secret("s3cret"), &retyped)).matches("s3cret").count(), 1);
    }

    #[test]
    fn checksums_and_labels_with_versions_are_noise_wherever_they_stand() {
        let object = |n: &str| {
            json!({"metadata": {"labels": {"helm.sh/chart": n}}, "spec": {"template": {"metadata":
            {"annotations": {"checksum/config": n}, "labels": {"app.kubernetes.io/version": n}}}}})
        };
        let found: Vec<Option<Noise>> = fields(&object("1"), &object("2")).iter().map(|f| f.noise).collect();
        assert_eq!(found, [Some(Noise::Label), Some(Noise::Checksum), Some(Noise::Label)]);
        let selector = fields(&json!({"spec": {"selector": {"helm.sh/chart": 1}}}), &json!({"spec": {"selector": {"helm.sh/chart": 2}}}));
        assert_eq!(selector[0].noise, None);
    }

    #[test]
    fn another_order_is_a_difference_and_equal_objects_have_none() {
        let list = |a: &str, b: &str| json!({"l": [{"name": a}, {"name": b}]});
        assert_eq!(lines(list("a", "b"), list("b", "a")), ["l: \"in one order\" -> \"in another order\""]);
        assert_eq!(lines(list("a", "b"), list("a", "b")), [""; 0]);
    }
}
