//! What Helm says when it cannot render a chart: the root cause, and where in the tree it is.

use super::Index;
use super::files::Files;
use super::input::Deployed;
use super::sources::{Leads, Source, What};

/// Why an Application cannot be rendered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// File of the tree, with line and column where Helm names them.
    pub path: String,
    pub line: Option<usize>,
    pub column: Option<usize>,
    /// In Helm's words, on one line.
    pub message: String,
    /// The template ran, and what it printed is no YAML; the line is one of what it printed.
    pub is_output: bool,
}

/// The causes of the Applications that cannot be rendered. Those that another rule tells of are not there: a missing path, a missing
/// file of values.
pub fn of<'i, 'a>(index: &'i Index<'a>) -> impl Iterator<Item = (&'a Deployed, Cause)> + use<'i, 'a> {
    index.applications().filter_map(move |deployed| {
        let failure = deployed.objects.as_ref().err()?;
        let own: Vec<&Source<'_>> = index.sources.iter().filter(|source| std::ptr::eq(source.deployed, deployed)).collect();
        let is_told = |source: &&&Source<'_>| {
            let misses = |leads: &Leads| matches!(leads, Leads::Nowhere(_) | Leads::Outside | Leads::UnknownRef(_));
            source.is_ours && source.what == What::Nothing || source.value_files.iter().any(|file| misses(&file.leads))
        };
        if own.iter().any(|source| is_told(&source)) {
            return None;
        }
        let charts: Vec<&str> = own.iter().filter(|source| source.what == What::Helm).map(|source| source.path.trim_matches('/')).collect();
        let is_broken = |source: &&Source<'_>| source.what == What::Directory && has_broken_file(&index.input.files, source.path);
        if own.iter().any(is_broken) {
            return None;
        }
        Some((deployed, cause(&index.input.files, &charts, &failure.message, deployed)))
    })
}

/// A manifest of the folder that is no YAML is told as such.
fn has_broken_file(files: &Files, path: &str) -> bool {
    files
        .below(path.trim_matches('/'))
        .any(|(path, file)| super::files::is_yaml(path) && (file.text().is_none() || file.documents().is_err()))
}

fn cause(files: &Files, charts: &[&str], said: &str, deployed: &Deployed) -> Cause {
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty() && !is_noise(line)).collect();
    let text = lines.join(" ");
    let text = text.strip_prefix("Error: ").unwrap_or(&text);
    // The innermost place is the last one that has a line; the words that follow repeat names only.
    let all = places(text);
    let with_line = all.iter().rev().filter(|(_, line, _)| line.is_some());
    let named = with_line.chain(all.iter().rev()).find_map(|(name, line, column)| Some((in_tree(files, charts, name)?, *line, *column)));
    let is_output =
        text.contains("YAML parse error on") || text.contains("error converting YAML to JSON") || text.contains("error unmarshaling");
    let printed = || text.split("yaml: line ").nth(1).and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
    let (path, line, column) = match named {
        Some((path, line, column)) => (path, if is_output { printed() } else { line }, column),
        None => match charts.first() {
            Some(chart) => (super::sources::normal(chart, "Chart.yaml").unwrap_or_default(), None, None),
            None => (deployed.application.place.file.to_string_lossy().into_owned(), Some(deployed.application.place.line), None),
        },
    };
    Cause { path, line, column, message: told(text), is_output }
}

/// Lines that say how Helm was called, or how to see more.
fn is_noise(line: &str) -> bool {
    line.starts_with('`') && line.contains("exited with") || line.starts_with("Use --debug flag") || line.starts_with("could not render ")
}

/// The message without the places that come before it.
fn told(text: &str) -> String {
    let last =
        ["error calling ", "execution error at (", "parse error at ("].iter().find_map(|words| text.rfind(words).map(|at| (at, *words)));
    let text = match last {
        Some((at, "error calling ")) => text.get(at..).unwrap_or(text),
        Some((at, _)) => text.get(at..).and_then(|rest| rest.split_once("): ")).map_or(text, |(_, rest)| rest),
        None => match text.rsplit_once(">: ") {
            Some((before, rest)) => {
                let action = before.rsplit_once("at <").map_or("", |(_, action)| action);
                return format!("{{{{ {action} }}}}: {}", rest.trim());
            }
            None => text,
        },
    };
    text.trim().to_string()
}

/// `NAME/templates/x.yaml:12:5` in a text, in their order.
fn places(text: &str) -> Vec<(&str, Option<usize>, Option<usize>)> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | ',' | '<' | '>');
    let one = |word: &'_ str| -> Option<(usize, Option<usize>, Option<usize>)> {
        let mut parts = word.trim_end_matches(':').split(':');
        let name = parts.next()?;
        let is_file = name.contains("templates/") || name.contains("/crds/") || name.ends_with("values.yaml");
        is_file.then(|| (name.len(), parts.next().and_then(|line| line.parse().ok()), parts.next().and_then(|column| column.parse().ok())))
    };
    text.split(ends)
        .filter_map(|word| one(word).map(|(length, line, column)| (word.get(..length).unwrap_or_default(), line, column)))
        .collect()
}

/// The file behind what Helm calls it: `CHART/templates/a.yaml`, `CHART/charts/LIB/templates/a.yaml`.
fn in_tree(files: &Files, charts: &[&str], name: &str) -> Option<String> {
    let (_, below) = name.split_once('/')?;
    let own = charts.iter().find_map(|chart| {
        let path = super::sources::normal(chart, below)?;
        files.contains(&path).then_some(path)
    });
    own.or_else(|| {
        // A dependency lies somewhere else in the tree.
        let (_, inside) = below.split_once("charts/")?;
        let end = format!("/{inside}");
        let mut found = files.iter().map(|(path, _)| path).filter(|path| path.ends_with(&end) || *path == inside);
        let first = found.next()?.to_string();
        found.next().is_none().then_some(first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_words_of_helm() {
        let told_of = |text: &str| told(text);
        assert_eq!(
            told_of(
                r#"a/templates/cm.yaml:5:15 executing "a/templates/cm.yaml" at <.Values.a.b.c>: nil pointer evaluating interface {}.b"#
            ),
            "{{ .Values.a.b.c }}: nil pointer evaluating interface {}.b"
        );
        assert_eq!(told_of("execution error at (b/templates/cm.yaml:5:8): set x please"), "set x please");
        assert_eq!(told_of(r#"parse error at (d/templates/cm.yaml:5): function "nofunc" not defined"#), r#"function "nofunc" not defined"#);
        assert_eq!(places("execution error at (b/templates/cm.yaml:5:8): x"), [("b/templates/cm.yaml", Some(5), Some(8))]);
        assert_eq!(places("YAML parse error on c/templates/cm.yaml: error"), [("c/templates/cm.yaml", None, None)]);
        assert!(places("nothing here:5").is_empty());
    }
}
