//! Images of the golden renders: one version of each, that of the definitions or programs that belong to it.

use std::collections::{BTreeMap, BTreeSet};

use super::pinned;
use super::this_repository::{files, read};

/// Repository of each image → the versions that are rendered anywhere.
fn images() -> BTreeMap<String, BTreeSet<String>> {
    let mut images: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files().iter().filter(|f| f.starts_with("golden/")) {
        let text = read(file);
        let named = text.lines().filter_map(|l| l.trim_start_matches(['-', ' ']).strip_prefix("image: "));
        for image in named.map(|i| i.trim_matches(['"', '\''])) {
            let (repository, tag) = image.rsplit_once(':').unwrap_or_else(|| panic!("{file}: `{image}` has no version"));
            images.entry(repository.to_string()).or_default().insert(tag.to_string());
        }
    }
    images
}

#[test]
fn every_image_has_one_version_in_all_charts_and_environments() {
    let images = images();
    assert!(images.len() > 20, "this test finds no images: {images:?}");
    for (repository, tags) in images {
        assert!(tags.len() == 1 && !tags.contains("latest"), "{repository}: {tags:?}");
    }
}

#[test]
fn a_controller_has_the_version_of_its_definitions() {
    let version = |set: &str| pinned::artifacts().into_iter().find(|a| a.name == set).unwrap().version;
    let images = images();
    for (repository, set) in [
        ("quay.io/argoproj/argo-rollouts", "rollouts-crds"),
        ("quay.io/prometheus-operator/prometheus-operator", "prometheus-operator-crds"),
    ] {
        assert_eq!(images[repository], BTreeSet::from([format!("v{}", version(set))]), "{repository}");
    }
}
