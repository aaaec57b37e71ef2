//! What the GitOps files of the repository say.

mod affected;
pub mod application;
pub mod clusters;
pub mod documents;
pub mod expand_set;
mod generators;
mod go_template;
pub mod listing;
#[expect(dead_code, reason = "expansion and comparison use the rest of it")]
pub mod model;
mod names;
mod params;
mod patterns;
mod projects;
mod replace;
mod selector;
mod sources;
pub mod urls;
mod waves;

pub use affected::Reads;
pub use sources::{Labels, Source, source};
pub use waves::{Component, Wave, expected};
