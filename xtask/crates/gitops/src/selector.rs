//! Label selectors, as Kubernetes has them for clusters and as Argo CD has them for parameters.

use std::collections::BTreeMap;

use serde_json::Value;

/// What must hold for labels, or for parameters.
#[derive(Clone, Debug, Default)]
pub struct Selector(Vec<Requirement>);

#[derive(Clone, Debug)]
struct Requirement {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operator {
    Equals,
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

/// Whose rules the values follow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Values {
    /// Labels of Kubernetes: 63 characters of a small alphabet.
    Labels,
    /// Any text: parameters hold URLs too.
    Free,
}

impl Selector {
    /// Reads `matchLabels` and `matchExpressions`; without either, everything matches.
    /// Errors: in the words of Kubernetes and of Argo CD, which both copied the same code.
    pub fn read(value: &Value, rules: Values) -> Result<Self, String> {
        let mut requirements = Vec::new();
        for (key, value) in value.get("matchLabels").and_then(Value::as_object).into_iter().flatten() {
            let text = value.as_str().ok_or_else(|| format!("matchLabels.{key} must be a string"))?;
            requirements.push(Requirement::new(key, Operator::Equals, vec![text.to_string()], rules)?);
        }
        for expression in value.get("matchExpressions").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| expression.get(name).and_then(Value::as_str).unwrap_or_default();
            let operator = match text("operator") {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                other => {
                    let kind = if rules == Values::Labels { "label" } else { "pod" };
                    return Err(format!("{other:?} is not a valid {kind} selector operator"));
                }
            };
            let listed = expression.get("values").and_then(Value::as_array).into_iter().flatten();
            let values = listed.map(|v| v.as_str().map(str::to_string).ok_or("the values of a selector must be strings"));
            requirements.push(Requirement::new(text("key"), operator, values.collect::<Result<_, _>>()?, rules)?);
        }
        Ok(Selector(requirements))
    }

    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|requirement| requirement.matches(labels))
    }
}

impl Requirement {
    fn new(key: &str, operator: Operator, values: Vec<String>, rules: Values) -> Result<Self, String> {
        let mut wrong: Vec<String> = qualified_name(key).into_iter().map(|why| format!("key: Invalid value: {key:?}: {why}")).collect();
        match operator {
            Operator::In | Operator::NotIn if values.is_empty() => {
                wrong.push("values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty".to_string());
            }
            Operator::Exists | Operator::DoesNotExist if !values.is_empty() => {
                let shown: Vec<String> = values.iter().map(|v| format!("{v:?}")).collect();
                let shown = shown.join(",");
                wrong.push(format!("values: Invalid value: [{shown}]: values set must be empty for exists and does not exist"));
            }
            _ => {}
        }
        if rules == Values::Labels {
            for (i, value) in values.iter().enumerate() {
                wrong.extend(label_value(value).map(|why| format!("values[{i}][{key}]: Invalid value: {value:?}: {why}")));
            }
        }
        match wrong.as_slice() {
            [] => Ok(Requirement { key: key.to_string(), operator, values }),
            [one] => Err(one.clone()),
            several => Err(format!("[{}]", several.join(", "))),
        }
    }

    fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        let has = |value: &String| self.values.contains(value);
        match self.operator {
            Operator::Equals | Operator::In => labels.get(&self.key).is_some_and(has),
            Operator::NotIn => !labels.get(&self.key).is_some_and(has),
            Operator::Exists => labels.contains_key(&self.key),
            Operator::DoesNotExist => !labels.contains_key(&self.key),
        }
    }
}

/// Why this is not a key of a label: `prefix/name`, the prefix a DNS subdomain. Source: `validation.IsQualifiedName`.
pub fn qualified_name(key: &str) -> Option<String> {
    let example = "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    let characters = format!(
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character {example}"
    );
    let parts: Vec<&str> = key.split('/').collect();
    let (prefix, name) = match parts.as_slice() {
        [name] => (None, *name),
        [prefix, name] => (Some(*prefix), *name),
        _ => {
            return Some(format!(
                "a valid label key {characters} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            ));
        }
    };
    let mut wrong = Vec::new();
    if let Some(prefix) = prefix {
        if prefix.is_empty() {
            wrong.push("prefix part must be non-empty".to_string());
        } else {
            wrong.extend(subdomain(prefix).into_iter().map(|why| format!("prefix part {why}")));
        }
    }
    if name.is_empty() {
        wrong.push("name part must be non-empty".to_string());
    } else if name.len() > 63 {
        wrong.push("name part must be no more than 63 bytes".to_string());
    }
    if !plain_name(name) {
        wrong.push(format!("name part {characters}"));
    }
    (!wrong.is_empty()).then(|| wrong.join("; "))
}

/// Letters, digits, `-`, `_` and `.`, the first and the last a letter or digit.
fn plain_name(name: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    ends(name.chars().next()) && ends(name.chars().last()) && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// Why this is not a DNS subdomain, as names of most objects are.
pub fn subdomain(name: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if name.len() > 253 {
        wrong.push("must be no more than 253 bytes".to_string());
    }
    let label = |part: &str| {
        let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        ends(part.chars().next())
            && ends(part.chars().last())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    if !name.split('.').all(label) {
        wrong.push(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an \
             alphanumeric character (e.g. 'example.com', regex used for validation is \
             '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
                .to_string(),
        );
    }
    wrong
}

/// Why this is not the value of a label.
pub fn label_value(value: &str) -> Option<String> {
    let mut wrong = Vec::new();
    if value.len() > 63 {
        wrong.push("must be no more than 63 bytes");
    }
    if !value.is_empty() && !plain_name(value) {
        wrong.push(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an \
             alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is \
             '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
        );
    }
    (!wrong.is_empty()).then(|| wrong.join("; "))
}
