//! Keeps the cache small: removes what no pin names, and nothing that somebody works on or runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::guard::Guard;
use super::inventory::{Entry, Kind, Pinned};
use super::{Inner, Provision, cache};
use crate::error::{Context as _, Result};
use crate::proc;
use crate::repo::files;
use crate::ui::{self, Task};

/// Versions of one tool or set that are kept beside the pinned one: going back a commit must not mean a build.
const PREVIOUS: usize = 1;

/// What was removed, or would be, and what has to stay with the reason.
#[derive(Default)]
pub struct Cleaned {
    pub freed: Vec<Entry>,
    pub kept: Vec<(Entry, String)>,
}

impl Cleaned {
    pub fn bytes(&self) -> u64 {
        self.freed.iter().map(|e| e.bytes).sum()
    }
}

impl Provision {
    /// What [`Provision::clean`] would do, as far as it can be known without taking locks. Only looks.
    pub fn plan_clean(&self, everything: bool) -> Cleaned {
        let users = Users::look(&self.0.cache.root);
        let mut plan = Cleaned::default();
        for entry in self.0.inventory().into_iter().filter(|e| everything || e.pinned != Pinned::Current) {
            match users.of(&entry.path) {
                Some(who) => plan.kept.push((entry, format!("in use by {who}"))),
                None => plan.freed.push(entry),
            }
        }
        plan
    }

    /// Removes what the pins of this program do not name, or `everything`. Other makers are held back meanwhile; what one of
    /// them works on stays, and so does what a live process runs. Errors: the file system refuses.
    pub fn clean(&self, everything: bool) -> Result<Cleaned> {
        let Cleaned { freed: doomed, mut kept } = self.plan_clean(everything);
        let before = cache::entries(&self.0.cache.root.join("locks"));
        let locks = self.0.take_locks(&doomed)?;
        let all_free = locks.values().all(Option::is_some);
        let mut freed = Vec::new();
        for entry in doomed {
            let name = entry.name.strip_suffix(".lock").unwrap_or(entry.owner());
            let free = match entry.kind {
                Kind::Tools | Kind::Artifacts | Kind::Locks => locks.get(name).is_some_and(Option::is_some),
                // Who reads one has it open; who misses one makes it anew.
                Kind::Renders | Kind::Schemas | Kind::Trees => true,
                // Their names do not say who may be working with them.
                Kind::Modules | Kind::Downloads => all_free,
            };
            if free {
                remove(&entry.path)?;
                freed.push(entry);
            } else {
                kept.push((entry, "another run is at work on it".into()));
            }
        }
        for kind in [Kind::Tools, Kind::Artifacts, Kind::Renders] {
            // Only those that became empty can be removed this way.
            cache::entries(&self.0.cache.root.join(kind.name())).iter().for_each(|dir| drop(std::fs::remove_dir(dir)));
        }
        // Locks that were made just now are not left behind.
        let made = locks.keys().map(|name| self.0.cache.lock(name)).filter(|path| !before.contains(path));
        made.into_iter().try_for_each(|path| remove(&path))?;
        Ok(Cleaned { freed, kept })
    }
}

impl Inner {
    /// Takes every lock that exists, and those of what is about to be removed; `None` for one that another run holds.
    fn take_locks(&self, doomed: &[Entry]) -> Result<BTreeMap<String, Option<Guard>>> {
        let existing = cache::entries(&self.cache.root.join("locks")).into_iter();
        let existing = existing.filter_map(|p| Some(p.file_name()?.to_string_lossy().strip_suffix(".lock")?.to_string()));
        let owners = doomed.iter().filter(|e| matches!(e.kind, Kind::Tools | Kind::Artifacts)).map(|e| e.owner().to_string());
        let take = |name: String| Ok((name.clone(), Guard::attempt(&self.cache.lock(&name))?));
        existing.chain(owners).collect::<std::collections::BTreeSet<_>>().into_iter().map(take).collect()
    }

    /// Drops versions in `dir` beyond the pinned one and the newest others. Only for the holder of the lock.
    pub(super) fn bound(&self, dir: &Path, task: &Task) {
        let old: Vec<PathBuf> = self.other_versions(dir).into_iter().skip(PREVIOUS).collect();
        if old.is_empty() {
            return;
        }
        let users = Users::look(&self.cache.root);
        let mut freed = 0;
        let mut count = 0;
        for path in old.iter().filter(|path| users.of(path).is_none()) {
            let bytes = files::size(path);
            // What cannot be removed is in nobody's way, and `cache clean` says why.
            if remove(path).is_ok() {
                freed += bytes;
                count += 1;
            }
        }
        if count > 0 {
            task.say(&format!("dropped {}, {} freed", ui::count(count, "older version"), ui::bytes(freed)));
        }
    }
}

fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e).with_context(|| format!("could not remove {}", path.display())),
        _ => Ok(()),
    }
}

/// Files of the cache that live processes run or will run, with who that is.
struct Users(Vec<(PathBuf, String)>);

impl Users {
    fn look(root: &Path) -> Self {
        let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
        let mut used = Vec::new();
        for process in proc::running() {
            let name = process.program.file_name().unwrap_or_default().to_string_lossy();
            let who = format!("{name} (pid {})", process.pid);
            if let [command, dir] = process.args.as_slice()
                && command == "supervise"
            {
                // A cluster, of this clone or another one: the programs that it starts again, and those that they call.
                let dir = Path::new(dir);
                let clone = dir.ancestors().nth(3).unwrap_or(dir);
                used.extend(named_in(dir).into_iter().map(|path| (path, format!("the cluster of {}", clone.display()))));
            }
            used.push((process.program, who));
        }
        used.retain_mut(|(path, _)| {
            *path = path.canonicalize().unwrap_or_else(|_| path.clone());
            path.starts_with(&root)
        });
        Users(used)
    }

    /// Who runs something at or below `path`.
    fn of(&self, path: &Path) -> Option<&str> {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        self.0.iter().find(|(used, _)| used.starts_with(&path)).map(|(_, who)| who.as_str())
    }
}

/// The absolute paths in the files that say what a supervisor and its kwokctl start, and behind the links beside them.
pub(super) fn named_in(dir: &Path) -> Vec<PathBuf> {
    let descriptions = [dir.join("processes.json"), dir.join("../kwok/config.json")];
    let text = descriptions.iter().filter_map(|file| std::fs::read_to_string(file).ok()).collect::<String>();
    let words = text.split('"').filter(|word| word.starts_with('/')).map(PathBuf::from);
    words.chain(cache::entries(&dir.join("bin"))).collect()
}
