//! Prod, with its node groups, sizes and zones, on simulated nodes: every Application Synced and Healthy, every pod on a node.

use super::{Report, Verdict, expect};
use crate::context::Context;
use crate::error::Result;
use crate::trial::Trial;
use crate::ui::{count, seconds};

/// The definitions that prod needs beside those of dev. They are in no Go module: without a mirror or a network they are not
/// to be had, and prod cannot be rehearsed.
const STRIMZI: &str = "strimzi-crds";

pub fn run(cx: &Context, report: &mut Report<'_>) -> Result<()> {
    if let Err(e) = cx.provision.artifact(STRIMZI) {
        report.skip("prod", &format!("{}; name a mirror by XTASK_MIRROR", e.one_line()));
        return Ok(());
    }
    let trial = Trial::new(cx)?;
    let up = report.check("prod", || {
        let run = trial.run(&["rehearse", "--env", "prod", "--keep"])?;
        let page = run.stdout.clone();
        let run = run.succeeded().map_err(|e| e.cause(page))?;
        let ready = run.stdout.lines().filter(|l| l.ends_with("Synced, Healthy")).count();
        expect(ready > 13, format!("only {ready} Applications came up: prod has more than dev"))?;
        Ok(Verdict::Passed(format!("{} on the nodes of prod, in {}", count(ready, "Application"), seconds(run.took))))
    })?;
    if up {
        report.check("verify-offline prod", || super::verify_offline::check(&trial, "prod"))?;
    } else {
        report.skip("verify-offline prod", "prod did not come up");
    }
    report.check("end of prod", || {
        trial.run(&["rehearse", "--env", "prod", "--end"])?.succeeded()?;
        expect(!trial.root().join(".xtask").exists(), "the rehearsal left something behind")?;
        Ok(Verdict::Passed("nothing is left of it".into()))
    })?;
    Ok(())
}
