//! What is wrong in a GitOps repository, or dangerous in a change of it: rules over values that others have read and rendered.

mod finding;
pub mod rules;

pub use finding::{Finding, Findings, Severity, Unverified};
