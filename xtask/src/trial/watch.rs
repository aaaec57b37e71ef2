//! A watch of the clone's cluster, in the background.

use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

use super::Trial;
use crate::error::{Error, Result};
use crate::proc::{Interrupt, Runner};

/// Ends the watch when dropped.
pub struct Watch(Interrupt);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.raise();
    }
}

impl Trial {
    /// Hands every object of a kind to `seen`, and again whenever one changes, until it returns `false`. Returns once the
    /// watch has begun. Errors: it does not begin.
    pub fn watch(
        &self,
        kind: &'static str,
        namespace: &'static str,
        mut seen: impl FnMut(&Value) -> bool + Send + 'static,
    ) -> Result<Watch> {
        let stop = self.cx.runner.interrupt().part();
        let kubectl = self.kubectl()?.on(Runner::new(stop.clone()));
        let (begun, has_begun) = mpsc::channel();
        std::thread::spawn(move || {
            let mut note = |_: &str, object: Value| {
                let _ = begun.send(());
                seen(&object)
            };
            let _ = kubectl.watch(kind, namespace, Duration::from_secs(900), &mut note);
        });
        let watch = Watch(stop);
        has_begun.recv_timeout(Duration::from_secs(120)).map_err(|_| Error::failed(format!("the watch of {kind} did not begin")))?;
        Ok(watch)
    }
}
