//! Where an object or a field comes from, and where a file goes to.

mod field;
mod reach;

use std::path::{Path, PathBuf};

use gitops::affected::Reads;

use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::render::{self, Renderer, Target, identity};
use crate::repo::{nearest, yaml};

pub use reach::reach;

/// What is asked for: `namespace/Kind/name:field`, where namespace and field may be left out.
#[derive(Debug, PartialEq)]
pub struct Wanted {
    namespace: Option<String>,
    kind: String,
    name: String,
    /// Steps of `spec.containers[0].image`.
    field: Vec<String>,
}

impl Wanted {
    /// `None`: it is no name of an object.
    pub fn read(text: &str) -> Option<Self> {
        let (object, field) = match text.split_once(':') {
            // A name may have colons; a field has none.
            Some((object, field)) => (object, field),
            None => (text, ""),
        };
        let parts: Vec<&str> = object.split('/').collect();
        let (namespace, kind, name) = match parts.as_slice() {
            [kind, name] => (None, kind, name),
            [namespace, kind, name] => (Some(namespace.to_string()), kind, name),
            _ => return None,
        };
        let is_kind = kind.starts_with(|c: char| c.is_ascii_uppercase()) && !name.is_empty() && !kind.contains('.');
        is_kind.then(|| Wanted { namespace, kind: kind.to_string(), name: name.to_string(), field: steps(field) })
    }

    fn is(&self, object: &serde_json::Value) -> bool {
        let [kind, namespace, name, _] = identity(object);
        kind.eq_ignore_ascii_case(&self.kind) && name == self.name && self.namespace.as_deref().is_none_or(|wanted| wanted == namespace)
    }
}

/// `spec.list[0].x`, `spec.list[name].x`, `metadata.annotations["a.b/c"]`.
fn steps(field: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut rest = field.trim_start_matches('.');
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let end = inner.find(']').unwrap_or(inner.len());
            steps.push(inner.get(..end).unwrap_or_default().trim_matches(['"', '\'']).to_string());
            rest = inner.get(end + 1..).unwrap_or_default();
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            steps.push(rest.get(..end).unwrap_or_default().to_string());
            rest = rest.get(end..).unwrap_or_default();
        }
        rest = rest.trim_start_matches('.');
    }
    steps
}

/// Returns lines about every object that is meant, in the environment of the context.
/// Errors: usage, when there is none, with the nearest name.
pub fn object(cx: &Context, wanted: &Wanted) -> Result<Vec<String>> {
    let targets = render::targets(cx)?;
    let renderer = Renderer::of_repository(cx)?;
    let rendered = render::at_once(&targets, |target| renderer.application(&target.application, &target.capabilities));
    let (mut lines, mut names, mut broken) = (Vec::new(), Vec::new(), None);
    for (target, rendered) in targets.iter().zip(rendered) {
        let rendered = match rendered {
            Ok(rendered) => rendered,
            Err(e) => {
                broken = broken.or(Some(e));
                continue;
            }
        };
        for object in &rendered.objects {
            let [kind, namespace, name, _] = identity(&object.value);
            if wanted.is(&object.value) {
                lines.push(format!("{kind} {namespace}/{name}"));
                lines.extend(origin(cx, target, &object.source)?);
                if !wanted.field.is_empty() {
                    lines.extend(field::explain(cx, target, object, &wanted.field)?);
                }
            }
            names.push(format!("{kind}/{name}"));
        }
    }
    match broken {
        // What could not be rendered may have it.
        Some(e) if lines.is_empty() => Err(e),
        _ if lines.is_empty() => {
            let word = format!("{}/{}", wanted.kind, wanted.name);
            let e = Error::usage(format!("no Application of {} deploys {word}", cx.env()));
            Err(match nearest(&word, names.iter().map(String::as_str)) {
                Some(near) => e.hint(format!("did you mean it? cargo xtask why {near}")),
                None => e.hint("what there is: cargo xtask render"),
            })
        }
        _ => Ok(lines),
    }
}

fn origin(cx: &Context, target: &Target, source: &str) -> Result<Vec<String>> {
    let (set, line) = set(cx, &target.application.place.file)?;
    Ok(vec![
        format!("  Application     {}, wave {}", target.application.name(), target.wave),
        format!("  ApplicationSet  {set}  {}:{line}", target.application.place.file.display()),
        format!("  template        {source}"),
    ])
}

/// Name of the ApplicationSet in a file, and its line.
fn set(cx: &Context, file: &Path) -> Result<(String, usize)> {
    let path = cx.repo.root().join(file);
    let text = std::fs::read_to_string(&path).with_context(|| format!("could not read {}", file.display()))?;
    let value: serde_json::Value = yaml::parse(&text)?;
    let line = documents::positions(&text).get(0, "/metadata/name").and_then(|place| place.key).map_or(1, |key| key.line);
    Ok((value.pointer("/metadata/name").and_then(|name| name.as_str()).unwrap_or_default().to_string(), line))
}

/// Folders of the charts that a target is made of, its own first.
fn charts(cx: &Context, target: &Target) -> Vec<PathBuf> {
    let own = target.path().to_path_buf();
    let reads = Reads::of(cx.repo.root(), &target.application.value);
    let others = reads.paths().filter(|path| **path != own && cx.repo.root().join(path).join("Chart.yaml").is_file()).cloned();
    std::iter::once(own.clone()).chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_named_by_kind_and_name() {
        let wanted = Wanted::read("ecommerce/Rollout/order-api:spec.template.spec.containers[order].image").unwrap();
        assert_eq!((wanted.namespace.as_deref(), wanted.kind.as_str(), wanted.name.as_str()), (Some("ecommerce"), "Rollout", "order-api"));
        assert_eq!(wanted.field, ["spec", "template", "spec", "containers", "order", "image"]);
        assert_eq!(steps("metadata.annotations[\"a.b/c\"]"), ["metadata", "annotations", "a.b/c"]);
        assert_eq!(steps("a[0][1].b"), ["a", "0", "1", "b"]);
        assert!(["config/dev/order-service.yaml", "README.md", "charts/x", "Kind/"].iter().all(|text| Wanted::read(text).is_none()));
    }
}
