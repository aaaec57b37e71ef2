//! Which file of values, and which line of it, Helm's words about a schema are about.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::repo::keys::{self, Key};
use crate::repo::yaml;

/// One thing that a schema does not allow.
#[derive(Debug, PartialEq, Eq)]
struct Complaint {
    /// Names from the top of the values.
    path: Vec<String>,
    /// The chart whose schema it is. The values of a dependency stand below its name.
    chart: String,
    message: String,
}

/// Returns one line for each complaint: `config/dev/a.yaml:7: image.tagg: additional properties 'tagg' not allowed`.
/// Nothing, if Helm did not complain about a schema. The last file that sets a key is the one that counts.
pub fn locate(printed: &str, files: &[(PathBuf, String)]) -> Vec<String> {
    let sources: Vec<Source> = files.iter().map(|(file, text)| Source::new(file, text)).collect();
    let mut lines: Vec<String> = complaints(printed).iter().map(|complaint| shown(complaint, &sources)).collect();
    lines.sort();
    lines
}

/// A file of values.
struct Source<'a> {
    file: &'a Path,
    values: Value,
    keys: Vec<Key>,
}

impl<'a> Source<'a> {
    fn new(file: &'a Path, text: &str) -> Self {
        Source { file, values: yaml::parse(text).unwrap_or_default(), keys: keys::scan(text) }
    }

    /// The line that sets the value at this path; in a list or in braces, that of the nearest key around it.
    fn line(&self, path: &[String]) -> Option<usize> {
        path.iter().try_fold(&self.values, |value, name| match value {
            Value::Array(list) => list.get(name.parse::<usize>().ok()?),
            other => other.get(name),
        })?;
        (1..=path.len()).rev().find_map(|n| self.keys.iter().find(|key| Some(key.path.as_slice()) == path.get(..n))).map(|key| key.line)
    }
}

fn shown(Complaint { path, chart, message }: &Complaint, sources: &[Source]) -> String {
    let below = [std::slice::from_ref(chart), path].concat();
    let set = sources.iter().rev().find_map(|source| Some((source, source.line(path).or_else(|| source.line(&below))?)));
    let name = if path.is_empty() { "values".to_string() } else { path.join(".") };
    match set {
        Some((source, line)) => format!("{}:{line}: {name}: {message}", source.file.display()),
        None => {
            let files: Vec<String> = sources.iter().map(|source| source.file.display().to_string()).collect();
            format!("{name}: {message} (not set in {})", files.join(", "))
        }
    }
}

/// The lines `- at '/image': additional properties 'tagg' not allowed` below the line `<chart>:`, each once.
fn complaints(printed: &str) -> Vec<Complaint> {
    let mut chart = "";
    let mut found: Vec<Complaint> = Vec::new();
    for line in printed.lines() {
        if let Some(name) = line.strip_suffix(':').filter(|name| !name.contains(' ')) {
            chart = name;
        }
        let Some((pointer, message)) = line.split_once("- at '").and_then(|(_, rest)| rest.split_once("': ")) else { continue };
        let around: Vec<String> = pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
        // These two speak of keys below the place that they name.
        let below = ["additional propert", "missing propert"].iter().any(|start| message.starts_with(start));
        let names: Vec<&str> = message.split('\'').skip(1).step_by(2).collect();
        let paths = match below {
            true => names.iter().map(|name| [around.as_slice(), &[name.to_string()]].concat()).collect(),
            false => vec![around],
        };
        for path in paths {
            if !found.iter().any(|c| c.path == path && c.message == message) {
                found.push(Complaint { path, chart: chart.to_string(), message: message.to_string() });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    // Printed by Helm 4.2.1.
    const PRINTED: &str = "==> Linting charts/monitoring\n[ERROR] values.yaml: - at '': additional properties 'foo', 'bar' not allowed\n\n\
                           [ERROR] templates/: values don't meet the specifications of the schema(s) in the following chart(s):\nmonitoring:\n\
                           - at '': additional properties 'foo', 'bar' not allowed\n- at '/loki/storage': got number, want string\n\
                           - at '/cluster': missing property 'name'\n";

    #[test]
    fn every_complaint_is_found_once_with_its_key() {
        let found: Vec<String> = complaints(PRINTED).iter().map(|c| c.path.join(".")).collect();
        assert_eq!(found, ["foo", "bar", "loki.storage", "cluster.name"]);
    }

    #[test]
    fn the_strongest_file_that_sets_the_key_is_named_with_the_line() {
        let sources = [
            Source::new(Path::new("values.yaml"), "loki:\n  storage: 5Gi\n  image:\n    tag: a\nfoo:\n  - a\n"),
            Source::new(Path::new("config.yaml"), "loki:\n  storage: 5\n  image: {tag: 1}\n"),
        ];
        let line = |path: &[&str], message: &str| {
            let path = path.iter().map(|name| name.to_string()).collect();
            shown(&Complaint { path, chart: "monitoring".into(), message: message.into() }, &sources)
        };
        assert_eq!(line(&["loki", "image", "tag"], "got number, want string"), "config.yaml:3: loki.image.tag: got number, want string");
        assert_eq!(line(&["loki", "storage"], "got number, want string"), "config.yaml:2: loki.storage: got number, want string");
        assert_eq!(line(&["foo", "0"], "got string, want object"), "values.yaml:5: foo.0: got string, want object");
        assert_eq!(
            line(&["cluster", "name"], "missing property 'name'"),
            "cluster.name: missing property 'name' (not set in values.yaml, config.yaml)"
        );
    }
}
