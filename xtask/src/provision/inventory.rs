//! What lies in the cache, and which of it the pins of this program still name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{Inner, Provision, cache, go_build};
use crate::repo::files;

/// The folders of the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Tools,
    Artifacts,
    Renders,
    Schemas,
    Trees,
    Modules,
    Downloads,
    Locks,
}

impl Kind {
    pub const ALL: [Kind; 8] =
        [Kind::Tools, Kind::Artifacts, Kind::Renders, Kind::Schemas, Kind::Trees, Kind::Modules, Kind::Downloads, Kind::Locks];

    /// The name of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Tools => "tools",
            Kind::Artifacts => "artifacts",
            Kind::Renders => "renders",
            Kind::Schemas => "schemas",
            Kind::Trees => "trees",
            Kind::Modules => "modules",
            Kind::Downloads => "downloads",
            Kind::Locks => "locks",
        }
    }
}

/// How an entry of the cache stands to the pins of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pinned {
    /// They name it.
    Current,
    /// They do not: it belongs to an older or newer version of this repository.
    Other,
    /// What arrived before a run ended; the next one goes on from there, or begins anew.
    Unfinished,
}

/// Something that can be removed by itself.
#[derive(Clone, Debug)]
pub struct Entry {
    pub kind: Kind,
    /// Its path below the folder of its kind, such as `etcd/3.6.14-ffe840ff9295`.
    pub name: String,
    pub path: PathBuf,
    pub bytes: u64,
    pub pinned: Pinned,
}

impl Entry {
    /// The tool or set that it is a version of; else its own name.
    pub fn owner(&self) -> &str {
        self.name.split('/').next().unwrap_or(&self.name)
    }
}

impl Provision {
    /// The folder of the cache.
    pub fn cache_root(&self) -> &Path {
        &self.0.cache.root
    }

    /// Returns everything in the cache, by kind and name. Only looks.
    pub fn inventory(&self) -> Vec<Entry> {
        self.0.inventory()
    }
}

impl Inner {
    pub(super) fn inventory(&self) -> Vec<Entry> {
        let current = self.current();
        let mut found = Vec::new();
        for kind in Kind::ALL {
            let top = self.cache.root.join(kind.name());
            for child in cache::entries(&top) {
                // Versions lie one folder deeper.
                let deep = matches!(kind, Kind::Tools | Kind::Artifacts | Kind::Renders) && child.is_dir();
                let paths = if deep { cache::entries(&child) } else { vec![child] };
                for path in paths {
                    found.extend(look(kind, &top, path, &current));
                }
            }
        }
        found.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
        found
    }

    /// Every path of the cache that the pins of this program name.
    fn current(&self) -> BTreeSet<PathBuf> {
        let mut paths = BTreeSet::from([self.cache.module_dir("none")]);
        for tool in &self.lock.tools {
            paths.extend(self.versions_of_tool(&tool.name));
            paths.insert(self.cache.lock(&tool.name));
            let sum = tool.release.as_ref().and_then(|r| r.sum(super::lock_file::Platform::here()));
            paths.extend(sum.map(|sum| self.cache.lock(cache::short(sum))));
        }
        for set in &self.lock.artifacts {
            paths.insert(self.cache.artifact_version(set));
            paths.insert(self.cache.lock(&set.name));
        }
        // Their names begin with the version of the Helm that rendered them; longer names of folders are of older formats.
        if let Ok(helm) = self.lock.tool("helm") {
            let begins = |path: &PathBuf| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&format!("{}-", helm.version)));
            let mut renders = cache::entries(&self.cache.renders_dir());
            renders.retain(|dir| dir.file_name().is_some_and(|name| name.len() == 1));
            paths.extend(renders.iter().flat_map(|dir| cache::entries(dir)).filter(begins));
        }
        let begins = self.schemas_prefix();
        let is_ours = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&begins));
        paths.extend(cache::entries(&self.cache.schemas_dir()).into_iter().filter(is_ours));
        // What git has by this name never changes.
        paths.extend(cache::entries(&self.cache.trees_dir()).into_iter().filter(|path| !cache::is_unfinished(path)));
        paths.extend(go_build::FAMILIES.iter().map(|family| self.modules_dir(family)));
        paths
    }

    /// The folders that hold the pinned version of a tool: that of a download, and that of a build.
    fn versions_of_tool(&self, name: &str) -> Vec<PathBuf> {
        let Ok(tool) = self.lock.tool(name) else { return Vec::new() };
        let programs = [self.released(tool), self.built(tool)].into_iter().flatten();
        programs.filter_map(|program| program.parent().map(Path::to_path_buf)).collect()
    }

    /// Versions of a tool or set that are not the pinned one, the newest first.
    pub(super) fn other_versions(&self, dir: &Path) -> Vec<PathBuf> {
        let current = self.current();
        let age = |path: &PathBuf| std::fs::metadata(path).and_then(|m| m.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        let mut others: Vec<PathBuf> = cache::entries(dir).into_iter().filter(|path| !current.contains(path)).collect();
        others.sort_by_key(|path| std::cmp::Reverse(age(path)));
        others
    }
}

/// The entry at `path`; unfinished files in a folder that stays are entries of their own.
fn look(kind: Kind, top: &Path, path: PathBuf, current: &BTreeSet<PathBuf>) -> Vec<Entry> {
    let entry = |path: PathBuf, pinned: Pinned| {
        let name = path.strip_prefix(top).unwrap_or(&path).to_string_lossy().into_owned();
        Entry { kind, name, bytes: files::size(&path), path, pinned }
    };
    if kind == Kind::Downloads {
        return vec![entry(path, Pinned::Unfinished)];
    }
    if !current.contains(&path) {
        return vec![entry(path, Pinned::Other)];
    }
    let left = cache::entries(&path).into_iter().filter(|file| cache::is_unfinished(file));
    let left: Vec<Entry> = left.map(|file| entry(file, Pinned::Unfinished)).collect();
    let mut whole = entry(path, Pinned::Current);
    whole.bytes -= left.iter().map(|e| e.bytes).sum::<u64>().min(whole.bytes);
    left.into_iter().chain([whole]).collect()
}
