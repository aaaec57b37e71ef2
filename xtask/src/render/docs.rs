//! The generated documentation: `charts/README.md`, the table of values of each chart beside it, and `docs/rules.md`.
//!
//! Comments in `values.yaml` are the only source of what a value means.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::golden::{REFRESH, Rendered};
use super::identity;
use crate::context::Context;
use crate::error::{Context as _, Result};
use crate::repo::{Repo, keys, yaml};

/// Characters of a value that a cell shows.
const WIDTH: usize = 60;

/// Folders of charts that bring no values of their own kind: they set those of a library.
const CONSUMERS: &str = "charts/services";

/// Returns the files with their texts: paths from the root.
pub fn files(cx: &Context, rendered: &[Rendered]) -> Result<Vec<(PathBuf, String)>> {
    let mut charts = Vec::new();
    find_charts(&cx.repo, Path::new("charts"), &mut charts)?;
    charts.sort();
    let mut files = Vec::new();
    for chart in charts.iter().filter(|chart| !chart.starts_with(CONSUMERS) && cx.repo.root().join(chart).join("values.yaml").is_file()) {
        files.push((chart.join("README.md"), chart_page(&cx.repo, chart)?));
    }
    if !charts.is_empty() {
        let pages: Vec<PathBuf> = files.iter().map(|(path, _)| path.clone()).collect();
        files.push((PathBuf::from("charts/README.md"), overview(cx, rendered, &pages)?));
    }
    // The rules are this program's: their page belongs where their files are.
    if cx.repo.root().join("xtask/crates/lint/src/rules").is_dir() {
        files.push((PathBuf::from("docs/rules.md"), lint::manual::page(REFRESH)));
    }
    Ok(files)
}

fn find_charts(repo: &Repo, path: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let dir = repo.root().join(path);
    if !dir.is_dir() {
        return Ok(());
    }
    if dir.join("Chart.yaml").is_file() {
        found.push(path.to_path_buf());
        return Ok(());
    }
    for entry in std::fs::read_dir(&dir)? {
        find_charts(repo, &path.join(entry?.file_name()), found)?;
    }
    Ok(())
}

fn head() -> String {
    format!("<!-- Written by `{REFRESH}` from the charts, their values and what they render. -->\n\n")
}

fn chart_page(repo: &Repo, chart: &Path) -> Result<String> {
    let about: Value = yaml::read(&repo.root().join(chart).join("Chart.yaml"))?;
    let file = chart.join("values.yaml");
    let text = std::fs::read_to_string(repo.root().join(&file)).with_context(|| format!("could not read {}", file.display()))?;
    let defaults: Value = yaml::parse(&text).with_context(|| format!("{} is not valid", file.display()))?;
    let word = |key: &str| about[key].as_str().unwrap_or_default();
    let mut page = head() + &format!("# {}\n\n{}.\n\n", word("name"), word("description").trim_end_matches('.'));
    page.push_str("Defaults of [values.yaml](values.yaml); `config/<environment>/` replaces what differs there.\n\n");
    page.push_str("| key | default | what it is |\n|---|---|---|\n");
    for key in keys::scan(&text) {
        let value = key.path.iter().try_fold(&defaults, |value, name| value.get(name)).unwrap_or(&Value::Null);
        let has_keys = value.as_object().is_some_and(|map| !map.is_empty()) && is_block(&text, key.line);
        if has_keys && key.comment.is_empty() {
            continue;
        }
        let default = if has_keys { String::new() } else { code(value) };
        page.push_str(&format!("| `{}` | {default} | {} |\n", key.path.join("."), cell(&key.comment)));
    }
    Ok(page)
}

/// Do the keys of a map stand on lines of their own, below the line of its name?
fn is_block(text: &str, line: usize) -> bool {
    let line = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    !line.split_once(": ").is_some_and(|(_, rest)| rest.trim_start().starts_with('{'))
}

fn overview(cx: &Context, rendered: &[Rendered], pages: &[PathBuf]) -> Result<String> {
    let mut text = head();
    text.push_str(
        "# Charts\n\nThe charts are the same everywhere. What differs is in `config/<environment>/<component>.yaml`; `golden/` has what comes\n\
         out. A component that stands in only some environments names them.\n\n",
    );
    text.push_str("| component | wave | namespace | environments | kinds |\n|---|---:|---|---|---|\n");
    for (name, places) in by_component(rendered) {
        let Some((_, target, _)) = places.first() else { continue };
        let envs: Vec<&str> = places.iter().map(|(place, ..)| place.cx.env()).collect();
        let source = Path::new("..").join(target.path());
        let link = source.strip_prefix("../charts").unwrap_or(&source).display();
        let namespace = target.application.namespace();
        text.push_str(&format!("| [{name}]({link}) | {} | {namespace} | {} | {} |\n", target.wave, envs.join(", "), kinds(&places)));
    }
    text.push_str("\n## Values\n\nEvery key with its default and what it is:\n\n");
    for page in pages {
        let link = page.strip_prefix("charts").unwrap_or(page);
        text.push_str(&format!("- [{}]({})\n", link.parent().unwrap_or(link).display(), link.display()));
    }
    text.push_str("\nThe services have one library and so one table, that of `library/service`.\n");
    text.push_str("\n## What the environments set differently\n\nFrom `config/`; `–` means the default of the chart.\n");
    for (name, places) in by_component(rendered) {
        let envs: Vec<&str> = places.iter().map(|(place, ..)| place.cx.env()).collect();
        text.push_str(&switches(cx, name, &envs)?);
    }
    Ok(text)
}

/// In the order of waves; within one by name, those of the first environment first.
fn by_component<'a, 'b>(rendered: &'b [Rendered<'a>]) -> Vec<(&'a str, Vec<&'b Rendered<'a>>)> {
    let mut all: Vec<(&str, Vec<&Rendered>)> = Vec::new();
    for one in rendered {
        let name = one.1.component.name.as_str();
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some((_, places)) => places.push(one),
            None => all.push((name, vec![one])),
        }
    }
    all.sort_by_key(|(_, places)| places.first().map(|(_, target, _)| target.wave));
    all
}

/// The kinds, each with the environments that have it where not all do.
fn kinds(places: &[&Rendered]) -> String {
    let mut kinds: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (place, _, objects) in places {
        for object in objects {
            kinds.entry(identity(object)[0]).or_default().insert(place.cx.env());
        }
    }
    let shown = kinds.into_iter().map(|(kind, envs)| match envs.len() == places.len() {
        true => kind.to_string(),
        false => format!("{kind} ({})", envs.into_iter().collect::<Vec<_>>().join(", ")),
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// A table of the keys that the files of the environments do not share; nothing where there are no two files.
fn switches(cx: &Context, component: &str, envs: &[&str]) -> Result<String> {
    let mut set = Vec::new();
    for env in envs {
        let file = cx.repo.root().join("config").join(env).join(format!("{component}.yaml"));
        if !file.is_file() {
            return Ok(String::new());
        }
        let mut leaves = BTreeMap::new();
        flatten(&yaml::read(&file)?, String::new(), &mut leaves);
        set.push(leaves);
    }
    let all: BTreeSet<&String> = set.iter().flat_map(BTreeMap::keys).collect();
    let differs = |key: &&String| set.windows(2).any(|pair| pair.first().map(|m| m.get(*key)) != pair.last().map(|m| m.get(*key)));
    let keys: Vec<&String> = all.into_iter().filter(differs).collect();
    if keys.is_empty() {
        return Ok(String::new());
    }
    let mut text = format!("\n### {component}\n\n| key | {} |\n|---|{}\n", envs.join(" | "), "---|".repeat(envs.len()));
    for key in keys {
        let cells: Vec<String> = set.iter().map(|leaves| leaves.get(key).map_or("–".into(), code)).collect();
        text.push_str(&format!("| `{key}` | {} |\n", cells.join(" | ")));
    }
    Ok(text)
}

/// Every value that is no map with keys, by its path.
fn flatten(value: &Value, at: String, leaves: &mut BTreeMap<String, Value>) {
    match value.as_object().filter(|map| !map.is_empty()) {
        Some(map) => {
            for (key, value) in map {
                flatten(value, if at.is_empty() { key.clone() } else { format!("{at}.{key}") }, leaves);
            }
        }
        None => drop((!at.is_empty()).then(|| leaves.insert(at, value.clone()))),
    }
}

/// A value as code of bounded length.
fn code(value: &Value) -> String {
    let text = match value {
        Value::String(text) if !text.is_empty() && !text.contains('\n') => text.clone(),
        other => other.to_string(),
    };
    let text = if text.chars().count() <= WIDTH { text } else { text.chars().take(WIDTH).collect::<String>() + "…" };
    format!("`{}`", text.replace('`', "'").replace('|', "\\|"))
}

/// Text that does not end its cell; what stands in backticks is as it is.
fn cell(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(i, part)| if i % 2 == 0 { part.replace('<', "\\<") } else { part.to_string() });
    parts.collect::<Vec<_>>().join("`").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_a_page_with_its_keys_defaults_and_comments() {
        let dir = tempfile::tempdir().unwrap();
        ["environments", "argocd", "charts/a"].iter().for_each(|name| std::fs::create_dir_all(dir.path().join(name)).unwrap());
        std::fs::write(dir.path().join("charts/a/Chart.yaml"), "name: a\ndescription: Shows it\n").unwrap();
        let values = "# Head.\n\n# How many.\nreplicas: 2  # each | one\nimage:\n  tag: \"1.10\"\n# What it may take.\nresources:\n  cpu: {a: 1}\nnone: []\n";
        std::fs::write(dir.path().join("charts/a/values.yaml"), values).unwrap();
        let repo = Repo::find(Some(dir.path()), dir.path()).unwrap();
        let page = chart_page(&repo, Path::new("charts/a")).unwrap();
        let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
        let wanted = [
            "| `replicas` | `2` | How many. each \\| one |",
            "| `image.tag` | `1.10` |  |",
            "| `resources` |  | What it may take. |",
            "| `resources.cpu` | `{\"a\":1}` |  |",
            "| `none` | `[]` |  |",
        ];
        assert_eq!(rows, wanted);
        assert!(page.contains("\n# a\n\nShows it.\n"), "{page}");
    }

    #[test]
    fn leaves_are_values_and_empty_maps() {
        let mut leaves = BTreeMap::new();
        flatten(&serde_json::json!({ "a": { "b": 1, "c": [2] }, "d": {} }), String::new(), &mut leaves);
        assert_eq!(leaves.into_iter().map(|(k, v)| format!("{k} {v}")).collect::<Vec<_>>(), ["a.b 1", "a.c [2]", "d {}"]);
    }
}
