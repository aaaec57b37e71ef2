//! `cargo xtask new-service NAME`: a further service, named everywhere it must be named.

use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::new_service::{Change, How, Names, changes, others};
use crate::repo::files;
use crate::ui::count;

/// Add a service: chart, values, database, Secrets, and its name in every list
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: all\n\nThe new service is like recommendation-service, which has nothing of its own; with NAME `wishlist` its chart is\nwishlist-service, its objects are wishlist-api, its database is wishlist_db. It shows the change, asks, and writes files of\nthe working tree only. Run again, it adds what is missing.\n\nExamples:\n  cargo xtask new-service wishlist --plan\n  cargo xtask new-service wishlist"
)]
pub struct Args {
    /// The domain, in lower-case letters and digits
    #[arg(value_name = "NAME")]
    name: String,
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    let new = Names::of_new(&args.name)?;
    let changes = changes(&cx.repo, &new)?;
    if changes.is_empty() {
        cx.ui.note(format!("{} is there already: nothing to add", new.chart));
        return Ok(Exit::Done);
    }
    changes.iter().for_each(|change| show(cx, change));
    if cx.plan {
        return Ok(Exit::Done);
    }
    if !agreed(cx, &args.name, changes.len())? {
        cx.ui.note("nothing was written");
        return Ok(Exit::Done);
    }
    for change in &changes {
        files::write_if_changed(&cx.repo.root().join(&change.path), change.text.as_bytes(), 0o644)?;
    }
    cx.ui.note(format!("{} written for {}", count(changes.len(), "file"), new.chart));
    next(cx, &new);
    Ok(Exit::Done)
}

/// A new file in full, unless it is the same for all services; of an old one the new lines.
fn show(cx: &Context, change: &Change) {
    let path = change.path.display();
    match &change.how {
        How::Same => cx.ui.out(format!("new file {path}, as for every service")),
        How::New => {
            cx.ui.out(format!("--- /dev/null\n+++ {path}"));
            change.text.lines().for_each(|line| cx.ui.out(format!("+{line}")));
        }
        How::Lines(hunks) => {
            cx.ui.out(format!("--- {path}\n+++ {path}"));
            for hunk in hunks {
                cx.ui.out(format!("@@ line {} @@", hunk.line));
                hunk.lines.iter().for_each(|line| cx.ui.out(format!("+{line}")));
            }
        }
    }
}

/// Errors: usage, when there is nobody to ask.
fn agreed(cx: &Context, name: &str, files: usize) -> Result<bool> {
    if cx.yes {
        return Ok(true);
    }
    cx.ui.ask(&format!("Write {}?", count(files, "file")))?.ok_or_else(|| {
        Error::usage("`new-service` asks before it writes, and there is no terminal to ask on")
            .hint(format!("answer beforehand: cargo xtask new-service {name} --yes"))
    })
}

/// What nobody but people can know.
fn next(cx: &Context, new: &Names) {
    cx.ui.note(format!("to decide: description, image tag and route prefixes in charts/services/{}", new.chart));
    cx.ui.note("           who may call it from outside: the gateway denies what no policy of charts/istio allows");
    let others = others(&cx.repo);
    if !others.is_empty() {
        cx.ui.note(format!("           whether it belongs beside its model in {}", others.join(", ")));
    }
    let secrets = format!("c4ang/{}/", new.chart);
    cx.ui.note(format!(
        "to make before it comes to prod: its RDS instance, and {secrets}database and {secrets}redis in AWS Secrets Manager"
    ));
    cx.ui.note("next: cargo xtask render --write  its golden renders, and the documentation of the charts");
    cx.ui.note("      cargo xtask dev-init        its Secrets, its database and its pods");
}
