//! `cargo xtask diff`: what a change does to what Argo CD applies, and what is dangerous about it.

use gitops::comparison::{Broken, Change, Side};
use lint::rules;
use lint::{Findings, Severity, Unverified};

use crate::comparison::{Report, json, markdown, plain};
use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::revisions::{self, Sides, Wanted};

/// Compare what Argo CD would apply at two revisions, object by object
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: all\n\nNo cluster is needed. The base is where this branch left main (else master, else the remote's default branch), the head the working tree with everything in it that git does not ignore. Every environment is compared unless --env names one. What may destroy data or open access stands on top. Values of Secrets are never shown. With --exit-code the exit code is 1 when something differs, or a finding is an error.\n\nExamples:\n  cargo xtask diff\n  cargo xtask diff --base v1.2.0 --env prod --app order-service\n  cargo xtask diff --format markdown --exit-code"
)]
pub struct Args {
    /// Revision to compare with [default: where this branch left main]
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Revision to look at [default: the working tree]
    #[arg(long, value_name = "REV")]
    head: Option<String>,
    /// How it is printed
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    format: Format,
    /// Exit code 1 when something differs
    #[arg(long)]
    exit_code: bool,
    /// Only this component, by the name of its chart or of its Application
    #[arg(long, value_name = "NAME")]
    app: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Markdown,
    Json,
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    if cx.plan {
        cx.ui.out("`diff` only looks: it changes nothing, so it has no plan");
        return Ok(Exit::Done);
    }
    let (base, head) = revisions::two(cx, args.base.as_deref(), args.head.as_deref())?;
    let wanted = Wanted { environment: cx.env_wish(), application: args.app.as_deref() };
    let Sides { before, after, unverified } = revisions::sides(cx, &base, &head, wanted)?;
    if let Some(name) = args.app.as_ref().filter(|_| before.applications.is_empty() && after.applications.is_empty()) {
        return Err(
            Error::usage(format!("there is no component `{name}` at either revision")).hint("see which there are: cargo xtask diff")
        );
    }
    let change = Change::new(&before, &after);
    let mut findings = rules::of_change(&change);
    broken(&change, &mut findings);
    let unverified =
        unverified.into_iter().map(|u| Unverified { rule: "render", path: Some(u.place.file), object: Some(u.name), reason: u.reason });
    findings.unverified.extend(unverified);
    let report = Report::new(base.shown, head.shown, change, findings.ordered());
    match args.format {
        Format::Text => cx.ui.out(plain(&report, &|paint, text| cx.ui.paint(paint, text))),
        Format::Markdown => cx.ui.out(markdown(&report).trim_end()),
        Format::Json => cx.ui.out(serde_json::to_string_pretty(&json(&report))?),
    }
    let error = report.findings.found.iter().any(|found| found.severity == Severity::Error);
    Ok(if args.exit_code && (error || report.differs()) { Exit::Problems } else { Exit::Done })
}

/// What cannot be rendered, or expanded: it is no removal, and what it would be is not known.
fn broken(change: &Change<'_>, findings: &mut Findings) {
    const RULE: &str = "broken-render";
    for pair in &change.pairs {
        if let Some(error) = pair.after.and_then(|d| d.error()) {
            let help = error.help.clone().unwrap_or_else(|| "mend it: Argo CD keeps the old state until it renders again".into());
            findings.of(RULE, Severity::Error).pair(pair, error.what.clone()).help(help);
        }
        if let (Some(before), Some(error)) = (pair.before, pair.before.and_then(|d| d.error())) {
            let reason = format!("what changes is not known, because it did not render before: {}", error.what.clone());
            let path = Some(before.application.place.file.clone());
            findings.unverified.push(Unverified { rule: RULE, path, object: Some(format!("Application {}", pair.name())), reason });
        }
    }
    // What is broken in the same way at both revisions is nothing that changes.
    let only = |side: &Side, other: &Side| -> Vec<Broken> {
        let known =
            |one: &&Broken| other.broken.iter().any(|b| (&b.place.file, &b.name, &b.error) == (&one.place.file, &one.name, &one.error));
        side.broken.iter().filter(|one| !known(one)).cloned().collect()
    };
    for broken in only(change.after, change.before) {
        let found = findings.of(RULE, Severity::Error).say(broken.error);
        found.at(broken.place.file, broken.place.line, None);
        found.help("mend it: Argo CD applies nothing of it and keeps the Applications that it has");
        found.object = (!broken.name.is_empty()).then(|| format!("ApplicationSet {}", broken.name));
    }
    for broken in only(change.before, change.after) {
        let object = (!broken.name.is_empty()).then(|| format!("ApplicationSet {}", broken.name));
        let reason = format!("it could not be read before: {}", broken.error);
        findings.unverified.push(Unverified { rule: RULE, path: Some(broken.place.file), object, reason });
    }
}
