//! The components of this repository with their Applications: what the golden renders are made for.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use gitops::model::{Application, Expansion};
use serde_json::Value;

use super::{Capabilities, Rendered, Renderer, identity};
use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::expansion::{self, Component};

/// A component in an environment.
#[derive(Clone, Debug)]
pub struct Target {
    pub wave: i64,
    pub component: Component,
    pub application: Application,
    pub capabilities: Arc<Capabilities>,
}

impl Target {
    /// Is it known by this name: of the component, of its Application, or a service's short one, such as `order`?
    pub fn is(&self, name: &str) -> bool {
        let component = self.component.name.as_str();
        component == name || self.component.application == name || component.strip_suffix("-service") == Some(name)
    }

    /// Folder of its chart or of its files, from the root.
    pub fn path(&self) -> &Path {
        let source = self.application.sources().into_iter().find_map(|source| source.get("path")?.as_str());
        Path::new(source.unwrap_or_default())
    }

    pub fn is_chart(&self) -> bool {
        self.application.sources().iter().any(|source| source.get("helm").is_some())
    }

    /// Every Application of a tree of any layout, each once, whichever control planes have it.
    pub fn of_all(cx: &Context, expansions: &[Expansion]) -> Vec<Target> {
        let capabilities = Arc::new(Capabilities::of(cx));
        let mut seen: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        let mut targets = Vec::new();
        for application in expansions.iter().flat_map(|expansion| &expansion.applications) {
            let same = seen.entry(application.name()).or_default();
            if same.contains(&&application.value) {
                continue;
            }
            same.push(&application.value);
            // Two control planes may have different Applications of one name.
            let name = match (same.len(), &application.environment) {
                (1, _) | (_, None) => application.name().to_string(),
                (_, Some(environment)) => format!("{}-{environment}", application.name()),
            };
            let component = Component { application: application.name().to_string(), name };
            targets.push(Target {
                wave: application.wave(),
                component,
                application: application.clone(),
                capabilities: capabilities.clone(),
            });
        }
        targets
    }

    /// Renders it; its objects are sorted. Errors: its values or templates are not valid, with the file and the key.
    pub fn rendered(&self, renderer: &Renderer<'_>) -> Result<Rendered> {
        let mut rendered = renderer.application(&self.application, &self.capabilities)?;
        rendered.objects.sort_by(|a, b| identity(&a.value).cmp(&identity(&b.value)));
        Ok(rendered)
    }

    /// Its objects, sorted. Errors: those of [`Target::rendered`], and whatever would be unsure about them.
    pub fn objects(&self, renderer: &Renderer<'_>) -> Result<Vec<Value>> {
        let rendered = self.rendered(renderer)?;
        if let Some(unsure) = rendered.warnings.first().or(rendered.unverified.first().map(|u| &u.reason)) {
            return Err(Error::failed(unsure.clone())).with_context(|| format!("could not render {}", self.component.application));
        }
        Ok(rendered.objects.into_iter().map(|object| object.value).collect())
    }

    /// Runs `helm lint --strict` on it.
    pub fn lint(&self, renderer: &Renderer<'_>) -> Result<()> {
        let linted = renderer.lint(&self.application, &self.capabilities);
        linted.with_context(|| format!("{} does not pass `helm lint --strict`", self.component.application))
    }
}

/// The component of that name. Errors: usage, when there is none, with the known ones.
pub fn find<'a>(cx: &Context, targets: &'a [Target], component: &str) -> Result<&'a Target> {
    let found = targets.iter().find(|target| target.is(component));
    found.ok_or_else(|| {
        let known: Vec<&str> = targets.iter().map(|target| target.component.name.as_str()).collect();
        Error::usage(format!("there is no component `{component}` in {}", cx.env())).cause(format!("known ones: {}", known.join(", ")))
    })
}

/// The components of the environment in the order of their waves, on the engine that the user asked for or that it prefers.
/// Errors: those of [`expansion::deployed`].
pub fn targets(cx: &Context) -> Result<Vec<Target>> {
    let capabilities = Arc::new(Capabilities::of(cx));
    let mut targets = Vec::new();
    for (wave, applications) in expansion::deployed(cx)? {
        for (component, application) in wave.components.into_iter().zip(applications) {
            targets.push(Target { wave: wave.number, component, application, capabilities: capabilities.clone() });
        }
    }
    Ok(targets)
}
