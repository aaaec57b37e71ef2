//! What the GitOps files of the repository say.

mod affected;
pub mod application;
pub mod clusters;
pub mod documents;
pub mod expand_set;
pub mod generators;
pub mod identity;
pub mod listing;
pub mod model;
pub mod names;
pub mod params;
pub mod patterns;
pub mod projects;
mod refused;
pub mod replace;
pub mod roots;
pub mod selector;
pub mod urls;
mod waves;
mod world;

pub use affected::{Reads, normal};
pub use waves::{Component, Wave, deployed, expected};
pub use world::{Wish, expand};
