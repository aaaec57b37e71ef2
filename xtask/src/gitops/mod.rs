//! What the GitOps files of the repository say.

mod affected;
pub mod model;
mod sources;
mod waves;

pub use affected::{Reads, chart_folders};
pub use sources::{Helm, Labels, Source, source};
pub use waves::{Component, Wave, expected};
