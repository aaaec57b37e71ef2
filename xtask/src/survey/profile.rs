//! What an environment says that its cluster has.

use std::path::Path;

use lint::index::profile::{self, Profile};

use crate::context::Context;
use crate::repo::yaml;

/// Reads the environment's own files. What they do not say stays unknown; whether they are valid is checked where they are used.
pub fn of(_: &Context, root: &Path, environment: &str) -> Profile {
    let folder = root.join("environments").join(environment);
    let read = |name: &str| yaml::read::<serde_json::Value>(&folder.join(name)).ok();
    let mut profile = read("environment.yaml").and_then(|value| value.get("provides").map(Profile::of)).unwrap_or_default();
    profile.secrets.extend(profile::secrets(read("secrets.yaml").as_ref(), &format!("environments/{environment}/secrets.yaml")));
    profile
}
