//! The processor time of the programs that were called, as the operating system counts it when each is waited for.

use std::collections::BTreeMap;
use std::io;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

/// Calls and their processor time, by the name of the program. Clones share it.
#[derive(Clone, Default)]
pub struct Spent(Arc<Mutex<BTreeMap<String, (usize, Duration)>>>);

impl Spent {
    pub fn add(&self, program: String, time: Duration) {
        let mut all = self.0.lock().unwrap_or_else(|e| e.into_inner());
        let (calls, sum) = all.entry(program).or_default();
        *calls += 1;
        *sum += time;
    }

    /// How often it was called, and the processor time of all these calls.
    pub fn of(&self, program: &str) -> (usize, Duration) {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).get(program).copied().unwrap_or_default()
    }
}

/// Whether a child ended, and if so, the processor time (user and system) of it and of those that it waited for itself.
///
/// The kernel adds that time to the sum of all children at the moment when a child is waited for. So the sum is looked at just
/// before and just after, and never while another child is asked here: the difference is this child's alone.
pub fn ended(child: &mut Child) -> io::Result<Option<(ExitStatus, Duration)>> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _only = ONE_AT_A_TIME.lock().unwrap_or_else(|e| e.into_inner());
    let before = of_children();
    let Some(status) = child.try_wait()? else { return Ok(None) };
    Ok(Some((status, of_children().saturating_sub(before))))
}

/// Of all children that were waited for; zero where the kernel does not say.
fn of_children() -> Duration {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_CHILDREN) else { return Duration::ZERO };
    let microseconds = (usage.user_time() + usage.system_time()).num_microseconds();
    Duration::from_micros(u64::try_from(microseconds).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::{Interrupt, Invocation, Runner};

    #[test]
    fn calls_are_counted_by_program_and_each_has_its_own_time() {
        let runner = Runner::new(Interrupt::default());
        let busy = Invocation::reads("sh").args(["-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"]);
        std::thread::scope(|scope| {
            scope.spawn(|| runner.run(&busy).unwrap());
            scope.spawn(|| runner.run(&Invocation::reads("true")).unwrap());
        });
        runner.run(&Invocation::reads("sh").args(["-c", "exit 3"])).unwrap_err();
        let ((busy, long), (idle, short)) = (runner.spent("sh"), runner.spent("true"));
        assert_eq!((busy, idle, runner.spent("helm")), (2, 1, (0, Duration::ZERO)), "a call that fails is one, too");
        assert!(long > short, "{long:?} of a loop, {short:?} of nothing");
    }
}
