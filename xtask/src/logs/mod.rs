//! Logs: files of plain processes, and of pods where containers run.

mod pods;
mod tail;

use std::path::PathBuf;

use crate::cluster::Kwok;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::supervisor::Files;

pub use pods::workloads;
pub use tail::{Follower, last_lines};

/// The log of a process of this environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    pub name: String,
    pub path: PathBuf,
}

/// Returns the logs of this clone's processes and control plane, by name; also those of a stopped cluster.
pub fn of_processes(cx: &Context) -> Vec<Log> {
    let dirs = [Files::new(&cx.state_dir()).logs(), Kwok::log_dir(cx)];
    let entries = dirs.iter().flat_map(|dir| std::fs::read_dir(dir).into_iter().flatten().flatten());
    let mut logs: Vec<Log> = entries
        .filter_map(|e| {
            // Names as the API server turns its record over: `audit-2026-….log`.
            let name = e.file_name().to_string_lossy().strip_suffix(".log")?.to_string();
            (!name.starts_with("audit-")).then(|| Log { name, path: e.path() })
        })
        .collect();
    logs.sort_by(|a, b| a.name.cmp(&b.name));
    logs
}

/// What a typed name means among `names`: the same, or the only one that contains it.
///
/// `None` when nothing does. Errors: usage, when several do.
pub fn choose<'a>(names: &[&'a str], typed: &str) -> Result<Option<&'a str>> {
    if let Some(exact) = names.iter().find(|name| **name == typed) {
        return Ok(Some(exact));
    }
    let similar: Vec<&str> = names.iter().copied().filter(|name| name.contains(typed)).collect();
    match similar.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        several => Err(Error::usage(format!("`{typed}` is part of several names")).cause(format!("these: {}", several.join(", ")))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_name_is_enough_if_it_is_the_only_one() {
        let names = ["argocd-repo-server", "argocd-server", "etcd", "kwok-controller", "rollouts-controller"];
        assert_eq!(choose(&names, "repo").unwrap(), Some("argocd-repo-server"));
        assert_eq!(choose(&names, "argocd-server").unwrap(), Some("argocd-server"));
        assert_eq!(choose(&names, "order-api").unwrap(), None);
        let e = choose(&names, "controller").unwrap_err();
        assert_eq!(e.one_line(), "`controller` is part of several names: these: kwok-controller, rollouts-controller");
    }
}
