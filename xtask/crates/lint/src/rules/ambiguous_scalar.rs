//! A plain value that is read as something else than it looks like.
//!
//! ## What
//! A value without quotes that YAML 1.1, which Helm reads, takes for a boolean or another number, a version that loses its last
//! zero, or a whole number that Helm prints with an exponent, where a text is meant.
//! ## Why
//! The pod gets `false`, `83`, `1.1` or `1.23456789012e+11`, and neither Helm nor Kubernetes says anything.
//! ## Bad
//! ```yaml charts/shop/values.yaml
//! env: {REGION: no, ACCOUNT: 123456789012}
//! image: {tag: 1.10}
//! zip: 0123
//! ```
//! ```yaml charts/shop/templates/deployment.yaml
//! {{- range $key, $value := .Values.env }}
//! {{ $key }}: {{ $value | quote }}
//! {{- end }}
//! image: shop:{{ .Values.image.tag }}
//! zip: {{ .Values.zip | quote }}
//! ```
//! ## Good
//! ```yaml charts/shop/values.yaml
//! env: {REGION: "no", ACCOUNT: "123456789012"}
//! image: {tag: "1.10"}
//! ```
//! ```yaml charts/shop/templates/deployment.yaml
//! {{- range $key, $value := .Values.env }}
//! {{ $key }}: {{ $value | quote }}
//! {{- end }}
//! image: shop:{{ .Values.image.tag }}
//! ```
//! ## Trap
//! Switches, modes, numbers that are meant as numbers, what a schema types, and large numbers that are made whole.
//! ```yaml charts/shop/values.yaml
//! debug: yes
//! mode: 0644
//! ratio: 1.10
//! user: 1000680000
//! bytes: 1073741824
//! port: 8080
//! strict: on
//! securityContext: {runAsNonRoot: yes}
//! ```
//! ```yaml charts/shop/values.schema.json
//! {"properties": {"strict": {"type": "boolean"}}}
//! ```
//! ```yaml charts/shop/templates/deployment.yaml
//! {{- if .Values.debug }}
//! debug: true
//! {{- end }}
//! defaultMode: {{ .Values.mode }}
//! ratio: {{ .Values.ratio }}
//! runAsUser: {{ .Values.user }}
//! bytes: {{ .Values.bytes | int64 | quote }}
//! port: {{ .Values.port | quote }}
//! strict: {{ .Values.strict | quote }}
//! securityContext: {{ toYaml .Values.securityContext | nindent 2 }}
//! ```
//! ## Fix
//! Put the value in quotes, where it is a text.

use documents::{Mark, Position};
use serde_json::Value;

use crate::charts::{How, Subject, Used, keys};
use crate::{Findings, Severity};

pub const ID: &str = "ambiguous-scalar";
pub const SEVERITY: Severity = Severity::Warning;

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> super::Meta {
        super::Meta { id: ID, severity: SEVERITY }
    }

    fn check(&self, index: &crate::index::Index<'_>, out: &mut Findings) {
        check(index.subjects, out);
    }
}

/// From here on Go prints a number that it has read as a float with an exponent.
const LARGE: f64 = 1e6;

pub fn check(subjects: &[Subject<'_>], out: &mut Findings) {
    out.of(ID, SEVERITY);
    for subject in subjects {
        for used in subject.layers.iter().filter(|used| suspicious(&used.layer.text)) {
            layer(subject, used, out);
        }
    }
}

/// Is there anything in the text that may be meant?
fn suspicious(text: &str) -> bool {
    text.lines().any(|line| {
        line.split([' ', '{', '}', '[', ']', ',', ':'])
            .any(|word| boolean(word).is_some() || word.starts_with(|c: char| c.is_ascii_digit()))
    })
}

fn layer(subject: &Subject<'_>, used: &Used, out: &mut Findings) {
    let layer = &used.layer;
    let lines: Vec<&str> = layer.text.lines().collect();
    for (pointer, position) in layer.positions().all(layer.document) {
        let Some(own) = pointer.strip_prefix(layer.below.as_str()).filter(|own| own.starts_with('/')) else { continue };
        if let Some((key, meant)) = position.key.and_then(|mark| plain_key(&lines, mark)).and_then(|key| Some((key, boolean(key)?))) {
            let mark = position.key.unwrap_or(position.value);
            let found = out.say(format!("the key `{key}` is read as `{meant}`"));
            found.at(layer.path.clone(), mark.line, Some(mark.column)).help(format!("put the key in quotes: `\"{key}\":`"));
            found.environments = used.environments.clone();
        }
        let Some(raw) = plain(&lines, position) else { continue };
        let Some(read) = read_as(raw) else { continue };
        let full: Vec<String> = used.keys.iter().cloned().chain(keys(own)).collect();
        if is_text_meant(subject, used, &full, &read) {
            let found = out.say(read.message(raw));
            found.at(layer.path.clone(), position.value.line, Some(position.value.column));
            found.help(format!("put it in quotes if the text is meant: `\"{raw}\"`"));
            found.environments = used.environments.clone();
        }
    }
}

enum Read {
    Boolean(bool),
    /// A leading zero or underscores, with the number that it is.
    Other(String),
    /// The number has fewer digits than the text.
    Shorter(String),
    Exponent(String),
}

impl Read {
    fn message(&self, raw: &str) -> String {
        match self {
            Self::Boolean(b) => format!("`{raw}` is read as {b}"),
            Self::Other(number) | Self::Shorter(number) => format!("`{raw}` is read as the number {number}"),
            Self::Exponent(number) => format!("`{raw}` is printed as {number}"),
        }
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

fn read_as(raw: &str) -> Option<Read> {
    if let Some(b) = boolean(raw) {
        return Some(Read::Boolean(b));
    }
    if !raw.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits(raw) && raw.len() > 1 && raw.starts_with('0') {
        let octal = u64::from_str_radix(raw, 8).ok().map(|n| n.to_string());
        return octal.or_else(|| raw.parse::<f64>().ok().map(printed)).map(Read::Other);
    }
    if raw.contains('_') && digits(&raw.replace('_', "")) {
        return Some(Read::Other(raw.replace('_', "")));
    }
    if digits(raw) {
        let number: f64 = raw.parse().ok()?;
        return (number >= LARGE).then(|| Read::Exponent(printed(number)));
    }
    if let Some((whole, fraction)) = raw.split_once('.')
        && digits(whole)
        && digits(fraction)
        && fraction.ends_with('0')
    {
        return Some(Read::Shorter(printed(raw.parse().ok()?)));
    }
    let (mantissa, exponent) = raw.split_once(['e', 'E'])?;
    let is_number = digits(mantissa.strip_suffix('.').unwrap_or(mantissa)) && digits(exponent.trim_start_matches(['+', '-']));
    let number: f64 = raw.parse().ok().filter(|_| is_number)?;
    number.is_finite().then(|| Read::Shorter(printed(number)))
}

/// As Go prints a float.
fn printed(number: f64) -> String {
    if number.abs() < LARGE {
        return number.to_string();
    }
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => format!("{mantissa}e+{exponent:0>2}"),
        None => text,
    }
}

fn is_text_meant(subject: &Subject<'_>, used: &Used, full: &[String], read: &Read) -> bool {
    let names: Vec<&str> = full.iter().map(String::as_str).collect();
    match schema_type(subject, full) {
        Some("string") => return true,
        Some("boolean" | "number" | "integer") => return false,
        _ => {}
    }
    if subject.reads.gave_up || !subject.reads.covers(&names) {
        return false;
    }
    let uses = subject.reads.uses(&names);
    let last = full.last().map_or("", String::as_str).to_lowercase();
    let is_number = |how: &How| matches!(how, How::Number);
    let text = uses.contains(&How::Text) && exact(subject, &names, How::Text);
    let variable = is_variable(used, full);
    let ends = |words: &[&str]| words.iter().any(|word| last.ends_with(word));
    match read {
        Read::Boolean(_) => (text || variable) && !exact(subject, &names, How::Tested),
        Read::Other(_) => {
            let is_mode = ["mode", "mask", "perm"].iter().any(|word| last.contains(word));
            !is_mode && !uses.iter().any(is_number) && (text || variable || exact(subject, &names, How::Printed))
        }
        Read::Shorter(_) => ends(&["version", "tag", "release", "revision", "commit", "sha"]) || variable,
        // `toYaml` prints it as it is.
        Read::Exponent(_) => text || is_within_text(subject, &names),
    }
}

/// Is the value itself, not what it is in, used like this?
fn exact(subject: &Subject<'_>, names: &[&str], how: How) -> bool {
    let paths = &subject.reads.paths;
    subject.reads.reads.iter().any(|read| {
        read.how == how && {
            let steps = paths.steps(read.path);
            steps.len() == names.len() && crate::charts::reads::fits(&steps, names)
        }
    })
}

/// Is it printed in the middle of a text, or between quotes?
fn is_within_text(subject: &Subject<'_>, names: &[&str]) -> bool {
    let paths = &subject.reads.paths;
    subject.reads.reads.iter().filter(|read| read.how == How::Printed).any(|read| {
        let steps = paths.steps(read.path);
        if steps.len() != names.len() || !crate::charts::reads::fits(&steps, names) {
            return false;
        }
        let Some((_, file)) = subject.family.templates.get(read.file) else { return false };
        let line = file.line(file.line_of(read.pos));
        let alone = line.trim_end().ends_with("}}") && {
            let before = line.split("{{").next().unwrap_or_default().trim_end();
            before.ends_with(':') || before.ends_with('-') || before.is_empty()
        };
        !alone || line.matches("{{").count() > 1
    })
}

/// Is it a label, an annotation or a variable of a container?
fn is_variable(used: &Used, full: &[String]) -> bool {
    let Some((last, above)) = full.split_last() else { return false };
    let is_map = above.last().is_some_and(|name| {
        let name = name.to_lowercase();
        ["env", "envs", "envvars", "environment", "labels", "annotations", "stringdata", "nodeselector", "extraenv"]
            .iter()
            .any(|word| name == *word || name.ends_with("labels") || name.ends_with("annotations"))
    });
    let own = above.get(used.keys.len()..).unwrap_or_default();
    let item = own.iter().try_fold(&used.layer.value, |value, key| crate::charts::facts::child(value, key));
    let entry = last == "value" && item.and_then(|item| item.get("name")).is_some_and(Value::is_string);
    is_map || entry
}

fn schema_type<'s>(subject: &'s Subject<'_>, full: &[String]) -> Option<&'s str> {
    subject.family.members.iter().find_map(|member| {
        let own = full.strip_prefix(member.keys.as_slice())?;
        let schema = own.iter().try_fold(member.chart.schema.as_ref()?, |schema, key| {
            schema
                .get("properties")
                .and_then(|all| all.get(key))
                .or_else(|| schema.get("items"))
                .or_else(|| schema.get("additionalProperties").filter(|other| other.is_object()))
        })?;
        schema.get("type")?.as_str()
    })
}

/// The text of a value without quotes that is on one line.
fn plain<'t>(lines: &[&'t str], position: Position) -> Option<&'t str> {
    let (from, to) = (position.value, position.end);
    if !position.inline || from.line != to.line || to.column <= from.column {
        return None;
    }
    let line = lines.get(from.line.checked_sub(1)?)?;
    let text = cut(line, from.column, Some(to.column))?.trim_end();
    (!text.starts_with(['"', '\'', '|', '>', '[', '{', '&', '*', '!'])).then_some(text)
}

fn plain_key<'t>(lines: &[&'t str], mark: Mark) -> Option<&'t str> {
    let line = lines.get(mark.line.checked_sub(1)?)?;
    let rest = cut(line, mark.column, None)?;
    rest.split_once(':').map(|(key, _)| key.trim_end())
}

/// By columns of characters, from 1.
fn cut(line: &str, from: usize, to: Option<usize>) -> Option<&str> {
    let at = |column: usize| line.char_indices().nth(column - 1).map_or(line.len(), |(at, _)| at);
    line.get(at(from.max(1))..to.map_or(line.len(), |to| at(to.max(1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_go_prints_them() {
        assert_eq!(printed(123_456_789_012.0), "1.23456789012e+11");
        assert_eq!(printed(12_345_678.0), "1.2345678e+07");
        assert_eq!(printed(1.1), "1.1");
        let shown = |raw: &str| read_as(raw).map(|read| read.message(raw)).unwrap_or_default();
        assert_eq!(shown("0123"), "`0123` is read as the number 83");
        assert_eq!(shown("012345678901"), "`012345678901` is read as the number 1.2345678901e+10");
        assert_eq!(shown("1_000"), "`1_000` is read as the number 1000");
        assert_eq!(shown("1e3"), "`1e3` is read as the number 1000");
        for plain in ["1", "true", "1.5", "v1.10", "1.10.2", "10Gi", "0", "5m", "0.5"] {
            assert_eq!(shown(plain), "", "{plain}");
        }
    }

    #[test]
    fn columns_are_characters() {
        assert_eq!(cut("é: no # x", 4, Some(6)), Some("no"));
        assert_eq!(cut("ab", 9, None), Some(""));
    }
}
