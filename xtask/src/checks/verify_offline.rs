//! What this program says without a cluster, compared with the Argo CD that runs.

use super::{Verdict, expect};
use crate::error::Result;
use crate::trial::Trial;
use crate::ui::seconds;

/// `trial` has a healthy cluster of `env`, or a rehearsal of it.
pub fn check(trial: &Trial, env: &str) -> Result<Verdict> {
    let run = trial.run(&["verify-offline", "--env", env])?;
    let page = run.stdout.clone();
    let run = run.succeeded().map_err(|e| e.cause(page))?;
    let rows = run.stdout.lines().skip(1).count();
    expect(rows > 13, format!("only {rows} Applications were compared"))?;
    Ok(Verdict::Passed(format!("{rows} Applications as Argo CD has and renders them, in {}", seconds(run.took))))
}
