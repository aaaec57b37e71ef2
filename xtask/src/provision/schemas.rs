//! The schemas of every kind that is pinned, compiled once and kept: Kubernetes' own from its OpenAPI document, and the CRDs.
//!
//! ```text
//! schemas/<version of Kubernetes>-<key>-<sets>
//! ```
//!
//! The key says the pinned bytes and the form; the sets are those that were there, as bits in the order of the lock. A file is a line
//! with the length and the sum of the rest, then the rest: one that is not whole is made anew.

use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Inner, Provision, cache};
use crate::error::{Context as _, Error, Exit, Result};
use crate::repo::files;

/// The artifact with Kubernetes' OpenAPI document.
pub const OPENAPI: &str = "kubernetes-openapi";

/// Artifacts of this ending are CRDs.
const CRDS: &str = "-crds";

const MAGIC: &str = "c4ang-schemas";

/// What is at hand.
#[derive(Debug)]
pub struct Compiled {
    /// For `lint::schemas::Store::read`.
    pub text: Vec<u8>,
    /// Sets whose files are not here: of their kinds nothing is known.
    pub absent: Vec<String>,
}

impl Provision {
    /// Returns the compiled schemas of every set that is here; `None` when nothing is kept for what is here. Only looks.
    pub fn look_schemas(&self) -> Option<Compiled> {
        let (path, absent) = self.0.schemas_path();
        Some(Compiled { text: read(&path)?, absent })
    }

    /// Returns the compiled schemas; compiles what is here when nothing is kept, after fetching what is missing. A set that cannot
    /// be had is absent, and tried again only when something else changes, or when it is [`OPENAPI`].
    ///
    /// Costs: a read of some 300 kB; compiling takes a second or two. Errors: a pinned file cannot be read; Ctrl-C; a full disk.
    pub fn schemas(&self) -> Result<Compiled> {
        // Without Kubernetes' own kinds little can be said: worth another attempt each time.
        if let Some(compiled) = self.look_schemas().filter(|compiled| !compiled.absent.iter().any(|set| set == OPENAPI)) {
            return Ok(compiled);
        }
        for set in self.0.schema_sets().into_iter().filter(|set| self.look_artifact(set).is_none()) {
            // Other bytes than the pinned ones, or Ctrl-C, are no reason to go on without.
            if let Err(error) = self.artifact(set)
                && error.exit() != Exit::Prerequisite
            {
                return Err(error);
            }
        }
        let (path, absent) = self.0.schemas_path();
        if let Some(text) = read(&path) {
            return Ok(Compiled { text, absent });
        }
        let text = self.compile()?.into_bytes();
        // Of nothing there is nothing to keep.
        if absent.len() == self.0.schema_sets().len() {
            return Ok(Compiled { text, absent });
        }
        // What cannot be kept is compiled anew the next time.
        let head = format!("{MAGIC} {} {}\n", text.len(), sum_of(&text));
        let _ = files::write_if_changed(&path, &[head.as_bytes(), text.as_slice()].concat(), 0o644);
        Ok(Compiled { text, absent })
    }

    fn compile(&self) -> Result<String> {
        let task = self.0.ui.task("schemas");
        task.update("compiling the schemas of every kind");
        let mut openapi = None;
        let mut crds: Vec<Value> = Vec::new();
        for set in self.0.schema_sets() {
            for path in self.look_artifact(set).unwrap_or_default() {
                let bytes = std::fs::read(&path).with_context(|| format!("could not read {}", path.display()))?;
                let broken = |why: String| Error::failed(format!("{} cannot be read", path.display())).cause(why);
                if set == OPENAPI {
                    openapi = Some(documents::json::parse(&bytes).map_err(|e| broken(e.to_string()))?);
                    continue;
                }
                let text = String::from_utf8(bytes).map_err(|e| broken(e.to_string()))?;
                crds.extend(documents::parse_all_last_wins(&text).map_err(|e| broken(e.to_string()))?.into_iter().map(|d| d.value));
            }
        }
        let text = lint::schemas::compile(openapi.as_ref(), &crds);
        drop(task);
        Ok(text)
    }
}

impl Inner {
    /// The sets that have schemas, in the order of the lock.
    fn schema_sets(&self) -> Vec<&str> {
        let names = self.lock.artifacts.iter().map(|set| set.name.as_str());
        names.filter(|name| *name == OPENAPI || name.ends_with(CRDS)).collect()
    }

    /// What the names of files begin with that this program reads.
    pub(super) fn schemas_prefix(&self) -> String {
        let sets = self.lock.artifacts.iter().filter(|set| set.name == OPENAPI || set.name.ends_with(CRDS));
        let folders: Vec<PathBuf> = sets.map(|set| self.cache.artifact_version(set)).collect();
        let names = folders.iter().filter_map(|dir| dir.file_name()).map(|name| name.to_string_lossy().into_owned());
        let parts: Vec<String> = names.chain([lint::schemas::FORMAT.to_string()]).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let version = self.lock.artifact(OPENAPI).map(|set| set.version.clone()).unwrap_or_default();
        format!("{version}-{}-", cache::key(&parts))
    }

    /// The file for what is here, and the sets that are not.
    fn schemas_path(&self) -> (PathBuf, Vec<String>) {
        let mut bits = 0u64;
        let mut absent = Vec::new();
        for (at, name) in self.schema_sets().into_iter().enumerate() {
            match self.lock.artifact(name).ok().and_then(|set| self.cached_artifact(set)) {
                Some(_) => bits |= 1 << (at % 64),
                None => absent.push(name.to_string()),
            }
        }
        (self.cache.schemas_dir().join(format!("{}{bits:x}", self.schemas_prefix())), absent)
    }
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = std::fs::read(path).ok()?;
    let end = bytes.iter().take(200).position(|byte| *byte == b'\n')?;
    let head = std::str::from_utf8(bytes.get(..end)?).ok()?.to_string();
    bytes.drain(..=end);
    (head == format!("{MAGIC} {} {}", bytes.len(), sum_of(&bytes))).then_some(bytes)
}

fn sum_of(bytes: &[u8]) -> String {
    cache::hex(&Sha256::digest(bytes))
}
