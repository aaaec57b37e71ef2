//! The variables that Argo CD puts into value files and parameters of a source: `$ARGOCD_APP_NAME` and its like.

use gitops::model::Application;
use serde_json::Value;

/// What a text becomes.
#[derive(Debug, PartialEq, Eq)]
pub enum Substituted {
    Text(String),
    /// It takes this variable, which is known only once there is a commit.
    Unknown(String),
}

/// Values by name, for one source of an Application.
pub struct Variables<'a> {
    application: &'a Application,
    source: &'a Value,
}

impl<'a> Variables<'a> {
    pub fn new(application: &'a Application, source: &'a Value) -> Self {
        Variables { application, source }
    }

    /// The value of one, as `newEnv` of the repo-server sets it. One that it does not set is empty.
    fn value(&self, name: &str) -> Option<&str> {
        let of_source = |key: &str| self.source.get(key).and_then(Value::as_str).unwrap_or_default();
        Some(match name {
            "$" => "$",
            "ARGOCD_APP_NAME" => self.application.name(),
            "ARGOCD_APP_NAMESPACE" => self.application.namespace(),
            "ARGOCD_APP_PROJECT_NAME" => match self.application.value.pointer("/spec/project").and_then(Value::as_str) {
                None | Some("") => "default",
                Some(project) => project,
            },
            "ARGOCD_APP_SOURCE_REPO_URL" => of_source("repoURL"),
            "ARGOCD_APP_SOURCE_PATH" => of_source("path"),
            "ARGOCD_APP_SOURCE_TARGET_REVISION" => of_source("targetRevision"),
            "ARGOCD_APP_REVISION" | "ARGOCD_APP_REVISION_SHORT" | "ARGOCD_APP_REVISION_SHORT_8" => return None,
            _ => "",
        })
    }

    /// The text with its `$NAME` and `${NAME}` replaced, as Go's `os.Expand` does it; `$$` is a dollar.
    pub fn substitute(&self, text: &str) -> Substituted {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            if after.is_empty() {
                out.push('$');
            }
            let (name, length) = name_at(after);
            match (name, length) {
                ("", 0) if !after.is_empty() => out.push('$'),
                ("", _) => {}
                _ => match self.value(name) {
                    Some(value) => out.push_str(value),
                    None => return Substituted::Unknown(name.to_string()),
                },
            }
            rest = after.get(length..).unwrap_or_default();
        }
        out.push_str(rest);
        Substituted::Text(out)
    }
}

/// The name of a variable at the start of a text, and the bytes that it takes. Go's `getShellName`.
fn name_at(text: &str) -> (&str, usize) {
    let special = |byte: u8| b"*#$@!?-0123456789".contains(&byte);
    match text.as_bytes() {
        [b'{', one, b'}', ..] if special(*one) => (text.get(1..2).unwrap_or_default(), 3),
        [b'{', ..] => match text.find('}') {
            Some(1) => ("", 2),
            Some(end) => (text.get(1..end).unwrap_or_default(), end + 1),
            None => ("", 1),
        },
        [one, ..] if special(*one) => (text.get(..1).unwrap_or_default(), 1),
        bytes => {
            let end = bytes.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').unwrap_or(bytes.len());
            (text.get(..end).unwrap_or_default(), end)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;
    use gitops::model::Place;

    // Answers of os.Expand with the repo-server's variables.
    #[test]
    fn variables_are_replaced_as_go_does() {
        let value = json!({ "metadata": { "name": "a" }, "spec": { "destination": { "namespace": "n" } } });
        let place = Place { file: PathBuf::from("a.yaml"), line: 1 };
        let application = Application { place, set: None, parent: None, environment: None, value };
        let source = json!({ "path": "charts/a" });
        let variables = Variables::new(&application, &source);
        let cases = [
            ("x-$ARGOCD_APP_NAME.yaml", "x-a.yaml"),
            ("${ARGOCD_APP_NAMESPACE}/$ARGOCD_APP_SOURCE_PATH", "n/charts/a"),
            ("$values/x", "/x"),
            ("a$$b", "a$b"),
            ("$ARGOCD_APP_PROJECT_NAME", "default"),
            ("a$", "a$"),
            ("$/x", "$/x"),
            ("${}x", "x"),
            ("${x", "x"),
            ("$1x", "x"),
        ];
        for (text, wanted) in cases {
            assert_eq!(variables.substitute(text), Substituted::Text(wanted.into()), "{text}");
        }
        assert_eq!(variables.substitute("$ARGOCD_APP_REVISION"), Substituted::Unknown("ARGOCD_APP_REVISION".into()));
    }
}
