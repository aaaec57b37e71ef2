//! What this program says without a cluster, compared with the Argo CD that runs.

use super::{Verdict, expect};
use crate::error::Result;
use crate::trial::Trial;
use crate::ui::seconds;

/// A file that every environment's objects depend on, and a line that changes none of them.
const FILE: &str = "charts/library/service/values.yaml";
const LINE: &str = "\n# Not in the cluster yet.\n";

/// `trial` has a healthy cluster of `env`, or a rehearsal of it.
pub fn check(trial: &Trial, env: &str) -> Result<Verdict> {
    let run = trial.run(&["verify-offline", "--env", env])?;
    let page = run.stdout.clone();
    let run = run.succeeded().map_err(|e| e.cause(page))?;
    let rows = run.stdout.lines().skip(1).count();
    expect(rows > 14, format!("only {rows} Applications were compared"))?;
    trial.append(FILE, LINE)?;
    let other = trial.run(&["verify-offline", "--env", env])?;
    trial.edit(FILE, |text| text.strip_suffix(LINE).unwrap_or(text).to_string())?;
    other.failed_with(3, "the cluster does not follow the working tree")?;
    Ok(Verdict::Passed(format!("{rows} Applications as Argo CD has and renders them, in {}", seconds(run.took))))
}
