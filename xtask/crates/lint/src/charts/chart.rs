//! A Helm chart as its files have it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use documents::Positions;
use serde_json::{Map, Value};

use super::ignore::Ignored;
use super::template::Template;
use super::values::Places;

/// A place in a file of the repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// From the root of the repository.
    pub path: PathBuf,
    /// From 1.
    pub line: usize,
    /// From 1, in characters; the whole line where it is not known.
    pub column: Option<usize>,
}

/// A chart. Reading never fails: what cannot be read is among the problems, and the rest is there.
#[derive(Debug)]
pub struct Chart {
    /// From the root of the repository.
    pub folder: PathBuf,
    pub name: String,
    pub version: String,
    pub library: bool,
    pub dependencies: Vec<Dependency>,
    pub lock: Option<Lock>,
    pub values: Option<Text>,
    /// `values.schema.json`.
    pub schema: Option<Value>,
    /// What Helm would load, sorted by name: partials, notes and tests too.
    pub templates: Vec<Template>,
    /// Files that templates read with `.Files`, by their path in the chart.
    pub files: BTreeMap<String, Arc<str>>,
    /// Manifests in `crds/`, from the root of the repository.
    pub crds: Vec<PathBuf>,
    pub problems: Vec<Problem>,
}

/// A YAML file that could be read.
#[derive(Clone, Debug)]
pub struct Text {
    /// From the root of the repository.
    pub path: PathBuf,
    pub text: Arc<str>,
    /// Its one document; an empty map of an empty file.
    pub value: Value,
    pub places: Places,
}

impl Text {
    pub fn positions(&self) -> &Positions {
        self.places.of(&self.text)
    }
}

/// Why a file of a chart cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub place: Place,
    pub message: String,
}

/// An entry of `dependencies`.
#[derive(Clone, Debug, Default)]
pub struct Dependency {
    pub place: Option<Place>,
    pub name: String,
    pub version: String,
    pub repository: String,
    pub alias: Option<String>,
    /// The entries of the comma-separated list.
    pub conditions: Vec<String>,
    pub tags: Vec<String>,
    /// Of `import-values`: what is read below the dependency's own values, and where it goes (empty for the root).
    pub imports: Vec<(String, String)>,
}

impl Dependency {
    /// The key that its values have in its parent.
    pub fn key(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }

    /// The folder of a `file://` dependency of a chart in `folder`, without `..`.
    pub fn folder(&self, folder: &Path) -> Option<PathBuf> {
        let relative = self.repository.strip_prefix("file://")?;
        let mut path = PathBuf::new();
        for part in folder.join(relative).components() {
            match part {
                std::path::Component::ParentDir if path.pop() => {}
                std::path::Component::ParentDir => return None,
                std::path::Component::Normal(name) => path.push(name),
                _ => {}
            }
        }
        Some(path)
    }
}

/// `Chart.lock`.
#[derive(Clone, Debug)]
pub struct Lock {
    pub path: PathBuf,
    pub dependencies: Vec<Dependency>,
}

impl Chart {
    /// Reads the chart in `folder` from its files, whose paths begin below it. `None` without a Chart.yaml.
    pub fn read<'a>(folder: &Path, files: impl IntoIterator<Item = (&'a Path, &'a str)>) -> Option<Chart> {
        let mut all: BTreeMap<String, &str> = BTreeMap::new();
        for (path, text) in files {
            all.insert(path.display().to_string(), text);
        }
        let mut chart = Chart {
            folder: folder.to_path_buf(),
            name: String::new(),
            version: String::new(),
            library: false,
            dependencies: Vec::new(),
            lock: None,
            values: None,
            schema: None,
            templates: Vec::new(),
            files: BTreeMap::new(),
            crds: Vec::new(),
            problems: Vec::new(),
        };
        let about = all.get("Chart.yaml")?;
        if let Some(about) = chart.yaml("Chart.yaml", about) {
            let text = |key: &str| about.value.get(key).and_then(plain).unwrap_or_default();
            (chart.name, chart.version, chart.library) = (text("name"), text("version"), text("type") == "library");
            chart.dependencies = dependencies(&about);
        }
        // Charts of Helm 2 have a file of their own for them.
        if let Some(required) = all.get("requirements.yaml").and_then(|text| chart.yaml("requirements.yaml", text))
            && chart.dependencies.is_empty()
        {
            chart.dependencies = dependencies(&required);
        }
        for name in ["Chart.lock", "requirements.lock"] {
            if let Some(lock) = all.get(name).and_then(|text| chart.yaml(name, text)) {
                chart.lock.get_or_insert(Lock { path: lock.path.clone(), dependencies: dependencies(&lock) });
            }
        }
        chart.values = all.get("values.yaml").and_then(|text| chart.yaml("values.yaml", text));
        chart.schema = all.get("values.schema.json").and_then(|text| serde_json::from_str(text).ok());
        let ignored = Ignored::parse(all.get(".helmignore").copied().unwrap_or_default());
        for (name, text) in all {
            if ignored.matches(&name) {
                continue;
            }
            if name.starts_with("templates/") {
                chart.templates.push(Template::parse(folder, &chart.name, &name, text));
            } else if name.starts_with("crds/") {
                chart.crds.push(folder.join(&name));
            } else if !name.starts_with("charts/") {
                chart.files.insert(name, text.into());
            }
        }
        Some(chart)
    }

    fn yaml(&mut self, name: &str, text: &str) -> Option<Text> {
        let path = self.folder.join(name);
        match document(&path, text) {
            Ok(value) => Some(Text { path, text: text.into(), value, places: Places::default() }),
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    /// The values that the chart itself sets.
    pub fn defaults(&self) -> Value {
        self.values.as_ref().map_or_else(|| Value::Object(Map::new()), |values| values.value.clone())
    }

    /// A place in one of its files, as far as it is known.
    pub fn place(&self, name: &str) -> Place {
        Place { path: self.folder.join(name), line: 1, column: None }
    }
}

/// The first document of a YAML file as Helm reads it: of a key written twice the last counts. An empty file is an empty map.
pub fn document(path: &Path, text: &str) -> Result<Value, Problem> {
    match documents::parse_all_last_wins(text) {
        Ok(all) => Ok(all.into_iter().next().map_or_else(|| Value::Object(Map::new()), |document| document.value)),
        Err(e) => {
            let place = Place { path: path.to_path_buf(), line: e.line, column: Some(e.column) };
            Err(Problem { place, message: e.about() })
        }
    }
}

fn dependencies(file: &Text) -> Vec<Dependency> {
    let listed = file.value.get("dependencies").and_then(Value::as_array);
    let none = Positions::default();
    let positions = if listed.is_some() { file.positions() } else { &none };
    let one = |(at, value): (usize, &Value)| {
        let text = |key: &str| value.get(key).and_then(plain);
        let mark = positions.get(0, &format!("/dependencies/{at}")).map(|position| position.value);
        Dependency {
            place: mark.map(|mark| Place { path: file.path.clone(), line: mark.line, column: Some(mark.column) }),
            name: text("name").unwrap_or_default(),
            version: text("version").unwrap_or_default(),
            repository: text("repository").unwrap_or_default(),
            alias: text("alias").filter(|alias| !alias.is_empty()),
            conditions: text("condition").unwrap_or_default().split(',').map(|c| c.trim().to_string()).filter(|c| !c.is_empty()).collect(),
            tags: value.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(plain).collect(),
            imports: value.get("import-values").and_then(Value::as_array).into_iter().flatten().map(import).collect(),
        }
    };
    listed.into_iter().flatten().enumerate().map(one).collect()
}

/// A text stands for what the child exports under that name.
fn import(value: &Value) -> (String, String) {
    let text = |key: &str| value.get(key).and_then(plain).unwrap_or_default();
    match value.as_str() {
        Some(name) => (format!("exports.{name}"), String::new()),
        None => (text("child"), text("parent").trim_matches('.').to_string()),
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}
