//! Artifacts: third-party files (CRDs, manifests) of one project and version, fetched as a set.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::lock_file::{ArtifactFile, ArtifactSet};
use super::{Inner, Tried, cache};
use crate::error::{Context as _, Result};
use crate::ui::{self, Task};

impl Inner {
    /// The files of the set, if all are in the cache. The folder's name holds their sums, so they are trusted.
    pub(super) fn cached_artifact(&self, set: &ArtifactSet) -> Option<Vec<PathBuf>> {
        let files = self.cache.artifact(set);
        files.iter().all(|file| cache::is_filled(file)).then_some(files)
    }

    pub(super) fn provide_artifact(&self, set: &ArtifactSet) -> Result<Vec<PathBuf>> {
        if let Some(files) = self.cached_artifact(set) {
            return Ok(files);
        }
        let task = self.ui.task(&set.name);
        let _guard = self.guard(&set.name, &format!("fetching {}", set.name), &task)?;
        cache::clean_versions(&self.cache.artifact_dir(&set.name));
        let targets = self.cache.artifact(set);
        let mut module = None;
        let mut sources: BTreeMap<String, usize> = BTreeMap::new();
        for (i, (file, target)) in set.files.iter().zip(&targets).enumerate() {
            if cache::is_filled(target) {
                continue;
            }
            task.update(format!("file {} of {}", i + 1, set.files.len()));
            let what = || format!("{} {} could not be provided", set.name, set.version);
            let mut tried = Tried::default();
            tried.note("file", &set.path(file));
            let fetched = self.fetch_artifact(set, file, &mut module, &task, &mut tried);
            let Some((arrived, from)) = fetched.with_context(what)? else {
                return Err(tried.into_error(what()).hint(mirror_hint(file)));
            };
            cache::publish(&arrived, target, 0o644)?;
            *sources.entry(from).or_default() += 1;
        }
        self.bound(&self.cache.artifact_dir(&set.name), &task);
        let facts: Vec<_> = sources.into_iter().map(|(from, n)| format!("{} {from}", ui::count(n, "file"))).collect();
        match facts.is_empty() {
            true => drop(task), // another run fetched them while we waited
            false => task.done(&format!("{}, {}", set.version, facts.join(", "))),
        }
        Ok(targets)
    }

    /// Fetches one file. `module`: the set's Go module once somebody needed it.
    fn fetch_artifact(
        &self,
        set: &ArtifactSet,
        file: &ArtifactFile,
        module: &mut Option<PathBuf>,
        task: &Task,
        tried: &mut Tried,
    ) -> Result<Option<(PathBuf, String)>> {
        if self.mirror.is_none() {
            tried.note("mirror", "XTASK_MIRROR names none");
        }
        if let Some(fetched) = self.fetch(&file.sha256, &set.url(file), task, tried)? {
            return Ok(Some(fetched));
        }
        let Some(name) = &set.module else {
            tried.note("Go module", "the project has none");
            return Ok(None);
        };
        if module.is_none() {
            *module = tried.keep("Go module", self.module_folder(name, &set.version, task)?);
        }
        let Some(folder) = module else { return Ok(None) };
        let attempt = self.copied(&file.sha256, &folder.join(set.path(file)))?;
        Ok(tried.keep("Go module", attempt).map(|file| (file, "from its Go module".to_string())))
    }
}

fn mirror_hint(file: &ArtifactFile) -> String {
    format!("put the file into a folder, named {}, and name the folder in XTASK_MIRROR", file.sha256.as_str())
}
