//! A key that stands twice in one map of a YAML file.
//!
//! ## What
//! A map of values, of a manifest or of any other YAML file has the same key twice.
//! ## Why
//! The last one counts: what stands below the first is lost without a word, or a strict reader refuses the file.
//! ## Bad
//! ```yaml config/dev/shop.yaml
//! resources:
//!   requests: {cpu: 100m}
//! replicas: 2
//! resources: # bad
//!   limits: {memory: 512Mi}
//! ```
//! ## Good
//! ```yaml config/dev/shop.yaml
//! resources:
//!   requests: {cpu: 100m}
//!   limits: {memory: 512Mi}
//! replicas: 2
//! ```
//! ## Trap
//! A key of another map or document is another key, and what is merged may be overridden.
//! ```yaml config/dev/shop.yaml
//! base: &base {cpu: 100m, memory: 1Gi}
//! web:
//!   <<: *base
//!   memory: 2Gi
//! worker:
//!   <<: *base
//! ---
//! base: {}
//! ```
//! ## Fix
//! Write the keys of both into one map, and remove the other.

use super::of_files::yaml;
use super::{Findings, Meta, Severity};
use crate::index::Index;

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "duplicate-values-key", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for (path, _, text) in yaml(index).filter(|(_, file, _)| !file.is_strict()) {
            let (found, error) = documents::twice(text);
            // Of a text that is no YAML nobody knows where a map ends.
            for twice in found.iter().filter(|_| error.is_none()) {
                out.say(format!("the key `{}` stands twice in one map: what stands there first is lost", twice.key))
                    .at(path, twice.again.line, Some(twice.again.column))
                    .help("write one key with what both of them hold")
                    .related(path, twice.before.line, Some(twice.before.column), "it stands here first");
            }
        }
    }
}
