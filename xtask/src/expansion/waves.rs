//! The waves of an environment: which Applications its ApplicationSets generate, in which order.

use std::path::Path;

use gitops::model::{Application, Document, Expansion, Kind, Place};
use serde_json::Value;

use super::World;
use crate::context::Context;
use crate::error::{Context as _, Error, Result};

/// Says in an ApplicationSet when it is applied.
const WAVE: &str = "/metadata/annotations/argocd.argoproj.io~1sync-wave";

/// Names the component that an Application deploys.
const COMPONENT: &str = "/metadata/labels/app.kubernetes.io~1component";

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

/// The waves of this environment, in their order. Errors: those of [`deployed`].
pub fn expected(cx: &Context) -> Result<Vec<Wave>> {
    Ok(deployed(cx)?.into_iter().map(|(wave, _)| wave).collect())
}

/// The waves of this environment, in their order, each with the Applications of its components in theirs.
///
/// Errors: Argo CD would refuse an ApplicationSet, or it cannot be told what it generates; one says no wave. A wave that nobody waits
/// for would look like a healthy one.
pub fn deployed(cx: &Context) -> Result<Vec<(Wave, Vec<Application>)>> {
    let dir = cx.repo.argocd_dir().join("applicationsets");
    // A folder that is not there would be a repository without waves.
    std::fs::read_dir(&dir).with_context(|| format!("could not read {}", cx.repo.shown(&dir)))?;
    waves(super::of_environment(cx)?, Path::new(&cx.repo.shown(&dir)))
}

/// The waves that the ApplicationSets of a folder are.
fn waves(world: World, folder: &Path) -> Result<Vec<(Wave, Vec<Application>)>> {
    let inside = |place: &Place| place.file.parent() == Some(folder);
    if let Some(problem) = world.forest.problems.iter().find(|problem| inside(&problem.place)) {
        return Err(Error::failed(problem.what.clone())).with_context(|| unreadable(&problem.place));
    }
    let mut waves = Vec::new();
    for expansion in world.forest.expansions {
        if expansion.kind == Kind::ApplicationSet && inside(&expansion.place) {
            let place = expansion.place.clone();
            waves.push(wave(&world.ground.documents, expansion).with_context(|| unreadable(&place))?);
        }
    }
    // A wave may be there for other environments only.
    waves.retain(|(_, applications)| !applications.is_empty());
    waves.sort_by_key(|(wave, _)| wave.number);
    Ok(waves)
}

fn unreadable(place: &Place) -> String {
    format!("could not read the wave of {}", place.file.display())
}

/// The wave that an ApplicationSet is.
fn wave(documents: &[Document], expansion: Expansion) -> Result<(Wave, Vec<Application>)> {
    if let Some(what) = expansion.error.as_ref().or(expansion.unverified.first().map(|unverified| &unverified.reason)) {
        return Err(Error::failed(format!("{}: {what}", expansion.name)));
    }
    let set = documents.iter().find(|document| document.place == expansion.place && document.kind == expansion.kind);
    let number = set.and_then(|set| set.value.pointer(WAVE)?.as_str()?.parse().ok());
    let number = number.ok_or_else(|| Error::failed("it has no annotation argocd.argoproj.io/sync-wave"))?;
    let components = expansion.applications.iter().map(|application| {
        let name = application.value.pointer(COMPONENT).and_then(Value::as_str).unwrap_or(application.name());
        Component { name: name.to_string(), application: application.name().to_string() }
    });
    Ok((Wave { number, name: expansion.name, components: components.collect() }, expansion.applications))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gitops::clusters::{ControlPlane, Own};

    fn of(root: &Path, env: &str, engine: &str) -> Result<Vec<(Wave, Vec<Application>)>> {
        let own = Own { env, name: "c", values: engine, url: "https://git.example/shop.git", revision: "main" };
        let world = super::super::of_plane(root, ControlPlane::with(&own).unwrap(), &|_, _| Ok(Vec::new()));
        waves(world, Path::new("argocd/applicationsets"))
    }

    #[test]
    fn every_committed_applicationset_is_a_wave() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let names =
            |env: &str| of(&root, env, "k3d").unwrap().into_iter().map(|(wave, _)| (wave.number, wave.components)).collect::<Vec<_>>();
        let dev = names("dev");
        assert_eq!(dev.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [-1, 1, 2, 3, 4, 10, 30], "the Secrets of prod are for prod only");
        assert_eq!((dev[0].1[0].name.as_str(), dev[0].1[0].application.as_str()), ("namespaces", "namespaces-dev"));
        assert_eq!(dev.last().unwrap().1.len(), 7);
        let prod = names("prod");
        assert_eq!([&prod[1].1[0].application, &prod[2].1[0].application], ["prod-secrets", "external-services-prod"]);
    }

    #[test]
    fn an_application_takes_the_values_of_its_environment_and_of_the_engine() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let waves = of(&root, "dev", "kwok").unwrap();
        let of_all = waves.iter().flat_map(|(_, applications)| applications);
        let service = of_all.into_iter().find(|application| application.name() == "order-service-dev").unwrap();
        let source = service.sources().into_iter().find(|source| source.get("path").is_some()).unwrap();
        assert_eq!((&source["path"], service.namespace()), (&"charts/services/order-service".into(), "ecommerce"));
        let files = serde_json::json!(["values.yaml", "$values/config/dev/order-service.yaml", "$values/config/engine/kwok.yaml"]);
        assert_eq!((&source["helm"]["releaseName"], &source["helm"]["valueFiles"]), (&"order-service-dev".into(), &files));
    }

    /// Names of Applications, or the error.
    fn read(set: &str, env: &str) -> std::result::Result<Vec<String>, String> {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("argocd/applicationsets");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("a.yaml"), set).unwrap();
        let applications = |waves: Vec<(Wave, _)>| waves.into_iter().flat_map(|(wave, _)| wave.components).map(|c| c.application).collect();
        of(dir.path(), env, "k3d").map(applications).map_err(|e| e.one_line())
    }

    fn text(annotations: &str, expression: &str, name: &str) -> String {
        format!(
            "{{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, metadata: {{name: kafka, annotations: {annotations}}}, spec: {{\n\
             goTemplate: true, goTemplateOptions: [missingkey=error],\n\
             generators: [{{matrix: {{generators: [{{clusters: {{selector: {{matchExpressions: [{expression}]}}}}}},\
             {{list: {{elements: [{{component: a}}, {{component: b}}]}}}}]}}}}],\n\
             template: {{metadata: {{name: '{name}'}}, spec: {{project: default, source: {{repoURL: u, path: p}},\n\
             destination: {{server: '{{{{ .server }}}}'}}}}}}}}}}"
        )
    }

    #[test]
    fn a_list_may_be_for_some_environments_only() {
        let number = "{argocd.argoproj.io/sync-wave: '10'}";
        let in_prod = "{key: c4ang.io/env, operator: In, values: [prod]}";
        assert_eq!(read(&text(number, in_prod, "{{ .component }}-x"), "prod").unwrap(), ["a-x", "b-x"]);
        assert!(read(&text(number, in_prod, "{{ .component }}-x"), "dev").unwrap().is_empty());
    }

    #[test]
    fn what_nobody_could_wait_for_is_an_error() {
        let number = "{argocd.argoproj.io/sync-wave: '10'}";
        let exists = "{key: c4ang.io/env, operator: Exists}";
        let refused = |set: String| read(&set, "prod").unwrap_err();
        let unnamed = refused(text(number, exists, "{{ .nothing }}"));
        assert!(unnamed.contains("could not read the wave of argocd/applicationsets/a.yaml") && unnamed.contains("nothing"), "{unnamed}");
        let same = refused(text(number, exists, "same"));
        assert!(same.contains("duplicate name: same"), "{same}");
        let none = refused(text("{}", exists, "{{ .component }}"));
        assert!(none.contains("it has no annotation argocd.argoproj.io/sync-wave"), "{none}");
        // Even where it generates nothing.
        let elsewhere = "{key: c4ang.io/env, operator: In, values: [dev]}";
        assert!(refused(text("{}", elsewhere, "{{ .component }}")).contains("no annotation"));
        let broken = refused(text(number, exists, "a").replace("kind: ApplicationSet,", "kind: ApplicationSet\n]"));
        assert!(broken.contains("argocd/applicationsets/a.yaml"), "{broken}");
    }
}
