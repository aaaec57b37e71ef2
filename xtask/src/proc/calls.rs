//! Calls under way, each as a file: a run that is killed leaves its children behind, and the next one must not work beside
//! them. The files prove nothing by themselves; a number counts only together with the start of its process.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Identity, terminate};
use crate::repo::files;

/// How long an abandoned call may take to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(5);

#[derive(Serialize, Deserialize)]
struct Record {
    /// Who waits for the call.
    owner: Identity,
    call: Identity,
}

/// The folder of the records.
#[derive(Clone)]
pub struct Calls {
    dir: PathBuf,
    owner: Identity,
}

impl Calls {
    /// `None` when this process cannot be looked up.
    pub fn new(dir: &Path) -> Option<Self> {
        Some(Calls { dir: dir.to_path_buf(), owner: Identity::of(std::process::id())? })
    }

    /// Notes a call until the result is dropped. What cannot be noted still runs: the record only helps after a crash.
    pub(super) fn begin(&self, pid: u32) -> UnderWay {
        let path = self.dir.join(format!("{pid}.json"));
        // A `dev-clean` under way has removed the state; it must not come back.
        let has_state = self.dir.parent().is_some_and(Path::is_dir);
        let noted = has_state.then(|| Identity::of(pid)).flatten().is_some_and(|call| {
            let record = serde_json::to_vec(&Record { owner: self.owner.clone(), call });
            record.is_ok_and(|bytes| files::write_if_changed(&path, &bytes, 0o600).is_ok())
        });
        UnderWay(noted.then_some(path))
    }
}

/// Removes the record of a call.
pub(super) struct UnderWay(Option<PathBuf>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Ends the calls whose owner is gone, and returns once they are. How many there were.
pub fn end_abandoned(dir: &Path) -> usize {
    let mut ended = 0;
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let record: Option<Record> = std::fs::read(entry.path()).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        if record.as_ref().is_some_and(|r| r.owner.is_alive()) {
            continue;
        }
        if let Some(record) = record.filter(|r| r.call.is_alive()) {
            terminate(&record.call, GRACE);
            ended += 1;
        }
        let _ = std::fs::remove_file(entry.path());
    }
    ended
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::{Interrupt, Invocation, Runner};

    #[test]
    fn only_the_calls_of_a_dead_owner_are_ended() {
        let dir = tempfile::tempdir().unwrap();
        let log = || tempfile::tempfile().unwrap();
        let sleep = Invocation::reads("sleep").arg("60");
        let runner = Runner::new(Interrupt::default());
        let mut abandoned = crate::proc::spawn_supervised(&runner, &sleep, log()).unwrap();
        let mut waited_for = crate::proc::spawn_supervised(&runner, &sleep, log()).unwrap();
        let dead = Identity { pid: std::process::id(), started: "long ago".into() };
        let mut calls = Calls::new(dir.path()).unwrap();
        let _ours = calls.begin(waited_for.id());
        calls.owner = dead;
        std::mem::forget(calls.begin(abandoned.id()));

        assert_eq!(end_abandoned(dir.path()), 1);
        assert!(abandoned.try_wait().unwrap().is_some());
        assert!(waited_for.try_wait().unwrap().is_none());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        waited_for.kill().unwrap();
        waited_for.wait().unwrap();
    }
}
