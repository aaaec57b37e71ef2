//! Wrapped programs: typed arguments in, typed answers out. They know nothing of steps.

mod git;
mod kubectl;
mod openssl;

pub use git::{BRANCH, Git, Snapshot};
pub use kubectl::{Kubectl, Reference};
pub use openssl::self_signed;
