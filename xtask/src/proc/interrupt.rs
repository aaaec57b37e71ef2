//! Ctrl-C and SIGTERM: remembered, so that every wait can end cleanly; the second one leaves at once.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::error::{Context as _, Error, Exit, Result};

/// A flag that every wait looks at. Clones share it.
#[derive(Clone, Default)]
pub struct Interrupt {
    own: Arc<AtomicUsize>,
    /// Set with its parent, too.
    parent: Option<Arc<AtomicUsize>>,
    /// Process groups of calls under way: nobody else would end them when this process leaves at once.
    groups: Arc<Mutex<BTreeSet<u32>>>,
}

impl Interrupt {
    /// Installs the handler of this process; `last_words` are said before the second Ctrl-C ends it.
    /// Errors: a handler exists already.
    pub fn install(last_words: impl Fn() + Send + 'static) -> Result<Self> {
        let flag = Interrupt::default();
        let (count, groups) = (flag.own.clone(), flag.groups.clone());
        ctrlc::set_handler(move || {
            if count.fetch_add(1, Ordering::SeqCst) >= 1 {
                for group in groups.lock().unwrap_or_else(|e| e.into_inner()).iter() {
                    let _ = killpg(Pid::from_raw(*group as i32), Signal::SIGTERM);
                }
                last_words();
                // The one exit in this program: the second Ctrl-C means now, and the next run repairs what is half-done.
                std::process::exit(Exit::Interrupted.code().into());
            }
        })
        .map_err(|e| Error::failed(e.to_string()))
        .context("could not listen for Ctrl-C")?;
        Ok(flag)
    }

    /// A flag of its own for a part of the work, which Ctrl-C sets as well.
    pub fn part(&self) -> Self {
        Interrupt { own: Arc::default(), parent: Some(self.own.clone()), groups: self.groups.clone() }
    }

    /// Until the result is dropped, the second Ctrl-C ends this process group too.
    pub(super) fn ends_with_us(&self, group: u32) -> EndsWithUs {
        self.groups.lock().unwrap_or_else(|e| e.into_inner()).insert(group);
        EndsWithUs(self.groups.clone(), group)
    }

    /// Sets the flag, as Ctrl-C would.
    pub fn raise(&self) {
        self.own.fetch_add(1, Ordering::SeqCst);
    }

    pub fn is_set(&self) -> bool {
        let set = |flag: &Arc<AtomicUsize>| flag.load(Ordering::SeqCst) > 0;
        set(&self.own) || self.parent.as_ref().is_some_and(set)
    }

    /// Errors with "interrupted" once Ctrl-C was pressed.
    pub fn check(&self) -> Result<()> {
        if self.is_set() { Err(Error::interrupted()) } else { Ok(()) }
    }

    /// Sleeps for `time`, or until Ctrl-C.
    pub fn sleep(&self, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        loop {
            self.check()?;
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(Duration::from_millis(50)));
        }
    }
}

pub(super) struct EndsWithUs(Arc<Mutex<BTreeSet<u32>>>, u32);

impl Drop for EndsWithUs {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).remove(&self.1);
    }
}
