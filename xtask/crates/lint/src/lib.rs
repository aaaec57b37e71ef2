//! What is wrong in a GitOps repository: an index over its files, Applications and rendered objects, and rules over it.
//!
//! Nothing here reads a file, starts a process, asks a clock or knows a thread: everything is handed in.

mod finding;
pub mod rules;
pub mod schemas;

pub use finding::{Finding, Findings, Related, Severity, Unverified};
