//! Which findings changed files can have caused.

use std::path::Path;

use gitops::affected::Reads;
use lint::Finding;
use lint::index::Input;

use crate::context::Context;
use crate::error::Result;
use crate::tools::History;

/// Files of the working tree that are not as they were at a revision; without one, where the branch left the trunk.
pub fn files(cx: &Context, base: Option<&str>) -> Result<Vec<String>> {
    let history = History::of(&cx.runner, cx.repo.root())?;
    let commit = match base {
        Some(revision) => history.commit(revision)?,
        None => history.fork_point()?.0,
    };
    history.changed_since(&commit)
}

/// Is a changed file the place of the finding, the other end of it, or something that its Application is made of?
pub fn concerns(root: &Path, input: &Input, changed: &[String], finding: &Finding) -> bool {
    let is_changed = |path: &Path| changed.iter().any(|file| Path::new(file) == path);
    if finding.path.as_deref().is_some_and(is_changed) || finding.related.iter().any(|related| is_changed(&related.path)) {
        return true;
    }
    let mut applications = input.planes.iter().flat_map(|plane| &plane.applications);
    let of = finding.application.as_deref().and_then(|name| applications.find(|deployed| deployed.application.name() == name));
    of.is_some_and(|deployed| {
        let reads = Reads::of(root, &deployed.application.value);
        is_changed(&deployed.application.place.file) || changed.iter().any(|file| reads.has(file))
    })
}
