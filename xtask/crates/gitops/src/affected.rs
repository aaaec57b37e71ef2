//! Which Applications read a changed file: their charts with local dependencies, their value files, their folders.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

/// What one Application reads of the repository, as paths from its root; a folder stands for everything in it.
pub struct Reads(BTreeSet<PathBuf>);

impl Reads {
    /// Reads the sources of an Application object. Charts are those of the tree with this root.
    pub fn of(root: &Path, application: &Value) -> Self {
        let many = application.pointer("/spec/sources").and_then(Value::as_array).cloned();
        let one = application.pointer("/spec/source").cloned();
        let mut reads = Reads(BTreeSet::new());
        for source in many.unwrap_or_else(|| one.into_iter().collect()) {
            let Some(path) = source["path"].as_str().map(normal) else { continue };
            let files = source.pointer("/helm/valueFiles").and_then(Value::as_array).cloned().unwrap_or_default();
            // `$values/…` starts at the root of the repository, everything else at the chart.
            reads.0.extend(files.iter().filter_map(Value::as_str).map(|file| match file.strip_prefix('$') {
                Some(referred) => normal(referred.split_once('/').map_or("", |(_, path)| path)),
                None => normal(path.join(file)),
            }));
            reads.add_chart(root, path);
        }
        reads
    }

    /// A chart, and the charts that it takes from this repository. Without a readable Chart.yaml it is just a folder.
    fn add_chart(&mut self, root: &Path, path: PathBuf) {
        if !self.0.insert(path.clone()) {
            return;
        }
        let file = root.join(&path).join("Chart.yaml");
        let chart = std::fs::read_to_string(file).ok().and_then(|text| documents::parse_all(&text).ok()?.into_iter().next());
        let dependencies = chart.as_ref().and_then(|chart| chart.value.get("dependencies")?.as_array());
        for dependency in dependencies.into_iter().flatten() {
            if let Some(local) = dependency.get("repository").and_then(|url| url.as_str()?.strip_prefix("file://")) {
                self.add_chart(root, normal(path.join(local)));
            }
        }
    }

    /// All of them.
    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.0.iter()
    }

    pub fn has(&self, changed: &str) -> bool {
        Path::new(changed).ancestors().any(|folder| self.0.contains(folder))
    }
}

/// The path without `.` and `..`, as it is written.
pub fn normal(path: impl AsRef<Path>) -> PathBuf {
    path.as_ref().components().fold(PathBuf::new(), |mut so_far, part| {
        match part {
            Component::ParentDir => drop(so_far.pop()),
            Component::Normal(name) => so_far.push(name),
            _ => {}
        }
        so_far
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn this_repository() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
    }

    fn order_service() -> Reads {
        let spec = json!({ "spec": { "sources": [
            { "ref": "values" },
            { "path": "charts/services/order-service", "helm": { "valueFiles": [
                "values.yaml", "$values/config/dev/order-service.yaml", "$values/config/engine/kwok.yaml",
            ] } },
        ] } });
        Reads::of(&this_repository(), &spec)
    }

    #[test]
    fn a_service_reads_its_values_its_chart_and_the_library() {
        let reads = order_service();
        let read = ["config/dev/order-service.yaml", "charts/services/order-service/values.yaml", "charts/library/service/values.yaml"];
        assert!(read.iter().all(|path| reads.has(path)));
        let others = ["config/dev/store-service.yaml", "charts/services/store-service/values.yaml", "README.md", "argocd/projects/a.yaml"];
        assert!(!others.iter().any(|path| reads.has(path)));
    }

    #[test]
    fn a_source_without_a_chart_is_a_folder() {
        let reads = Reads::of(&this_repository(), &json!({ "spec": { "source": { "path": "argocd", "directory": {} } } }));
        assert!(reads.has("argocd/applicationsets/30-services.yaml"));
        assert!(!reads.has("bootstrap/root-application.yaml"));
    }
}
