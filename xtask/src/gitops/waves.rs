//! The waves that the ApplicationSets of this repository describe: which Applications, in which order.
//!
//! It reads the one shape that this repository uses, a matrix of clusters and a list of components; a file of another
//! shape is an error, because a wave that nobody waits for would look like a healthy one.

use std::path::Path;

use serde::Deserialize;

use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::repo::yaml;

/// A wave of an environment, with the Applications that it generates there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wave {
    pub number: i64,
    /// Name of its ApplicationSet.
    pub name: String,
    pub components: Vec<Component>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    pub name: String,
    /// Name of its Application.
    pub application: String,
}

#[derive(Deserialize)]
struct ApplicationSet {
    metadata: Metadata,
    spec: Spec,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    #[serde(default)]
    annotations: std::collections::BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Spec {
    generators: Vec<Generator>,
    template: Template,
}

/// What every Application of the set is made from; only its name is read.
#[derive(Deserialize)]
struct Template {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Generator {
    matrix: Matrix,
}

#[derive(Deserialize)]
struct Matrix {
    generators: Vec<Child>,
}

#[derive(Deserialize)]
struct Child {
    clusters: Option<Clusters>,
    list: Option<List>,
}

#[derive(Deserialize)]
struct Clusters {
    selector: Selector,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Selector {
    match_expressions: Vec<Expression>,
}

#[derive(Deserialize)]
struct Expression {
    key: String,
    operator: String,
    #[serde(default)]
    values: Vec<String>,
}

#[derive(Deserialize)]
struct List {
    elements: Vec<Element>,
}

#[derive(Deserialize)]
struct Element {
    component: String,
}

/// The waves of this environment, in their order; a wave that has nothing for it is left out.
/// Errors: a file is not valid, or of another shape.
pub fn expected(cx: &Context) -> Result<Vec<Wave>> {
    let dir = cx.repo.argocd_dir().join("applicationsets");
    let entries = std::fs::read_dir(&dir).with_context(|| format!("could not read {}", cx.repo.shown(&dir)))?;
    let mut waves = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "yaml") {
            waves.push(read(&path, cx.env()).with_context(|| format!("could not read the wave of {}", cx.repo.shown(&path)))?);
        }
    }
    waves.retain(|w| !w.components.is_empty());
    waves.sort_by_key(|w| w.number);
    Ok(waves)
}

fn read(path: &Path, env: &str) -> Result<Wave> {
    let set: ApplicationSet = yaml::read(path)?;
    let number = set.metadata.annotations.get("argocd.argoproj.io/sync-wave").and_then(|n| n.parse().ok());
    let mut components = Vec::new();
    for generator in &set.spec.generators {
        let children = &generator.matrix.generators;
        if !generates_in(env, children.iter().filter_map(|c| c.clusters.as_ref()))? {
            continue;
        }
        for element in children.iter().filter_map(|c| c.list.as_ref()).flat_map(|l| &l.elements) {
            let application = application(&set.spec.template.metadata.name, &element.component, env)?;
            components.push(Component { name: element.component.clone(), application });
        }
    }
    Ok(Wave {
        number: number.ok_or_else(|| Error::failed("it has no annotation argocd.argoproj.io/sync-wave"))?,
        name: set.metadata.name,
        components,
    })
}

/// Do the selectors take the cluster Secret of this environment?
fn generates_in<'a>(env: &str, clusters: impl Iterator<Item = &'a Clusters>) -> Result<bool> {
    for expression in clusters.flat_map(|c| &c.selector.match_expressions).filter(|e| e.key == "c4ang.io/env") {
        match expression.operator.as_str() {
            "Exists" => {}
            "In" if expression.values.iter().any(|v| v == env) => {}
            "In" => return Ok(false),
            other => return Err(Error::failed(format!("its selector uses the operator {other}; Exists and In are known here"))),
        }
    }
    Ok(true)
}

/// The template's name, with what the files of this repository put into it.
fn application(template: &str, component: &str, env: &str) -> Result<String> {
    let name = template.replace("{{ .component }}", component).replace(r#"{{ index .metadata.labels "c4ang.io/env" }}"#, env);
    if name.contains("{{") {
        return Err(Error::failed(format!("the name of its Applications is not understood: {template}")));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn committed(env: &str) -> Vec<Wave> {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../argocd/applicationsets");
        let mut waves: Vec<Wave> = std::fs::read_dir(dir).unwrap().map(|e| read(&e.unwrap().path(), env).unwrap()).collect();
        waves.sort_by_key(|w| w.number);
        waves
    }

    #[test]
    fn every_committed_applicationset_is_a_wave() {
        let waves = committed("dev");
        let numbers: Vec<i64> = waves.iter().map(|w| w.number).collect();
        assert_eq!(numbers, [-1, 0, 1, 2, 3, 4, 30]);
        assert_eq!(waves[6].components.len(), 7);
        assert_eq!(waves[0].components[0].application, "namespaces-dev");
    }

    #[test]
    fn the_secrets_of_prod_are_a_wave_of_prod_only() {
        let of = |env| committed(env).into_iter().find(|w| w.name == "prod-secrets").unwrap().components;
        assert_eq!(of("dev"), []);
        let component = Component { name: "prod-secrets".to_string(), application: "prod-secrets".to_string() };
        assert_eq!(of("prod"), [component]);
    }

    #[test]
    fn a_name_or_a_selector_of_another_shape_is_refused() {
        assert!(application("{{ .component }}-{{ .name }}", "istio", "dev").is_err());
        let selector =
            Selector { match_expressions: vec![Expression { key: "c4ang.io/env".into(), operator: "NotIn".into(), values: vec![] }] };
        assert!(generates_in("dev", std::iter::once(&Clusters { selector })).is_err());
    }
}
