//! Checks of charts and values without a cluster: no key twice, Helm's own lint, and the golden renders, in every environment.

use std::path::{Path, PathBuf};

use super::{Report, Verdict, expect};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::render::{self, Mode, Renderer, golden};
use crate::repo::{files, yaml};
use crate::ui::count;

/// Everything of these that is YAML is read; templates are not YAML.
const FOLDERS: [&str; 5] = ["argocd", "bootstrap", "charts", "config", "environments"];

pub fn run(cx: &Context, report: &mut Report<'_>) -> Result<()> {
    if !report.check("keys", || keys(cx))? {
        report.skip("helm lint, golden renders", "not every file can be read");
        return Ok(());
    }
    report.check("helm lint", || lint(cx))?;
    report.check("golden renders", || compare(cx))?;
    Ok(())
}

/// Helm itself keeps the last of two equal keys without a word.
fn keys(cx: &Context) -> Result<Verdict> {
    let all = yaml_files(cx.repo.root());
    let broken: Vec<Error> = all.iter().filter_map(|path| yaml::read_all(&cx.repo.root().join(path)).err()).collect();
    expect(broken.is_empty(), format!("{} cannot be read", count(broken.len(), "file"))).map_err(|e| {
        let shown = |text: &str| text.replace(&format!("{}/", cx.repo.root().display()), "");
        broken.iter().fold(e, |e, b| e.cause(shown(&b.one_line())))
    })?;
    Ok(Verdict::Passed(format!("{} of YAML, no key twice", count(all.len(), "file"))))
}

/// YAML of the repository, from its root; of a chart what is not a template.
fn yaml_files(root: &Path) -> Vec<PathBuf> {
    let all = FOLDERS.iter().flat_map(|folder| files::below(root, Path::new(folder)));
    let is_template = |path: &Path| path.components().any(|part| part.as_os_str() == "templates");
    all.filter(|path| path.extension().is_some_and(|e| e == "yaml") && !is_template(path)).collect()
}

/// `helm lint --strict` of every chart with the values of every environment.
fn lint(cx: &Context) -> Result<Verdict> {
    let places = golden::places(cx, None)?;
    let all: Vec<_> = places.iter().flat_map(|place| &place.targets).collect();
    let charts: Vec<_> = all.into_iter().filter(|target| target.is_chart()).collect();
    let renderer = Renderer::of_repository(cx)?;
    let linted = render::at_once(&charts, |target| target.lint(&renderer));
    golden::together(linted.into_iter(), "`helm lint --strict` finds something")?;
    let envs: Vec<&str> = places.iter().map(|place| place.cx.env()).collect();
    Ok(Verdict::Passed(format!("{} pass --strict, in {}", count(charts.len(), "component"), envs.join(" and "))))
}

fn compare(cx: &Context) -> Result<Verdict> {
    let outcome = golden::run(cx, None, Mode::Check)?;
    if outcome.differences.is_empty() {
        let looked = format!("{} of {}", count(outcome.objects, "object"), count(outcome.components, "component"));
        return Ok(Verdict::Passed(format!("{looked} as committed, and the documentation of the charts")));
    }
    let what = format!("{} not what the charts render", count(outcome.differences.len(), "file"));
    let listed = outcome.differences.iter().map(|(path, lines)| format!("{}\n    {}", path.display(), lines.join("\n    ")));
    let e = listed.fold(Error::failed(what), Error::cause);
    Err(e.hint(format!("if that is meant: {}", golden::REFRESH)))
}
