//! The Applications of one revision.

use serde_json::Value;

use super::Revision;
use super::sides::{One, Wanted};
use crate::comparison::Broken;
use crate::context::Context;
use crate::error::Result;
use crate::gitops::model::Unverified;
use crate::render;
use crate::repo::{Environment, yaml};

/// A revision, expanded.
#[derive(Default)]
pub struct Expanded {
    pub contexts: Vec<Context>,
    pub applications: Vec<One>,
    pub sets: Vec<Value>,
    pub broken: Vec<Broken>,
    pub unverified: Vec<Unverified>,
}

/// The Applications of all environments, or of the one that is wanted.
pub fn expanded(cx: &Context, revision: &Revision, wanted: Wanted<'_>) -> Result<Expanded> {
    let cx = cx.at(&revision.root)?;
    let mut all = Expanded::default();
    for name in Environment::names(&cx.repo) {
        let has_values = cx.repo.root().join("config").join(&name).is_dir();
        if wanted.environment.is_some_and(|env| env != name) || !has_values {
            continue;
        }
        let there = cx.in_environment(&name)?;
        for target in render::targets(&there)? {
            let mut application = target.application;
            let set: Value = yaml::read(&cx.repo.root().join(&application.place.file))?;
            application.value["spec"]["syncPolicy"] = set["spec"]["template"]["spec"]["syncPolicy"].clone();
            if wanted.takes(&application) {
                all.applications.push(One { application, capabilities: target.capabilities, context: all.contexts.len() });
            }
        }
        all.contexts.push(there);
    }
    Ok(all)
}
