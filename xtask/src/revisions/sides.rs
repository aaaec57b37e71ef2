//! Both revisions expanded, and rendered as far as they can differ.

use std::collections::{BTreeMap, BTreeSet};

use gitops::comparison::{Deployed, Failure, Rendered, Side};
use gitops::model::{Application, Unverified};

use super::Revision;
use super::expanded::{Expanded, One, expanded};
use crate::context::Context;
use crate::error::{Context as _, Error, Exit, Result};
use crate::render::at_once;

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

/// Expands both revisions and renders what may differ: an Application that is the same at both, with everything it is made of, is not.
pub fn sides(cx: &Context, base: &Revision, head: &Revision, wanted: Wanted<'_>) -> Result<Sides> {
    let revisions = [base, head];
    let mut both =
        at_once(&revisions, |revision| expanded(cx, revision, wanted).with_context(|| format!("could not expand {}", revision.shown)));
    let (Some(head), Some(base)) = (both.pop(), both.pop()) else { return Err(Error::failed("nothing was expanded")) };
    // That of the base first.
    let (mut base, mut head) = (base?, head?);
    // A file that cannot be read matters if it had Applications: what else it may be, those that read it say.
    base.broken.retain(|broken| !broken.name.is_empty() || head.files.contains(&broken.place.file));
    head.broken.retain(|broken| !broken.name.is_empty() || base.files.contains(&broken.place.file));
    let same = same(&base, &head);
    let jobs: Vec<(&Expanded<'_>, &One)> =
        [&base, &head].into_iter().flat_map(|side| side.applications.iter().map(move |one| (side, one))).collect();
    let rendered = at_once(&jobs, |(side, one)| {
        let needed = !same.contains(&identity(&one.application));
        needed.then(|| side.renderer.application(&one.application, &one.capabilities))
    });
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
            Some(Err(e)) => Rendered::Failed(Failure { what: e.one_line(), help: e.hints().first().cloned() }),
        });
    }
    drop(jobs);
    drop(same);
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
fn same<'a>(base: &'a Expanded<'_>, head: &'a Expanded<'_>) -> BTreeSet<(&'a str, &'a str)> {
    let before: BTreeMap<(&str, &str), &One> = base.applications.iter().map(|one| (identity(&one.application), one)).collect();
    let equal = |one: &One, other: &One| one.application.value == other.application.value && one.capabilities == other.capabilities;
    let pairs = head.applications.iter().filter_map(|one| Some((*before.get(&identity(&one.application))?, one)));
    let pairs: Vec<(&One, &One)> = pairs.filter(|(other, one)| equal(one, other)).collect();
    let equal = at_once(&pairs, |(other, one)| {
        let keys = base.renderer.inputs(&other.application, &other.capabilities);
        keys.is_some() && keys == head.renderer.inputs(&one.application, &one.capabilities)
    });
    pairs.iter().zip(equal).filter(|(_, equal)| *equal).map(|((_, one), _)| identity(&one.application)).collect()
}

impl Expanded<'_> {
    fn into_side(self, rendered: Vec<Rendered>) -> Side {
        let applications = self.applications.into_iter().zip(rendered);
        let applications = applications.map(|(one, rendered)| Deployed { application: one.application, rendered }).collect();
        Side { applications, sets: self.sets, broken: self.broken }
    }
}
