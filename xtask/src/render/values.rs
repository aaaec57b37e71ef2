//! Which files of values a Helm source takes, in which order (`getResolvedValueFiles` of the repo-server).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gitops::glob;

use super::environment::{Substituted, Variables};
use super::files::{Files, normal};
use crate::error::{Error, Result};

/// Where a path of a source leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A file of this tree, from its root.
    Here(PathBuf),
    /// It cannot be known without the network; the reason.
    Elsewhere(String),
}

/// What `$name/…` may begin with: whether the source of that `ref` is this tree; if not, the reason.
pub type Refs = BTreeMap<String, Result<(), String>>;

/// Finds files for one source.
pub struct Finder<'a> {
    pub files: &'a Files,
    pub variables: &'a Variables<'a>,
    /// Folder of the chart.
    pub chart: &'a Path,
    pub refs: &'a Refs,
    /// Has the Application a list of sources? Only then `$name` is looked up.
    pub many: bool,
}

impl Finder<'_> {
    /// Returns the files for `valueFiles`, later ones stronger. Errors: one leads out of the repository, or names a `ref` that
    /// is not there; a pattern without a match. A file that is missing is in the list, unless `ignore_missing`.
    pub fn value_files(&self, raw: &[&str], ignore_missing: bool) -> Result<Result<Vec<PathBuf>, String>> {
        let mut all = Vec::new();
        for text in raw {
            match self.find(text)? {
                Found::Here(path) => all.push((*text, path)),
                Found::Elsewhere(why) => return Ok(Err(why)),
            }
        }
        let is_pattern = |path: &Path| glob::is_pattern(&path.to_string_lossy());
        // A file that is named itself stands where it is named, not where a pattern finds it.
        let named: BTreeSet<PathBuf> = all.iter().map(|(_, path)| path.clone()).filter(|path| !is_pattern(path)).collect();
        let mut files: Vec<PathBuf> = Vec::new();
        for (text, path) in all {
            let found = if is_pattern(&path) {
                let found = self.matching(&path)?;
                if found.is_empty() && !ignore_missing {
                    return Err(Error::failed(format!("values file glob {text:?} matched no files")));
                }
                found.into_iter().filter(|file| !named.contains(file)).collect()
            } else if ignore_missing && !self.files.root().join(&path).exists() {
                Vec::new()
            } else {
                vec![path]
            };
            for file in found {
                if !files.contains(&file) {
                    files.push(file);
                }
            }
        }
        Ok(Ok(files))
    }

    /// Where one path leads: `$ref/…` and `/…` start at the root, everything else at the chart.
    pub fn find(&self, raw: &str) -> Result<Found> {
        let mut text = raw;
        let mut start = self.chart;
        if self.many
            && let Some(after) = raw.strip_prefix('$')
        {
            let (name, rest) = after.find('/').map_or((after, ""), |at| after.split_at(at));
            match self.refs.get(name) {
                Some(Ok(())) => (text, start) = (rest, Path::new("")),
                Some(Err(why)) => return Ok(Found::Elsewhere(format!("`{raw}` is in another repository: {why}"))),
                None if self.refs.is_empty() => {
                    return Err(Error::failed(format!("source referenced \"${name}\", but no source has a 'ref' field defined")));
                }
                None => {
                    let known = self.refs.keys().map(|name| format!("${name}")).collect::<Vec<_>>().join(", ");
                    let what = format!("source referenced \"${name}\", which is not one of the available sources ({known})");
                    return Err(Error::failed(what));
                }
            }
        }
        let text = match self.variables.substitute(text) {
            Substituted::Text(text) => text,
            Substituted::Unknown(name) => {
                return Ok(Found::Elsewhere(format!("`{raw}` takes ${name}, which is known only after a commit")));
            }
        };
        match scheme(&text) {
            Some("http" | "https") => return Ok(Found::Elsewhere(format!("{text} is read from the network"))),
            Some(other) => return Err(Error::failed(format!("the URL scheme '{other}' is not allowed")).cause(format!("in `{raw}`"))),
            None => {}
        }
        let outside = || Error::failed(format!("file '{text}' resolved to outside repository root"));
        let path = match text.strip_prefix('/') {
            // A leading `..` at the root of the file system is no step out.
            Some(from_root) => from_root.trim_start_matches('/').into(),
            None => start.join(&text),
        };
        let mut path = normal(&path).ok_or_else(outside)?;
        if path.as_os_str().is_empty() {
            return Err(Error::failed(format!("`{raw}` is the root of the repository, not a file")));
        }
        if !glob::is_pattern(&path.to_string_lossy()) {
            self.files.inside(&path)?;
            // As `resolveSymbolicLinkRecursive`: a link stands for what it leads to.
            for _ in 0..10 {
                let Ok(target) = std::fs::read_link(self.files.root().join(&path)) else { break };
                path = normal(&path.parent().unwrap_or(Path::new("")).join(target)).ok_or_else(outside)?;
            }
        }
        Ok(Found::Here(path))
    }

    /// What fits a pattern, folder by folder in the order of names.
    fn matching(&self, pattern: &Path) -> Result<Vec<PathBuf>> {
        let text = pattern.to_string_lossy();
        let fixed: PathBuf = pattern.components().take_while(|part| !glob_part(part.as_os_str().to_string_lossy().as_ref())).collect();
        let mut found = Vec::new();
        self.walk(&fixed, &text, 0, &mut found)?;
        Ok(found)
    }

    fn walk(&self, folder: &Path, pattern: &str, depth: usize, found: &mut Vec<PathBuf>) -> Result<()> {
        let read = std::fs::read_dir(self.files.root().join(folder)).into_iter().flatten().flatten();
        let mut names: Vec<_> = read.map(|entry| (entry.file_name(), entry.file_type().is_ok_and(|kind| kind.is_dir()))).collect();
        names.retain(|(name, _)| name != ".git");
        names.sort();
        // doublestar gives what fits in a folder before what fits below it.
        for (name, _) in &names {
            let path = folder.join(name);
            if glob::fits_path(pattern, &path.to_string_lossy()) {
                self.files.inside(&path)?;
                found.push(path);
            }
        }
        for (name, is_folder) in names {
            let path = folder.join(name);
            if is_folder && depth < 32 && (pattern.contains("**") || pattern.matches('/').count() > path.components().count() - 1) {
                self.walk(&path, pattern, depth + 1, found)?;
            }
        }
        Ok(())
    }
}

fn glob_part(part: &str) -> bool {
    part.contains(['*', '?', '[', '{', '\\'])
}

/// The scheme of a URL, as Go's `url.Parse` sees it.
fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':')?;
    let mut chars = scheme.chars();
    let begins = chars.next()?.is_ascii_alphabetic();
    (begins && chars.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))).then_some(scheme)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::proc::{Interrupt, Runner};
    use gitops::model::{Application, Place};

    fn found(many: bool, raw: &[&str], ignore_missing: bool) -> Result<Result<Vec<PathBuf>, String>> {
        let dir = tempfile::tempdir().unwrap();
        for file in ["c/values.yaml", "v/b.yaml", "v/a.yaml", "v/deep/c.yaml", "v/.hidden.yaml"] {
            std::fs::create_dir_all(dir.path().join(file).parent().unwrap()).unwrap();
            std::fs::write(dir.path().join(file), "a: 1\n").unwrap();
        }
        let link = |target: &str, name: &str| std::os::unix::fs::symlink(target, dir.path().join(name)).unwrap();
        link("a.yaml", "v/link");
        link("../../outside", "v/out");
        let files = Files::new(dir.path(), &Runner::new(Interrupt::default())).unwrap();
        let place = Place { file: PathBuf::from("a.yaml"), line: 1 };
        let value = json!({ "metadata": { "name": "a" } });
        let application = Application { place, set: None, parent: None, environment: None, value };
        let variables = Variables::new(&application, &Value::Null);
        let refs = Refs::from([("values".into(), Ok(())), ("far".into(), Err("https://x/y".into()))]);
        Finder { files: &files, variables: &variables, chart: Path::new("c"), refs: &refs, many }.value_files(raw, ignore_missing)
    }

    fn paths(many: bool, raw: &[&str], ignore_missing: bool) -> Vec<String> {
        found(many, raw, ignore_missing).unwrap().unwrap().iter().map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn files_start_at_the_chart_at_the_root_or_at_a_ref() {
        let raw = ["values.yaml", "../v/b.yaml", "/v/$ARGOCD_APP_NAME.yaml", "$values/v/link", "values.yaml"];
        assert_eq!(paths(true, &raw, false), ["c/values.yaml", "v/b.yaml", "v/a.yaml"], "each once, a link is what it leads to");
        assert_eq!(paths(false, &["$values/v/b.yaml"], false), ["v/b.yaml"], "an empty variable");
    }

    #[test]
    fn patterns_take_all_that_is_not_named_itself() {
        assert_eq!(paths(true, &["/v/*.yaml", "/v/a.yaml"], false), ["v/.hidden.yaml", "v/b.yaml", "v/a.yaml"]);
        assert_eq!(paths(true, &["$values/v/**/[a-c].yaml"], false), ["v/a.yaml", "v/b.yaml", "v/deep/c.yaml"]);
        assert_eq!(paths(true, &["/v/*.json", "no.yaml"], true), [""; 0]);
        assert_eq!(found(true, &["/v/*.json"], false).unwrap_err().what(), "values file glob \"/v/*.json\" matched no files");
    }

    #[test]
    fn what_is_elsewhere_or_outside_is_said() {
        assert_eq!(found(true, &["$far/x.yaml"], false).unwrap(), Err("`$far/x.yaml` is in another repository: https://x/y".into()));
        assert!(found(true, &["https://x/y.yaml"], false).unwrap().is_err());
        assert!(found(true, &["x-$ARGOCD_APP_REVISION"], false).unwrap().is_err());
        let what = |raw: &str| found(true, &[raw], false).unwrap_err().what().to_string();
        assert_eq!(what("../../x.yaml"), "file '../../x.yaml' resolved to outside repository root");
        assert_eq!(what("$other/x"), "source referenced \"$other\", which is not one of the available sources ($far, $values)");
        assert_eq!(what("ftp://x/y"), "the URL scheme 'ftp' is not allowed");
        assert!(what("/v/out").starts_with("v/out: the link leads out"));
        assert_eq!(paths(true, &["missing.yaml"], false), ["c/missing.yaml"], "Helm says so");
    }
}
