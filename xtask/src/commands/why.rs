//! `cargo xtask why OBJECT|FILE`: where an object or field comes from; what a file reaches.

use std::path::{Component, Path};

use crate::context::Context;
use crate::error::{Exit, Result};
use crate::why::{self, Wanted};

/// Say where an object or a field comes from, or which Applications a file reaches
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: all\n\nAn object is Kind/name or namespace/Kind/name, looked for in the environment of --env; a field of it stands behind a colon.\nWhich value a field has it from is found by comparing values with it, so it is said to be likely or unknown.\nA file is one of the working tree, looked for in every environment.\n\nExamples:\n  cargo xtask why Rollout/order-api\n  cargo xtask why Rollout/order-api:spec.replicas --env prod\n  cargo xtask why charts/library/service/values.yaml"
)]
pub struct Args {
    /// Kind/name, namespace/Kind/name, Kind/name:field, or a file
    #[arg(value_name = "OBJECT|FILE")]
    what: String,
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    let file = from_root(cx, &args.what);
    let lines = match Wanted::read(&args.what).filter(|_| !cx.repo.root().join(&file).exists()) {
        Some(wanted) => why::object(cx, &wanted)?,
        None => why::reach(cx, &file)?,
    };
    lines.iter().for_each(|line| cx.ui.out(line));
    Ok(Exit::Done)
}

/// The path from the root, as it is written: `./config/dev/a.yaml`, or one that begins at the file system's root.
fn from_root(cx: &Context, path: &str) -> String {
    let path = Path::new(path);
    let path = path.strip_prefix(cx.repo.root()).unwrap_or(path);
    let parts = path.components().filter(|part| !matches!(part, Component::CurDir));
    parts.collect::<std::path::PathBuf>().display().to_string()
}
