//! The kinds of other projects that the charts use, registered in the cluster.
//!
//! Each definition carries a label with the checksum of the set that it came from. It stands in for a comparison
//! field by field: reading them all back costs more than everything else in a second run together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::artifacts::Sets;
use crate::context::Context;
use crate::engine::State;
use crate::error::{Context as _, Error, Result};
use crate::proc::Invocation;
use crate::repo::yaml;
use crate::ui::{Task, count};

pub struct Step(pub Sets);

/// How long registered kinds may take to be served.
const SERVED_WITHIN: Duration = Duration::from_secs(60);

const LABEL: &str = "c4ang.io/artifact";

impl crate::engine::Step for Step {
    fn id(&self) -> &'static str {
        "crds"
    }

    fn needs(&self) -> &'static [&'static str] {
        &["cluster", "artifacts"]
    }

    fn probe(&self, cx: &Context) -> Result<State> {
        let kubectl = super::kubectl(cx)?;
        let live = kubectl.labels("customresourcedefinitions", LABEL)?;
        // How many definitions carry the label of a set tells what is missing of it.
        let mut wanted = 0;
        let mut have = 0;
        for (label, definitions) in counted(cx, self.0)? {
            wanted += definitions;
            have += live.values().filter(|l| **l == label).count().min(definitions);
        }
        Ok(if have == wanted {
            State::UpToDate(format!("{} served", count(wanted, "kind")))
        } else if have == 0 {
            State::Missing
        } else {
            State::Drifted { want: count(wanted, "kind"), have: have.to_string() }
        })
    }

    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        Ok(vec![super::planned_kubectl(cx)?.create_call(&definitions(cx, self.0)?)?])
    }

    fn apply(&self, cx: &Context, task: &Task) -> Result<()> {
        let kubectl = super::kubectl(cx)?;
        let definitions = definitions(cx, self.0)?;
        task.update(format!("registering {}", count(definitions.len(), "kind")));
        let known = kubectl.served_kinds()?;
        let is_known = |d: &Value| d.pointer("/metadata/name").and_then(Value::as_str).is_some_and(|n| known.contains(n));
        // Without a status yet, a definition is not served and still exists: then the apply mends what the create refuses.
        let (old, new): (Vec<Value>, Vec<Value>) = definitions.iter().cloned().partition(is_known);
        // One stream: on two cores the server, which compiles every schema, is the slower side already.
        if !new.is_empty() && cx.runner.run(&kubectl.create_call(&new)?).is_err() {
            kubectl.apply(&new)?;
        }
        kubectl.apply(&old)?;
        let wanted: Vec<String> = definitions.iter().filter_map(|d| d.pointer("/metadata/name")?.as_str().map(str::to_string)).collect();
        let end = Instant::now() + SERVED_WITHIN;
        // Not by `kubectl wait`: it looks at one after the other, and fails on a definition that has no status yet (1.36).
        loop {
            let served = kubectl.served_kinds()?;
            let missing: Vec<&str> = wanted.iter().map(String::as_str).filter(|name| !served.contains(*name)).collect();
            if missing.is_empty() {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(Error::failed(format!("not served within 60 s: {}", missing.join(", "))));
            }
            task.update(format!("{} of {} kinds not served yet", missing.len(), wanted.len()));
            cx.runner.interrupt().sleep(Duration::from_millis(100))?;
        }
    }
}

/// Label of each set → how many definitions it holds. Counted by line: parsing megabytes takes longer.
fn counted(cx: &Context, which: Sets) -> Result<BTreeMap<String, usize>> {
    let mut sets = BTreeMap::new();
    for set in which.names(cx) {
        for path in cx.provision.look_artifact(set).unwrap_or_default() {
            let text = std::fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
            let definitions = text.lines().filter(|l| *l == "kind: CustomResourceDefinition").count();
            *sets.entry(label_of(set, &path)).or_default() += definitions;
        }
    }
    Ok(sets)
}

/// The folder of a set in the cache is named by version and checksum of everything in it.
fn label_of(set: &str, path: &Path) -> String {
    let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
    format!("{set}-{}", folder.to_string_lossy())
}

/// Group and kind of every definition. Read by line, as `counted` does: `  group:` and `    kind:` stand at
/// fixed places in every generated definition; the names that do not are found by the step that applies them.
pub fn kinds(cx: &Context, which: Sets) -> Result<BTreeSet<(String, String)>> {
    let mut kinds = BTreeSet::new();
    for set in which.names(cx) {
        for path in cx.provision.look_artifact(set).unwrap_or_default() {
            let text = std::fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
            let mut group = "";
            for line in text.lines() {
                if let Some(name) = line.strip_prefix("  group: ") {
                    group = name;
                } else if let Some(name) = line.strip_prefix("    kind: ") {
                    kinds.insert((group.to_string(), name.to_string()));
                }
            }
        }
    }
    Ok(kinds)
}

fn definitions(cx: &Context, which: Sets) -> Result<Vec<Value>> {
    let mut definitions = Vec::new();
    for set in which.names(cx) {
        for path in cx.provision.look_artifact(set).unwrap_or_default() {
            let label = label_of(set, &path);
            for mut document in yaml::read_all(&path)? {
                if document.get("kind").is_none_or(|k| k != "CustomResourceDefinition") {
                    continue;
                }
                if let Some(Value::Object(metadata)) = document.get_mut("metadata") {
                    let labels = metadata.entry("labels").or_insert_with(|| json!({}));
                    labels[LABEL] = json!(label);
                    // Server-side apply refuses what only a server may set; generators leave it in.
                    metadata.remove("creationTimestamp");
                }
                if let Some(object) = document.as_object_mut() {
                    object.remove("status");
                }
                definitions.push(document);
            }
        }
    }
    Ok(definitions)
}
