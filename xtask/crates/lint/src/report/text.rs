//! For people: each finding with the lines of the file, in the look of rustc.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::Report;
use crate::index::files::Files;
use crate::{Finding, Severity};

/// The report; `paint` says whether colours are wanted. Ends without a newline; empty if there is nothing to tell.
pub fn text(report: &Report<'_>, paint: bool) -> String {
    let renderer = if paint { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let blocks: Vec<String> = report.findings.iter().map(|finding| one(report.files, finding, &renderer)).collect();
    blocks.join("\n\n")
}

fn one(files: &Files, finding: &Finding, renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let mut group = Group::with_title(level.primary_title(clean(&finding.message)).id(finding.rule));
    let path = finding.path.as_ref().map(|path| path.to_string_lossy().into_owned());
    if let Some(path) = &path {
        group = place(group, files, path, finding.line, finding.column, AnnotationKind::Primary, None);
    }
    for related in &finding.related {
        let path = related.path.to_string_lossy();
        group = place(group, files, &path, Some(related.line), related.column, AnnotationKind::Context, Some(clean(&related.message)));
    }
    if let Some(note) = note(finding) {
        group = group.element(Level::NOTE.message(note));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(clean(help)));
    }
    renderer.render(&[group])
}

/// Whose object it is, and where.
fn note(finding: &Finding) -> Option<String> {
    let mut words = Vec::new();
    words.extend(finding.object.clone());
    words.extend(finding.application.as_ref().map(|name| format!("of Application {name}")));
    if !finding.environments.is_empty() {
        words.push(format!("in {}", finding.environments.join(", ")));
    }
    (!words.is_empty()).then(|| clean(&words.join(" ")))
}

/// Adds the line of a file; its name alone if the line cannot be shown.
fn place<'a>(
    group: Group<'a>,
    files: &Files,
    path: &str,
    line: Option<usize>,
    column: Option<usize>,
    kind: AnnotationKind,
    label: Option<String>,
) -> Group<'a> {
    let shown = line.and_then(|line| Some((line, files.text(path)?.lines().nth(line.checked_sub(1)?)?)));
    let Some((number, text)) = shown.filter(|(_, text)| text.len() < 2000 && !text.trim().is_empty()) else {
        let mut origin = annotate_snippets::Origin::path(path.to_string());
        if let Some(line) = line {
            origin = origin.line(line);
        }
        let group = group.element(origin);
        return match label {
            Some(label) => group.element(Level::NOTE.message(label)),
            None => group,
        };
    };
    let text = clean(text);
    let (start, end) = span(&text, column);
    group.element(Snippet::source(text).line_start(number).path(path.to_string()).annotation(kind.span(start..end).label(label)))
}

/// The bytes of what stands at a column: to the end of the word or quoted text; the trimmed line without a column.
fn span(text: &str, column: Option<usize>) -> (usize, usize) {
    let trimmed = (text.len() - text.trim_start().len(), text.trim_end().len());
    let Some(start) = column.and_then(|column| text.char_indices().nth(column.checked_sub(1)?)).map(|(at, _)| at) else { return trimmed };
    let rest = text.get(start..).unwrap_or_default();
    let length = match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => rest.get(1..).and_then(|inner| inner.find(quote)).map(|end| end + 2),
        Some('{') => rest.find('}').map(|end| end + 1),
        Some('[') => rest.find(']').map(|end| end + 1),
        _ => rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | '}' | ']')),
    };
    let end = start + length.unwrap_or(rest.trim_end().len());
    if end > start { (start, end) } else { trimmed }
}

/// Control characters of a file are no instructions to a terminal.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect()
}
