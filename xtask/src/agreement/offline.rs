//! What this program says of the same Applications without a cluster.

use gitops::clusters::{Cluster, ControlPlane};
use gitops::expand_set::Expander;
use gitops::model::Application;
use gitops::roots::Ground;
use serde_json::Value;

use crate::argocd::ROOT;
use crate::argocd::settings::{self, Source};
use crate::cluster;
use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::objects::name;
use crate::render::{Capabilities, Renderer};
use crate::tools::BRANCH;

/// The Applications of an environment.
pub struct Offline<'a> {
    renderer: Renderer<'a>,
    capabilities: Capabilities,
    applications: Vec<Application>,
    /// ApplicationSets that cannot be expanded, with why.
    pub refused: Vec<String>,
}

impl<'a> Offline<'a> {
    /// Expands the working tree for an Argo CD that knows these cluster Secrets and follows the snapshot.
    /// Errors: a Secret cannot be read, or the root Application.
    pub fn read(cx: &'a Context, secrets: &[Value]) -> Result<Self> {
        let url = cluster::of(cx)?.source_url(cx);
        let mut clusters = Vec::new();
        for secret in secrets {
            clusters.extend(Cluster::from_secret(secret).with_context(|| format!("could not read the Secret {}", name(secret)))?);
        }
        let plane = ControlPlane { environment: Some(cx.env().to_string()), clusters };
        let mut ground = Ground::read(cx.repo.root(), Some(&url), &[]);
        // The bootstrap fills in what the root follows.
        let root = settings::root(cx, &Source { url, revision: BRANCH.to_string() })?;
        for document in ground.documents.iter_mut().filter(|document| name(&document.value) == ROOT) {
            document.value = root.clone();
        }
        let expander = Expander::new(&ground.tree, &ground.listing, &ground.documents);
        let forest = ground.grow(std::slice::from_ref(&plane), &|plane, document| expander.expand(plane, document), None);
        let mut applications = Vec::new();
        let mut refused = Vec::new();
        // What neither the bootstrap nor an Application deploys is in no cluster.
        for expansion in forest.expansions.into_iter().filter(|e| e.name == ROOT || forest.deployers.contains_key(&e.place)) {
            refused.extend(expansion.error.map(|error| format!("{}: {error}", expansion.name)));
            applications.extend(expansion.applications);
        }
        Ok(Offline { renderer: Renderer::of_repository(cx)?, capabilities: Capabilities::of(cx), applications, refused })
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
