//! One maker at a time: a lock file per tool, artifact or download, held by this run or another one.
//!
//! The operating system lets go of it when its holder dies, however that happens, so there is no stale lock to clean up.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use super::cache;
use crate::error::{Context as _, Error, Result};
use crate::proc::Interrupt;
use crate::repo::files;

/// The lock; dropping it lets the next one in.
#[must_use]
pub(super) struct Guard {
    _file: File,
}

impl Guard {
    /// Takes the lock; calls `waiting` once when somebody else has it. Errors: Ctrl-C while waiting, no right to write.
    pub fn take(path: &Path, interrupt: &Interrupt, waiting: impl FnOnce()) -> Result<Self> {
        let mut waiting = Some(waiting);
        loop {
            if let Some(guard) = Self::attempt(path)? {
                return Ok(guard);
            }
            if let Some(say) = waiting.take() {
                say();
            }
            interrupt.sleep(Duration::from_millis(200))?;
        }
    }

    /// Takes the lock if nobody has it. Errors: no right to write.
    pub fn attempt(path: &Path) -> Result<Option<Self>> {
        cache::make_parent(path)?;
        loop {
            let open = File::options().create(true).append(true).open(path);
            let file = open.with_context(|| format!("could not open the lock {}", path.display()))?;
            match file.try_lock() {
                Ok(()) if files::is_at(&file, path) => return Ok(Some(Guard { _file: file })),
                // `cache clean` removed the file between opening and locking.
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(e)) => return Err(Error::from(e).context(format!("could not lock {}", path.display()))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_one_waits_and_says_so_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("locks/etcd.lock");
        let interrupt = Interrupt::default();
        let first = Guard::take(&path, &interrupt, || panic!("nobody holds it")).unwrap();
        let (send, said) = std::sync::mpsc::channel();
        std::thread::scope(|s| {
            let second = s.spawn(|| Guard::take(&path, &Interrupt::default(), || send.send(()).unwrap()).map(drop));
            said.recv().unwrap();
            drop(first);
            second.join().unwrap().unwrap();
        });
        assert!(said.try_recv().is_err());
    }

    #[test]
    fn who_waits_for_a_lock_that_is_removed_takes_the_new_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("etcd.lock");
        let first = Guard::attempt(&path).unwrap().unwrap();
        assert!(Guard::attempt(&path).unwrap().is_none());
        std::fs::remove_file(&path).unwrap();
        drop(first);
        let _second = Guard::attempt(&path).unwrap().unwrap();
        assert!(Guard::attempt(&path).unwrap().is_none(), "two at once");
    }
}
