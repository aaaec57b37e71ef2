//! The processes of a clone as the Linux kernel lists them, whether or not any file knows them.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use memchr::memmem;

use super::Trial;
use crate::cluster::kwok;
use crate::error::{Error, Result};
use crate::proc::Identity;
use crate::supervisor::{Files, Spec};

/// A process that has the clone's folder in its arguments, its environment or as its working folder.
pub struct Row {
    pub who: Identity,
    parent: u32,
    /// Its arguments, separated by spaces.
    pub command: String,
}

impl Trial {
    /// Every process of this clone; `None` where the kernel does not list processes in /proc.
    pub fn process_table(&self) -> Option<Vec<Row>> {
        let needle = self.root().as_os_str().as_bytes();
        let entries = std::fs::read_dir("/proc").ok()?.flatten();
        let pids: Vec<u32> = entries.filter_map(|e| e.file_name().to_str()?.parse().ok()).collect();
        if pids.is_empty() {
            return None;
        }
        Some(pids.into_iter().filter(|pid| *pid != std::process::id()).filter_map(|pid| row(pid, needle)).collect())
    }

    /// Processes that neither belong to the cluster nor descend from one that does: Argo CD calls git and Helm.
    pub fn unaccounted(&self) -> Vec<Row> {
        let table = self.process_table().unwrap_or_default();
        let mut ours: BTreeSet<u32> = self.processes().iter().map(|(_, who)| who.pid).collect();
        while let Some(child) = table.iter().find(|r| !ours.contains(&r.who.pid) && ours.contains(&r.parent)) {
            ours.insert(child.who.pid);
        }
        table.into_iter().filter(|r| !ours.contains(&r.who.pid)).collect()
    }

    /// Everything that should run, runs exactly once, and nothing else does. Errors: what is missing, double or left over.
    pub fn exactly_once(&self) -> Result<()> {
        let spec: Spec = serde_json::from_slice(&std::fs::read(Files::new(&self.cx.state_dir()).spec())?)?;
        let known = self.processes();
        let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
        let supervised: Vec<&str> = spec.processes.iter().map(|p| p.name.as_str()).collect();
        let wanted = supervised.iter().copied().chain(kwok::COMPONENTS).chain(["supervisor"]);
        if let Some(missing) = wanted.into_iter().find(|w| names.iter().filter(|n| n == &w).count() != 1) {
            return Err(Error::failed(format!("{missing} does not run exactly once: {}", names.join(", "))));
        }
        let Some(table) = self.process_table() else { return Ok(()) };
        let supervisor = known.iter().find(|(name, _)| name == "supervisor").map(|(_, who)| who.pid);
        for (name, who) in known.iter().filter(|(name, _)| supervised.contains(&name.as_str())) {
            if table.iter().any(|r| r.who == *who && Some(r.parent) != supervisor) {
                return Err(Error::failed(format!("{name} is no child of the supervisor")));
            }
        }
        let left: Vec<String> = self.unaccounted().iter().map(Row::to_string).collect();
        if left.is_empty() { Ok(()) } else { Err(Error::failed("processes were left over").cause(left.join("\n"))) }
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let command: String = self.command.chars().take(200).collect();
        write!(f, "{} (child of {}): {command}", self.who.pid, self.parent)
    }
}

fn row(pid: u32, needle: &[u8]) -> Option<Row> {
    let read = |name: &str| std::fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
    let arguments = read("cmdline");
    let here =
        std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(Path::new(std::ffi::OsStr::from_bytes(needle))));
    let named = |text: &[u8]| memmem::find(text, needle).is_some();
    if !here && !named(&arguments) && !named(&read("environ")) {
        return None;
    }
    let stat = String::from_utf8_lossy(&read("stat")).into_owned();
    let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
    let command = String::from_utf8_lossy(&arguments).replace('\0', " ").trim().to_string();
    Some(Row { who: Identity::of(pid)?, parent, command })
}
