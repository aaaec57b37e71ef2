//! The only room that starts processes: invocations as values, and the runner that executes them.

mod calls;
mod detached;
mod identity;
mod interrupt;
mod invocation;
mod runner;
mod running;
mod spent;

pub use calls::{Calls, end_abandoned};
pub use detached::{own_program, spawn_detached, spawn_supervised};
pub use identity::{Identity, interrupt, kill, kill_group, started_by, terminate};
pub use interrupt::Interrupt;
pub use invocation::{Effect, Invocation, quote};
pub use runner::{Failure, Runner};
pub use running::running;
