//! Which Applications a file reaches, per environment.

use std::path::Path;

use gitops::affected::Reads;
use serde_json::Value;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::render::{self, Target};
use crate::repo::{nearest, yaml};
use crate::ui::count;

/// Returns lines, one group for each environment. `file` is from the root. Errors: usage, when there is no such file.
pub fn reach(cx: &Context, file: &str) -> Result<Vec<String>> {
    let path = cx.repo.root().join(file);
    if !path.exists() {
        let folder = Path::new(file).parent().unwrap_or(Path::new(""));
        let entries = std::fs::read_dir(cx.repo.root().join(folder)).into_iter().flatten().flatten();
        let known: Vec<String> = entries.map(|entry| folder.join(entry.file_name()).display().to_string()).collect();
        let e = Error::usage(format!("there is no file `{file}`, and it is no object such as Rollout/order-api"));
        return Err(match nearest(file, known.iter().map(String::as_str)) {
            Some(near) => e.hint(format!("did you mean it? cargo xtask why {near}")),
            None => e,
        });
    }
    let mut lines = Vec::new();
    for env in environments(cx) {
        let there = cx.in_environment(&env)?;
        let mut found = Vec::new();
        for target in render::targets(&there)? {
            if let Some(how) = how(&there, &target, file, &env) {
                found.push(format!("  {}  {how}", target.application.name()));
            }
        }
        if !found.is_empty() {
            lines.push(format!("{env}: {}", count(found.len(), "Application")));
            lines.extend(found);
        }
    }
    if lines.is_empty() {
        lines.push(format!("{file} reaches no Application"));
    }
    Ok(lines)
}

fn environments(cx: &Context) -> Vec<String> {
    let entries = std::fs::read_dir(cx.repo.environments_dir()).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| cx.repo.environment_file(name).is_file());
    names.sort();
    names
}

/// In which way an Application depends on a file, if it does.
fn how(cx: &Context, target: &Target, file: &str, env: &str) -> Option<String> {
    let set = target.application.place.file.display().to_string();
    if file == set {
        return Some("its ApplicationSet".to_string());
    }
    if file == cx.repo.shown(&cx.repo.environment_file(env)) {
        return Some("the description of its environment".to_string());
    }
    let bootstrap = cx.repo.shown(&cx.repo.bootstrap_dir().join("root-application.yaml"));
    if file == bootstrap {
        return Some("the root that deploys its ApplicationSet".to_string());
    }
    if let Some(project) = project(cx, file) {
        let set: Value = yaml::read(&cx.repo.root().join(&set)).ok()?;
        let is = set.pointer("/spec/template/spec/project").and_then(Value::as_str) == Some(&project);
        return is.then(|| "its AppProject".to_string());
    }
    let reads = Reads::of(cx.repo.root(), &target.application.value);
    if !reads.has(file) {
        return None;
    }
    let own = Path::new(file).starts_with(target.path());
    let chart = reads.paths().find(|path| Path::new(file).starts_with(path) && cx.repo.root().join(path).is_dir());
    Some(match chart {
        _ if own && target.is_chart() => "its chart".to_string(),
        _ if own => "its folder".to_string(),
        Some(chart) => format!("through the chart {}", chart.display()),
        None => "a file of its values".to_string(),
    })
}

/// The name of the AppProject in a file, if it is one.
fn project(cx: &Context, file: &str) -> Option<String> {
    if !Path::new(file).starts_with(cx.repo.shown(&cx.repo.argocd_dir())) {
        return None;
    }
    let all = yaml::read_all(&cx.repo.root().join(file)).ok()?;
    all.iter()
        .find(|object| object["kind"] == "AppProject")
        .and_then(|object| Some(object.pointer("/metadata/name")?.as_str()?.to_string()))
}
