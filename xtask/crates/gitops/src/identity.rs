//! Which repository a tree is: the URLs by which its Applications mean it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::model::Document;
use super::urls::comparable;

/// Configurations larger than this are nobody's.
const LARGEST: u64 = 1_000_000;

/// The URLs of a tree, made comparable: the given one, else its git remotes and `declared`, else the one that most sources name.
///
/// No program is started. `declared` is what the tree says of itself. A remote that is a folder is no name that sources use.
pub fn urls(root: &Path, given: Option<&str>, documents: &[Document], declared: &[String]) -> Vec<String> {
    if let Some(url) = given {
        return vec![comparable(url)];
    }
    let folder = |url: &String| url.starts_with(['/', '.', '~']) || url.starts_with("file:");
    let mut urls: Vec<String> = remotes(root).into_iter().filter(|url| !folder(url)).chain(declared.iter().cloned()).collect();
    if urls.is_empty() {
        urls.extend(most_named(documents));
    }
    let mut urls: Vec<String> = urls.iter().map(|url| comparable(url)).collect();
    urls.sort_unstable();
    urls.dedup();
    urls
}

/// The URLs of the remotes in the configuration of git; none where `root` is not the top of a working tree.
pub fn remotes(root: &Path) -> Vec<String> {
    git_dir(root).map(|dir| urls_of(&small(&dir.join("config")).unwrap_or_default())).unwrap_or_default()
}

/// The folder with the configuration: a further working tree names its own in a file `.git`, and that names the common one.
fn git_dir(root: &Path) -> Option<PathBuf> {
    let git = root.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let own = root.join(small(&git)?.strip_prefix("gitdir:")?.trim());
    let common = small(&own.join("commondir")).map(|common| own.join(common.trim()));
    Some(common.unwrap_or(own))
}

fn small(file: &Path) -> Option<String> {
    let size = std::fs::metadata(file).ok()?.len();
    (size <= LARGEST).then(|| std::fs::read_to_string(file).ok()).flatten()
}

/// Every `url` of the sections `[remote "…"]`.
fn urls_of(config: &str) -> Vec<String> {
    let mut urls = Vec::new();
    let mut remote = false;
    for line in config.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            remote = section.get(..6).is_some_and(|name| name.eq_ignore_ascii_case("remote"));
            continue;
        }
        let Some((key, value)) = line.split_once('=').filter(|_| remote) else { continue };
        if key.trim().eq_ignore_ascii_case("url") {
            let value = value.split([';', '#']).next().unwrap_or_default().trim().trim_matches('"');
            urls.push(value.to_string());
        }
    }
    urls
}

/// The URL that most sources name; of two the first by name. One that comes of a template is none.
fn most_named(documents: &[Document]) -> Option<String> {
    let mut named: BTreeMap<String, (usize, &str)> = BTreeMap::new();
    for document in documents {
        count(&document.value, &mut named);
    }
    let most = named.values().map(|(times, _)| *times).max()?;
    named.into_values().find(|(times, _)| *times == most).map(|(_, url)| url.to_string())
}

/// Counts `repoURL` and what generators read, wherever they stand. Values are at most as deep as the parser lets them be.
fn count<'a>(value: &'a Value, named: &mut BTreeMap<String, (usize, &'a str)>) {
    match value {
        Value::Object(map) => {
            // A chart is in no git repository.
            let chart = map.get("chart").and_then(Value::as_str).is_some_and(|chart| !chart.is_empty());
            for (key, value) in map {
                match value.as_str() {
                    Some(url) if key == "repoURL" && !chart && !url.is_empty() && !url.contains("{{") => {
                        named.entry(comparable(url)).or_insert((0, url)).0 += 1;
                    }
                    _ => count(value, named),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| count(value, named)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Place};
    use serde_json::json;

    fn document(value: Value) -> Document {
        Document { place: Place { file: "a.yaml".into(), line: 1 }, kind: Kind::Application, value }
    }

    fn source(url: &str) -> Document {
        document(json!({ "spec": { "source": { "repoURL": url } } }))
    }

    #[test]
    fn remotes_are_read_without_a_process_also_of_a_further_working_tree() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let config = "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = git@github.com:Shop/Infra.git ; note\n\tfetch = x\n\
                      [Remote \"b\"]\n URL = \"https://x/y\"\n[url \"z\"]\n\turl = no\n[branch \"main\"]\n\tremote = origin\n";
        std::fs::create_dir_all(root.join("main/.git/worktrees/w")).unwrap();
        std::fs::create_dir_all(root.join("w")).unwrap();
        std::fs::write(root.join("main/.git/config"), config).unwrap();
        std::fs::write(root.join("main/.git/worktrees/w/commondir"), "../..\n").unwrap();
        std::fs::write(root.join("w/.git"), "gitdir: ../main/.git/worktrees/w\n").unwrap();
        for tree in ["main", "w"] {
            assert_eq!(remotes(&root.join(tree)), ["git@github.com:Shop/Infra.git", "https://x/y"]);
        }
        assert!(remotes(root).is_empty(), "a folder around a clone is not the clone");
        let urls = urls(&root.join("w"), None, &[source("https://other/z")], &[]);
        assert_eq!(urls, ["github.com/shop/infra", "x/y"]);
    }

    #[test]
    fn without_a_remote_it_is_what_most_sources_name_and_what_is_given_wins() {
        let dir = tempfile::tempdir().unwrap();
        let chart = document(json!({ "spec": { "sources": [
            { "repoURL": "https://charts", "chart": "a" }, { "repoURL": "https://charts", "chart": "b" }, { "repoURL": "{{ .url }}" },
        ] } }));
        let documents = [source("https://b/b.git"), source("https://a/a"), source("git@b:b"), chart.clone()];
        std::fs::create_dir(dir.path().join(".git")).unwrap();
        std::fs::write(dir.path().join(".git/config"), "[remote \"origin\"]\n\turl = /srv/clone\n").unwrap();
        let of = |given, documents: &[Document]| urls(dir.path(), given, documents, &[]);
        assert_eq!(of(None, &documents), ["b/b"]);
        assert_eq!(of(None, &documents[1..3]), ["a/a"]);
        assert!(of(None, &[chart]).is_empty());
        assert_eq!(urls(dir.path(), None, &documents, &["https://known/x".to_string()]), ["known/x"]);
        assert_eq!(of(Some("https://me/x.git"), &documents), ["me/x"]);
    }
}
