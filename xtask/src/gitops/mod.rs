//! What the GitOps files of the repository say.

mod waves;

pub use waves::{Wave, expected};
