//! What this program says of the same Applications without a cluster.

use serde_json::Value;

use crate::context::Context;
use crate::error::Result;
use crate::render::{self, Target};

/// The components of an environment.
pub struct Offline<'a> {
    cx: &'a Context,
    targets: Vec<Target>,
}

impl<'a> Offline<'a> {
    /// Errors: the ApplicationSets cannot be read.
    pub fn read(cx: &'a Context) -> Result<Self> {
        Ok(Offline { cx, targets: render::targets(cx)? })
    }

    pub fn names(&self) -> Vec<String> {
        self.targets.iter().map(|target| target.component.application.clone()).collect()
    }

    /// Errors: it cannot be rendered.
    pub fn objects(&self, application: &str) -> Result<Vec<Value>> {
        let target = render::find(self.cx, &self.targets, application)?;
        render::render(self.cx, target)
    }
}
