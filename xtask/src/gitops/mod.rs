//! What the GitOps files of the repository say.

mod affected;
pub mod application;
#[expect(dead_code, reason = "expansion and comparison use the rest of it")]
pub mod model;
pub mod params;
mod sources;
mod waves;

pub use affected::Reads;
pub use sources::{Labels, Source, source};
pub use waves::{Component, Wave, expected};
