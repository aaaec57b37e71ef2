//! The waves that the ApplicationSets of this repository describe: which Applications, in which order.
//!
//! It reads the one shape that this repository uses: matrices of clusters, chosen by the labels of their Secrets, and a list
//! of components. A file of another shape is an error, because a wave that nobody waits for would look like a healthy one.

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

#[derive(Deserialize)]
struct Generator {
    matrix: Matrix,
}

#[derive(Deserialize)]
struct Matrix {
    generators: (Clusters, List),
}

#[derive(Deserialize)]
struct Clusters {
    clusters: Selected,
}

#[derive(Deserialize)]
struct Selected {
    selector: Selector,
}

/// A selector by the environment; by anything else, the file is of another shape.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Selector {
    match_expressions: Vec<Expression>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Expression {
    key: EnvironmentLabel,
    operator: Operator,
    #[serde(default)]
    values: Vec<String>,
}

#[derive(Deserialize)]
enum EnvironmentLabel {
    #[serde(rename = "c4ang.io/env")]
    Env,
}

#[derive(Deserialize)]
enum Operator {
    Exists,
    In,
    NotIn,
}

#[derive(Deserialize)]
struct List {
    list: Elements,
}

#[derive(Deserialize)]
struct Elements {
    elements: Vec<Element>,
}

#[derive(Deserialize)]
struct Element {
    component: String,
}

#[derive(Deserialize)]
struct Template {
    metadata: TemplateMetadata,
}

#[derive(Deserialize)]
struct TemplateMetadata {
    name: String,
}

impl Selector {
    fn takes(&self, env: &str) -> bool {
        self.match_expressions.iter().all(|Expression { key: EnvironmentLabel::Env, operator, values }| match operator {
            Operator::Exists => true,
            Operator::In => values.iter().any(|v| v == env),
            Operator::NotIn => values.iter().all(|v| v != env),
        })
    }
}

/// The waves of this environment, in their order. Errors: a file is not valid, or of another shape.
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
    // A wave may be there for other environments only.
    waves.retain(|wave: &Wave| !wave.components.is_empty());
    waves.sort_by_key(|w| w.number);
    Ok(waves)
}

fn read(path: &Path, env: &str) -> Result<Wave> {
    let set: ApplicationSet = yaml::read(path)?;
    let number = set.metadata.annotations.get("argocd.argoproj.io/sync-wave").and_then(|n| n.parse().ok());
    let template = &set.spec.template.metadata.name;
    let mut components = Vec::new();
    for Generator { matrix: Matrix { generators: (clusters, list) } } in set.spec.generators {
        if clusters.clusters.selector.takes(env) {
            for element in list.list.elements {
                components.push(Component { application: application(template, &element.component, env)?, name: element.component });
            }
        }
    }
    Ok(Wave {
        number: number.ok_or_else(|| Error::failed("it has no annotation argocd.argoproj.io/sync-wave"))?,
        name: set.metadata.name,
        components,
    })
}

/// The name that a template gives to the Application of a component.
fn application(template: &str, component: &str, env: &str) -> Result<String> {
    let name = template.replace("{{ .component }}", component).replace("{{ index .metadata.labels \"c4ang.io/env\" }}", env);
    if name.contains("{{") {
        return Err(Error::failed(format!("its template names Applications in a way that is not known here: {template}")));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_committed_applicationset_is_a_wave() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../argocd/applicationsets");
        let names = |env: &str| {
            let files = std::fs::read_dir(&dir).unwrap();
            let mut waves: Vec<Wave> = files.map(|e| read(&e.unwrap().path(), env).unwrap()).collect();
            waves.sort_by_key(|w| w.number);
            waves.into_iter().map(|w| (w.number, w.components)).collect::<Vec<_>>()
        };
        let dev = names("dev");
        assert_eq!(dev.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [-1, 0, 1, 2, 3, 4, 10, 30]);
        assert_eq!(dev[0].1[0].application, "namespaces-dev");
        assert_eq!(dev.last().unwrap().1.len(), 7);
        assert!(dev[1].1.is_empty(), "the Secrets of prod are for prod only");
        let prod = names("prod");
        assert_eq!([&prod[1].1[0].application, &prod[2].1[0].application], ["prod-secrets", "external-services-prod"]);
    }

    #[test]
    fn a_list_may_be_for_some_environments_only() {
        let text = |expression: &str, name: &str| {
            format!(
                "{{metadata: {{name: kafka, annotations: {{argocd.argoproj.io/sync-wave: '10'}}}}, spec: {{\n\
                 generators: [{{matrix: {{generators: [{{clusters: {{selector: {{matchExpressions: [{expression}]}}}}}},\
                 {{list: {{elements: [{{component: a}}, {{component: b}}]}}}}]}}}}],\n template: {{metadata: {{name: '{name}'}}}}}}}}"
            )
        };
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.yaml");
        let read = |text: String, env: &str| {
            std::fs::write(&path, text).unwrap();
            read(&path, env).map(|w| w.components.into_iter().map(|c| c.application).collect::<Vec<_>>())
        };
        let in_prod = "{key: c4ang.io/env, operator: In, values: [prod]}";
        assert_eq!(read(text(in_prod, "{{ .component }}-x"), "prod").unwrap(), ["a-x", "b-x"]);
        assert!(read(text(in_prod, "{{ .component }}-x"), "dev").unwrap().is_empty());
        assert!(read(text("{key: c4ang.io/engine, operator: Exists}", "x"), "dev").is_err(), "who knows what it selects");
        assert!(read(text(in_prod, "{{ .name }}"), "prod").is_err(), "who knows what it is called");
    }
}
