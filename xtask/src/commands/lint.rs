//! `cargo xtask lint`: what is wrong in the tree, over all of its files at once.

use std::collections::BTreeSet;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use lint::index::Input;
use lint::report::{self, Looked, Report};
use lint::rules::{self, ALL, Entry};
use lint::{Outcome, Severity, Wish, baseline, manual};

use crate::context::Context;
use crate::error::{Context as _, Error, Exit, Result};
use crate::repo::files::write_if_changed;
use crate::repo::nearest;
use crate::survey::{self, changed};
use crate::ui::{Paint, count};

/// Look for mistakes in files, Applications and rendered objects, and between them; no cluster
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: all\n\nEvery environment counts, unless --env names one. Exit code 1: a finding is an error.\n\nA finding is allowed by a comment on the line above, `# xtask-lint: allow(RULE): reason`, by `allow-file(RULE): reason` anywhere in the file, or by an entry of xtask-lint.toml:\n  [[allow]]\n  rule = \"dangling-host\"\n  path = \"config/dev/*\"       # or object, application, environment, message\n  reason = \"the office's name server answers for it\"\n\nExamples:\n  cargo xtask lint\n  cargo xtask lint --changed --format github\n  cargo xtask lint --explain dangling-host"
)]
pub struct Args {
    /// How it is printed
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    format: Format,
    /// Write it to this file instead of printing it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Only these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    rule: Vec<String>,
    /// Warnings count as errors
    #[arg(long)]
    deny_warnings: bool,
    /// Leave out the findings that this file has
    #[arg(long, value_name = "FILE", conflicts_with = "write_baseline")]
    baseline: Option<PathBuf>,
    /// Write the findings to this file, for --baseline
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
    /// Only findings that changed files can have caused
    #[arg(long)]
    changed: bool,
    /// Revision that files have changed since [default: where this branch left main]
    #[arg(long, value_name = "REV", requires = "changed")]
    base: Option<String>,
    /// Print what a rule finds, why, and how to mend it
    #[arg(long, value_name = "RULE", conflicts_with_all = ["list", "changed", "baseline", "write_baseline"])]
    explain: Option<String>,
    /// Print all rules
    #[arg(long, conflicts_with_all = ["changed", "baseline", "write_baseline"])]
    list: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
    Sarif,
    Github,
}

pub fn run(args: &Args, cx: &Context) -> Result<Exit> {
    if cx.plan {
        cx.ui.out("`lint` only looks: it changes nothing, so it has no plan");
        return Ok(Exit::Done);
    }
    if let Some(id) = &args.explain {
        cx.ui.out(manual::explain(known(id)?, cx.ui.has_color()));
        return Ok(Exit::Done);
    }
    if args.list {
        list(cx);
        return Ok(Exit::Done);
    }
    for id in &args.rule {
        known(id)?;
    }
    // The process ends with it: taking it apart takes a tenth of the whole time.
    let input = ManuallyDrop::new(survey::survey(cx)?);
    let wish = Wish { rules: &args.rule, is_part: cx.env_wish().is_some() };
    let Outcome { mut findings, suppressed } = lint::run(&input, wish);
    if args.changed {
        let files = changed::files(cx, args.base.as_deref())?;
        findings.found.retain(|finding| changed::concerns(cx.repo.root(), &input, &files, finding));
    }
    if let Some(file) = &args.write_baseline {
        write(file, &baseline::write(&findings.found))?;
        cx.ui.note(format!("{} written to {}", count(findings.found.len(), "finding"), file.display()));
        return Ok(Exit::Done);
    }
    let mut known = 0;
    if let Some(file) = &args.baseline {
        let text = std::fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?;
        let not_one = |line: usize| {
            Error::failed(format!("{}:{line}: no line of a baseline", file.display()))
                .hint(format!("write it anew: cargo xtask lint --write-baseline {}", file.display()))
        };
        let (hidden, gone) = baseline::apply(&text, &mut findings.found).map_err(not_one)?;
        known = hidden;
        if !gone.is_empty() && !args.changed {
            cx.ui.note(format!("{} of {} no longer there", count(gone.len(), "finding"), file.display()));
        }
    }
    let report = Report {
        findings: &findings.found,
        unverified: &findings.unverified,
        suppressed,
        known,
        looked: looked(&input),
        files: &input.files,
    };
    print(args, cx, &report)?;
    let fails = |severity| severity == Severity::Error || args.deny_warnings && severity == Severity::Warning;
    Ok(if report.findings.iter().any(|finding| fails(finding.severity)) { Exit::Problems } else { Exit::Done })
}

/// The rule of this id. Errors: usage, when there is none.
fn known(id: &str) -> Result<&'static Entry> {
    rules::find(id).ok_or_else(|| {
        let near = nearest(id, ALL.iter().map(|entry| entry.rule.meta().id));
        let error = Error::usage(format!("there is no rule `{id}`"));
        match near {
            Some(near) => error.hint(format!("did you mean it: cargo xtask lint --explain {near}")),
            None => error.hint("see all of them: cargo xtask lint --list"),
        }
    })
}

fn list(cx: &Context) {
    let width = ALL.iter().map(|entry| entry.rule.meta().id.len()).max().unwrap_or_default();
    let mut group = "";
    for entry in ALL {
        if entry.group != group {
            let gap = if group.is_empty() { "" } else { "\n" };
            group = entry.group;
            cx.ui.out(format!("{gap}{}", cx.ui.paint(Paint::Bold, group)));
        }
        let meta = entry.rule.meta();
        let compares = if entry.compares() { "  (cargo xtask diff)" } else { "" };
        cx.ui.out(format!("  {:width$}  {:7}  {}{compares}", meta.id, meta.severity.name(), entry.summary().trim_end_matches('.')));
    }
}

fn print(args: &Args, cx: &Context, report: &Report<'_>) -> Result<()> {
    let text = match args.format {
        Format::Text => report::text(report, args.out.is_none() && cx.ui.has_color()),
        Format::Json => serde_json::to_string_pretty(&report::json(report))?,
        Format::Sarif => serde_json::to_string_pretty(&report::sarif(report, env!("CARGO_PKG_VERSION")))?,
        Format::Github => report::github(report),
    };
    match &args.out {
        Some(file) => write(file, &(text + "\n"))?,
        None if text.is_empty() => {}
        None => cx.ui.out(text),
    }
    unverified(cx, report);
    cx.ui.note(report.summary());
    Ok(())
}

/// What could not be decided, by rule; each of them when the user wants to know more.
fn unverified(cx: &Context, report: &Report<'_>) {
    let rules: BTreeSet<&str> = report.unverified.iter().map(|unverified| unverified.rule).collect();
    for rule in rules {
        let all: Vec<_> = report.unverified.iter().filter(|unverified| unverified.rule == rule).collect();
        let Some(first) = all.first() else { continue };
        let what = first.object.clone().or_else(|| first.path.as_ref().map(|path| path.display().to_string())).unwrap_or_default();
        let more = if all.len() > 1 { format!(", and {} more (-v)", all.len() - 1) } else { String::new() };
        cx.ui.note(format!("not verified: {rule}: {what}: {}{more}", first.reason));
        for unverified in all.iter().skip(1) {
            let path = unverified.path.as_ref().map(|path| format!("{}: ", path.display())).unwrap_or_default();
            cx.ui.verbose(format!("  {path}{}: {}", unverified.object.as_deref().unwrap_or_default(), unverified.reason));
        }
    }
}

fn looked(input: &Input) -> Looked {
    let applications = || input.planes.iter().flat_map(|plane| &plane.applications);
    Looked {
        files: input.files.len(),
        applications: applications().count(),
        objects: applications().filter_map(|deployed| deployed.objects.as_ref().ok()).map(Vec::len).sum(),
        environments: input.planes.iter().filter_map(|plane| plane.environment.clone()).collect(),
    }
}

fn write(file: &Path, text: &str) -> Result<()> {
    write_if_changed(file, text.as_bytes(), 0o644).map(drop)
}
