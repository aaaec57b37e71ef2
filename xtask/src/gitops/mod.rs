//! What the GitOps files of the repository say.

mod affected;
#[expect(dead_code, reason = "expansion and comparison use the rest of it")]
pub mod model;
mod sources;
mod waves;

pub use affected::Reads;
pub use sources::{Labels, Source, source};
pub use waves::{Component, Wave, expected};
