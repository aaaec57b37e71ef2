//! One writing command at a time per environment of a clone. The second one waits and says for whom.

use std::fs::{File, TryLockError};
use std::io::{Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::proc::{self, Calls, Runner};
use crate::repo::files;
use crate::ui;

/// Held until dropped; the operating system frees it when the process is gone, however it ended.
pub struct Lock {
    _file: File,
    runner: Runner,
    calls: PathBuf,
}

impl Lock {
    /// Takes the lock of this environment. Errors: not free within the command's limit; Ctrl-C.
    pub fn take(cx: &Context, command: &str) -> Result<Self> {
        let path = cx.state_dir().join("lock");
        let mut file = open(cx, &path)?;
        let deadline = Instant::now() + cx.timeout();
        let mut said = false;
        loop {
            match file.try_lock() {
                Ok(()) if is_at(&file, &path) => break,
                // The run before was a `dev-clean`: it removed the file that we waited for.
                Ok(()) => {
                    file = open(cx, &path)?;
                    continue;
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(e)) => return Err(e).with_context(|| format!("could not lock {}", path.display())),
            }
            let holder = std::fs::read_to_string(&path).unwrap_or_default();
            let holder = if holder.trim().is_empty() { "another run".to_string() } else { holder.trim().to_string() };
            if !said {
                cx.ui.note(format!("{holder} is at work on `{}` in this clone; waiting for it", cx.env()));
                said = true;
            }
            if Instant::now() > deadline {
                return Err(Error::failed(format!("{holder} is still at work after {}", ui::seconds(cx.timeout())))
                    .hint("wait for it, or end it with Ctrl-C in its terminal, then run the same command again"));
            }
            cx.runner.interrupt().sleep(Duration::from_millis(100))?;
        }
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(format!("`cargo xtask {command}` (pid {})", std::process::id()).as_bytes())?;
        // What a killed run left behind must not work beside this one; what this one starts is noted for the next.
        let calls = calls_dir(&cx.state_dir());
        files::private_dir(&calls)?;
        let ended = proc::end_abandoned(&calls);
        if ended > 0 {
            cx.ui.note(format!("{} of a run that was killed ended", ui::count(ended, "call")));
        }
        cx.runner.note_calls(Calls::new(&calls));
        Ok(Lock { _file: file, runner: cx.runner.clone(), calls })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.runner.note_calls(None);
        // Empty, unless the supervisor just calls something.
        let _ = std::fs::remove_dir(&self.calls);
    }
}

/// Where calls under way are noted.
pub fn calls_dir(state_dir: &Path) -> PathBuf {
    state_dir.join("calls")
}

fn open(cx: &Context, path: &Path) -> Result<File> {
    files::private_dir(&cx.state_dir())?;
    let file = File::options().create(true).truncate(false).read(true).write(true).open(path);
    file.with_context(|| format!("could not open {}", path.display()))
}

/// Is this open file still the one of that name?
fn is_at(file: &File, path: &Path) -> bool {
    let id = |m: std::fs::Metadata| (m.dev(), m.ino());
    matches!((file.metadata().map(id), std::fs::metadata(path).map(id)), (Ok(a), Ok(b)) if a == b)
}
