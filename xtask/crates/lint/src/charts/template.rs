//! A file of `templates/`, parsed, or Go's words for why it cannot be.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gotemplate::ErrorKind;
use gotemplate::syntax::{self, Pos, Tree};

use super::chart::Place;

/// What Helm's templates have beside the functions of an ApplicationSet, and what they lack.
/// Source: helm.sh/helm/v4/pkg/engine, `funcMap`.
const HELM_HAS: &[&str] = &[
    "include",
    "tpl",
    "required",
    "lookup",
    "toToml",
    "mustToToml",
    "fromToml",
    "toYaml",
    "mustToYaml",
    "toYamlPretty",
    "fromYaml",
    "fromYamlArray",
    "toJson",
    "mustToJson",
    "fromJson",
    "fromJsonArray",
    "getHostByName",
];
const HELM_LACKS: &[&str] = &["normalize", "slugify"];

/// A template file.
#[derive(Debug)]
pub struct Template {
    /// From the root of the repository.
    pub path: PathBuf,
    /// In its chart: `templates/deployment.yaml`.
    pub name: String,
    pub text: Arc<str>,
    /// Its own tree, named as Helm names the file, and those of its `define`s; none of a file that does not parse.
    pub trees: Vec<Tree>,
    pub error: Option<Broken>,
    /// Bytes at which its lines begin.
    starts: Vec<usize>,
}

/// Why a template does not parse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub place: Place,
    /// Go's words, without the place.
    pub message: String,
    pub hint: Option<&'static str>,
}

impl Template {
    /// `name` is its path in the chart `chart`, which is in `folder`.
    pub fn parse(folder: &Path, chart: &str, name: &str, text: &str) -> Self {
        let text: Arc<str> = text.into();
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut template =
            Template { path: folder.join(name), name: name.to_string(), text: text.clone(), trees: Vec::new(), error: None, starts };
        let full = format!("{chart}/{name}");
        match parse(&full, &text) {
            Ok(trees) => template.trees = trees,
            Err(e) => {
                let line = e.line.unwrap_or(1).max(1);
                let start = format!("template: {full}:{line}: ");
                let message = e.message.strip_prefix(&start).unwrap_or(&e.message).to_string();
                let place = Place { path: template.path.clone(), line, column: None };
                let hint = hint(template.line(line)).filter(|_| e.kind == ErrorKind::Parse);
                template.error = Some(Broken { place, message, hint });
            }
        }
        template
    }

    /// Only defines, never printed: `_helpers.tpl`.
    pub fn is_partial(&self) -> bool {
        self.name.rsplit('/').next().is_some_and(|file| file.starts_with('_'))
    }

    /// A line without its end; lines count from 1.
    pub fn line(&self, line: usize) -> &str {
        let Some(start) = line.checked_sub(1).and_then(|at| self.starts.get(at)) else { return "" };
        let end = self.starts.get(line).copied().unwrap_or(self.text.len());
        self.text.get(*start..end).unwrap_or_default().trim_end_matches(['\n', '\r'])
    }

    pub fn lines(&self) -> usize {
        self.starts.len()
    }

    /// The line that `pos` is in, from 1.
    pub fn line_of(&self, pos: Pos) -> usize {
        self.starts.partition_point(|start| *start <= pos)
    }

    /// The fields around `pos` as they are written, `.Values.image.tag`, and where they begin: Go says where the second one does.
    pub fn expression(&self, pos: Pos) -> (Pos, &str) {
        let is_name = |c: char| c.is_alphanumeric() || ['.', '_', '$'].contains(&c);
        let before = self.text.get(..pos).unwrap_or_default();
        let start = before.trim_end_matches(is_name).len();
        let rest = self.text.get(start..).unwrap_or_default();
        (start, rest.split(|c| !is_name(c)).next().unwrap_or_default())
    }

    pub fn place(&self, pos: Pos) -> Place {
        let line = self.line_of(pos);
        let start = line.checked_sub(1).and_then(|at| self.starts.get(at)).copied().unwrap_or_default();
        let column = self.text.get(start..pos).map(|before| before.chars().count() + 1);
        Place { path: self.path.clone(), line, column }
    }
}

/// Parses as Helm does.
pub fn parse(name: &str, text: &str) -> Result<Vec<Tree>, gotemplate::Error> {
    syntax::parse(name, text, HELM_HAS, HELM_LACKS)
}

/// Is there a function of this name in Helm's templates?
pub fn is_function(name: &str) -> bool {
    parse("name", &format!("{{{{ {name} }}}}")).is_ok()
}

/// What a line that does not parse likely has wrong with it.
fn hint(line: &str) -> Option<&'static str> {
    let spaced = |text: &str| text.strip_prefix([' ', '\t']).is_some_and(|rest| rest.trim_start().starts_with('-'));
    if line.split("{{").skip(1).any(|after| spaced(after) && !after.trim_start().starts_with("- ")) || line.contains("{{ - ") {
        return Some("a trim dash stands right behind the braces: `{{-`, not `{{ -`");
    }
    if line.contains("- }}") {
        return Some("a trim dash stands right before the braces: ` -}}`, not `- }}`");
    }
    let comment = line.find('#').zip(line.find("{{")).is_some_and(|(hash, braces)| hash < braces);
    comment.then_some("actions inside YAML comments run too; a comment of the template is `{{/* … */}}`")
}

/// Lines with braces that a formatter has split, `{ {`: what stands between them is printed as text.
pub fn split_braces(text: &str) -> Vec<usize> {
    let split = |line: &str| {
        let Some((_, after)) = line.split_once("{ {") else { return false };
        let Some((inside, _)) = after.split_once("} }") else { return false };
        let word = inside.trim_start_matches(['-', ' ']);
        [".Values", ".Release", ".Chart", "include ", "if ", "end", "with ", "range ", "else", "toYaml", "template ", "$"]
            .iter()
            .any(|start| word.starts_with(start))
    };
    text.lines().enumerate().filter(|(_, line)| split(line)).map(|(at, _)| at + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str) -> Broken {
        Template::parse(Path::new("charts/shop"), "shop", "templates/a.yaml", text).error.unwrap()
    }

    #[test]
    fn what_does_not_parse_is_said_in_go_s_words_with_its_line() {
        let e = broken("a: 1\nb: {{ .Values.x | qoute }}\n");
        assert_eq!((e.message.as_str(), e.place.line, e.hint), ("function \"qoute\" not defined", 2, None));
        let e = broken("{{ - if .Values.x }}\n{{ end }}\n");
        assert!(e.hint.unwrap().contains("`{{-`, not `{{ -`"), "{e:?}");
        let e = broken("{{ -if .Values.x }}\n{{ end }}\n");
        assert!(e.hint.is_some(), "{e:?}");
        let e = broken("{{- if .Values.x - }}\n{{ end }}\n");
        assert!(e.hint.unwrap().contains("`- }}`"), "{e:?}");
        let e = broken("# was {{ .Values.x | old }}\n");
        assert!(e.hint.unwrap().contains("comments run too"), "{e:?}");
    }

    #[test]
    fn helm_s_own_functions_are_known_and_argo_cd_s_are_not() {
        let text = "{{ include \"a\" . }}{{ tpl \"x\" . }}{{ required \"x\" .a }}{{ lookup \"v1\" \"Secret\" \"\" \"\" }}{{ toToml . }}";
        assert!(parse("t", text).is_ok());
        assert!(parse("t", "{{ slugify \"x\" }}").is_err());
        assert!(is_function("quote") && is_function("include") && !is_function("args") && !is_function("if"));
    }

    #[test]
    fn split_braces_are_found() {
        let text = "a: { { .Values.x } }\nb: {{ .Values.y }}\nc: { { a: 1 } }\n{ {- if .Values.z } }\n";
        assert_eq!(split_braces(text), [1, 4]);
    }

    #[test]
    fn places_count_lines_and_characters() {
        let template = Template::parse(Path::new("c"), "c", "templates/a.yaml", "a: é\nb: é{{ .Values.x }}\n");
        let place = template.place(template.text.find("{{").unwrap());
        assert_eq!((place.line, place.column), (2, Some(5)));
        assert_eq!(template.line(2), "b: é{{ .Values.x }}");
    }
}
