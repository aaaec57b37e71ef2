//! Ctrl-C and SIGTERM: remembered, so that every wait can end cleanly; the second one leaves at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Context as _, Error, Exit, Result};

/// A flag that every wait looks at. Clones share it.
#[derive(Clone, Default)]
pub struct Interrupt {
    own: Arc<AtomicUsize>,
    /// Set with its parent, too.
    parent: Option<Arc<AtomicUsize>>,
}

impl Interrupt {
    /// Installs the handler of this process. Errors: a handler exists already.
    pub fn install() -> Result<Self> {
        let flag = Interrupt::default();
        let count = flag.own.clone();
        ctrlc::set_handler(move || {
            if count.fetch_add(1, Ordering::SeqCst) >= 1 {
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
        Interrupt { own: Arc::default(), parent: Some(self.own.clone()) }
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
