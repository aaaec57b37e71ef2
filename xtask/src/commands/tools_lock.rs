//! `cargo xtask tools-lock [NAME…]`: records the sums of releases in xtask/tools.toml.

use crate::context::Context;
use crate::error::{Context as _, Error, Exit, Result};
use crate::provision::{Finding, Recording};
use crate::repo::files;
use crate::ui::{Table, count};

/// Where it lies in the repository.
const FILE: &str = "xtask/tools.toml";

/// Record the checksums of releases, on a machine that reaches them
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: all\n\nDownloads the releases of xtask/tools.toml for linux and darwin, amd64 and arm64, compares them with the checksum files of the projects where there are any, shows the change and writes it into the file. With --plan it prints the addresses only.\n\nExamples:\n  cargo xtask tools-lock\n  cargo xtask tools-lock istioctl\n  cargo xtask tools-lock --replace kubectl"
)]
pub struct Args {
    /// Take another sum than the recorded one; only when the project said why it changed a release
    #[arg(long, value_name = "NAME")]
    replace: Vec<String>,
    /// Only these [default: every tool with a release]
    #[arg(value_name = "NAME")]
    tools: Vec<String>,
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    let path = cx.repo.root().join(FILE);
    if !path.is_file() {
        return Err(Error::prerequisite(format!("this repository has no {FILE}")));
    }
    let text = std::fs::read_to_string(&path).with_context(|| format!("could not read {FILE}"))?;
    let recording = Recording::new(text, &args.tools, &args.replace)?;
    if cx.plan {
        let mut table = Table::new(&["TOOL", "PLATFORM", "URL", "CHECKSUMS"]);
        for a in recording.assets() {
            table.row([a.tool.clone(), a.platform.clone(), a.url.clone(), a.checksums.clone().unwrap_or_default()]);
        }
        cx.ui.out(table);
        return Ok(Exit::Done);
    }
    for name in recording.without_release() {
        cx.ui.note(format!("{name}: no release, it is built from its Go module"));
    }
    let findings = cx.provision.record(&recording)?;
    let mut table = Table::new(&["TOOL", "VERSION", "PLATFORM", "SHA256", "STATE", "CHECKED"]);
    for (a, finding) in recording.assets().iter().zip(&findings) {
        let (sum, checked) = match finding {
            Finding::NotPublished => ("", "nothing: the host has no such file"),
            Finding::Sum { sum, vouched: true } => (sum.get(..12).unwrap_or_default(), "matches the project's checksum file"),
            Finding::Sum { sum, vouched: false } => (sum.get(..12).unwrap_or_default(), "no checksum file: trust on first use"),
        };
        table.row([&a.tool, &a.version, &a.platform, sum, a.state(finding), checked].map(str::to_string));
    }
    cx.ui.out(table);
    let edit = recording.edited(&findings)?;
    if edit.changes == 0 {
        cx.ui.note(format!("{FILE} says all of it already"));
        return Ok(Exit::Done);
    }
    cx.ui.out(format!("\n{}", edit.diff));
    files::write_if_changed(&path, edit.text.as_bytes(), 0o644)?;
    cx.ui.note(format!("{} recorded in {FILE}; the next build of this program uses them", count(edit.changes, "checksum")));
    Ok(Exit::Done)
}
