//! A folder of plain files, as Argo CD reads it (`findManifests` of the repo-server, 3.5.3).

use std::path::{Path, PathBuf};

use gitops::glob;
use serde_json::Value;

use super::files::Files;
use super::output::{Made, unfold};
use super::source::Directory;
use crate::error::{Context as _, Error, Result};
use crate::repo::yaml;

/// A file with these words is left alone.
const SKIP: &str = "+argocd:skip-file-rendering";

/// Bytes that the files of one source may have together, by default.
const LIMIT_BYTES: usize = 10_000_000;

/// Folders in folders that are looked into.
const DEPTH: usize = 64;

/// The files that count, in the order of Argo CD's walk; or why they cannot be read offline.
pub fn files(files: &Files, directory: &Directory) -> Result<Result<Vec<PathBuf>, String>> {
    let mut found = Vec::new();
    walk(files, directory, Path::new(""), 0, &mut found)?;
    let jsonnet = found.iter().find(|file| file.extension().is_some_and(|e| e == "jsonnet"));
    if let Some(file) = jsonnet {
        return Ok(Err(format!("{} is evaluated by jsonnet", directory.path.join(file).display())));
    }
    Ok(Ok(found.into_iter().map(|file| directory.path.join(file)).collect()))
}

fn walk(files: &Files, directory: &Directory, from: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<()> {
    let folder = directory.path.join(from);
    if depth > DEPTH {
        return Err(Error::failed(format!("{}: folders are nested too deeply", folder.display())));
    }
    let entries = std::fs::read_dir(files.root().join(&folder)).with_context(|| format!("could not read {}", folder.display()))?;
    let mut entries = entries.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = from.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if directory.recurse && entry.file_name() != ".git" {
                walk(files, directory, &path, depth + 1, found)?;
            }
            continue;
        }
        let objects = path.extension().is_some_and(|e| ["yaml", "yml", "json", "jsonnet"].iter().any(|known| e == *known));
        let whole = directory.path.join(&path);
        if !objects {
            continue;
        }
        if kind.is_symlink() {
            files.inside(&whole)?;
        }
        let name = path.to_string_lossy();
        let excluded = !directory.exclude.is_empty() && glob::fits(&directory.exclude, &name);
        let included = directory.include.is_empty() || glob::fits(&directory.include, &name);
        if files.is_file(&whole) && included && !excluded {
            found.push(path);
        }
    }
    Ok(())
}

/// The objects of the files, in their order. Errors: a file that looks like objects is not valid, with its line.
pub fn objects(files: &Files, paths: &[PathBuf]) -> Result<(Vec<Made>, Vec<String>)> {
    let mut made = Vec::new();
    let mut warnings = Vec::new();
    let mut bytes = 0;
    for path in paths {
        let text = files.text(path)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        if text.contains(SKIP) {
            continue;
        }
        bytes += text.len();
        if bytes > LIMIT_BYTES {
            return Err(Error::failed(format!("{}: exceeded max combined manifest file size, {LIMIT_BYTES} bytes", path.display())));
        }
        let from = path.display().to_string();
        match path.extension().is_some_and(|e| e == "json") {
            true => json(text, &from, &mut made),
            false => documents(text, &from, &mut made, &mut warnings),
        }?;
    }
    Ok((made, warnings))
}

/// One object only.
fn json(text: &str, from: &str, made: &mut Vec<Made>) -> Result<()> {
    let value = text.parse::<Value>().map_err(|e| match e.to_string() {
        words if words.starts_with("trailing") => Error::failed(format!(
            "{from}:{}: Found multiple objects in \"{}\". Only single objects are allowed in JSON files.",
            e.line(),
            from.rsplit('/').next().unwrap_or(from)
        )),
        words => Error::failed(format!("{from}:{}: {words}", e.line())),
    })?;
    unfold(value, from, made).with_context(|| format!("{from} is not valid"))
}

/// Every document. A file that does not look like objects at all may be anything; Argo CD leaves it alone.
fn documents(text: &str, from: &str, made: &mut Vec<Made>, warnings: &mut Vec<String>) -> Result<()> {
    let before = made.len();
    for (line, document) in split(text) {
        let read = yaml::parse_all_last_wins(document).with_context(|| format!("the document at line {line} is not valid"));
        let read = read.and_then(|(all, twice)| {
            warnings.extend(twice.map(|twice| format!("{from}:{line}: {twice}; Argo CD takes the last one")));
            all.into_iter().try_for_each(|value| unfold(value, from, made))
        });
        if let Err(e) = read {
            let like_objects = ["apiVersion:", "kind:", "metadata:"].iter().all(|word| text.contains(word));
            if made.len() > before || like_objects {
                return Err(e.context(format!("{from}:{line}: Failed to unmarshal")));
            }
            return Ok(());
        }
    }
    Ok(())
}

/// The documents of a text with the lines where they begin.
fn split(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let (mut start, mut at, mut first) = (0, 0, 1);
    for (i, line) in text.split_inclusive('\n').enumerate() {
        if line.starts_with("---") {
            found.push((first, text.get(start..at).unwrap_or_default()));
            // What stands behind the dashes belongs to the document.
            (start, first) = (at + 3, i + 1);
        }
        at += line.len();
    }
    found.push((first, text.get(start..).unwrap_or_default()));
    found.retain(|(_, document)| !document.trim().is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::{Interrupt, Runner};

    const OBJECT: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\n";

    fn look(write: &[(&str, &str)], directory: Directory) -> Result<Result<Vec<String>, String>> {
        let dir = tempfile::tempdir().unwrap();
        for (file, text) in write {
            std::fs::create_dir_all(dir.path().join(file).parent().unwrap()).unwrap();
            std::fs::write(dir.path().join(file), text).unwrap();
        }
        let tree = Files::new(dir.path(), &Runner::new(Interrupt::default())).unwrap();
        let Ok(paths) = files(&tree, &directory)? else { return Ok(Err("jsonnet".into())) };
        let (made, _) = objects(&tree, &paths)?;
        Ok(Ok(made.iter().map(|(from, o)| format!("{from} {}", o["metadata"]["name"].as_str().unwrap_or("?"))).collect()))
    }

    fn directory(recurse: bool, include: &str, exclude: &str) -> Directory {
        Directory { path: PathBuf::from("d"), recurse, include: include.into(), exclude: exclude.into() }
    }

    #[test]
    fn files_count_by_their_ends_and_by_patterns() {
        let object = |name: &str| OBJECT.replace("NAME", name);
        let (a, b, c) = (object("a"), object("b") + "---\n" + &object("b2"), object("c"));
        let json = r#"{"kind": "List", "items": [{"kind": "X", "metadata": {"name": "j"}}]}"#;
        let all = [("d/a.yaml", a.as_str()), ("d/b.yml", &b), ("d/c/c.yaml", &c), ("d/e.json", json), ("d/README.md", "x")];
        let names = |directory| look(&all, directory).unwrap().unwrap().join(", ");
        assert_eq!(names(directory(false, "", "")), "d/a.yaml a, d/b.yml b, d/b.yml b2, d/e.json j");
        assert_eq!(names(directory(true, "*.yaml", "")), "d/a.yaml a, d/c/c.yaml c");
        assert_eq!(names(directory(true, "", "{a,b}*")), "d/c/c.yaml c, d/e.json j");
    }

    #[test]
    fn what_is_no_object_is_left_alone_and_what_looks_like_one_is_not() {
        let one = |text: &str| look(&[("d/a.yaml", text)], directory(false, "", ""));
        assert!(one("replicas: 1\n").unwrap().unwrap().is_empty());
        assert!(one("# +argocd:skip-file-rendering\nkind: A\n").unwrap().unwrap().is_empty());
        let e = one(&(OBJECT.to_string() + "---\nreplicas: 1\n")).unwrap_err();
        assert_eq!(e.one_line(), "d/a.yaml:4: Failed to unmarshal: Object 'Kind' is missing in '{\"replicas\":1}'");
        let e = one("apiVersion: v1\nkind: A\nmetadata: {\n").unwrap_err();
        assert!(e.what().starts_with("d/a.yaml:1: Failed to unmarshal"), "{e}");
        let e = look(&[("d/a.json", "{\"kind\": \"A\"}\n{}")], directory(false, "", "")).unwrap_err();
        assert!(e.what().contains("d/a.json:2: Found multiple objects"), "{e}");
    }

    #[test]
    fn jsonnet_is_said_and_too_much_is_refused() {
        let (jsonnet, big) = (("d/a.jsonnet", "{}"), "#".repeat(LIMIT_BYTES + 1));
        assert!(look(&[jsonnet], directory(false, "", "")).unwrap().is_err());
        assert!(look(&[jsonnet], directory(false, "", "*.jsonnet")).unwrap().is_ok());
        assert!(look(&[("d/a.yaml", &big)], directory(false, "", "")).unwrap_err().what().contains("exceeded max"));
    }
}
