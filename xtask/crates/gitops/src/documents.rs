//! The Applications, ApplicationSets and AppProjects that are written in the files of a tree.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use memchr::memmem;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::listing::{Ignored, Listing};
use super::model::{Document, Kind, Place, Tree};

/// Why a file, or a part of it, could not be taken into account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub place: Place,
    pub what: String,
}

/// Names, as `.gitignore` does, what holds no documents of this repository, such as the fixtures of tests.
const IGNORE_FILE: &str = ".xtaskignore";

/// Larger files are not parsed.
const LARGEST: u64 = 10 * 1000 * 1000;

/// Finds every document below `folder` (from the root; empty for all), in the order of files and lines.
///
/// Files of templates, in charts, are no documents, nor is what `.xtaskignore` names. What cannot be read is a problem, and everything else is there.
pub fn documents(tree: &Tree, listing: &Listing, folder: &Path) -> (Vec<Document>, Vec<Problem>) {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    let below = |path: &str| Path::new(path).starts_with(folder);
    for (path, what) in listing.problems.iter().filter(|(path, _)| below(path)) {
        problems.push(Problem { place: Place { file: path.into(), line: 1 }, what: what.clone() });
    }
    let (group, kind) = (memmem::Finder::new("argoproj.io"), memmem::Finder::new("kind"));
    let ignored = Ignored::read(&tree.root, IGNORE_FILE);
    for file in listing.files.iter().filter(|file| below(file)) {
        if ![".yaml", ".yml", ".json"].iter().any(|end| file.ends_with(end)) || is_template(listing, file) || ignored.covers(file) {
            continue;
        }
        match bytes(tree, file) {
            Ok(bytes)
                if group.find(&bytes).is_some()
                    && kind.find_iter(&bytes).any(|at| is_ours(&bytes, at))
                    && !(file.ends_with(".json") && is_data(&bytes)) =>
            {
                read_into(file, bytes, &mut found, &mut problems)
            }
            Ok(_) => {}
            Err(what) => problems.push(Problem { place: Place { file: file.into(), line: 1 }, what }),
        }
    }
    problems.sort_unstable();
    (found, problems)
}

/// Does `kind` at this place say Application, ApplicationSet or AppProject? Parsing every file with a Rollout would take long.
fn is_ours(bytes: &[u8], at: usize) -> bool {
    let rest = bytes.get(at..).unwrap_or_default().strip_prefix(b"kind").unwrap_or_default();
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest).trim_ascii_start();
    let rest = rest.strip_prefix(b":").unwrap_or_default().trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    rest.starts_with(b"Application") || rest.starts_with(b"AppProject")
}

/// Is it JSON that is no object of Kubernetes? Only the outermost names are looked at.
fn is_data(bytes: &[u8]) -> bool {
    let outermost = || serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(bytes);
    bytes.trim_ascii_start().starts_with(b"[") || outermost().is_ok_and(|names| !names.contains_key("kind"))
}

/// Reads the documents of a file that lies anywhere; its place is `file` as given. Errors: it cannot be read.
pub fn of_file(file: &Path) -> (Vec<Document>, Vec<Problem>) {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    let shown = file.display().to_string();
    match std::fs::metadata(file).and_then(|metadata| if metadata.len() > LARGEST { Ok(Vec::new()) } else { std::fs::read(file) }) {
        Ok(bytes) => read_into(&shown, bytes, &mut found, &mut problems),
        Err(e) => problems.push(Problem { place: Place { file: file.into(), line: 1 }, what: format!("could not read it: {e}") }),
    }
    (found, problems)
}

/// Does it lie below `templates/` of a chart?
fn is_template(listing: &Listing, file: &str) -> bool {
    file.match_indices("templates/").any(|(at, _)| {
        let chart = file.get(..at).unwrap_or_default();
        (chart.is_empty() || chart.ends_with('/')) && listing.files.binary_search(&format!("{chart}Chart.yaml")).is_ok()
    })
}

/// The text of a file of the tree. Errors: it cannot be read, is too large, is not UTF-8, or is a link that leaves the tree.
pub fn read(tree: &Tree, file: &str) -> Result<String, String> {
    String::from_utf8(bytes(tree, file)?).map_err(|_| "it is not UTF-8".to_string())
}

fn bytes(tree: &Tree, file: &str) -> Result<Vec<u8>, String> {
    let path = tree.path(Path::new(file));
    let cannot = |e: std::io::Error| format!("could not read it: {e}");
    let metadata = std::fs::symlink_metadata(&path).map_err(cannot)?;
    let mut size = metadata.len();
    if metadata.is_symlink() {
        let target = path.canonicalize().map_err(cannot)?;
        if !tree.root.canonicalize().is_ok_and(|root| target.starts_with(root)) {
            return Err("it is a link to something outside of the tree".to_string());
        }
        let target = std::fs::metadata(&target).map_err(cannot)?;
        if !target.is_file() {
            return Err("it is a link to what is no file".to_string());
        }
        size = target.len();
    } else if !metadata.is_file() {
        return Err("it is no file".to_string());
    }
    if size > LARGEST {
        return Err(format!("it has {size} bytes, and more than {LARGEST} are not read"));
    }
    std::fs::read(&path).map_err(cannot)
}

fn read_into(file: &str, bytes: Vec<u8>, found: &mut Vec<Document>, problems: &mut Vec<Problem>) {
    let place = |line| Place { file: PathBuf::from(file), line };
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => {
            let before = e.as_bytes().get(..e.utf8_error().valid_up_to()).unwrap_or_default();
            let line = 1 + before.iter().filter(|b| **b == b'\n').count();
            return problems.push(Problem { place: place(line), what: "it is not UTF-8".to_string() });
        }
    };
    if let Ok(documents) = ::documents::parse_all(&text) {
        return documents.into_iter().for_each(|d| keep(place(d.line), d.value, found));
    }
    // One that is broken does not hide the others, and of a key written twice Argo CD takes the last.
    for (before, part) in parts(&text) {
        if let Err(e) = ::documents::parse_all(part) {
            problems.push(Problem { place: place(before + e.line), what: e.about() });
        }
        let documents = ::documents::parse_all_last_wins(part).unwrap_or_default();
        documents.into_iter().for_each(|d| keep(place(before + d.line), d.value, found));
    }
}

/// The documents of a YAML text, each with the number of lines before it.
fn parts(text: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let (mut from, mut first, mut at) = (0, 0, 0);
    for (i, line) in text.split_inclusive('\n').enumerate() {
        if is_mark(line) && at > from {
            parts.extend(text.get(from..at).map(|part| (first, part)));
            (from, first) = (at, i);
        }
        at += line.len();
    }
    parts.extend(text.get(from..).map(|part| (first, part)));
    parts
}

fn is_mark(line: &str) -> bool {
    line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}

fn keep(place: Place, value: Value, found: &mut Vec<Document>) {
    let ours = value.get("apiVersion").and_then(Value::as_str).is_some_and(|v| v.starts_with("argoproj.io/"));
    let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default();
    let kind = match kind {
        "Application" if ours => Kind::Application,
        "ApplicationSet" if ours => Kind::ApplicationSet,
        "AppProject" if ours => Kind::AppProject,
        // Lists of one kind have items without a kind of their own only in answers of an API server.
        list if list.ends_with("List") => {
            let Value::Object(mut map) = value else { return };
            if let Some(Value::Array(items)) = map.remove("items") {
                items.into_iter().for_each(|item| keep_item(place.clone(), item, found));
            }
            return;
        }
        _ => return,
    };
    found.push(Document { place, kind, value });
}

fn keep_item(place: Place, item: Value, found: &mut Vec<Document>) {
    // A list in a list is no list for Kubernetes.
    if !item.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List")) {
        keep(place, item, found);
    }
}

/// The first document of a text, as programs read it that look no further; null if there is none. A key written twice has
/// the value of the last, as for them. Errors: in words.
pub fn first(text: &str) -> Result<Value, String> {
    let mut parts = parts(text).into_iter().map(|(_, part)| part);
    let mut part = parts.next().unwrap_or_default();
    // Comments before the mark are no document.
    if !part.lines().any(|line| is_mark(line) || !(line.trim().is_empty() || line.starts_with(['#', '%']))) {
        part = parts.next().unwrap_or_default();
    }
    let documents = ::documents::parse_all_last_wins(part)
        .map_err(|e| format!("error converting YAML to JSON: yaml: line {}: {}", e.line, e.about()))?;
    Ok(documents.into_iter().next().map(|d| d.value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Tree;

    const APP: &str = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: NAME}\n";

    /// Names with their places, and problems, of a tree of these files.
    fn found(files: &[(&str, &[u8])]) -> (Vec<String>, Vec<String>) {
        let dir = tempfile::tempdir().unwrap();
        for (file, bytes) in files {
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            match bytes.strip_prefix(b"-> ") {
                Some(target) => std::os::unix::fs::symlink(std::str::from_utf8(target).unwrap(), path).unwrap(),
                None => std::fs::write(path, bytes).unwrap(),
            }
        }
        let tree = Tree { root: dir.path().to_path_buf(), urls: Vec::new() };
        let (documents, problems) = documents(&tree, &Listing::of(&tree), Path::new(""));
        let shown = |place: &Place| format!("{}:{}", place.file.display(), place.line);
        let names = documents.iter().map(|d| format!("{} {}", shown(&d.place), d.value["metadata"]["name"].as_str().unwrap_or_default()));
        (names.collect(), problems.iter().map(|p| format!("{} {}", shown(&p.place), p.what)).collect())
    }

    fn app(name: &str) -> String {
        APP.replace("NAME", name)
    }

    #[test]
    fn documents_are_found_in_any_layout() {
        let several = format!("# first\n---\n{}---\nkind: Secret\n---\n# third\n{}", app("a"), app("b"));
        let list = "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{\"apiVersion\": \"argoproj.io/v1alpha1\", \"kind\": \"AppProject\", \"metadata\": {\"name\": \"p\"}}]}";
        let rollout = "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\n";
        let other = "apiVersion: app.k8s.io/v1beta1\nkind: Application\nmetadata: {name: x, labels: {a: argoproj.io}}\n";
        let (names, problems) = found(&[
            ("x/y/many.yml", several.as_bytes()),
            ("list.json", list.as_bytes()),
            ("rollout.yaml", rollout.as_bytes()),
            ("other.yaml", other.as_bytes()),
            ("notes.md", app("no").as_bytes()),
            ("chart/Chart.yaml", b"name: c"),
            ("chart/templates/sub/app.yaml", app("no").as_bytes()),
            ("plain/templates/app.yaml", app("ok").as_bytes()),
        ]);
        assert_eq!(names, ["list.json:1 p", "plain/templates/app.yaml:1 ok", "x/y/many.yml:3 a", "x/y/many.yml:10 b"]);
        assert_eq!(problems, Vec::<String>::new());
    }

    #[test]
    fn what_cannot_be_read_is_a_problem_and_hides_nothing_else() {
        let broken = format!("{}---\nkind: [argoproj.io\n---\n{}", app("a"), app("b"));
        let twice = format!("{}kind: ApplicationSet\n", app("c"));
        let mut large = app("large").into_bytes();
        large.resize(10_000_001, b'\n');
        let (names, problems) = found(&[
            ("broken.yaml", broken.as_bytes()),
            ("twice.yaml", twice.as_bytes()),
            ("latin.yaml", b"kind: Application\n# argoproj.io \xe9\n"),
            ("large.yaml", &large),
            ("out.yaml", b"-> /etc/hostname"),
            ("in.yaml", b"-> broken.yaml"),
            ("nowhere.yaml", b"-> gone.yaml"),
        ]);
        let seen = ["broken.yaml:1 a", "broken.yaml:7 b", "in.yaml:1 a", "in.yaml:7 b", "twice.yaml:1 c"];
        assert_eq!(names, seen);
        let starts = [
            "broken.yaml:",
            "in.yaml:",
            "large.yaml:1 it has 10000001 bytes",
            "latin.yaml:2 it is not UTF-8",
            "nowhere.yaml:1 could not read it",
            "out.yaml:1 it is a link to something outside",
            "twice.yaml:",
        ];
        assert_eq!(problems.len(), starts.len(), "{problems:#?}");
        assert!(problems.iter().zip(starts).all(|(have, start)| have.starts_with(start)), "{problems:#?}");
    }

    #[test]
    fn only_the_first_document_of_a_text_counts() {
        assert_eq!(first("# c\n---\na: 1\na: 2\n---\nb: [\n").unwrap(), serde_json::json!({"a": 2}));
        assert_eq!(first("---\n---\na: 1\n").unwrap(), Value::Null);
        assert!(first("a: [\n").unwrap_err().starts_with("error converting YAML to JSON: yaml: line "));
    }
}
