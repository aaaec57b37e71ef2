//! `--plan`: steps, their states and the exact command lines; writes nothing.

use super::{State, Step, run::order};
use crate::context::Context;
use crate::error::Result;

/// Prints, in order, what `run` would do. A step whose needs are not met yet cannot be looked at and says so.
pub fn print_plan(cx: &Context, steps: &[&dyn Step]) -> Result<()> {
    let mut up_to_date: Vec<&str> = Vec::new();
    for step in order(steps)? {
        let unmet: Vec<&str> = step.needs().iter().copied().filter(|n| is_listed(steps, n) && !up_to_date.contains(n)).collect();
        if !unmet.is_empty() {
            cx.ui.out(format!("{:<10} will be looked at after: {}", step.id(), unmet.join(", ")));
            continue;
        }
        let state = match step.probe(cx) {
            Ok(state) => state,
            Err(e) => {
                cx.ui.out(format!("{:<10} cannot be looked at: {}", step.id(), e.one_line()));
                continue;
            }
        };
        cx.ui.out(format!("{:<10} {}", step.id(), state.describe()));
        match state {
            State::UpToDate(_) => up_to_date.push(step.id()),
            State::Blocked { hint, .. } => cx.ui.out(format!("{:<10} {hint}", "")),
            _ => {
                for call in step.plan(cx)? {
                    cx.ui.out(format!("{:<10} $ {}", "", call.command_line()));
                }
            }
        }
    }
    Ok(())
}

fn is_listed(steps: &[&dyn Step], id: &str) -> bool {
    steps.iter().any(|s| s.id() == id)
}
