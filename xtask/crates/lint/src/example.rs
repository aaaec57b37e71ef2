//! Trees from the fenced blocks of a text, for tests of rules: their own documentation, and the fixtures beside them.
//!
//! A block's first line says what it is:
//! - `yaml charts/a/values.yaml` (any path with a dot or a slash): a file of the tree.
//! - `yaml objects [of NAME] [in ENV]`: what the Application NAME (`shop` if none is said) deploys in ENV; it is a file of the tree as
//!   well, `manifests/NAME-ENV.yaml`, so that findings have lines.
//! - `yaml profile [in ENV]`: what exists on the cluster, as `provides` of an environment's file.
//! - `text failure of NAME [in ENV]`: why the Application cannot be rendered. `text gap of NAME [in ENV]`: what is not known of it.
//! - `text unreadable PATH`: a file without a text; the words are `not UTF-8`, `large`, `link`, `encrypted`, or why it cannot be read.
//! - `text schemas`: what a pod template is shall be known.
//!
//! Applications and ApplicationSets among the files are expanded; an Application that is only named is made up, with its own name
//! as the namespace, `shop` for `shop`. One of which no block says what it deploys has an object that refers to nothing. A comment `# bad` marks a line that a finding must point at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gitops::clusters::{self, ControlPlane};
use gitops::expand_set::Expander;
use gitops::model::{Application, Object, Place, Tree};
use gitops::roots::Ground;
use serde_json::{Value, json};

use crate::index::files::{Files, Unread};
use crate::index::input::{Deployed, Failure, Input, Plane};
use crate::index::profile::Profile;

/// A fenced block: the words behind the three backticks, and its lines.
#[derive(Clone, Debug)]
struct Block {
    words: Vec<String>,
    text: String,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(info), None) => open = Some(Block { words: info.split_whitespace().map(str::to_string).collect(), text: String::new() }),
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

impl Block {
    fn what(&self) -> &str {
        self.words.get(1).map_or("", String::as_str)
    }

    fn after(&self, word: &str) -> Option<&str> {
        let at = self.words.iter().position(|w| w == word)?;
        self.words.get(at + 1).map(String::as_str)
    }

    fn application(&self) -> &str {
        self.after("of").unwrap_or("shop")
    }
}

/// The tree that a text describes.
pub fn input(text: &str) -> Input {
    let blocks = blocks(text);
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for block in blocks.iter().filter(|block| block.what().contains(['/', '.'])) {
        files.entry(block.what().to_string()).or_default().push_str(&block.text);
    }
    for block in blocks.iter().filter(|block| block.what() == "objects") {
        files.entry(source(block)).or_default().push_str(&block.text);
    }
    let mut input = expanded(&files);
    let environments: BTreeSet<Option<&str>> = blocks.iter().filter(|block| is_about_one(block)).map(|block| block.after("in")).collect();
    for environment in environments {
        if !input.planes.iter().any(|plane| plane.environment.as_deref() == environment) {
            input.planes.push(Plane { environment: environment.map(str::to_string), ..Plane::default() });
        }
    }
    input
        .planes
        .retain(|plane| plane.environment.is_some() || !plane.applications.is_empty() || blocks.iter().any(|b| b.after("in").is_none()));
    for block in &blocks {
        let Some(plane) = input.planes.iter_mut().find(|plane| plane.environment.as_deref() == block.after("in")) else { continue };
        match block.what() {
            "profile" => plane.profile = Profile::of(&documents::parse_all(&block.text).unwrap()[0].value),
            "objects" => {
                let objects = documents::parse_all(&block.text).unwrap_or_else(|e| panic!("{e:?}\n{}", block.text));
                let objects = objects.into_iter().map(|document| Object { value: document.value, source: source(block) });
                let all = &mut deployed(plane, block.application()).objects;
                all.as_mut().unwrap().extend(objects);
            }
            "failure" => {
                let failure = Failure { message: block.text.trim().to_string(), place: None };
                deployed(plane, block.application()).objects = Err(failure);
            }
            "gap" => deployed(plane, block.application()).unverified.push(block.text.trim().to_string()),
            _ => {}
        }
    }
    let unread = blocks.iter().filter_map(|block| Some((block.after("unreadable")?.to_string(), Err(unread(&block.text)))));
    for deployed in input.planes.iter_mut().flat_map(|plane| &mut plane.applications) {
        let is_said = blocks.iter().any(|block| is_about_one(block) && block.application() == deployed.application.name());
        if let (false, Ok(objects)) = (is_said, &mut deployed.objects) {
            objects.push(something(deployed.application.name()));
        }
    }
    input.files = Files::new(files.into_iter().map(|(path, text)| (path, Ok(text))).chain(unread));
    let pods = blocks.iter().any(|block| block.what() == "schemas").then(pods);
    input.schemas = crate::schemas::compile(pods.as_ref(), &[]).into_bytes();
    input.charts = crate::index::charts::of_files(&input.files);
    input
}

/// Why there is no text.
fn unread(text: &str) -> Unread {
    match text.trim().trim_end_matches("# bad").trim() {
        "not UTF-8" => Unread::Binary,
        "large" => Unread::Large,
        "link" => Unread::Link,
        "encrypted" => Unread::Encrypted,
        why => Unread::Failed(why.to_string()),
    }
}

fn is_about_one(block: &Block) -> bool {
    ["objects", "profile", "failure", "gap"].contains(&block.what())
}

/// What an Application deploys of which a text says nothing: an object that refers to nothing.
fn something(name: &str) -> Object {
    let value = json!({ "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": { "name": name }, "value": 1 });
    Object { value, source: "somewhere.yaml".into() }
}

/// As much of Kubernetes' own document as says what a pod template is.
fn pods() -> Value {
    let refer = |name: &str| json!({ "$ref": format!("#/definitions/io.k8s.api.core.v1.{name}") });
    let open = |required: &[&str], properties: Value| json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true, "required": required, "properties": properties });
    let list = |name: &str| json!({ "type": "array", "items": refer(name) });
    let deployment = json!({ "spec": open(&[], json!({ "template": refer("PodTemplateSpec") })) });
    let mut of_apps = open(&[], deployment);
    of_apps["x-kubernetes-group-version-kind"] = json!([{ "group": "apps", "version": "v1", "kind": "Deployment" }]);
    json!({ "paths": {}, "definitions": {
        "io.k8s.api.apps.v1.Deployment": of_apps,
        "io.k8s.api.core.v1.PodTemplateSpec": open(&[], json!({ "spec": refer("PodSpec") })),
        "io.k8s.api.core.v1.PodSpec": open(&["containers"], json!({ "containers": list("Container") })),
        "io.k8s.api.core.v1.Container": open(&["name"], json!({ "name": { "type": "string" }, "image": { "type": "string" } })),
    } })
}

/// The file that the objects of a block lie in.
fn source(block: &Block) -> String {
    match block.after("in") {
        Some(environment) => format!("manifests/{}-{environment}.yaml", block.application()),
        None => format!("manifests/{}.yaml", block.application()),
    }
}

/// The Application of this name, made up if the tree has none.
fn deployed<'a>(plane: &'a mut Plane, name: &str) -> &'a mut Deployed {
    let at = plane.applications.iter().position(|deployed| deployed.application.name() == name);
    let at = at.unwrap_or_else(|| {
        let value = json!({
            "apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": { "name": name },
            "spec": { "project": "default", "destination": { "server": "https://kubernetes.default.svc", "namespace": name },
                "syncPolicy": { "automated": { "prune": true, "selfHeal": true }, "syncOptions": ["CreateNamespace=true"] } },
        });
        let place = Place { file: PathBuf::from("apps.yaml"), line: 1 };
        let application = Application { place, set: None, parent: None, environment: plane.environment.clone(), value };
        plane.applications.push(made(application));
        plane.applications.len() - 1
    });
    &mut plane.applications[at]
}

fn made(application: Application) -> Deployed {
    Deployed { application, objects: Ok(Vec::new()), unverified: Vec::new() }
}

/// The places that a text marks as bad: path and line.
pub fn marked(text: &str) -> BTreeSet<(String, usize)> {
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for block in blocks(text) {
        let path = match block.what() {
            "objects" => source(&block),
            "unreadable" => block.after("unreadable").unwrap_or_default().to_string(),
            path => path.to_string(),
        };
        let before = lines.entry(path.clone()).or_default();
        for line in block.text.lines() {
            *before += 1;
            if ["# bad", "// bad", "/* bad"].iter().any(|mark| line.contains(mark)) {
                found.insert((path.clone(), *before));
            }
        }
    }
    found
}

/// What the documents of the files expand to.
fn expanded(files: &BTreeMap<String, String>) -> Input {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let tree = Tree { root: folder.path().to_path_buf(), urls: Vec::new() };
    let planes = clusters::of_environments(&tree).unwrap();
    let urls: Vec<String> = planes.iter().filter_map(ControlPlane::repository).map(str::to_string).collect();
    let ground = Ground::read(folder.path(), None, &urls);
    let planes = if planes.is_empty() { vec![ControlPlane::default()] } else { planes };
    let expander = Expander::new(&ground.tree, &ground.listing, &ground.documents);
    let forest = ground.grow(&planes, &|plane, document| expander.expand(plane, document), None);
    let of = |plane: &ControlPlane| Plane {
        environment: plane.environment.clone(),
        profile: profile(files, plane.environment.as_deref()),
        clusters: plane.clusters.iter().map(|cluster| (cluster.name.clone(), cluster.server.clone())).collect(),
        applications: (forest.expansions.iter().flat_map(|expansion| &expansion.applications))
            .filter(|application| application.environment == plane.environment)
            .map(|application| made(application.clone()))
            .collect(),
    };
    Input {
        planes: planes.iter().map(of).collect(),
        expansions: forest.expansions.clone(),
        problems: forest.problems.clone(),
        urls: ground.tree.urls.clone(),
        documents: ground.documents,
        ..Input::default()
    }
}

/// What the file of an environment says of it.
fn profile(files: &BTreeMap<String, String>, environment: Option<&str>) -> Profile {
    let file = environment.and_then(|environment| files.get(&format!("environments/{environment}/environment.yaml")));
    let read = file.map(|text| documents::parse_all(text).unwrap().remove(0).value);
    read.and_then(|value| value.get("provides").map(Profile::of)).unwrap_or_default()
}
