//! What the GitOps files of the repository say.

mod affected;
mod waves;

pub use affected::Reads;
pub use waves::{Wave, expected};
