//! `cargo xtask clean-helm-cache`: deletes the packed copies of chart dependencies, and nothing that cannot be packed again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::charts;
use crate::context::Context;
use crate::error::{Context as _, Exit, Result};
use crate::repo::files;
use crate::ui::{bytes, count};

/// Delete the packed copies of dependencies in charts; never a chart
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: all\n\nIt deletes `*.tgz` in the `charts` folder of a chart, where Chart.yaml names the dependency and git does not know the file,\nand the folder once it is empty. helm-build packs them again.\n\nExamples:\n  cargo xtask clean-helm-cache\n  cargo xtask clean-helm-cache --plan"
)]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    let mut removed = 0;
    let mut size = 0;
    for chart in charts::all(&cx.repo)? {
        let copies = charts::copies(&chart)?;
        let tracked = if copies.is_empty() { BTreeSet::new() } else { tracked(cx, &chart.packed_dir())? };
        for copy in copies {
            let shown = cx.repo.shown(&copy.path);
            if !copy.known || tracked.contains(&copy.path) {
                let why = if copy.known { "git knows it" } else { "Chart.yaml names no such dependency" };
                cx.ui.note(format!("kept {shown}: {why}"));
                continue;
            }
            let its_size = files::size(&copy.path);
            removed += 1;
            size += its_size;
            cx.ui.out(format!("{} {shown} ({})", if cx.plan { "would delete" } else { "deleted" }, bytes(its_size)));
            if !cx.plan {
                std::fs::remove_file(&copy.path).with_context(|| format!("could not delete {shown}"))?;
            }
        }
        if !cx.plan {
            remove_if_empty(&chart.packed_dir());
        }
    }
    let verb = if cx.plan { "would be deleted" } else { "deleted" };
    cx.ui.note(match removed {
        0 => "nothing to delete: no chart has a packed dependency".to_string(),
        n if cx.plan => format!("{}, {} {verb}", count(n, "file"), bytes(size)),
        n => format!("{}, {} {verb}; packed again by: cargo xtask helm-build", count(n, "file"), bytes(size)),
    });
    Ok(Exit::Done)
}

/// Files below `dir` that git knows. A repository without git knows none. Errors: git cannot tell.
fn tracked(cx: &Context, dir: &Path) -> Result<BTreeSet<PathBuf>> {
    if !cx.repo.root().join(".git").exists() {
        return Ok(BTreeSet::new());
    }
    cx.git().tracked(dir)
}

/// The file system refuses to remove one that is not; a link stays.
fn remove_if_empty(dir: &Path) {
    let _ = std::fs::remove_dir(dir);
}
