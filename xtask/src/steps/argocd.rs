//! Argo CD's settings: namespace, ConfigMaps, the root's project, the cluster and repository Secrets.

use serde_json::Value;

use super::Difference;
use crate::argocd::NAMESPACE;
use crate::argocd::settings::{self, Source};
use crate::context::Context;
use crate::engine::State;
use crate::error::{Error, Result};
use crate::proc::Invocation;
use crate::tools::{Kubectl, Reference};
use crate::ui::{Task, count};

pub struct Step;

impl crate::engine::Step for Step {
    fn id(&self) -> &'static str {
        "argocd"
    }

    fn needs(&self) -> &'static [&'static str] {
        // On an engine without containers there is no registry to ask.
        &["crds", "source", "registry"]
    }

    fn probe(&self, cx: &Context) -> Result<State> {
        let kubectl = super::kubectl(cx)?;
        let wanted = wanted(cx)?;
        let state = Difference::of(&kubectl, &wanted)?.state(wanted.len(), format!("{} of settings", count(wanted.len(), "object")));
        Ok(match state {
            State::UpToDate(_) if !has_server_secret(&kubectl)? => State::NeedsRepair("argocd-secret has no key".into()),
            state => state,
        })
    }

    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        Ok(vec![super::planned_kubectl(cx)?.apply_call(&settings::objects(cx, &followed(cx)?, &values(cx)?)?)?])
    }

    fn apply(&self, cx: &Context, _: &Task) -> Result<()> {
        let kubectl = super::kubectl(cx)?;
        let wanted = wanted(cx)?;
        let mut objects: Vec<Value> = Difference::of(&kubectl, &wanted)?.objects;
        if !has_server_secret(&kubectl)? {
            objects.push(settings::server_secret()?);
        }
        kubectl.apply(&objects)
    }
}

/// The settings of this environment. Errors: there is no snapshot yet.
pub fn wanted(cx: &Context) -> Result<Vec<Value>> {
    settings::objects(cx, &source(cx)?, &values(cx)?)
}

/// Which file of `config/engine` the services take last: the engine's own, or the one with the stand-in image.
fn values(cx: &Context) -> Result<String> {
    let cluster = crate::cluster::of(cx)?;
    let stands_in = cluster.runs_containers() && super::registry::stands_in(cx, &super::planned_kubectl(cx)?)?;
    Ok(if stands_in { settings::STAND_IN.to_string() } else { cluster.engine().name().to_string() })
}

/// What Argo CD follows: the branch of the snapshot, so that a new snapshot needs no change in the cluster.
/// Errors: there is no snapshot yet.
pub fn source(cx: &Context) -> Result<Source> {
    cx.git().current().ok_or_else(|| Error::failed("there is no snapshot of the working tree"))?;
    followed(cx)
}

/// The same, whether or not there is a snapshot already.
pub fn followed(cx: &Context) -> Result<Source> {
    Ok(Source { url: crate::cluster::of(cx)?.source_url(cx), revision: crate::tools::BRANCH.to_string() })
}

fn has_server_secret(kubectl: &Kubectl) -> Result<bool> {
    let secret = kubectl.find(&Reference { kind: "secret", name: settings::SERVER_SECRET, namespace: NAMESPACE })?;
    Ok(secret.is_some_and(|s| s.pointer("/data/server.secretkey").is_some()))
}
