//! The only room that starts processes: invocations as values, and the runner that executes them.

mod detached;
mod identity;
mod interrupt;
mod invocation;
mod runner;
mod running;

pub use detached::{own_program, spawn_detached, spawn_supervised};
pub use identity::{Identity, kill, terminate};
pub use interrupt::Interrupt;
pub use invocation::{Effect, Invocation, quote};
pub use runner::{Failure, Runner};
pub use running::running;
