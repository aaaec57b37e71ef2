//! The cluster that every other step stands on.

use crate::cluster::{self, Seen};
use crate::context::Context;
use crate::engine::State;
use crate::error::Result;
use crate::proc::Invocation;
use crate::ui::Task;

pub struct Step;

impl crate::engine::Step for Step {
    fn id(&self) -> &'static str {
        "cluster"
    }

    fn needs(&self) -> &'static [&'static str] {
        &["tools"]
    }

    fn probe(&self, cx: &Context) -> Result<State> {
        Ok(match cluster::of(cx)?.look(cx)? {
            Seen::Nothing => State::Missing,
            Seen::Stopped => State::NeedsRepair("it is stopped".into()),
            Seen::Blocked { why, hint } => State::Blocked { why, hint },
            Seen::Half(why) => State::NeedsRepair(why),
            Seen::Running(fact) => State::UpToDate(fact),
        })
    }

    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        cluster::of(cx)?.plan(cx)
    }

    fn apply(&self, cx: &Context, task: &Task) -> Result<()> {
        cluster::of(cx)?.bring_up(cx, task)
    }
}
