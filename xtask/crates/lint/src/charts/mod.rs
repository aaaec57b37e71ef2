//! Helm charts without Helm: what their templates read of their values, and what is wrong with both.

mod abs;
mod calls;
mod chart;
mod eval;
pub(crate) mod facts;
mod family;
mod fast;
mod functions;
mod ignore;
mod machine;
pub mod origin;
mod outline;
mod paths;
pub(crate) mod reads;
pub(crate) mod subject;
mod template;
mod texts;
mod values;

#[cfg(test)]
pub(crate) mod harness;
#[cfg(test)]
mod origin_tests;
#[cfg(test)]
mod tests;

pub use chart::{Chart, Dependency, Lock, Place, Problem, Text, document};
pub use facts::{Fact, Is};
pub use family::{Family, Member, Missing};
pub use paths::{Path, Paths, ROOT, Step};
pub use reads::{Foreign, How, Read, Reads, Unstable, Walk};
pub use subject::{Subject, Used};
pub use template::{Broken, Template, is_function, split_braces};
pub use values::{Deployment, Layer, coalesce, keys, overlay, pointer};
