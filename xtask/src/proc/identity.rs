//! Who a process id belongs to. A number in a file proves nothing: the process may be gone and the number reused.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{self, Signal, killpg};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

/// A process id with the moment its process started, so that a reused number is never mistaken for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub pid: u32,
    /// Start time in whatever unit the operating system keeps; only compared for equality.
    pub started: String,
}

impl Identity {
    /// Looks the process up; `None` when it is gone or only a zombie.
    pub fn of(pid: u32) -> Option<Self> {
        os::started(pid).map(|started| Identity { pid, started })
    }

    /// Is this very process still running?
    pub fn is_alive(&self) -> bool {
        Self::of(self.pid).as_ref() == Some(self)
    }

    /// The path that `pid` was started by, as its starter wrote it; `None` when it is gone.
    ///
    /// Not the program file behind it: clones share one cache of programs, and a process of another clone must not be
    /// taken for one of ours.
    pub fn program(pid: u32) -> Option<std::path::PathBuf> {
        os::program(pid)
    }
}

/// Every process that was started by a path inside `folder`, with that path.
pub fn started_by(folder: &Path) -> Vec<(PathBuf, Identity)> {
    let ours = |(pid, program): (u32, PathBuf)| Some((program, pid)).filter(|(program, _)| program.starts_with(folder));
    os::all().into_iter().filter_map(ours).filter_map(|(program, pid)| Identity::of(pid).map(|who| (program, who))).collect()
}

/// Ends a process without warning, as a crash would; its group stays. Does nothing to a reused number.
pub fn kill(who: &Identity) {
    if who.is_alive() {
        let _ = signal::kill(Pid::from_raw(who.pid as i32), Signal::SIGKILL);
    }
}

/// Like [`kill`], with the whole process group that it leads.
pub fn kill_group(who: &Identity) {
    if who.is_alive() {
        let _ = killpg(Pid::from_raw(who.pid as i32), Signal::SIGKILL);
    }
}

/// What Ctrl-C in its terminal would send to a process.
pub fn interrupt(who: &Identity) {
    if who.is_alive() {
        let _ = signal::kill(Pid::from_raw(who.pid as i32), Signal::SIGINT);
    }
}

/// Ends a process and its group: TERM, `grace`, then KILL. Returns once it is gone; does nothing to a reused number.
pub fn terminate(who: &Identity, grace: Duration) {
    if !who.is_alive() {
        return;
    }
    let pid = Pid::from_raw(who.pid as i32);
    let leads_group = nix::unistd::getpgid(Some(pid)) == Ok(pid);
    let send = |signal: Signal| if leads_group { killpg(pid, signal) } else { signal::kill(pid, signal) };
    if send(Signal::SIGTERM) == Err(Errno::ESRCH) {
        return;
    }
    let end = Instant::now() + grace;
    while who.is_alive() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(10));
    }
    if who.is_alive() {
        let _ = send(Signal::SIGKILL);
        while who.is_alive() {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[cfg(target_os = "linux")]
mod os {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::PathBuf;

    /// Field 22 of /proc/PID/stat, clock ticks since boot; `None` for a zombie.
    pub fn started(pid: u32) -> Option<String> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The second field is the program's name in parentheses and may hold spaces and parentheses itself.
        let rest = stat.rsplit_once(')')?.1;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        if matches!(fields.first(), Some(&"Z" | &"X")) && !has_threads(pid) {
            return None;
        }
        fields.get(19).map(|ticks| ticks.to_string())
    }

    /// Only its first thread ended: the others still hold its ports, for as long as its memory takes to be freed.
    fn has_threads(pid: u32) -> bool {
        std::fs::read_dir(format!("/proc/{pid}/task")).is_ok_and(|threads| threads.count() > 1)
    }

    pub fn program(pid: u32) -> Option<PathBuf> {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let first = line.split(|b| *b == 0).next().filter(|w| !w.is_empty())?;
        Some(PathBuf::from(OsStr::from_bytes(first)))
    }

    pub fn all() -> Vec<(u32, PathBuf)> {
        let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = entries.filter_map(|e| e.file_name().to_str()?.parse::<u32>().ok());
        pids.filter_map(|pid| program(pid).map(|path| (pid, path))).collect()
    }
}

#[cfg(not(target_os = "linux"))]
mod os {
    use std::path::PathBuf;

    use crate::proc::{Interrupt, Invocation, Runner};

    fn ps(pid: u32, column: &str) -> Option<String> {
        let call = Invocation::reads("ps").args(["-o", column, "-p", &pid.to_string()]);
        let text = Runner::new(Interrupt::default()).run(&call).ok()?.text();
        (!text.trim().is_empty()).then(|| text.trim().to_string())
    }

    pub fn started(pid: u32) -> Option<String> {
        if ps(pid, "stat=")?.starts_with('Z') {
            return None;
        }
        ps(pid, "lstart=")
    }

    pub fn program(pid: u32) -> Option<PathBuf> {
        ps(pid, "comm=").map(PathBuf::from)
    }

    pub fn all() -> Vec<(u32, PathBuf)> {
        let call = Invocation::reads("ps").args(["-axo", "pid=,comm="]);
        let text = Runner::new(Interrupt::default()).run(&call).map(|out| out.text()).unwrap_or_default();
        let row = |line: &str| {
            let (pid, program) = line.trim().split_once(' ')?;
            Some((pid.parse().ok()?, PathBuf::from(program.trim())))
        };
        text.lines().filter_map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_and_named() {
        let me = Identity::of(std::process::id()).unwrap();
        assert!(me.is_alive());
        assert_eq!(Identity::program(me.pid).unwrap().into_os_string(), std::env::args_os().next().unwrap());
    }

    #[test]
    fn a_reused_number_is_never_ended() {
        let stranger = Identity { pid: std::process::id(), started: "long ago".into() };
        assert!(!stranger.is_alive());
        terminate(&stranger, Duration::ZERO); // ends nobody, or this test would not return
    }
}
