//! What the GitOps files of the repository say.

mod affected;
pub mod model;
mod sources;
mod waves;

pub use affected::Reads;
pub use sources::{Labels, Source, source};
pub use waves::{Component, Wave, expected};
