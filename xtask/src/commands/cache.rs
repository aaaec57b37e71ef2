//! `cargo xtask cache status|clean`: what this program keeps for all clones, and how it gets smaller.

use crate::context::Context;
use crate::error::{Exit, Result};
use crate::provision::{Cleaned, Entry, Kind, Pinned};
use crate::repo::files;
use crate::ui::{Table, bytes, count};

/// Show what is kept for all clones, or remove what no pin names any more
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: all\n\nclean removes programs and definitions of other versions than xtask/tools.toml names, and what broke-off runs left. What another run works on stays, and what a running cluster of any clone uses. Beside the pinned version of each, a run that brings a new one keeps the newest older one and drops the rest.\n\nExamples:\n  cargo xtask cache status\n  cargo xtask cache clean --plan\n  cargo xtask cache clean --all"
)]
#[command(disable_help_subcommand = true)]
pub struct Args {
    #[command(subcommand)]
    pub what: What,
}

#[derive(clap::Subcommand)]
pub enum What {
    /// Show size and number of what is there, and how much of it is pinned
    Status,
    /// Remove what is not pinned
    Clean {
        /// Everything, also what is pinned; the next run brings it again
        #[arg(long)]
        all: bool,
    },
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    match args.what {
        What::Status => status(cx),
        What::Clean { all } if cx.plan => plan(cx, all),
        What::Clean { all } => clean(cx, all),
    }
    .map(|()| Exit::Done)
}

fn status(cx: &Context) -> Result<()> {
    let root = cx.provision.cache_root();
    cx.ui.out(format!("cache: {}, {}\n", root.display(), bytes(files::size(root))));
    let entries = cx.provision.inventory();
    let mut table = Table::new(&["KIND", "ENTRIES", "SIZE", "PINNED", "NOT PINNED", "UNFINISHED"]);
    for kind in Kind::ALL {
        let of = |pinned: Option<Pinned>| entries.iter().filter(move |e| e.kind == kind && pinned.is_none_or(|p| e.pinned == p));
        let size = |pinned| bytes(of(pinned).map(|e| e.bytes).sum());
        let cell = |pinned| match of(Some(pinned)).count() {
            0 => "-".to_string(),
            n if kind == Kind::Locks => n.to_string(),
            n => format!("{n}, {}", size(Some(pinned))),
        };
        let row = [kind.name().to_string(), of(None).count().to_string(), size(None)];
        table.row(row.into_iter().chain([Pinned::Current, Pinned::Other, Pinned::Unfinished].map(cell)));
    }
    cx.ui.out(table);
    let cleaned = cx.provision.plan_clean(false);
    // Empty lock files are nobody's trouble.
    if cleaned.bytes() > 0 {
        cx.ui.out("");
        list(cx, "not pinned:", &cleaned.freed);
        cx.ui.out(format!("\n{} can be freed: cargo xtask cache clean", bytes(cleaned.bytes())));
    }
    kept(cx, &cleaned);
    Ok(())
}

fn plan(cx: &Context, all: bool) -> Result<()> {
    let cleaned = cx.provision.plan_clean(all);
    list(cx, &format!("would delete in {}:", cx.provision.cache_root().display()), &cleaned.freed);
    kept(cx, &cleaned);
    cx.ui.note(format!("{} would be freed", bytes(cleaned.bytes())));
    Ok(())
}

fn clean(cx: &Context, all: bool) -> Result<()> {
    if cx.provision.plan_clean(all).freed.is_empty() {
        cx.ui.note("nothing to delete: everything in the cache is pinned or in use");
        return Ok(());
    }
    if all {
        let question = format!("Delete everything in {}? Bringing it again takes many minutes.", cx.provision.cache_root().display());
        if !cx.confirm("cache clean --all", &question)? {
            cx.ui.note("nothing was deleted");
            return Ok(());
        }
    }
    let cleaned = cx.provision.clean(all)?;
    list(cx, "deleted:", &cleaned.freed);
    kept(cx, &cleaned);
    cx.ui.note(format!("{} freed", bytes(cleaned.bytes())));
    Ok(())
}

/// One line per entry; locks are empty files that nobody knows by name.
fn list(cx: &Context, title: &str, entries: &[Entry]) {
    if entries.is_empty() {
        return;
    }
    cx.ui.out(title);
    let (locks, rest): (Vec<&Entry>, Vec<&Entry>) = entries.iter().partition(|e| e.kind == Kind::Locks);
    for entry in rest {
        cx.ui.out(format!("  {}/{}  {}", entry.kind.name(), entry.name, bytes(entry.bytes)));
    }
    if !locks.is_empty() {
        cx.ui.out(format!("  {}", count(locks.len(), "lock file")));
    }
}

fn kept(cx: &Context, cleaned: &Cleaned) {
    for (entry, why) in &cleaned.kept {
        cx.ui.note(format!("stays: {}/{}, {why}", entry.kind.name(), entry.name));
    }
}
