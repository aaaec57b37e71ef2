//! The working tree as Argo CD's source: a snapshot in a bare repository of its own.

use crate::context::Context;
use crate::engine::State;
use crate::error::Result;
use crate::proc::Invocation;
use crate::repo::files;
use crate::ui::{Task, count};

pub struct Step;

impl crate::engine::Step for Step {
    fn id(&self) -> &'static str {
        "source"
    }

    fn probe(&self, cx: &Context) -> Result<State> {
        let git = cx.git();
        let Some(snapshot) = git.current() else { return Ok(State::Missing) };
        if !git.is_current()? {
            return Ok(State::Drifted { want: "the working tree".into(), have: format!("snapshot {}", short(&snapshot.revision)) });
        }
        let tree = match git.describe() {
            Some((head, 0)) => format!("working tree: commit {head}"),
            Some((head, changed)) => format!("working tree: commit {head} and {}", count(changed, "changed file")),
            None => "working tree".to_string(),
        };
        Ok(State::UpToDate(format!("{tree} (snapshot {})", short(&snapshot.revision))))
    }

    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        Ok(cx.git().plan())
    }

    fn apply(&self, cx: &Context, _: &Task) -> Result<()> {
        files::private_dir(&cx.state_dir())?;
        cx.git().snapshot().map(drop)
    }
}

fn short(revision: &str) -> &str {
    revision.get(..7).unwrap_or(revision)
}
