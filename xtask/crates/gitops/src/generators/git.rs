//! The git generator: one set for each folder, or for each object of the files, that its patterns choose.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::list::mismatch;
use super::{Run, flat, list_of, text, values};
use crate::documents;
use crate::names::{base, dir, normalize};
use crate::params::{self, Param, Set};
use crate::patterns::{Pathspec, path_match};
use crate::projects::Known;
use crate::replace::Fault;
use crate::urls;

pub fn generate(run: &Run, spec: &Map<String, Value>) -> Result<Vec<Set>, Fault> {
    project_exists(run)?;
    let url = text(spec, "repoURL")?;
    let directories = items(spec, "directories")?;
    let files = items(spec, "files")?;
    if directories.is_empty() && files.is_empty() {
        return Err("ApplicationSet is empty".into());
    }
    if !urls::is_this(run.around.tree, url) {
        return Err(Fault::Unverified(format!("the git generator reads another repository, `{url}`")));
    }
    let own = Own { prefix: text(spec, "pathParamPrefix")?, values: values::read(spec)?, url };
    let sets = if directories.is_empty() { own.of_files(run, &files) } else { own.of_directories(run, &directories) };
    sets.map_err(|e| e.within(|| "error generating params from git".to_string()))
}

/// A project that is filled in by the template is not looked up.
fn project_exists(run: &Run) -> Result<(), Fault> {
    let name = run.project;
    if name.contains("{{") {
        return Ok(());
    }
    match run.around.projects.look(name) {
        Known::Yes => Ok(()),
        Known::No => Err(Fault::Error(format!("error getting project {name}: AppProject.argoproj.io {name:?} not found"))),
        Known::Perhaps => Err(Fault::Unverified(format!("no AppProject of this tree is called `{name}`, and the git generator needs it"))),
    }
}

struct Item<'a> {
    path: &'a str,
    exclude: bool,
}

fn items<'a>(spec: &'a Map<String, Value>, key: &str) -> Result<Vec<Item<'a>>, Fault> {
    let wrong = || Fault::Error(format!("{key} must be a list of objects with a path"));
    let item = |item: &'a Value| {
        let exclude = item.get("exclude").unwrap_or(&Value::Null);
        let exclude = exclude.as_bool().or(exclude.is_null().then_some(false)).ok_or_else(wrong)?;
        Ok(Item { path: item.get("path").and_then(Value::as_str).ok_or_else(wrong)?, exclude })
    };
    list_of(spec, key)?.iter().map(item).collect()
}

struct Own<'a> {
    prefix: &'a str,
    values: BTreeMap<&'a str, &'a str>,
    url: &'a str,
}

impl Own<'_> {
    fn of_directories(&self, run: &Run, items: &[Item]) -> Result<Vec<Set>, Fault> {
        let mut sets = Vec::new();
        for folder in run.around.listing.folders() {
            let mut fits = items.iter().filter(|item| path_match(item.path, folder)).peekable();
            if fits.peek().is_none() || fits.any(|item| item.exclude) {
                continue;
            }
            let mut set = Set::new();
            self.add_path(run, &mut set, folder, None);
            let words = || "error generating params from apps: failed to append templated values".to_string();
            sets.push(values::append(run, &self.values, set).map_err(|e| e.within(words))?);
        }
        Ok(sets)
    }

    fn of_files(&self, run: &Run, items: &[Item]) -> Result<Vec<Set>, Fault> {
        let mut chosen = BTreeSet::new();
        // Those to leave out count after all others, wherever they stand.
        for exclude in [false, true] {
            for item in items.iter().filter(|item| item.exclude == exclude) {
                let pattern = Pathspec::parse(item.path).map_err(|words| match words {
                    Some(words) => Fault::Error(words),
                    None => Fault::Unverified(format!("the git generator's pattern `{}` uses magic of git", item.path)),
                })?;
                let files = run.around.listing.files.iter().filter(|file| pattern.matches(file));
                if exclude {
                    files.for_each(|file| {
                        chosen.remove(file);
                    });
                } else {
                    chosen.extend(files);
                }
            }
        }
        let mut sets = Vec::new();
        for file in chosen {
            let words = || format!("unable to process file '{file}' from repository '{}'", self.url);
            for object in objects(run, file).map_err(|e| Fault::Error(e).within(words))? {
                let mut set = params::set(object);
                if !run.go {
                    set = flat(&set).into_iter().map(|(key, value)| (key, Param::from(value))).collect();
                }
                self.add_path(run, &mut set, dir(file), Some(base(file)));
                let set = values::append(run, &self.values, set);
                sets.push(set.map_err(|e| e.within(|| format!("{}: failed to append templated values", words())))?);
            }
        }
        Ok(sets)
    }

    /// `path` and what belongs to it; the file's own parameters of this name are lost.
    fn add_path(&self, run: &Run, set: &mut Set, folder: &str, file: Option<&str>) {
        let mut texts = vec![("basename", base(folder).to_string()), ("basenameNormalized", normalize(base(folder)))];
        if let Some(file) = file {
            texts.push(("filename", file.to_string()));
            texts.push(("filenameNormalized", normalize(file)));
        }
        if run.go {
            let mut path: Set = texts.into_iter().map(|(key, value)| (key.to_string(), Param::from(value))).collect();
            path.insert("path".to_string(), Param::from(folder));
            path.insert("segments".to_string(), Param::Strings(folder.split('/').map(str::to_string).collect()));
            let own = Param::Map(path);
            if self.prefix.is_empty() {
                set.insert("path".to_string(), own);
            } else {
                set.insert(self.prefix.to_string(), Param::Map(Set::from([("path".to_string(), own)])));
            }
        } else {
            let name = if self.prefix.is_empty() { "path".to_string() } else { format!("{}.path", self.prefix) };
            set.extend(texts.into_iter().map(|(key, value)| (format!("{name}.{key}"), Param::from(value))));
            let segments = folder.split('/').enumerate().filter(|(_, segment)| !segment.is_empty());
            set.extend(segments.map(|(i, segment)| (format!("{name}[{i}]"), Param::from(segment))));
            set.insert(name, Param::from(folder));
        }
    }
}

/// The objects of a file: one, or those of a list. An empty file has one, with nothing in it.
fn objects(run: &Run, file: &str) -> Result<Vec<Map<String, Value>>, String> {
    let text = documents::read(run.around.tree, file)?;
    let decoding = "unable to parse file: error unmarshaling JSON: while decoding JSON";
    let value = documents::first(&text).map_err(|e| format!("unable to parse file: {e}"))?;
    let object = |value| match value {
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        other => Err(format!("{decoding}: {}", mismatch(&other, "map[string]interface {}"))),
    };
    match value {
        Value::Array(list) => list.into_iter().map(object).collect(),
        Value::Object(_) | Value::Null => Ok(vec![object(value)?]),
        other => Err(format!("{decoding}: {}", mismatch(&other, "[]map[string]interface {}"))),
    }
}
