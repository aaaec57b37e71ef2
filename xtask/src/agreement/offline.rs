//! What this program says of the same Applications without a cluster.

use std::path::PathBuf;

use serde_json::Value;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::gitops::model::{Application, Place};
use crate::render::{Capabilities, Renderer};

/// The Applications of an environment.
pub struct Offline<'a> {
    renderer: Renderer<'a>,
    capabilities: Capabilities,
    applications: Vec<Application>,
}

impl<'a> Offline<'a> {
    /// Errors: the ApplicationSets cannot be read.
    pub fn read(cx: &'a Context, live: &[Value]) -> Result<Self> {
        let place = Place { file: PathBuf::new(), line: 1 };
        let application =
            |value: &Value| Application { place: place.clone(), set: None, parent: None, environment: None, value: value.clone() };
        Ok(Offline {
            renderer: Renderer::of_repository(cx)?,
            capabilities: Capabilities::of(cx),
            applications: live.iter().map(application).collect(),
        })
    }

    pub fn applications(&self) -> &[Application] {
        &self.applications
    }

    pub fn application(&self, name: &str) -> Option<&Application> {
        self.applications.iter().find(|application| application.name() == name)
    }

    /// Errors: it cannot be rendered, or not without a cluster.
    pub fn objects(&self, application: &Application) -> Result<Vec<Value>> {
        let rendered = self.renderer.application(application, &self.capabilities)?;
        match rendered.unverified.first() {
            Some(unverified) => Err(Error::failed(unverified.reason.clone())),
            None => Ok(rendered.objects.into_iter().map(|object| object.value).collect()),
        }
    }
}
