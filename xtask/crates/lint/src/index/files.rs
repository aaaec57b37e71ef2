//! The files of the tree, each parsed when a rule asks for it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use documents::{Document, Error, Positions};

/// By path from the root, with `/` between the parts.
#[derive(Debug, Default)]
pub struct Files(BTreeMap<String, File>);

/// A file.
#[derive(Debug)]
pub struct File {
    /// The text, or why there is none.
    pub text: Result<String, Unread>,
    parsed: OnceLock<Parsed>,
    positions: OnceLock<Positions>,
}

/// The documents of a text.
#[derive(Debug)]
struct Parsed {
    documents: Result<Vec<Document>, Error>,
    /// No key stands twice in a map.
    is_strict: bool,
}

impl Parsed {
    fn of(text: &str) -> Self {
        match documents::parse_all(text) {
            Ok(documents) => Parsed { documents: Ok(documents), is_strict: true },
            Err(_) => Parsed { documents: documents::parse_all_last_wins(text), is_strict: false },
        }
    }
}

/// Why the text of a file is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is not text.
    Binary,
    /// It is larger than what is read.
    Large,
    /// A link: what it leads to is read where it lies.
    Link,
    /// Encrypted as a whole.
    Encrypted,
    /// It cannot be read; the reason.
    Failed(String),
}

impl Files {
    pub fn new(files: impl IntoIterator<Item = (String, Result<String, Unread>)>) -> Self {
        let file = |text| File { text, parsed: OnceLock::new(), positions: OnceLock::new() };
        Files(files.into_iter().map(|(path, text)| (path, file(text))).collect())
    }

    pub fn get(&self, path: &str) -> Option<&File> {
        self.0.get(path)
    }

    /// Its text, if it is there and is text.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.get(path)?.text()
    }

    pub fn contains(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// All, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &File)> {
        self.0.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// Those below a folder, sorted by path; all of them if it is empty.
    pub fn below<'a>(&'a self, folder: &str) -> impl Iterator<Item = (&'a str, &'a File)> + use<'a> {
        let folder = if folder.is_empty() { String::new() } else { format!("{}/", folder.trim_end_matches('/')) };
        let start = folder.clone();
        self.0.range(start..).take_while(move |(path, _)| path.starts_with(&folder)).map(|(path, file)| (path.as_str(), file))
    }

    /// Is there a file below this folder?
    pub fn is_folder(&self, folder: &str) -> bool {
        self.below(folder).next().is_some()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl File {
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref().ok()
    }

    /// Its YAML or JSON documents; of a key that stands twice the last counts, as Helm and Argo CD read it.
    pub fn documents(&self) -> Result<&[Document], &Error> {
        self.parsed().documents.as_deref()
    }

    /// Is it YAML in which no key stands twice in a map?
    pub fn is_strict(&self) -> bool {
        self.parsed().is_strict
    }

    fn parsed(&self) -> &Parsed {
        self.parsed.get_or_init(|| Parsed::of(self.text().unwrap_or_default()))
    }

    /// Where the keys of its documents stand.
    pub fn positions(&self) -> &Positions {
        self.positions.get_or_init(|| documents::positions(self.text().unwrap_or_default()))
    }
}

/// What lies behind the last `/`.
pub fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The folder of a file; empty for the root.
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Is it YAML by its name?
pub fn is_yaml(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_what_lies_below_it_and_nothing_beside_it() {
        let files = Files::new(["a/b.yaml", "a/c/d.yaml", "a-b/e.yaml", "f"].map(|path| (path.to_string(), Ok(String::new()))));
        assert_eq!(files.below("a").map(|(path, _)| path).collect::<Vec<_>>(), ["a/b.yaml", "a/c/d.yaml"]);
        assert_eq!(files.below("").count(), 4);
        assert!(files.is_folder("a/c") && !files.is_folder("f"));
    }
}
