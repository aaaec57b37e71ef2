//! Both revisions expanded, and rendered as far as they can differ.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Revision;
use super::expanded::{Expanded, expanded};
use crate::comparison::{Deployed, Rendered, Side};
use crate::context::Context;
use crate::error::{Context as _, Exit, Result};
use crate::gitops::model::{Application, Unverified};
use crate::render::{Capabilities, Renderer, at_once};

/// What of both revisions is looked at.
#[derive(Clone, Copy, Default)]
pub struct Wanted<'a> {
    pub environment: Option<&'a str>,
    pub application: Option<&'a str>,
}

impl Wanted<'_> {
    /// Is this Application looked at? It may be named without its environment, a service without the word too.
    pub fn takes(&self, application: &Application) -> bool {
        let name = application.name();
        let short = application.environment.as_ref().and_then(|env| name.strip_suffix(env.as_str())?.strip_suffix('-')).unwrap_or(name);
        let known = |wanted: &str| [name, short].contains(&wanted) || short.strip_suffix("-service") == Some(wanted);
        self.environment.is_none_or(|env| application.environment.as_deref() == Some(env)) && self.application.is_none_or(known)
    }
}

/// Both sides, and what could not be decided about either.
pub struct Sides {
    pub before: Side,
    pub after: Side,
    pub unverified: Vec<Unverified>,
}

type Job<'a> = (&'a Renderer<'a>, &'a Application, &'a Capabilities);

/// Expands both revisions and renders what may differ: an Application that is the same at both, with everything it is made of, is not.
pub fn sides(cx: &Context, base: &Revision, head: &Revision, wanted: Wanted<'_>) -> Result<Sides> {
    let revisions = [base, head];
    let mut both =
        at_once(&revisions, |revision| expanded(cx, revision, wanted).with_context(|| format!("could not expand {}", revision.shown)));
    // Errors in their order.
    let (head, base) = (both.pop().transpose()?.unwrap_or_default(), both.pop().transpose()?.unwrap_or_default());
    let renderers = [&base, &head].map(|side| side.renderers());
    let [old, new] = renderers;
    let (old, new) = (old?, new?);
    let same = same(&base, &old, &head, &new);
    let mut jobs: Vec<Option<Job<'_>>> = Vec::new();
    for (side, renderers) in [(&base, &old), (&head, &new)] {
        for one in &side.applications {
            let renderer = renderers.get(one.context).filter(|_| !same.contains_key(&identity(&one.application)));
            jobs.push(renderer.map(|renderer| (renderer, &one.application, one.capabilities.as_ref())));
        }
    }
    let rendered = at_once(&jobs, |job| job.map(|(renderer, application, capabilities)| renderer.application(application, capabilities)));
    let mut unverified = Vec::new();
    let mut results = Vec::with_capacity(rendered.len());
    for result in rendered {
        results.push(match result {
            None => Rendered::Same,
            Some(Ok(done)) => {
                unverified.extend(done.unverified);
                Rendered::Objects(done.objects)
            }
            Some(Err(e)) if matches!(e.exit(), Exit::Interrupted | Exit::Prerequisite) => return Err(e),
            Some(Err(e)) => Rendered::Failed(e),
        });
    }
    drop(jobs);
    drop(same);
    drop((old, new));
    let after = results.split_off(base.applications.len());
    unverified.extend(base.unverified.iter().chain(&head.unverified).cloned());
    unverified.sort();
    unverified.dedup();
    Ok(Sides { before: base.into_side(results), after: head.into_side(after), unverified })
}

/// Environment and name.
fn identity(application: &Application) -> (&str, &str) {
    (application.environment.as_deref().unwrap_or_default(), application.name())
}

/// Applications that are equal at both revisions, and are made of equal files.
fn same<'a>(base: &'a Expanded, old: &[Renderer<'_>], head: &'a Expanded, new: &[Renderer<'_>]) -> BTreeMap<(&'a str, &'a str), ()> {
    let before: BTreeMap<(&str, &str), usize> =
        base.applications.iter().enumerate().map(|(i, one)| (identity(&one.application), i)).collect();
    let pairs: Vec<(usize, usize)> = head
        .applications
        .iter()
        .enumerate()
        .filter_map(|(j, one)| {
            let i = *before.get(&identity(&one.application))?;
            let other = base.applications.get(i)?;
            (other.application.value == one.application.value && other.capabilities == one.capabilities).then_some((i, j))
        })
        .collect();
    let equal = at_once(&pairs, |(i, j)| {
        let (Some(a), Some(b)) = (base.applications.get(*i), head.applications.get(*j)) else { return false };
        let (Some(old), Some(new)) = (old.get(a.context), new.get(b.context)) else { return false };
        let keys = old.inputs(&a.application, &a.capabilities);
        keys.is_some() && keys == new.inputs(&b.application, &b.capabilities)
    });
    let same = pairs.iter().zip(equal).filter(|(_, equal)| *equal);
    same.filter_map(|((_, j), _)| Some((identity(&head.applications.get(*j)?.application), ()))).collect()
}

impl Expanded {
    fn renderers(&self) -> Result<Vec<Renderer<'_>>> {
        self.contexts.iter().map(Renderer::of_repository).collect()
    }

    fn into_side(self, rendered: Vec<Rendered>) -> Side {
        let applications = self.applications.into_iter().zip(rendered);
        let applications = applications.map(|(one, rendered)| Deployed { application: one.application, rendered }).collect();
        Side { applications, sets: self.sets, broken: self.broken }
    }
}

/// An Application of a revision.
pub struct One {
    pub application: Application,
    pub capabilities: Arc<Capabilities>,
    /// Index in [`Expanded::contexts`].
    pub context: usize,
}
