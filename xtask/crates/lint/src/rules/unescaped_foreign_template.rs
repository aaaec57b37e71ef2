//! An expression of another program's templates stands bare in a Helm template.
//!
//! ## What
//! `{{ … }}` that Prometheus, Alertmanager, Argo Rollouts or Argo CD's notifications should see, without quotes around it.
//! ## Why
//! Helm runs it first. Either it fails, and the whole chart with it, or it prints nothing into the query or message.
//! ## Bad
//! ```yaml charts/shop/templates/analysis.yaml
//! kind: AnalysisTemplate
//! query: up{app="{{args.app}}"}
//! ```
//! ```yaml charts/shop/templates/alerts.yaml
//! summary: {{ .Labels.instance }} of {{ .Release.Name }} is down
//! ```
//! ```yaml charts/shop/templates/rules.yaml
//! description: {{ $labels.instance }} has {{ humanize $value }} errors
//! ```
//! ## Good
//! ```yaml charts/shop/templates/analysis.yaml
//! query: up{app="{{ "{{args.app}}" }}"}
//! ```
//! ```yaml charts/shop/templates/alerts.yaml
//! summary: '{{ `{{ .Labels.instance }}` }} of {{ .Release.Name }} is down'
//! ```
//! ## Trap
//! Content that is loaded, comments, values that are never templates, variables and contexts that the chart makes itself, and a
//! function that is merely misspelled.
//! ```yaml charts/shop/values.yaml
//! summary: "{{ $labels.instance }} is down"
//! rules: {a: {labels: {x: z}}}
//! ```
//! ```yaml charts/shop/templates/alerts.yaml
//! {{- /* {{ $labels.instance }} */}}
//! {{- $labels := dict "app" "shop" }}
//! summary: {{ .Values.summary | quote }}
//! app: {{ $labels.app }}
//! file: {{ .Files.Get "files/rules.yaml" | quote }}
//! {{- range $key, $value := .Values.rules }}
//! {{ $key }}: {{ $value.labels.x }}
//! {{- end }}
//! {{- $_ := set . "Labels" (dict "a" "b") }}
//! own: {{ .Labels.a }}
//! {{- if .Optional }}
//! never: {{ .Optional }}
//! {{- end }}
//! ```
//! ```yaml charts/shop/templates/typo.yaml
//! summary: {{ .Values.summary | qoute }}
//! ```
//! ## Fix
//! Let Helm print it: `{{ "{{args.app}}" }}`, or with back quotes if it has quotes in it.

use std::collections::BTreeSet;

use gotemplate::syntax::Pos;

use crate::text::nearest;
use crate::charts::{Subject, Template, is_function};
use crate::{Findings, Severity};

pub const ID: &str = "unescaped-foreign-template";
pub const SEVERITY: Severity = Severity::Error;

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> super::Meta {
        super::Meta { id: ID, severity: SEVERITY }
    }

    fn check(&self, index: &crate::index::Index<'_>, out: &mut Findings) {
        check(index.subjects, out);
    }
}

const KEYWORDS: &[&str] =
    &["if", "else", "end", "range", "with", "define", "template", "block", "break", "continue", "nil", "true", "false"];

/// Variables of Prometheus' templates.
const VARIABLES: &[&str] = &["$labels", "$value", "$externalLabels", "$externalURL"];

/// Functions of Prometheus' templates.
const FUNCTIONS: &[&str] = &[
    "humanize",
    "humanize1024",
    "humanizeDuration",
    "humanizePercentage",
    "humanizeTimestamp",
    "strvalue",
    "tableLink",
    "graphLink",
    "pathPrefix",
    "externalURL",
    "stripPort",
    "stripDomain",
    "sortByLabel",
    "safeHtml",
    "reReplaceAll",
    "toTime",
    "query",
];

/// Fields of the contexts of Prometheus, Alertmanager and the notifications of Argo CD and Argo Rollouts.
const FIELDS: &[&str] = &[
    "Labels",
    "Annotations",
    "CommonLabels",
    "CommonAnnotations",
    "GroupLabels",
    "GroupKey",
    "Alerts",
    "ExternalURL",
    "GeneratorURL",
    "StartsAt",
    "EndsAt",
    "Fingerprint",
    "Receiver",
    "Status",
    "app",
    "rollout",
    "analysisRun",
    "serviceType",
    "recipient",
    "secrets",
];

pub fn check(subjects: &[Subject<'_>], out: &mut Findings) {
    out.of(ID, SEVERITY);
    let mut seen = BTreeSet::new();
    for subject in subjects {
        for (at, (_, file)) in subject.family.templates.iter().enumerate() {
            let mut found: Vec<(Pos, String, String)> = Vec::new();
            if file.error.is_some() {
                for action in actions(&file.text) {
                    if let Some(why) = foreign(&file.text, action.inside) {
                        found.push((action.pos, action.written.to_string(), why));
                    }
                }
            } else {
                for foreign in subject.reads.foreign.iter().filter(|foreign| foreign.file == at) {
                    let action = actions(&file.text).find(|action| action.covers(foreign.pos));
                    let Some(action) = action.filter(|action| is_meant(subject, file, &foreign.field, action)) else { continue };
                    let why = format!("its context has no `{}`, so it prints nothing", foreign.field);
                    found.push((action.pos, action.written.to_string(), why));
                }
            }
            for (pos, written, why) in found {
                let place = file.place(pos);
                if !seen.insert((place.clone(), written.clone())) {
                    continue;
                }
                let inside = written.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).unwrap_or(&written).to_string();
                let quote = if inside.contains('"') { '`' } else { '"' };
                out.say(format!("`{written}` is run by Helm: {why}"))
                    .at(place.path, place.line, place.column)
                    .help(format!("let Helm print it for the other program: `{{{{ {quote}{written}{quote} }}}}`"));
            }
        }
    }
}

/// Is a field that Helm's context has not meant for another program? Not if the chart adds it, asks for it, or misspells another.
fn is_meant(subject: &Subject<'_>, file: &Template, field: &str, action: &Action<'_>) -> bool {
    let added = &subject.reads.added;
    if added.contains("") || added.contains(field) {
        return false;
    }
    let words = ["Values", "Release", "Chart", "Capabilities", "Files", "Template"];
    let first = action.inside.split_whitespace().next().unwrap_or_default();
    let asked = action.inside.contains("default") || action.inside.contains("hasKey") || KEYWORDS.contains(&first);
    let guarded = file.text.contains(&format!("if .{field}")) || file.text.contains(&format!("with .{field}"));
    let known = FIELDS.contains(&field);
    !asked && !guarded && nearest(field, words).is_none() && (known || !file.is_partial())
}

/// One `{{ … }}`.
pub struct Action<'a> {
    pub pos: Pos,
    /// With its braces.
    pub written: &'a str,
    /// Without braces, trim dashes and blanks.
    pub inside: &'a str,
}

impl Action<'_> {
    fn covers(&self, pos: Pos) -> bool {
        (self.pos..self.pos + self.written.len()).contains(&pos)
    }
}

/// All actions of a text, comments left out, also of one that does not parse.
pub fn actions(text: &str) -> impl Iterator<Item = Action<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let pos = from + text.get(from..)?.find("{{")?;
            let inside = pos + 2;
            let rest = text.get(inside..)?;
            if rest.trim_start_matches('-').trim_start().starts_with("/*") {
                from = inside + rest.find("*/").map_or(rest.len(), |at| at + 2);
                continue;
            }
            let length = length(rest);
            from = (inside + length + 2).min(text.len());
            let inner = rest.get(..length)?.trim();
            let inner = inner.strip_prefix("- ").unwrap_or(inner);
            let inner = inner.strip_suffix(" -").unwrap_or(inner).trim();
            return Some(Action { pos, written: text.get(pos..from)?, inside: inner });
        }
    })
}

/// Bytes before the closing braces; quoted texts may have braces in them.
fn length(text: &str) -> usize {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match quote {
            Some('"') if escaped => escaped = false,
            Some('"') if c == '\\' => escaped = true,
            Some('"') if c == '\n' => quote = None,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '"' || c == '`' => quote = Some(c),
            None if text.get(at..).is_some_and(|rest| rest.starts_with("}}")) => return at,
            None => {}
        }
    }
    // It never ends; then it ends with its line.
    text.find('\n').unwrap_or(text.len())
}

/// Why an action of a text that does not parse is another program's.
fn foreign(text: &str, inside: &str) -> Option<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let word: String = inside.chars().take_while(|c| is_word(*c)).collect();
    let after = inside.get(word.len()..).unwrap_or_default();
    for name in inside.split(|c: char| !is_word(c) && c != '$').filter(|name| VARIABLES.contains(name)) {
        let declared = [":=", ",", " :=", " ,"].iter().any(|sign| text.contains(&format!("{name}{sign}")));
        if !declared {
            return Some(format!("it knows no variable `{name}`"));
        }
    }
    if let Some(field) = inside.strip_prefix('.') {
        let field: String = field.chars().take_while(|c| is_word(*c)).collect();
        return FIELDS.contains(&field.as_str()).then(|| format!("its context has no `{field}`"));
    }
    let is_name = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !is_name || KEYWORDS.contains(&word.as_str()) || is_function(&word) {
        return None;
    }
    let alone = after.is_empty() || after.starts_with(['.', '-', '[']);
    (alone || FUNCTIONS.contains(&word.as_str())).then(|| format!("it knows no function `{word}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_found_around_quotes_and_comments() {
        let text = "a {{ \"}}\" }} {{- /* {{ x }} */ -}} b {{- .c -}} {{ `{{ d }}` }} {{ open\n{{ e }}";
        let found: Vec<&str> = actions(text).map(|action| action.inside).collect();
        assert_eq!(found, ["\"}}\"", ".c", "`{{ d }}`", "open\n{{ e"]);
    }

    #[test]
    fn what_another_program_knows_is_told_from_a_typo() {
        for of_others in ["args.app", "pod", "$labels.instance", "humanize $value", "printf \"%.1f\" $value", ".CommonLabels.alertname"] {
            assert!(foreign("", of_others).is_some(), "{of_others}");
        }
        for own in [".Values.x | qoute", "qoute .Values.x", "include \"x\" .", "end", "$x.y", "if gt .Values.a 1"] {
            assert!(foreign("", own).is_none(), "{own}");
        }
    }
}
