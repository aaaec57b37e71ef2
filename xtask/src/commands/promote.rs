//! `cargo xtask promote COMPONENT [KEY…]`: values of one environment brought to another, as a change of the tree.

use crate::context::Context;
use crate::error::{Context as _, Error, Exit, Result};
use crate::promote::{Difference, Values, diff, differences, promoted};
use crate::repo::{files, nearest};
use crate::ui::{Table, count};

/// Show how values differ between environments; copy the chosen ones
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: all\n\nWithout KEY it only shows. A KEY is a name as in `resources.limits.cpu`; a map brings everything in it. Comments, order and\nform of the file stay; a key that is new there comes with its comment. The change is shown first and asked for; it is a change\nof the working tree, and reaches the environment when it is merged. Secrets are never promoted.\n\nExamples:\n  cargo xtask promote order\n  cargo xtask promote order config.STORE_SERVICE_URL resources --yes\n  cargo xtask promote monitoring --from prod --to dev"
)]
pub struct Args {
    /// The component, such as order-service or order
    #[arg(value_name = "COMPONENT")]
    component: String,
    /// Keys to copy
    #[arg(value_name = "KEY")]
    keys: Vec<String>,
    /// Environment that has the values
    #[arg(long, default_value = "dev", value_name = "NAME")]
    from: String,
    /// Environment that gets them
    #[arg(long, default_value = "prod", value_name = "NAME")]
    to: String,
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    if args.from == args.to {
        return Err(Error::usage(format!("--from and --to are both `{}`", args.to)));
    }
    let component = component(args, cx)?;
    let (from, to) = (values(cx, &args.from, &component)?, values(cx, &args.to, &component)?);
    let all = differences(&from.value, &to.value);
    if args.keys.is_empty() {
        return Ok(show(args, cx, &component, &all));
    }
    let chosen = chosen(args, &all, &from, &to)?;
    let text = promoted(&from, &to, &chosen)?;
    if text == to.text {
        cx.ui.note(format!("{} has these values already: nothing to write", to.file));
        return Ok(Exit::Done);
    }
    cx.ui.out(table(args, &chosen));
    cx.ui.out(format!("\n--- {0}\n+++ {0}", to.file));
    diff(&to.text, &text).into_iter().for_each(|line| cx.ui.out(line));
    if cx.plan {
        return Ok(Exit::Done);
    }
    let agreed = cx.yes
        || cx.ui.ask(&format!("Write {}?", to.file))?.ok_or_else(|| {
            Error::usage("`promote` asks before it writes, and there is no terminal to ask on").hint(format!(
                "answer beforehand: cargo xtask promote {component} {} --from {} --to {} --yes",
                args.keys.join(" "),
                args.from,
                args.to
            ))
        })?;
    if !agreed {
        cx.ui.note("nothing was written");
        return Ok(Exit::Done);
    }
    files::write_if_changed(&cx.repo.root().join(&to.file), text.as_bytes(), 0o644)?;
    cx.ui.out(format!("\n{}", plan(args, &component, &to.file, &chosen)));
    cx.ui.note(format!("{} written: {}", to.file, count(chosen.len(), "key")));
    cx.ui.note("next: cargo xtask render --write  its golden renders");
    Ok(Exit::Done)
}

/// The component's name from what was typed. Errors: usage, with the known ones.
fn component(args: &Args, cx: &Context) -> Result<String> {
    for env in [&args.from, &args.to] {
        if !cx.repo.environment_file(env).is_file() {
            let known = names(&cx.repo.environments_dir(), "");
            return Err(unknown("environment", env, &known));
        }
    }
    if args.component.contains("secrets") {
        return Err(Error::usage("secrets are not promoted: each environment has its own"));
    }
    let mut known: Vec<String> =
        [&args.from, &args.to].iter().flat_map(|env| names(&cx.repo.root().join("config").join(env), ".yaml")).collect();
    known.retain(|name| !name.contains("secrets"));
    known.sort();
    known.dedup();
    let found = known.iter().find(|name| **name == args.component || name.strip_suffix("-service") == Some(args.component.as_str()));
    found.cloned().ok_or_else(|| unknown("component with values", &args.component, &known))
}

fn unknown(what: &str, word: &str, known: &[String]) -> Error {
    let e = Error::usage(format!("there is no {what} `{word}`"));
    let e = if known.is_empty() { e } else { e.cause(format!("known ones: {}", known.join(", "))) };
    match nearest(word, known.iter().map(String::as_str)) {
        Some(near) => e.hint(format!("did you mean `{near}`?")),
        None => e,
    }
}

/// Names of a folder's entries that end like this, without the end.
fn names(folder: &std::path::Path, end: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(end)?.to_string()))
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names
}

fn values(cx: &Context, env: &str, component: &str) -> Result<Values> {
    let path = cx.repo.values(env, component);
    let file = cx.repo.shown(&path);
    if !path.is_file() {
        return Err(Error::usage(format!("{component} has no values in {env}: {file} is not there")));
    }
    let text = std::fs::read_to_string(&path).with_context(|| format!("could not read {file}"))?;
    Values::new(file, text)
}

fn chosen<'a>(args: &Args, all: &'a [Difference], from: &Values, to: &Values) -> Result<Vec<&'a Difference>> {
    let equal = |key: &str| {
        let same = |value: &serde_json::Value| value.pointer(&format!("/{}", key.replace('.', "/"))).cloned();
        same(&from.value).is_some_and(|value| same(&to.value) == Some(value))
    };
    for key in &args.keys {
        let mut found = all.iter().filter(|difference| difference.is_in(key)).peekable();
        if found.peek().is_none() && !equal(key) {
            let known: Vec<String> = all.iter().map(Difference::key).collect();
            return Err(unknown("difference at", key, &known));
        }
        if found.peek().is_some() && found.all(|difference| difference.from.is_none()) {
            return Err(Error::usage(format!("{} has no `{key}`: there is nothing to copy", from.file)));
        }
    }
    Ok(all.iter().filter(|d| d.from.is_some() && args.keys.iter().any(|key| d.is_in(key))).collect())
}

fn show(args: &Args, cx: &Context, component: &str, all: &[Difference]) -> Exit {
    if all.is_empty() {
        cx.ui.note(format!("{component} has the same values in {} and {}", args.from, args.to));
        return Exit::Done;
    }
    cx.ui.out(table(args, &all.iter().collect::<Vec<_>>()));
    cx.ui.note(format!("{}; copy some: cargo xtask promote {component} KEY…", count(all.len(), "difference")));
    Exit::Done
}

fn table(args: &Args, list: &[&Difference]) -> Table {
    let mut table = Table::new(&["KEY", &args.from.to_uppercase(), &args.to.to_uppercase()]);
    for difference in list {
        table.row([difference.key(), short(difference.from.as_ref()), short(difference.to.as_ref())]);
    }
    table
}

/// A value on one line of bounded length.
fn short(value: Option<&serde_json::Value>) -> String {
    const WIDTH: usize = 60;
    let text = value.map_or_else(|| "-".to_string(), ToString::to_string);
    if text.chars().count() <= WIDTH { text } else { text.chars().take(WIDTH).collect::<String>() + "…" }
}

/// What a pull request says about it, in Markdown.
fn plan(args: &Args, component: &str, file: &str, chosen: &[&Difference]) -> String {
    let code = |value: Option<&serde_json::Value>| {
        let text = short(value).replace('|', "\\|").replace('`', "'");
        if value.is_none() { "not set".to_string() } else { format!("`{text}`") }
    };
    let mut text =
        format!("### Promote {component} from {} to {}\n\n| key | {2} before | {2} after |\n|---|---|---|\n", args.from, args.to, args.to);
    for difference in chosen {
        text.push_str(&format!("| `{}` | {} | {} |\n", difference.key(), code(difference.to.as_ref()), code(difference.from.as_ref())));
    }
    text.push_str(&format!("\nFile: `{file}`. Argo CD deploys it to {} once it is merged; to take it back, revert the commit.", args.to));
    text
}
