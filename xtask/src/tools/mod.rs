//! Wrapped programs: typed arguments in, typed answers out. They know nothing of steps.

mod aws;
mod git;
pub mod helm;
pub mod history;
mod kubectl;
mod openssl;

pub use aws::{Aws, Password};
pub use git::{BRANCH, Git, Snapshot};
pub use helm::{Helm, Release};
pub use history::History;
pub use kubectl::{Kubectl, Reference};
pub use openssl::self_signed;
