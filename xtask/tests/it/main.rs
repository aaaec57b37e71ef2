//! The real binary on fixture repositories, and the charts and settings of this repository in the real programs.
//!
//! One file per area; the names are the sentences. What needs a pinned program that is not on this machine says
//! `skipped:` on stderr and passes; `cargo xtask install-tools` brings them all.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests start programs, read their own environment, and end by panicking"
)]

mod argocd_pods;
mod cache;
mod charts;
mod completions;
mod conformance;
mod data_stores;
mod diff;
mod doctor;
mod engine_choice;
mod expand;
mod health_checks;
mod helm_build;
mod help;
mod images;
mod install_manifest;
mod k3d;
mod k3d_machine;
mod kafka;
mod lint;
mod lock;
mod logs;
mod mesh;
mod mesh_commands;
mod metrics;
mod monitoring;
mod new_service;
mod nothing_there;
mod offline;
mod params;
mod pass_through;
mod pinned;
mod plan;
mod planning;
mod port_forward;
mod prod_secrets;
mod registry;
mod render;
mod render_inputs;
mod sandbox;
mod schemas;
#[path = "../../src/provision/tests/server.rs"]
#[allow(dead_code, reason = "the tests beside the code use more of it")]
mod server;
mod services;
mod shims;
mod snapshot;
mod stale_pids;
mod stopped_cluster;
mod this_repository;
mod tidy;
mod tools_lock;
mod tools_missing;
mod usage_errors;
