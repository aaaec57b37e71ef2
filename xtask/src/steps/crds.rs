//! The kinds of other projects that the charts use, registered in the cluster.
//!
//! Each definition carries a label with the checksum of the set that it came from. It stands in for a comparison
//! field by field: reading them all back costs more than everything else in a second run together.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::artifacts;
use crate::context::Context;
use crate::engine::State;
use crate::error::{Context as _, Error, Result};
use crate::proc::Invocation;
use crate::repo::yaml;
use crate::ui::{Task, count};

pub struct Step;

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
        for (label, definitions) in sets(cx)? {
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
        Ok(vec![super::planned_kubectl(cx)?.apply_call(&definitions(cx)?)?])
    }

    fn apply(&self, cx: &Context, task: &Task) -> Result<()> {
        let kubectl = super::kubectl(cx)?;
        let definitions = definitions(cx)?;
        task.update(format!("registering {}", count(definitions.len(), "kind")));
        // Two streams: one kubectl waits for the server most of the time, more only fight for the cores.
        let (a, b): (Vec<_>, Vec<_>) = definitions.into_iter().enumerate().partition(|(i, _)| i % 2 == 0);
        let part = |half: Vec<(usize, Value)>| half.into_iter().map(|(_, d)| d).collect::<Vec<_>>();
        let (a, b) = (part(a), part(b));
        std::thread::scope(|scope| {
            let other = scope.spawn(|| kubectl.apply(&b));
            let result = kubectl.apply(&a);
            result.and(other.join().unwrap_or_else(|_| Err(Error::failed("a thread ended unexpectedly"))))
        })?;
        kubectl.wait("customresourcedefinitions", LABEL, "condition=Established", Duration::from_secs(60))
    }
}

/// Label of each set → how many definitions it holds. Counted by line: parsing megabytes takes longer.
fn sets(cx: &Context) -> Result<BTreeMap<String, usize>> {
    let mut sets = BTreeMap::new();
    for set in artifacts::SETS {
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

fn definitions(cx: &Context) -> Result<Vec<Value>> {
    let mut definitions = Vec::new();
    for set in artifacts::SETS {
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
