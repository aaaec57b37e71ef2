//! Argo CD of an environment: its settings, its processes, and what its Applications say.

pub mod applications;
pub mod changes;
pub mod manifest;
pub mod processes;
pub mod removal;
pub mod settings;
pub mod sync;
pub mod timeline;
pub mod wait;
pub mod workloads;

/// The namespace that Argo CD lives in.
pub const NAMESPACE: &str = gitops::clusters::NAMESPACE;
/// The Application that brings all others.
pub const ROOT: &str = "root-application";
