//! What the GitOps files of a tree say, as Argo CD reads them, and what differs between two revisions.
//!
//! Files of the tree are read; no process, no network, no clock.

pub mod affected;
pub mod application;
pub mod clusters;
pub mod comparison;
pub mod documents;
mod error;
pub mod expand_set;
pub mod generators;
pub mod glob;
pub mod identity;
pub mod listing;
pub mod model;
pub mod names;
pub mod params;
pub mod patterns;
pub mod projects;
pub mod quantity;
mod refused;
pub mod replace;
pub mod roots;
pub mod selector;
pub mod urls;
pub mod words;

pub use error::{Error, Result};
