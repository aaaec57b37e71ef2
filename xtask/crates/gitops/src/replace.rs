//! Filling in one text of an ApplicationSet: Go's templates, or the old `{{name}}`.
//!
//! Source: `Render.Replace` of Argo CD's `applicationset/utils`, and its library fasttemplate for the old way.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::params::{Params, Set};
use gotemplate::{ErrorKind, MissingKey, Template};

/// Why something has no result.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// Argo CD fails too, in these words.
    Error(String),
    /// It cannot be known offline, for this reason.
    Unverified(String),
}

impl Fault {
    /// Puts what was being done before an error, as `fmt.Errorf("…: %w")` does.
    pub fn within(self, what: impl FnOnce() -> String) -> Self {
        match self {
            Fault::Error(words) => Fault::Error(format!("{}: {words}", what())),
            unverified => unverified,
        }
    }
}

impl From<String> for Fault {
    fn from(words: String) -> Self {
        Fault::Error(words)
    }
}

impl From<&str> for Fault {
    fn from(words: &str) -> Self {
        Fault::Error(words.to_string())
    }
}

/// Templates that were parsed before: the same texts come for every parameter set.
#[derive(Default)]
pub struct Templates(RefCell<HashMap<String, Rc<Parsed>>>);

type Parsed = Result<Template, Fault>;

impl Templates {
    fn get(&self, text: &str) -> Rc<Parsed> {
        if let Some(known) = self.0.borrow().get(text) {
            return known.clone();
        }
        let parsed = Template::parse(text).map_err(|e| fault(e, || format!("failed to parse template {text}")));
        let parsed = Rc::new(parsed);
        self.0.borrow_mut().insert(text.to_string(), parsed.clone());
        parsed
    }
}

/// What `goTemplateOptions` say of missing keys; the last word counts.
/// Errors: an option that Go does not know, on which Argo CD panics.
pub fn missing_key(options: &[&str]) -> Result<MissingKey, Fault> {
    let mut found = MissingKey::Default;
    for option in options {
        found = match *option {
            "missingkey=default" | "missingkey=invalid" => MissingKey::Default,
            "missingkey=zero" => MissingKey::Zero,
            "missingkey=error" => MissingKey::Error,
            "" => return Err("panic: empty option string".into()),
            other => return Err(format!("panic: unrecognized option: {other}").into()),
        };
    }
    Ok(found)
}

/// Fills in texts with one parameter set.
pub struct Renderer<'a> {
    params: &'a Params,
    templates: &'a Templates,
    /// Made when the first template needs it.
    data: OnceCell<gotemplate::Value>,
}

impl<'a> Renderer<'a> {
    pub fn new(params: &'a Params, templates: &'a Templates) -> Self {
        Renderer { params, templates, data: OnceCell::new() }
    }

    /// The text with the parameters in it.
    pub fn replace(&self, text: &str, missing: MissingKey) -> Result<String, Fault> {
        if !text.contains("{{") {
            return Ok(text.to_string());
        }
        match self.params {
            Params::Fast(set) => fast(text, set).map_err(Fault::Error),
            Params::Go(set) => {
                let template = self.templates.get(text);
                let template = template.as_ref().as_ref().map_err(Clone::clone)?;
                let data = self.data.get_or_init(|| super::params::data(set));
                template.execute(data, missing).map_err(|e| fault(e, || format!("failed to execute go template {text}")))
            }
        }
    }
}

fn fault(e: gotemplate::Error, what: impl FnOnce() -> String) -> Fault {
    match e.kind {
        ErrorKind::Unverifiable => Fault::Unverified(e.message),
        _ => Fault::Error(e.message).within(what),
    }
}

/// The old way. A tag is anything between `{{` and the next `}}`, over lines too; its name is trimmed, and what is no string
/// of the parameters stays as it was. Without both marks on one line nothing is filled in at all.
/// Errors: a tag that does not end, if there is another one that does.
fn fast(text: &str, set: &Set) -> Result<String, String> {
    if !text.split('\n').any(|line| line.split_once("{{").is_some_and(|(_, rest)| rest.contains("}}"))) {
        return Ok(text.to_string());
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((tag, after)) = tag.split_once("}}") else {
            return Err(format!("invalid template: Cannot find end tag=\"}}}}\" in the template={text:?} starting from {tag:?}"));
        };
        match set.get(tag.trim()).and_then(|value| value.as_str()) {
            Some(value) if !tag.trim().is_empty() => out.push_str(value),
            _ => out.extend(["{{", tag, "}}"]),
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params;
    use serde_json::json;

    #[test]
    fn the_old_way_fills_in_strings_and_leaves_the_rest() {
        let map = json!({"a": "1", "n": 2, "": "x"}).as_object().cloned().unwrap();
        let set = params::set(map);
        let cases = [
            ("{{a}}-{{ a }}", "1-1"),
            ("{{n}} {{ b }} {{}}", "{{n}} {{ b }} {{}}"),
            ("{{\na}}", "{{\na}}"),
            ("{{a}} {{\na\n}}", "1 1"),
            ("{{a", "{{a"),
            ("{{{a}}}", "{{{a}}}"),
            ("a}}{{", "a}}{{"),
        ];
        for (text, wanted) in cases {
            assert_eq!(fast(text, &set).as_deref(), Ok(wanted));
        }
        assert!(fast("{{a}} {{b", &set).unwrap_err().ends_with("starting from \"b\""));
    }
}
